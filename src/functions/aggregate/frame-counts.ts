import type { Column } from '../../columnar/column.ts';
import type { FrameAggregation, FrameInput, WindowRows } from '../function-definition.ts';
import { FrameRanges } from '../window/frame-rows.ts';
import { liveRows } from './group-arrays.ts';

/** How many rows of each frame count: differences of running counts. */
export class FrameCounts {
  readonly #rows: WindowRows;
  readonly #live: Uint8Array | undefined;
  /** How many of the rows before row i count. */
  readonly #before: Uint32Array;
  readonly #ranges = new FrameRanges();

  constructor(rows: WindowRows, live: Uint8Array | undefined) {
    this.#rows = rows;
    this.#live = live;
    this.#before = new Uint32Array(live === undefined ? 0 : rows.rowCount + 1);
  }

  prepare(from: number, to: number): void {
    const live = this.#live;
    if (live === undefined) return;
    const before = this.#before;
    for (let row = from; row < to; row++) before[row + 1] = before[row] + (live[row] === 0 ? 0 : 1);
  }

  at(row: number): number {
    const rows = this.#rows;
    if (rows.exclusion !== 'none') return this.#inRanges(row);
    const start = rows.frameStart[row];
    const end = rows.frameEnd[row];
    return this.#live === undefined ? end - start : this.#before[end] - this.#before[start];
  }

  #inRanges(row: number): number {
    const ranges = this.#ranges;
    const rowCount = ranges.set(this.#rows, row);
    if (this.#live === undefined) return rowCount;
    let count = 0;
    for (let range = 0; range < ranges.count; range++) {
      count += this.#before[ranges.ends[range]] - this.#before[ranges.starts[range]];
    }
    return count;
  }
}

/** count(*) and count(value) over frames. */
export function countFrames({ rows, inputs, live }: FrameInput): FrameAggregation {
  const counts = new FrameCounts(rows, liveRows(inputs[0]?.validity, live, rows.rowCount));
  const values = new Float64Array(rows.rowCount);
  return {
    prepare: (from, to) => counts.prepare(from, to),
    fill(from, to) {
      for (let row = from; row < to; row++) values[row] = counts.at(row);
    },
    finish: (): Column => ({ kind: 'number', values, validity: undefined }),
  };
}
