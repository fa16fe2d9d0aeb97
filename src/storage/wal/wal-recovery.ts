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

/**
 * Follows the chain of records to its end. What is wrong there is a torn tail, unless an intact header behind it says
 * that more was durable: then acknowledged records are damaged, and a CorruptionError names the place. Damage among
 * records before `neededFrom` only is passed over when nothing needed lies behind it.
 */
export async function scanWal(fileSystem: FileSystem, directory: string, neededFrom: Lsn): Promise<WalScan> {
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
  for (const file of last ? [last, ...unused] : unused) {
    const leftover = await leftoverOf(fileSystem, file, file === last ? position.offset : 0);
    if (leftover.durableLsn > knownLsn) {
      throw new CorruptionError(
        `write-ahead log file "${(last ?? file).path}" is damaged at offset ${position.offset}: ` +
          `the record after ${knownLsn} cannot be read, but "${file.path}" shows that records up to ` +
          `${leftover.durableLsn} had been written durably`,
      );
    }
    discardedRecordCount += leftover.headerCount;
  }

  return {
    started,
    obsolete: files.filter((file) => !isBehind(file) && !started.includes(file)),
    unused,
    end: position,
    discardedRecordCount,
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
