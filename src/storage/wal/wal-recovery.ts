import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import { type ChainPosition, findLeftover, RecordReader } from './record-reader.ts';
import {
  readWalFileHeader,
  WAL_FILE_HEADER_BYTES,
  type WalFileHeader,
  walFileName,
  walFileNumber,
} from './wal-file.ts';

export interface WalFile {
  readonly number: number;
  readonly path: string;
  readonly sizeBytes: number;
  /** `undefined`: not started. */
  readonly header: WalFileHeader | undefined;
}

/** What recovery found, before anything is changed on disk. */
export interface WalScan {
  /** Files that hold the log, oldest first; the last one is where the writer goes on. Empty for a new log. */
  readonly started: readonly WalFile[];
  /** Files before those, in which everything is applied, and prepared ones that were passed over. */
  readonly obsolete: readonly WalFile[];
  /** Files behind those: prepared, or left of a torn group. */
  readonly unused: readonly WalFile[];
  /** Where the chain ends in the last started file. */
  readonly end: Readonly<ChainPosition>;
  /** Intact record headers found behind the end: parts of groups that a power cut tore, never acknowledged. */
  readonly discardedRecordCount: number;
}

/** Acknowledged records that cannot be read. */
export interface WalDamage {
  /** Where the chain breaks. */
  readonly path: string;
  readonly offset: number;
  /** The last commit that is there: in the log before the break, or applied according to the manifest. */
  readonly lastLsn: Lsn;
  /** The file that shows that more had been written durably, and up to where. */
  readonly provenBy: string;
  readonly durableLsn: Lsn;
}

export interface WalExamination extends WalScan {
  readonly damage: WalDamage | undefined;
  /** The greatest LSN that any intact header shows, reachable or not. */
  readonly greatestLsn: Lsn;
}

/**
 * Follows the chain of records to its end. What is wrong there is a torn tail, unless an intact header behind it says
 * that more was durable: then acknowledged records are damaged, and a CorruptionError names the place. Damage among
 * records before `neededFrom` only is passed over when nothing needed lies behind it.
 */
export async function scanWal(fileSystem: FileSystem, directory: string, neededFrom: Lsn): Promise<WalScan> {
  const examination = await examineWal(fileSystem, directory, neededFrom);
  if (examination.damage !== undefined) throw walCorruption(examination.damage);
  return examination;
}

export function walCorruption({ path, offset, lastLsn, provenBy, durableLsn }: WalDamage): CorruptionError {
  return new CorruptionError(
    `write-ahead log file "${path}" is damaged at offset ${offset}: ` +
      `the record after ${lastLsn} cannot be read, but "${provenBy}" shows that records up to ` +
      `${durableLsn} had been written durably`,
    { file: path, offset },
  );
}

/** As `scanWal`, without a verdict: damage is part of what it returns. */
export async function examineWal(fileSystem: FileSystem, directory: string, neededFrom: Lsn): Promise<WalExamination> {
  const files = await listWalFiles(fileSystem, directory);
  const candidates = files.filter((file) => file.header !== undefined);
  const start = candidates.findLastIndex((file) => file.header!.previousLsn < neededFrom);
  const started: WalFile[] = [];
  const position: ChainPosition = { offset: 0, crc: 0, lsn: 0 };
  for (const file of start >= 0 ? candidates.slice(start) : []) {
    const header = file.header!;
    if (started.length > 0 && (header.previousCrc !== position.crc || header.previousLsn !== position.lsn)) break;
    Object.assign(position, firstPosition(header));
    await followChain(fileSystem, file, position);
    started.push(file);
  }

  const last = started.at(-1);
  const isBehind = (file: WalFile) => last === undefined || file.number > last.number;
  const unused = files.filter(isBehind);
  const knownLsn = Math.max(position.lsn, neededFrom - 1);
  let discardedRecordCount = 0;
  let greatestLsn = position.lsn;
  let damage: WalDamage | undefined;
  for (const file of last ? [last, ...unused] : unused) {
    const leftover = await leftoverOf(fileSystem, file, file === last ? position.offset : 0);
    greatestLsn = Math.max(greatestLsn, leftover.lastLsn);
    if (leftover.durableLsn > (damage?.durableLsn ?? knownLsn)) {
      damage = {
        path: damage?.path ?? (last ?? file).path,
        offset: position.offset,
        lastLsn: knownLsn,
        provenBy: file.path,
        durableLsn: leftover.durableLsn,
      };
    }
    discardedRecordCount += leftover.headerCount;
  }

  return {
    started,
    obsolete: files.filter((file) => !isBehind(file) && !started.includes(file)),
    unused,
    end: position,
    discardedRecordCount,
    damage,
    greatestLsn,
  };
}

/** Where the first record of a file starts, and what it has to fit to. */
export function firstPosition(header: WalFileHeader): ChainPosition {
  return { offset: WAL_FILE_HEADER_BYTES, crc: header.headerCrc, lsn: header.previousLsn };
}

async function listWalFiles(fileSystem: FileSystem, directory: string): Promise<WalFile[]> {
  const files: WalFile[] = [];
  for (const name of await fileSystem.list(directory)) {
    const number = walFileNumber(name);
    if (number === undefined) continue;
    const path = `${directory}/${walFileName(number)}`;
    const handle = await fileSystem.open(path, 'read');
    try {
      files.push({
        number,
        path,
        sizeBytes: await handle.size(),
        header: await readWalFileHeader(handle, { path, number }),
      });
    } finally {
      await handle.close();
    }
  }
  return files.sort((a, b) => a.number - b.number);
}

async function followChain(fileSystem: FileSystem, file: WalFile, position: ChainPosition): Promise<void> {
  const handle = await fileSystem.open(file.path, 'read');
  try {
    const reader = new RecordReader(handle, file.header!.fileId);
    while ((await reader.next(position)) !== undefined);
  } finally {
    await handle.close();
  }
}

async function leftoverOf(fileSystem: FileSystem, file: WalFile, from: number) {
  const handle = await fileSystem.open(file.path, 'read');
  try {
    // Without a header of its own the file may hold records of any file id: old ones, whose claims are outdated and
    // prove nothing, or those that its lost header belonged to.
    const leftover = await findLeftover(handle, from, file.header?.fileId);
    const headerClaim = from === 0 ? (file.header?.durableLsn ?? -1) : -1;
    return { ...leftover, durableLsn: Math.max(leftover.durableLsn, headerClaim) };
  } finally {
    await handle.close();
  }
}
