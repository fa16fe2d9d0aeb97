import { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { Representation } from '../../types/type-definition.ts';
import { ColumnStatistics, type StatisticsKind } from './column-statistics.ts';
import { readCountArray, writeNumberArray } from './footer-arrays.ts';
import { HEADER_BYTES } from './segment-format.ts';
import { readStringDictionary } from './string-dictionary.ts';

const MAX_UNIT_BYTES = 0xffffffff;

/**
 * The section of a column in the footer: where its units lie and what they hold.
 *
 *   | chunk offsets, from the start of the segment: numbers | unit sizes in bytes: numbers | unit CRC-32s: u32le × n
 *   | dictionary, of text columns only | statistics |
 */
export class ColumnIndexBuilder {
  readonly #chunkOffsets: number[] = [];
  readonly #unitSizes: number[] = [];
  readonly #unitCrcs: number[] = [];

  addChunk(offset: number): void {
    this.#chunkOffsets.push(offset);
  }

  addUnit(sizeBytes: number, crc: number): void {
    this.#unitSizes.push(sizeBytes);
    this.#unitCrcs.push(crc);
  }

  /** All but dictionary and statistics, which the column's buffer has. */
  write(writer: ByteWriter): void {
    writeNumberArray(this.#chunkOffsets, writer);
    writeNumberArray(this.#unitSizes, writer);
    for (const crc of this.#unitCrcs) writer.uint32le(crc);
  }
}

export interface ColumnIndex {
  /** Per unit, from the start of the segment. */
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  readonly crcs: Uint32Array;
  readonly dictionary: Dictionary;
  readonly statistics: ColumnStatistics;
}

/** The reverse of `ColumnIndexBuilder.write`, dictionary and statistics included. Units must end before `footerOffset`. */
export function readColumnIndex(
  section: Uint8Array,
  representation: Representation,
  chunkStarts: Uint32Array,
  footerOffset: number,
): ColumnIndex {
  const reader = new ByteReader(section);
  const chunkCount = chunkStarts.length - 1;
  const unitCount = chunkStarts[chunkCount];
  const chunkOffsets = readCountArray(reader, chunkCount, footerOffset);
  const sizes = readCountArray(reader, unitCount, MAX_UNIT_BYTES);
  const crcs = new Uint32Array(unitCount);
  for (let unit = 0; unit < unitCount; unit++) crcs[unit] = reader.uint32le();
  const offsets = new Float64Array(unitCount);
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    let offset = chunkOffsets[chunk];
    if (offset < HEADER_BYTES) throw new CorruptionError(`chunk ${chunk} begins at offset ${offset}`);
    for (let unit = chunkStarts[chunk]; unit < chunkStarts[chunk + 1]; unit++) {
      offsets[unit] = offset;
      offset += sizes[unit];
    }
    if (offset > footerOffset) throw new CorruptionError(`chunk ${chunk} ends at offset ${offset}, in the footer`);
  }
  const dictionary = representation === 'text' ? readStringDictionary(reader) : new Dictionary();
  const statistics = ColumnStatistics.read(reader, statisticsKind(representation), unitCount);
  if (reader.remaining !== 0) throw new CorruptionError(`${reader.remaining} bytes after the statistics`);
  return { offsets, sizes, crcs, dictionary, statistics };
}

export function statisticsKind(representation: Representation): StatisticsKind {
  return representation === 'text' || representation === 'value' ? 'count' : representation;
}
