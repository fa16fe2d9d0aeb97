import type { Database } from '../database/database.ts';
import type { Transaction } from '../database/transaction.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { DeferredConstraints, type DeferredState } from './constraints/deferred-constraints.ts';
import { type NoticeSink, warning } from './notice.ts';
import type { NotificationMark, SessionNotifications } from './session-notifications.ts';
import type { Settings, SettingsState, TransactionModes } from './settings.ts';
import type { TemporaryObjects } from './temporary-objects.ts';

/** What ReadyForQuery tells: `I`, `T`, `E`. */
export type TransactionStatus = 'idle' | 'in-block' | 'failed';

export interface RequestedModes {
  readonly isolation: string | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly isDeferrable: boolean | undefined;
}

/** The portals of the session, in the order in which they were opened: those of a transaction end with it. */
export interface PortalKeeper {
  /** Where `closeSince` can return to. */
  mark(): number;
  closeSince(mark: number): Promise<void>;
  /** Cursors that outlive the transaction take what they need out of it; all others close. Undefined: that is done. */
  beforeCommit(): Promise<void> | undefined;
  /** It has committed, and those are theirs. */
  keepHeld(): void;
}

/** Locks beside those of tables and rows, which end with the transaction or a part of it. */
export interface TransactionLocks {
  mark(): number;
  /** Gives up what was taken since a mark, or everything. */
  releaseTransaction(mark?: number): void;
}

/** What ROLLBACK TO goes back to. */
interface Savepoint {
  readonly name: string;
  readonly writes: number;
  readonly portals: number;
  readonly settings: SettingsState;
  readonly notifications: NotificationMark;
  readonly advisoryLocks: number;
  readonly constraints: DeferredState;
  readonly isReadOnly: boolean;
}

/**
 *   idle ──first statement──► implicit ──end of message──► commit, idle
 *                                │ BEGIN
 *                                ▼
 *   idle ◄──COMMIT, ROLLBACK── block ──error──► failed ──COMMIT, ROLLBACK──► rollback, idle
 *                                ▲                │
 *                                └──ROLLBACK TO───┘
 *
 * The transaction of one session. Statements outside a block share one implicit transaction up to the end of the Query
 * message or to Sync; an error rolls all of it back. In a block an error takes back what came after the last savepoint, or
 * everything when there is none.
 */
export class TransactionBlock implements TransactionModes {
  readonly #database: Database;
  readonly #settings: () => Settings;
  readonly #notice: NoticeSink;
  readonly #portals: PortalKeeper;
  #state: 'idle' | 'implicit' | 'block' | 'failed' = 'idle';
  #transaction: Transaction | undefined;
  #isolation = 'read committed';
  #isReadOnly = false;
  #isDeferrable = false;
  /** What it reads is what was there when no transaction beside it could make that inconsistent. */
  #hasSafeSnapshot = false;
  #hasRunQuery = false;
  #isScript = false;
  /** What foreign keys are still to be checked for. */
  readonly constraints = new DeferredConstraints();
  readonly #checkConstraints: (constraints: DeferredConstraints) => Promise<void>;
  readonly temporary: TemporaryObjects;
  readonly #transactionLocks: TransactionLocks;
  /** What LISTEN and NOTIFY do at its end. */
  readonly notifications: SessionNotifications;
  /** Innermost last. Names may repeat: the last one counts. */
  readonly #savepoints: Savepoint[] = [];

  /**
   * Portals close before their transaction ends, since their snapshots end with it. `checkConstraints` checks what was put
   * off to the end of the transaction.
   */
  constructor(
    database: Database,
    settings: () => Settings,
    notice: NoticeSink,
    portals: PortalKeeper,
    checkConstraints: (constraints: DeferredConstraints) => Promise<void>,
    temporary: TemporaryObjects,
    transactionLocks: TransactionLocks,
    notifications: SessionNotifications,
  ) {
    this.#database = database;
    this.#settings = settings;
    this.#notice = notice;
    this.#portals = portals;
    this.#checkConstraints = checkConstraints;
    this.temporary = temporary;
    this.#transactionLocks = transactionLocks;
    this.notifications = notifications;
  }

  /** For what is no part of a transaction. */
  get database(): Database {
    return this.#database;
  }

