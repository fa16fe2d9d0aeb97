import type { FileHandle, FileSystem } from '../../platform/file-system.ts';
import { walFileName } from './wal-file.ts';

const ZEROS = new Uint8Array(1 << 20);
const MAX_PREPARED = 2;
export const PREPARING_NAME = 'preparing.tmp';

/** A file of full size under its final name, durable in the directory, without a valid header: ready to be started. */
export interface PreparedFile {
  readonly number: number;
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Has the next files of the log ready, so that a commit never waits for space to be allocated. A new file is filled
 * with zeros under a temporary name, synced and renamed; an old one is recycled by renaming. A number is never used
 * twice, and the lowest is used first.
 */
export class WalFilePool {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #fileBytes: number;
  readonly #prepared: PreparedFile[] = [];
  #nextNumber: number;
  #lane: Promise<unknown> = Promise.resolve();

  constructor(fileSystem: FileSystem, directory: string, options: { fileBytes: number; nextNumber: number }) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#fileBytes = options.fileBytes;
    this.#nextNumber = options.nextNumber;
  }

  /** Takes in a file that recovery found unused; those come in order of their numbers, before anything else. */
  adopt(file: PreparedFile): void {
    this.#prepared.push(file);
  }

  /** The next file to start. */
  take(): Promise<PreparedFile> {
    return this.#inTurn(async () => this.#prepared.shift() ?? (await this.#create()));
  }

  /** Makes sure that the next `take` finds a file. */
  prepare(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#prepared.length === 0) this.#prepared.push(await this.#create());
    });
  }

  /** Recycles or removes files that the log no longer needs, oldest first. */
  retire(paths: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const recycled: PreparedFile[] = [];
      for (const oldPath of paths) {
        const handle = await this.#fileSystem.open(oldPath, 'read-write');
        // A file that was made for a record larger than the others is not worth keeping.
        const isWanted = this.#prepared.length + recycled.length < MAX_PREPARED;
        if (isWanted && (await handle.size()) === this.#fileBytes) {
          const number = this.#nextNumber++;
          const path = this.#path(number);
          await this.#fileSystem.rename(oldPath, path);
          recycled.push({ number, path, handle });
        } else {
          await handle.close();
          await this.#fileSystem.remove(oldPath);
        }
      }
      // A name that could still be lost must not be written under.
      await this.#fileSystem.syncDirectory(this.#directory);
      this.#prepared.push(...recycled);
    });
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const { handle } of this.#prepared.splice(0)) await handle.close();
    });
  }

  async #create(): Promise<PreparedFile> {
    let path = `${this.#directory}/${PREPARING_NAME}`;
    const handle = await this.#fileSystem.open(path, 'create-or-open');
    try {
      await handle.truncate(0);
      for (let position = 0; position < this.#fileBytes; position += ZEROS.length) {
        await handle.write(ZEROS, 0, Math.min(ZEROS.length, this.#fileBytes - position), position);
      }
      // So that later syncs find the space allocated.
      await handle.sync();
      const number = this.#nextNumber++;
      const finalPath = this.#path(number);
      await this.#fileSystem.rename(path, finalPath);
      path = finalPath;
      await this.#fileSystem.syncDirectory(this.#directory);
      return { number, path, handle };
    } catch (error) {
      // Its space is needed elsewhere. If that fails too, the next start removes it.
      await handle.close().catch(() => {});
      await this.#fileSystem.remove(path).catch(() => {});
      throw error;
    }
  }

  #path(number: number): string {
    return `${this.#directory}/${walFileName(number)}`;
  }

  /** One change of the directory at a time, so that the order of numbers is that of use. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#lane.then(action);
    this.#lane = result.catch(() => {});
    return result;
  }
}
