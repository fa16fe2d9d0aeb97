import { createRequire } from 'node:module';
import { OutOfBytesError } from '../../../bytes/byte-reader.ts';
import { CorruptionError } from '../../../errors/corruption-error.ts';
import { type BlockCompressor, CompressionId, MAX_BLOCK_BYTES } from './block-compressor.ts';
import { checkZstdFrame } from './zstd-frame.ts';

const LEVEL = 9;
/** A compressed block within a frame may be far from full; what a frame can come to at most is known that well. */
const LIMIT_FACTOR = 8;
const LEAST_LIMIT_BYTES = 1 << 20;

/** The part of the native module that we use; the package has no types for it. */
interface ZstdNative {
  compress(bytes: Buffer, level: number): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

let loaded: ZstdNative | undefined;

/** Only when it is needed: there are fewer platforms with this module than with the other one. */
function native(): ZstdNative {
  loaded ??= createRequire(import.meta.url)('@mongodb-js/zstd/bindings.js') as ZstdNative;
  return loaded;
}

/** zstd, smaller and slower than LZ4: for what is seldom read. One frame. */
export const zstd: BlockCompressor = {
  id: CompressionId.Zstd,
  name: 'zstd',
  compress(bytes) {
    return native().compress(bufferOf(bytes), LEVEL);
  },
  async decompress(bytes, sizeBytes) {
    const limitBytes = Math.min(Math.max(sizeBytes * LIMIT_FACTOR, LEAST_LIMIT_BYTES), MAX_BLOCK_BYTES * 2);
    if (sizeBytes > MAX_BLOCK_BYTES) throw new CorruptionError(`a zstd frame of ${sizeBytes} bytes`);
    let content: Uint8Array;
    try {
      checkZstdFrame(bytes, sizeBytes, limitBytes);
      content = await native().decompress(bufferOf(bytes));
    } catch (error) {
      if (error instanceof CorruptionError) throw error;
      const what = error instanceof OutOfBytesError ? 'it ends early' : (error as Error).message;
      throw new CorruptionError(`a zstd frame cannot be read: ${what}`, { cause: error });
    }
    if (content.length !== sizeBytes) {
      throw new CorruptionError(`a zstd frame holds ${content.length} bytes instead of ${sizeBytes}`);
    }
    return content;
  },
};

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
