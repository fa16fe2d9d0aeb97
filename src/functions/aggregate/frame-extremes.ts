import { type Column, valueAt } from '../../columnar/column.ts';
import { gatherOrNull } from '../../columnar/gather-or-null.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { FrameAggregation, FrameInput } from '../function-definition.ts';
import { PICK_NULL } from '../function-definition.ts';
import { liveRows } from './group-arrays.ts';
import { replaces } from './min-max.ts';

/** Positive where the first row's value comes before the second's. */
type BeatsBy = (left: number, right: number) => number;

/**
 * min and max over frames, in linear time: of the rows of a frame those are kept, in order, that none behind them beats;
 * the first of them is the answer. Undefined for frames with a hole.
 */
export function extremeFrames(
  { rows, inputs, live }: FrameInput,
  type: TypeDefinition,
  direction: 'min' | 'max',
): FrameAggregation | undefined {
  const [column] = inputs;
  if (column === undefined || rows.exclusion !== 'none') return undefined;
  const counted = liveRows(column.validity, live, rows.rowCount);
  const beatsBy = direction === 'max' ? greaterBy(column, type) : lesserBy(column, type);
  const picked = new Int32Array(rows.rowCount);
  const candidates = new Uint32Array(rows.rowCount);
  let head = 0;
  let tail = 0;
  let end = 0;
  return {
    prepare() {},
    fill(from, to) {
      for (let row = from; row < to; row++) {
        if (row === rows.partitionStart[row]) {
          head = 0;
          tail = 0;
          end = row;
        }
        const start = rows.frameStart[row];
        if (end < start) {
          head = tail;
          end = start;
        }
        for (const frameEnd = rows.frameEnd[row]; end < frameEnd; end++) {
          if (counted !== undefined && counted[end] === 0) continue;
          while (tail > head && replaces(type, beatsBy(end, candidates[tail - 1]))) tail--;
          if (head === tail) {
            head = 0;
            tail = 0;
          }
          candidates[tail++] = end;
        }
        while (head < tail && candidates[head] < start) head++;
        picked[row] = head < tail ? candidates[head] : PICK_NULL;
      }
    },
    finish: () => gatherOrNull(column, picked, rows.rowCount),
  };
}

function greaterBy(column: Column, type: TypeDefinition): BeatsBy {
  if (column.kind !== 'number') return (left, right) => type.compare(valueAt(column, left), valueAt(column, right));
  const { values } = column;
  return (left, right) => {
    const a = values[left];
    const b = values[right];
    if (a > b) return 1;
    if (a < b) return -1;
    // NaN equals itself and is greater than every number.
    return (a !== a ? 1 : 0) - (b !== b ? 1 : 0);
  };
}

function lesserBy(column: Column, type: TypeDefinition): BeatsBy {
  const greater = greaterBy(column, type);
  return (left, right) => greater(right, left);
}
