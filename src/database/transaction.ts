import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch } from '../columnar/batch.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { UniqueKeyReader } from '../storage/index/unique-key-index.ts';
import { KeyCheck, uniqueViolation } from '../storage/key-check.ts';
import type { Memtable } from '../storage/memtable/memtable.ts';
import { StoredTable } from '../storage/scan/stored-table.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { mergesVersions, visibleColumns } from '../storage/table-identity.ts';
import { appendRows } from '../storage/versions/append-rows.ts';
import type { CatalogVersion } from '../storage/versions/catalog-version.ts';
import { commitOperations, duplicateTable, undefinedTable } from '../storage/versions/commit-write-set.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
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
  #overlaid: { base: CatalogVersion; changeCount: number; catalog: CatalogVersion } | undefined;
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
      const turn = this.#engine.whenWritable();
      if (turn !== undefined) await turn;
      for (let pending = this.#recheckKeys(); pending !== undefined; pending = this.#recheckKeys()) await pending;
      // From here to the append nothing is awaited: the checks hold.
      const database = this.#engine.state.databases.get(this.#databaseOid)!;
      const operations = commitOperations(this.#writes, this.#engine.state, database);
      if (operations.length > 0) await this.#engine.commit(this.#databaseOid, operations);
    } finally {
      this.#end();
    }
  }

  /** No error if it has ended already. */
  rollback(): void {
    if (this.#isOpen) this.#end();
  }

  async #append(descriptor: TableDescriptor, rows: Batch): Promise<void> {
    const rowCounts = new Map<Memtable, number>();
    for (const memtable of this.#writes.table(descriptor.oid)?.memtables.values() ?? []) {
      rowCounts.set(memtable, memtable.rowCount);
    }
    const store = this.#engine.state.tables.get(descriptor.oid);
    const writes = appendRows(this.#writes, descriptor, store, rows);
    if (mergesVersions(descriptor)) await this.#keyCheck.checkAdded(writes, rowCounts);
    else if (writes.uniqueKeys !== undefined) this.#checkUniqueKeys(writes, descriptor, rows);
  }

  /** Keys of a plain table: against the table's and this transaction's own, row by row. */
  #checkUniqueKeys(writes: TableWrites, descriptor: TableDescriptor, rows: Batch): void {
    const committed = this.#engine.state.tables.get(descriptor.oid)?.uniqueKeys;
    const own = writes.uniqueKeys!;
    const columns = visibleColumns(descriptor);
    const columnOf = (number: number) => rows.columns[columns.findIndex((column) => column.number === number)];
    const added = new Set<string>();
    for (let row = 0; row < rows.rowCount; row++) {
      const key = own.reader.keyAt(columnOf, row);
      if (committed?.has(key) === true || own.has(key) || added.has(key)) {
        throw uniqueViolation(descriptor, own.reader.valuesAt(columnOf, row));
      }
      added.add(key);
    }
    this.#writes.addKeys(own, [...added]);
  }

  /** A promise when something has to be read, after which all is asked again. */
  #recheckKeys(): Promise<void> | undefined {
    for (const writes of this.#writes.tables()) {
      if (writes.rowCount === 0) continue;
      if (mergesVersions(writes.descriptor)) {
        const pending = this.#keyCheck.recheck(writes);
        if (pending !== undefined) return pending;
      }
      const committed = this.#engine.state.tables.get(writes.tableOid)?.uniqueKeys;
      if (committed === undefined || writes.uniqueKeys === undefined) continue;
      const reader = new UniqueKeyReader(writes.descriptor);
      for (const memtable of writes.memtables.values()) {
        for (const block of memtable.blocks()) {
          const columnOf = (number: number) => block.columns.find((column) => column.number === number)?.column;
          for (let row = 0; row < block.rowCount; row++) {
            if (!committed.has(reader.keyAt(columnOf, row))) continue;
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
    if (this.#overlaid?.base !== base || this.#overlaid.changeCount !== changes.length) {
      this.#overlaid = { base, changeCount: changes.length, catalog: base.with(changes) };
    }
    return this.#overlaid.catalog;
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
    this.#base?.release();
    this.#base = undefined;
  }
}
