import type { AppliedCommit } from './apply-commit.ts';
import type { CheckpointWriter } from './checkpoint/checkpoint-writer.ts';
import type { EngineState } from './engine-state.ts';
import { flushError } from './flush-error.ts';
import { type FlushJob, isSmall, nextJobs, oldestMemtables } from './flush-jobs.ts';
import type { LayerWork } from './layer-work.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { PartitionFlush } from './partition-flush.ts';
import { recordFlushes } from './record-flushes.ts';
import type { StorageParts } from './storage-parts.ts';
import type { StoredSegment } from './stored-segment.ts';
import type { TableStore } from './table-store.ts';
import { findPartition, memtablesOf, withPartition } from './versions/table-layers.ts';
import { WaitingWriters } from './waiting-writers.ts';

/** Writers wait while memtables of more than this size in all, in memtables of full size, wait for the disk. */
const MAX_WAITING_MEMTABLES = 4;
/** All memtables together, in memtables of full size; beyond, the largest is flushed. */
const MEMORY_BUDGET_MEMTABLES = 8;
/** And beyond this, writers wait. */
const MAX_MEMTABLES = 12;
/** What the log may hold before its oldest rows are flushed, so that it can be trimmed. */
const LOG_BUDGET_BYTES = 1 << 30;
const RETRY_MS = 500;

/**
 * Background work: memtables that are full become segments, the manifest learns of them, the log forgets what they hold,
 * and files of dropped tables go. Oldest first; one memtable at a time, or many small ones together into a pack.
 */
export class Flusher {
  readonly #state: EngineState;
  readonly #parts: StorageParts;
  readonly #checkpoints: CheckpointWriter;
  readonly #work: LayerWork;
  readonly #failure: () => Error | undefined;
  readonly #onFlushed: (store: TableStore, partition: number) => void;
  readonly #queue: FlushJob[] = [];
  /** Those of the queue that are being flushed. */
  #current: readonly FlushJob[] = [];
  readonly #sizes = new Map<Memtable, { store: TableStore; sizeBytes: number }>();
  #totalBytes = 0;
  /** Of the memtables in the queue. */
  #waitingBytes = 0;
  #isClosed = false;
  #running: Promise<void> | undefined;
  readonly #cleaning = new Set<Promise<void>>();
  /** Why the last flush did not succeed; it is tried again. */
  #problem: Error | undefined;
  #published: (() => void)[] = [];
  /** Called after each flush, and after each attempt. */
  #steps: (() => void)[] = [];
  readonly #waitingWriters: WaitingWriters;

  /** `onFlushed`: a partition has got a segment, or lost some. */
  constructor(work: LayerWork, onFlushed: (store: TableStore, partition: number) => void) {
    this.#work = work;
    this.#state = work.state;
    this.#parts = work.parts;
    this.#failure = work.failure;
    this.#checkpoints = work.checkpoints;
    this.#onFlushed = onFlushed;
    this.#waitingWriters = new WaitingWriters(work.parts.timers, work.parts.writeTimeoutMs);
  }

  /** Why the last flush did not succeed, until one does. */
  get problem(): Error | undefined {
    return this.#problem;
  }

  /** A promise while something is being flushed. */
  whenIdle(): Promise<void> | undefined {
    return this.#running;
  }

