import { isShared, isSharedKey } from '../catalog/catalog-object.ts';
import type { Lsn } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import { invariant, unreachable } from '../errors/invariant.ts';
import { AppliedObjects, type ObjectOperation } from './apply-objects.ts';
import type { AppendRows, DeleteRows, DropObject, NewSeries, PutObject } from './commit/commit-operation.ts';
import type { CommitRecord } from './commit/commit-record.ts';
import { isLostEnum } from './commit/enum-json.ts';
import type { DeleteResolution } from './deletes/delete-resolution.ts';
import type { DatabaseState, EngineState } from './engine-state.ts';
import { AppliedPlain, type PlainCommit } from './index/applied-plain.ts';
import { Memtable } from './memtable/memtable.ts';
import { type RowBlock, sliceBlock } from './memtable/row-block.ts';
import { MissingColumns } from './missing-value.ts';
import { AppliedStaging, type StagedSegments } from './staging/apply-staged.ts';
import { tagDefinitions } from './table-identity.ts';
import { TableStore } from './table-store.ts';
import { type CatalogChange, CatalogVersion, type ObjectChange } from './versions/catalog-version.ts';
import { findPartition, memtablesOf, withPartition } from './versions/table-layers.ts';

/** What replay leaves out, since the manifest has it already. A live commit leaves out nothing. */
export interface ReplayFilter {
  hasCatalog(lsn: Lsn): boolean;
  hasRows(lsn: Lsn, tableOid: number, partition: number): boolean;
}

/** Rows that are applied in one step. */
const STEP_ROWS = 16_384;
/** With indexes of the table a row is as much work as so many more for each. */
const ROWS_PER_INDEX = 3;

