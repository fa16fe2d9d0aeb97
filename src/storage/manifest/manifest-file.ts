import { crc32 } from '../../bytes/crc32.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { FileHandle } from '../../platform/file-system.ts';
import { getUint53, RECORD_HEADER_BYTES, RecordKind, SEAL_BYTES, setUint53 } from '../wal/log-record.ts';
import { type ChainPosition, findHeaders, findLeftover, RecordReader } from '../wal/record-reader.ts';

/**
 * A generation of the manifest opens with 64 bytes, followed by records as in the write-ahead log: a checkpoint
 * (unless it is the first generation), a seal, then for each commit an edit and a seal. All numbers little-endian;
 * a record's LSN is a version.
 *
 *   0             8        12     16           24        32             40                 48     60
 *   | "TIDEMAN\n" | format | zero | generation | file id | base version | checkpoint bytes | zero | CRC header |
 *
 * The file comes into being whole (temporary name, fsync, rename): all up to the first seal was durable before its
 * name was.
 */
export interface ManifestHeader {
  readonly generation: number;
  /** Random, drawn anew for each generation; each of its records carries it. */
  readonly fileId: number;
  /** The version that the checkpoint holds. */
  readonly baseVersion: number;
  /** What the checkpoint's record takes, its header included; 0 if there is none. */
  readonly checkpointBytes: number;
  readonly headerCrc: number;
}

/** What a generation says. */
export interface ManifestContent {
  readonly checkpoint: Uint8Array | undefined;
  /** There was one, but it cannot be read: the generation before must have reached `baseVersion`. */
  readonly isCheckpointLost: boolean;
  readonly baseVersion: number;
  /** `edits[i]` leads to version `baseVersion + i + 1`. */
  readonly edits: readonly Uint8Array[];
  readonly fileId: number;
  /** Where the chain ends; its `lsn` is the version. */
  readonly end: Readonly<ChainPosition>;
  /** Whether the last record is a seal. */
  readonly isSealed: boolean;
  /** Something before the first seal is broken, but nothing that was said is lost: to be written anew. */
  readonly isDamaged: boolean;
}

export const MANIFEST_HEADER_BYTES = 64;
const FORMAT_VERSION = 1;
const MAGIC = new TextEncoder().encode('TIDEMAN\n');

/** `bytes` is of `MANIFEST_HEADER_BYTES`, zeros. Returns the header's CRC, which the first record carries on. */
export function writeManifestHeader(bytes: Uint8Array, header: Omit<ManifestHeader, 'headerCrc'>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, MANIFEST_HEADER_BYTES);
  bytes.set(MAGIC);
  view.setUint32(8, FORMAT_VERSION, true);
  setUint53(view, 16, header.generation);
  setUint53(view, 24, header.fileId);
  setUint53(view, 32, header.baseVersion);
  setUint53(view, 40, header.checkpointBytes);
  const headerCrc = crc32(bytes.subarray(0, 60));
  view.setUint32(60, headerCrc, true);
  return headerCrc;
}

/**
 * Reads a generation to the end of its chain. A torn last edit was never acknowledged and is left out. Damage before
 * the first seal is stepped over if it is certain that no edit lies in the gap. Throws CorruptionError for any other.
 */
export async function readManifestFile(
  handle: FileHandle,
  { path, generation }: { path: string; generation: number },
): Promise<ManifestContent> {
  const { header, start } = await readStart(handle, { path, generation });
  const reader = new RecordReader(handle, start.fileId);
  let position: ChainPosition = { offset: MANIFEST_HEADER_BYTES, crc: start.headerCrc, lsn: start.baseVersion };
  let checkpoint: Uint8Array | undefined;
  let hasSeal = false;
  let isSealed = false;
  let isDamaged = header === undefined;
  const edits: Uint8Array[] = [];
  for (;;) {
    const record = await reader.next(position);
    if (record !== undefined) {
      const { kind, lsn } = record.header;
      isSealed = kind === RecordKind.Seal;
      if (kind === RecordKind.Checkpoint) checkpoint = record.body;
      else if (kind === RecordKind.Seal) hasSeal = true;
      else if (edits.push(record.body) !== lsn - start.baseVersion) throw damaged(path, position.offset);
    } else if (hasSeal) {
      break;
    } else {
      isDamaged = true;
      hasSeal = true;
      const resumed = await resume(handle, start, { isCheckpointRead: checkpoint !== undefined });
      if (resumed === undefined) throw damaged(path, position.offset);
      position = resumed;
    }
  }
  const leftover = await findLeftover(handle, position.offset, start.fileId);
  if (leftover.durableLsn > position.lsn) throw damaged(path, position.offset);
  return {
    checkpoint,
    isCheckpointLost: checkpoint === undefined && start.checkpointBytes > 0,
    baseVersion: start.baseVersion,
    edits,
    fileId: start.fileId,
    end: position,
    isSealed,
    isDamaged,
  };
}

