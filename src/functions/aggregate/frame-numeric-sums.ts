import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { Numeric } from '../../types/numeric.ts';
import type { FrameAggregation, FrameInput } from '../function-definition.ts';
import { FrameRanges } from '../window/frame-rows.ts';
import { FrameCounts } from './frame-counts.ts';
import { liveRows } from './group-arrays.ts';

/** Of which digits can no longer be told apart from overflow: such sums are made as any other. */
const MAX_SCALE = 1000;

/**
 * sum and avg of numerics over frames: differences of running sums, which are exact. Undefined where not all values are
 * finite and of one scale, as those of a column with a declared scale are.
 */
export function numericSumFrames(
  { rows, inputs, live }: FrameInput,
  finish: (sum: Numeric, count: number) => Numeric,
): FrameAggregation | undefined {
  const [column] = inputs;
  if (column?.kind !== 'value') return undefined;
  const counted = liveRows(column.validity, live, rows.rowCount);
  const values = column.values as readonly Numeric[];
  const scale = commonScale(values, counted, rows.rowCount);
  if (scale === undefined) return undefined;
  const counts = new FrameCounts(rows, counted);
  const before: bigint[] = [0n];
  const ranges = new FrameRanges();
  const results = new ColumnBuilder('value', { capacity: rows.rowCount });
  return {
    prepare(from, to) {
      counts.prepare(from, to);
      for (let row = from; row < to; row++) {
        const isCounted = counted === undefined || counted[row] !== 0;
        before.push(isCounted ? before[row] + values[row].unscaled : before[row]);
      }
    },
    fill(from, to) {
      for (let row = from; row < to; row++) {
        const count = counts.at(row);
        if (count === 0) {
          results.pushNull();
          continue;
        }
        let sum = 0n;
        if (rows.exclusion === 'none') sum = before[rows.frameEnd[row]] - before[rows.frameStart[row]];
        else {
          ranges.set(rows, row);
          for (let range = 0; range < ranges.count; range++) {
            sum += before[ranges.ends[range]] - before[ranges.starts[range]];
          }
        }
        results.push(finish(Numeric.of(sum, scale), count));
      }
    },
    finish: (): Column => results.finish(),
  };
}

function commonScale(values: readonly Numeric[], live: Uint8Array | undefined, rowCount: number): number | undefined {
  let scale: number | undefined;
  for (let row = 0; row < rowCount; row++) {
    if (live !== undefined && live[row] === 0) continue;
    const value = values[row];
    if (!value.isFinite || value.scale > MAX_SCALE || (scale !== undefined && value.scale !== scale)) return undefined;
    scale = value.scale;
  }
  return scale ?? 0;
}
