import { ByteReader, OutOfBytesError } from '../../bytes/byte-reader.ts';
import { ByteWriter } from '../../bytes/byte-writer.ts';
import { crc32 } from '../../bytes/crc32.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { typeByOid } from '../../types/type-registry.ts';
import { readColumn, writeColumn } from '../commit/column-record.ts';
import type { SeriesIndex } from '../index/series-index.ts';
import type { BlockColumn } from '../memtable/row-block.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import type { SeriesPiece } from './manifest-content.ts';

const BLOCK_SERIES = 65_536;
const MAGIC = 0x53575431; // "1TWS"

/**
 * Series of a table in an immutable object, blocks of at most 65,536 series:
 *
 *   | magic u32le | first id | count | blocks: | series | tag count | column number, type OID, column … | | CRC-32 u32le |
 *
 * Counts and numbers are varints, columns are as in commit records; the checksum covers all bytes before it.
 */
export async function writeSeriesObject(
  segments: SegmentStore,
  series: SeriesIndex,
  piece: SeriesPiece,
): Promise<void> {
  const draft = await segments.create(piece.name);
  try {
    const writer = new ByteWriter(4096);
    let checksum = 0;
    const append = async (): Promise<void> => {
      checksum = crc32(writer.view(), checksum);
      await draft.append(writer.view());
      writer.clear();
    };
    writer.uint32le(MAGIC);
    writer.varint(piece.firstId);
    writer.varint(piece.count);
    for (let from = 0; from < piece.count; from += BLOCK_SERIES) {
      const count = Math.min(BLOCK_SERIES, piece.count - from);
      writer.varint(count);
      writer.varint(series.tagNumbers.length);
      const ids = new Uint32Array(count);
      for (let index = 0; index < count; index++) ids[index] = piece.firstId + from + index;
      for (const number of series.tagNumbers) {
        const { type } = series.dictionary(number)!;
        writer.varint(number);
        writer.varint(type.oid);
        writeColumn(writer, series.tagColumn(number, ids), type, count);
      }
      await append();
    }
    const trailer = new ByteWriter(4);
    trailer.uint32le(checksum);
    await draft.append(trailer.view());
    await draft.publish();
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Adds the series of a piece to the index, which must end where the piece begins. */
export async function readSeriesObject(segments: SegmentStore, series: SeriesIndex, piece: SeriesPiece): Promise<void> {
  const object = await segments.open(piece.name);
  const bytes = await object.read(0, object.sizeBytes);
  await object.close();
  const problem = (what: string, cause?: unknown) => new CorruptionError(`series ${piece.name}: ${what}`, { cause });
  if (bytes.length < 8) throw problem('the file is too short');
  const body = bytes.subarray(0, bytes.length - 4);
  if (new ByteReader(bytes.subarray(bytes.length - 4)).uint32le() !== crc32(body)) throw problem('checksum mismatch');
  const reader = new ByteReader(body);
  try {
    if (reader.uint32le() !== MAGIC) throw problem('this is no series file');
    if (reader.varint() !== series.size || reader.varint() !== piece.count) throw problem('other series than expected');
    for (let read = 0; read < piece.count; ) {
      const count = reader.varint();
      const tags: BlockColumn[] = [];
      const tagCount = reader.varint();
      for (let index = 0; index < tagCount; index++) {
        const number = reader.varint();
        const type = typeByOid(reader.varint());
        if (type === undefined) throw problem(`column ${number} has an unknown type`);
        tags.push({ number, type, column: readColumn(reader, type, count) });
      }
      const columns = series.tagNumbers.map((number) => tags.find((tag) => tag.number === number)?.column);
      const tuples = series.tuplesOfColumns(columns, count);
      for (let row = 0; row < count; row++) series.add(tuples, row);
      read += count;
    }
  } catch (error) {
    if (error instanceof OutOfBytesError) throw problem('it ends early', error);
    throw error;
  }
}
