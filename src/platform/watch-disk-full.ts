import { errorCode, type FileHandle, type FileSystem } from './file-system.ts';

/** The same file system; `onFull` is called whenever an operation of it finds no room, before its caller hears of it. */
export function watchDiskFull(fileSystem: FileSystem, onFull: () => void): FileSystem {
  const note = (error: unknown): never => {
    if (lacksRoom(error)) onFull();
    throw error;
  };
  return {
    open: (path, mode) =>
      fileSystem.open(path, mode).then((handle) => (mode === 'read' ? handle : new WatchedHandle(handle, note)), note),
    rename: (from, to) => fileSystem.rename(from, to).catch(note),
    remove: (path) => fileSystem.remove(path).catch(note),
    list: (directory) => fileSystem.list(directory),
    makeDirectory: (path) => fileSystem.makeDirectory(path).catch(note),
    syncDirectory: (path) => fileSystem.syncDirectory(path).catch(note),
    exists: (path) => fileSystem.exists(path),
  };
}

/** That a file grew beyond a limit of the process (EFBIG) is no matter of room: removing another would not help. */
function lacksRoom(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

class WatchedHandle implements FileHandle {
  readonly #handle: FileHandle;
  readonly #note: (error: unknown) => never;

  constructor(handle: FileHandle, note: (error: unknown) => never) {
    this.#handle = handle;
    this.#note = note;
  }

  read(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<number> {
    return this.#handle.read(buffer, bufferOffset, length, position);
  }

  write(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<void> {
    return this.#handle.write(buffer, bufferOffset, length, position).catch(this.#note);
  }

  sync(): Promise<void> {
    return this.#handle.sync().catch(this.#note);
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size).catch(this.#note);
  }

  size(): Promise<number> {
    return this.#handle.size();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
