import type { Lsn } from '../catalog/table.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { ReplayFilter } from './apply-commit.ts';
import { AppliedCommit } from './apply-commit.ts';
import type { CommitOperation, CommitRecord } from './commit/commit-record.ts';
import { encodeCommit } from './commit/commit-record.ts';
import { DeleteResolution } from './deletes/delete-resolution.ts';
import type { EngineState } from './engine-state.ts';
import { Flusher } from './flusher.ts';
import type { LogRejection } from './seams/write-log.ts';
import type { Report, StorageParts } from './storage-parts.ts';
import { StoredSnapshot } from './versions/stored-snapshot.ts';
import { TableLocks } from './versions/table-locks.ts';
import type { WriteSetView } from './versions/write-set.ts';

interface PendingCommit {
  readonly applied: AppliedCommit;
  isDurable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What durability `none` keeps out of the log: all that happens to rows. */
const UNLOGGED: ReadonlySet<CommitOperation['kind']> = new Set(['rows', 'delete', 'truncate']);

/**
 * The way of a commit: checked and encoded by the caller, appended to the log and applied in memory in one synchronous
 * step, and visible once the log calls it durable, in LSN order.
 *
 *   commit()  ─►  log.append  ─►  applied, invisible  ─►  durable  ─►  published  ─►  the promise resolves
 */
export class StorageEngine {
  readonly state: EngineState;
  readonly locks: TableLocks;
  readonly #parts: StorageParts;
  readonly #flusher: Flusher;
  /** Appended and applied, not published; in LSN order. */
  readonly #pending: PendingCommit[] = [];
  /** The last rejection of the log that was acted on. */
  #heard: LogRejection | undefined;
  #idle: (() => void)[] = [];

  constructor(state: EngineState, parts: StorageParts) {
    this.state = state;
    this.#parts = parts;
    this.locks = new TableLocks(parts.timers);
    this.#flusher = new Flusher(state, parts, () => this.failure);
  }

  /** Set for good once a write has failed in a way that leaves the log or the manifest in doubt: only reads go on. */
  get failure(): Error | undefined {
    return this.#parts.log.failure ?? this.#parts.manifest.failure;
  }

  get report(): Report {
    return this.#parts.report;
  }

  /**
   * A promise when writers have to wait for memory to be flushed. Rejects when flushing cannot go on, and with 53100
   * while the disk is full.
   */
  whenWritable(): Promise<void> | undefined {
    this.#assertWritable();
    return this.#parts.whenThereIsRoom?.() ?? this.#flusher.whenWritable();
  }

  snapshot(databaseOid: number, overlay: WriteSetView | undefined): StoredSnapshot {
    const { databases, layers, publishedLsn } = this.state;
    const catalog = databases.get(databaseOid)!.published;
    return new StoredSnapshot(publishedLsn, catalog, { versions: layers, layers: layers.pin() }, overlay);
  }

  /**
   * Appends the commit and applies it before it returns: whatever the operations were checked against must not have
   * changed since, so no `await` lies between check and call. Throws at once when nothing was appended. The promise
   * resolves when the commit is visible, and rejects with 53100 or 58030 when it came to nothing.
   */
  commit(
    databaseOid: number,
    operations: readonly CommitOperation[],
    resolution?: DeleteResolution | undefined,
  ): Promise<void> {
    this.#assertWritable();
    invariant(this.#parts.log.rejection === this.#heard, 'a commit does not build on what the log has rejected');
    const record: CommitRecord = { databaseOid, operations };
    const { lsn, durable } = this.#parts.log.append(encodeCommit(this.#logged(record)));
    const applied = new AppliedCommit(this.state, record, lsn, { resolution });
    return new Promise((resolve, reject) => {
      const pending: PendingCommit = { applied, isDurable: false, resolve, reject };
      this.#pending.push(pending);
      durable.then(
        () => {
          pending.isDurable = true;
          this.#publishDurable();
        },
        () => this.hearRejection(),
      );
    });
  }

  /**
   * Takes back what the log has rejected, if that was not done before. To be called in the turn of a commit, before its
   * operations are made: they must not build on series, keys or columns that come to nothing.
   */
  hearRejection(): void {
    const { rejection } = this.#parts.log;
    if (rejection === undefined || rejection === this.#heard) return;
    this.#heard = rejection;
    this.#discardPending(rejection);
  }

  /** Freezes every memtable and waits until all of them are segments. */
  async flushAll(): Promise<void> {
    await this.#whenIdle();
    await this.#flusher.flushAll();
  }

  /** Lets running commits end, then stops the background work. The log and the manifest are the caller's to close. */
  async close(): Promise<void> {
    await this.#whenIdle();
    await this.#flusher.close();
  }

  /** A commit that the log holds already, less what the manifest has: applied and published at once. */
  async replay(record: CommitRecord, lsn: Lsn, filter: ReplayFilter): Promise<void> {
    const resolution = DeleteResolution.ofReplayed(record.operations);
    for (let search = resolution.prepare(this.state); search !== undefined; search = resolution.prepare(this.state)) {
      await search;
    }
    const applied = new AppliedCommit(this.state, record, lsn, { filter, resolution });
    this.state.replayPosition = lsn;
    this.#publish(applied);
  }

  #publishDurable(): void {
    while (this.#pending[0]?.isDurable === true) {
      const { applied, resolve } = this.#pending.shift()!;
      this.#publish(applied);
      resolve();
    }
    this.#settleIdle();
  }

  #publish(applied: AppliedCommit): void {
    for (const store of applied.publish()) this.#flusher.forgetTable(store.oid);
    this.#flusher.notePublished(applied);
  }

  /** A rejected commit and those appended after it: nothing of them may ever be seen. */
  #discardPending({ after, error }: LogRejection): void {
    const first = this.#pending.findIndex(({ applied }) => applied.lsn > after);
    if (first < 0) return;
    const discarded = this.#pending.splice(first);
    for (const { applied } of discarded.slice().reverse()) applied.revert();
    for (const { reject } of discarded) reject(error);
    this.#flusher.noteDiscarded();
    this.#settleIdle();
  }

  #logged(record: CommitRecord): CommitRecord {
    if (this.#parts.durability !== 'none') return record;
    return { ...record, operations: record.operations.filter(({ kind }) => !UNLOGGED.has(kind)) };
  }

  #assertWritable(): void {
    const { failure } = this;
    if (failure === undefined) return;
    throw new SqlError(SqlState.IoError, 'the server is read-only since a write to its disk failed', {
      detail: failure.message,
      hint: 'Check the disk, then restart the server.',
    });
  }

  #whenIdle(): Promise<void> {
    if (this.#pending.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #settleIdle(): void {
    if (this.#pending.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
