import { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { Representation } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { UNIT_ROWS } from '../codec/column-codec.ts';
import { readCountArray, readInteger, writeInteger, writeNumberArray } from './footer-arrays.ts';
import type { SegmentColumn, SegmentHeader } from './segment-column.ts';
import { CHUNK_UNITS } from './segment-format.ts';
import { SeriesDirectory, type SeriesDirectoryBuilder, startsOf } from './series-directory.ts';

const MAX_ROWS = 0xffffffff;

/** In the order of their bytes on disk. */
const REPRESENTATIONS: readonly Representation[] = ['boolean', 'float64', 'int64', 'text', 'value'];

/**
 * The footer:
 *
 *   | table oid varint | schema version varint | partition start: integers, one | min LSN varint | max LSN varint
 *   | row count varint | sort column number u32le (two's complement)
 *   | unit count varint | rows of each unit: numbers | chunk count varint | units of each chunk: numbers
 *   | series directory
 *   | column count varint
 *   | per column: number u32le (two's complement) | type OID varint | representation u8 | section size varint
 *   | per column: its section
 */
export interface FooterContents {
  readonly header: SegmentHeader;
  readonly rowCount: number;
  readonly unitRowCounts: readonly number[];
  readonly chunkUnitCounts: readonly number[];
  readonly series: SeriesDirectoryBuilder;
  /** As `ColumnIndexBuilder` writes them, in the order of the columns. */
  readonly sections: readonly Uint8Array[];
}

export function writeFooter(contents: FooterContents, writer: ByteWriter): void {
  const { header, unitRowCounts, chunkUnitCounts, sections } = contents;
  writer.varint(header.tableOid);
  writer.varint(header.schemaVersion);
  writeInteger(header.partitionStart, writer);
  writer.varint(header.minLsn);
  writer.varint(header.maxLsn);
  writer.varint(contents.rowCount);
  writer.uint32le(header.sortColumnNumber >>> 0);
  writer.varint(unitRowCounts.length);
  writeNumberArray(unitRowCounts, writer);
  writer.varint(chunkUnitCounts.length);
  writeNumberArray(chunkUnitCounts, writer);
  contents.series.write(writer);
  writer.varint(header.columns.length);
  for (const [index, { number, type }] of header.columns.entries()) {
    writer.uint32le(number >>> 0);
    writer.varint(type.oid);
    writer.uint8(REPRESENTATIONS.indexOf(type.representation));
    writer.varint(sections[index].length);
  }
  for (const section of sections) writer.bytes(section);
}

export interface SegmentFooter {
  readonly header: SegmentHeader;
  readonly rowCount: number;
  /** Unit i has the rows `unitStarts[i]` to `unitStarts[i + 1]`. */
  readonly unitStarts: Uint32Array;
  /** Chunk i has the units `chunkStarts[i]` to `chunkStarts[i + 1]`. */
  readonly chunkStarts: Uint32Array;
  readonly series: SeriesDirectory;
  readonly sections: readonly Uint8Array[];
}

/** The reverse of `writeFooter`. The sections stay encoded until a column is read. */
export function readFooter(bytes: Uint8Array): SegmentFooter {
  const reader = new ByteReader(bytes);
  const tableOid = reader.varint();
  const schemaVersion = reader.varint();
  const partitionStart = readInteger(reader);
  const minLsn = reader.varint();
  const maxLsn = reader.varint();
  const rowCount = reader.varint();
  if (rowCount > MAX_ROWS) throw new CorruptionError(`${rowCount} rows`);
  const sortColumnNumber = reader.uint32le() | 0;
  const unitCount = reader.varint();
  const unitStarts = startsOf(readCountArray(reader, unitCount, UNIT_ROWS), rowCount);
  const chunkCount = reader.varint();
  const chunkStarts = startsOf(readCountArray(reader, chunkCount, CHUNK_UNITS), unitCount);
  const series = SeriesDirectory.read(reader, rowCount);
  const columnCount = reader.varint();
  const columns: SegmentColumn[] = [];
  const sectionSizes: number[] = [];
  for (let index = 0; index < columnCount; index++) {
    columns.push(readColumn(reader));
    sectionSizes.push(reader.varint());
  }
  if (columns.every(({ number }) => number !== sortColumnNumber)) {
    throw new CorruptionError(`no column ${sortColumnNumber} to be sorted by`);
  }
  const sections = sectionSizes.map((size) => reader.bytes(size));
  if (reader.remaining !== 0) throw new CorruptionError(`${reader.remaining} bytes after the last section`);
  const header = { tableOid, schemaVersion, partitionStart, minLsn, maxLsn, sortColumnNumber, columns };
  return { header, rowCount, unitStarts, chunkStarts, series, sections };
}

function readColumn(reader: ByteReader): SegmentColumn {
  const number = reader.uint32le() | 0;
  const oid = reader.varint();
  const representation = REPRESENTATIONS[reader.uint8()];
  const type = typeByOid(oid);
  if (type === undefined) throw new CorruptionError(`column ${number} has type ${oid}, which does not exist`);
  if (type.representation !== representation) {
    throw new CorruptionError(`column ${number} of type ${type.name} is stored as ${representation}`);
  }
  return { number, type };
}
