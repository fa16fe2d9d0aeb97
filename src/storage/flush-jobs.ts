import type { Lsn } from '../catalog/table.ts';
import type { EngineState } from './engine-state.ts';
import type { Memtable } from './memtable/memtable.ts';
import type { PartitionFlush } from './partition-flush.ts';
import type { TableStore } from './table-store.ts';

export interface FlushJob {
  readonly store: TableStore;
  readonly partition: number;
  /** Undefined: the deletes of the partition's segments alone. */
  readonly memtable: Memtable | undefined;
  readonly sizeBytes: number;
  /** Once the manifest has it: what is left is to put the segment into the memtable's place. */
  flush?: PartitionFlush;
}

/** A memtable below this share of a full one is small: it goes into a pack with others. */
const SMALL_SHARE = 1 / 16;
/** What goes into one pack at most. */
const MAX_PACK_JOBS = 4096;

export function isSmall(sizeBytes: number, memtableBytes: number): boolean {
  return sizeBytes <= memtableBytes * SMALL_SHARE;
}

/**
 * The first job of the queue, and if it is small, all small ones of its database that can go with it. The memtables of a
 * partition are flushed one after the other, oldest first.
 */
export function nextJobs(queue: readonly FlushJob[], publishedLsn: Lsn, memtableBytes: number): readonly FlushJob[] {
  const [first] = queue;
  if (first === undefined) return [];
  const canShare = (job: FlushJob) => job.flush === undefined && isSmall(job.sizeBytes, memtableBytes);
  if (!canShare(first)) return [first];
  const jobs: FlushJob[] = [];
  const passed = new Set<string>();
  let sizeBytes = 0;
  for (const job of queue) {
    const place = `${job.store.oid}/${job.partition}`;
    const isPublished = job.memtable === undefined || job.memtable.lastLsn <= publishedLsn;
    const isOfDatabase = job.store.databaseOid === first.store.databaseOid;
    if (isOfDatabase && isPublished && canShare(job) && !passed.has(place)) {
      if (jobs.length === MAX_PACK_JOBS || (jobs.length > 0 && sizeBytes + job.sizeBytes > memtableBytes)) break;
      jobs.push(job);
      sizeBytes += job.sizeBytes;
    }
    passed.add(place);
  }
  return jobs;
}

/**
 * The partition that keeps most of the log from being cut, and the small ones which would be next: those whose oldest
 * commit lies in the older half of what is kept.
 */
export function oldestMemtables(
  state: EngineState,
  memtableBytes: number,
): readonly { readonly store: TableStore; readonly partition: number }[] {
  const candidates: { store: TableStore; partition: number; lsn: Lsn; isSmall: boolean }[] = [];
  for (const { store, partitions } of state.layers.tables()) {
    for (const { partition, active } of partitions) {
      const hasRows = active !== undefined && active.rowCount > 0;
      const rowsFrom = hasRows ? active.firstLsn : Number.POSITIVE_INFINITY;
      const lsn = Math.min(rowsFrom, store.unflushedDeletes.firstOf(partition));
      if (lsn === Number.POSITIVE_INFINITY) continue;
      candidates.push({ store, partition, lsn, isSmall: !hasRows || isSmall(active.sizeBytes, memtableBytes) });
    }
  }
  let oldest = candidates[0];
  for (const candidate of candidates) if (candidate.lsn < oldest!.lsn) oldest = candidate;
  if (oldest === undefined) return [];
  const { lsn: from } = oldest;
  const middle = from + (state.publishedLsn - from) / 2;
  return candidates.filter((candidate) => candidate === oldest || (candidate.isSmall && candidate.lsn <= middle));
}
