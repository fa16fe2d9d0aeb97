import type { RowNames } from '../deletes/row-names.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { LOCAL_SERIES } from '../scan/output-columns.ts';
import { PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { PROVISIONAL_ROW_ID, type TableWrites, type WriteSet } from './write-set.ts';

/**
 * Deletes rows that a statement of the transaction has seen, its own and committed ones. Returns the places in `names` of
 * those that were not deleted before, each row once.
 */
export function deleteRows(
  writeSet: WriteSet,
  writes: TableWrites,
  names: RowNames,
  store: TableStore | undefined,
): number[] {
  const { rowIds, times, fractions, seriesIds } = names;
  const { timeSeries } = writes.descriptor;
  const localOf = localSeries(writes, store);
  const ownRows = new Map<Memtable, Set<number>>();
  const effective = new Set<number>();
  const committed: number[] = [];
  for (let name = 0; name < names.rowCount; name++) {
    const partition = timeSeries === undefined ? PLAIN_PARTITION : partitionOf(times[name], timeSeries.partitionMicros);
    const memtable = writes.memtables.get(partition);
    const isOwnName = rowIds === undefined ? seriesIds[name] >= LOCAL_SERIES : rowIds[name] >= PROVISIONAL_ROW_ID;
    if (!isOwnName && !writes.isTruncated) committed.push(name);
    if (memtable === undefined) continue;
    const taken = ownRows.get(memtable) ?? new Set();
    ownRows.set(memtable, taken);
    const before = taken.size;
    if (rowIds !== undefined) {
      const row = isOwnName ? memtable.findRowId(rowIds[name]) : -1;
      if (row >= 0 && !memtable.deletes.has(row)) taken.add(row);
    } else {
      const local = localOf(seriesIds[name]);
      let row = local < 0 ? -1 : memtable.findKey(local, times[name], fractions === undefined ? 0 : fractions[name]);
      for (; row >= 0 && !memtable.deletes.has(row); row = memtable.previousOfKey(row)) taken.add(row);
    }
    if (taken.size > before) effective.add(name);
  }
  for (const [memtable, rows] of ownRows) if (rows.size > 0) writeSet.deleteOwn(writes, memtable, [...rows]);
  for (const name of writeSet.deleteCommitted(writes, names, committed)) effective.add(name);
  return [...effective].sort((a, b) => a - b);
}

/** From the series ids that names have to those of the write set; -1 where it has none. */
function localSeries(writes: TableWrites, store: TableStore | undefined): (seriesId: number) => number {
  const { series } = writes;
  const tuples = store?.series.tuplesFrom(0);
  const known = new Map<number, number>();
  return (seriesId) => {
    if (seriesId >= LOCAL_SERIES) return seriesId - LOCAL_SERIES;
    if (series.tagNumbers.length === 0) return 0;
    if (tuples === undefined) return -1;
    const local = known.get(seriesId) ?? series.find(tuples, seriesId);
    known.set(seriesId, local);
    return local;
  };
}
