/**
 * The disk as a parameter. Everything that storage reads or writes goes through these two interfaces, so that a test
 * can hand in a disk that fails, fills up or loses power. Errors carry Node's `code` (`ENOENT`, `ENOSPC`, `EIO` …).
 */
export interface FileSystem {
  open(path: string, mode: OpenMode): Promise<FileHandle>;
  /** Replaces `to` if it exists. Lasting only after `syncDirectory` of the directory. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; `ENOENT` if there is none. */
  remove(path: string): Promise<void>;
  /** The names in a directory, in no order; those of directories end in `/`. `ENOENT` if there is none. */
  list(directory: string): Promise<string[]>;
  /** Makes the directory and its missing parents; no error if it exists. */
  makeDirectory(path: string): Promise<void>;
  /** Makes creations, renames and removals in the directory lasting. */
  syncDirectory(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
}

/** `create` fails with `EEXIST` if the file exists; all but `read` may also write; none truncates. */
export type OpenMode = 'read' | 'read-write' | 'create' | 'create-or-open';

/** An open file. Positions and lengths are in bytes. */
export interface FileHandle {
  /** Reads up to `length` bytes into `buffer` at `bufferOffset`; returns how many, fewer only at the end of the file. */
  read(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<number>;
  /** Writes all of `length` bytes or rejects; after a rejection any part of them may stand in the file. */
  write(buffer: Uint8Array, bufferOffset: number, length: number, position: number): Promise<void>;
  /** Makes data and size lasting (fdatasync). */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** The code that Node puts on errors of the operating system, `undefined` for other errors. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** The directory that a path lies in: what to sync after its name has changed. */
export function parentDirectory(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}
