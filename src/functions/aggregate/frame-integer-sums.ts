import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { Representation } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { FrameAggregation, FrameInput } from '../function-definition.ts';
import { FrameRanges } from '../window/frame-rows.ts';
import { FrameCounts } from './frame-counts.ts';
import { liveRows } from './group-arrays.ts';

const MAX_EXACT = 2 ** 53;

/**
 * Sums of integers over frames: differences of running sums, which are exact as long as no sum of the run's sizes passes
 * 2^53 (undefined otherwise). `finish` makes the result of a sum and the number of its addends.
 */
export function integerSumFrames(
  { rows, inputs, live }: FrameInput,
  representation: Representation,
  finish: (sum: number, count: number) => Value,
): FrameAggregation | undefined {
  const [column] = inputs;
  if (column?.kind !== 'number') return undefined;
  const counted = liveRows(column.validity, live, rows.rowCount);
  if (!staysExact(column.values, counted, rows.rowCount)) return undefined;
  const { values } = column;
  const counts = new FrameCounts(rows, counted);
  const before = new Float64Array(rows.rowCount + 1);
  const ranges = new FrameRanges();
  const results = new ColumnBuilder(representation, { capacity: rows.rowCount });
  return {
    prepare(from, to) {
      counts.prepare(from, to);
      for (let row = from; row < to; row++) {
        before[row + 1] = before[row] + (counted === undefined || counted[row] !== 0 ? values[row] : 0);
      }
    },
    fill(from, to) {
      for (let row = from; row < to; row++) {
        const count = counts.at(row);
        if (count === 0) {
          results.pushNull();
          continue;
        }
        let sum = 0;
        if (rows.exclusion === 'none') sum = before[rows.frameEnd[row]] - before[rows.frameStart[row]];
        else {
          ranges.set(rows, row);
          for (let range = 0; range < ranges.count; range++) {
            sum += before[ranges.ends[range]] - before[ranges.starts[range]];
          }
        }
        results.push(finish(sum, count));
      }
    },
    finish: (): Column => results.finish(),
  };
}

function staysExact(values: Float64Array, live: Uint8Array | undefined, rowCount: number): boolean {
  let size = 0;
  for (let row = 0; row < rowCount; row++) {
    if (live === undefined || live[row] !== 0) size += Math.abs(values[row]);
  }
  return size < MAX_EXACT;
}
