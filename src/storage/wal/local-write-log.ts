import type { Lsn } from '../../catalog/table.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import { makeDurableDirectory } from '../../platform/make-durable-directory.ts';
import { type Random, systemRandom } from '../../platform/random.ts';
import { isDiskFull, systemErrorText } from '../../platform/system-error.ts';
import { systemTimers, type Timers } from '../../platform/timers.ts';
import type { AppendOptions, Durability, LogAppend, LogEntry, LogRejection, WriteLog } from '../seams/write-log.ts';
import { AppendGroup } from './append-group.ts';
import { MAX_BODY_BYTES } from './log-record.ts';
import { PREPARING_NAME, WalFilePool } from './wal-file-pool.ts';
import { readWal } from './wal-reader.ts';
import { scanWal, type WalScan } from './wal-recovery.ts';
import { type StartedFile, WalWriter } from './wal-writer.ts';

export interface LocalWriteLogOptions {
  readonly fileSystem: FileSystem;
  /** Made if missing. Belongs to the log alone. */
  readonly directory: string;
  /** Default `every_write`. */
  readonly durability?: Durability | undefined;
  /** Size of a log file, 64 MiB by default; at least 4 KiB. */
  readonly fileBytes?: number | undefined;
  /** The first LSN that the manifest says is not applied everywhere: what `read` will be asked for. Default 1. */
  readonly neededFrom?: Lsn | undefined;
  /** No LSN below this is given out. In the relaxed modes segments may be ahead of what the log kept. Default 1. */
  readonly nextLsnAtLeast?: Lsn | undefined;
  readonly sealDelayMs?: number | undefined;
  readonly syncIntervalMs?: number | undefined;
  readonly random?: Random | undefined;
  readonly timers?: Timers | undefined;
}

/** What was found when the log was opened. */
export interface WalRecovery {
  /** LSN of the last record, 0 if there is none. */
  readonly lastLsn: Lsn;
  /** The file in which the log ended, and where; `undefined` for a new log. */
  readonly end: { readonly path: string; readonly offset: number } | undefined;
  /** Record headers behind the end: parts of groups that were never acknowledged. */
  readonly discardedRecordCount: number;
}

const DEFAULT_FILE_BYTES = 64 << 20;

/** The write-ahead log in local files (docs/format/wal.md): group commit, durability modes, recovery. */
export class LocalWriteLog implements WriteLog {
  readonly recovery: WalRecovery;
  readonly #fileSystem: FileSystem;
  readonly #durability: Durability;
  readonly #writer: WalWriter;
  readonly #pool: WalFilePool;
  readonly #timers: Timers;
  readonly #sealDelayMs: number;
  readonly #syncIntervalMs: number;
  #nextLsn: Lsn;
  #failure: SqlError | undefined;
  #rejection: LogRejection | undefined;
  /** The last append whose promise was resolved. */
  #acknowledgedLsn: Lsn;
  #isClosed = false;
  /** Appends that wait for the write before them. */
  #pending = new AppendGroup();
  #spare: AppendGroup | undefined = new AppendGroup();
  /** The group that is on its way to disk. */
  #writing: AppendGroup | undefined;
  #drained: Promise<void> | undefined;
  #groupCount = 0;
  /** The number of the file whose successor has been prepared. */
  #preparedBehind = 0;
  #cancelSeal: (() => void) | undefined;
  #cancelSync: (() => void) | undefined;

  /**
   * Opens the log of a directory, a new one if there is none. Throws CorruptionError where acknowledged records are
   * damaged, and then leaves the files alone; cuts off a torn tail. A full disk does not keep it from opening.
   */
  static async open(options: LocalWriteLogOptions): Promise<LocalWriteLog> {
    const { fileSystem, directory, neededFrom = 1 } = options;
    await makeDurableDirectory(fileSystem, directory);
    const scan = await scanWal(fileSystem, directory, neededFrom);
    const preparingPath = `${directory}/${PREPARING_NAME}`;
    if (await fileSystem.exists(preparingPath)) await fileSystem.remove(preparingPath);
    const files = await openStartedFiles(fileSystem, scan);
    const fileBytes = Math.max(options.fileBytes ?? DEFAULT_FILE_BYTES, 4096);
    const pool = await makePool(options, scan, fileBytes);
    const writer = new WalWriter(
      { fileSystem, directory, pool, fileBytes, random: options.random ?? systemRandom },
      {
        files,
        crc: scan.end.crc,
        lastLsn: scan.end.lsn,
        durableLsn: Math.max(scan.end.lsn, neededFrom - 1),
      },
    );
    return new LocalWriteLog(options, { scan, pool, writer });
  }