  whenWritable(): Promise<void> | undefined {
    if (!this.#isBehind()) return undefined;
    if (this.#problem !== undefined) throw flushError(this.#problem);
    return this.#waitingWriters.wait();
  }

  /** After a commit became visible or came to nothing: freezes what has grown too large. */
  notePublished(applied: AppliedCommit): void {
    for (const { store, memtable } of applied.rowsWritten) this.#noteSize(store, memtable);
    for (const { store, memtable } of applied.rowsWritten) {
      if (memtable.sizeBytes >= this.#parts.memtableBytes) this.#freeze(store, memtable);
    }
    this.#flushStaged(applied);
    // Of a table that was emptied the files go at once.
    for (const { store, partition } of applied.emptied) this.#flushPartition(store, partition);
    this.#keepBudgets();
    for (const resolve of this.#published.splice(0)) resolve();
  }

  noteDiscarded(discarded: readonly AppliedCommit[]): void {
    for (const applied of discarded) this.#flushStaged(applied);
    for (const resolve of this.#published.splice(0)) resolve();
  }

  async flushAll(): Promise<void> {
    for (const { store, partitions } of [...this.#state.layers.tables()]) {
      for (const { partition } of partitions) this.#flushPartition(store, partition);
    }
    // What failed before is tried again now: its retry may be a while off, and all of it is asked for.
    if (this.#queue.length > 0) this.#start();
    while (this.#running !== undefined) {
      await this.#running;
      const problem = this.#problem ?? this.#failure();
      if (problem !== undefined) throw flushError(problem);
    }
    await Promise.all(this.#cleaning);
    await this.#work.files.settled();
  }

  /**
   * Waits until all that the table has in memory by now is on disk, unless it is behind the manifest. Throws 53100 or 58030
   * when that fails.
   */
  async flushTable(store: TableStore): Promise<void> {
    for (const { partition } of this.#state.layers.table(store.oid)?.partitions ?? []) {
      this.#flushPartition(store, partition);
    }
    const jobs = this.#queue.filter((job) => job.store === store);
    while (!this.#isClosed && jobs.some((job) => this.#queue.includes(job))) {
      const failure = this.#failure();
      if (failure !== undefined) throw flushError(failure);
      this.#start();
      await new Promise<void>((resolve) => this.#steps.push(resolve));
      if (this.#problem !== undefined) throw flushError(this.#problem);
    }
  }

  /** The table was dropped: its rows leave memory now, its files as soon as no snapshot reads them. */
  forgetTable(oid: number): void {
    const { layers } = this.#state;
    const partitions = layers.table(oid)?.partitions ?? [];
    for (const partition of partitions) {
      for (const memtable of memtablesOf(partition)) this.#forgetSize(memtable);
    }
    this.#removeJobs((job) => job.store.oid === oid && !this.#current.includes(job));
    layers.delete(oid);
    const unnamed = partitions.flatMap(({ segments }) => segments.filter(({ isNamed }) => !isNamed));
    const cleaning = this.#checkpoints.dropTable(oid, { isInLog: unnamed.length > 0 }).then(
      (objects) => {
        layers.retire(() => {
          for (const { segments } of partitions) for (const segment of segments) this.#work.files.close(segment);
          for (const object of objects) this.#work.files.release(object);
          // A flush that was under way may have named some of them until the table was taken out.
          const named = new Set(objects.map(({ name }) => name));
          for (const { entry } of unnamed) {
            if (named.has(entry.name)) continue;
            this.#work.files.release(entry);
            if (entry.deletes !== undefined) this.#work.files.release(entry.deletes);
          }
        });
      },
      (error: Error) => {
        // The manifest still names the files; they go when the server starts the next time.
        this.#parts.report('warn', 'files of a dropped table were left behind', {
          tableOid: oid,
          error: error.message,
        });
      },
    );
    this.#cleaning.add(cleaning);
    void cleaning.then(() => this.#cleaning.delete(cleaning));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const resolve of this.#published.splice(0)) resolve();
    await this.#running;
    while (this.#cleaning.size > 0) await Promise.all(this.#cleaning);
    await this.#work.files.settled();
    for (const { partitions } of this.#state.layers.tables()) {
      for (const { segments } of partitions) for (const segment of segments) await segment.close();
    }
  }

  /** Segments that a commit has brought go into the manifest, and before them the rows that it found in memory. */
  #flushStaged({ staged }: AppliedCommit): void {
    for (const { store, memtable } of staged.frozen) {
      this.#noteSize(store, memtable);
      const { partition, sizeBytes } = memtable;
      this.#enqueue({ store, partition, memtable, sizeBytes });
    }
    for (const { store, partition } of staged.partitions) {
      this.#enqueue({ store, partition, memtable: undefined, sizeBytes: 0 });
    }
  }

  #noteSize(store: TableStore, memtable: Memtable): void {
    const known = this.#sizes.get(memtable);
    const { sizeBytes } = memtable;
    this.#totalBytes += sizeBytes - (known?.sizeBytes ?? 0);
    if (known === undefined) this.#sizes.set(memtable, { store, sizeBytes });
    else known.sizeBytes = sizeBytes;
  }

  #forgetSize(memtable: Memtable): void {
    this.#totalBytes -= this.#sizes.get(memtable)?.sizeBytes ?? 0;
    this.#sizes.delete(memtable);
  }

  #keepBudgets(): void {
    const budget = this.#parts.memtableBytes * MEMORY_BUDGET_MEMTABLES;
    if (this.#totalBytes > budget && this.#queue.length === 0) this.#flushLargest();
    if (this.#parts.log.sizeBytes > LOG_BUDGET_BYTES && this.#queue.length === 0) {
      for (const { store, partition } of oldestMemtables(this.#state, this.#parts.memtableBytes)) {
        this.#flushPartition(store, partition);
      }
    }
  }

  /** Where all of them are small, all go, into packs: one of them would not make much room. */
  #flushLargest(): void {
    let largest: [Memtable, { store: TableStore; sizeBytes: number }] | undefined;
    for (const entry of this.#sizes) {
      if (largest === undefined || entry[1].sizeBytes > largest[1].sizeBytes) largest = entry;
    }
    if (largest === undefined) return;
    const [memtable, { store, sizeBytes }] = largest;
    if (!isSmall(sizeBytes, this.#parts.memtableBytes)) this.#freeze(store, memtable);
    else for (const [small, { store: owner }] of [...this.#sizes]) this.#freeze(owner, small);
  }

  /** Freezes the active memtable; where there is none, deletes alone are written. */
  #flushPartition(store: TableStore, partition: number): void {
    const table = this.#state.layers.table(store.oid);
    const active = table && findPartition(table, partition)?.active;
    if (active !== undefined) {
      this.#freeze(store, active);
      return;
    }
    if (store.unflushedDeletes.firstOf(partition) === Number.POSITIVE_INFINITY) return;
    if (this.#queue.some((job) => job.store === store && job.partition === partition && job.memtable === undefined)) {
      return;
    }
    this.#enqueue({ store, partition, memtable: undefined, sizeBytes: 0 });
  }

  /** Later commits of the partition go to a new memtable; no effect if they do so already. */
  #freeze(store: TableStore, memtable: Memtable): void {
    const { layers } = this.#state;
    const table = layers.table(store.oid);
    if (table === undefined) return;
    const found = findPartition(table, memtable.partition);
    if (found?.active !== memtable) return;
    layers.set(withPartition(table, { ...found, active: undefined, frozen: [...found.frozen, memtable] }));
    this.#enqueue({ store, partition: memtable.partition, memtable, sizeBytes: memtable.sizeBytes });
  }

  /**
   * Behind what waits, but before younger memtables of its partition: a commit that grew one of them over its size may be
   * the one that froze this one.
   */
  #enqueue(job: FlushJob): void {
    const { store, partition, memtable } = job;
    const table = this.#state.layers.table(store.oid);
    const frozen = (table && findPartition(table, partition)?.frozen) ?? [];
    const younger = memtable === undefined ? [] : frozen.slice(frozen.indexOf(memtable) + 1);
    const at = this.#queue.findIndex((other) => other.memtable !== undefined && younger.includes(other.memtable));
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, job);
    this.#waitingBytes += job.sizeBytes;
    this.#start();
  }

  #removeJobs(isRemoved: (job: FlushJob) => boolean): void {
    for (let index = this.#queue.length - 1; index >= 0; index--) {
      const job = this.#queue[index]!;
      if (!isRemoved(job)) continue;
      this.#queue.splice(index, 1);
      this.#waitingBytes -= job.sizeBytes;
    }
  }

  #isBehind(): boolean {
    const { memtableBytes } = this.#parts;
    return (
      this.#waitingBytes > memtableBytes * MAX_WAITING_MEMTABLES || this.#totalBytes > memtableBytes * MAX_MEMTABLES
    );
  }

  #start(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 && this.#problem === undefined && this.#failure() === undefined) this.#start();
    });
  }

  async #run(): Promise<void> {
    // What is frozen in this turn can be flushed together.
    await Promise.resolve();
    while (this.#queue.length > 0 && !this.#isClosed && this.#failure() === undefined) {
      try {
        await this.#flushNext();
        this.#problem = undefined;
        for (const resolve of this.#steps.splice(0)) resolve();
        if (!this.#isBehind()) this.#waitingWriters.resolveAll();
      } catch (error) {
        this.#problem = error as Error;
        this.#parts.report('error', 'a memtable could not be written to disk', { error: (error as Error).message });
        for (const resolve of this.#steps.splice(0)) resolve();
        this.#waitingWriters.rejectAll(flushError(this.#problem));
        this.#parts.timers.after(RETRY_MS, () => this.#start());
        return;
      }
      this.#keepBudgets();
    }
    for (const resolve of this.#steps.splice(0)) resolve();
    const failure = this.#failure();
    if (failure === undefined) return;
    this.#waitingWriters.rejectAll(flushError(failure));
  }

  async #flushNext(): Promise<void> {
    const [first] = this.#queue;
    // Rows that may yet come to nothing must not reach a segment. Deletes are told apart by their LSNs.
    while (first!.memtable !== undefined && first!.memtable.lastLsn > this.#state.publishedLsn) {
      if (this.#isClosed || this.#failure() !== undefined) return;
      await new Promise<void>((resolve) => this.#published.push(resolve));
    }
    const jobs = nextJobs(this.#queue, this.#state.publishedLsn, this.#parts.memtableBytes);
    this.#current = jobs;
    try {
      await this.#work.changes.run(async () => {
        await recordFlushes(
          this.#work,
          jobs.filter(({ flush, store }) => flush === undefined && !this.#isGone(store) && !store.isBehindManifest),
        );
        for (const job of jobs) if (job.flush !== undefined) await this.#putInPlace(job.flush);
      });
      const done = new Set(jobs);
      this.#removeJobs((job) => done.has(job));
    } finally {
      this.#current = [];
    }
    await this.#trimLog();
  }

  /** The segment takes the place of its memtable. */
  async #putInPlace(flush: PartitionFlush): Promise<void> {
    const { store, segment } = flush;
    // Deletes that come until then are found in it.
    for (;;) {
      const turn = this.#work.whenApplied() ?? flush.mapDeletes();
      if (turn === undefined) break;
      await turn;
    }
    if (this.#isGone(store)) {
      await flush.closeSegment();
      // What the manifest names goes when it has forgotten the table, not before: a crash may come in between.
      for (const object of flush.written) {
        if (!this.#checkpoints.isNamed(store.oid, object)) this.#work.files.release(object);
      }
      return;
    }
    this.#replace(flush);
    store.unflushedDeletes.flushed(flush.partition, flush.appliedLsn);
    if (segment !== undefined) store.flushCount++;
  }

  /** That the log is longer than it has to be harms nobody; the next flush tries again. */
  async #trimLog(): Promise<void> {
    try {
      await this.#checkpoints.trimLog();
    } catch (error) {
      this.#parts.report('warn', 'the write-ahead log could not be shortened', { error: (error as Error).message });
    }
  }

  /** The drop is published; while it is not, it may yet come to nothing. */
  #isGone(store: TableStore): boolean {
    return this.#state.tables.get(store.oid) !== store;
  }

  #replace({ store, partition, memtable, segment, emptied }: PartitionFlush): void {
    const { layers } = this.#state;
    const table = layers.table(store.oid)!;
    const found = findPartition(table, partition)!;
    const kept = found.segments.filter((older) => !emptied.includes(older));
    layers.set(
      withPartition(table, {
        ...found,
        frozen: found.frozen.filter((other) => other !== memtable),
        segments: segment === undefined ? kept : inOrder([...kept, segment]),
      }),
    );
    if (memtable !== undefined) this.#forgetSize(memtable);
    this.#work.files.retire(layers, emptied);
    this.#onFlushed(store, partition);
  }
}

/** Oldest first: segments of large commits may be younger than rows that were in memory. */
function inOrder(segments: StoredSegment[]): StoredSegment[] {
  return segments.sort((a, b) => a.entry.minLsn - b.entry.minLsn);
}
