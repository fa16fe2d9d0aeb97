import lz4Native from 'lz4-napi';
import { CorruptionError } from '../../../errors/corruption-error.ts';
import { type BlockCompressor, CompressionId, MAX_BLOCK_BYTES } from './block-compressor.ts';

const SIZE_BYTES = 4;
/** The most that a byte of LZ4 can stand for. */
const MAX_RATIO = 255;

/**
 * LZ4, which is quick to undo: for what is read every day.
 *
 *   | size of the content u32le | LZ4 block |
 */
export const lz4: BlockCompressor = {
  id: CompressionId.Lz4,
  name: 'LZ4',
  compress(bytes) {
    return lz4Native.compressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  },
  decompress(bytes, sizeBytes) {
    if (bytes.length < SIZE_BYTES) throw new CorruptionError(`${bytes.length} bytes are no LZ4 block`);
    const stated = (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0;
    if (stated !== sizeBytes) throw new CorruptionError(`an LZ4 block of ${stated} bytes instead of ${sizeBytes}`);
    if (sizeBytes > MAX_BLOCK_BYTES || sizeBytes > bytes.length * MAX_RATIO) {
      throw new CorruptionError(`${sizeBytes} bytes in an LZ4 block of ${bytes.length}`);
    }
    let content: Uint8Array;
    try {
      content = lz4Native.uncompressSync(bytes);
    } catch (error) {
      throw new CorruptionError(`an LZ4 block cannot be read: ${(error as Error).message}`, { cause: error });
    }
    if (content.length !== sizeBytes) {
      throw new CorruptionError(`an LZ4 block holds ${content.length} bytes instead of ${sizeBytes}`);
    }
    return content;
  },
};
