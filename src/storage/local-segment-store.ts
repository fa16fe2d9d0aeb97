import { CorruptionError } from '../errors/corruption-error.ts';
import { invariant } from '../errors/invariant.ts';
import { errorCode, type FileHandle, type FileSystem, parentDirectory } from '../platform/file-system.ts';
import { makeDurableDirectory } from '../platform/make-durable-directory.ts';
import type { SegmentDraft, SegmentObject, SegmentStore } from './seams/segment-store.ts';

const DRAFTS = 'drafts';
/** What is gathered of a draft before it is written. */
const DRAFT_BUFFER_BYTES = 256 * 1024;

export interface LocalSegmentStoreOptions {
  readonly fileSystem: FileSystem;
  /** Made if missing. Belongs to the store alone. */
  readonly directory: string;
}

/** A file that is open for all who read it: of a pack there may be thousands. */
interface OpenFile {
  userCount: number;
  readonly opening: Promise<{ readonly handle: FileHandle; readonly sizeBytes: number }>;
}

/**
 * Segments as files below one directory. Drafts lie in a directory of their own, which is emptied at start. However many
 * have an object open, its file is opened once.
 */
export class LocalSegmentStore implements SegmentStore {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  /** Directories that are known to exist durably. */
  readonly #directories = new Set<string>();
  readonly #open = new Map<string, OpenFile>();
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
    let file = this.#open.get(path);
    if (file === undefined) {
      file = { userCount: 0, opening: openFile(this.#fileSystem, path) };
      this.#open.set(path, file);
    }
    const opened = file;
    opened.userCount++;
    const close = async (): Promise<void> => {
      if (--opened.userCount > 0) return;
      if (this.#open.get(path) === opened) this.#open.delete(path);
      await (await opened.opening).handle.close();
    };
    try {
      const { handle, sizeBytes } = await opened.opening;
      return new LocalSegment({ name, path, sizeBytes }, handle, close);
    } catch (error) {
      opened.userCount--;
      // Who asks from now on shall hear what the disk says then.
      if (this.#open.get(path) === opened) this.#open.delete(path);
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const path = this.#path(name);
    this.#open.delete(path);
    try {
      await this.#fileSystem.remove(path);
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

async function openFile(fileSystem: FileSystem, path: string) {
  const handle = await fileSystem.open(path, 'read');
  try {
    return { handle, sizeBytes: await handle.size() };
  } catch (error) {
    // The first error says what is wrong with the file.
    await handle.close().catch(() => {});
    throw error;
  }
}

class LocalDraft implements SegmentDraft {
  readonly #fileSystem: FileSystem;
  readonly #handle: FileHandle;
  readonly #draftPath: string;
  readonly #path: string;
  /** What was appended last and is not written yet. */
  #buffer = new Uint8Array(0);
  #bufferedBytes = 0;
  #writtenBytes = 0;
  #isDone = false;

  constructor(fileSystem: FileSystem, handle: FileHandle, { draftPath, path }: { draftPath: string; path: string }) {
    this.#fileSystem = fileSystem;
    this.#handle = handle;
    this.#draftPath = draftPath;
    this.#path = path;
  }

  get sizeBytes(): number {
    return this.#writtenBytes + this.#bufferedBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#bufferedBytes + bytes.length > DRAFT_BUFFER_BYTES) await this.#writeBuffer();
    if (bytes.length >= DRAFT_BUFFER_BYTES) {
      await this.#write(bytes);
      return;
    }
    const end = this.#bufferedBytes + bytes.length;
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(Math.max(end, this.#buffer.length * 2, 4096), DRAFT_BUFFER_BYTES));
      grown.set(this.#buffer.subarray(0, this.#bufferedBytes));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#bufferedBytes);
    this.#bufferedBytes = end;
  }

  async publish(): Promise<void> {
    invariant(!this.#isDone, 'a draft is published once, and not after it was discarded');
    await this.#writeBuffer();
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

  async #writeBuffer(): Promise<void> {
    if (this.#bufferedBytes > 0) await this.#write(this.#buffer.subarray(0, this.#bufferedBytes));
    this.#bufferedBytes = 0;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#handle.write(bytes, 0, bytes.length, this.#writtenBytes);
    this.#writtenBytes += bytes.length;
  }
}

class LocalSegment implements SegmentObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #close: () => Promise<void>;
  #isClosed = false;

  constructor(
    { name, path, sizeBytes }: { name: string; path: string; sizeBytes: number },
    handle: FileHandle,
    close: () => Promise<void>,
  ) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#path = path;
    this.#handle = handle;
    this.#close = close;
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

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#close();
  }

  #endsBefore(end: number): CorruptionError {
    return new CorruptionError(`segment file "${this.#path}" of ${this.sizeBytes} bytes ends before offset ${end}`);
  }
}

function alreadyExists(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists, "${path}"`), { code: 'EEXIST' });
}
