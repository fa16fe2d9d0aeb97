import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CommitOperation, NewSeries } from '../commit/commit-record.ts';
import type { NamesToDelete } from '../deletes/delete-resolution.ts';
import { selectNames } from '../deletes/row-names.ts';
import type { DatabaseState, EngineState } from '../engine-state.ts';
import { SeriesAllocation } from '../index/series-allocation.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { mergesVersions, PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import { type TableWrites, tableSeriesIds, type WriteSet } from './write-set.ts';

/**
 * The operations of a transaction against the newest state, row ids and series ids included. Throws 42P07 or 42P01 when
 * another transaction was faster. To be handed to `StorageEngine.commit` in the same turn.
 */
export function commitOperations(
  writeSet: WriteSet,
  state: EngineState,
  { database, deletes }: { readonly database: DatabaseState; readonly deletes: readonly NamesToDelete[] },
): CommitOperation[] {
  const operations: CommitOperation[] = [];
  const created = new Map<number, TableDescriptor>();
  let catalog = database.newest;
  for (const change of netChanges(writeSet)) {
    if (change.kind === 'drop') {
      if (catalog.tableByOid(change.table.oid) === undefined) throw undefinedTable(change.table);
      operations.push({ kind: 'drop-table', tableOid: change.table.oid });
    } else {
      if (catalog.table(change.table.schemaName, change.table.name) !== undefined) throw duplicateTable(change.table);
      operations.push({ kind: 'create-table', table: change.table });
      created.set(change.table.oid, change.table);
    }
    catalog = catalog.with([change]);
  }
  for (const writes of writeSet.tables()) {
    if (writes.isEmpty) continue;
    const descriptor = created.get(writes.tableOid) ?? catalog.tableByOid(writes.tableOid);
    if (descriptor === undefined) {
      if (writeSet.catalogChanges.some((change) => change.kind === 'drop' && change.table.oid === writes.tableOid))
        continue;
      throw undefinedTable(writes.descriptor);
    }
    // What a commit deletes is older than what it brings.
    const named = deletes.find(({ tableOid }) => tableOid === writes.tableOid);
    if (writes.isTruncated) operations.push({ kind: 'truncate', tableOid: descriptor.oid });
    else if (named !== undefined) operations.push({ kind: 'delete', ...named });
    operations.push(...rowOperations(writes, descriptor, state));
  }
  return operations;
}

/**
 * The committed rows that the transaction deletes, by partition. A point of which it leaves a version is not among them: a
 * full row ends the search for older ones.
 */
export function namesToDelete(writeSet: WriteSet, state: EngineState): NamesToDelete[] {
  const deletes: NamesToDelete[] = [];
  for (const writes of writeSet.tables()) {
    if (writes.deleted.rowCount === 0 || writes.isTruncated) continue;
    const isReplaced = replacedNames(writes, state);
    const names = writes.deleted.names();
    const { timeSeries } = writes.descriptor;
    const byPartition = new Map<number, number[]>();
    for (let row = 0; row < names.rowCount; row++) {
      if (isReplaced?.[row] === 1) continue;
      const partition =
        timeSeries === undefined ? PLAIN_PARTITION : partitionOf(names.times[row], timeSeries.partitionMicros);
      const rows = byPartition.get(partition);
      if (rows === undefined) byPartition.set(partition, [row]);
      else rows.push(row);
    }
    const blocks = Array.from(byPartition, ([partition, rows]) => ({
      ...selectNames(names, rows),
      partition,
      isPartial: false,
      columns: [],
    }));
    if (blocks.length > 0) deletes.push({ tableOid: writes.tableOid, blocks });
  }
  return deletes;
}

/** Per deleted name 1 where the transaction has a row of the same point. */
function replacedNames(writes: TableWrites, state: EngineState): Uint8Array | undefined {
  const store = state.tables.get(writes.tableOid);
  if (store === undefined || !mergesVersions(writes.descriptor)) return undefined;
  const isReplaced = new Uint8Array(writes.deleted.rowCount);
  const idOf = tableSeriesIds(writes, store.series);
  for (const memtable of writes.memtables.values()) {
    for (let row = 0; row < memtable.rowCount; row++) {
      if (memtable.deletes.has(row)) continue;
      const seriesId = idOf(memtable.seriesAt(row));
      const name = writes.deleted.find(seriesId, memtable.timeAt(row), memtable.fractionAt(row), 0);
      if (name >= 0) isReplaced[name] = 1;
    }
  }
  return isReplaced;
}

export function duplicateTable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.DuplicateTable, `relation "${table.name}" already exists`);
}

export function undefinedTable(table: { readonly name: string }): SqlError {
  return new SqlError(SqlState.UndefinedTable, `relation "${table.name}" does not exist`);
}

/** Without the tables that the transaction itself both created and dropped. */
function netChanges(writeSet: WriteSet): WriteSet['catalogChanges'] {
  const changes = writeSet.catalogChanges;
  const created = new Set(changes.filter((change) => change.kind === 'put').map((change) => change.table.oid));
  const dropped = new Set(changes.filter((change) => change.kind === 'drop').map((change) => change.table.oid));
  return changes.filter(({ table }) => !(created.has(table.oid) && dropped.has(table.oid)));
}

function rowOperations(writes: TableWrites, descriptor: TableDescriptor, state: EngineState): CommitOperation[] {
  const store = state.tables.get(descriptor.oid);
  const { ids, newSeries } = globalSeries(writes, descriptor, state);
  const hasRowIds = !mergesVersions(descriptor);
  let nextRowId = store?.nextRowId ?? 1;
  const blocks: RowBlock[] = [];
  for (const memtable of writes.memtables.values()) {
    for (const block of memtable.liveBlocks()) {
      const seriesIds = new Uint32Array(block.rowCount);
      for (let row = 0; row < block.rowCount; row++) seriesIds[row] = ids[block.seriesIds[row]];
      let rowIds: Float64Array | undefined;
      if (hasRowIds) {
        rowIds = new Float64Array(block.rowCount);
        for (let row = 0; row < block.rowCount; row++) rowIds[row] = nextRowId++;
      }
      // Plain tables are sorted by row id; their provisional ids end here.
      const times = descriptor.timeSeries === undefined ? rowIds! : block.times;
      blocks.push({ ...block, seriesIds, rowIds, times });
    }
  }
  if (blocks.length === 0) return [];
  const rows: CommitOperation = {
    kind: 'rows',
    tableOid: descriptor.oid,
    schemaVersion: descriptor.schemaVersion,
    blocks,
  };
  return newSeries === undefined ? [rows] : [newSeries, rows];
}

/** For each series of the write set that has rows, its id in the table. */
function globalSeries(
  writes: TableWrites,
  descriptor: TableDescriptor,
  state: EngineState,
): { ids: Uint32Array; newSeries: NewSeries | undefined } {
  const isUsed = new Uint8Array(writes.series.size);
  for (const memtable of writes.memtables.values()) {
    for (const { seriesIds, rowCount } of memtable.liveBlocks()) {
      for (let row = 0; row < rowCount; row++) isUsed[seriesIds[row]] = 1;
    }
  }
  const allocation = new SeriesAllocation(descriptor, state.tables.get(descriptor.oid), writes.series);
  const tuples = writes.series.tuplesFrom(0);
  const ids = new Uint32Array(writes.series.size);
  for (let id = 0; id < ids.length; id++) if (isUsed[id] === 1) ids[id] = allocation.idOf(tuples, id);
  return { ids, newSeries: allocation.operation() };
}
