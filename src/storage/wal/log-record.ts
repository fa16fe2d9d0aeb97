import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';

/**
 * One record of a checked log: the write-ahead log and the manifest are made of these. All numbers little-endian.
 *
 *   0        4        8                16               24               32     36       40      44        48
 *   | magic  | body   | LSN            | durable LSN    | file id        | kind | CRC    | CRC   | CRC     | body …
 *   | "TWRC" | length |                |                |                |      | before | body  | header  |
 *
 * CRC before: the CRC header of the record before (of the file's header, for the first), which covers that record's
 * body too. So records form a chain, and an old record that is found where a new one should be does not fit.
 */
export interface RecordHeader {
  readonly bodyLength: number;
  readonly lsn: Lsn;
  /** Everything up to here was known to be on disk when this record was written. */
  readonly durableLsn: Lsn;
  readonly fileId: number;
  readonly kind: RecordKind;
  readonly previousCrc: number;
  readonly bodyCrc: number;
  readonly headerCrc: number;
}

/**
 * `Commit`: a body under an LSN of its own (in the manifest: an edit under its version). `Seal`: carries the LSN of
 * the commit before, a random body, and says how far the log is durable. `Checkpoint`: only in the manifest.
 */
export const RecordKind = { Commit: 1, Seal: 2, Checkpoint: 3 } as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** Sizes in bytes. */
export const RECORD_HEADER_BYTES = 48;
export const SEAL_BYTES = RECORD_HEADER_BYTES + 8;
export const MAX_BODY_BYTES = 2 ** 30;

export const RECORD_MAGIC = 0x43525754;

/** Room for a record at `at`: writes all fields but those that are known only when the record gets its place. */
export function beginRecord(
  view: DataView,
  at: number,
  { kind, lsn, bodyLength, bodyCrc }: Pick<RecordHeader, 'kind' | 'lsn' | 'bodyLength' | 'bodyCrc'>,
): void {
  view.setUint32(at, RECORD_MAGIC, true);
  view.setUint32(at + 4, bodyLength, true);
  setUint53(view, at + 8, lsn);
  view.setUint32(at + 32, kind, true);
  view.setUint32(at + 40, bodyCrc, true);
}

/** Completes what `beginRecord` began; returns the header's CRC, which the next record carries on. */
export function finishRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { durableLsn, fileId, previousCrc }: Pick<RecordHeader, 'durableLsn' | 'fileId' | 'previousCrc'>,
): number {
  setUint53(view, at + 16, durableLsn);
  setUint53(view, at + 24, fileId);
  view.setUint32(at + 36, previousCrc, true);
  const headerCrc = crc32(bytes.subarray(at, at + 44));
  view.setUint32(at + 44, headerCrc, true);
  return headerCrc;
}

/** The header at `at`, or `undefined` if the 48 bytes there are none. The body is not looked at. */
export function readRecordHeader(bytes: Uint8Array, at: number): RecordHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES);
  if (view.getUint32(0, true) !== RECORD_MAGIC) return undefined;
  const headerCrc = view.getUint32(44, true);
  if (crc32(bytes.subarray(at, at + 44)) !== headerCrc) return undefined;
  const bodyLength = view.getUint32(4, true);
  const kind = view.getUint32(32, true);
  if (bodyLength > MAX_BODY_BYTES || !isRecordKind(kind)) return undefined;
  return {
    bodyLength,
    lsn: getUint53(view, 8),
    durableLsn: getUint53(view, 16),
    fileId: getUint53(view, 24),
    kind,
    previousCrc: view.getUint32(36, true),
    bodyCrc: view.getUint32(40, true),
    headerCrc,
  };
}

/** An unsigned integer up to 2^53 in eight bytes. */
export function setUint53(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** Little-endian; beyond 2^53 it is not exact. */
export function getUint53(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

function isRecordKind(kind: number): kind is RecordKind {
  return kind === RecordKind.Commit || kind === RecordKind.Seal || kind === RecordKind.Checkpoint;
}
