import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';
import type { FileHandle } from '../../platform/file-system.ts';
import type { Random } from '../../platform/random.ts';
import { getUint53, setUint53 } from './log-record.ts';

/**
 * A file of the write-ahead log opens with 64 bytes, written together with its first records. All numbers
 * little-endian.
 *
 *   0           8         12     16       24       32             40            48      52     60
 *   | "TIDEWAL\n" | version | zero | number | file id | previous LSN | durable LSN | CRC     | zero | CRC    |
 *   |             |         |      |        |         |              |             | before  |      | header |
 *
 * A file whose header is missing, broken or of another number has not been started: it is a preallocated one, or one
 * that was recycled under a new name.
 */
export interface WalFileHeader {
  /** As in the file's name. */
  readonly number: number;
  /** Random, drawn anew each time a file is started; each of its records carries it. */
  readonly fileId: number;
  /** The LSN of the last commit record before this file. */
  readonly previousLsn: Lsn;
  readonly durableLsn: Lsn;
  /** The CRC header of the last record of the file before, 0 if there is none. */
  readonly previousCrc: number;
  readonly headerCrc: number;
}

export const WAL_FILE_HEADER_BYTES = 64;
const FORMAT_VERSION = 1;
const MAGIC = new TextEncoder().encode('TIDEWAL\n');

/** `bytes` is of `WAL_FILE_HEADER_BYTES`. Returns the header's CRC, which the first record carries on. */
export function writeWalFileHeader(bytes: Uint8Array, header: Omit<WalFileHeader, 'headerCrc'>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, WAL_FILE_HEADER_BYTES);
  bytes.fill(0);
  bytes.set(MAGIC);
  view.setUint32(8, FORMAT_VERSION, true);
  setUint53(view, 16, header.number);
  setUint53(view, 24, header.fileId);
  setUint53(view, 32, header.previousLsn);
  setUint53(view, 40, header.durableLsn);
  view.setUint32(48, header.previousCrc, true);
  const headerCrc = crc32(bytes.subarray(0, 60));
  view.setUint32(60, headerCrc, true);
  return headerCrc;
}

/**
 * The header of the file that is named `number`, or `undefined` if the file has not been started. Throws for a format
 * that this version does not know.
 */
export async function readWalFileHeader(
  handle: FileHandle,
  { path, number }: { path: string; number: number },
): Promise<WalFileHeader | undefined> {
  const bytes = new Uint8Array(WAL_FILE_HEADER_BYTES);
  const length = await handle.read(bytes, 0, bytes.length, 0);
  if (length < bytes.length || MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer);
  const headerCrc = view.getUint32(60, true);
  if (crc32(bytes.subarray(0, 60)) !== headerCrc) return undefined;
  const version = view.getUint32(8, true);
  if (version !== FORMAT_VERSION) {
    throw new Error(
      `write-ahead log file "${path}" has format ${version}; this version reads format ${FORMAT_VERSION}`,
    );
  }
  if (getUint53(view, 16) !== number) return undefined;
  return {
    number,
    fileId: getUint53(view, 24),
    previousLsn: getUint53(view, 32),
    durableLsn: getUint53(view, 40),
    previousCrc: view.getUint32(48, true),
    headerCrc,
  };
}

export function walFileName(number: number): string {
  return `${String(number).padStart(10, '0')}.wal`;
}

/** The number in a name, or `undefined` if it is not that of a log file. */
export function walFileNumber(name: string): number | undefined {
  const match = /^(\d{10,15})\.wal$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

export function randomFileId(random: Random): number {
  return (random.uint32() % 2 ** 21) * 2 ** 32 + random.uint32();
}
