import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch } from '../columnar/batch.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { DeleteResolution } from '../storage/deletes/delete-resolution.ts';
import { type RowNames, rowNamesOf, selectNames } from '../storage/deletes/row-names.ts';
import { UniqueKeyReader } from '../storage/index/unique-key-index.ts';
import { KeyCheck, uniqueViolation } from '../storage/key-check.ts';
import type { Memtable } from '../storage/memtable/memtable.ts';
import { StoredTable } from '../storage/scan/stored-table.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { mergesVersions, visibleColumns } from '../storage/table-identity.ts';
import { appendRows } from '../storage/versions/append-rows.ts';
import type { CatalogChange, CatalogVersion } from '../storage/versions/catalog-version.ts';
import {
  commitOperations,
  duplicateTable,
  namesToDelete,
  undefinedTable,
} from '../storage/versions/commit-write-set.ts';
import { deleteRows } from '../storage/versions/delete-rows.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import type { LockWait } from '../storage/versions/table-locks.ts';
import { assertUnchanged } from '../storage/versions/write-conflicts.ts';
import type { TableWrites } from '../storage/versions/write-set.ts';
import { WriteSet } from '../storage/versions/write-set.ts';
import { describeNewTable, type NewTable } from './new-table.ts';

export interface TransactionOptions {
  /** Default `read committed`. */
  readonly isolation?: 'read committed' | 'repeatable read' | undefined;
  readonly isReadOnly?: boolean | undefined;
}

/**
 * A transaction: what it writes stays its own until `commit`. READ COMMITTED sees the newest commits with each
 * statement, REPEATABLE READ those before its first one; both see their own earlier statements.
 */
export class Transaction {
  /** µs since 2000-01-01 UTC. */
  readonly startMicros: number;
  readonly isolation: 'read committed' | 'repeatable read';
  readonly isReadOnly: boolean;
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #keyCheck: KeyCheck;
  readonly #writes = new WriteSet();
  /** The one view of a REPEATABLE READ transaction, once it has looked. */
  #base: StoredSnapshot | undefined;
  /** The last catalog with this transaction's changes, and what it was made of. */
  #overlaid: { base: CatalogVersion; changes: readonly CatalogChange[]; catalog: CatalogVersion } | undefined;
  #isOpen = true;

