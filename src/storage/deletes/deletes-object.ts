import { ByteReader, OutOfBytesError } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { crc32 } from '../../bytes/crc32.ts';
import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { ObjectTarget } from '../packs/object-target.ts';
import { type PackPlace, readObject } from '../packs/pack-place.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import { DeleteVector } from './delete-vector.ts';

/** An object with the deleted rows of one segment, as the manifest names it. */
export interface DeletesEntry {
  readonly name: string;
  readonly pack?: PackPlace;
  /** How many rows are deleted. */
  readonly rowCount: number;
}

const MAGIC = 0x56445754; // "TWDV"
const FORMAT_VERSION = 1;

/**
 * The rows of a segment that were deleted up to an LSN, in an immutable object; a later one replaces it whole.
 *
 *   | magic u32le | format (uint8) | rows of the segment | commit count | commits | CRC-32 u32le |
 *
 *   commit  | LSN, less that of the commit before | row count | rows, ascending, each less the one before it, less 1 |
 *
 * Counts, LSNs and rows are varints, the first of each as from 0; the checksum covers all bytes before it.
 */
export async function writeDeletesObject(
  target: ObjectTarget,
  newName: () => string,
  { deletes, upTo, segmentRows }: { deletes: DeleteVector; upTo: Lsn; segmentRows: number },
): Promise<DeletesEntry> {
  const rowCount = deletes.countAt(upTo);
  const commits: { lsn: Lsn; from: number; to: number }[] = [];
  for (let index = 0; index < rowCount; index++) {
    const lsn = deletes.stampAt(index);
    const last = commits.at(-1);
    if (last?.lsn === lsn) last.to = index + 1;
    else commits.push({ lsn, from: index, to: index + 1 });
  }
  const writer = new ByteWriter(64 + rowCount * 2);
  writer.uint32le(MAGIC);
  writer.uint8(FORMAT_VERSION);
  writer.varint(segmentRows);
  writer.varint(commits.length);
  let previousLsn = 0;
  for (const { lsn, from, to } of commits) {
    writer.varint(lsn - previousLsn);
    previousLsn = lsn;
    writer.varint(to - from);
    const rows = new Uint32Array(to - from);
    for (let index = from; index < to; index++) rows[index - from] = deletes.rowAt(index);
    rows.sort();
    let next = 0;
    for (const row of rows) {
      writer.varint(row - next);
      next = row + 1;
    }
  }
  writer.uint32le(crc32(writer.view()));
  const { object } = await target.write(newName, (sink) => sink.append(writer.view()));
  return { ...object, rowCount };
}

/** Throws CorruptionError when this is not what was written for a segment of so many rows. */
export async function readDeletesObject(
  segments: SegmentStore,
  entry: DeletesEntry,
  segmentRows: number,
): Promise<DeleteVector> {
  const bytes = await readObject(segments, entry);
  const problem = (what: string, cause?: unknown) => new CorruptionError(`deletes ${entry.name}: ${what}`, { cause });
  if (bytes.length < 9) throw problem('the file is too short');
  const body = bytes.subarray(0, bytes.length - 4);
  if (new ByteReader(bytes.subarray(bytes.length - 4)).uint32le() !== crc32(body)) throw problem('checksum mismatch');
  const reader = new ByteReader(body);
  const deletes = new DeleteVector();
  try {
    if (reader.uint32le() !== MAGIC) throw problem('this is no file of deletes');
    const version = reader.uint8();
    if (version !== FORMAT_VERSION) throw problem(`it has format ${version}`);
    if (reader.varint() !== segmentRows) throw problem('it belongs to another segment');
    const commitCount = reader.varint();
    let lsn = 0;
    for (let commit = 0; commit < commitCount; commit++) {
      lsn += reader.varint();
      const rowCount = reader.varint();
      let next = 0;
      for (let index = 0; index < rowCount; index++) {
        const row = next + reader.varint();
        if (row >= segmentRows || !deletes.add(row, lsn))
          throw problem(`row ${row} of ${segmentRows} cannot be deleted`);
        next = row + 1;
      }
    }
    if (reader.remaining > 0 || deletes.count !== entry.rowCount) throw problem('other rows than expected');
  } catch (error) {
    if (error instanceof OutOfBytesError) throw problem('it ends early', error);
    throw error;
  }
  return deletes;
}
