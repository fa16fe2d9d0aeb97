import type { Lsn } from '../catalog/table.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { nextTurn } from '../platform/next-turn.ts';
import type { ReplayFilter } from './apply-commit.ts';
import { AppliedCommit, applyingEffort } from './apply-commit.ts';
import type { CommitOperation } from './commit/commit-operation.ts';
import { type CommitRecord, encodeCommit, encodeCommitInSteps } from './commit/commit-record.ts';
import { loggedRecord } from './commit/logged-record.ts';
import type { CompactionReport } from './compaction/compaction-facts.ts';
import { Compactor, type VacuumOptions } from './compaction/compactor.ts';
import { DeleteResolution } from './deletes/delete-resolution.ts';
import type { EngineState } from './engine-state.ts';
import { Flusher } from './flusher.ts';
import type { PlainCommit } from './index/applied-plain.ts';
import { type LayerWork, layerWork } from './layer-work.ts';
import { recordEnd } from './orderly-end.ts';
import type { LogRejection, WriteLog } from './seams/write-log.ts';
import type { StagedSegments } from './staging/apply-staged.ts';
import { openStagedSegments, stagedFiles } from './staging/open-staged.ts';
import { Stager } from './staging/stager.ts';
import type { Report, StorageParts } from './storage-parts.ts';
import { flushUnlogged } from './unlogged.ts';
import { AdvisoryLocks } from './versions/advisory-locks.ts';
import { CommitGate } from './versions/commit-gate.ts';
import { EndWaits } from './versions/end-waits.ts';
import { estimateRows } from './versions/estimate-rows.ts';
import { RowLocks } from './versions/row-locks.ts';
import { SerializableConflicts } from './versions/serializable-conflicts.ts';
import { StoredSnapshot } from './versions/stored-snapshot.ts';
import { TableLocks } from './versions/table-locks.ts';
import { WaitGraph } from './versions/wait-graph.ts';
import type { WriteSetView } from './versions/write-set.ts';

interface PendingCommit {
  readonly applied: AppliedCommit;
  /** Resolves when the commit is visible or has come to nothing. */
  readonly settled: Promise<void>;
  isDurable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface CommitOptions {
  /** Prepared, where rows are deleted. */
  readonly resolution?: DeleteResolution | undefined;
  /** The segments that the operations name. */
  readonly staged?: StagedSegments | undefined;
  /** What plain tables are to have beside their rows. */
  readonly plain?: PlainCommit | undefined;
  /** False: the commit counts as durable once it is written, whatever the server's mode (synchronous_commit = off). */
  readonly isSynchronous?: boolean | undefined;
  /** From `encode`. */
  readonly body?: Uint8Array | undefined;
  /** Opens the gate that the caller has closed; called when the commit is applied. */
  readonly release?: (() => void) | undefined;
}

/** Commits of more rows than this, deleted ones included, are applied in several turns. */
const LARGE_COMMIT_ROWS = 16_384;

/**
 * The way of a commit: checked and encoded by the caller, appended to the log and applied in memory in one synchronous
 * step, and visible once the log calls it durable, in LSN order. Large ones are applied in several turns, while no other
 * commit begins.
 *
 *   commit()  ─►  log.append  ─►  applied, invisible  ─►  durable  ─►  published  ─►  the promise resolves
 */
export class StorageEngine {
  readonly state: EngineState;
  readonly locks: TableLocks;
  readonly rowLocks: RowLocks;
  readonly advisoryLocks: AdvisoryLocks;
  /** Who waits for whom, over locks of every kind. */
  readonly waits = new WaitGraph();
  /** Who waits for whole transactions to end. */
  readonly ends: EndWaits;
  /** What SERIALIZABLE transactions have read of each other's tables. */
  readonly serializable = new SerializableConflicts(() => this.state.publishedLsn);
  /** Who commits rows or series asks first whether it is open. */
  readonly gate = new CommitGate();
  readonly stager: Stager;
  readonly #parts: StorageParts;
  readonly #work: LayerWork;
  readonly #flusher: Flusher;
  readonly #compactor: Compactor;
  /** Appended and applied, not published; in LSN order. */
  readonly #pending: PendingCommit[] = [];
  /** The last rejection of the log that was acted on. */
  #heard: LogRejection | undefined;
  /** Why a commit that the log has was not applied. */
  #unapplied: Error | undefined;
  #idle: (() => void)[] = [];

