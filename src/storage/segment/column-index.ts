import { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { Representation } from '../../types/type-definition.ts';
import { type BlockCompressor, CompressionId, MAX_BLOCK_BYTES } from '../codec/compression/block-compressor.ts';
import { compressorById } from '../codec/compression/compressor-registry.ts';
import { blockEnds, type CompressedChunk } from './chunk-blocks.ts';
import { ColumnStatistics, type StatisticsKind } from './column-statistics.ts';
import { readCountArray, writeNumberArray } from './footer-arrays.ts';
import { HEADER_BYTES } from './segment-format.ts';
import { readStringDictionary } from './string-dictionary.ts';

const MAX_UNIT_BYTES = 0xffffffff;

/**
 * The section of a column in the footer: where its units lie and what they hold.
 *
 *   | chunk offsets, from the start of the segment: numbers | unit sizes in bytes: numbers | unit CRC-32s: u32le × units
 *   | compression of each chunk: u8 × chunks; 0: none
 *   | of the blocks of compressed chunks: sizes in the file: numbers | CRC-32s: u32le × blocks
 *   | dictionary, of text columns only | statistics |
 *
 * Sizes and checksums of units are those before compression.
 */
export class ColumnIndexBuilder {
  readonly #chunkOffsets: number[] = [];
  readonly #unitSizes: number[] = [];
  readonly #unitCrcs: number[] = [];
  readonly #compressions: number[] = [];
  readonly #blockSizes: number[] = [];
  readonly #blockCrcs: number[] = [];

  addChunk(
    offset: number,
    units: { readonly sizes: readonly number[]; readonly crcs: readonly number[] },
    compressed: (CompressedChunk & { readonly compressor: BlockCompressor }) | undefined,
  ): void {
    this.#chunkOffsets.push(offset);
    this.#unitSizes.push(...units.sizes);
    this.#unitCrcs.push(...units.crcs);
    this.#compressions.push(compressed?.compressor.id ?? CompressionId.None);
    if (compressed === undefined) return;
    for (const block of compressed.blocks) this.#blockSizes.push(block.length);
    this.#blockCrcs.push(...compressed.crcs);
  }

  /** All but dictionary and statistics, which the column's buffer has. */
  write(writer: ByteWriter): void {
    writeNumberArray(this.#chunkOffsets, writer);
    writeNumberArray(this.#unitSizes, writer);
    for (const crc of this.#unitCrcs) writer.uint32le(crc);
    for (const compression of this.#compressions) writer.uint8(compression);
    writeNumberArray(this.#blockSizes, writer);
    for (const crc of this.#blockCrcs) writer.uint32le(crc);
  }
}

/** Units of a compressed chunk that are compressed together. */
export interface CompressedBlock {
  readonly firstUnit: number;
  readonly endUnit: number;
  /** From the start of the segment. */
  readonly offset: number;
  /** In the file, and decompressed. */
  readonly storedBytes: number;
  readonly sizeBytes: number;
  readonly crc: number;
  readonly compressor: BlockCompressor;
}

export interface ColumnIndex {
  /**
   * Per unit, from the start of the segment; in a compressed chunk as if it were not compressed, which serves to tell units
   * of one block apart.
   */
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  readonly crcs: Uint32Array;
  /** Ascending; none where no chunk is compressed. */
  readonly blocks: readonly CompressedBlock[];
  /** Per unit its block in `blocks`, or -1; undefined where no chunk is compressed. */
  readonly blockOfUnit: Int32Array | undefined;
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
  const crcs = readWords(reader, unitCount);
  const compressions = reader.bytes(chunkCount);
  const { blocks, storedBytes } = readBlocks(reader, { chunkOffsets, chunkStarts, sizes, compressions });
  const offsets = new Float64Array(unitCount);
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    let offset = chunkOffsets[chunk];
    if (offset < HEADER_BYTES) throw new CorruptionError(`chunk ${chunk} begins at offset ${offset}`);
    for (let unit = chunkStarts[chunk]; unit < chunkStarts[chunk + 1]; unit++) {
      offsets[unit] = offset;
      offset += sizes[unit];
    }
    const end = compressions[chunk] === CompressionId.None ? offset : chunkOffsets[chunk] + storedBytes[chunk];
    if (end > footerOffset) throw new CorruptionError(`chunk ${chunk} ends at offset ${end}, in the footer`);
  }
  const blockOfUnit = blocks.length === 0 ? undefined : new Int32Array(unitCount).fill(-1);
  for (const [index, { firstUnit, endUnit }] of blocks.entries()) blockOfUnit?.fill(index, firstUnit, endUnit);
  const dictionary = representation === 'text' ? readStringDictionary(reader) : new Dictionary();
  const statistics = ColumnStatistics.read(reader, statisticsKind(representation), unitCount);
  if (reader.remaining !== 0) throw new CorruptionError(`${reader.remaining} bytes after the statistics`);
  return { offsets, sizes, crcs, blocks, blockOfUnit, dictionary, statistics };
}

interface ChunkPlaces {
  readonly chunkOffsets: Float64Array;
  readonly chunkStarts: Uint32Array;
  readonly sizes: Float64Array;
  readonly compressions: Uint8Array;
}

function readBlocks(reader: ByteReader, { chunkOffsets, chunkStarts, sizes, compressions }: ChunkPlaces) {
  const planned: Omit<CompressedBlock, 'offset' | 'storedBytes' | 'crc'>[] = [];
  for (let chunk = 0; chunk < compressions.length; chunk++) {
    if (compressions[chunk] === CompressionId.None) continue;
    const compressor = compressorById(compressions[chunk]);
    let firstUnit = chunkStarts[chunk];
    for (const end of blockEnds(sizes.subarray(firstUnit, chunkStarts[chunk + 1]))) {
      const endUnit = chunkStarts[chunk] + end;
      let sizeBytes = 0;
      for (let unit = firstUnit; unit < endUnit; unit++) sizeBytes += sizes[unit];
      if (sizeBytes > MAX_BLOCK_BYTES) throw new CorruptionError(`a block of ${sizeBytes} bytes in chunk ${chunk}`);
      planned.push({ firstUnit, endUnit, sizeBytes, compressor });
      firstUnit = endUnit;
    }
  }
  const storedSizes = readCountArray(reader, planned.length, MAX_UNIT_BYTES);
  const crcs = readWords(reader, planned.length);
  const storedBytes = new Float64Array(compressions.length);
  let chunk = 0;
  const blocks = planned.map((block, index): CompressedBlock => {
    while (block.firstUnit >= chunkStarts[chunk + 1]) chunk++;
    const offset = chunkOffsets[chunk] + storedBytes[chunk];
    storedBytes[chunk] += storedSizes[index];
    return { ...block, offset, storedBytes: storedSizes[index], crc: crcs[index] };
  });
  return { blocks, storedBytes };
}

function readWords(reader: ByteReader, count: number): Uint32Array {
  // Memory is taken for what is there, not for what is asked.
  if (count * 4 > reader.remaining) throw new CorruptionError(`${count} checksums in ${reader.remaining} bytes`);
  const words = new Uint32Array(count);
  for (let index = 0; index < count; index++) words[index] = reader.uint32le();
  return words;
}

export function statisticsKind(representation: Representation): StatisticsKind {
  return representation === 'text' || representation === 'value' ? 'count' : representation;
}