  constructor(engine: StorageEngine, databaseOid: number, startMicros: number, options: TransactionOptions) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#keyCheck = new KeyCheck(engine.state);
    this.startMicros = startMicros;
    this.isolation = options.isolation ?? 'read committed';
    this.isReadOnly = options.isReadOnly ?? false;
  }

  /** The tables that the next statement sees. Immutable: a statement holds on to what it was given. */
  catalog(): CatalogReader {
    return this.#catalog();
  }

  /** The view of one statement; to be released when it ends. */
  snapshot(): Snapshot {
    this.#assertOpen();
    const overlay = this.#writes.view();
    if (this.isolation === 'repeatable read') return this.#baseSnapshot().withOverlay(overlay);
    return this.#engine.snapshot(this.#databaseOid, overlay);
  }

  /** A stored table of `catalog()`, to be scanned with a snapshot of this transaction. */
  table(oid: number): Table | undefined {
    const descriptor = this.#catalog().tableByOid(oid);
    return descriptor === undefined ? undefined : new StoredTable(descriptor);
  }

  /** Throws 42P07 when the name is taken; 0A000 for keys that cannot be kept. */
  createTable(definition: NewTable): TableDescriptor {
    this.#assertWritable('CREATE TABLE');
    if (this.#catalog().table(definition.schemaName, definition.name) !== undefined) throw duplicateTable(definition);
    const table = describeNewTable(definition, this.#catalog(), () => this.#engine.state.takeOid());
    this.#writes.changeCatalog({ kind: 'put', table });
    return table;
  }

  dropTable(oid: number): void {
    this.#assertWritable('DROP TABLE');
    const table = this.#catalog().tableByOid(oid);
    if (table === undefined) throw undefinedTable({ name: String(oid) });
    this.#writes.changeCatalog({ kind: 'drop', table });
  }

  /**
   * Adds full rows: one column per visible column of the table, in table order. Throws 23502, 22008 and 23505, of the
   * latter those that show by now; others may come at commit. Returns how many rows there were.
   */
  async append(tableOid: number, rows: Batch): Promise<number> {
    this.#assertWritable('INSERT');
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    const descriptor = this.#catalog().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    const mark = this.#writes.mark();
    try {
      await this.#append(descriptor, rows);
    } catch (error) {
      this.#writes.rollbackTo(mark);
      throw error;
    }
    return rows.rowCount;
  }

  /**
   * Takes the writer's lock of a table, which the transaction keeps to its end; appends of others run on. A statement that
   * deletes or updates rows takes it before its snapshot: then no row of the snapshot is changed by anyone else (READ
   * COMMITTED), or a change since the transaction's snapshot is found (REPEATABLE READ). Rejects with 55P03 when the time
   * is up, 40P01 where waiting would never end, and with what `wait.control` throws.
   */
  async lockForWrite(tableOid: number, wait: LockWait = {}): Promise<void> {
    this.#assertOpen();
    await this.#engine.locks.acquire(tableOid, this, wait);
  }

  /**
   * Deletes rows that a snapshot of this transaction has shown, named by the columns of `rowNameColumns` in their order;
   * needs `lockForWrite`. Of a point every version goes. Rejects with 40001 under REPEATABLE READ. Returns how many rows
   * there were, each counted once.
   */
  async delete(tableOid: number, rowNames: Batch): Promise<number> {
    const { descriptor, names } = await this.#namedRows('DELETE', tableOid, rowNames);
    const store = this.#engine.state.tables.get(tableOid);
    return deleteRows(this.#writes, this.#writes.openTable(descriptor, store), names, store).length;
  }

  /**
   * Puts row i of `newRows` (as `append` takes them) in the place of the row that `rowNames` names at i; needs
   * `lockForWrite`. A row that is named again is updated once, the first time. Keys are checked for all rows together, so
   * that they may move up among themselves. Rejects with 40001 under REPEATABLE READ, 23502, 22008 and 23505, and then
   * nothing was changed. Returns how many rows there were.
   */
  async update(tableOid: number, rowNames: Batch, newRows: Batch): Promise<number> {
    invariant(rowNames.rowCount === newRows.rowCount, 'every row that is named is replaced');
    const turn = this.#engine.whenWritable();
    if (turn !== undefined) await turn;
    const { descriptor, names } = await this.#namedRows('UPDATE', tableOid, rowNames);
    const store = this.#engine.state.tables.get(tableOid);
    const mark = this.#writes.mark();
    try {
      const rows = deleteRows(this.#writes, this.#writes.openTable(descriptor, store), names, store);
      const isWhole = rows.length === newRows.rowCount;
      const replacing = isWhole ? newRows : gatherBatch(newRows, Uint32Array.from(rows), rows.length);
      await this.#append(descriptor, replacing, isWhole ? names : selectNames(names, rows));
      return rows.length;
    } catch (error) {
      this.#writes.rollbackTo(mark);
      throw error;
    }
  }

  /** Deletes all rows of a table, whoever wrote them before the commit; needs `lockForWrite`. */
  truncate(tableOid: number): void {
    const descriptor = this.#lockedTable('TRUNCATE TABLE', tableOid);
    this.#writes.truncate(this.#writes.openTable(descriptor, this.#engine.state.tables.get(tableOid)));
  }

  /** Where `rollbackStatement` can return to. */
  markStatement(): number {
    return this.#writes.mark();
  }

  /** Takes back everything since the mark. */
  rollbackStatement(mark: number): void {
    this.#writes.rollbackTo(mark);
  }

  /**
   * Publishes the transaction's writes, all or nothing; resolves when they are durable and visible. Throws 42P07, 42P01 or
   * 23505 when another transaction was faster, 53100 or 58030 when it cannot be written: then it is rolled back.
   */
  async commit(): Promise<void> {
    this.#assertOpen();
    try {
      if (this.#writes.isEmpty) return;
      const turn = this.#writes.onlyDrops ? undefined : this.#engine.whenWritable();
      if (turn !== undefined) await turn;
      const { state } = this.#engine;
      const deletes = namesToDelete(this.#writes, state);
      const resolution = new DeleteResolution(deletes);
      for (;;) {
        this.#engine.hearRejection();
        const pending = this.#recheckKeys() ?? resolution.prepare(state);
        if (pending === undefined) break;
        await pending;
      }
      // From here to the append nothing is awaited: the checks hold.
      const database = state.databases.get(this.#databaseOid)!;
      const operations = commitOperations(this.#writes, state, { database, deletes });
      if (operations.length > 0) await this.#engine.commit(this.#databaseOid, operations, resolution);
    } finally {
      this.#end();
    }
  }

  /** No error if it has ended already. */
  rollback(): void {
    if (this.#isOpen) this.#end();
  }

  #lockedTable(command: string, tableOid: number): TableDescriptor {
    this.#assertWritable(command);
    const descriptor = this.#catalog().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    invariant(this.#engine.locks.isHeldBy(tableOid, this), 'rows are changed under the lock of their table');
    return descriptor;
  }

  async #namedRows(
    command: string,
    tableOid: number,
    rowNames: Batch,
  ): Promise<{ descriptor: TableDescriptor; names: RowNames }> {
    const descriptor = this.#lockedTable(command, tableOid);
    const names = rowNamesOf(descriptor, rowNames);
    if (this.isolation === 'repeatable read') {
      await assertUnchanged(this.#engine.state, this.#baseSnapshot(), descriptor, names);
    }
    return { descriptor, names };
  }

  async #append(descriptor: TableDescriptor, rows: Batch, replaced?: RowNames): Promise<void> {
    const rowCounts = new Map<Memtable, number>();
    for (const memtable of this.#writes.table(descriptor.oid)?.memtables.values() ?? []) {
      rowCounts.set(memtable, memtable.rowCount);
    }
    const store = this.#engine.state.tables.get(descriptor.oid);
    // REPEATABLE READ goes on showing a table that another transaction has dropped; nothing can be added to it.
    if (store === undefined && !this.#writes.hasCreated(descriptor.oid)) throw undefinedTable(descriptor);
    const writes = appendRows(this.#writes, descriptor, store, rows, replaced);
    if (mergesVersions(descriptor)) await this.#keyCheck.checkAdded(writes, rowCounts);
    else if (writes.uniqueKeys !== undefined) this.#checkUniqueKeys(writes, descriptor, rows);
  }

  /** Keys of a plain table: against the table's and this transaction's own, row by row. */
  #checkUniqueKeys(writes: TableWrites, descriptor: TableDescriptor, rows: Batch): void {
    const own = writes.uniqueKeys!;
    const columns = visibleColumns(descriptor);
    const columnOf = (number: number) => rows.columns[columns.findIndex((column) => column.number === number)];
    const added = new Set<string>();
    for (let row = 0; row < rows.rowCount; row++) {
      const key = own.reader.keyAt(columnOf, row);
      if (own.has(key) || added.has(key) || this.#isTaken(writes, key)) {
        throw uniqueViolation(descriptor, own.reader.valuesAt(columnOf, row));
      }
      added.add(key);
    }
    const firstRowId = writes.nextRowId - rows.rowCount;
    this.#writes.addKeys(
      own,
      [...added],
      Array.from(added, (_, row) => firstRowId + row),
    );
  }

  /** Whether a committed row has the key, and keeps it. */
  #isTaken(writes: TableWrites, key: string): boolean {
    if (writes.isTruncated) return false;
    const holder = this.#engine.state.tables.get(writes.tableOid)?.uniqueKeys?.holderOf(key) ?? -1;
    return holder >= 0 && writes.deleted.find(0, 0, 0, holder) < 0;
  }

  /** A promise when something has to be read, after which all is asked again. */
  #recheckKeys(): Promise<void> | undefined {
    for (const writes of this.#writes.tables()) {
      if (writes.rowCount === 0) continue;
      if (mergesVersions(writes.descriptor)) {
        const pending = this.#keyCheck.recheck(writes);
        if (pending !== undefined) return pending;
      }
      if (writes.uniqueKeys === undefined) continue;
      const reader = new UniqueKeyReader(writes.descriptor);
      for (const memtable of writes.memtables.values()) {
        for (const block of memtable.liveBlocks()) {
          const columnOf = (number: number) => block.columns.find((column) => column.number === number)?.column;
          for (let row = 0; row < block.rowCount; row++) {
            if (!this.#isTaken(writes, reader.keyAt(columnOf, row))) continue;
            throw uniqueViolation(writes.descriptor, reader.valuesAt(columnOf, row));
          }
        }
      }
    }
    return undefined;
  }

  #catalog(): CatalogVersion {
    this.#assertOpen();
    const base =
      this.isolation === 'repeatable read'
        ? this.#baseSnapshot().catalog
        : this.#engine.state.databases.get(this.#databaseOid)!.published;
    const changes = this.#writes.catalogChanges;
    if (changes.length === 0) return base;
    const known = this.#overlaid;
    // Not just as many: after a return to a savepoint there may be others.
    const isSame = known?.changes.length === changes.length && known.changes.at(-1) === changes.at(-1);
    if (known?.base === base && isSame) return known.catalog;
    const catalog = base.with(changes);
    this.#overlaid = { base, changes: [...changes], catalog };
    return catalog;
  }

  #baseSnapshot(): StoredSnapshot {
    this.#base ??= this.#engine.snapshot(this.#databaseOid, undefined);
    return this.#base;
  }

  #assertOpen(): void {
    invariant(this.#isOpen, 'an ended transaction is not used');
  }

  #assertWritable(command: string): void {
    this.#assertOpen();
    if (!this.isReadOnly) return;
    throw new SqlError(SqlState.ReadOnlySqlTransaction, `cannot execute ${command} in a read-only transaction`);
  }

  #end(): void {
    this.#isOpen = false;
    this.#engine.locks.releaseAll(this);
    this.#base?.release();
    this.#base = undefined;
  }
}
