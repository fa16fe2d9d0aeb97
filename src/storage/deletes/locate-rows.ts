import { lowerBoundOf } from '../binary-search.ts';
import { sortRows } from '../memtable/sort-permutation.ts';
import { type Stretch, segmentStretches } from '../scan/stretch.ts';
import { ROW_ID } from '../segment/hidden-columns.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { compareTimeKeys, timeKeyOf } from '../time-key.ts';
import type { RowNames } from './row-names.ts';

/** Names of one series in order of time. */
interface SortedNames {
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
  readonly start: number;
  readonly end: number;
}

/** For each name the row of the segment that it names, or -1. Reads the units that may have one, and of them the keys. */
export async function locateRows(segment: SegmentReader, names: RowNames): Promise<Int32Array> {
  const positions = new Int32Array(names.rowCount).fill(-1);
  const sorted = sortRows({ firstRow: 0, ...names });
  const nameOfRowId =
    names.rowIds === undefined ? undefined : new Map(Array.from(names.rowIds, (id, name) => [id, name]));
  for (let run = 0; run < sorted.runSeries.length; run++) {
    const series = segment.findSeries(sorted.runSeries[run]);
    if (series < 0) continue;
    const wanted = { ...sorted, start: sorted.runStarts[run], end: sorted.runStarts[run + 1] };
    const stretches = segmentStretches(
      segment,
      { from: segment.seriesStarts[series], to: segment.seriesStarts[series + 1] },
      nameOfRowId === undefined ? [] : [ROW_ID],
      (unit) => mayHaveNames(segment, unit, wanted),
    );
    for (let stretch = await stretches.next(); stretch !== undefined; stretch = await stretches.next()) {
      if (nameOfRowId === undefined) matchKeys(stretch, wanted, sorted.rows, positions);
      else matchRowIds(stretch, nameOfRowId, positions);
      stretch.release();
    }
  }
  return positions;
}

function mayHaveNames(segment: SegmentReader, unit: number, { times, start, end }: SortedNames): boolean {
  const statistics = segment.statistics(segment.header.sortColumnNumber, unit);
  if (statistics.kind !== 'int64') return true;
  const first = lowerBoundOf(times, timeKeyOf(statistics.min).time, start, end);
  return first < end && times[first] <= timeKeyOf(statistics.max).time;
}

/** Both sides ascend; several names may be of one point. */
function matchKeys(stretch: Stretch, names: SortedNames, nameOrder: Uint32Array, positions: Int32Array): void {
  const { times, fractions, firstRow } = stretch;
  let at = lowerBoundOf(names.times, times[0], names.start, names.end);
  for (let row = 0; row < stretch.rowCount && at < names.end; row++) {
    const fraction = fractions === undefined ? 0 : fractions[row];
    for (; at < names.end; at++) {
      const nameFraction = names.fractions === undefined ? 0 : names.fractions[at];
      const order = compareTimeKeys(names.times[at], nameFraction, times[row], fraction);
      if (order > 0) break;
      if (order === 0) positions[nameOrder[at]] = firstRow + row;
    }
  }
}

function matchRowIds(stretch: Stretch, nameOfRowId: ReadonlyMap<number, number>, positions: Int32Array): void {
  const ids = stretch.columns[0];
  if (ids?.kind !== 'number') return;
  for (let row = 0; row < stretch.rowCount; row++) {
    const name = nameOfRowId.get(ids.values[row]);
    if (name !== undefined) positions[name] = stretch.firstRow + row;
  }
}
