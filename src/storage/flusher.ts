import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode } from '../platform/file-system.ts';
import type { AppliedCommit } from './apply-commit.ts';
import { CheckpointWriter } from './checkpoint/checkpoint-writer.ts';
import type { EngineState } from './engine-state.ts';
import type { Memtable } from './memtable/memtable.ts';
import { PartitionFlush } from './partition-flush.ts';
import type { StorageParts } from './storage-parts.ts';
import type { StoredSegment } from './stored-segment.ts';
import type { TableStore } from './table-store.ts';
import { findPartition, memtablesOf, withPartition } from './versions/table-layers.ts';

interface FlushJob {
  readonly store: TableStore;
  readonly partition: number;
  /** Undefined: the deletes of the partition's segments alone. */
  readonly memtable: Memtable | undefined;
  /** Once the manifest has it: what is left is to put the segment into the memtable's place. */
  recorded?: { readonly flush: PartitionFlush; readonly segment: StoredSegment | undefined };
}

/** Writers wait while more memtables than this wait for the disk. */
const MAX_WAITING = 4;
/** All memtables together, in memtables of full size; beyond, the largest is flushed. */
const MEMORY_BUDGET_MEMTABLES = 8;
/** What the log may hold before its oldest rows are flushed, so that it can be trimmed. */
const LOG_BUDGET_BYTES = 1 << 30;
const RETRY_MS = 500;

/**
 * Background work: memtables that are full become segments, the manifest learns of them, the log forgets what they hold,
 * and files of dropped tables go. One memtable at a time, oldest first.
 */
