import { CorruptionError } from '../../../errors/corruption-error.ts';
import type { BlockCompressor } from './block-compressor.ts';
import { lz4 } from './lz4.ts';
import { zstd } from './zstd.ts';

const COMPRESSORS: readonly BlockCompressor[] = [lz4, zstd];

/** Throws `CorruptionError` when there is none with this id. */
export function compressorById(id: number): BlockCompressor {
  const compressor = COMPRESSORS.find((candidate) => candidate.id === id);
  if (compressor === undefined) throw new CorruptionError(`no compression ${id}`);
  return compressor;
}
