import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CompactionRecord } from '../checkpoint/checkpoint-writer.ts';
import type { LayerWork } from '../layer-work.ts';
import { type ObjectTarget, OwnFiles, PackWriter } from '../packs/object-target.ts';
import { fileOf, MIN_PACK_OBJECTS } from '../packs/pack-place.ts';
import type { Compaction } from './compaction.ts';
import { CompactionAbandoned, type CompactionPace } from './compaction-pace.ts';

const RETRY_MS = 500;

export interface GroupHooks {
  /** Throws CompactionAbandoned when the merge is to end. */
  readonly check: (compaction: Compaction) => void;
  /** The pace of one merge, which is about to begin. */
  readonly paceOf: (compaction: Compaction) => CompactionPace;
  readonly isClosed: () => boolean;
}

/**
 * Merges of several partitions of one database that are told to the manifest in one edit; the results of many small ones
 * share a pack. Returns those that came about: of the others the table was changed, and nothing is left of them. Throws
 * when one cannot be written; then none came about.
 */
export async function runCompactions(
  work: LayerWork,
  compactions: readonly Compaction[],
  hooks: GroupHooks,
): Promise<readonly Compaction[]> {
  let isTold = false;
  try {
    await writeAll(work, compactions, hooks);
    for (const compaction of compactions) await compaction.open();
    for (const compaction of compactions) hooks.check(compaction);
    return await work.changes.run(async () => {
      const records = await prepareAll(work, compactions);
      isTold = records.size > 0;
      const recorded = isTold ? await work.checkpoints.recordCompactions([...records.values()]) : [];
      for (const compaction of compactions) for (const object of compaction.written) work.state.packs.add(object);
      const installed: Compaction[] = [];
      for (const compaction of compactions) {
        const record = records.get(compaction);
        if (record === undefined || !recorded.includes(record)) await discard(work, compaction);
        else if (await putInPlace(work, compaction, hooks)) installed.push(compaction);
      }
      return installed;
    });
  } catch (error) {
    // Why they did not come about is what counts.
    for (const compaction of compactions) await compaction.close().catch(() => {});
    // After anything but a clean refusal the manifest may name them, and the next start will know.
    if (!isTold || (error instanceof SqlError && error.code === SqlState.DiskFull)) {
      for (const file of new Set(compactions.flatMap(({ written }) => written).map(fileOf))) work.files.remove(file);
    }
    throw error;
  }
}

async function writeAll(
  { parts, state }: LayerWork,
  compactions: readonly Compaction[],
  { paceOf }: GroupHooks,
): Promise<void> {
  const isPacked = compactions.length >= MIN_PACK_OBJECTS;
  const { databaseOid } = compactions[0]!.store;
  const pack = isPacked ? await PackWriter.create(parts.segments, state.objectNames.newPack(databaseOid)) : undefined;
  try {
    const target: ObjectTarget = pack ?? new OwnFiles(parts.segments);
    for (const compaction of compactions) await compaction.write(target, paceOf(compaction));
    if (pack?.isEmpty === true) await pack.discard();
    else await pack?.publish();
  } catch (error) {
    await pack?.discard().catch(() => {});
    throw error;
  }
}

/** What the manifest is to learn, of those merges whose inputs are still what their partitions consist of. */
async function prepareAll(
  { parts }: LayerWork,
  compactions: readonly Compaction[],
): Promise<ReadonlyMap<Compaction, CompactionRecord>> {
  const records = new Map<Compaction, CompactionRecord>();
  const target = new OwnFiles(parts.segments);
  for (const compaction of compactions) {
    try {
      records.set(compaction, await compaction.prepare(target));
    } catch (error) {
      if (!(error instanceof CompactionAbandoned)) throw error;
    }
  }
  return records;
}

/** The manifest does not name what was made. */
async function discard({ files }: LayerWork, compaction: Compaction): Promise<void> {
  await compaction.close();
  for (const object of compaction.written) files.release(object);
}

/** The manifest has the result: it takes the place of the inputs, unless the table was dropped meanwhile. */
async function putInPlace(work: LayerWork, compaction: Compaction, hooks: GroupHooks): Promise<boolean> {
  const { files, state } = work;
  if (!(await bringDeletesOver(work, compaction, hooks))) {
    compaction.store.isBehindManifest = true;
    await compaction.close();
    return false;
  }
  const { inputs, result } = compaction;
  if (compaction.install()) {
    files.retire(state.layers, inputs, () => {
      if (result !== undefined) result.mergedFrom = [];
    });
    return true;
  }
  // With the table goes what the manifest has for it: the result. The inputs are closed already.
  await compaction.close();
  state.layers.retire(() => {
    for (const { entry, storedDeletes } of inputs) {
      files.release(entry);
      if (storedDeletes !== undefined) files.release(storedDeletes);
    }
  });
  return false;
}

/**
 * Without it the inputs must not be replaced, and neither must they stay: the manifest does not know them any more. So it
 * is tried until it succeeds or the server stops. Then the table is flushed no more: so the next start has the deletes from
 * the log, and where rows are not logged it takes the end for a crash.
 */
async function bringDeletesOver(work: LayerWork, compaction: Compaction, { isClosed }: GroupHooks): Promise<boolean> {
  for (;;) {
    try {
      const next = () => compaction.mapDeletes() ?? work.whenApplied();
      for (let turn = next(); turn !== undefined; turn = next()) await turn;
      return true;
    } catch (error) {
      const { parts } = work;
      parts.report('error', 'deleted rows could not be looked up in a merged segment', {
        table: compaction.store.newest.name,
        error: (error as Error).message,
      });
      await new Promise<void>((resolve) => parts.timers.after(RETRY_MS, resolve));
      if (isClosed()) return false;
    }
  }
}
