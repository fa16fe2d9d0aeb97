import type { Lsn } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { concurrentChange } from '../../errors/concurrent-change.ts';
import { locateRows } from '../deletes/locate-rows.ts';
import { type RowNames, selectNames } from '../deletes/row-names.ts';
import type { EngineState } from '../engine-state.ts';
import type { Memtable } from '../memtable/memtable.ts';
import { LOCAL_SERIES } from '../scan/output-columns.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import type { StoredSnapshot } from './stored-snapshot.ts';
import { findPartition, memtablesOf } from './table-layers.ts';
import { PROVISIONAL_ROW_ID } from './write-set.ts';

/** The layers of one partition, as the snapshot has them and as they are now. */
interface Layers {
  readonly memtables: ReadonlySet<Memtable>;
  readonly segments: ReadonlySet<StoredSegment>;
}

/**
 * For REPEATABLE READ: throws 40001 when one of the rows was written again or deleted by a commit that the snapshot does
 * not see. The snapshot keeps the memtables of its time, in which every later row of theirs is found too; whatever came
 * after them is newer throughout.
 */
export async function assertUnchanged(
  state: EngineState,
  snapshot: StoredSnapshot,
  descriptor: TableDescriptor,
  names: RowNames,
): Promise<void> {
  const version = state.layers.pin();
  try {
    for (const [partition, committed] of committedNames(descriptor, names)) {
      const tables = [snapshot.layersOf(descriptor.oid), version.tables.get(descriptor.oid)];
      const layers = layersOf(tables, partition, snapshot.lsn);
      for (const memtable of layers.memtables) checkMemtable(memtable, committed, snapshot.lsn);
      for (const segment of layers.segments) await checkSegment(segment, committed, snapshot.lsn);
    }
  } finally {
    state.layers.unpin(version);
  }
}

function committedNames({ timeSeries }: TableDescriptor, names: RowNames): Map<number, RowNames> {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < names.rowCount; row++) {
    if (names.seriesIds[row] >= LOCAL_SERIES) continue;
    if (names.rowIds !== undefined && names.rowIds[row] >= PROVISIONAL_ROW_ID) continue;
    const partition =
      timeSeries === undefined ? PLAIN_PARTITION : partitionOf(names.times[row], timeSeries.partitionMicros);
    const known = rows.get(partition);
    if (known === undefined) rows.set(partition, [row]);
    else known.push(row);
  }
  return new Map(Array.from(rows, ([partition, list]) => [partition, selectNames(names, list)]));
}

function layersOf(tables: readonly ReturnType<StoredSnapshot['layersOf']>[], partition: number, lsn: Lsn): Layers {
  const memtables = new Set<Memtable>();
  const segments = new Set<StoredSegment>();
  for (const table of tables) {
    const found = table === undefined ? undefined : findPartition(table, partition);
    if (found === undefined) continue;
    for (const memtable of memtablesOf(found)) memtables.add(memtable);
    for (const segment of found.segments) addSegment(segments, segment, lsn);
  }
  return { memtables, segments };
}

/** A merge of rows from before and after the snapshot does not tell which are which; what it was merged from does. */
function addSegment(segments: Set<StoredSegment>, segment: StoredSegment, lsn: Lsn): void {
  segments.add(segment);
  const { minLsn, maxLsn } = segment.entry;
  if (minLsn > lsn || maxLsn <= lsn) return;
  for (const input of segment.mergedFrom) addSegment(segments, input, lsn);
}

function checkMemtable(memtable: Memtable, names: RowNames, lsn: Lsn): void {
  const seenRows = memtable.rowCountAt(lsn);
  for (let name = 0; name < names.rowCount; name++) {
    const row =
      names.rowIds === undefined
        ? memtable.findKey(names.seriesIds[name], names.times[name], names.fractions?.[name] ?? 0)
        : memtable.findRowId(names.rowIds[name]);
    if (row < 0) continue;
    if (row >= seenRows) throw concurrentChange('update');
    if (memtable.deletes.isDeletedAfter(row, lsn)) throw concurrentChange('delete');
  }
}

async function checkSegment(segment: StoredSegment, names: RowNames, lsn: Lsn): Promise<void> {
  const isNewer = segment.entry.minLsn > lsn;
  if (!isNewer && segment.deletes.isEmpty) return;
  for (const row of await locateRows(segment.reader, names)) {
    if (row < 0) continue;
    if (isNewer) throw concurrentChange('update');
    if (segment.deletes.isDeletedAfter(row, lsn)) throw concurrentChange('delete');
  }
}
