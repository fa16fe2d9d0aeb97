import type { Column } from '../../columnar/column.ts';
import type { FrameAggregation, FrameInput, WindowRows } from '../function-definition.ts';
import { floatOverflow } from '../operators/float-arithmetic.ts';
import { FrameRanges } from '../window/frame-rows.ts';
import { hasLargeValue } from './float-sum.ts';
import { liveRows } from './group-arrays.ts';

/** Frames up to this average are added up anew for each row: that alone gives the digits that PostgreSQL gives. */
const SHORT_FRAME_ROWS = 1024;

interface FloatSumOptions {
  readonly isAverage: boolean;
  readonly isReal: boolean;
}

/**
 * Sums and averages of floats over frames, added up from the first row of the frame to the last as PostgreSQL does it:
 * what was added cannot be taken away again without a trace. Growing frames go on where the last one ended. Undefined for
 * long frames that move.
 */
export function floatSumFrames(
  { rows, inputs, live }: FrameInput,
  { isAverage, isReal }: FloatSumOptions,
): FrameAggregation | undefined {
  const [column] = inputs;
  if (column?.kind !== 'number') return undefined;
  const counted = liveRows(column.validity, live, rows.rowCount);
  if (isAverage && hasLargeValue(column.values, counted, 0, rows.rowCount)) return undefined;
  const isGrowing = rows.exclusion === 'none' && growsOnly(rows);
  if (!isGrowing && meanLength(rows) > SHORT_FRAME_ROWS) return undefined;
  const sums = new FloatSums(column.values, counted, isAverage ? 0 : -0, isReal);
  const ranges = new FrameRanges();
  const results = new Float64Array(rows.rowCount);
  const validity = new Uint8Array(rows.rowCount);
  let end = 0;
  return {
    prepare() {},
    fill(from, to) {
      for (let row = from; row < to; row++) {
        if (isGrowing) {
          if (row === rows.partitionStart[row]) {
            sums.clear();
            end = row;
          }
          sums.add(end, rows.frameEnd[row]);
          end = rows.frameEnd[row];
        } else {
          sums.clear();
          if (rows.exclusion === 'none') sums.add(rows.frameStart[row], rows.frameEnd[row]);
          else {
            ranges.set(rows, row);
            for (let range = 0; range < ranges.count; range++) sums.add(ranges.starts[range], ranges.ends[range]);
          }
        }
        if (sums.count === 0) continue;
        results[row] = isAverage ? sums.sum / sums.count : sums.sum;
        validity[row] = 1;
      }
    },
    finish: (): Column => ({ kind: 'number', values: results, validity: validity.includes(0) ? validity : undefined }),
  };
}

function growsOnly(rows: WindowRows): boolean {
  for (let row = 0; row < rows.rowCount; row++) if (rows.frameStart[row] !== rows.partitionStart[row]) return false;
  return true;
}

function meanLength(rows: WindowRows): number {
  let total = 0;
  for (let row = 0; row < rows.rowCount; row++) total += rows.frameEnd[row] - rows.frameStart[row];
  return total / Math.max(rows.rowCount, 1);
}

class FloatSums {
  readonly #values: Float64Array;
  readonly #live: Uint8Array | undefined;
  readonly #isReal: boolean;
  readonly #start: number;
  sum: number;
  count = 0;

  constructor(values: Float64Array, live: Uint8Array | undefined, start: number, isReal: boolean) {
    this.#values = values;
    this.#live = live;
    this.#isReal = isReal;
    this.#start = start;
    this.sum = start;
  }

  clear(): void {
    this.sum = this.#start;
    this.count = 0;
  }

  /** Rows `from` to `to`. A sum of finite values that leaves the range throws 22003. */
  add(from: number, to: number): void {
    const values = this.#values;
    const live = this.#live;
    const before = this.sum;
    let sum = before;
    let count = 0;
    if (this.#isReal) {
      for (let row = from; row < to; row++) {
        if (live !== undefined && live[row] === 0) continue;
        sum = Math.fround(sum + values[row]);
        count++;
      }
    } else if (live === undefined) {
      for (let row = from; row < to; row++) sum += values[row];
      count = Math.max(to - from, 0);
    } else {
      for (let row = from; row < to; row++) {
        if (live[row] === 0) continue;
        sum += values[row];
        count++;
      }
    }
    if (!Number.isFinite(sum) && Number.isFinite(before)) this.#checkOverflow(from, to);
    this.sum = sum;
    this.count += count;
  }

  /** Only infinite operands may make a sum infinite. */
  #checkOverflow(from: number, to: number): void {
    let sum = this.sum;
    for (let row = from; row < to; row++) {
      if (this.#live !== undefined && this.#live[row] === 0) continue;
      const next = this.#isReal ? Math.fround(sum + this.#values[row]) : sum + this.#values[row];
      const isOverflow = Math.abs(next) === Number.POSITIVE_INFINITY;
      if (isOverflow && Number.isFinite(sum) && Number.isFinite(this.#values[row])) throw floatOverflow();
      sum = next;
    }
  }
}
