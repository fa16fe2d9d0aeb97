import type { Lsn } from '../catalog/table.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import { invariant, unreachable } from '../errors/invariant.ts';
import type { AppendRows, CommitRecord, DeleteRows, NewSeries } from './commit/commit-record.ts';
import type { DeleteResolution } from './deletes/delete-resolution.ts';
import type { DatabaseState, EngineState } from './engine-state.ts';
import { UniqueKeyIndex } from './index/unique-key-index.ts';
import { Memtable } from './memtable/memtable.ts';
import type { RowBlock } from './memtable/row-block.ts';
import { mergesVersions, tagDefinitions } from './table-identity.ts';
import { TableStore } from './table-store.ts';
import type { CatalogChange, CatalogVersion } from './versions/catalog-version.ts';
import { findPartition, memtablesOf, withPartition } from './versions/table-layers.ts';

/** What replay leaves out, since the manifest has it already. A live commit leaves out nothing. */
export interface ReplayFilter {
  hasCatalog(lsn: Lsn): boolean;
  hasRows(lsn: Lsn, tableOid: number, partition: number): boolean;
}

interface RowsWritten {
  readonly store: TableStore;
  readonly memtable: Memtable;
  readonly rowCountBefore: number;
}

/** A commit whose effect stands in memory but is not visible yet: it will be published or taken back. */
export class AppliedCommit {
  readonly lsn: Lsn;
  readonly rowsWritten: RowsWritten[] = [];
  /** The partitions of which every row was deleted. */
  readonly emptied: { readonly store: TableStore; readonly partition: number }[] = [];
  readonly #state: EngineState;
  readonly #database: DatabaseState;
  readonly #catalogBefore: CatalogVersion;
  #catalogAfter: CatalogVersion | undefined;
  readonly #catalogChanges: CatalogChange[] = [];
  readonly #created: TableStore[] = [];
  readonly #dropped: TableStore[] = [];
  /** Undone newest first. */
  readonly #undo: (() => void)[] = [];
  readonly #seriesCounts = new Map<TableStore, number>();
  readonly #deletedFrom = new Set<TableStore>();

