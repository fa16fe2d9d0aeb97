import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { LockWait } from '../catalog/table-locking.ts';
import type { Batch, BatchStream } from '../columnar/batch.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import { concurrentChange } from '../errors/concurrent-change.ts';
import { invariant } from '../errors/invariant.ts';
import { type RowNames, rowNamesOf, selectNames } from '../storage/deletes/row-names.ts';
import { KeyCheck } from '../storage/key-check.ts';
import type { Memtable } from '../storage/memtable/memtable.ts';
import { locateStaged } from '../storage/staging/staged-deletes.ts';
import { findStagedDuplicate } from '../storage/staging/staged-keys.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { mergesVersions } from '../storage/table-identity.ts';
import { appendRows } from '../storage/versions/append-rows.ts';
import { undefinedTable } from '../storage/versions/catalog-operations.ts';
import type { CatalogVersion } from '../storage/versions/catalog-version.ts';
import { deleteRows } from '../storage/versions/delete-rows.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import { assertUnchanged } from '../storage/versions/write-conflicts.ts';
import type { TableWrites, WriteSet } from '../storage/versions/write-set.ts';
import type { PlainRows } from './plain-rows.ts';
import { onlyAddsColumns } from './schema-change/only-adds-columns.ts';
import { rewrittenRows } from './schema-change/replace-rows.ts';

/** How keys and rows of plain tables are waited for. */
export interface WriteOptions extends LockWait {
  /** More of the statement is to come, and then `checkKeys`: keys are not checked yet. */
  readonly isPart?: boolean;
  /**
   * Rows that have to leave memory may do so while the next ones are appended. Then nothing but `append` of rows for the same
   * table is to be called until `settle` has resolved; where that or a later `append` rejects, the statement's rows have to
   * be taken back.
   */
  readonly staysAhead?: boolean;
}

export interface RowWritesParts {
  readonly engine: StorageEngine;
  readonly databaseOid: number;
  readonly writes: WriteSet;
  readonly plainRows: PlainRows;
  /** The transaction, to which locks belong. */
  readonly lockOwner: object;
  /** Whether the transaction has not ended meanwhile. */
  readonly isOpen: () => boolean;
  readonly catalog: () => CatalogVersion;
  /** The view of a REPEATABLE READ transaction; undefined for READ COMMITTED. */
  readonly base: () => StoredSnapshot | undefined;
}

/**
 * How rows get into the write set of one transaction and out of it: locks, keys, what is staged. The methods are those of
 * `Transaction`, which says what they do.
 */
export class RowWrites {
  readonly #parts: RowWritesParts;
  readonly #engine: StorageEngine;
  readonly #writes: WriteSet;
  readonly #plainRows: PlainRows;
  readonly #keyCheck: KeyCheck;
  /** Rows that leave memory while others are appended. */
  #leaving: Promise<void> | undefined;

