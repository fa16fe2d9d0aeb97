import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FileHandle, FileSystem } from '../../platform/file-system.ts';
import type { Random } from '../../platform/random.ts';
import { isDiskFull, systemErrorText } from '../../platform/system-error.ts';
import type { AppendGroup } from './append-group.ts';
import { beginRecord, finishRecord, getUint53, RECORD_HEADER_BYTES, RecordKind, SEAL_BYTES } from './log-record.ts';
import { randomFileId, WAL_FILE_HEADER_BYTES, writeWalFileHeader } from './wal-file.ts';
import type { WalFilePool } from './wal-file-pool.ts';
import type { WalExtent } from './wal-reader.ts';

/** A file that the log stands in. */
export interface StartedFile {
  readonly number: number;
  readonly path: string;
  readonly fileId: number;
  readonly previousLsn: Lsn;
  /** Where its last record ends. */
  endOffset: number;
  /** Open while the file may have to be written or synced. */
  handle: FileHandle | undefined;
  /** Nothing will be written to it any more. */
  isFinished: boolean;
}

export interface WalWriterOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly pool: WalFilePool;
  readonly random: Random;
  readonly fileBytes: number;
}

export interface WalWriterState {
  /** Oldest first; the last one is written to. */
  readonly files: readonly StartedFile[];
  /** CRC header of the last record. */
  readonly crc: number;
  /** LSN of the last commit. */
  readonly lastLsn: Lsn;
  readonly durableLsn: Lsn;
}

/** How far a group has got on its way to disk; becomes the state of the log once all of it is written. */
interface Placement {
  file: StartedFile | undefined;
  offset: number;
  crc: number;
  lsn: Lsn;
  readonly durableLsn: Lsn;
  /** Files that were started for this group. */
  readonly started: StartedFile[];
  /** Files that the group filled up, with their ends. */
  readonly filled: { readonly file: StartedFile; readonly endOffset: number }[];
  /** Whether bytes of the group may stand in the file that was written to before. */
  hasTouchedOldFile: boolean;
}

/**
 * Puts groups of records into files and syncs them. One `write` at a time (the caller sees to that); `sync` may run
 * beside it. A full disk is undone and reported as SqlError 53100: the log then stands as before the group. After any
 * other error the writer must not be used again.
 */
export class WalWriter {
  readonly #options: WalWriterOptions;
  readonly #files: StartedFile[];
  #crc: number;
  #lastLsn: Lsn;
  #durableLsn: Lsn;
  /** The durable LSN that the newest header on disk carries. */
  #recordedDurableLsn: Lsn = -1;
  /**
   * Where recovery found the end, records of a torn group may follow. Before anything else is written there, a seal
   * with a random body is made durable. It gives the chain a course into which they do not fit, and it overwrites the
   * header of the first: that one may fit, and only lack a piece of its body that a later write could supply.
   */
  #needsSeal: boolean;
  /** Files with writes that are not synced. */
  readonly #unsynced = new Set<StartedFile>();
  #syncError: Error | undefined;
  #lane: Promise<unknown> = Promise.resolve();

  constructor(options: WalWriterOptions, state: WalWriterState) {
    this.#options = options;
    this.#files = [...state.files];
    this.#crc = state.crc;
    this.#lastLsn = state.lastLsn;
    this.#durableLsn = state.durableLsn;
    this.#needsSeal = state.files.length > 0;
  }

  /** Everything up to here is on disk. */
  get durableLsn(): Lsn {
    return this.#durableLsn;
  }

  get hasUnsynced(): boolean {
    return this.#unsynced.size > 0;
  }

