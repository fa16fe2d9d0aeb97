import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import type { CommitOperation, NewSeries } from '../commit/commit-operation.ts';
import type { NamesToDelete } from '../deletes/delete-resolution.ts';
import { selectNames } from '../deletes/row-names.ts';
import type { DatabaseState, EngineState } from '../engine-state.ts';
import { SeriesAllocation } from '../index/series-allocation.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { WRITER } from '../segment/hidden-columns.ts';
import type { StagedRows } from '../staging/staged-record.ts';
import { mergesVersions, PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import { catalogOperations, undefinedTable } from './catalog-operations.ts';
import { type TableWrites, tableSeriesIds, type WriteSet } from './write-set.ts';

/** Rows that one block of names has at most: what is looked up, written and applied in one turn. */
const BLOCK_ROWS = 16_384;

/**
 * The operations of a transaction against the newest state, row ids and series ids included. Throws what
 * `catalogOperations` throws, and 42P01, when another transaction was faster. To be handed to `StorageEngine.commit` in the same turn.
 */
export function commitOperations(writeSet: WriteSet, state: EngineState, inputs: CommitInputs): CommitOperation[] {
  const steps = commitOperationsInSteps(writeSet, state, inputs);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** What the operations are made of, besides the write set. */
export interface CommitInputs {
  readonly database: DatabaseState;
  readonly deletes: readonly NamesToDelete[];
  /** By table, where rows were staged: then all of them were. */
  readonly staged?: ReadonlyMap<number, StagedRows> | undefined;
  /** Where a sequence that the transaction puts counts from. */
  readonly stateOf: (sequence: SequenceDescriptor) => SequenceState;
}

/** `commitOperations` in steps of some thousand rows, between which nothing may be committed. */
export function* commitOperationsInSteps(
  writeSet: WriteSet,
  state: EngineState,
  { database, deletes, staged, stateOf }: CommitInputs,
): Generator<void, CommitOperation[], undefined> {
  const catalogs = { newest: database.newest, shared: state.shared.newest };
  const { operations: changes, catalog } = catalogOperations(writeSet.catalogChanges, catalogs, stateOf);
  const operations = [...contentsOfDropped(changes, state), ...changes];
  for (const writes of writeSet.tables()) {
    if (writes.isEmpty) continue;
    const descriptor = catalog.tableByOid(writes.tableOid);
    if (descriptor === undefined) {
      if (writeSet.tableChanges.some((change) => change.kind === 'drop' && change.table.oid === writes.tableOid))
        continue;
      throw undefinedTable(writes.descriptor);
    }
    // What a commit deletes is older than what it brings.
    const named = deletes.find(({ tableOid }) => tableOid === writes.tableOid);
    if (writes.isTruncated) operations.push({ kind: 'truncate', tableOid: descriptor.oid });
    else if (named !== undefined) operations.push({ kind: 'delete', ...named });
    const ofRows = writes.staged.isEmpty
      ? yield* rowOperations(writes, descriptor, state)
      : stagedOperations(writes, descriptor, state, staged?.get(writes.tableOid));
    operations.push(...ofRows);
  }
  return operations;
}

/** What goes with a database: its tables and sequences, which have files and counts of their own. */
function contentsOfDropped(operations: readonly CommitOperation[], state: EngineState): CommitOperation[] {
  const contents: CommitOperation[] = [];
  for (const operation of operations) {
    const oid = operation.kind === 'drop-object' ? /^database (\d+)$/.exec(operation.key)?.[1] : undefined;
    const database = oid === undefined ? undefined : state.databases.get(Number(oid));
    if (database === undefined) continue;
    for (const sequence of database.newest.sequences()) {
      contents.push({ kind: 'drop-sequence', sequenceOid: sequence.oid });
    }
    for (const table of database.newest.tables()) contents.push({ kind: 'drop-table', tableOid: table.oid });
  }
  return contents;
}

/**
 * The committed rows that the transaction deletes, by partition. A point of which it leaves a version is not among them: a
 * full row ends the search for older ones.
 */
export async function namesToDelete(writeSet: WriteSet, state: EngineState): Promise<NamesToDelete[]> {
  const deletes: NamesToDelete[] = [];
  for (const writes of writeSet.tables()) {
    if (writes.deleted.rowCount === 0 || writes.isTruncated) continue;
    const isReplaced = replacedNames(writes, state);
    const names = writes.deleted.names();
    const { timeSeries } = writes.descriptor;
    const byPartition = new Map<number, number[]>();
    for (let row = 0; row < names.rowCount; row++) {
      if (row % BLOCK_ROWS === BLOCK_ROWS - 1) await nextTurn();
      if (isReplaced?.[row] === 1) continue;
      const partition =
        timeSeries === undefined ? PLAIN_PARTITION : partitionOf(names.times[row], timeSeries.partitionMicros);
      const rows = byPartition.get(partition);
      if (rows === undefined) byPartition.set(partition, [row]);
      else rows.push(row);
    }
    const blocks: RowBlock[] = [];
    for (const [partition, rows] of byPartition) {
      for (let from = 0; from < rows.length; from += BLOCK_ROWS) {
        const part = selectNames(names, rows.slice(from, from + BLOCK_ROWS));
        blocks.push({ ...part, partition, isPartial: false, columns: [] });
        if (part.rowCount === BLOCK_ROWS) await nextTurn();
      }
    }
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

function* rowOperations(
  writes: TableWrites,
  descriptor: TableDescriptor,
  state: EngineState,
): Generator<void, CommitOperation[], undefined> {
  const store = state.tables.get(descriptor.oid);
  const { ids, newSeries } = yield* globalSeries(writes, descriptor, state);
  const hasRowIds = !mergesVersions(descriptor);
  // The transaction itself may have dropped columns since it wrote them.
  const numbers = new Set([WRITER, ...descriptor.columns.map(({ number }) => number)]);
  let nextRowId = store?.nextRowId ?? 1;
  // Large transactions take ids of their own while this commit is on its way.
  if (store !== undefined && hasRowIds) store.nextRowId += liveRowCount(writes);
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
      const columns = block.columns.filter(({ number }) => numbers.has(number));
      blocks.push({ ...block, seriesIds, rowIds, times, columns });
      yield;
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

/** The rows stand in segments, with the ids of the table; in a new one the series count as they came. */
function stagedOperations(
  { series }: TableWrites,
  descriptor: TableDescriptor,
  state: EngineState,
  staged: StagedRows | undefined,
): CommitOperation[] {
  if (staged === undefined) return [];
  if (state.tables.has(descriptor.oid) || series.tagNumbers.length === 0) return [staged];
  const allocation = new SeriesAllocation(descriptor, undefined, series, { maxSeries: state.maxSeriesPerTable });
  for (let id = 0; id < series.size; id++) allocation.idOfSeries(series, id);
  const newSeries = allocation.operation();
  return newSeries === undefined ? [staged] : [newSeries, staged];
}

function liveRowCount({ memtables }: TableWrites): number {
  let count = 0;
  for (const { rowCount, deletes } of memtables.values()) {
    const { clearedRows, rows } = deletes.deadAt(Number.POSITIVE_INFINITY);
    count += Math.max(rowCount - clearedRows, 0);
    for (const row of rows) if (row >= clearedRows) count--;
  }
  return count;
}

/** For each series of the write set that has rows, its id in the table. */
function* globalSeries(
  writes: TableWrites,
  descriptor: TableDescriptor,
  state: EngineState,
): Generator<void, { ids: Uint32Array; newSeries: NewSeries | undefined }, undefined> {
  const isUsed = new Uint8Array(writes.series.size);
  for (const memtable of writes.memtables.values()) {
    for (const { seriesIds, rowCount } of memtable.liveBlocks()) {
      for (let row = 0; row < rowCount; row++) isUsed[seriesIds[row]] = 1;
      yield;
    }
  }
  const allocation = new SeriesAllocation(descriptor, state.tables.get(descriptor.oid), writes.series, {
    maxSeries: state.maxSeriesPerTable,
  });
  const ids = new Uint32Array(writes.series.size);
  for (let id = 0; id < ids.length; id++) if (isUsed[id] === 1) ids[id] = allocation.idOfSeries(writes.series, id);
  return { ids, newSeries: allocation.operation() };
}