/** What a damaged generation says for certain: its checkpoint and the edits behind it, up to the damage. */
export interface ManifestPrefix {
  readonly checkpoint: Uint8Array;
  readonly edits: readonly Uint8Array[];
  /** The version that the last of the edits leads to. */
  readonly version: number;
  /** Where the damage begins. */
  readonly endOffset: number;
}

/** Follows the chain from the checkpoint to where it breaks; `undefined` if there is no checkpoint to begin with. */
export async function readManifestPrefix(
  handle: FileHandle,
  { path, generation }: { path: string; generation: number },
): Promise<ManifestPrefix | undefined> {
  let start: ManifestStart;
  try {
    ({ start } = await readStart(handle, { path, generation }));
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
  const reader = new RecordReader(handle, start.fileId);
  const position: ChainPosition = { offset: MANIFEST_HEADER_BYTES, crc: start.headerCrc, lsn: start.baseVersion };
  let checkpoint: Uint8Array | undefined;
  const edits: Uint8Array[] = [];
  for (let record = await reader.next(position); record !== undefined; record = await reader.next(position)) {
    if (record.header.kind === RecordKind.Checkpoint) checkpoint = record.body;
    else if (record.header.kind === RecordKind.Commit) edits.push(record.body);
  }
  return checkpoint && { checkpoint, edits, version: position.lsn, endOffset: position.offset };
}

/** What is needed to follow the records, from the header or, where that is broken, from the first record. */
type ManifestStart = Omit<ManifestHeader, 'generation'>;

async function readStart(
  handle: FileHandle,
  place: { path: string; generation: number },
): Promise<{ header: ManifestHeader | undefined; start: ManifestStart }> {
  const header = await readHeader(handle, place);
  return { header, start: header ?? (await headerFromFirstRecord(handle, place.path)) };
}

/**
 * The checkpoint or the first seal is broken. Finds the first record behind it and makes sure that it follows the
 * base version directly; or that the file, having no byte behind that seal, never had an edit.
 */
async function resume(
  handle: FileHandle,
  { baseVersion, checkpointBytes, fileId }: ManifestStart,
  { isCheckpointRead }: { isCheckpointRead: boolean },
): Promise<ChainPosition | undefined> {
  const sealOffset = MANIFEST_HEADER_BYTES + checkpointBytes;
  const isSealBroken = isCheckpointRead || checkpointBytes === 0;
  for await (const { offset, header } of findHeaders(handle, isSealBroken ? sealOffset + 1 : sealOffset, fileId)) {
    const follows =
      (header.kind === RecordKind.Seal && header.lsn === baseVersion) ||
      (header.kind === RecordKind.Commit && header.lsn === baseVersion + 1);
    return follows ? { offset, crc: header.previousCrc, lsn: baseVersion } : undefined;
  }
  const size = await handle.size();
  return size === sealOffset + SEAL_BYTES ? { offset: size, crc: 0, lsn: baseVersion } : undefined;
}

async function readHeader(
  handle: FileHandle,
  { path, generation }: { path: string; generation: number },
): Promise<ManifestHeader | undefined> {
  const bytes = new Uint8Array(MANIFEST_HEADER_BYTES);
  const length = await handle.read(bytes, 0, bytes.length, 0);
  if (length < bytes.length || MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer);
  const headerCrc = view.getUint32(60, true);
  if (crc32(bytes.subarray(0, 60)) !== headerCrc) return undefined;
  const version = view.getUint32(8, true);
  if (version !== FORMAT_VERSION) {
    throw new Error(`manifest "${path}" has format ${version}; this version reads format ${FORMAT_VERSION}`);
  }
  if (getUint53(view, 16) !== generation) throw damaged(path, 0);
  return {
    generation,
    fileId: getUint53(view, 24),
    baseVersion: getUint53(view, 32),
    checkpointBytes: getUint53(view, 40),
    headerCrc,
  };
}

/** What a broken header said stands in the first record too, if that is intact and in its place. */
async function headerFromFirstRecord(handle: FileHandle, path: string): Promise<ManifestStart> {
  for await (const { offset, header } of findHeaders(handle, MANIFEST_HEADER_BYTES, undefined)) {
    if (offset !== MANIFEST_HEADER_BYTES || header.kind === RecordKind.Commit) break;
    const isCheckpoint = header.kind === RecordKind.Checkpoint;
    return {
      fileId: header.fileId,
      baseVersion: header.lsn,
      checkpointBytes: isCheckpoint ? RECORD_HEADER_BYTES + header.bodyLength : 0,
      headerCrc: header.previousCrc,
    };
  }
  throw damaged(path, 0);
}

function damaged(path: string, offset: number): CorruptionError {
  return new CorruptionError(`manifest "${path}" is damaged at offset ${offset}`, { file: path, offset });
}