  get hasUnsyncedFinishedFile(): boolean {
    for (const file of this.#unsynced) if (file.isFinished) return true;
    return false;
  }

  /** Whether a seal would say more than the last header on disk does. */
  get hasNewsToSeal(): boolean {
    return this.#files.length > 0 && this.#durableLsn > this.#recordedDurableLsn;
  }

  /** The number of the file that is written to, if more than half of it is full: time to prepare the next. Else 0. */
  get fileNumberPastHalf(): number {
    const active = this.#files.at(-1);
    return active !== undefined && active.endOffset > this.#options.fileBytes / 2 ? active.number : 0;
  }

  get sizeBytes(): number {
    let total = 0;
    for (const file of this.#files) total += file.endOffset;
    return total;
  }

  get extent(): WalExtent {
    const files = this.#files.slice();
    return { files, endOffset: files.at(-1)?.endOffset ?? 0 };
  }

  /** Writes the group, which may be empty, with a seal in front if asked for or necessary. */
  async write(group: AppendGroup, { withSeal }: { withSeal: boolean }): Promise<void> {
    const file = this.#files.at(-1);
    const placement: Placement = {
      file,
      offset: file?.endOffset ?? 0,
      crc: this.#crc,
      lsn: this.#lastLsn,
      durableLsn: this.#durableLsn,
      started: [],
      filled: [],
      hasTouchedOldFile: false,
    };
    try {
      await this.#place(group, placement, withSeal || this.#needsSeal);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await this.#inTurn(() => this.#undo(placement));
      throw new SqlError(SqlState.DiskFull, `could not extend the write-ahead log: ${systemErrorText(error)}`);
    }
    for (const { file, endOffset } of placement.filled) {
      file.endOffset = endOffset;
      file.isFinished = true;
      // To be closed by the next sync.
      this.#unsynced.add(file);
    }
    this.#files.push(...placement.started);
    if (placement.file) placement.file.endOffset = placement.offset;
    this.#crc = placement.crc;
    this.#lastLsn = placement.lsn;
    this.#recordedDurableLsn = placement.durableLsn;
    this.#needsSeal = false;
  }

  /** Makes all that is written durable. */
  sync(): Promise<void> {
    return this.#inTurn(async () => {
      // After one that failed nothing is known to be durable, although the kernel has no pages left to fail with.
      if (this.#syncError !== undefined) throw this.#syncError;
      const target = this.#lastLsn;
      // A write that goes on meanwhile puts its file back into the set.
      const files = [...this.#unsynced];
      this.#unsynced.clear();
      for (const file of files) {
        try {
          await file.handle?.sync();
        } catch (error) {
          this.#syncError = error as Error;
          throw error;
        }
        if (file.isFinished && !this.#unsynced.has(file)) await closeFile(file);
      }
      this.#durableLsn = Math.max(this.#durableLsn, target);
    });
  }

  /** Whether there are files in which every record is at or before `upTo`. */
  hasFilesUpTo(upTo: Lsn): boolean {
    const second = this.#files[1];
    return second !== undefined && second.previousLsn <= upTo;
  }

  /** Gives those files back that `hasFilesUpTo` speaks of, as far as they are synced. */
  async retire(upTo: Lsn): Promise<void> {
    let count = 0;
    while (this.#files[count]!.handle === undefined && this.#files[count + 1]!.previousLsn <= upTo) count++;
    const retired = this.#files.splice(0, count);
    await this.#options.pool.retire(retired.map((file) => file.path));
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const file of this.#files) await closeFile(file);
    });
  }

  async #place(group: AppendGroup, placement: Placement, withSeal: boolean): Promise<void> {
    const { bytes, view, length } = group;
    let partStart = SEAL_BYTES;
    if (withSeal && placement.file) {
      this.#makeSeal(group, placement);
      partStart = 0;
      if (this.#needsSeal) {
        await this.#writePart(group, placement, 0, SEAL_BYTES);
        await syncOrFail(placement.file);
        partStart = SEAL_BYTES;
      }
    }
    for (let at = SEAL_BYTES; at < length; ) {
      const recordBytes = RECORD_HEADER_BYTES + view.getUint32(at + 4, true);
      const file = placement.file;
      // A record that is larger than a file gets one to itself, as large as it needs.
      const isFirst = placement.offset === WAL_FILE_HEADER_BYTES && at === partStart;
      const end = placement.offset + (at - partStart) + recordBytes;
      if (file === undefined || (end > this.#options.fileBytes && !isFirst)) {
        await this.#writePart(group, placement, partStart, at);
        await this.#startFile(placement);
        partStart = at;
        continue;
      }
      placement.crc = finishRecord(bytes, view, at, {
        durableLsn: placement.durableLsn,
        fileId: file.fileId,
        previousCrc: placement.crc,
      });
      placement.lsn = getUint53(view, at + 8);
      at += recordBytes;
    }
    await this.#writePart(group, placement, partStart, length);
  }

  #makeSeal({ bytes, view }: AppendGroup, placement: Placement): void {
    const body = bytes.subarray(RECORD_HEADER_BYTES, SEAL_BYTES);
    this.#options.random.fill(body);
    beginRecord(view, 0, {
      kind: RecordKind.Seal,
      lsn: placement.lsn,
      bodyLength: body.length,
      bodyCrc: crc32(body),
    });
    placement.crc = finishRecord(bytes, view, 0, {
      durableLsn: placement.durableLsn,
      fileId: placement.file!.fileId,
      previousCrc: placement.crc,
    });
  }

  async #writePart(group: AppendGroup, placement: Placement, start: number, end: number): Promise<void> {
    if (start === end) return;
    const file = placement.file!;
    if (placement.started.length === 0) placement.hasTouchedOldFile = true;
    await file.handle!.write(group.bytes, start, end - start, placement.offset);
    // Only now: a sync that began before the end of the write does not cover it.
    this.#unsynced.add(file);
    placement.offset += end - start;
  }

  async #startFile(placement: Placement): Promise<void> {
    const { number, path, handle } = await this.#options.pool.take();
    if (placement.file) placement.filled.push({ file: placement.file, endOffset: placement.offset });
    const fileId = randomFileId(this.#options.random);
    const file: StartedFile = {
      number,
      path,
      fileId,
      previousLsn: placement.lsn,
      endOffset: WAL_FILE_HEADER_BYTES,
      handle,
      isFinished: false,
    };
    placement.started.push(file);
    const header = new Uint8Array(WAL_FILE_HEADER_BYTES);
    const previousCrc = placement.crc;
    placement.file = file;
    placement.offset = header.length;
    placement.crc = writeWalFileHeader(header, {
      number,
      fileId,
      previousLsn: placement.lsn,
      durableLsn: placement.durableLsn,
      previousCrc,
    });
    await handle.write(header, 0, header.length, 0);
    this.#unsynced.add(file);
  }

  /** Makes the log on disk end where it did before the group: a rejected record must not come back after a crash. */
  async #undo({ started, hasTouchedOldFile }: Placement): Promise<void> {
    const { fileSystem, directory } = this.#options;
    for (const file of started) {
      this.#unsynced.delete(file);
      await closeFile(file);
      await fileSystem.remove(file.path);
    }
    if (started.length > 0) await fileSystem.syncDirectory(directory);
    const active = this.#files.at(-1);
    if (active && hasTouchedOldFile) {
      await active.handle!.truncate(active.endOffset);
      await active.handle!.sync();
    }
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#lane.then(action);
    this.#lane = result.catch(() => {});
    return result;
  }
}

/** Whatever its code, a failed sync is never a full disk that one may wait out. */
async function syncOrFail(file: StartedFile): Promise<void> {
  try {
    await file.handle!.sync();
  } catch (error) {
    throw new Error(systemErrorText(error), { cause: error });
  }
}

async function closeFile(file: StartedFile): Promise<void> {
  const handle = file.handle;
  file.handle = undefined;
  await handle?.close();
}
