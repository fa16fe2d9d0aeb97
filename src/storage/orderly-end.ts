import type { Lsn } from '../catalog/table.ts';
import { CorruptionError } from '../errors/corruption-error.ts';
import type { CheckpointWriter } from './checkpoint/checkpoint-writer.ts';
import { unchanged } from './checkpoint/manifest-content.ts';
import type { EngineState } from './engine-state.ts';
import type { StorageParts } from './storage-parts.ts';

/**
 * Tells the manifest that it was an orderly end, when everything else is written: unlogged tables are whole, and the log
 * goes as far as this. So the loss of its very last records shows, which looks like a torn tail otherwise.
 */
export async function recordEnd(
  { publishedLsn }: EngineState,
  { manifest, report }: Pick<StorageParts, 'manifest' | 'report'>,
  checkpoints: CheckpointWriter,
): Promise<void> {
  if (manifest.content.endedAt === publishedLsn) return;
  try {
    await checkpoints.recordEnd();
  } catch (error) {
    report('warn', 'it could not be recorded that the server ended in order: unlogged tables will be empty', {
      error: (error as Error).message,
    });
  }
}

/**
 * Throws CorruptionError when the log ended before the commit with which the server did. `lastLsn`: the last commit that
 * the manifest or the log has. With `acceptsLoss` it is reported, and forgotten; then true.
 */
export async function assertLogReachesEnd(
  { manifest, report }: Pick<StorageParts, 'manifest' | 'report'>,
  { lastLsn, acceptsLoss }: { readonly lastLsn: Lsn; readonly acceptsLoss: boolean },
): Promise<boolean> {
  const { endedAt } = manifest.content;
  if (endedAt === undefined || lastLsn >= endedAt) return false;
  if (!acceptsLoss) throw new CorruptionError(lostEnd(lastLsn, endedAt));
  report('error', 'the log has lost its end; these commits are given up', {
    firstLsn: lastLsn + 1,
    lastLsn: endedAt,
  });
  await manifest.change(async () => unchanged(manifest.content));
  return true;
}

export function lostEnd(lastLsn: Lsn, endedAt: Lsn): string {
  return `the write-ahead log ends with commit ${lastLsn}, but the server had ended in order with commit ${endedAt}`;
}
