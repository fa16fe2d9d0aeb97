/** What names a compression on disk. An id is never given to another format. */
export const CompressionId = {
  None: 0,
  Lz4: 1,
  Zstd: 2,
} as const;

export type CompressionId = (typeof CompressionId)[keyof typeof CompressionId];

/** No block is larger than this, compressed or not: what a damaged size may cost in memory at most. */
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

/** General-purpose compression of 1 to `MAX_BLOCK_BYTES` bytes that codecs have made. */
export interface BlockCompressor {
  readonly id: Exclude<CompressionId, typeof CompressionId.None>;
  readonly name: string;
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * Gives exactly `sizeBytes` bytes. Throws or rejects with `CorruptionError`, and without having taken memory for more than
   * that, when `bytes` do not hold as many.
   */
  decompress(bytes: Uint8Array, sizeBytes: number): Uint8Array | Promise<Uint8Array>;
}
