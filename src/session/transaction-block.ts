import type { Database } from '../database/database.ts';
import type { Transaction } from '../database/transaction.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type NoticeSink, warning } from './notice.ts';
import type { Settings, TransactionModes } from './settings.ts';

/** What ReadyForQuery tells: `I`, `T`, `E`. */
export type TransactionStatus = 'idle' | 'in-block' | 'failed';

export interface RequestedModes {
  readonly isolation: string | undefined;
  readonly isReadOnly: boolean | undefined;
}

/**
 *   idle ──first statement──► implicit ──end of message──► commit, idle
 *                                │ BEGIN
 *                                ▼
 *   idle ◄──COMMIT, ROLLBACK── block ──error──► failed ──COMMIT, ROLLBACK──► rollback, idle
 *
 * The transaction of one session. Statements outside a block share one implicit transaction up to the end of the Query
 * message or to Sync; an error rolls all of it back.
 */
export class TransactionBlock implements TransactionModes {
  readonly #database: Database;
  readonly #settings: () => Settings;
  readonly #notice: NoticeSink;
  readonly #onEnd: () => Promise<void>;
  #state: 'idle' | 'implicit' | 'block' | 'failed' = 'idle';
  #transaction: Transaction | undefined;
  #isolation = 'read committed';
  #isReadOnly = false;
  #hasRunQuery = false;

  /** `onEnd` runs before a transaction ends: portals close, since their snapshots end with it. */
  constructor(database: Database, settings: () => Settings, notice: NoticeSink, onEnd: () => Promise<void>) {
    this.#database = database;
    this.#settings = settings;
    this.#notice = notice;
    this.#onEnd = onEnd;
  }

  get status(): TransactionStatus {
    if (this.#state === 'failed') return 'failed';
    return this.#state === 'block' ? 'in-block' : 'idle';
  }

  get isolation(): string {
    return this.#state === 'idle' ? this.#settings().defaultIsolation : this.#isolation;
  }

  get isReadOnly(): boolean {
    return this.#state === 'idle' ? this.#settings().defaultIsReadOnly : this.#isReadOnly;
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
    this.current();
    this.#state = 'block';
  }

  /** COMMIT. Tells whether it came to a commit: a failed block rolls back. */
  async commitBlock(): Promise<'committed' | 'rolled-back'> {
    if (this.#state === 'failed') {
      await this.#end('rollback');
      return 'rolled-back';
    }
    if (this.#state !== 'block') this.#warnOfNoBlock();
    await this.#end('commit');
    return 'committed';
  }

  async rollbackBlock(): Promise<void> {
    if (this.#state !== 'block' && this.#state !== 'failed') this.#warnOfNoBlock();
    await this.#end('rollback');
  }

  /** The end of a Query message, or Sync: commits what ran outside a block. */
  async endImplicit(): Promise<void> {
    if (this.#state === 'implicit') await this.#end('commit');
  }

  /** After an error: an implicit transaction is rolled back, a block can only be ended from now on. */
  async fail(): Promise<void> {
    if (this.#state === 'block') {
      this.#state = 'failed';
      await this.#abandon();
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
    if (level === 'serializable') {
      throw new SqlError(SqlState.FeatureNotSupported, 'isolation level SERIALIZABLE is not supported', {
        hint: 'REPEATABLE READ is the strictest level.',
      });
    }
    this.#isolation = level;
    this.#restart();
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#enter();
    if (isReadOnly === this.#isReadOnly) return;
    if (!isReadOnly && this.#hasRunQuery) {
      throw new SqlError(SqlState.ActiveSqlTransaction, 'transaction read-write mode must be set before any query');
    }
    this.#isReadOnly = isReadOnly;
    // Going read-only needs no new transaction, and there may be writes already.
    if (!isReadOnly) this.#restart();
  }

  #enter(): void {
    if (this.#state !== 'idle') return;
    const settings = this.#settings();
    this.#isolation = settings.defaultIsolation;
    this.#isReadOnly = settings.defaultIsReadOnly;
    this.#hasRunQuery = false;
    this.#state = 'implicit';
  }

  #beginTransaction(): Transaction {
    return this.#database.begin({
      isolation: this.#isolation === 'repeatable read' ? 'repeatable read' : 'read committed',
      isReadOnly: this.#isReadOnly,
    });
  }

  /** Other modes, no query yet: whatever was begun has seen nothing that matters. */
  #restart(): void {
    if (this.#transaction === undefined) return;
    this.#transaction.rollback();
    this.#transaction = undefined;
  }

  async #end(outcome: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#transaction;
    let hasCommitted = false;
    try {
      await this.#onEnd();
      if (outcome === 'commit' && transaction !== undefined) await transaction.commit();
      hasCommitted = outcome === 'commit';
    } finally {
      if (!hasCommitted && outcome === 'rollback') transaction?.rollback();
      this.#transaction = undefined;
      this.#state = 'idle';
      this.#settings().endTransaction(hasCommitted ? 'commit' : 'rollback');
    }
  }

  async #abandon(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    try {
      await this.#onEnd();
    } finally {
      transaction?.rollback();
      this.#settings().endTransaction('rollback');
    }
  }

  #warnOfNoBlock(): void {
    this.#notice(warning(SqlState.NoActiveSqlTransaction, 'there is no transaction in progress'));
  }
}

export function blockHasFailed(): SqlError {
  return new SqlError(
    SqlState.InFailedSqlTransaction,
    'current transaction is aborted, commands ignored until end of transaction block',
  );
}