  constructor(state: EngineState, parts: StorageParts) {
    this.state = state;
    this.#parts = parts;
    this.locks = new TableLocks(parts.timers, this.waits);
    this.rowLocks = new RowLocks(parts.timers, this.waits);
    this.advisoryLocks = new AdvisoryLocks(parts.timers, this.waits);
    this.ends = new EndWaits(parts.timers, this.waits);
    this.#work = layerWork(state, parts, { failure: () => this.failure, whenApplied: () => this.gate.whenOpen() });
    this.#flusher = new Flusher(this.#work, (store, partition) => this.#compactor.note(store, partition));
    this.#compactor = new Compactor(this.#work, this.#flusher);
    this.stager = new Stager({
      state,
      parts,
      files: this.#work.files,
      commit: (databaseOid, operations) => this.commit(databaseOid, operations),
      whenCommittable: () => this.gate.whenOpen(),
      hearRejection: () => this.hearRejection(),
      whenPublished: () => this.whenPublished(),
    });
  }

  /**
   * Set for good once a write has failed in a way that leaves the log or the manifest in doubt, or once memory lacks what
   * the log has: only reads go on.
   */
  get failure(): Error | undefined {
    return this.#parts.log.failure ?? this.#parts.manifest.failure ?? this.#unapplied;
  }

