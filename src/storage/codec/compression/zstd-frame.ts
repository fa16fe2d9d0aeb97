import { ByteReader } from '../../../bytes/byte-reader.ts';
import { CorruptionError } from '../../../errors/corruption-error.ts';

const MAGIC = 0xfd2fb528;
const MAX_BLOCK_CONTENT = 128 * 1024;
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
const CHECKSUM_BYTES = 4;

/** In the order of their numbers in a block header. */
const BLOCK_TYPES = ['raw', 'run', 'compressed', 'reserved'] as const;

/**
 * Walks one zstd frame (RFC 8878) without decoding it. Throws `CorruptionError` unless it fills `bytes`, its content is
 * stated to be `sizeBytes` or not stated, and it cannot come to more than `limitBytes`.
 *
 *   | magic u32le | descriptor u8 | window u8, unless single | dictionary 0–4 | content size 0–8 | blocks … | checksum 0–4 |
 *
 *   block   | u24le: last 1 bit, type 2 bits, size 21 bits | content; of a run one byte |
 */
export function checkZstdFrame(bytes: Uint8Array, sizeBytes: number, limitBytes: number): void {
  const reader = new ByteReader(bytes);
  if (reader.uint32le() !== MAGIC) throw new CorruptionError('no zstd frame begins here');
  const descriptor = reader.uint8();
  const isSingle = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new CorruptionError('a zstd frame with a reserved bit');
  if ((descriptor & 0x03) !== 0) throw new CorruptionError('a zstd frame that needs a dictionary');
  if (!isSingle) {
    const window = reader.uint8();
    const windowBytes = 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
    if (windowBytes > MAX_WINDOW_BYTES) throw new CorruptionError(`a zstd frame with a window of ${windowBytes} bytes`);
  }
  const stated = contentSize(reader, descriptor >> 6, isSingle);
  if (stated !== undefined && stated !== sizeBytes) {
    throw new CorruptionError(`a zstd frame of ${stated} bytes instead of ${sizeBytes}`);
  }
  let mostBytes = 0;
  for (let isLast = false; !isLast; ) {
    const header = reader.uint8() | (reader.uint8() << 8) | (reader.uint8() << 16);
    isLast = (header & 1) === 1;
    const type = BLOCK_TYPES[(header >> 1) & 3];
    const size = header >> 3;
    if (type === 'reserved') throw new CorruptionError('a zstd block of an unknown type');
    mostBytes += type === 'compressed' ? MAX_BLOCK_CONTENT : size;
    if (mostBytes > limitBytes) throw new CorruptionError(`a zstd frame of more than ${limitBytes} bytes`);
    reader.bytes(type === 'run' ? 1 : size);
  }
  if ((descriptor & 0x04) !== 0) reader.bytes(CHECKSUM_BYTES);
  if (reader.remaining !== 0) throw new CorruptionError(`${reader.remaining} bytes after a zstd frame`);
}

/** Undefined where the frame does not say. */
function contentSize(reader: ByteReader, form: number, isSingle: boolean): number | undefined {
  switch (form) {
    case 0:
      return isSingle ? reader.uint8() : undefined;
    case 1:
      return (reader.uint8() | (reader.uint8() << 8)) + 256;
    case 2:
      return reader.uint32le();
    default:
      return reader.uint32le() + reader.uint32le() * 2 ** 32;
  }
}
