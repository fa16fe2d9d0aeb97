import * as fs from 'node:fs';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import type { FileHandle, FileSystem, OpenMode } from './file-system.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;

const openFlags: Record<OpenMode, number> = {
  read: O_RDONLY,
  'read-write': O_RDWR,
  create: O_RDWR | O_CREAT | O_EXCL,
  'create-or-open': O_RDWR | O_CREAT,
};

/** The real disk. */
export const nodeFileSystem: FileSystem = {
  open(path, mode) {
    return new Promise((resolve, reject) => {
      fs.open(path, openFlags[mode], 0o600, (error, descriptor) => {
        if (error) reject(error);
        else resolve(new NodeFileHandle(descriptor));
      });
    });
  },

  rename(from, to) {
    return rename(from, to);
  },

  remove(path) {
    return unlink(path);
  },

  async list(directory) {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  },

  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },

  async syncDirectory(path) {
    // Windows cannot open a directory as a file; its file systems journal names by themselves.
    if (process.platform === 'win32') return;
    const directory = await this.open(path, 'read');
    try {
      await (directory as NodeFileHandle).syncWithMetadata();
    } finally {
      await directory.close();
    }
  },

  exists(path) {
    return new Promise((resolve, reject) => {
      fs.stat(path, (error) => {
        if (!error) resolve(true);
        else if (error.code === 'ENOENT' || error.code === 'ENOTDIR') resolve(false);
        else reject(error);
      });
    });
  },
};

/** Callbacks on a bare descriptor: the log writes through here, and node:fs/promises costs several times as much. */
class NodeFileHandle implements FileHandle {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const count = await this.#readOnce(buffer, bufferOffset + done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<void> {
    let done = 0;
    while (done < length) {
      const count = await this.#writeOnce(buffer, bufferOffset + done, length - done, position + done);
      if (count === 0) throw Object.assign(new Error('EIO: nothing was written'), { code: 'EIO', syscall: 'write' });
      done += count;
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  syncWithMetadata(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fsync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  truncate(size: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.ftruncate(this.#descriptor, size, (error) => (error ? reject(error) : resolve()));
    });
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#descriptor, (error, stats) => (error ? reject(error) : resolve(stats.size)));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.close(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  #readOnce(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#descriptor, buffer, offset, length, position, (error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  #writeOnce(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, buffer, offset, length, position, (error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }
}
