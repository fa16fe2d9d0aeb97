/**
 * Immutable objects (segments, packs, series checkpoints) by name. A name is a relative path such as
 * `16384/packs/12.pack`; it exists wholly and durably, or not at all.
 */
export interface SegmentStore {
  /** Starts an object under a temporary name. Rejects with `EEXIST` if `name` is published already. */
  create(name: string): Promise<SegmentDraft>;
  /** Rejects with `ENOENT` if there is none. */
  open(name: string): Promise<SegmentObject>;
  /** No error if there is none. */
  remove(name: string): Promise<void>;
  /** The published names under the directory `prefix` (`''` for all), at any depth, sorted. */
  list(prefix: string): Promise<string[]>;
}

/** An object being written. A crash before `publish` leaves nothing that `list` would show. */
export interface SegmentDraft {
  /** Bytes appended so far. */
  readonly sizeBytes: number;
  /** Appends all of `bytes`; the caller may reuse them once it resolves. */
  append(bytes: Uint8Array): Promise<void>;
  /** Makes the content durable, then the name. */
  publish(): Promise<void>;
  /** Gives the draft up; no error if that was done before. */
  discard(): Promise<void>;
}

/** A published object, open for reading. */
export interface SegmentObject {
  readonly name: string;
  readonly sizeBytes: number;
  /** A fresh copy of `length` bytes from `position` on; CorruptionError if the object ends before. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Reads into all of `target`; CorruptionError if the object ends before. */
  readInto(target: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}
