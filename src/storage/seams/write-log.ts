import type { Lsn } from '../../catalog/table.ts';

/**
 * When an append counts as durable. `every_write`: after fdatasync. `periodic`: once the kernel has it, with an
 * fdatasync every 100 ms, so that a power cut loses at most that. `os_default`: once the kernel has it. `none`: as
 * `os_default`; that rows are not appended at all is the caller's part.
 */
export type Durability = 'every_write' | 'periodic' | 'os_default' | 'none';

export interface AppendOptions {
  /**
   * False: the record counts as durable once the kernel has it, also where the mode asks for more (synchronous_commit =
   * off); it is synced within 100 ms. If records before it wait for their sync, it waits with them. Default true.
   */
  readonly isSynchronous?: boolean;
}

export interface LogAppend {
  readonly lsn: Lsn;
  /**
   * Resolves when the record is as durable as the log's mode asks. Rejects with SqlError 53100 (disk full, the log
   * can go on once there is space): the record will then not come back. Or with 58030 (the log is finished, see
   * `failure`): what of it had reached the disk is not known, and the next start may find it, whole.
   * Nobody has to wait for it. The appends of a group share one promise.
   */
  readonly durable: Promise<void>;
}

/** The appends `after` < LSN ≤ `upTo` were rejected. */
export interface LogRejection {
  readonly after: Lsn;
  readonly upTo: Lsn;
  readonly error: Error;
}

export interface LogEntry {
  readonly lsn: Lsn;
  /** Stays valid. */
  readonly body: Uint8Array;
}

/**
 * The write-ahead log of one server: a sequence of bodies, one per commit, under rising LSNs. An LSN is a commit
 * number and no file offset; a rejected append leaves a gap. Local files now, other stores later: nothing outside
 * knows where the records are.
 */
export interface WriteLog {
  /** The LSN that the next append will get. */
  readonly nextLsn: Lsn;
  /** Everything up to here is known to be on disk. */
  readonly durableLsn: Lsn;
  /** What the log occupies on disk for records that are not trimmed, in bytes. */
  readonly sizeBytes: number;
  /** Set for good after a failed fsync, or a failed write other than a full disk: the server is read-only from here. */
  readonly failure: Error | undefined;
  /**
   * The last rejection, a new object each time. It stands here at once, while those who wait for `durable` hear of it in a
   * later microtask: who builds one append on another looks here first.
   */
  readonly rejection: LogRejection | undefined;

  /**
   * Takes a copy of `body` (at most 1 GiB, else SqlError 54000) as the next record. When the disk is full everything
   * that was appended up to then is rejected, since later records may build on earlier ones.
   */
  append(body: Uint8Array, options?: AppendOptions): LogAppend;

  /**
   * The records with an LSN of at least `from` that were written when the call was made, in order. Throws
   * CorruptionError for damage, and where the log begins only after `from`.
   */
  read(from: Lsn): AsyncIterable<LogEntry>;

  /** Allows the log to forget the records up to and including `upTo`: the manifest's applied position, nothing else. */
  trim(upTo: Lsn): Promise<void>;

  /** Makes everything appended so far durable, whatever the mode. */
  sync(): Promise<void>;

  /** Makes everything durable and ends the log; after a failure it only closes the files. */
  close(): Promise<void>;
}
