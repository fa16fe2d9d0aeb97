import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { errorCode, type FileHandle, type FileSystem } from '../../platform/file-system.ts';

/** The directory of the files that statements write when their rows do not fit into memory. Nothing in it outlives a run. */
export class TemporaryFiles {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  #nextNumber = 1;

  private constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Makes the directory, and removes what a process that was killed left there. */
  static async open(fileSystem: FileSystem, directory: string): Promise<TemporaryFiles> {
    await fileSystem.makeDirectory(directory);
    for (const name of await fileSystem.list(directory)) {
      if (!name.endsWith('/')) await fileSystem.remove(`${directory}/${name}`);
    }
    return new TemporaryFiles(fileSystem, directory);
  }

  /** A new empty file. */
  async create(): Promise<TemporaryFile> {
    const path = `${this.#directory}/query-${this.#nextNumber++}.tmp`;
    const handle = await refused(() => this.#fileSystem.open(path, 'create'));
    return new TemporaryFile(handle, () => this.#fileSystem.remove(path));
  }
}

/** Bytes that nobody else sees, gone once it is closed. Throws 53100 when the disk is full. */
export class TemporaryFile {
  readonly #handle: FileHandle;
  readonly #remove: () => Promise<void>;
  #sizeBytes = 0;

  constructor(handle: FileHandle, remove: () => Promise<void>) {
    this.#handle = handle;
    this.#remove = remove;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await refused(() => this.#handle.write(bytes, 0, bytes.length, this.#sizeBytes));
    this.#sizeBytes += bytes.length;
  }

  /** Fills `bytes` with what stands at `position`. */
  async read(bytes: Uint8Array, position: number): Promise<void> {
    const count = await refused(() => this.#handle.read(bytes, 0, bytes.length, position));
    if (count !== bytes.length)
      throw new SqlError(SqlState.IoError, 'could not read from a temporary file: it is short');
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#remove();
  }
}

/** What the disk says, as the statement's error. */
async function refused<Result>(operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new SqlError(SqlState.DiskFull, 'could not write to a temporary file: no space left on the disk', {
        hint: 'The statement needs more room than memory and disk have: narrow it, or make room.',
      });
    }
    throw new SqlError(SqlState.IoError, `could not use a temporary file: ${code}`);
  }
}
