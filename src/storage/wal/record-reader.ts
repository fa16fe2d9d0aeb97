import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';
import type { FileHandle } from '../../platform/file-system.ts';
import { RECORD_HEADER_BYTES, RECORD_MAGIC, type RecordHeader, RecordKind, readRecordHeader } from './log-record.ts';

const CHUNK_BYTES = 1 << 20;

/** Where in a file the chain of records has got to, and what the next record must fit to. */
export interface ChainPosition {
  offset: number;
  /** CRC header of the record before. */
  crc: number;
  /** LSN of the last commit before. */
  lsn: Lsn;
}

export interface LogRecord {
  readonly header: RecordHeader;
  /** Stays valid. */
  readonly body: Uint8Array;
}

/** Reads the records of one file of a checked log, front to back. */
export class RecordReader {
  readonly #handle: FileHandle;
  readonly #fileId: number;
  #chunk = new Uint8Array(0);
  #chunkStart = 0;

  constructor(handle: FileHandle, fileId: number) {
    this.#handle = handle;
    this.#fileId = fileId;
  }

  /** The record at `position`, which then moves behind it; `undefined` if there is none that fits the chain. */
  async next(position: ChainPosition): Promise<LogRecord | undefined> {
    const headerBytes = await this.#bytes(position.offset, RECORD_HEADER_BYTES);
    if (headerBytes === undefined) return undefined;
    const header = readRecordHeader(headerBytes, 0);
    if (header === undefined || header.fileId !== this.#fileId || header.previousCrc !== position.crc) return undefined;
    const fits = header.kind === RecordKind.Commit ? header.lsn > position.lsn : header.lsn === position.lsn;
    if (!fits) return undefined;
    const body = await this.#bytes(position.offset + RECORD_HEADER_BYTES, header.bodyLength);
    if (body === undefined || crc32(body) !== header.bodyCrc) return undefined;
    position.offset += RECORD_HEADER_BYTES + header.bodyLength;
    position.crc = header.headerCrc;
    position.lsn = header.lsn;
    return { header, body };
  }

  /** A view of the bytes, `undefined` if the file ends before. A chunk is never written to twice, so views stay valid. */
  async #bytes(position: number, length: number): Promise<Uint8Array | undefined> {
    const at = position - this.#chunkStart;
    if (at >= 0 && at + length <= this.#chunk.length) return this.#chunk.subarray(at, at + length);
    // The length comes from disk: memory is taken for what the file has, not for what it claims.
    const available = (await this.#handle.size()) - position;
    if (length > available) return undefined;
    const chunk = new Uint8Array(Math.min(Math.max(length, CHUNK_BYTES), available));
    const count = await this.#handle.read(chunk, 0, chunk.length, position);
    this.#chunk = chunk.subarray(0, count);
    this.#chunkStart = position;
    return length <= count ? this.#chunk.subarray(0, length) : undefined;
  }
}

/** What stands in a file behind the place where its chain of records ends. */
export interface Leftover {
  /** The greatest durable LSN that any intact header claims; -1 if there is no intact header. */
  readonly durableLsn: Lsn;
  /** The greatest LSN of any intact header; -1 if there is none. */
  readonly lastLsn: Lsn;
  readonly headerCount: number;
}

/** Looks for records from `from` to the end of the file. A header proves its durable LSN whatever became of its body. */
export async function findLeftover(handle: FileHandle, from: number, fileId: number | undefined): Promise<Leftover> {
  let durableLsn = -1;
  let lastLsn = -1;
  let headerCount = 0;
  for await (const { header } of findHeaders(handle, from, fileId)) {
    headerCount++;
    durableLsn = Math.max(durableLsn, header.durableLsn);
    lastLsn = Math.max(lastLsn, header.lsn);
  }
  return { durableLsn, lastLsn, headerCount };
}

/** The intact record headers at any byte from `from` to the end of the file. `fileId` undefined: of any file id. */
export async function* findHeaders(handle: FileHandle, from: number, fileId: number | undefined) {
  const size = await handle.size();
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(size - from, 0)));
  const magic = new Uint8Array(4);
  new DataView(magic.buffer).setUint32(0, RECORD_MAGIC, true);
  let start = from;
  while (start + RECORD_HEADER_BYTES <= size) {
    const count = await handle.read(chunk, 0, chunk.length, start);
    const bytes = Buffer.from(chunk.buffer, 0, count);
    for (
      let at = bytes.indexOf(magic);
      at >= 0 && at + RECORD_HEADER_BYTES <= count;
      at = bytes.indexOf(magic, at + 1)
    ) {
      const header = readRecordHeader(chunk, at);
      if (header === undefined || (fileId !== undefined && header.fileId !== fileId)) continue;
      yield { offset: start + at, header };
    }
    if (count < chunk.length || start + count >= size) return;
    // Chunks overlap by what a header that is cut by their border needs.
    start += count - (RECORD_HEADER_BYTES - 1);
  }
}
