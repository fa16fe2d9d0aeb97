import type { FlushJob } from './flush-jobs.ts';
import type { LayerWork } from './layer-work.ts';
import { OwnFiles, PackWriter } from './packs/object-target.ts';
import { fileOf, MIN_PACK_OBJECTS } from './packs/pack-place.ts';
import { PartitionFlush } from './partition-flush.ts';

/**
 * Writes the memtables of jobs, all of one database, and their deletes, and tells the manifest: of all of them, or of none.
 * Many share a pack. After an error nothing of them is left, unless the manifest has failed for good: then the next start
 * knows what it names.
 */
export async function recordFlushes(work: LayerWork, jobs: readonly FlushJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const { state, parts, checkpoints, files } = work;
  const flushes = jobs.map((job) => new PartitionFlush(work, job.store, job));
  const { databaseOid } = jobs[0]!.store;
  const isPacked = jobs.length >= MIN_PACK_OBJECTS;
  const pack = isPacked ? await PackWriter.create(parts.segments, state.objectNames.newPack(databaseOid)) : undefined;
  const target = pack ?? new OwnFiles(parts.segments);
  const news: PartitionFlush[] = [];
  try {
    for (const flush of flushes) if (await flush.write(target)) news.push(flush);
    if (pack?.isEmpty === true) await pack.discard();
    else await pack?.publish();
    for (const flush of news) await flush.openSegment();
    if (news.length > 0) await checkpoints.recordFlushes(news.map(({ record }) => record));
  } catch (error) {
    // Why they were not written is what counts; a draft that cannot be removed goes at the next start.
    for (const flush of flushes) await flush.closeSegment().catch(() => {});
    await pack?.discard().catch(() => {});
    if (parts.manifest.failure === undefined) {
      for (const file of new Set(flushes.flatMap(({ written }) => written).map(fileOf))) files.remove(file);
    }
    throw error;
  }
  for (const [index, flush] of flushes.entries()) {
    for (const object of flush.written) state.packs.add(object);
    for (const object of flush.noteRecorded()) files.release(object);
    jobs[index]!.flush = flush;
  }
}
