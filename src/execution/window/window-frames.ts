import { type Column, valueAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { WindowRows } from '../../functions/function-definition.ts';
import type { RangeOffset, RangeSide } from '../../functions/window/range-offset.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import type { FrameBound, WindowFrame } from '../../sql/plan/window-node.ts';
import type { Value } from '../../types/value.ts';

/** The offsets of a frame, which are the same for all rows. */
export interface FrameOffsets {
  readonly start: Value;
  readonly end: Value;
}

/** Throws 22004 and 22013 for offsets that are NULL or negative. */
export function checkOffsets(frame: WindowFrame, offsets: FrameOffsets): void {
  checkOffset(frame.start, offsets.start, 'starting');
  checkOffset(frame.end, offsets.end, 'ending');
}

function checkOffset(bound: FrameBound, value: Value, which: 'starting' | 'ending'): void {
  if (bound.offset === undefined) return;
  if (value === null) throw new SqlError(SqlState.NullValueNotAllowed, `frame ${which} offset must not be null`);
  // How far RANGE goes is looked at where a value is compared with another: NULLs alone are not.
  if (bound.range === undefined && (value as number | bigint) < 0) {
    throw new SqlError(SqlState.InvalidPrecedingOrFollowingSize, `frame ${which} offset must not be negative`);
  }
}

/** The sort key of RANGE with offsets. */
export interface RangeKey {
  readonly column: Column;
  readonly order: SortKey;
  readonly environment: FunctionEnvironment;
}

/**
 * Writes the frames of a run's rows, some at a time and in order. Both ends of a frame only move forward within a
 * partition, so that all of it takes linear time.
 */
export class FrameFinder {
  readonly #frame: WindowFrame;
  readonly #rows: WindowRows;
  readonly #start: BoundFinder;
  readonly #end: BoundFinder;

  constructor(frame: WindowFrame, offsets: FrameOffsets, rows: WindowRows, key: RangeKey | undefined) {
    this.#frame = frame;
    this.#rows = rows;
    this.#start = boundFinder(frame, 'start', offsets.start, rows, key);
    this.#end = boundFinder(frame, 'end', offsets.end, rows, key);
  }

  fill(from: number, to: number): void {
    const { frameStart, frameEnd } = this.#rows;
    this.#start(from, to, frameStart);
    this.#end(from, to, frameEnd);
    if (this.#frame.start.kind === 'unbounded' || this.#frame.end.kind === 'unbounded') return;
    for (let row = from; row < to; row++) if (frameEnd[row] < frameStart[row]) frameEnd[row] = frameStart[row];
  }
}

type BoundFinder = (from: number, to: number, bounds: Uint32Array) => void;

function boundFinder(
  frame: WindowFrame,
  side: 'start' | 'end',
  offset: Value,
  rows: WindowRows,
  key: RangeKey | undefined,
): BoundFinder {
  const bound = frame[side];
  const isStart = side === 'start';
  if (bound.kind === 'unbounded') return copying(isStart ? rows.partitionStart : rows.partitionEnd);
  if (bound.kind === 'current-row') {
    if (frame.mode === 'rows') return byRows(rows, 0, isStart);
    return copying(isStart ? rows.peerStart : rows.peerEnd);
  }
  if (bound.range !== undefined && key !== undefined) {
    return byRange(rows, key, bound.range, offset, { isStart, isPreceding: bound.kind === 'preceding' });
  }
  // Beyond the rows of any partition all offsets are alike.
  const count = Math.min(Number(offset), 2 ** 40);
  const distance = bound.kind === 'preceding' ? -count : count;
  return frame.mode === 'rows' ? byRows(rows, distance, isStart) : byGroups(rows, distance, isStart);
}

function copying(source: Uint32Array): BoundFinder {
  return (from, to, bounds) => bounds.set(source.subarray(from, to), from);
}

function byRows({ partitionStart, partitionEnd }: WindowRows, distance: number, isStart: boolean): BoundFinder {
  const shift = isStart ? distance : distance + 1;
  return (from, to, bounds) => {
    for (let row = from; row < to; row++) {
      bounds[row] = Math.min(Math.max(row + shift, partitionStart[row]), partitionEnd[row]);
    }
  };
}

/** The bound moves on while its group of peers stands too far before the row's. */
function byGroups(rows: WindowRows, distance: number, isStart: boolean): BoundFinder {
  const { partitionStart, partitionEnd, peerEnd, peerGroup } = rows;
  let at = 0;
  return (from, to, bounds) => {
    for (let row = from; row < to; row++) {
      if (row === partitionStart[row]) at = row;
      const wanted = peerGroup[row] + distance;
      const end = partitionEnd[row];
      while (at < end && (isStart ? peerGroup[at] < wanted : peerGroup[at] <= wanted)) at = peerEnd[at];
      bounds[row] = at;
    }
  };
}

function byRange(
  rows: WindowRows,
  { column, order, environment }: RangeKey,
  range: RangeOffset,
  offset: Value,
  { isStart, isPreceding }: { readonly isStart: boolean; readonly isPreceding: boolean },
): BoundFinder {
  const { partitionStart, partitionEnd, peerStart, peerEnd } = rows;
  const side: RangeSide = {
    isBack: isPreceding !== order.isDescending,
    isUpTo: isStart === order.isDescending,
  };
  // Where NULLs stand decides about them: they are in range of each other alone.
  const passesNull = (candidate: Value, current: Value): boolean => {
    if (isStart) {
      return order.nullsFirst ? candidate === null && current !== null : candidate !== null && current === null;
    }
    return order.nullsFirst ? candidate === null || current !== null : candidate !== null || current === null;
  };
  let isChecked = false;
  const isInRange = (candidate: Value, current: Value): boolean => {
    if (!isChecked) range.check(offset);
    isChecked = true;
    return range.isInRange(candidate, current, offset, side, environment);
  };
  let at = 0;
  return (from, to, bounds) => {
    for (let row = from; row < to; row++) {
      if (row === partitionStart[row]) at = row;
      else if (row !== peerStart[row]) {
        bounds[row] = at;
        continue;
      }
      const current = valueAt(column, row);
      const end = partitionEnd[row];
      while (at < end) {
        const candidate = valueAt(column, at);
        const passes =
          candidate === null || current === null
            ? passesNull(candidate, current)
            : isInRange(candidate, current) !== isStart;
        if (!passes) break;
        at = peerEnd[at];
      }
      bounds[row] = at;
    }
  };
}
