import type { IndexDescriptor } from '../catalog/index-descriptor.ts';
import type { ScanControl, Snapshot } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { LockWait } from '../catalog/table-locking.ts';
import type { Batch } from '../columnar/batch.ts';
import { concurrentChange } from '../errors/concurrent-change.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { nextTurn } from '../platform/next-turn.ts';
import type { CommitOperation } from '../storage/commit/commit-operation.ts';
import type { RowNames } from '../storage/deletes/row-names.ts';
import type { PlainCommit } from '../storage/index/applied-plain.ts';
import { BuiltIndexes } from '../storage/index/built-indexes.ts';
import { KeyEncoder } from '../storage/index/key-encoder.ts';
import type { KeyIndex } from '../storage/index/key-index.ts';
import { UniqueCheck } from '../storage/index/unique-check.ts';
import type { StagedPlace } from '../storage/staging/staged-keys.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { visibleColumns } from '../storage/table-identity.ts';
import type { RowLockMode, RowLockWait } from '../storage/versions/row-locks.ts';
import { RowReplacements } from '../storage/versions/row-replacements.ts';
import type { TableWrites, WriteSet } from '../storage/versions/write-set.ts';
import { buildMissingIndexes } from './build-missing-indexes.ts';
import { findKeyRows, type KeyRows } from './find-key-rows.ts';
import { type LockedRows, lockRows } from './lock-rows.ts';
import { type FoundRows, lookupKeys } from './lookup-keys.ts';

export interface PlainRowsOptions {
  readonly engine: StorageEngine;
  readonly writes: WriteSet;
  /** The transaction, as locks know it. */
  readonly owner: object;
  /** The LSN that a REPEATABLE READ transaction sees; undefined under READ COMMITTED. */
  readonly baseLsn: () => number | undefined;
}

/** Rows of plain tables with indexes stay in memory until the commit. */
const MAX_OWN_BYTES = 1 << 29;

/** What a transaction does with plain tables beyond their rows: keys, row locks, indexes. */
export class PlainRows {
  readonly #options: PlainRowsOptions;
  /** Indexes that the transaction has built: the tables' once it has committed. */
  readonly #built = new BuiltIndexes();
  readonly #check: UniqueCheck;
  /** By table, what the commit has put in the place of rows; empty until then. */
  #replaced: ReadonlyMap<number, RowReplacements> = new Map();
  /** What SET CONSTRAINTS has said of all constraints, and of single ones since. */
  #allAreDeferred: boolean | undefined;
  readonly #deferred = new Map<number, boolean>();

  constructor(options: PlainRowsOptions) {
    this.#options = options;
    this.#check = new UniqueCheck(options.engine.state, options.owner, this.#built);
  }