  get status(): TransactionStatus {
    if (this.#state === 'failed') return 'failed';
    return this.#state === 'block' ? 'in-block' : 'idle';
  }

  /** Whether statements that come next are one transaction with this one: after BEGIN, and within a script. */
  get isInBlock(): boolean {
    return this.#state === 'block' || this.#state === 'failed' || this.#isScript;
  }

  /** A message begins; a script has several statements, which PostgreSQL treats as a block of a kind. */
  noteMessage(options: { isScript: boolean }): void {
    this.#isScript = options.isScript;
  }

  get isolation(): string {
    return this.#state === 'idle' ? this.#settings().defaultIsolation : this.#isolation;
  }

  get isReadOnly(): boolean {
    return this.#state === 'idle' ? this.#settings().defaultIsReadOnly : this.#isReadOnly;
  }

  get isDeferrable(): boolean {
    return this.#state === 'idle' ? this.#settings().defaultIsDeferrable : this.#isDeferrable;
  }

  /** Whether the first query has to wait for a snapshot: SERIALIZABLE READ ONLY DEFERRABLE. */
  get waitsForSafeSnapshot(): boolean {
    if (this.#hasSafeSnapshot || this.#state === 'idle' || this.#state === 'failed') return false;
    return this.#isDeferrable && this.#isReadOnly && this.#isolation === 'serializable';
  }

  /** `nap`: waits a moment; throws when the statement is cancelled. */
  async takeSafeSnapshot(nap: () => Promise<void>): Promise<void> {
    await this.current().takeSafeSnapshot(nap);
    this.#hasSafeSnapshot = true;
  }

  /** A statement begins that may need no storage, such as SET. Throws 25P02 in a failed block. */
  enter(): void {
    if (this.#state === 'failed') throw blockHasFailed();
    this.#enter();
  }

  /** The transaction that a statement runs in; begins one when there is none. Throws 25P02 in a failed block. */
  current(): Transaction {
    this.enter();
    this.#transaction ??= this.#beginTransaction();
    return this.#transaction;
  }

  /** The transaction, if one has begun and has not failed. */
  get begun(): Transaction | undefined {
    return this.#state === 'failed' ? undefined : this.#transaction;
  }

  /** Throws 25001 where a command that cannot be undone would be part of a larger transaction. */
  requireNoBlock(command: string): void {
    if (!this.isInBlock) return;
    throw new SqlError(SqlState.ActiveSqlTransaction, `${command} cannot run inside a transaction block`);
  }

  /** From the first query on, isolation and read-write mode are fixed. */
  noteQuery(): void {
    this.#hasRunQuery = true;
  }

  /** Throws 25006 in a read-only transaction. */
  requireWritable(command: string): void {
    if (this.isReadOnly) {
      throw new SqlError(SqlState.ReadOnlySqlTransaction, `cannot execute ${command} in a read-only transaction`);
    }
  }

  /** BEGIN. What ran before it in the same message becomes part of the block. */
  beginBlock(modes: RequestedModes): void {
    if (this.#state === 'failed') throw blockHasFailed();
    if (this.#state === 'block') {
      this.#notice(warning(SqlState.ActiveSqlTransaction, 'there is already a transaction in progress'));
    }
    this.#enter();
    if (modes.isolation !== undefined) this.setIsolation(modes.isolation);
    if (modes.isReadOnly !== undefined) this.setReadOnly(modes.isReadOnly);
    if (modes.isDeferrable !== undefined) this.setDeferrable(modes.isDeferrable);
    this.current();
    this.#state = 'block';
  }

  /**
   * COMMIT. Tells whether it came to a commit: a failed block rolls back. `chains`: another block begins at once, with the
   * same modes; throws 25P01 where there was none.
   */
  async commitBlock({ chains }: { readonly chains: boolean }): Promise<'committed' | 'rolled-back'> {
    if (chains) this.#requireBlockToChain('COMMIT AND CHAIN');
    const hasFailed = this.#state === 'failed';
    if (!hasFailed && this.#state !== 'block') this.#warnOfNoBlock();
    await this.#end(hasFailed ? 'rollback' : 'commit');
    if (chains) this.#chain();
    return hasFailed ? 'rolled-back' : 'committed';
  }

  /** ROLLBACK, with `chains` as in `commitBlock`. */
  async rollbackBlock({ chains }: { readonly chains: boolean }): Promise<void> {
    if (chains) this.#requireBlockToChain('ROLLBACK AND CHAIN');
    if (this.#state !== 'block' && this.#state !== 'failed') this.#warnOfNoBlock();
    await this.#end('rollback');
    if (chains) this.#chain();
  }

  #requireBlockToChain(command: string): void {
    if (this.#state === 'block' || this.#state === 'failed') return;
    throw new SqlError(SqlState.NoActiveSqlTransaction, `${command} can only be used in transaction blocks`);
  }

  /** The next block takes the modes over from the one that has just ended. */
  #chain(): void {
    const isolation = this.#isolation;
    const isReadOnly = this.#isReadOnly;
    const isDeferrable = this.#isDeferrable;
    this.#enter();
    this.#isolation = isolation;
    this.#isReadOnly = isReadOnly;
    this.#isDeferrable = isDeferrable;
    this.current();
    this.#state = 'block';
  }

  /** SAVEPOINT. Throws 25P01 outside a block. */
  defineSavepoint(name: string): void {
    this.#requireBlock('SAVEPOINT');
    this.#savepoints.push({
      name,
      writes: this.current().markStatement(),
      portals: this.#portals.mark(),
      settings: this.#settings().save(),
      notifications: this.notifications.mark(),
      advisoryLocks: this.#transactionLocks.mark(),
      constraints: this.constraints.save(),
      isReadOnly: this.#isReadOnly,
    });
  }

  /** RELEASE: forgets the savepoint and those after it, and keeps what was done. Throws 25P01, 3B001. */
  releaseSavepoint(name: string): void {
    this.#requireBlock('RELEASE SAVEPOINT');
    const at = this.#savepointAt(name);
    this.#isReadOnly = this.#savepoints[at].isReadOnly;
    for (const { writes } of this.#savepoints.splice(at)) this.#transaction?.releaseMark(writes);
  }

  /** ROLLBACK TO: takes back what came after the savepoint, which stays. A failed block goes on. Throws 25P01, 3B001. */
  async rollbackToSavepoint(name: string): Promise<void> {
    if (this.#state !== 'failed') this.#requireBlock('ROLLBACK TO SAVEPOINT');
    const at = this.#savepointAt(name);
    this.#savepoints.length = at + 1;
    await this.#rollbackTo(this.#savepoints[at]);
    this.#state = 'block';
  }

  /** The end of a Query message, or Sync: commits what ran outside a block. Undefined: that is done. */
  endImplicit(): Promise<void> | undefined {
    if (this.#state !== 'implicit') return undefined;
    const closing = this.#portals.beforeCommit();
    if (closing !== undefined || !this.#endUnwritten()) return this.#end('commit', closing);
    this.#ended({ hasCommitted: true });
    return undefined;
  }

  /** Ends a transaction that has done nothing but read, as most have; false: there is more to its commit. */
  #endUnwritten(): boolean {
    const transaction = this.#transaction;
    if (this.notifications.hasSent || this.constraints.hasPending) return false;
    if (transaction === undefined) return true;
    return !this.temporary.exist(transaction) && transaction.endUnwritten();
  }

  /** After an error: an implicit transaction is rolled back, a block can only be ended from now on. */
  async fail(): Promise<void> {
    if (this.#state === 'block') {
      this.#state = 'failed';
      const savepoint = this.#savepoints.at(-1);
      if (savepoint === undefined) await this.#abandon();
      else await this.#rollbackTo(savepoint);
    } else if (this.#state === 'implicit') {
      await this.#end('rollback');
    }
  }

  /** The client is gone. */
  async abandon(): Promise<void> {
    await this.#end('rollback');
  }

  setIsolation(level: string): void {
    this.#enter();
    if (level === this.#isolation) return;
    if (this.#hasRunQuery) {
      throw new SqlError(
        SqlState.ActiveSqlTransaction,
        'SET TRANSACTION ISOLATION LEVEL must be called before any query',
      );
    }
    if (this.#savepoints.length > 0) {
      throw new SqlError(
        SqlState.ActiveSqlTransaction,
        'SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction',
      );
    }
    this.#isolation = level;
    this.#restart();
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#enter();
    if (isReadOnly === this.#isReadOnly) return;
    if (!isReadOnly && this.#savepoints.length > 0) {
      throw new SqlError(
        SqlState.ActiveSqlTransaction,
        'cannot set transaction read-write mode inside a read-only transaction',
      );
    }
    if (!isReadOnly && this.#hasRunQuery) {
      throw new SqlError(SqlState.ActiveSqlTransaction, 'transaction read-write mode must be set before any query');
    }
    this.#isReadOnly = isReadOnly;
    // Going read-only needs no new transaction, and there may be writes already.
    if (!isReadOnly) this.#restart();
  }

  setDeferrable(isDeferrable: boolean): void {
    this.#enter();
    if (isDeferrable !== this.#isDeferrable && this.#savepoints.length > 0) {
      throw new SqlError(
        SqlState.ActiveSqlTransaction,
        'SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction',
      );
    }
    if (isDeferrable !== this.#isDeferrable && this.#hasRunQuery) {
      throw new SqlError(
        SqlState.ActiveSqlTransaction,
        'SET TRANSACTION [NOT] DEFERRABLE must be called before any query',
      );
    }
    this.#isDeferrable = isDeferrable;
  }

  #enter(): void {
    if (this.#state !== 'idle') return;
    const settings = this.#settings();
    this.#isolation = settings.defaultIsolation;
    this.#isReadOnly = settings.defaultIsReadOnly;
    this.#isDeferrable = settings.defaultIsDeferrable;
    this.#hasSafeSnapshot = false;
    this.#hasRunQuery = false;
    this.#state = 'implicit';
  }

  #beginTransaction(): Transaction {
    return this.#database.begin({
      isolation: this.#isolation.startsWith('read') ? 'read committed' : 'repeatable read',
      isSerializable: this.#isolation === 'serializable',
      isReadOnly: this.#isReadOnly,
    });
  }

  /** Other modes, no query yet: whatever was begun has seen nothing that matters. */
  #restart(): void {
    if (this.#transaction === undefined) return;
    this.#transaction.rollback();
    this.#transaction = undefined;
  }

  /** `closing`: portals that are being closed. */
  async #end(outcome: 'commit' | 'rollback', closing?: Promise<void>): Promise<void> {
    const transaction = this.#transaction;
    let hasCommitted = false;
    this.#savepoints.length = 0;
    try {
      if (outcome === 'commit') {
        await this.#prepareCommit(transaction, closing);
        await transaction?.commit({ isSynchronous: this.#settings().isCommitSynchronous });
        this.#portals.keepHeld();
      }
      hasCommitted = outcome === 'commit';
    } finally {
      if (!hasCommitted) await this.#portals.closeSince(0);
      if (!hasCommitted && outcome === 'rollback') transaction?.rollback();
      this.#ended({ hasCommitted });
    }
  }

  #ended({ hasCommitted }: { readonly hasCommitted: boolean }): void {
    this.#transaction = undefined;
    this.#transactionLocks.releaseTransaction();
    this.constraints.clear();
    this.#state = 'idle';
    this.#settings().endTransaction(hasCommitted ? 'commit' : 'rollback');
    if (hasCommitted) this.notifications.committed();
    else this.notifications.rolledBack();
  }

  /**
   * Cursors that are to be kept, deferred constraints, then ON COMMIT; where one of them fails, the transaction is rolled
   * back.
   */
  async #prepareCommit(transaction: Transaction | undefined, closing: Promise<void> | undefined): Promise<void> {
    try {
      await closing;
      await this.#portals.beforeCommit();
      this.notifications.beforeCommit();
      if (transaction === undefined) return;
      if (this.constraints.hasPending || transaction.hasDeferredKeys) await this.#checkConstraints(this.constraints);
      await this.temporary.beforeCommit(transaction);
    } catch (error) {
      await this.#portals.closeSince(0);
      transaction?.rollback();
      throw error;
    }
  }

  async #abandon(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    this.constraints.clear();
    this.notifications.rolledBack();
    try {
      await this.#portals.closeSince(0);
    } finally {
      transaction?.rollback();
      this.#transactionLocks.releaseTransaction();
      this.#settings().endTransaction('rollback');
    }
  }

  async #rollbackTo(savepoint: Savepoint): Promise<void> {
    this.#isReadOnly = savepoint.isReadOnly;
    try {
      await this.#portals.closeSince(savepoint.portals);
    } finally {
      this.#transaction?.rollbackStatement(savepoint.writes);
      this.#transactionLocks.releaseTransaction(savepoint.advisoryLocks);
      this.#settings().restore(savepoint.settings);
      this.constraints.restore(savepoint.constraints);
      this.notifications.rollbackTo(savepoint.notifications);
    }
  }

  #requireBlock(command: string): void {
    if (this.#state === 'failed') throw blockHasFailed();
    if (this.#state === 'block') return;
    throw new SqlError(SqlState.NoActiveSqlTransaction, `${command} can only be used in transaction blocks`);
  }

  /** Throws 3B001. */
  #savepointAt(name: string): number {
    const at = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (at >= 0) return at;
    throw new SqlError(SqlState.InvalidSavepointSpecification, `savepoint "${name}" does not exist`);
  }

  #warnOfNoBlock(): void {
    this.#notice(warning(SqlState.NoActiveSqlTransaction, 'there is no transaction in progress'));
  }
}

/** 25P02. */
export function blockHasFailed(): SqlError {
  return new SqlError(
    SqlState.InFailedSqlTransaction,
    'current transaction is aborted, commands ignored until end of transaction block',
  );
}