  constructor(parts: RowWritesParts) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.#writes = parts.writes;
    this.#plainRows = parts.plainRows;
    this.#keyCheck = new KeyCheck(parts.engine.state);
  }

  async append(tableOid: number, rows: Batch, options: WriteOptions = {}): Promise<number> {
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    const lock = this.#lockToAppend(tableOid);
    if (lock !== undefined) await lock;
    const descriptor = this.#parts.catalog().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    this.#assertSameLayout(descriptor);
    await this.#stageLargeTables(options.staysAhead === true ? descriptor : undefined);
    const mark = this.#writes.mark();
    try {
      const writes = await this.#append(descriptor, rows);
      if (options.isPart !== true) await this.#plainRows.checkKeysOf(writes, options);
    } catch (error) {
      this.#writes.rollbackTo(mark);
      throw error;
    } finally {
      this.#writes.releaseMark(mark);
    }
    return rows.rowCount;
  }

  /** Until the rows that leave memory behind `append` are on disk. */
  async settle(): Promise<void> {
    const leaving = this.#leaving;
    if (leaving === undefined) return;
    try {
      await leaving;
    } finally {
      if (this.#leaving === leaving) this.#leaving = undefined;
    }
  }

  async delete(tableOid: number, rowNames: Batch, wait: LockWait = {}): Promise<number> {
    const { descriptor, names } = await this.#namedRows(tableOid, rowNames);
    if (descriptor.timeSeries === undefined) await this.#plainRows.assertLocked(descriptor, names, 'update', wait);
    const store = this.#engine.state.tables.get(tableOid);
    const writes = this.#writes.openTable(descriptor, store);
    const staged = await locateStaged(writes, names);
    const rows = deleteRows(this.#writes, writes, names, store, staged);
    this.#plainRows.noteDeleted(writes, names, staged);
    return rows.length;
  }

  async update(tableOid: number, rowNames: Batch, newRows: Batch, options: WriteOptions = {}): Promise<number> {
    invariant(rowNames.rowCount === newRows.rowCount, 'every row that is named is replaced');
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    const { descriptor, names } = await this.#namedRows(tableOid, rowNames);
    if (descriptor.timeSeries === undefined) {
      const changes = this.#plainRows.changesKeys(descriptor, names.rowIds!, newRows);
      await this.#plainRows.assertLocked(descriptor, names, changes.includes(1) ? 'update' : 'no key update', options);
    }
    await this.#stageLargeTables();
    const store = this.#engine.state.tables.get(tableOid);
    const writes = this.#writes.openTable(descriptor, store);
    const staged = await locateStaged(writes, names);
    const mark = this.#writes.mark();
    try {
      const rows = deleteRows(this.#writes, writes, names, store, staged);
      const isWhole = rows.length === newRows.rowCount;
      const replacing = isWhole ? newRows : gatherBatch(newRows, Uint32Array.from(rows), rows.length);
      this.#plainRows.noteDeleted(writes, names, staged);
      const replaced = isWhole ? names : selectNames(names, rows);
      await this.#append(descriptor, replacing, replaced);
      this.#plainRows.noteReplaced(writes, replaced);
      if (options.isPart !== true) await this.#plainRows.checkKeysOf(writes, options);
      return rows.length;
    } catch (error) {
      this.#writes.rollbackTo(mark);
      throw error;
    } finally {
      this.#writes.releaseMark(mark);
    }
  }

  truncate(tableOid: number): void {
    const descriptor = this.#lockedTable(tableOid, 'write');
    this.#writes.truncate(this.#writes.openTable(descriptor, this.#engine.state.tables.get(tableOid)));
  }

  /** All rows of a table are replaced; `alter` puts its new version in the place of the present one. */
  async replace(alter: () => TableDescriptor, rows: BatchStream): Promise<void> {
    const mark = this.#writes.mark();
    try {
      const table = alter();
      this.#writes.replaceRows(this.#writes.openTable(table, this.#engine.state.tables.get(table.oid)));
      for await (const batch of rows) {
        const turn = this.#engine.whenWritable();
        if (turn !== undefined) await turn;
        await this.#stageLargeTables();
        const { rows: added, replaced } = rewrittenRows(table, batch);
        await this.#append(table, added, replaced);
      }
    } catch (error) {
      this.#writes.rollbackTo(mark);
      throw error;
    } finally {
      this.#writes.releaseMark(mark);
    }
  }

  /** A promise when something has to be read, after which all is asked again. */
  recheckKeys(): Promise<void> | undefined {
    for (const writes of this.#writes.tables()) {
      if (writes.rowCount === 0) continue;
      if (!mergesVersions(writes.descriptor)) continue;
      const pending = this.#keyCheck.recheck(writes);
      if (pending !== undefined) return pending;
    }
    return undefined;
  }

  #tableOf(tableOid: number): TableDescriptor {
    const descriptor = this.#parts.catalog().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    return descriptor;
  }

  /** Where a statement comes without the lock: it must not have waited for a change of the table. */
  #lockToAppend(tableOid: number): Promise<void> | undefined {
    const before = this.#parts.catalog().tableByOid(tableOid);
    return this.#engine.locks.acquire(tableOid, this.#parts.lockOwner, 'append')?.then(() => {
      if (this.#parts.catalog().tableByOid(tableOid) !== before) throw concurrentChange('update');
    });
  }

  /** REPEATABLE READ may see a table as it no longer is: rows for it would not be what the table takes now. */
  #assertSameLayout(descriptor: TableDescriptor): void {
    const base = this.#parts.base();
    if (base === undefined) return;
    const newest = this.#engine.state.databases.get(this.#parts.databaseOid)!.newest.tableByOid(descriptor.oid);
    const seen = base.catalog.tableByOid(descriptor.oid);
    if (newest !== undefined && seen !== undefined && !onlyAddsColumns(seen, newest)) throw concurrentChange('update');
  }

  #lockedTable(tableOid: number, mode: 'append' | 'write'): TableDescriptor {
    const descriptor = this.#tableOf(tableOid);
    const { locks } = this.#engine;
    invariant(locks.isHeldBy(tableOid, this.#parts.lockOwner, mode), 'rows are changed under the lock of their table');
    return descriptor;
  }

  async #namedRows(tableOid: number, rowNames: Batch): Promise<{ descriptor: TableDescriptor; names: RowNames }> {
    const isPlain = this.#tableOf(tableOid).timeSeries === undefined;
    if (isPlain) {
      const lock = this.#lockToAppend(tableOid);
      if (lock !== undefined) await lock;
    }
    const descriptor = this.#lockedTable(tableOid, isPlain ? 'append' : 'write');
    const names = rowNamesOf(descriptor, rowNames);
    const base = isPlain ? undefined : this.#parts.base();
    if (base !== undefined) await assertUnchanged(this.#engine.state, base, descriptor, names);
    return { descriptor, names };
  }

  async #append(descriptor: TableDescriptor, rows: Batch, replaced?: RowNames): Promise<TableWrites> {
    const rowCounts = new Map<Memtable, number>();
    for (const memtable of this.#writes.table(descriptor.oid)?.memtables.values() ?? []) {
      rowCounts.set(memtable, memtable.rowCount);
    }
    const store = this.#engine.state.tables.get(descriptor.oid);
    // REPEATABLE READ goes on showing a table that another transaction has dropped; nothing can be added to it.
    if (store === undefined && !this.#writes.hasCreated(descriptor.oid)) throw undefinedTable(descriptor);
    this.#plainRows.assertRoom(descriptor);
    const writes = appendRows(this.#writes, descriptor, store, rows, replaced);
    if (mergesVersions(descriptor)) {
      await this.#keyCheck.checkAdded(writes, rowCounts);
      if (!writes.staged.isEmpty) await this.#checkStagedKeys(writes, rowCounts);
    }
    return writes;
  }

  async #checkStagedKeys(writes: TableWrites, rowCounts: ReadonlyMap<Memtable, number>): Promise<void> {
    const found = await findStagedDuplicate(writes, rowCounts);
    if (found !== undefined) throw this.#keyCheck.violation(writes, found.memtable, found.row);
  }

  /**
   * Rows beyond what a transaction may have in memory go to disk, where the commit will find them. `ahead`: rows of this
   * table are about to be appended, which need not wait for it.
   */
  async #stageLargeTables(ahead?: TableDescriptor): Promise<void> {
    const large = this.#engine.stager.tablesToStage(this.#writes);
    if (ahead === undefined || large.length > 0) await this.settle();
    for (const writes of large) {
      const isAhead = ahead?.oid === writes.tableOid && ahead.timeSeries !== undefined && !mergesVersions(ahead);
      const staged = this.#stage(writes, isAhead);
      if (isAhead) {
        this.#leaving = staged;
        // It is waited for by the next step or by `settle`.
        staged.catch(() => {});
      } else await staged;
    }
  }

  async #stage(writes: TableWrites, isAhead: boolean): Promise<void> {
    const { stager } = this.#engine;
    if (isAhead) await stager.stageBehind(this.#writes, writes, this.#parts.databaseOid);
    else await stager.stage(this.#writes, writes, this.#parts.databaseOid);
    if (this.#parts.isOpen()) return;
    stager.drop(writes.staged.segments);
    writes.staged.forget();
    invariant(false, 'an ended transaction is not used');
  }
}