  /** How far the log is, and what it occupies. */
  get logPositions(): Pick<WriteLog, 'nextLsn' | 'durableLsn' | 'sizeBytes'> {
    return this.#parts.log;
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

  /** About how many rows a table has that are committed; for planning. */
  estimateRows(tableOid: number): number {
    const layers = this.state.layers.table(tableOid);
    return layers === undefined ? 0 : estimateRows(layers);
  }

  snapshot(databaseOid: number, overlay: WriteSetView | undefined): StoredSnapshot {
    const { state } = this;
    const { databases, layers, publishedLsn } = state;
    const catalog = databases.get(databaseOid)!.published;
    return new StoredSnapshot(
      publishedLsn,
      catalog,
      { versions: layers, layers: layers.pin(), reading: state },
      overlay,
    );
  }

  /**
   * Appends the commit and applies it before it returns: whatever the operations were checked against must not have
   * changed since, so no `await` lies between check and call. Throws at once when nothing was appended. The promise
   * resolves when the commit is visible. It rejects with 53100 when the commit came to nothing; after any other error,
   * 58030 among them, the next start may find its record.
   */
  commit(databaseOid: number, operations: readonly CommitOperation[], options: CommitOptions = {}): Promise<void> {
    const { resolution, staged, plain, isSynchronous = true, body } = options;
    const record: CommitRecord = { databaseOid, operations };
    let release = options.release;
    let applied: AppliedCommit;
    let durable: Promise<void>;
    try {
      this.#assertWritable();
      invariant(this.rejection === this.#heard, 'a commit does not build on what the log has rejected');
      const database = this.state.databases.get(databaseOid);
      if (database === undefined || database.isDropped === true) {
        throw new SqlError(SqlState.InvalidCatalogName, 'the database does not exist any more');
      }
      const bytes = body ?? encodeCommit(loggedRecord(record, this.state, this.#parts));
      const isInTurns = release !== undefined || rowCountOf(operations, this.state) > LARGE_COMMIT_ROWS;
      const appended = this.#parts.log.append(bytes, { isSynchronous });
      ({ durable } = appended);
      if (isInTurns) release ??= this.gate.close();
      applied = new AppliedCommit(this.state, record, appended.lsn, { resolution, staged, plain });
    } catch (error) {
      release?.();
      throw error;
    }
    if (release === undefined) {
      try {
        while (applied.step());
      } catch (error) {
        // What becomes of the record is for the next start to see.
        durable.catch(() => {});
        return Promise.reject(this.#giveUp(applied, error as Error));
      }
    }
    return this.#whenPublished(applied, durable, release);
  }

  /** What `commit` would encode in its turn, in several: while the gate is closed. */
  async encode(databaseOid: number, operations: readonly CommitOperation[]): Promise<Uint8Array> {
    const steps = encodeCommitInSteps(loggedRecord({ databaseOid, operations }, this.state, this.#parts));
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      await nextTurn();
    }
  }

  /** What the rows that a transaction has staged need to be committed. */
  stagingContext(databaseOid: number): { state: EngineState; parts: StorageParts; databaseOid: number } {
    return { state: this.state, parts: this.#parts, databaseOid };
  }

  /**
   * The last that the log has rejected. Who takes several turns to make operations compares it with what it was in the
   * first one: after another, heard or not, what they build on may have come to nothing, and they are to be made anew.
   */
  get rejection(): LogRejection | undefined {
    return this.#parts.log.rejection;
  }

  #whenPublished(applied: AppliedCommit, durable: Promise<void>, release: (() => void) | undefined): Promise<void> {
    const { promise, resolve, reject } = promiseWithResolvers();
    const settled = promise.catch(() => {});
    const pending: PendingCommit = { applied, settled, isDurable: false, resolve, reject };
    this.#pending.push(pending);
    if (release !== undefined) void this.#applyInTurns(pending).finally(release);
    durable.then(
      () => {
        pending.isDurable = true;
        this.#publishDurable();
      },
      () => this.hearRejection(),
    );
    return promise;
  }

  /**
   * Takes back what the log has rejected, if that was not done before. To be called in the turn of a commit, before its
   * operations are made: they must not build on series, keys or columns that come to nothing.
   */
  hearRejection(): void {
    const { rejection } = this;
    if (rejection === undefined || rejection === this.#heard) return;
    this.#heard = rejection;
    this.#discardPending(rejection);
  }

  /** A promise while commits that were appended are not visible yet; undefined when all are, or came to nothing. */
  whenPublished(): Promise<void> | undefined {
    const last = this.#pending.at(-1);
    return last === undefined ? undefined : last.settled;
  }

  /** Freezes every memtable and waits until all of them are segments. */
  async flushAll(): Promise<void> {
    await this.#whenIdle();
    await this.#flusher.flushAll();
  }

  /** What was merged in the background and by VACUUM, and what is being merged. */
  get compactions(): CompactionReport {
    return this.#compactor.report;
  }

  /** Replay has ended: from here on segments are merged in the background. */
  startCompaction(): void {
    this.#compactor.start();
  }

  /**
   * Flushes a table and merges its segments until nothing is left to gain. Throws what `control.check` throws, 53100 or
   * 58030 when it cannot be written. A table that is dropped meanwhile is left alone.
   */
  async vacuum(tableOid: number, options: VacuumOptions): Promise<void> {
    this.#assertWritable();
    const store = this.state.tables.get(tableOid);
    if (store === undefined) return;
    store.assertWhole();
    await this.#compactor.vacuum(store, options);
  }

  /** Lets running commits end, then stops the background work. The log and the manifest are the caller's to close. */
  async close(): Promise<void> {
    await this.#whenIdle();
    await this.#logSequences();
    await this.#compactor.close();
    const isWhole = await flushUnlogged(this.state, this.#parts, this.#flusher);
    await this.#flusher.close();
    if (isWhole) await recordEnd(this.state, this.#parts, this.#work.checkpoints);
    await this.#work.files.settled();
  }

  /** Spares the next start the values that the log has run ahead of. */
  async #logSequences(): Promise<void> {
    if (this.failure !== undefined) return;
    this.hearRejection();
    for (const databaseOid of this.state.databases.keys()) {
      const stores = [...this.state.sequences.values()].filter((store) => store.databaseOid === databaseOid);
      const records = stores.flatMap((store) => store.exactRecord() ?? []);
      if (records.length === 0) continue;
      try {
        await this.commit(databaseOid, records);
      } catch (error) {
        this.#parts.report('warn', 'sequences will skip some values', { error: (error as Error).message });
      }
    }
  }

  /**
   * A commit that the log holds already, less what the manifest has: applied and published at once. Returns the files that
   * it names.
   */
  async replay(record: CommitRecord, lsn: Lsn, filter: ReplayFilter): Promise<string[]> {
    const staged = await openStagedSegments(record, lsn, { state: this.state, parts: this.#parts, filter });
    const resolution = DeleteResolution.ofReplayed(record.operations);
    // Segments may come from memory meanwhile: nothing is waited for between the last look and the commit.
    for (let search = resolution.prepare(this.state); search !== undefined; search = resolution.prepare(this.state)) {
      await search;
    }
    const applied = new AppliedCommit(this.state, record, lsn, { filter, resolution, staged });
    while (applied.step());
    this.state.replayPosition = lsn;
    this.#publish(applied);
    return stagedFiles(staged);
  }

  async #applyInTurns(pending: PendingCommit): Promise<void> {
    const { applied } = pending;
    try {
      do await nextTurn();
      while (applied.step());
    } catch (error) {
      this.#pending.splice(this.#pending.indexOf(pending), 1);
      pending.reject(this.#giveUp(applied, error as Error));
    }
    this.#publishDurable();
  }

  /**
   * The log has a commit that memory lacks, and nothing may build on either: later series, for one, would get the ids of
   * its own. Returns the error.
   */
  #giveUp(applied: AppliedCommit, error: Error): Error {
    this.#parts.report('error', 'a commit could not be applied', { error: error.message });
    this.#unapplied ??= new Error(`a commit that is in the log could not be applied: ${error.message}`, {
      cause: error,
    });
    applied.revert();
    this.#flusher.noteDiscarded([applied]);
    return error;
  }

  #publishDurable(): void {
    while (this.#pending[0]?.isDurable === true && this.#pending[0].applied.isApplied) {
      const { applied, resolve } = this.#pending.shift()!;
      this.#publish(applied);
      resolve();
    }
    this.#settleIdle();
  }

  #publish(applied: AppliedCommit): void {
    for (const store of applied.publish()) this.#flusher.forgetTable(store.oid);
    this.#flusher.notePublished(applied);
    for (const { store, partition } of applied.rowsDeleted) this.#compactor.note(store, partition);
  }

  /** A rejected commit and those appended after it: nothing of them may ever be seen. */
  #discardPending({ after, error }: LogRejection): void {
    const first = this.#pending.findIndex(({ applied }) => applied.lsn > after);
    if (first < 0) return;
    const discarded = this.#pending.splice(first);
    for (const { applied } of discarded.slice().reverse()) applied.revert();
    for (const { reject } of discarded) reject(error);
    this.#flusher.noteDiscarded(discarded.map(({ applied }) => applied));
    this.#settleIdle();
  }

  #assertWritable(): void {
    const { failure } = this;
    if (failure === undefined) return;
    const isOfDisk = failure !== this.#unapplied;
    const cause = isOfDisk ? 'a write to its disk failed' : 'a commit could not be applied';
    throw new SqlError(SqlState.IoError, `the server is read-only since ${cause}`, {
      detail: failure.message,
      hint: isOfDisk ? 'Check the disk, then restart the server.' : 'Restart the server.',
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

/** Rows that are applied one by one. */
function rowCountOf(operations: readonly CommitOperation[], { tables }: EngineState): number {
  let rowCount = 0;
  for (const operation of operations) {
    if (operation.kind !== 'rows' && operation.kind !== 'delete') continue;
    const store = operation.kind === 'rows' ? tables.get(operation.tableOid) : undefined;
    const effort = store === undefined ? 1 : applyingEffort(store);
    for (const block of operation.blocks) rowCount += block.rowCount * effort;
  }
  return rowCount;
}

function promiseWithResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
