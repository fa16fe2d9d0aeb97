import type { RowNames } from '../deletes/row-names.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { LOCAL_SERIES } from '../scan/output-columns.ts';
import type { StagedPlace } from '../staging/staged-keys.ts';
import { PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import type { TableStore } from '../table-store.ts';
import { PROVISIONAL_ROW_ID, type TableWrites, type WriteSet } from './write-set.ts';

/**
 * Deletes rows that a statement of the transaction has seen, its own and committed ones. `stagedPlaces`: those of them that
 * it has staged. Returns the places in `names` of those that were not deleted before, each row once.
 */
export function deleteRows(
  writeSet: WriteSet,
  writes: TableWrites,
  names: RowNames,
  store: TableStore | undefined,
  stagedPlaces: readonly StagedPlace[] = [],
): number[] {
  const { rowIds, times, fractions, seriesIds } = names;
  const { timeSeries } = writes.descriptor;
  const localOf = localSeries(writes, store);
  const ownRows = new Map<Memtable, Set<number>>();
  const effective = new Set<number>();
  const committed: number[] = [];
  const stagedNames = new Set(stagedPlaces.map(({ name }) => name));
  for (let name = 0; name < names.rowCount; name++) {
    const partition = timeSeries === undefined ? PLAIN_PARTITION : partitionOf(times[name], timeSeries.partitionMicros);
    const memtable = writes.memtables.get(partition);
    const isOwnName =
      rowIds === undefined
        ? seriesIds[name] >= LOCAL_SERIES
        : rowIds[name] >= PROVISIONAL_ROW_ID || writes.staged.hasRowId(rowIds[name]);
    let isOwnRow = stagedNames.has(name);
    const taken = memtable === undefined ? undefined : (ownRows.get(memtable) ?? new Set<number>());
    if (memtable !== undefined && taken !== undefined) {
      ownRows.set(memtable, taken);
      const before = taken.size;
      if (rowIds !== undefined) {
        const row = isOwnName ? memtable.findRowId(rowIds[name]) : -1;
        if (row >= 0 && !memtable.deletes.has(row)) taken.add(row);
      } else {
        const local = localOf(seriesIds[name]);
        const fraction = fractions === undefined ? 0 : fractions[name];
        const first = local < 0 ? -1 : memtable.findKey(local, times[name], fraction);
        for (let row = first; row >= 0 && !memtable.deletes.has(row); row = memtable.previousOfKey(row)) taken.add(row);
        isOwnRow ||= first >= 0 && !memtable.deletes.has(first);
      }
      if (taken.size > before) effective.add(name);
    }
    // Where there is an own row, the transaction has deleted the committed point of that key before, or there was none: one
    // that others have added since is not meant.
    if (!isOwnName && !writes.isTruncated && !isOwnRow) committed.push(name);
  }
  for (const [staged, rows] of stagedRows(stagedPlaces, effective)) writeSet.deleteStaged(staged, rows);
  for (const [memtable, rows] of ownRows) if (rows.size > 0) writeSet.deleteOwn(memtable, [...rows]);
  for (const name of writeSet.deleteCommitted(writes, names, committed)) effective.add(name);
  return [...effective].sort((a, b) => a - b);
}

/** The rows of each staged segment; a row that is named again counts the first time alone. */
function stagedRows(places: readonly StagedPlace[], effective: Set<number>): Map<StagedPlace['staged'], number[]> {
  const rows = new Map<StagedPlace['staged'], Set<number>>();
  for (const { staged, row, name } of places) {
    const ofSegment = rows.get(staged) ?? new Set();
    rows.set(staged, ofSegment);
    if (ofSegment.has(row)) continue;
    ofSegment.add(row);
    effective.add(name);
  }
  return new Map(Array.from(rows, ([staged, list]) => [staged, [...list]]));
}

/** From the series ids that names have to those of the write set; -1 where it has none. */
function localSeries(writes: TableWrites, store: TableStore | undefined): (seriesId: number) => number {
  const { series } = writes;
  const committed = store?.series;
  const known = new Map<number, number>();
  return (seriesId) => {
    if (seriesId >= LOCAL_SERIES) return seriesId - LOCAL_SERIES;
    if (series.tagNumbers.length === 0) return 0;
    if (committed === undefined) return -1;
    const local = known.get(seriesId) ?? series.findSame(committed, seriesId);
    known.set(seriesId, local);
    return local;
  };
}
