import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { IndexCondition } from '../catalog/scan-request.ts';
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
import type { RowLockMode, RowLockWait } from '../storage/versions/row-locks.ts';
import { PROVISIONAL_ROW_ID, WriteSet } from '../storage/versions/write-set.ts';
import { AccessWrites } from './access-writes.ts';
import { commitWrites } from './commit-writes.ts';
import type { KeyRows } from './find-key-rows.ts';
import type { LockedRows } from './lock-rows.ts';
import type { FoundRows } from './lookup-keys.ts';
import { newPoints } from './new-points.ts';
import { PlainRows } from './plain-rows.ts';
import { RepeatableView } from './repeatable-view.ts';
import { RowWrites, type WriteOptions } from './row-writes.ts';
import { CommentWrites } from './schema-change/comment-writes.ts';
import { SchemaWrites } from './schema-change/schema-writes.ts';
import { SequenceWrites } from './schema-change/sequence-writes.ts';
import { sharedCatalogOf } from './shared-catalog-of.ts';
import { TransactionCatalogs } from './transaction-catalogs.ts';

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
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #writes: WriteSet;
  readonly #view: RepeatableView;
  readonly #catalogs: TransactionCatalogs;
  readonly #counts: TransactionSequences;
  /** Roles, databases and rights. Who may change them is the caller's to ask. */
  readonly access: AccessWrites;
  /** COMMENT ON. */
  readonly comments: CommentWrites;
  readonly sequences: SequenceWrites;
  /** Tables, views, schemas and enums. */
  readonly schema: SchemaWrites;
  readonly #plainRows: PlainRows;
  readonly #rows: RowWrites;
  #isOpen = true;

  constructor(engine: StorageEngine, databaseOid: number, startMicros: number, options: TransactionOptions) {
    this.startMicros = startMicros;
    this.isolation = options.isolation ?? 'read committed';
    this.isReadOnly = options.isReadOnly ?? false;
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#view = new RepeatableView(engine, databaseOid, {
      isSerializable: options.isSerializable ?? false,
      isReadOnly: this.isReadOnly,
    });
    const writes = new WriteSet(
      (segments) => engine.stager.drop(segments),
      () => engine.state.transactionNumbers.take(startMicros),
    );
    const snapshot = () => (this.isolation === 'repeatable read' ? this.#view.snapshot() : undefined);
    const requireWritable = (command: string) => this.#assertWritable(command);
    const catalogs = new TransactionCatalogs(engine, databaseOid, {
      writes,
      snapshot,
      assertOpen: () => this.#assertOpen(),
    });
    this.#writes = writes;
    this.#catalogs = catalogs;
    this.#counts = new TransactionSequences(engine, databaseOid, writes);
    const access = new AccessWrites(writes, catalogs);
    this.access = access;
    const comments = new CommentWrites({ writes, access, catalogs, requireWritable });
    this.comments = comments;
    this.sequences = new SequenceWrites({ writes, access, catalogs, comments, counts: this.#counts, requireWritable });
    this.schema = new SchemaWrites(engine, {
      writes,
      access,
      catalogs,
      comments,
      sequences: this.sequences,
      lockOwner: this,
      requireWritable,
    });
    this.#plainRows = new PlainRows({ engine, writes, owner: this, baseLsn: () => snapshot()?.lsn });
    this.#rows = new RowWrites({
      engine,
      databaseOid,
      writes,
      plainRows: this.#plainRows,
      lockOwner: this,
      isOpen: () => this.#isOpen,
      catalog: () => catalogs.current(),
      base: snapshot,
    });
  }

  /** xmin of the rows that it writes. */
  get writerNumber(): number {
    return this.#writes.transactionNumber;
  }

  /** The tables that the next statement sees. Immutable: a statement holds on to what it was given. */
  catalog(): CatalogReader {
    return this.#catalogs.current();
  }

  /** Whether `catalog()` has changes that nobody else sees yet. */
  get hasOwnCatalog(): boolean {
    return this.#catalogs.current() !== this.#catalogs.base();
  }

  /** The roles and databases of the server, which no isolation hides changes of. */
  shared(): SharedCatalog {
    return sharedCatalogOf(this.#catalogs.shared());
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
    if (this.isolation === 'repeatable read') return this.#view.snapshot().withOverlay(overlay);
    return this.#engine.snapshot(this.#databaseOid, overlay);
  }

  /** Whether it is to be told what is read: SERIALIZABLE transactions look for what others write of it. */
  get notesReads(): boolean {
    return this.#view.notesReads;
  }

  /** A statement reads a table, or the rows of it that `condition` asks for. */
  noteRead(table: TableDescriptor, condition?: IndexCondition): void {
    this.#view.noteRead(table, condition);
  }

  /**
   * DEFERRABLE: before anything is read, waits for a snapshot that no SERIALIZABLE transaction beside it can make
   * inconsistent; then the transaction never fails with 40001, nor makes others fail. `nap`: waits a moment; may throw.
   */
  takeSafeSnapshot(nap: () => Promise<void>): Promise<void> {
    return this.#view.takeSafeSnapshot(nap);
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
    const descriptor = this.#catalogs.current().tableByOid(oid);
    return descriptor === undefined ? undefined : new StoredTable(descriptor);
  }

  /**
   * `schema.alterTable` with other rows: all that the table has, and this transaction has written to it, is replaced by `rows`,
   * which may be read from the table itself with an earlier snapshot. A column per visible column of `next`, in table
   * order; time-series tables take one more, the remainders to keep. Needs the lock in mode EXCLUSIVE. Rejects as `append`
   * does, and then nothing was changed. Older snapshots go on reading the old rows.
   */
  async replaceRows(next: TableDescriptor, rows: BatchStream): Promise<void> {
    this.#assertWritable('ALTER TABLE');
    return this.#rows.replace(() => this.schema.alterTable(next, { isRewritten: true }), rows);
  }

  /** An OID that no object has or will have. */
  takeOid(): number {
    return this.#engine.state.takeOid();
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
        this.#view.commitReads();
        await this.#counts.whenLogged();
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
        beforeAppend: () => this.#view.commitWrites(this.#writes),
        sequences: this.#counts,
        isSynchronous,
      });
      if (hasWritten) this.#view.noteCommitted();
      else {
        this.#view.commitReads();
        await this.#counts.whenLogged();
      }
    } finally {
      this.#end();
    }
  }

  /** Commits, where there is nothing to be written, waited for or checked: then it has ended. */
  endUnwritten(): boolean {
    if (!this.#writes.isEmpty || this.notesReads || this.#counts.hasCounted || this.hasDeferredKeys) return false;
    this.#end();
    return true;
  }

  /** Throws 40001 if the transaction can commit no more, by what it has read and written so far. */
  checkSerializable(): void {
    this.#view.verify(this.#writes);
  }

  /** No error if it has ended already. */
  rollback(): void {
    if (this.#isOpen) this.#end();
  }

  #tableOf(tableOid: number): TableDescriptor {
    const descriptor = this.#catalogs.current().tableByOid(tableOid);
    if (descriptor === undefined) throw undefinedTable({ name: String(tableOid) });
    return descriptor;
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
    this.#view.forgetReads();
    for (const { staged } of this.#writes.tables()) {
      this.#engine.stager.drop(staged.segments);
      staged.forget();
    }
    this.#engine.locks.releaseAll(this);
    this.#plainRows.end();
    this.#view.release();
  }
}
