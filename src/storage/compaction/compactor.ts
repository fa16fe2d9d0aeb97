import type { Lsn } from '../../catalog/table.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { nextTurn } from '../../platform/next-turn.ts';
import { Exclusive } from '../exclusive.ts';
import { flushError } from '../flush-error.ts';
import type { Flusher } from '../flusher.ts';
import type { LayerWork } from '../layer-work.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { TableStore } from '../table-store.ts';
import { findPartition } from '../versions/table-layers.ts';
import { Compaction, mergedUpTo } from './compaction.ts';
import type { CompactionFacts, CompactionReport } from './compaction-facts.ts';
import { runCompactions } from './compaction-group.ts';
import { CompactionLog } from './compaction-log.ts';
import { CompactionAbandoned, CompactionPace } from './compaction-pace.ts';
import { type CompactionGoal, type CompactionLimits, type CompactionPick, pickCompaction } from './pick-compaction.ts';
import { SegmentFactsReader } from './segment-facts.ts';
import { UnreadableInput } from './unreadable-input.ts';

/** What is to be merged of a partition: segments that are neighbours, unless they are replaced before it begins. */
interface Job {
  readonly store: TableStore;
  readonly partition: number;
  readonly inputs: readonly StoredSegment[];
  readonly reason: CompactionPick['reason'];
}

/** The leash of a statement that waits for merges: throws when it is to end. */
export interface VacuumControl {
  check(): void;
}

export interface VacuumOptions {
  readonly isFull: boolean;
  readonly control: VacuumControl;
  /** Called after each merge. */
  readonly noteMerge: (facts: CompactionFacts) => void;
}

/** Row numbers are to fit 32 bits with a sign. */
const MAX_ROWS = 2 ** 31 - 1;
/** What is merged in the background at most: some seconds of work. */
const MAX_BACKGROUND_BYTES = 1 << 30;
const MAX_SEGMENTS = 64;
/** Inputs times columns: of each, a decoded unit and a stretch of encoded bytes is held. */
const MAX_CURSORS = 4096;
/** Merges below this share a pack, together no more than so many and of no more than so many bytes. */
const SMALL_BYTES = 1 << 20;
const MAX_GROUP = 256;
const MAX_GROUP_BYTES = 16 << 20;
/** In the background, the pause after each turn of work: other work gets more than half of the time. */
const REST_MS = 4;
/** A partition of so many segments is not to wait. */
const TOO_MANY_SEGMENTS = 32;
/** After a failure, doubled with each further one. */
const RETRY_MS = 30_000;
const MAX_RETRY_MS = 3_600_000;
const CHECK_MS = 50;
/** Partitions looked at in one turn of the event loop. */
const TURN_PARTITIONS = 256;

/**
 * Merges segments in the background, one merge at a time, in pieces of a few milliseconds, flushes first; and on behalf
 * of VACUUM, without pauses. Whatever brings segments or deletes rows says so with `note`; from there on partitions are
 * looked at one after the other until no merge would pay.
 */
export class Compactor {
  readonly #work: LayerWork;
  readonly #flusher: Flusher;
  readonly #facts = new SegmentFactsReader((segment) => this.#refused.has(segment));
  /** Segments that could not be read. */
  readonly #refused = new WeakSet<StoredSegment>();
  /** To be looked at, by table and partition. */
  readonly #candidates = new Map<string, { readonly store: TableStore; readonly partition: number }>();
  readonly #turns = new Exclusive();
  readonly #log: CompactionLog;
  #isStarted = false;
  #isClosed = false;
  /** Statements that wait for a merge of theirs. */
  #waiting = 0;
  #running: Promise<void> | undefined;
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(work: LayerWork, flusher: Flusher) {
    this.#work = work;
    this.#flusher = flusher;
    this.#log = new CompactionLog(work.parts);
  }

  /** What was merged, and what is being merged. */
  get report(): CompactionReport {
    return this.#log.report;
  }

  /** From here on there is work in the background: replay has ended. */
  start(): void {
    this.#isStarted = true;
    for (const { store, partitions } of this.#work.state.layers.tables()) {
      for (const { partition, segments } of partitions) if (segments.length > 0) this.#add(store, partition);
    }
    this.#run();
  }

