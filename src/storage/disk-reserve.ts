import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode, type FileHandle, type FileSystem, parentDirectory } from '../platform/file-system.ts';
import type { Random } from '../platform/random.ts';
import { isDiskFull } from '../platform/system-error.ts';
import type { Timers } from '../platform/timers.ts';
import { watchDiskFull } from '../platform/watch-disk-full.ts';
import type { Report } from './storage-parts.ts';

export interface DiskReserveOptions {
  readonly fileSystem: FileSystem;
  readonly path: string;
  /** 0: no reserve. Then a full disk refuses what finds no room, and nothing else. */
  readonly sizeBytes: number;
  readonly timers: Timers;
  readonly random: Random;
  readonly report: Report;
}

const CHUNK_BYTES = 1 << 20;
/** How often the disk is tried while it is full: by itself, and at most when writers ask. */
const RETRY_MS = 1000;
const PATIENCE_MS = 250;

/**
 * A file whose only purpose is to be deleted. When the disk is full it goes, and its space is left to the work that frees
 * more: flushes, after which the log can be trimmed, and the removal of tables. New rows are refused meanwhile (53100).
 * Once there is room for it twice over, it is made again, and writes go on.
 *
 *   held ──no room anywhere──► released ──memory is flushed──► trying, each second ──room──► held
 */
export class DiskReserve {
  /** What storage has to write through, so that a full disk is noticed. */
  readonly fileSystem: FileSystem;
  readonly #options: DiskReserveOptions;
  #isHeld = false;
  /** The flush that was begun with the space of the reserve. */
  #relief: Promise<void> | undefined;
  #relieve: () => Promise<void> = () => Promise.resolve();
  #attempt: Promise<boolean> | undefined;
  #isPatient = false;
  #cancelRetry: (() => void) | undefined;
  #cancelPatience: (() => void) | undefined;
  #isClosed = false;

  constructor(options: DiskReserveOptions) {
    this.#options = options;
    this.fileSystem = watchDiskFull(options.fileSystem, () => this.#release());
  }

  /** Makes the file unless it is there. On a full disk there is none for now; it is tried again. */
  async open(): Promise<void> {
    const { sizeBytes, path, report } = this.#options;
    if (sizeBytes === 0) return;
    if (await this.#exists()) this.#isHeld = true;
    else if (!(await this.#make(sizeBytes))) {
      report('warn', 'there is no room for the reserve file; rows are refused until there is', {
        file: path,
        sizeBytes,
      });
      this.#retryLater();
    }
  }

  /** What to do with the space that the reserve leaves: to be set once there is something to flush. */
  onRelease(relieve: () => Promise<void>): void {
    this.#relieve = relieve;
  }

  /** Undefined while there is room. Otherwise rejects with 53100, or resolves once there is room again. */
  whenThereIsRoom(): Promise<void> | undefined {
    if (this.#isHeld || this.#options.sizeBytes === 0) return undefined;
    if (this.#isPatient || this.#relief !== undefined) return Promise.reject(noRoom());
    return this.#tryAgain().then((isHeld) => {
      if (!isHeld) throw noRoom();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#cancelPatience?.();
    await this.#relief;
    await this.#attempt;
  }

  #release(): void {
    if (!this.#isHeld || this.#isClosed) return;
    const { fileSystem, path, report } = this.#options;
    this.#isHeld = false;
    report('error', 'the disk is full; rows are refused until there is room', { released: path });
    this.#relief = fileSystem
      .remove(path)
      .then(() => this.#relieve())
      // The flusher has reported why, and tries again by itself.
      .catch(() => {})
      .finally(() => {
        this.#relief = undefined;
        this.#retryLater();
      });
  }

  #retryLater(): void {
    if (this.#isHeld || this.#isClosed || this.#cancelRetry !== undefined) return;
    this.#cancelRetry = this.#options.timers.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      void this.#tryAgain().then(() => this.#retryLater());
    });
  }

  /** One attempt at a time, and the next after a pause. Twice the room is asked for, or writes would take it at once. */
  #tryAgain(): Promise<boolean> {
    this.#attempt ??= this.#make(this.#options.sizeBytes * 2).then((isMade) => {
      this.#attempt = undefined;
      if (isMade) this.#options.report('info', 'there is room on the disk again', { reserve: this.#options.path });
      else this.#bePatient();
      return isMade;
    });
    return this.#attempt;
  }

  #bePatient(): void {
    if (this.#isClosed) return;
    this.#isPatient = true;
    this.#cancelPatience = this.#options.timers.after(PATIENCE_MS, () => {
      this.#isPatient = false;
    });
  }

  async #exists(): Promise<boolean> {
    const { fileSystem, path, sizeBytes } = this.#options;
    let handle: FileHandle;
    try {
      handle = await fileSystem.open(path, 'read');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
    try {
      return (await handle.size()) === sizeBytes;
    } finally {
      await handle.close();
    }
  }

  /** False when there are no `neededBytes`; of them the reserve keeps its own. */
  async #make(neededBytes: number): Promise<boolean> {
    const { fileSystem, path, sizeBytes, random, report } = this.#options;
    const temporaryPath = `${path}.tmp`;
    let handle: FileHandle | undefined;
    try {
      handle = await fileSystem.open(temporaryPath, 'create-or-open');
      await handle.truncate(0);
      // Not zeros: some file systems give those no space.
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, neededBytes));
      random.fill(chunk);
      for (let at = 0; at < neededBytes; at += chunk.length) {
        await handle.write(chunk, 0, Math.min(chunk.length, neededBytes - at), at);
      }
      await handle.sync();
      if (neededBytes > sizeBytes) await handle.truncate(sizeBytes);
      await handle.close();
      handle = undefined;
      await fileSystem.rename(temporaryPath, path);
      await fileSystem.syncDirectory(parentDirectory(path));
      this.#isHeld = true;
      return true;
    } catch (error) {
      await handle?.close().catch(() => {});
      await fileSystem.remove(temporaryPath).catch(() => {});
      if (!isDiskFull(error)) {
        report('warn', 'the reserve file could not be made', { file: path, error: (error as Error).message });
      }
      return false;
    }
  }
}

function noRoom(): SqlError {
  return new SqlError(SqlState.DiskFull, 'could not write: No space left on device', {
    hint: 'Reads go on. Free some space on the disk of the data directory, or drop a table; writes then go on by themselves.',
  });
}