  private constructor(
    options: LocalWriteLogOptions,
    { scan, pool, writer }: { scan: WalScan; pool: WalFilePool; writer: WalWriter },
  ) {
    const last = scan.started.at(-1);
    this.recovery = {
      lastLsn: scan.end.lsn,
      end: last && { path: last.path, offset: scan.end.offset },
      discardedRecordCount: scan.discardedRecordCount,
    };
    this.#fileSystem = options.fileSystem;
    this.#durability = options.durability ?? 'every_write';
    this.#writer = writer;
    this.#pool = pool;
    this.#timers = options.timers ?? systemTimers;
    this.#sealDelayMs = options.sealDelayMs ?? 10;
    this.#syncIntervalMs = options.syncIntervalMs ?? 100;
    this.#nextLsn = Math.max(scan.end.lsn + 1, options.neededFrom ?? 1, options.nextLsnAtLeast ?? 1);
    this.#acknowledgedLsn = this.#nextLsn - 1;
  }

  get nextLsn(): Lsn {
    return this.#nextLsn;
  }

  get durableLsn(): Lsn {
    return this.#writer.durableLsn;
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  get failure(): SqlError | undefined {
    return this.#failure;
  }

  get rejection(): LogRejection | undefined {
    return this.#rejection;
  }

  append(body: Uint8Array, { isSynchronous = true }: AppendOptions = {}): LogAppend {
    if (this.#isClosed) throw new Error('the write-ahead log is closed');
    if (body.length > MAX_BODY_BYTES) {
      throw new SqlError(
        SqlState.ProgramLimitExceeded,
        `write-ahead log record of ${body.length} bytes exceeds the maximum of ${MAX_BODY_BYTES} bytes`,
      );
    }
    const lsn = this.#nextLsn++;
    const group = this.#pending;
    if (this.#failure) {
      const { durable } = group;
      group.reject(this.#failure);
      return { lsn, durable };
    }
    const durable = group.add(lsn, body, { needsSync: isSynchronous && this.#durability === 'every_write' });
    this.#drained ??= Promise.resolve().then(() => this.#drain());
    return { lsn, durable };
  }

  read(from: Lsn): AsyncIterable<LogEntry> {
    return readWal(this.#fileSystem, this.#writer.extent, from);
  }

  async trim(upTo: Lsn): Promise<void> {
    if (!this.#writer.hasFilesUpTo(upTo)) return;
    // Nothing old may be waiting for a sync once it has become a new file.
    await this.#sync();
    await this.#writer.retire(upTo);
  }

  async sync(): Promise<void> {
    // Later groups are not waited for: under steady load there is always one. That a group fails is for its writers to hear.
    const last = this.#pending.isEmpty ? this.#writing : this.#pending;
    await (last?.needsSync === true ? last.durable : last?.written)?.catch(() => {});
    await this.#sync();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelSeal?.();
    this.#cancelSync?.();
    while (this.#drained) await this.#drained;
    try {
      if (!this.#failure) {
        await this.#sync();
        await this.#seal();
        await this.#sync();
      }
    } finally {
      await this.#pool.close();
      await this.#writer.close();
    }
  }

  /** Writes group after group, each of what has come in during the one before, until nothing waits. */
  async #drain(): Promise<void> {
    while (!this.#pending.isEmpty && !this.#failure) {
      const group = this.#pending;
      this.#pending = this.#spare ?? new AppendGroup();
      this.#spare = undefined;
      this.#writing = group;
      this.#groupCount++;
      try {
        await this.#writer.write(group, { withSeal: false });
        if (group.unsyncedLsn > 0 && !this.#failure) {
          this.#acknowledgedLsn = group.unsyncedLsn;
          group.resolveWritten();
        }
        if (group.needsSync) await this.#writer.sync();
        if (this.#failure) throw this.#failure;
        this.#acknowledgedLsn = group.lastLsn;
        group.resolve();
        this.#afterWrite();
      } catch (error) {
        this.#reject(group, error);
      }
      this.#writing = undefined;
      group.clear();
      this.#spare = group;
    }
    this.#drained = undefined;
  }

  #afterWrite(): void {
    const fileNumber = this.#writer.fileNumberPastHalf;
    if (fileNumber > this.#preparedBehind) {
      this.#preparedBehind = fileNumber;
      // Only a head start: when it fails, the next file is made when it is needed, and fails there for all to see.
      this.#pool.prepare().catch(() => {});
    }
    const isPeriodic = this.#durability === 'periodic' || this.#durability === 'every_write';
    if (isPeriodic && this.#writer.hasUnsynced && !this.#cancelSync && !this.#isClosed) {
      this.#cancelSync = this.#timers.after(this.#syncIntervalMs, () => {
        this.#cancelSync = undefined;
        this.#sync().catch(() => {});
      });
    } else if (this.#durability !== 'every_write' && this.#writer.hasUnsyncedFinishedFile) {
      this.#sync().catch(() => {});
    }
    this.#scheduleSeal();
  }

  async #sync(): Promise<void> {
    if (this.#failure) throw this.#failure;
    try {
      await this.#writer.sync();
    } catch (error) {
      throw this.#fail(error);
    }
    this.#scheduleSeal();
  }

  /** Once nothing has been written for a while, a seal records that the last group is durable too. */
  #scheduleSeal(): void {
    if (this.#cancelSeal || this.#isClosed || !this.#writer.hasNewsToSeal) return;
    const groupCount = this.#groupCount;
    this.#cancelSeal = this.#timers.after(this.#sealDelayMs, () => {
      this.#cancelSeal = undefined;
      if (this.#drained || this.#groupCount !== groupCount) this.#scheduleSeal();
      else this.#drained = this.#seal().then(() => this.#drain());
    });
  }

  async #seal(): Promise<void> {
    if (this.#failure || !this.#writer.hasNewsToSeal) return;
    const group = this.#spare ?? new AppendGroup();
    this.#spare = undefined;
    try {
      await this.#writer.write(group, { withSeal: true });
    } catch (error) {
      // A seal that finds no room can wait; nobody was promised it.
      if (!isRejectedForSpace(error)) this.#fail(error);
    }
    this.#spare = group;
  }

  #reject(group: AppendGroup, error: unknown): void {
    if (!isRejectedForSpace(error)) {
      group.reject(this.#fail(error));
      return;
    }
    this.#noteRejection(error);
    group.reject(error);
    // Those behind it may build on what it held.
    const followers = this.#pending;
    followers.reject(error);
    this.#pending = new AppendGroup();
  }

  /** From here on nothing is acknowledged any more. The fsync is not tried again: the kernel has dropped the pages. */
  #fail(error: unknown): SqlError {
    this.#failure ??=
      error instanceof SqlError
        ? error
        : new SqlError(SqlState.IoError, `could not write to the write-ahead log: ${systemErrorText(error)}`, {
            hint: 'The server is read-only until it is restarted.',
          });
    this.#noteRejection(this.#failure);
    this.#pending.reject(this.#failure);
    return this.#failure;
  }

  #noteRejection(error: Error): void {
    this.#rejection = { after: this.#acknowledgedLsn, upTo: this.#nextLsn - 1, error };
  }
}

function isRejectedForSpace(error: unknown): error is SqlError {
  return error instanceof SqlError && error.code === SqlState.DiskFull;
}

/** Opens the file to go on with. What a killed process left to the kernel is made durable before anyone builds on it. */
async function openStartedFiles(fileSystem: FileSystem, scan: WalScan): Promise<StartedFile[]> {
  const files: StartedFile[] = [];
  for (const [index, { number, path, sizeBytes, header }] of scan.started.entries()) {
    const isLast = index === scan.started.length - 1;
    const handle = await fileSystem.open(path, 'read-write');
    await handle.sync();
    if (!isLast) await handle.close();
    files.push({
      number,
      path,
      fileId: header!.fileId,
      previousLsn: header!.previousLsn,
      endOffset: isLast ? scan.end.offset : sizeBytes,
      handle: isLast ? handle : undefined,
      isFinished: !isLast,
    });
  }
  return files;
}

/** Hands unused files on, removes those that are applied, and has a first file ready. */
async function makePool(
  { fileSystem, directory }: LocalWriteLogOptions,
  scan: WalScan,
  fileBytes: number,
): Promise<WalFilePool> {
  const newest = scan.unused.at(-1) ?? scan.started.at(-1) ?? scan.obsolete.at(-1);
  const pool = new WalFilePool(fileSystem, directory, { fileBytes, nextNumber: (newest?.number ?? 0) + 1 });
  for (const { path } of scan.obsolete) await fileSystem.remove(path);
  for (const { number, path, sizeBytes, header } of scan.unused) {
    // One that was started for a torn group would later pass for a part of the log.
    if (header === undefined && sizeBytes === fileBytes)
      pool.adopt({ number, path, handle: await fileSystem.open(path, 'read-write') });
    else await fileSystem.remove(path);
  }
  await fileSystem.syncDirectory(directory);
  try {
    if (scan.started.length === 0) await pool.prepare();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
  return pool;
}