  /** Segments of the partition have come or gone, or rows in them were deleted. */
  note(store: TableStore, partition: number): void {
    if (!this.#isStarted) return;
    this.#add(store, partition);
    this.#run();
  }

  /**
   * Flushes the table and merges what it has by now until nothing is left to gain. Throws what `control.check` throws, 53100 or
   * 58030 when a merge cannot be written, and 57P01 when the server is stopped.
   */
  async vacuum(store: TableStore, options: VacuumOptions): Promise<void> {
    const { state } = this.#work;
    const since = state.publishedLsn;
    const goal = options.isFull ? 'full' : 'vacuum';
    await this.#waitFor(this.#flusher.flushTable(store), options.control);
    const partitions = (state.layers.table(store.oid)?.partitions ?? []).map(({ partition }) => partition);
    this.#waiting++;
    try {
      for (const partition of partitions) {
        for (;;) {
          // What comes while it runs is the next one's to merge, or it might never end.
          if (this.#pick(store, partition, { goal, since }) === undefined) break;
          const merge = this.#turns.run(() => this.#mergeForStatement({ store, partition, since, goal }, options));
          await this.#waitFor(merge, options.control);
          await nextTurn();
        }
      }
    } finally {
      this.#waiting--;
    }
  }

  /** Gives up what is being merged. Nothing of it is left behind. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#wake?.();
    await this.#running;
    await this.#turns.run(async () => {});
  }

  #add(store: TableStore, partition: number): void {
    this.#candidates.set(keyOf(store, partition), { store, partition });
  }

  #run(): void {
    if (this.#running !== undefined || this.#cancelRetry !== undefined) return;
    if (!this.#isStarted || this.#isClosed || this.#candidates.size === 0) return;
    this.#running = this.#mergeCandidates().finally(() => {
      this.#running = undefined;
      this.#run();
    });
  }

  async #mergeCandidates(): Promise<void> {
    // What noted the partition comes to its end first.
    await Promise.resolve();
    while (this.#candidates.size > 0 && !this.#isClosed) {
      if (this.#work.failure() !== undefined) {
        this.#candidates.clear();
        return;
      }
      for (let turn = this.#flusher.whenIdle(); turn !== undefined; turn = this.#flusher.whenIdle()) await turn;
      if (this.#isClosed) return;
      if (this.#flusher.problem !== undefined || this.#isDiskFull()) {
        this.#postpone(RETRY_MS);
        return;
      }
      const jobs = await this.#nextJobs();
      if (jobs.length === 0) continue;
      if (!(await this.#turns.run(() => this.#mergeInBackground(jobs)))) return;
    }
  }

  /** The next merge, and if it is small, others of the same database that share a pack with it. */
  async #nextJobs(): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    let sizeBytes = 0;
    let looked = 0;
    for (const [key, { store, partition }] of [...this.#candidates]) {
      if (++looked % TURN_PARTITIONS === 0) await nextTurn();
      if (this.#isClosed) return [];
      const job = this.#pick(store, partition, { goal: 'background', since: undefined });
      if (job === undefined) {
        this.#candidates.delete(key);
        continue;
      }
      const bytes = job.inputs.reduce((sum, { entry }) => sum + entry.sizeBytes, 0);
      const canShare = bytes <= SMALL_BYTES && store.databaseOid === (jobs[0]?.store ?? store).databaseOid;
      if (jobs.length > 0 && (!canShare || sizeBytes + bytes > MAX_GROUP_BYTES)) continue;
      jobs.push(job);
      sizeBytes += bytes;
      // Of a group that failed each is tried alone: it may be one that keeps the others from it.
      if (!canShare || jobs.length === MAX_GROUP || this.#failures > 0) break;
    }
    return jobs;
  }

  /**
   * False when the next attempt is to wait, which begins with others. Partitions that were merged are looked at again:
   * there may be more.
   */
  async #mergeInBackground(jobs: readonly Job[]): Promise<boolean> {
    try {
      const done = await this.#merge(jobs, undefined);
      for (const { store, partition } of jobs) {
        // Whatever kept a merge from coming about says so when it is over.
        if (!done.some((compaction) => compaction.store === store && compaction.partition === partition)) {
          this.#candidates.delete(keyOf(store, partition));
        }
      }
      this.#failures = 0;
      return true;
    } catch (error) {
      if (error instanceof CompactionAbandoned || error instanceof UnreadableInput) {
        // Things have changed; others may have to finish what they are at.
        await nextTurn();
        return true;
      }
      for (const { store, partition } of jobs) {
        this.#candidates.delete(keyOf(store, partition));
        this.#add(store, partition);
      }
      this.#postpone(Math.min(RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS));
      return false;
    }
  }

  /** The merge that is next for a statement, if any is left. */
  async #mergeForStatement(
    { store, partition, since, goal }: { store: TableStore; partition: number; since: Lsn; goal: CompactionGoal },
    { control, noteMerge }: VacuumOptions,
  ): Promise<void> {
    control.check();
    for (let turn = this.#flusher.whenIdle(); turn !== undefined; turn = this.#flusher.whenIdle()) await turn;
    control.check();
    // The background may have been faster.
    const job = this.#pick(store, partition, { goal, since });
    if (job === undefined) return;
    try {
      for (const compaction of await this.#merge([job], control)) {
        noteMerge(this.#log.factsOf(compaction));
      }
    } catch (error) {
      this.#assertOpen();
      if (error instanceof UnreadableInput) return;
      const problem = this.#work.failure() ?? this.#flusher.problem;
      if (problem !== undefined) throw flushError(problem);
      if (!(error instanceof CompactionAbandoned)) throw flushError(error as Error);
      if (error.cause !== undefined) throw error.cause;
    }
  }

  /** Those that came about. Throws what kept them from it, after it was reported. */
  async #merge(jobs: readonly Job[], control: VacuumControl | undefined): Promise<readonly Compaction[]> {
    const compactions = jobs.map((job) => {
      const compaction = new Compaction(this.#work, job.store, job);
      this.#log.prepare(compaction, job.reason);
      return compaction;
    });
    try {
      const done = await runCompactions(this.#work, compactions, {
        isClosed: () => this.#isClosed,
        check: (compaction) => this.#check(compaction, control),
        paceOf: (compaction) => {
          this.#log.begin(compaction);
          return this.#paceOf(compaction, control);
        },
      });
      for (const compaction of compactions) {
        if (done.includes(compaction)) this.#log.succeeded(compaction);
        else this.#log.abandoned(compaction);
      }
      return done;
    } catch (error) {
      this.#noteFailure(compactions, error as Error);
      throw error;
    }
  }

  #noteFailure(compactions: readonly Compaction[], error: Error): void {
    for (const compaction of compactions) {
      if (error instanceof CompactionAbandoned) this.#log.abandoned(compaction);
      else this.#log.failed(compaction, error);
      if (!(error instanceof UnreadableInput)) continue;
      for (const input of compaction.inputs) if (input.entry.name === error.segmentName) this.#refused.add(input);
    }
  }

  #paceOf(compaction: Compaction, control: VacuumControl | undefined): CompactionPace {
    return new CompactionPace({
      check: () => this.#check(compaction, control),
      giveWay: () => this.#flusher.whenIdle(),
      rest: () => (control !== undefined || this.#isPressing(compaction) ? undefined : this.#rest()),
    });
  }

  #check(compaction: Compaction, control: VacuumControl | undefined): void {
    if (this.#isClosed) throw new CompactionAbandoned('the server is being stopped');
    if (this.#work.failure() !== undefined) throw new CompactionAbandoned('nothing can be written any more');
    if (this.#flusher.problem !== undefined) throw new CompactionAbandoned('memtables cannot be written');
    checkStatement(control);
    compaction.assertCurrent();
  }

  /** Whether somebody waits, or so many segments that reads suffer more from them than from the merge. */
  #isPressing({ store, partition }: Compaction): boolean {
    if (this.#waiting > 0) return true;
    const table = this.#work.state.layers.table(store.oid);
    const found = table === undefined ? undefined : findPartition(table, partition);
    return (found?.segments.length ?? 0) > TOO_MANY_SEGMENTS;
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#work.parts.timers.after(REST_MS, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #pick(
    store: TableStore,
    partition: number,
    { goal, since }: { goal: CompactionGoal; since: Lsn | undefined },
  ): Job | undefined {
    const { state } = this.#work;
    const table = state.tables.get(store.oid) === store ? state.layers.table(store.oid) : undefined;
    const segments = (table === undefined ? undefined : findPartition(table, partition))?.segments ?? [];
    if (segments.length === 0 || store.damage !== undefined) return undefined;
    const upTo = Math.min(since ?? Number.POSITIVE_INFINITY, mergedUpTo(this.#work, store, partition));
    const facts = this.#facts.read(segments, upTo);
    const isOld = (index: number) => since === undefined || segments[index]!.entry.minLsn <= since;
    const eligible = facts.map((fact, index) => (isOld(index) ? fact : { ...fact, isMergeable: false }));
    const pick = pickCompaction(eligible, goal, this.#limits(segments));
    if (pick === undefined) return undefined;
    return { store, partition, inputs: segments.slice(pick.from, pick.to), reason: pick.reason };
  }

  #limits(segments: readonly StoredSegment[]): CompactionLimits {
    let columnCount = 1;
    for (const segment of segments) {
      if (!segment.isDamaged) columnCount = Math.max(columnCount, segment.reader.columns.length);
    }
    const cursors = Math.floor(MAX_CURSORS / columnCount);
    return { segments: Math.min(Math.max(cursors, 2), MAX_SEGMENTS), rows: MAX_ROWS, bytes: MAX_BACKGROUND_BYTES };
  }

  /** A merge needs room for its result before its inputs can go. */
  #isDiskFull(): boolean {
    const room = this.#work.parts.whenThereIsRoom?.();
    room?.catch(() => {});
    return room !== undefined;
  }

  #postpone(delayMs: number): void {
    this.#cancelRetry = this.#work.parts.timers.after(delayMs, () => {
      this.#cancelRetry = undefined;
      this.#run();
    });
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new SqlError(SqlState.AdminShutdown, 'the database system is shutting down');
  }

  /** Waits for what goes on without the statement, and gives up when the statement is to end. */
  #waitFor(work: Promise<void>, control: VacuumControl): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = (): void => {};
      const check = (): void => {
        try {
          this.#assertOpen();
          control.check();
        } catch (error) {
          reject(error as Error);
          return;
        }
        cancel = this.#work.parts.timers.after(CHECK_MS, check);
      };
      check();
      work.then(resolve, reject).finally(() => cancel());
    });
  }
}

function keyOf({ oid }: TableStore, partition: number): string {
  return `${oid}/${partition}`;
}

function checkStatement(control: VacuumControl | undefined): void {
  try {
    control?.check();
  } catch (error) {
    throw new CompactionAbandoned('the statement was canceled', { cause: error });
  }
}
