import { type FileHandle, open, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';

const READ_BYTES = 262_144;

/** The one folder in which COPY may read and write files of the server's machine. */
export class CopyFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The path as the system knows it, links followed; undefined when it does not lie in the folder. Rejects with what the
   * system says where the folder of the file does not exist.
   */
  async resolve(path: string): Promise<string | undefined> {
    const folder = await realpath(this.#folder);
    const wanted = isAbsolute(path) ? path : join(folder, path);
    const name = basename(wanted);
    if (name === '' || name === '.' || name === '..') return undefined;
    const parent = await realpath(dirname(wanted));
    if (parent !== folder && !parent.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
    const whole = join(parent, name);
    const target = await realpath(whole).catch(() => whole);
    // A link in the folder may lead out of it.
    return target === whole ? whole : this.resolve(target);
  }

  async openToRead(path: string): Promise<CopyFile> {
    return new CopyFile(await open(path, 'r'));
  }

  /** What is there is replaced. */
  async openToWrite(path: string): Promise<CopyFile> {
    return new CopyFile(await open(path, 'w', 0o644));
  }
}

/** Bytes of one file from front to back. */
export class CopyFile {
  readonly #handle: FileHandle;
  readonly #bytes = new Uint8Array(READ_BYTES);

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async isDirectory(): Promise<boolean> {
    return (await this.#handle.stat()).isDirectory();
  }

  /** The next bytes, valid until the next call; undefined at the end. */
  async read(): Promise<Uint8Array | undefined> {
    const { bytesRead } = await this.#handle.read(this.#bytes, 0, READ_BYTES, null);
    return bytesRead === 0 ? undefined : this.#bytes.subarray(0, bytesRead);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, null);
      at += bytesWritten;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
