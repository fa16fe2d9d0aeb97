import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { StoredView } from '../catalog/catalog-object.ts';
import type { CatalogReader, SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../catalog/enum-descriptor.ts';
import type { IndexCondition } from '../catalog/scan-request.ts';
import type { SequenceDescriptor, SequenceState } from '../catalog/sequence-descriptor.ts';
import type { ScanControl, Snapshot, Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { LockWait, TableLockMode } from '../catalog/table-locking.ts';
import type { Batch, BatchStream } from '../columnar/batch.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { StoredTable } from '../storage/scan/stored-table.ts';
import { TransactionSequences } from '../storage/sequences/transaction-sequences.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { undefinedTable } from '../storage/versions/catalog-operations.ts';
import type { CatalogChange, CatalogVersion } from '../storage/versions/catalog-version.ts';
import type { RowLockMode, RowLockWait } from '../storage/versions/row-locks.ts';
import {
  NOTHING_WRITTEN,
  type SerializableReads,
  type WrittenRows,
} from '../storage/versions/serializable-conflicts.ts';
import type { StoredSnapshot } from '../storage/versions/stored-snapshot.ts';
import { PROVISIONAL_ROW_ID, WriteSet } from '../storage/versions/write-set.ts';
import type { Int64 } from '../types/value.ts';
import { AccessWrites } from './access-writes.ts';
import { commitWrites } from './commit-writes.ts';
import type { KeyRows } from './find-key-rows.ts';
import type { LockedRows } from './lock-rows.ts';
import type { FoundRows } from './lookup-keys.ts';
import { newPoints } from './new-points.ts';
import type { NewTable } from './new-table.ts';
import { PlainRows } from './plain-rows.ts';
import { RowWrites, type WriteOptions } from './row-writes.ts';
import { withFirstNumbers } from './schema-change/first-column-numbers.ts';
import {
  type CommentPlace,
  type NewEnum,
  type NewSchema,
  type NewSequence,
  type NewView,
  SchemaWrites,
} from './schema-change/schema-writes.ts';
import { noteRead, writtenRows } from './serializable-rows.ts';
import { sharedCatalogOf } from './shared-catalog-of.ts';

export interface CommitOptions {
  readonly isSynchronous?: boolean;
  readonly wait?: LockWait;
}

export interface TransactionOptions {
  /** Default `read committed`. */
  readonly isolation?: 'read committed' | 'repeatable read' | undefined;
  /** Beside REPEATABLE READ: what it sees and does must fit some order of all such transactions, one after the other. */
  readonly isSerializable?: boolean | undefined;
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
  readonly #isSerializable: boolean;
  /** What it has read, once it has looked; undefined: nobody asks. */
  #reads: SerializableReads | undefined;
  /** Its snapshot is one that no transaction beside it can make inconsistent. */
  #isSafe = false;
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #writes: WriteSet;
  readonly #sequences: TransactionSequences;
  /** Roles, databases and rights. Who may change them is the caller's to ask. */
  readonly access: AccessWrites;
  readonly #schema: SchemaWrites;
  readonly #plainRows: PlainRows;
  readonly #rows: RowWrites;
  /** The one view of a REPEATABLE READ transaction, once it has looked. */
  #base: StoredSnapshot | undefined;
  /** The last catalog with this transaction's changes, and what it was made of. */
  #overlaid:
    | { base: CatalogVersion; changes: readonly CatalogChange[]; spentNumbers: string; catalog: CatalogVersion }
    | undefined;
  #sharedOverlaid: { base: CatalogVersion; changes: readonly CatalogChange[]; catalog: CatalogVersion } | undefined;
  #isOpen = true;

  constructor(engine: StorageEngine, databaseOid: number, startMicros: number, options: TransactionOptions) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#writes = new WriteSet((segments) => engine.stager.drop(segments));
    this.#plainRows = new PlainRows({
      engine,
      writes: this.#writes,
      owner: this,
      baseLsn: () => (this.isolation === 'repeatable read' ? this.#baseSnapshot().lsn : undefined),
    });
    this.#sequences = new TransactionSequences(engine, databaseOid, this.#writes);
    this.access = new AccessWrites(this.#writes, {
      current: () => this.#catalog(),
      base: () => this.#baseCatalog(),
      shared: () => this.#sharedVersion(),
      sharedBase: () => this.#engine.state.shared.published,
    });
    this.#schema = new SchemaWrites(engine, databaseOid, {
      writes: this.#writes,
      access: this.access,
      sequences: this.#sequences,
      catalogs: { current: () => this.#catalog(), base: () => this.#baseCatalog() },
      lockOwner: this,
    });
    this.#rows = new RowWrites({
      engine,
      databaseOid,
      writes: this.#writes,
      plainRows: this.#plainRows,
      lockOwner: this,
      isOpen: () => this.#isOpen,
      catalog: () => this.#catalog(),
      base: () => (this.isolation === 'repeatable read' ? this.#baseSnapshot() : undefined),
    });
    this.startMicros = startMicros;
    this.isolation = options.isolation ?? 'read committed';
    this.isReadOnly = options.isReadOnly ?? false;
    this.#isSerializable = options.isSerializable ?? false;
  }

  /** The tables that the next statement sees. Immutable: a statement holds on to what it was given. */
  catalog(): CatalogReader {
    return this.#catalog();
  }

  /** Whether `catalog()` has changes that nobody else sees yet. */
  get hasOwnCatalog(): boolean {
    return this.#catalog() !== this.#baseCatalog();
  }

  /** The roles and databases of the server, which no isolation hides changes of. */
  shared(): SharedCatalog {
    return sharedCatalogOf(this.#sharedVersion());
  }

  /** What is committed in the other databases. */
  *otherCatalogs(): Iterable<{ readonly oid: number; readonly name: string; readonly catalog: CatalogReader }> {
    for (const [oid, { published }] of this.#engine.state.databases) {
      const name = this.shared().databaseByOid(oid)?.name;
      if (oid !== this.#databaseOid && name !== undefined) yield { oid, name, catalog: published };
    }
  }

  /** The view of one statement; to be released when it ends. */
  snapshot(): Snapshot {
    this.#assertOpen();
    const overlay = this.#writes.view();
    if (this.isolation === 'repeatable read') return this.#baseSnapshot().withOverlay(overlay);
    return this.#engine.snapshot(this.#databaseOid, overlay);
  }

  /** Whether it is to be told what is read: SERIALIZABLE transactions look for what others write of it. */
  get notesReads(): boolean {
    return this.#isSerializable && !this.#isSafe;
  }

  /** A statement reads a table, or the rows of it that `condition` asks for. */
  noteRead(table: TableDescriptor, condition?: IndexCondition): void {
    if (!this.notesReads) return;
    this.#baseSnapshot();
    if (this.#reads !== undefined) noteRead(this.#reads, table, condition);
  }

  /**
   * DEFERRABLE: before anything is read, waits for a snapshot that no SERIALIZABLE transaction beside it can make
   * inconsistent; then the transaction never fails with 40001, nor makes others fail. `nap`: waits a moment; may throw.
   */
  async takeSafeSnapshot(nap: () => Promise<void>): Promise<void> {
    const { serializable } = this.#engine;
    for (;;) {
      this.#baseSnapshot();
      const reads = this.#reads;
      if (reads === undefined) return;
      const writers = serializable.writersBeside(reads);
      while (writers.some(({ endedAt }) => endedAt === Number.POSITIVE_INFINITY)) await nap();
      const isSafe = serializable.isSafe(reads, writers);
      serializable.abort(reads);
      this.#reads = undefined;
      if (isSafe) {
        this.#isSafe = true;
        return;
      }
      this.#base?.release();
      this.#base = undefined;
    }
  }

  /** As `snapshot`, but under REPEATABLE READ too with all that is committed by now: what foreign keys go by. */
  newestSnapshot(): Snapshot {
    this.#assertOpen();
    return this.#engine.snapshot(this.#databaseOid, this.#writes.view());
  }

  /** About how many rows the transaction sees in a table; for planning. */
  estimateRows(oid: number): number {
    return this.#engine.estimateRows(oid) + (this.#writes.table(oid)?.rowCount ?? 0);
  }

  /** A stored table of `catalog()`, to be scanned with a snapshot of this transaction. */
  table(oid: number): Table | undefined {
    const descriptor = this.#catalog().tableByOid(oid);
    return descriptor === undefined ? undefined : new StoredTable(descriptor);
  }

  /** Throws 42P07 or 42710 when a name is taken; 0A000 for keys that cannot be kept. */
  createTable(definition: NewTable): TableDescriptor {
    this.#assertWritable('CREATE TABLE');
    return this.#schema.createTable(definition);
  }

  /** The sequences of its columns go with it. Take its lock in mode EXCLUSIVE before: others may be writing to it. */
  dropTable(oid: number): void {
    this.#assertWritable('DROP TABLE');
    this.#schema.dropTable(oid);
  }

  /**
   * Puts another version of a table in the place of the present one, of which `next` was made by the functions of
   * `schema-change/`; needs its lock in mode SHARE or EXCLUSIVE. Rows stay as they are: a column whose type changes is the
   * business of `replaceRows`. Sequences of columns that are gone go too. Returns the version with its number. Throws
   * 42P07 when a name is taken, 40001 when REPEATABLE READ does not see the newest version.
   */
  alterTable(next: TableDescriptor): TableDescriptor {
    this.#assertWritable('ALTER TABLE');
    return this.#schema.alterTable(next, { isRewritten: false });
  }

  /**
   * `alterTable` with other rows: all that the table has, and this transaction has written to it, is replaced by `rows`,
   * which may be read from the table itself with an earlier snapshot. A column per visible column of `next`, in table
   * order; time-series tables take one more, the remainders to keep. Needs the lock in mode EXCLUSIVE. Rejects as `append`
   * does, and then nothing was changed. Older snapshots go on reading the old rows.
   */
  async replaceRows(next: TableDescriptor, rows: BatchStream): Promise<void> {
    this.#assertWritable('ALTER TABLE');
    return this.#rows.replace(() => this.#schema.alterTable(next, { isRewritten: true }), rows);
  }

  /** An OID that no object has or will have. */
  takeOid(): number {
    return this.#engine.state.takeOid();
  }

  /** Throws 42P06 when the name is taken. */
  createSchema(definition: NewSchema): SchemaDescriptor {
    this.#assertWritable('CREATE SCHEMA');
    return this.#schema.createSchema(definition);
  }

  /** Its name or owner; tables, sequences and types in it have its name as well, which is the caller's to change. */
  alterSchema(definition: NewSchema): SchemaDescriptor {
    this.#assertWritable('ALTER SCHEMA');
    return this.#schema.alterSchema(definition);
  }

  /** Of a schema in which nothing is left. */
  dropSchema(oid: number): void {
    this.#assertWritable('DROP SCHEMA');
    this.#schema.dropSchema(oid);
  }

  /** Throws 42P07 when the name is taken, 42710 when it is that of a type. */
  createView(definition: NewView): StoredView {
    this.#assertWritable('CREATE VIEW');
    return this.#schema.createView(definition);
  }

  /** Any change of a view; throws as `createView` does where it gets another name. */
  alterView(definition: NewView): StoredView {
    this.#assertWritable('ALTER VIEW');
    return this.#schema.alterView(definition);
  }

  dropView(oid: number): void {
    this.#assertWritable('DROP VIEW');
    this.#schema.dropView(oid);
  }

  /** COMMENT ON; `text` undefined: no comment any more. */
  setComment(place: CommentPlace, text: string | undefined): void {
    this.#assertWritable('COMMENT');
    this.#schema.setComment(place, text);
  }

  /** Throws 42P07 when the name is taken. It counts from its start. */
  createSequence(definition: NewSequence): SequenceDescriptor {
    this.#assertWritable('CREATE SEQUENCE');
    return this.#schema.createSequence(definition);
  }

  /** With `restart` it counts from there once the transaction has committed; for the transaction itself at once. */
  alterSequence(definition: NewSequence, restart?: SequenceState): SequenceDescriptor {
    this.#assertWritable('ALTER SEQUENCE');
    return this.#schema.alterSequence(definition, restart);
  }

  dropSequence(oid: number): void {
    this.#assertWritable('DROP SEQUENCE');
    this.#schema.dropSequence(oid);
  }

  /** The next value, gone for good even if the transaction is rolled back. Throws 2200H at the limit. */
  sequenceNext(oid: number): Int64 {
    return this.sequenceTake(oid, 1)[0]!;
  }

  /** The next `count` values; with 2200H none of them is taken. */
  sequenceTake(oid: number, count: number): readonly Int64[] {
    this.#assertWritable('nextval()');
    return this.#sequences.take(this.#schema.sequence(oid), count);
  }

  /** setval: the next value is `value` (`isCalled` false) or the one after. Throws 22003 for one beyond the bounds. */
  sequenceSet(oid: number, value: Int64, isCalled: boolean): void {
    this.#assertWritable('setval()');
    this.#sequences.set(this.#schema.sequence(oid), { lastValue: value, isCalled });
  }

  /** How far it has counted; 42P01. */
  sequenceState(oid: number): SequenceState {
    this.#assertOpen();
    return this.#sequences.state(this.#schema.sequence(oid).oid);
  }

  /** Throws 42710 when the name is taken. */
  createEnum(definition: NewEnum): EnumDescriptor {
    this.#assertWritable('CREATE TYPE');
    return this.#schema.createEnum(definition);
  }

  /** The tables that use it get new versions. */
  alterEnum(definition: NewEnum): EnumDescriptor {
    this.#assertWritable('ALTER TYPE');
    return this.#schema.alterEnum(definition);
  }

  /** Throws 2BP01 while columns have the type. */
  dropEnum(oid: number): void {
    this.#assertWritable('DROP TYPE');
    this.#schema.dropEnum(oid);
  }

  /**
   * Adds full rows: one column per visible column of the table, in table order. Rejects with 23502, 22008 and 23505, of the
   * latter those that show by now: in time-series tables others may come at commit. In a plain table it waits for
   * transactions that have one of the keys, which is 40P01 or 55P03 at times. Returns how many rows there were.
   */
  async append(tableOid: number, rows: Batch, options: WriteOptions = {}): Promise<number> {
    this.#assertWritable('INSERT');
    return this.#rows.append(tableOid, rows, options);
  }

  /** Until what `append` with `staysAhead` has left behind is on disk. Rejects with 53100 and 58030. */
  settle(): Promise<void> {
    return this.#rows.settle();
  }

  /**
   * Takes the writer's lock of a table, which the transaction keeps to its end; appends of others run on. A statement that
   * deletes or updates rows takes it before its snapshot: then no row of the snapshot is changed by anyone else (READ
   * COMMITTED), or a change since the transaction's snapshot is found (REPEATABLE READ). Rejects with 55P03 when the time
   * is up, 40P01 where waiting would never end, and with what `wait.control` throws.
   */
  async lockForWrite(tableOid: number, wait: LockWait = {}): Promise<void> {
    await this.lockTable(tableOid, 'write', wait);
  }

  /**
   * Takes a lock of a table, or of whatever else has the OID, until the transaction ends. Before a statement that writes
   * is bound, take APPEND, WRITE or what it needs: then the table stays as it is bound. SHARE and EXCLUSIVE are there once
   * nobody else is writing to the table and all that was written is visible to the next snapshot. Rejects as
   * `lockForWrite`.
   */
  async lockTable(oid: number, mode: TableLockMode, wait: LockWait = {}): Promise<void> {
    this.#assertOpen();
    const lock = this.#engine.locks.acquire(oid, this, mode, wait);
    if (lock !== undefined) await lock;
    if (mode === 'append' || mode === 'write') return;
    const published = this.#engine.whenPublished();
    if (published !== undefined) await published;
  }

  /**
   * Deletes rows that a snapshot of this transaction has shown, named by the columns of `rowNameColumns` in their order.
   * Of a time-series table it needs `lockForWrite`, and of a point every version goes; rows of a plain table are locked
   * unless they are already. Rejects with 40001 under REPEATABLE READ, and where rows of a plain table that were not locked
   * have changed. Returns how many rows there were, each counted once.
   */
  async delete(tableOid: number, rowNames: Batch, wait: LockWait = {}): Promise<number> {
    this.#assertWritable('DELETE');
    return this.#rows.delete(tableOid, rowNames, wait);
  }

  /**
   * Puts row i of `newRows` (as `append` takes them) in the place of the row that `rowNames` names at i; locks as `delete`
   * does. A row that is named again is updated once, the first time. Keys are checked for all rows together, so that they
   * may move up among themselves. Rejects as `delete` and `append`, and then nothing was changed. Returns how many rows
   * there were.
   */
  async update(tableOid: number, rowNames: Batch, newRows: Batch, options: WriteOptions = {}): Promise<number> {
    this.#assertWritable('UPDATE');
    return this.#rows.update(tableOid, rowNames, newRows, options);
  }

  /** Whether the transaction has written to a table, or deleted of it. */
  hasWritten(tableOid: number): boolean {
    return this.#writes.table(tableOid)?.isEmpty === false;
  }

  /** Whether the transaction has taken all rows of a table that others have written. */
  hasTruncated(tableOid: number): boolean {
    return this.#writes.table(tableOid)?.isTruncated === true;
  }

  /** Whether the transaction has made a table, or another version of it. */
  hasDefined(tableOid: number): boolean {
    return this.#writes.tableChanges.some(({ table }) => table.oid === tableOid);
  }

  /** Deletes all rows of a table, whoever wrote them before the commit; needs `lockForWrite`. */
  truncate(tableOid: number): void {
    this.#assertWritable('TRUNCATE TABLE');
    this.#rows.truncate(tableOid);
  }

  /**
   * The rows of a plain table whose columns of an index are equal to a key, the transaction's own included: one column
   * per column of the index, a key per row. `keyRows[i]` has the row `rowIds[i]`; ascending by key row. A key with a NULL
   * has no rows. `current`: what is committed by now, whatever snapshot the transaction has.
   */
  lookup(tableOid: number, indexOid: number, keys: Batch, view: 'current' | Snapshot): Promise<FoundRows> {
    this.#assertOpen();
    return this.#plainRows.lookup(this.#tableOf(tableOid), indexOid, keys, view);
  }

  /**
   * Who has the keys of full rows (as `append` takes them) in unique indexes of a plain table, the transaction's own rows
   * included. Waits for transactions that are about to give or take such a key. Rejects with 55000 where a row comes to the
   * index of a deferrable constraint, 40P01 and 55P03.
   */
  findKeys(tableOid: number, indexOids: readonly number[], rows: Batch, wait: LockWait = {}): Promise<KeyRows> {
    this.#assertOpen();
    return this.#plainRows.findKeys(this.#tableOf(tableOid), indexOids, rows, wait);
  }

  /** Per row 1 where a time-series table certainly has no such point: it is a new series, or later than all of it. */
  newPoints(tableOid: number, rows: Batch): Uint8Array {
    this.#assertOpen();
    return newPoints(this.#engine, this.#tableOf(tableOid), this.#writes.table(tableOid), rows);
  }

  /** A function that tells, by table, below which ids rows of plain tables are that were written before this call. */
  rowIdMark(): (tableOid: number) => number {
    const marks = new Map(Array.from(this.#writes.tables(), ({ tableOid, nextRowId }) => [tableOid, nextRowId]));
    return (tableOid) => marks.get(tableOid) ?? PROVISIONAL_ROW_ID;
  }

  /** Until what was appended to the log by now is visible to the next snapshot; undefined: it is. */
  whenPublished(): Promise<void> | undefined {
    return this.#engine.whenPublished();
  }

  /**
   * Locks rows of a plain table until the transaction ends, one after the other, and says what became of each meanwhile.
   * Of a row that was updated its newest version is locked (READ COMMITTED). Own rows need no lock. For some thousand rows
   * at once. Rejects with 55P03 and 40P01, and with 40001 when a commit that a REPEATABLE READ transaction does not see
   * has changed a row.
   */
  lockRows(tableOid: number, rowIds: Float64Array, mode: RowLockMode, wait: RowLockWait = {}): Promise<LockedRows> {
    this.#assertOpen();
    return this.#plainRows.lockRows(this.#tableOf(tableOid), rowIds, mode, wait);
  }

  /**
   * Per row whether UPDATE needs the lock mode `update`: some column of a unique index changes. `newRows` as `update`
   * takes them; `rowIds` of the rows that they replace.
   */
  changesKeys(tableOid: number, rowIds: Float64Array, newRows: Batch): Uint8Array {
    return this.#plainRows.changesKeys(this.#tableOf(tableOid), rowIds, newRows);
  }

  /**
   * Checks the keys of all rows of plain tables that were written and not checked yet, less those of constraints that are
   * deferred: to be called at the end of each statement that has updated rows with `isPart`, and after SET CONSTRAINTS …
   * IMMEDIATE. With `isEnd` deferred ones are checked too, as `commit` does. Waits for transactions that have one of the
   * keys. Rejects with 23505, 40P01 and 55P03.
   */
  checkKeys(wait: LockWait = {}, { isEnd = false } = {}): Promise<void> {
    this.#assertOpen();
    return this.#plainRows.checkKeys(wait, { isEnd });
  }

  /** Whether keys of deferred constraints are still to be checked. */
  get hasDeferredKeys(): boolean {
    return this.#plainRows.hasDeferredKeys;
  }

  /** SET CONSTRAINTS for deferrable keys; `indexOids` undefined: ALL. Holds to the end of the transaction. */
  deferKeys(indexOids: readonly number[] | undefined, isDeferred: boolean): void {
    this.#plainRows.deferKeys(indexOids, isDeferred);
  }

  /**
   * Builds the indexes which the transaction has added to a plain table. Rejects with 23505 when a unique one cannot be;
   * needs a lock that keeps writers out. `commit` does it for those that were not built.
   */
  buildIndexes(tableOid: number, control: ScanControl): Promise<void> {
    this.#assertOpen();
    return this.#plainRows.buildIndexes(this.#tableOf(tableOid), control);
  }

  /** Where `rollbackStatement` can return to. */
  markStatement(): number {
    return this.#writes.mark();
  }

  /** Nobody will return to the mark any more. Large transactions keep apart what lies between marks. */
  releaseMark(mark: number): void {
    this.#writes.releaseMark(mark);
  }

  /** Takes back everything since the mark, which stays. */
  rollbackStatement(mark: number): void {
    this.#writes.rollbackTo(mark);
  }

  /**
   * Publishes the transaction's writes, all or nothing; resolves when they are durable and visible. Throws 42P07, 42P01 or
   * 23505 when another transaction was faster, 53100 or 58030 when it cannot be written: then it is rolled back. With
   * `isSynchronous` false it resolves once the commit is visible, however far it is from the disk. `wait`: for those who
   * have keys of deferred constraints.
   */
  async commit({ isSynchronous = true, wait = {} }: CommitOptions = {}): Promise<void> {
    this.#assertOpen();
    try {
      if (this.#writes.isEmpty) {
        this.#commitReads(NOTHING_WRITTEN);
        await this.#sequences.whenLogged();
        return;
      }
      await this.#rows.settle();
      const turn = this.#writes.onlyDrops ? undefined : this.#engine.whenWritable();
      if (turn !== undefined) await turn;
      const hasWritten = await commitWrites(this.#engine, this.#writes, {
        databaseOid: this.#databaseOid,
        preparePlain: () => this.#plainRows.prepareCommit(wait),
        plainCommit: (operations) => this.#plainRows.commit(operations),
        recheckKeys: () => this.#rows.recheckKeys(),
        beforeAppend: () => this.#commitReads(writtenRows(this.#writes, this.#reads)),
        sequences: this.#sequences,
        isSynchronous,
      });
      if (hasWritten) this.#reads = undefined;
      else {
        this.#commitReads(NOTHING_WRITTEN);
        await this.#sequences.whenLogged();
      }
    } finally {
      this.#end();
    }
  }

  /** Throws 40001 if the transaction can commit no more, by what it has read and written so far. */
  checkSerializable(): void {
    if (this.#reads === undefined) return;
    this.#engine.serializable.verify(this.#reads, writtenRows(this.#writes, this.#reads), 'during write');
  }

  /** Throws 40001 where what was read and written fits no order of the SERIALIZABLE transactions. */
  #commitReads(written: WrittenRows): void {
    if (!this.notesReads) return;
    if (written.size > 0) this.#baseSnapshot();
    if (this.#reads === undefined) return;
    this.#engine.serializable.commit(this.#reads, written, this.#engine.logPositions.nextLsn);
    // A commit that writes may still come to nothing.
    if (written.size === 0) this.#reads = undefined;
  }

  /** No error if it has ended already. */
  rollback(): void {
    if (this.#isOpen) this.#end();
  }

  #tableOf(tableOid: number): TableDescriptor {
    const descriptor = this.#catalog().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    return descriptor;
  }

  #catalog(): CatalogVersion {
    this.#assertOpen();
    const base = this.#baseCatalog();
    const changes = this.#writes.ownCatalogChanges;
    const firstNumbers = this.#writes.firstColumnNumbers;
    if (changes.length === 0 && firstNumbers.size === 0) return base;
    const known = this.#overlaid;
    // Not just as many: after a return to a savepoint there may be others.
    const isSame = known?.changes.length === changes.length && known.changes.at(-1) === changes.at(-1);
    const spentNumbers = [...firstNumbers.values()].join();
    if (known?.base === base && isSame && known.spentNumbers === spentNumbers) return known.catalog;
    const catalog = withFirstNumbers(base.with(changes), firstNumbers);
    this.#overlaid = { base, changes: [...changes], spentNumbers, catalog };
    return catalog;
  }

  #sharedVersion(): CatalogVersion {
    this.#assertOpen();
    const base = this.#engine.state.shared.published;
    const changes = this.#writes.sharedCatalogChanges;
    if (changes.length === 0) return base;
    const known = this.#sharedOverlaid;
    const isSame = known?.changes.length === changes.length && known.changes.at(-1) === changes.at(-1);
    if (known?.base === base && isSame) return known.catalog;
    const catalog = base.with(changes);
    this.#sharedOverlaid = { base, changes, catalog };
    return catalog;
  }

  #baseCatalog(): CatalogVersion {
    if (this.isolation === 'repeatable read') return this.#baseSnapshot().catalog;
    return this.#engine.state.databases.get(this.#databaseOid)!.published;
  }

  #baseSnapshot(): StoredSnapshot {
    if (this.#base === undefined) {
      this.#base = this.#engine.snapshot(this.#databaseOid, undefined);
      if (this.#isSerializable && !this.#isSafe) {
        this.#reads = this.#engine.serializable.begin(this.#base.lsn, { isReadOnly: this.isReadOnly });
      }
    }
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
    if (this.#reads !== undefined) this.#engine.serializable.abort(this.#reads);
    this.#reads = undefined;
    for (const { staged } of this.#writes.tables()) {
      this.#engine.stager.drop(staged.segments);
      staged.forget();
    }
    this.#engine.locks.releaseAll(this);
    this.#plainRows.end();
    this.#base?.release();
    this.#base = undefined;
  }
}