  /** `resolution` must be prepared if the commit deletes rows. */
  constructor(
    state: EngineState,
    record: CommitRecord,
    lsn: Lsn,
    { filter, resolution }: { filter?: ReplayFilter | undefined; resolution?: DeleteResolution | undefined },
  ) {
    this.lsn = lsn;
    this.#state = state;
    const database = state.databases.get(record.databaseOid);
    if (database === undefined) throw new CorruptionError(`commit ${lsn} is for database ${record.databaseOid}`);
    this.#database = database;
    this.#catalogBefore = database.newest;
    for (const operation of record.operations) {
      switch (operation.kind) {
        case 'create-table':
        case 'alter-table':
          if (filter?.hasCatalog(lsn) === true) break;
          state.noteOids(operation.table);
          if (operation.kind === 'create-table') this.#create(new TableStore(record.databaseOid, operation.table));
          else this.#alter(operation.table);
          this.#catalogChanges.push({ kind: 'put', table: operation.table });
          break;
        case 'drop-table': {
          if (filter?.hasCatalog(lsn) === true) break;
          const store = this.#store(operation.tableOid);
          store.isDropped = true;
          this.#undo.push(() => {
            store.isDropped = false;
          });
          this.#dropped.push(store);
          this.#catalogChanges.push({ kind: 'drop', table: store.newest });
          break;
        }
        case 'new-series':
          // A table that the manifest's catalog no longer has was dropped later on.
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) this.#addSeries(operation);
          break;
        case 'rows':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            this.#addRows(operation, filter);
          }
          break;
        case 'delete':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            invariant(resolution !== undefined, 'deletes are looked up before they are applied');
            this.#deleteRows(operation, resolution, filter);
          }
          break;
        case 'truncate':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            this.#truncate(operation.tableOid, filter);
          }
          break;
        default:
          unreachable(operation);
      }
    }
    if (this.#catalogChanges.length > 0) {
      database.newest = database.newest.with(this.#catalogChanges);
      this.#catalogAfter = database.newest;
    }
    state.appendedLsn = Math.max(state.appendedLsn, lsn);
  }

  /** Makes the commit visible to snapshots from now on. Returns the tables that it dropped. */
  publish(): readonly TableStore[] {
    const state = this.#state;
    // In replay the manifest may be ahead of the commit.
    state.publishedLsn = Math.max(state.publishedLsn, this.lsn);
    if (this.#catalogAfter !== undefined) this.#database.published = this.#catalogAfter;
    for (const [store, count] of this.#seriesCounts) store.publishedSeriesCount = count;
    for (const store of this.#deletedFrom) store.uniqueKeys?.sweep(state.publishedLsn);
    for (const store of this.#dropped) state.tables.delete(store.oid);
    return this.#dropped;
  }

  /** Takes everything back. Commits that were applied later must have been taken back before. */
  revert(): void {
    for (const { memtable, rowCountBefore } of this.rowsWritten.reverse()) memtable.truncate(rowCountBefore);
    for (const undo of this.#undo.reverse()) undo();
    for (const store of this.#created) {
      this.#state.tables.delete(store.oid);
      this.#state.layers.delete(store.oid);
    }
    this.#database.newest = this.#catalogBefore;
  }

  #create(store: TableStore): void {
    const { newest } = store;
    if (newest.timeSeries === undefined && newest.uniqueKey !== undefined) {
      store.uniqueKeys = new UniqueKeyIndex(newest);
    }
    this.#state.tables.set(store.oid, store);
    this.#state.layers.set({ store, partitions: [] });
    this.#created.push(store);
  }

  #alter(table: TableStore['newest']): void {
    const store = this.#store(table.oid);
    const before = store.newest;
    const { size, tagNumbers } = store.series;
    store.newest = table;
    for (const tag of tagDefinitions(table)) store.series.addTag(tag);
    this.#undo.push(() => {
      store.newest = before;
      store.series.truncate(size, tagNumbers);
    });
  }

  #addSeries(operation: NewSeries): void {
    const store = this.#store(operation.tableOid);
    const { series } = store;
    if (operation.firstId + operation.count <= series.size) return;
    if (operation.firstId !== series.size) {
      throw new CorruptionError(
        `commit ${this.lsn}: series of table ${store.oid} begin at ${operation.firstId} instead of ${series.size}`,
      );
    }
    const { size, tagNumbers } = series;
    const tuples = series.tuplesOfColumns(
      tagNumbers.map((number) => operation.tags.find((tag) => tag.number === number)?.column),
      operation.count,
    );
    for (let row = 0; row < operation.count; row++) series.add(tuples, row);
    this.#seriesCounts.set(store, series.size);
    this.#undo.push(() => series.truncate(size, tagNumbers));
  }

  #addRows(operation: AppendRows, filter: ReplayFilter | undefined): void {
    const store = this.#store(operation.tableOid);
    for (const block of operation.blocks) {
      if (block.rowIds !== undefined && block.rowCount > 0) {
        store.nextRowId = Math.max(store.nextRowId, block.rowIds[block.rowCount - 1] + 1);
      }
      if (filter?.hasRows(this.lsn, store.oid, block.partition) === true) continue;
      this.#addBlock(store, block);
    }
    store.lastAppendLsn = this.lsn;
  }

  #addBlock(store: TableStore, block: RowBlock): void {
    const memtable = this.#memtable(store, block.partition);
    this.rowsWritten.push({ store, memtable, rowCountBefore: memtable.rowCount });
    memtable.append(block);
    memtable.mark(this.lsn);
    if (mergesVersions(store.newest)) store.series.noteTimes(block.seriesIds, block.times, block.rowCount);
    const { uniqueKeys } = store;
    if (uniqueKeys !== undefined) {
      const columnOf = (number: number) => block.columns.find((column) => column.number === number)?.column;
      const keys = uniqueKeys.reader.keysOf(columnOf, block.rowCount);
      const before = uniqueKeys.add(keys, block.rowIds!);
      this.#undo.push(() => uniqueKeys.takeBack(keys, before));
    }
  }

  #deleteRows(operation: DeleteRows, resolution: DeleteResolution, filter: ReplayFilter | undefined): void {
    const store = this.#store(operation.tableOid);
    for (const block of operation.blocks) {
      if (filter?.hasRows(this.lsn, store.oid, block.partition) === true) continue;
      const partition = findPartition(this.#state.layers.table(store.oid)!, block.partition);
      if (partition === undefined) continue;
      this.#noteDelete(store, block.partition);
      for (const segment of partition.segments) {
        for (const row of resolution.positionsOf(block, segment)) if (row >= 0) segment.deletes.add(row, this.lsn);
      }
      for (const memtable of memtablesOf(partition)) deleteNamed(memtable, block, this.lsn);
      const { uniqueKeys } = store;
      if (uniqueKeys === undefined) continue;
      const freed = uniqueKeys.delete(block.rowIds!, this.lsn);
      this.#undo.push(() => uniqueKeys.undelete(freed));
    }
  }

  #truncate(tableOid: number, filter: ReplayFilter | undefined): void {
    const store = this.#store(tableOid);
    for (const partition of this.#state.layers.table(tableOid)!.partitions) {
      if (filter?.hasRows(this.lsn, tableOid, partition.partition) === true) continue;
      this.#noteDelete(store, partition.partition);
      this.emptied.push({ store, partition: partition.partition });
      for (const { deletes, entry } of partition.segments) deletes.clear(entry.rowCount, this.lsn);
      for (const { deletes, rowCount } of memtablesOf(partition)) deletes.clear(rowCount, this.lsn);
      const { uniqueKeys } = store;
      if (uniqueKeys === undefined) continue;
      const before = uniqueKeys.clear();
      this.#undo.push(() => uniqueKeys.restore(before));
    }
  }

  /** From here on deletes of this commit may stand in the layers of the partition, until it is taken back. */
  #noteDelete(store: TableStore, partition: number): void {
    this.#deletedFrom.add(store);
    store.unflushedDeletes.note(partition, this.lsn);
    this.#undo.push(() => {
      store.unflushedDeletes.removeFrom(partition, this.lsn);
      // Rows that were in memory when the commit was applied may stand in a segment by now.
      const layers = this.#state.layers.table(store.oid);
      const found = layers === undefined ? undefined : findPartition(layers, partition);
      if (found === undefined) return;
      for (const { deletes } of [...found.segments, ...memtablesOf(found)]) deletes.removeFrom(this.lsn);
    });
  }

  #memtable(store: TableStore, partition: number): Memtable {
    const { layers } = this.#state;
    const table = layers.table(store.oid)!;
    const found = findPartition(table, partition);
    if (found?.active !== undefined) return found.active;
    const active = new Memtable(partition, 'shared');
    const { frozen, segments } = found ?? { frozen: [], segments: [] };
    layers.set(withPartition(table, { partition, active, frozen, segments }));
    return active;
  }

  #store(oid: number): TableStore {
    const store = this.#state.tables.get(oid);
    if (store === undefined) throw new CorruptionError(`commit ${this.lsn} is for table ${oid}, which does not exist`);
    invariant(!store.isDropped, 'nothing is written to a dropped table');
    return store;
  }
}

/** Deletes the named rows of a memtable: all versions of a point. */
function deleteNamed(memtable: Memtable, { rowCount, seriesIds, times, fractions, rowIds }: RowBlock, lsn: Lsn): void {
  for (let index = 0; index < rowCount; index++) {
    if (rowIds !== undefined) {
      const row = memtable.findRowId(rowIds[index]);
      if (row >= 0) memtable.deletes.add(row, lsn);
      continue;
    }
    let row = memtable.findKey(seriesIds[index], times[index], fractions === undefined ? 0 : fractions[index]);
    // What was there before a row that is deleted already is deleted too.
    while (row >= 0 && memtable.deletes.add(row, lsn)) row = memtable.previousOfKey(row);
  }
}
