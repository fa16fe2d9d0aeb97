import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import type { SegmentEntry } from '../checkpoint/manifest-content.ts';
import type { DeletesEntry } from '../deletes/deletes-object.ts';
import type { PackPlace } from '../packs/pack-place.ts';

/** A segment that stands in the store already, as a commit record names it: its commit is the record's. */
export interface StagedEntry extends Omit<SegmentEntry, 'minLsn' | 'maxLsn'> {
  readonly partition: number;
}

/** Brings rows that were written before: each segment holds rows of one partition, sorted, with the table's ids. */
export interface StagedRows {
  readonly kind: 'staged';
  readonly tableOid: number;
  /** Version of the table's schema that the rows were checked against. */
  readonly schemaVersion: number;
  /** All row ids in the segments are below it; 0 where rows have none. */
  readonly nextRowId: number;
  readonly segments: readonly StagedEntry[];
}

const HAS_PACK = 1;
const HAS_DELETES = 2;
const HAS_PACKED_DELETES = 4;

/** `docs/format/wal.md` draws it, beside the other operations of a commit. */
export function writeStagedRows(writer: ByteWriter, operation: StagedRows): void {
  writer.varint(operation.tableOid);
  writer.varint(operation.schemaVersion);
  writer.varint(operation.nextRowId);
  writer.varint(operation.segments.length);
  for (const { partition, name, pack, sizeBytes, hash, rowCount, deletes } of operation.segments) {
    writer.varint(partition < 0 ? -partition * 2 - 1 : partition * 2);
    writer.uint8(
      (pack === undefined ? 0 : HAS_PACK) |
        (deletes === undefined ? 0 : HAS_DELETES) |
        (deletes?.pack === undefined ? 0 : HAS_PACKED_DELETES),
    );
    writer.lengthPrefixedString(name);
    if (pack !== undefined) writePlace(writer, pack);
    writer.varint(sizeBytes);
    writer.lengthPrefixedString(hash);
    writer.varint(rowCount);
    if (deletes === undefined) continue;
    writer.lengthPrefixedString(deletes.name);
    if (deletes.pack !== undefined) writePlace(writer, deletes.pack);
    writer.varint(deletes.rowCount);
  }
}

export function readStagedRows(reader: ByteReader): StagedRows {
  const tableOid = reader.varint();
  const schemaVersion = reader.varint();
  const nextRowId = reader.varint();
  const count = reader.varint();
  const segments: StagedEntry[] = [];
  for (let index = 0; index < count; index++) {
    const zigzag = reader.varint();
    const partition = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    const flags = reader.uint8();
    const name = reader.lengthPrefixedString();
    const pack = (flags & HAS_PACK) === 0 ? undefined : readPlace(reader);
    const sizeBytes = reader.varint();
    const hash = reader.lengthPrefixedString();
    const rowCount = reader.varint();
    const deletes = (flags & HAS_DELETES) === 0 ? undefined : readDeletes(reader, (flags & HAS_PACKED_DELETES) !== 0);
    segments.push({
      partition,
      name,
      ...(pack === undefined ? {} : { pack }),
      sizeBytes,
      hash,
      rowCount,
      ...(deletes === undefined ? {} : { deletes }),
    });
  }
  return { kind: 'staged', tableOid, schemaVersion, nextRowId, segments };
}

function writePlace(writer: ByteWriter, { file, offset, sizeBytes }: PackPlace): void {
  writer.lengthPrefixedString(file);
  writer.varint(offset);
  writer.varint(sizeBytes);
}

function readPlace(reader: ByteReader): PackPlace {
  return { file: reader.lengthPrefixedString(), offset: reader.varint(), sizeBytes: reader.varint() };
}

function readDeletes(reader: ByteReader, isPacked: boolean): DeletesEntry {
  const name = reader.lengthPrefixedString();
  const pack = isPacked ? readPlace(reader) : undefined;
  const rowCount = reader.varint();
  return { name, ...(pack === undefined ? {} : { pack }), rowCount };
}
