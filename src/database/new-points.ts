import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch } from '../columnar/batch.ts';
import type { SeriesIndex } from '../storage/index/series-index.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { visibleColumns } from '../storage/table-identity.ts';
import { storedTimeKeys } from '../storage/versions/stored-time.ts';
import type { TableWrites } from '../storage/versions/write-set.ts';

/**
 * Per row of a time-series table 1 where its point is certainly not there yet: its series has none, or none as late. What
 * others have appended counts whether it can be seen or not. `rows`: full rows, no time of which is infinite.
 */
export function newPoints(
  engine: StorageEngine,
  table: TableDescriptor,
  writes: TableWrites | undefined,
  rows: Batch,
): Uint8Array {
  const isNew = new Uint8Array(rows.rowCount);
  if (writes?.staged.isEmpty === false) return isNew;
  const columns = visibleColumns(table);
  const columnOf = (number: number) => rows.columns[columns.findIndex((column) => column.number === number)];
  const { times } = storedTimeKeys(table, columnOf(table.timeSeries?.timeColumnNumber ?? 0), rows.rowCount);
  isNew.fill(1);
  for (const series of [engine.state.tables.get(table.oid)?.series, writes?.series]) {
    if (series !== undefined) noteKnown(series, columnOf, times, isNew);
  }
  return isNew;
}

function noteKnown(
  series: SeriesIndex,
  columnOf: (number: number) => Batch['columns'][number] | undefined,
  times: Float64Array,
  isNew: Uint8Array,
): void {
  const tuples =
    series.tagNumbers.length === 0 ? undefined : series.tuplesOfColumns(series.tagNumbers.map(columnOf), isNew.length);
  for (let row = 0; row < isNew.length; row++) {
    const id = tuples === undefined ? 0 : series.find(tuples, row);
    if (id >= 0 && id < series.size && times[row] <= series.lastTime(id)) isNew[row] = 0;
  }
}