export class Flusher {
  readonly #state: EngineState;
  readonly #parts: StorageParts;
  readonly #checkpoints: CheckpointWriter;
  readonly #failure: () => Error | undefined;
  readonly #queue: FlushJob[] = [];
  readonly #sizes = new Map<Memtable, { store: TableStore; sizeBytes: number }>();
  #totalBytes = 0;
  #isClosed = false;
  #running: Promise<void> | undefined;
  readonly #cleaning = new Set<Promise<void>>();
  /** Why the last flush did not succeed; it is tried again. */
  #problem: Error | undefined;
  #published: (() => void)[] = [];
  #waitingWriters: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(state: EngineState, parts: StorageParts, failure: () => Error | undefined) {
    this.#state = state;
    this.#parts = parts;
    this.#failure = failure;
    this.#checkpoints = new CheckpointWriter(state, parts);
  }

  whenWritable(): Promise<void> | undefined {
    if (this.#queue.length <= MAX_WAITING) return undefined;
    if (this.#problem !== undefined) throw flushError(this.#problem);
    return new Promise((resolve, reject) => this.#waitingWriters.push({ resolve, reject }));
  }

  /** After a commit became visible or came to nothing: freezes what has grown too large. */
  notePublished(applied: AppliedCommit): void {
    for (const { store, memtable } of applied.rowsWritten) this.#noteSize(store, memtable);
    for (const { store, memtable } of applied.rowsWritten) {
      if (memtable.sizeBytes >= this.#parts.memtableBytes) this.#freeze(store, memtable);
    }
    // Of a table that was emptied the files go at once.
    for (const { store, partition } of applied.emptied) this.#flushPartition(store, partition);
    this.#keepBudgets();
    for (const resolve of this.#published.splice(0)) resolve();
  }

  noteDiscarded(): void {
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
  }

  /** The table was dropped: its rows leave memory now, its files as soon as no snapshot reads them. */
  forgetTable(oid: number): void {
    const { layers } = this.#state;
    const partitions = layers.table(oid)?.partitions ?? [];
    for (const partition of partitions) {
      for (const memtable of memtablesOf(partition)) this.#forgetSize(memtable);
    }
    for (let index = this.#queue.length - 1; index > 0; index--) {
      if (this.#queue[index]!.store.oid === oid) this.#queue.splice(index, 1);
    }
    layers.delete(oid);
    const cleaning = this.#checkpoints.dropTable(oid).then(
      (names) => {
        layers.retire(() => {
          for (const { segments } of partitions) for (const segment of segments) void segment.close();
          for (const name of names) this.#remove(name);
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
    for (const { partitions } of this.#state.layers.tables()) {
      for (const { segments } of partitions) for (const segment of segments) await segment.close();
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
    if (this.#totalBytes > budget && this.#queue.length === 0) {
      let largest: [Memtable, { store: TableStore; sizeBytes: number }] | undefined;
      for (const entry of this.#sizes) {
        if (largest === undefined || entry[1].sizeBytes > largest[1].sizeBytes) largest = entry;
      }
      if (largest !== undefined) this.#freeze(largest[1].store, largest[0]);
    }
    if (this.#parts.log.sizeBytes > LOG_BUDGET_BYTES && this.#queue.length === 0) this.#flushOldest();
  }

  /** The partition that keeps most of the log from being cut. */
  #flushOldest(): void {
    let oldest: { store: TableStore; partition: number } | undefined;
    let oldestLsn = Number.POSITIVE_INFINITY;
    for (const { store, partitions } of this.#state.layers.tables()) {
      for (const { partition, active } of partitions) {
        const rowsFrom = active === undefined || active.rowCount === 0 ? Number.POSITIVE_INFINITY : active.firstLsn;
        const lsn = Math.min(rowsFrom, store.unflushedDeletes.firstOf(partition));
        if (lsn >= oldestLsn) continue;
        oldest = { store, partition };
        oldestLsn = lsn;
      }
    }
    if (oldest !== undefined) this.#flushPartition(oldest.store, oldest.partition);
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
    this.#queue.push({ store, partition, memtable: undefined });
    this.#start();
  }

  /** Later commits of the partition go to a new memtable; no effect if they do so already. */
  #freeze(store: TableStore, memtable: Memtable): void {
    const { layers } = this.#state;
    const table = layers.table(store.oid);
    if (table === undefined) return;
    const found = findPartition(table, memtable.partition);
    if (found?.active !== memtable) return;
    layers.set(withPartition(table, { ...found, active: undefined, frozen: [...found.frozen, memtable] }));
    this.#queue.push({ store, partition: memtable.partition, memtable });
    this.#start();
  }

  #start(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 && this.#problem === undefined && this.#failure() === undefined) this.#start();
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isClosed && this.#failure() === undefined) {
      try {
        await this.#flush(this.#queue[0]!);
        this.#queue.shift();
        this.#problem = undefined;
        if (this.#queue.length <= MAX_WAITING) for (const { resolve } of this.#waitingWriters.splice(0)) resolve();
      } catch (error) {
        this.#problem = error as Error;
        this.#parts.report('error', 'a memtable could not be written to disk', { error: (error as Error).message });
        for (const { reject } of this.#waitingWriters.splice(0)) reject(flushError(this.#problem));
        this.#parts.timers.after(RETRY_MS, () => this.#start());
        return;
      }
      this.#keepBudgets();
    }
    const failure = this.#failure();
    if (failure === undefined) return;
    for (const { reject } of this.#waitingWriters.splice(0)) reject(flushError(failure));
  }

  async #flush(job: FlushJob): Promise<void> {
    const { store, partition, memtable } = job;
    // Rows that may yet come to nothing must not reach a segment. Deletes are told apart by their LSNs.
    while (memtable !== undefined && memtable.lastLsn > this.#state.publishedLsn) {
      if (this.#isClosed || this.#failure() !== undefined) return;
      await new Promise<void>((resolve) => this.#published.push(resolve));
    }
    if (job.recorded === undefined) {
      if (this.#isGone(store)) return;
      job.recorded = await this.#record(job);
    }
    const { flush, segment } = job.recorded;
    // Deletes that come until the segment takes the memtable's place are found in it.
    for (let search = flush.mapDeletes(); search !== undefined; search = flush.mapDeletes()) await search;
    if (this.#isGone(store)) {
      await segment?.close();
      // What the manifest names goes when it has forgotten the table, not before: a crash may come in between.
      for (const name of flush.written) if (!this.#checkpoints.isNamed(store.oid, name)) this.#remove(name);
      return;
    }
    this.#replace(store, { partition, memtable, segment, emptied: flush.emptied });
    store.unflushedDeletes.flushed(partition, flush.appliedLsn);
    await this.#trimLog();
  }

  /** That the log is longer than it has to be harms nobody; the next flush tries again. */
  async #trimLog(): Promise<void> {
    try {
      await this.#checkpoints.trimLog();
    } catch (error) {
      this.#parts.report('warn', 'the write-ahead log could not be shortened', { error: (error as Error).message });
    }
  }

  async #record({ store, partition, memtable }: FlushJob): Promise<NonNullable<FlushJob['recorded']>> {
    const stands = { state: this.#state, parts: this.#parts, checkpoints: this.#checkpoints };
    const flush = new PartitionFlush(stands, store, { partition, memtable });
    try {
      const segment = await flush.write();
      for (const name of flush.replaced) this.#remove(name);
      return { flush, segment };
    } catch (error) {
      // Only after a clean refusal; otherwise the manifest may name them after all, and the next start will know.
      if (error instanceof SqlError && error.code === SqlState.DiskFull) {
        for (const name of flush.written) this.#remove(name);
      }
      throw error;
    }
  }

  /** The drop is published; while it is not, it may yet come to nothing. */
  #isGone(store: TableStore): boolean {
    return this.#state.tables.get(store.oid) !== store;
  }

  #replace(
    store: TableStore,
    change: {
      readonly partition: number;
      readonly memtable: Memtable | undefined;
      readonly segment: StoredSegment | undefined;
      readonly emptied: readonly StoredSegment[];
    },
  ): void {
    const { partition, memtable, segment, emptied } = change;
    const { layers } = this.#state;
    const table = layers.table(store.oid)!;
    const found = findPartition(table, partition)!;
    const kept = found.segments.filter((older) => !emptied.includes(older));
    layers.set(
      withPartition(table, {
        ...found,
        frozen: found.frozen.filter((other) => other !== memtable),
        segments: segment === undefined ? kept : [...kept, segment],
      }),
    );
    if (segment !== undefined) store.flushCount++;
    if (memtable !== undefined) this.#forgetSize(memtable);
    if (emptied.length === 0) return;
    layers.retire(() => {
      for (const older of emptied) {
        void older.close();
        this.#remove(older.entry.name);
        if (older.storedDeletes !== undefined) this.#remove(older.storedDeletes.name);
      }
    });
  }

  #remove(name: string): void {
    const removing = this.#parts.segments.remove(name).catch((error: Error) => {
      this.#parts.report('warn', 'a file that is not needed any more could not be removed', {
        name,
        error: error.message,
      });
    });
    this.#cleaning.add(removing);
    void removing.then(() => this.#cleaning.delete(removing));
  }
}

/** What writers are told when memory is full and the disk does not take it. */
function flushError(problem: Error): SqlError {
  if (problem instanceof SqlError) return problem;
  const isFull = errorCode(problem) === 'ENOSPC' || errorCode(problem) === 'EDQUOT';
  return new SqlError(isFull ? SqlState.DiskFull : SqlState.IoError, `could not write data: ${problem.message}`);
}
