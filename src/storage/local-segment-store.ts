import { CorruptionError } from '../errors/corruption-error.ts';
import { invariant } from '../errors/invariant.ts';
import { errorCode, type FileHandle, type FileSystem, parentDirectory } from '../platform/file-system.ts';
import { makeDurableDirectory } from '../platform/make-durable-directory.ts';
import type { SegmentDraft, SegmentObject, SegmentStore } from './seams/segment-store.ts';

const DRAFTS = 'drafts';

export interface LocalSegmentStoreOptions {
  readonly fileSystem: FileSystem;
  /** Made if missing. Belongs to the store alone. */
  readonly directory: string;
}

/** Segments as files below one directory. Drafts lie in a directory of their own, which is emptied at start. */
export class LocalSegmentStore implements SegmentStore {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  /** Directories that are known to exist durably. */
  readonly #directories = new Set<string>();
  #draftCount = 0;

  static async open({ fileSystem, directory }: LocalSegmentStoreOptions): Promise<LocalSegmentStore> {
    const draftDirectory = `${directory}/${DRAFTS}`;
    await makeDurableDirectory(fileSystem, draftDirectory);
    for (const name of await fileSystem.list(draftDirectory)) await fileSystem.remove(`${draftDirectory}/${name}`);
    return new LocalSegmentStore(fileSystem, directory);
  }

  /** For looking only: nothing is made or removed. */
  static readOnly({ fileSystem, directory }: LocalSegmentStoreOptions): LocalSegmentStore {
    return new LocalSegmentStore(fileSystem, directory);
  }

  private constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  async create(name: string): Promise<SegmentDraft> {
    const path = this.#path(name);
    if (await this.#fileSystem.exists(path)) throw alreadyExists(path);
    await this.#makeDirectoryOf(path);
    const draftPath = `${this.#directory}/${DRAFTS}/${++this.#draftCount}`;
    const handle = await this.#fileSystem.open(draftPath, 'create');
    return new LocalDraft(this.#fileSystem, handle, { draftPath, path });
  }

  async open(name: string): Promise<SegmentObject> {
    const path = this.#path(name);
    const handle = await this.#fileSystem.open(path, 'read');
    return new LocalSegment(name, path, handle, await handle.size());
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#fileSystem.remove(this.#path(name));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  async list(prefix: string): Promise<string[]> {
    const names: string[] = [];
    const walk = async (directory: string): Promise<void> => {
      const path = directory === '' ? this.#directory : this.#path(directory);
      for (const entry of await this.#fileSystem.list(path)) {
        const name = directory === '' ? entry : `${directory}/${entry}`;
        if (!entry.endsWith('/')) names.push(name);
        else if (name !== `${DRAFTS}/`) await walk(name.slice(0, -1));
      }
    };
    try {
      await walk(prefix.replace(/\/$/, ''));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    return names.sort();
  }

  #path(name: string): string {
    const isPlain = name.split('/').every((part) => /^[\w-][\w.-]*$/.test(part));
    invariant(isPlain && name.split('/')[0] !== DRAFTS, `"${name}" can name a segment`);
    return `${this.#directory}/${name}`;
  }

  async #makeDirectoryOf(path: string): Promise<void> {
    const directory = parentDirectory(path);
    if (this.#directories.has(directory)) return;
    await makeDurableDirectory(this.#fileSystem, directory);
    this.#directories.add(directory);
  }
}

class LocalDraft implements SegmentDraft {
  readonly #fileSystem: FileSystem;
  readonly #handle: FileHandle;
  readonly #draftPath: string;
  readonly #path: string;
  #sizeBytes = 0;
  #isDone = false;

  constructor(fileSystem: FileSystem, handle: FileHandle, { draftPath, path }: { draftPath: string; path: string }) {
    this.#fileSystem = fileSystem;
    this.#handle = handle;
    this.#draftPath = draftPath;
    this.#path = path;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const at = this.#sizeBytes;
    this.#sizeBytes += bytes.length;
    await this.#handle.write(bytes, 0, bytes.length, at);
  }

  async publish(): Promise<void> {
    invariant(!this.#isDone, 'a draft is published once, and not after it was discarded');
    await this.#handle.sync();
    this.#isDone = true;
    await this.#handle.close();
    if (await this.#fileSystem.exists(this.#path)) {
      await this.#fileSystem.remove(this.#draftPath);
      throw alreadyExists(this.#path);
    }
    await this.#fileSystem.rename(this.#draftPath, this.#path);
    await this.#fileSystem.syncDirectory(parentDirectory(this.#path));
  }

  async discard(): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    await this.#handle.close();
    await this.#fileSystem.remove(this.#draftPath);
  }
}

class LocalSegment implements SegmentObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(name: string, path: string, handle: FileHandle, sizeBytes: number) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#path = path;
    this.#handle = handle;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    // The length may come from damaged bytes: memory is taken for what the file has, not for what is asked.
    if (length > this.sizeBytes - position) throw this.#endsBefore(position + length);
    const target = new Uint8Array(length);
    await this.readInto(target, position);
    return target;
  }

  async readInto(target: Uint8Array, position: number): Promise<void> {
    const count = await this.#handle.read(target, 0, target.length, position);
    if (count < target.length) throw this.#endsBefore(position + target.length);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #endsBefore(end: number): CorruptionError {
    return new CorruptionError(`segment file "${this.#path}" of ${this.sizeBytes} bytes ends before offset ${end}`);
  }
}

function alreadyExists(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists, "${path}"`), { code: 'EEXIST' });
}
