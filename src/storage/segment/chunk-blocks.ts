import { crc32 } from 'node:zlib';
import { type BlockCompressor, MAX_BLOCK_BYTES } from '../codec/compression/block-compressor.ts';

/**
 * The units of a compressed chunk are compressed a few at a time: to read a lone unit, no more is decompressed than the
 * block that it is in. A block ends with the first unit that brings it to this size.
 */
const BLOCK_BYTES = 16 * 1024;
/** Smaller chunks cannot save what their blocks cost. */
const MIN_CHUNK_BYTES = 4096;
/** What is compressed to find out whether it pays for the whole chunk. */
const SAMPLE_BYTES = 4 * 1024;

/** Where the blocks of units of these sizes end, as indexes into `unitSizes`, the last one being their count. */
export function blockEnds(unitSizes: ArrayLike<number>): number[] {
  const ends: number[] = [];
  let sizeBytes = 0;
  for (let unit = 0; unit < unitSizes.length; unit++) {
    sizeBytes += unitSizes[unit];
    if (sizeBytes < BLOCK_BYTES && unit + 1 < unitSizes.length) continue;
    ends.push(unit + 1);
    sizeBytes = 0;
  }
  return ends;
}

export interface CompressedChunk {
  readonly blocks: readonly Uint8Array[];
  readonly crcs: readonly number[];
}

/**
 * The blocks of a chunk, compressed; undefined when that does not save `minSaving` of its bytes, 0 to 1. `unitSizes` add
 * up to the length of `bytes`.
 */
export async function compressChunk(
  bytes: Uint8Array,
  unitSizes: readonly number[],
  compressor: BlockCompressor,
  minSaving: number,
): Promise<CompressedChunk | undefined> {
  if (bytes.length < MIN_CHUNK_BYTES) return undefined;
  const limit = 1 - minSaving;
  const sampleStart = Math.max((bytes.length - SAMPLE_BYTES) >> 1, 0);
  const sample = bytes.subarray(sampleStart, sampleStart + SAMPLE_BYTES);
  const isWhole = sample.length === bytes.length;
  if (!isWhole && (await compressor.compress(sample)).length > sample.length * limit) return undefined;
  const blocks: Uint8Array[] = [];
  let unit = 0;
  let offset = 0;
  let sizeBytes = 0;
  for (const end of blockEnds(unitSizes)) {
    let blockBytes = 0;
    for (; unit < end; unit++) blockBytes += unitSizes[unit];
    if (blockBytes > MAX_BLOCK_BYTES) return undefined;
    const block = await compressor.compress(bytes.subarray(offset, offset + blockBytes));
    offset += blockBytes;
    sizeBytes += block.length;
    if (sizeBytes > bytes.length * limit) return undefined;
    blocks.push(block);
  }
  return { blocks, crcs: blocks.map((block) => crc32(block)) };
}
