import type { FileSystem } from '../../src/platform/file-system.ts';
import type { WriteLog } from '../../src/storage/seams/write-log.ts';
import { LocalWriteLog, type LocalWriteLogOptions } from '../../src/storage/wal/local-write-log.ts';
import { ManualTimers } from './manual-timers.ts';
import { SeededRandom } from './seeded-random.ts';

/** A log in `data/wal` with small files, whose timers stand still unless the test brings its own. */
export function openLog(fileSystem: FileSystem, options: Partial<LocalWriteLogOptions> = {}): Promise<LocalWriteLog> {
  return LocalWriteLog.open({
    fileSystem,
    directory: 'data/wal',
    fileBytes: 4096,
    timers: new ManualTimers(),
    random: new SeededRandom(1),
    ...options,
  });
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What the log holds from an LSN on, as `[lsn, text]`. */
export async function readTexts(log: Pick<WriteLog, 'read'>, from = 1): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const { lsn, body } of log.read(from)) found.push([lsn, new TextDecoder().decode(body)]);
  return found;
}

/** Lets everything that waits for nothing but promises run to its end. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
