import { unchanged } from './checkpoint/manifest-content.ts';
import type { EngineState } from './engine-state.ts';
import type { Flusher } from './flusher.ts';
import type { StorageParts } from './storage-parts.ts';
import type { TableStore } from './table-store.ts';

/**
 * After anything but an orderly end, unlogged tables are empty: what of them was on disk was not all there was. Every
 * commit has a record in the log, with or without rows; so a log that ends where the manifest says the server did proves
 * that nothing was written since.
 */
export async function resetUnlogged({ manifest, log, report }: Pick<StorageParts, 'manifest' | 'log' | 'report'>) {
  const { content } = manifest;
  if (content.endedAt !== undefined && log.nextLsn - 1 <= content.endedAt) return;
  const resets = content.tables
    .filter(({ descriptor, partitions }) => descriptor.persistence !== 'permanent' && partitions.length > 0)
    .map(({ descriptor }) => descriptor.oid);
  if (resets.length === 0) return;
  report('info', 'unlogged tables are empty, since the server did not end in order', { tableOids: resets });
  await manifest.change(async () => ({ ...unchanged(content), resets }));
}

/**
 * At an orderly end, rows that the log does not have go to disk: those of unlogged tables, and with durability `none`
 * those of all. False where that fails: then the next start takes it for a crash.
 */
export async function flushUnlogged(
  state: EngineState,
  { durability, report }: Pick<StorageParts, 'durability' | 'report'>,
  flusher: Flusher,
): Promise<boolean> {
  try {
    let isWhole = true;
    for (const store of [...state.tables.values()]) {
      if (durability !== 'none' && !isUnlogged(store)) continue;
      await flusher.flushTable(store);
      if (store.isBehindManifest) isWhole = false;
    }
    return isWhole;
  } catch (error) {
    report('warn', 'rows that are not in the log could not be written to disk', { error: (error as Error).message });
    return false;
  }
}

function isUnlogged({ newest }: TableStore): boolean {
  return newest.persistence === 'unlogged';
}