const NO_PLAIN: PlainCommit = { built: new Map(), replacements: new Map() };

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
  /** The partitions of which rows were deleted. */
  readonly rowsDeleted: { readonly store: TableStore; readonly partition: number }[] = [];
  readonly #state: EngineState;
  readonly #database: DatabaseState;
  readonly #catalogBefore: CatalogVersion;
  #catalogAfter: CatalogVersion | undefined;
  readonly #catalogChanges: CatalogChange[] = [];
  readonly #sharedBefore: CatalogVersion;
  #sharedAfter: CatalogVersion | undefined;
  readonly #sharedChanges: ObjectChange[] = [];
  readonly #databasesDropped: number[] = [];
  readonly #created: TableStore[] = [];
  readonly #dropped: TableStore[] = [];
  /** Undone newest first. */
  readonly #undo: (() => void)[] = [];
  readonly #objects: AppliedObjects;
  readonly #seriesCounts = new Map<TableStore, number>();
  /** Takes the place of rows in memory. */
  readonly staged: AppliedStaging;
  readonly #steps: Generator<void, void, undefined>;
  /** Per partition where the rows go: all of a commit into one memtable, whatever is frozen while it is applied. */
  readonly #targets = new Map<TableStore, Map<number, Memtable>>();
  #isApplied = false;
  #isReverted = false;
  readonly #plain: AppliedPlain;

  /**
   * Nothing is applied before `step`. `resolution` must be prepared if the commit deletes rows, and `staged` has the
   * segments that it names.
   */
  constructor(
    state: EngineState,
    record: CommitRecord,
    lsn: Lsn,
    inputs: {
      filter?: ReplayFilter | undefined;
      resolution?: DeleteResolution | undefined;
      staged?: StagedSegments | undefined;
      plain?: PlainCommit | undefined;
    },
  ) {
    this.lsn = lsn;
    this.#state = state;
    this.staged = new AppliedStaging(state, lsn, inputs.staged);
    this.#plain = new AppliedPlain(state, lsn, inputs.filter === undefined ? (inputs.plain ?? NO_PLAIN) : undefined);
    const isInManifest = inputs.filter?.hasCatalog(lsn) === true;
    // Of a database that was dropped since, nothing is left to apply.
    const database = state.databases.get(record.databaseOid) ?? (isInManifest ? state.shared : undefined);
    if (database === undefined) throw new CorruptionError(`commit ${lsn} is for database ${record.databaseOid}`);
    this.#database = database;
    this.#catalogBefore = database.newest;
    this.#sharedBefore = state.shared.newest;
    this.#objects = new AppliedObjects(state, record.databaseOid, inputs.filter !== undefined);
    this.#steps = this.#apply(record, inputs);
  }

  /** Whether everything is applied: before that it must not be published. */
  get isApplied(): boolean {
    return this.#isApplied;
  }

  /** Applies the next part of it, some thousand rows. False when that was the last one, or it was taken back. */
  step(): boolean {
    if (this.#isReverted || this.#isApplied) return false;
    if (this.#steps.next().done !== true) return true;
    this.#isApplied = true;
    return false;
  }

  *#apply(
    record: CommitRecord,
    { filter, resolution }: { filter?: ReplayFilter | undefined; resolution?: DeleteResolution | undefined },
  ): Generator<void, void, undefined> {
    const { lsn } = this;
    const state = this.#state;
    const database = this.#database;
    for (const operation of record.operations) {
      switch (operation.kind) {
        case 'create-table':
        case 'alter-table':
          if (filter?.hasCatalog(lsn) === true) break;
          this.#assertTypes(operation.table);
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
            yield* this.#addRows(operation, filter);
          }
          break;
        case 'staged':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            const store = this.#store(operation.tableOid);
            this.#plain.addStaged(store, this.staged.apply(store, operation, filter), this.#undo);
          }
          break;
        case 'delete':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            invariant(resolution !== undefined, 'deletes are looked up before they are applied');
            yield* this.#deleteRows(operation, resolution, filter);
          }
          break;
        case 'truncate':
          if (filter?.hasCatalog(lsn) !== true || state.tables.has(operation.tableOid)) {
            this.#truncate(operation.tableOid, filter);
            if (isRewritten(record, operation.tableOid)) this.#freezeAll(operation.tableOid);
          }
          break;
        case 'put-sequence':
        case 'drop-sequence':
        case 'count-sequence':
        case 'put-enum':
        case 'drop-enum':
        case 'put-object':
        case 'drop-object':
          if (filter?.hasCatalog(lsn) !== true) this.#applyObject(operation);
          break;
        default:
          unreachable(operation);
      }
    }
    if (this.#catalogChanges.length > 0) {
      database.newest = database.newest.with(this.#catalogChanges);
      this.#catalogAfter = database.newest;
    }
    if (this.#sharedChanges.length > 0) {
      state.shared.newest = state.shared.newest.with(this.#sharedChanges);
      this.#sharedAfter = state.shared.newest;
    }
    state.appendedLsn = Math.max(state.appendedLsn, lsn);
  }

  /** Makes the commit visible to snapshots from now on. Returns the tables that it dropped. */
  publish(): readonly TableStore[] {
    const state = this.#state;
    // In replay the manifest may be ahead of the commit.
    state.publishedLsn = Math.max(state.publishedLsn, this.lsn);
    if (this.#catalogAfter !== undefined) this.#database.published = this.#catalogAfter;
    if (this.#sharedAfter !== undefined) state.shared.published = this.#sharedAfter;
    for (const [store, count] of this.#seriesCounts) store.publishedSeriesCount = count;
    this.#plain.publish(this.#dropped);
    this.#objects.publish();
    this.staged.publish();
    for (const store of this.#dropped) state.tables.delete(store.oid);
    for (const oid of this.#databasesDropped) state.databases.delete(oid);
    return this.#dropped;
  }

  /** Takes everything back. Commits that were applied later must have been taken back before. */
  revert(): void {
    this.#isReverted = true;
    this.staged.revert();
    for (const { memtable, rowCountBefore } of this.rowsWritten.reverse()) memtable.truncate(rowCountBefore);
    for (const undo of this.#undo.reverse()) undo();
    for (const store of this.#created) {
      this.#state.tables.delete(store.oid);
      this.#state.layers.delete(store.oid);
    }
    // A sequence may have counted while a large commit was applied: what has no catalog of its own leaves it alone.
    if (this.#catalogAfter !== undefined) this.#database.newest = this.#catalogBefore;
    if (this.#sharedAfter !== undefined) this.#state.shared.newest = this.#sharedBefore;
  }

  #create(store: TableStore): void {
    this.#plain.setIndexes(store, store.newest, this.#undo);
    this.#state.tables.set(store.oid, store);
    this.#state.layers.set({ store, partitions: [] });
    this.#created.push(store);
  }

  #alter(table: TableStore['newest']): void {
    const store = this.#store(table.oid);
    const before = store.newest;
    const { size, tagNumbers } = store.series;
    store.newest = table;
    this.staged.freezeChanged(store, table);
    for (const tag of tagDefinitions(table)) store.series.addTag(tag);
    this.#plain.setIndexes(store, table, this.#undo);
    this.#undo.push(() => {
      store.newest = before;
      store.series.truncate(size, tagNumbers);
    });
  }

  #applyObject(operation: ObjectOperation): void {
    if (
      (operation.kind === 'put-object' && isShared(operation.object)) ||
      (operation.kind === 'drop-object' && isSharedKey(operation.key))
    ) {
      this.#applyShared(operation);
      return;
    }
    const catalog = this.#database.newest.with(this.#catalogChanges);
    const change = this.#objects.apply(operation, catalog, this.#undo);
    if (change === undefined) return;
    this.#catalogChanges.push(change);
    if (change.kind !== 'put-enum') return;
    const changed = catalog.with([change]);
    for (const { oid } of catalog.tables()) {
      const table = changed.tableByOid(oid)!;
      if (table !== catalog.tableByOid(oid)) this.#alter(table);
    }
  }

  /** Of what all databases share. A database is there as soon as it is listed, and with what every one begins with. */
  #applyShared(operation: PutObject | DropObject): void {
    const state = this.#state;
    const change = this.#objects.apply(operation, state.shared.newest.with(this.#sharedChanges), this.#undo);
    if (change?.kind !== 'put-object' && change?.kind !== 'drop-object') return;
    this.#sharedChanges.push(change);
    const { object } = change;
    if (object.kind !== 'database') return;
    const known = state.databases.get(object.oid);
    if (change.kind === 'drop-object') {
      if (known === undefined) return;
      known.isDropped = true;
      this.#undo.push(() => {
        known.isDropped = false;
      });
      this.#databasesDropped.push(object.oid);
    } else if (known === undefined) {
      const added = state.addDatabase(object);
      added.newest = CatalogVersion.empty;
      added.published = CatalogVersion.empty;
      this.#undo.push(() => state.databases.delete(object.oid));
    }
  }

  #assertTypes({ oid, columns }: TableDescriptor): void {
    for (const { name, type } of columns) {
      if (!isLostEnum(type.definition)) continue;
      const typeOid = type.definition.oid;
      throw new CorruptionError(`commit ${this.lsn}: column "${name}" of table ${oid} has unknown type ${typeOid}`);
    }
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

  *#addRows(operation: AppendRows, filter: ReplayFilter | undefined): Generator<void, void, undefined> {
    const store = this.#store(operation.tableOid);
    for (const block of operation.blocks) {
      if (block.rowIds !== undefined && block.rowCount > 0) {
        store.nextRowId = Math.max(store.nextRowId, block.rowIds[block.rowCount - 1] + 1);
      }
      if (filter?.hasRows(this.lsn, store.oid, block.partition) === true) continue;
      const stepRows = Math.ceil(STEP_ROWS / applyingEffort(store));
      for (let from = 0; from < block.rowCount; from += stepRows) {
        if (from > 0) yield;
        const part = sliceBlock(block, from, Math.min(from + stepRows, block.rowCount));
        this.#addBlock(store, part, operation.schemaVersion);
      }
      yield;
    }
    store.lastAppendLsn = this.lsn;
  }

  #addBlock(store: TableStore, block: RowBlock, schemaVersion: number): void {
    const memtable = this.#memtable(store, block.partition, schemaVersion);
    if (memtable.rowCount === 0) memtable.schemaVersion = schemaVersion;
    this.rowsWritten.push({ store, memtable, rowCountBefore: memtable.rowCount });
    memtable.append(block);
    memtable.mark(this.lsn);
    if (store.newest.timeSeries !== undefined) {
      store.series.lastRows.noteRows(block, this.lsn);
      this.#undo.push(() => store.series.lastRows.forgetRows(block));
    }
    this.#plain.addRows(store, block, this.#undo);
  }

  *#deleteRows(
    operation: DeleteRows,
    resolution: DeleteResolution,
    filter: ReplayFilter | undefined,
  ): Generator<void, void, undefined> {
    const store = this.#store(operation.tableOid);
    for (const block of operation.blocks) {
      if (filter?.hasRows(this.lsn, store.oid, block.partition) === true) continue;
      const partition = findPartition(this.#state.layers.table(store.oid)!, block.partition);
      if (partition === undefined) continue;
      if (block.rowIds === undefined) {
        // Whoever looks first for keys in a memtable makes an index of them.
        for (const memtable of memtablesOf(partition)) while (memtable.prepareKeys(STEP_ROWS)) yield;
      }
      this.#noteDelete(store, block.partition);
      for (const segment of partition.segments) {
        for (const row of resolution.positionsOf(block, segment)) if (row >= 0) segment.deletes.add(row, this.lsn);
      }
      for (const memtable of memtablesOf(partition)) deleteNamed(memtable, block, this.lsn);
      store.series.lastRows.forgetRows(block);
      if (block.rowIds !== undefined) this.#plain.endRows(store, block.rowIds, this.#undo);
      yield;
    }
  }

  #truncate(tableOid: number, filter: ReplayFilter | undefined): void {
    const store = this.#store(tableOid);
    this.#plain.truncate(store, this.#undo);
    for (const partition of this.#state.layers.table(tableOid)!.partitions) {
      if (filter?.hasRows(this.lsn, tableOid, partition.partition) === true) continue;
      this.#noteDelete(store, partition.partition);
      this.emptied.push({ store, partition: partition.partition });
      for (const { deletes, entry } of partition.segments) deletes.clear(entry.rowCount, this.lsn);
      for (const { deletes, rowCount } of memtablesOf(partition)) deletes.clear(rowCount, this.lsn);
      store.series.lastRows.forgetBefore(this.lsn);
    }
  }

  /** The rows that come now may have other types. */
  #freezeAll(tableOid: number): void {
    const store = this.#store(tableOid);
    for (const { active } of this.#state.layers.table(tableOid)!.partitions) {
      if (active !== undefined && active.rowCount > 0) this.#freeze(store, active);
    }
  }

  /** From here on deletes of this commit may stand in the layers of the partition, until it is taken back. */
  #noteDelete(store: TableStore, partition: number): void {
    this.rowsDeleted.push({ store, partition });
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

  #memtable(store: TableStore, partition: number, schemaVersion: number): Memtable {
    const targets = this.#targets.get(store) ?? new Map<number, Memtable>();
    this.#targets.set(store, targets);
    const memtable = targets.get(partition) ?? this.#activeMemtable(store, partition, schemaVersion);
    targets.set(partition, memtable);
    return memtable;
  }

  #activeMemtable(store: TableStore, partition: number, schemaVersion: number): Memtable {
    const { layers } = this.#state;
    const known = findPartition(layers.table(store.oid)!, partition)?.active;
    if (known !== undefined) {
      // Rows from before and after a column that came with a value must not stand in one memtable.
      const isSame = known.rowCount === 0 || MissingColumns.of(store.newest).isSame(known.schemaVersion, schemaVersion);
      if (isSame) return known;
      this.#freeze(store, known);
    }
    const table = layers.table(store.oid)!;
    const { frozen, segments } = findPartition(table, partition) ?? { frozen: [], segments: [] };
    const active = new Memtable(partition, 'shared');
    layers.set(withPartition(table, { partition, active, frozen, segments }));
    return active;
  }

  /** Later rows go to another memtable, whether the commit is published or not. */
  #freeze(store: TableStore, memtable: Memtable): void {
    const { layers } = this.#state;
    const table = layers.table(store.oid)!;
    const { partition, frozen, segments } = findPartition(table, memtable.partition)!;
    this.staged.frozen.push({ store, memtable });
    layers.set(withPartition(table, { partition, active: undefined, frozen: [...frozen, memtable], segments }));
  }

  #store(oid: number): TableStore {
    const store = this.#state.tables.get(oid);
    if (store === undefined) throw new CorruptionError(`commit ${this.lsn} is for table ${oid}, which does not exist`);
    invariant(!store.isDropped, 'nothing is written to a dropped table');
    return store;
  }
}

/** Of a row, in rows of a table without indexes. */
export function applyingEffort({ plain }: TableStore): number {
  return plain === undefined ? 1 : 1 + plain.indexes.size * ROWS_PER_INDEX;
}

/** Whether the commit gives the table another version and other rows. */
function isRewritten({ operations }: CommitRecord, tableOid: number): boolean {
  return operations.some((operation) => operation.kind === 'alter-table' && operation.table.oid === tableOid);
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