  lookup(table: TableDescriptor, indexOid: number, keys: Batch, view: 'current' | Snapshot): Promise<FoundRows> {
    const { engine, writes } = this.#options;
    return lookupKeys({ engine, table, writes: writes.table(table.oid), built: this.#built }, indexOid, keys, view);
  }

  findKeys(table: TableDescriptor, indexOids: readonly number[], rows: Batch, wait: LockWait): Promise<KeyRows> {
    const { engine, writes, owner } = this.#options;
    const context = { engine, table, writes: writes.table(table.oid), built: this.#built };
    return findKeyRows(context, indexOids, rows, { owner, wait });
  }

  lockRows(table: TableDescriptor, rowIds: Float64Array, mode: RowLockMode, wait: RowLockWait): Promise<LockedRows> {
    const { engine, owner, writes, baseLsn } = this.#options;
    return lockRows({ engine, table, owner, writes: writes.table(table.oid), baseLsn: baseLsn() }, rowIds, mode, wait);
  }

  /** Throws 53200 where more rows of an indexed table would take more memory than there is for them. */
  assertRoom({ oid, timeSeries, indexes, name }: TableDescriptor): void {
    if (timeSeries !== undefined || indexes.length === 0) return;
    const { engine, writes } = this.#options;
    engine.state.indexMemory.assertRoom();
    const sizeBytes = writes.table(oid)?.sizeBytes ?? 0;
    if (sizeBytes <= MAX_OWN_BYTES) return;
    throw new SqlError(SqlState.OutOfMemory, `a transaction has written too many rows to table "${name}"`, {
      detail: `They take ${sizeBytes} bytes, of ${MAX_OWN_BYTES} allowed for a table with indexes.`,
      hint: 'Write the rows in several transactions, or create the indexes afterwards.',
    });
  }

  /**
   * Locks rows that are about to be changed, unless they are. Rejects with 40001 when one has changed since it was read: the
   * caller should have locked it, and read it again.
   */
  async assertLocked(table: TableDescriptor, { rowIds }: RowNames, mode: RowLockMode, wait: LockWait): Promise<void> {
    const { engine, owner } = this.#options;
    const isLocked = (rowId: number) => engine.rowLocks.isHeldBy(table.oid, rowId, owner, mode);
    if (rowIds!.every(isLocked)) return;
    const { fates } = await this.lockRows(table, rowIds!, mode, wait);
    const fate = fates.find((candidate) => candidate !== 'current');
    if (fate === undefined) return;
    const what = fate === 'deleted' ? 'delete' : 'update';
    throw concurrentChange(what);
  }

  /** Others that want keys of the rows have to wait; `staged`: which of the rows the transaction has staged. */
  noteDeleted(writes: TableWrites, names: RowNames, staged: readonly StagedPlace[]): void {
    const { engine, owner } = this.#options;
    engine.state.tables.get(writes.tableOid)?.plain?.writers.set(owner, writes);
    if (staged.length === 0 || names.rowIds === undefined) return;
    const rowIds = names.rowIds;
    this.#options.writes.endStaged(
      writes,
      staged.map(({ name }) => rowIds[name]),
    );
  }

  /** The rows that were appended last stand in the place of others. */
  noteReplaced(writes: TableWrites, { rowIds }: RowNames): void {
    if (writes.descriptor.timeSeries !== undefined) return;
    this.#options.writes.noteReplacements(writes, rowIds!, writes.nextRowId - rowIds!.length);
  }

  changesKeys(table: TableDescriptor, rowIds: Float64Array, newRows: Batch): Uint8Array {
    const changes = new Uint8Array(rowIds.length);
    const plain = this.#options.engine.state.tables.get(table.oid)?.plain;
    const columns = visibleColumns(table);
    for (const descriptor of table.indexes) {
      const index = this.#built.indexFor(descriptor.oid, this.#options.writes.table(table.oid), plain);
      if (!descriptor.isUnique || index === undefined) continue;
      const encoder = new KeyEncoder(table, descriptor);
      encoder.read((number) => newRows.columns[columns.findIndex((column) => column.number === number)]);
      for (let row = 0; row < rowIds.length; row++) {
        encoder.ofRow(row);
        if (!index.entries.has(encoder.key, rowIds[row])) changes[row] = 1;
      }
    }
    return changes;
  }

  deferKeys(indexOids: readonly number[] | undefined, isDeferred: boolean): void {
    const [all, single] = [this.#allAreDeferred, [...this.#deferred]];
    this.#options.writes.note(() => {
      this.#allAreDeferred = all;
      this.#deferred.clear();
      for (const [oid, mode] of single) this.#deferred.set(oid, mode);
    });
    if (indexOids === undefined) {
      this.#allAreDeferred = isDeferred;
      this.#deferred.clear();
    } else for (const oid of indexOids) this.#deferred.set(oid, isDeferred);
  }

  get hasDeferredKeys(): boolean {
    for (const { descriptor, ownKeys, nextRowId, rowCount } of this.#options.writes.tables()) {
      const isPending = ({ oid }: IndexDescriptor) =>
        this.#isDeferred(descriptor, oid) && (ownKeys.known(oid)?.claimedUpTo ?? 0) < nextRowId;
      if (rowCount > 0 && descriptor.indexes.some(isPending)) return true;
    }
    return false;
  }

  async checkKeys(wait: LockWait, { isEnd }: { readonly isEnd: boolean }): Promise<void> {
    for (const writes of this.#options.writes.tables()) {
      if (isEnd) await this.#claim(writes, () => false, wait);
      else await this.checkKeysOf(writes, wait);
    }
  }

  /** The keys of one table, less those of deferred constraints. */
  async checkKeysOf(writes: TableWrites, wait: LockWait): Promise<void> {
    await this.#claim(writes, (indexOid) => this.#isDeferred(writes.descriptor, indexOid), wait);
  }

  buildIndexes(table: TableDescriptor, control: ScanControl): Promise<void> {
    const { engine, writes } = this.#options;
    const pause = () => control.yieldIfDue();
    return buildMissingIndexes({ engine, table, writes: writes.table(table.oid), built: this.#built }, { pause });
  }

  /** Before the commit: all keys are checked, deferred ones too, and all indexes are there. */
  async prepareCommit(wait: LockWait): Promise<void> {
    const { engine, writes } = this.#options;
    const catalog = this.#newTables();
    for (const table of catalog.values()) {
      const context = { engine, table, writes: writes.table(table.oid), built: this.#built };
      await buildMissingIndexes(context, { pause: () => nextTurn(), isCommitting: true });
    }
    for (const table of writes.tables()) await this.#claim(table, () => false, wait);
  }

  /** What the tables are to have when the operations are applied, which `commitOperations` has just made. */
  commit(operations: readonly CommitOperation[]): PlainCommit {
    const replacements = new Map<number, RowReplacements>();
    for (const writes of this.#options.writes.tables()) {
      if (writes.replacements.size === 0) continue;
      replacements.set(writes.tableOid, new RowReplacements(writes, firstRowIdOf(operations, writes.tableOid)));
    }
    this.#replaced = replacements;
    return { built: this.#built.toCommit((oid) => this.#options.writes.table(oid)), replacements };
  }

  /** The transaction has ended: nobody waits for it or its rows any more. */
  end(): void {
    const { engine, writes, owner } = this.#options;
    const { tables } = engine.state;
    for (const table of writes.tables()) {
      tables.get(table.tableOid)?.plain?.writers.delete(owner);
      table.ownKeys.release();
    }
    for (const [oid, { entries }] of this.#built.all()) if (!this.#isKept(oid, entries)) entries.release();
    this.#carryLocks();
    engine.rowLocks.releaseAll(owner);
    engine.ends.noteEnd(owner);
  }

  /** Rows that others have locked too go on being locked by them. */
  #carryLocks(): void {
    const { engine, writes, owner } = this.#options;
    for (const [tableOid, replacements] of this.#replaced) {
      if (!engine.rowLocks.hasShared(tableOid)) continue;
      for (const rowId of writes.table(tableOid)?.replacements.keys() ?? []) {
        const newRowId = replacements.replacedBy(rowId);
        if (newRowId >= 0) engine.rowLocks.carryOver(tableOid, rowId, newRowId, owner);
      }
    }
  }

  async #claim(writes: TableWrites, isDeferred: (indexOid: number) => boolean, wait: LockWait): Promise<void> {
    const { engine, owner } = this.#options;
    for (;;) {
      const blocker = this.#check.claim(writes, isDeferred);
      if (blocker === undefined) return;
      if (blocker === 'turn') {
        await nextTurn();
        wait.control?.check();
      } else await engine.ends.waitFor(owner, blocker.owner, wait);
    }
  }

  #isDeferred(table: TableDescriptor, indexOid: number): boolean {
    const constraint = table.constraints.find(
      (candidate) => candidate.kind === 'key' && candidate.indexOid === indexOid,
    );
    if (constraint?.kind !== 'key' || !constraint.isDeferrable) return false;
    return this.#deferred.get(indexOid) ?? this.#allAreDeferred ?? constraint.isInitiallyDeferred;
  }

  /** The newest versions of the tables that the transaction has made or changed. */
  #newTables(): Map<number, TableDescriptor> {
    const tables = new Map<number, TableDescriptor>();
    for (const { kind, table } of this.#options.writes.tableChanges) {
      if (kind === 'put') tables.set(table.oid, table);
      else tables.delete(table.oid);
    }
    return tables;
  }

  #isKept(indexOid: number, entries: KeyIndex): boolean {
    for (const { plain } of this.#options.engine.state.tables.values()) {
      if (plain?.index(indexOid)?.entries === entries) return true;
    }
    return false;
  }
}

/** Of the rows that are appended to a table; 0 when there are none. */
function firstRowIdOf(operations: readonly CommitOperation[], tableOid: number): number {
  for (const operation of operations) {
    if (operation.kind === 'rows' && operation.tableOid === tableOid) return operation.blocks[0]?.rowIds?.[0] ?? 0;
  }
  return 0;
}
