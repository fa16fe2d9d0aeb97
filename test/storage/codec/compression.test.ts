import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { type BlockCompressor, MAX_BLOCK_BYTES } from '../../../src/storage/codec/compression/block-compressor.ts';
import { compressorById } from '../../../src/storage/codec/compression/compressor-registry.ts';
import { lz4 } from '../../../src/storage/codec/compression/lz4.ts';
import { zstd } from '../../../src/storage/codec/compression/zstd.ts';
import { checkZstdFrame } from '../../../src/storage/codec/compression/zstd-frame.ts';

const sentence = new TextEncoder().encode('the same words again and again, and then some other words. ');
const text = Uint8Array.from({ length: 20_000 }, (_, at) => sentence[at % sentence.length]);

async function roundTrip(compressor: BlockCompressor, bytes: Uint8Array): Promise<Uint8Array> {
  return compressor.decompress(await compressor.compress(bytes), bytes.length);
}

async function decompress(compressor: BlockCompressor, bytes: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  return compressor.decompress(bytes, sizeBytes);
}

describe.each([lz4, zstd].map((compressor) => [compressor.name, compressor] as const))('%s', (_, compressor) => {
  test('gives back any bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.uint8Array({ minLength: 1000, maxLength: 5000, max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        expect(Buffer.compare(await roundTrip(compressor, content), content)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test.each<[string, Uint8Array]>([
    ['one byte', Uint8Array.of(7)],
    ['text', text],
    ['a megabyte of zeros', new Uint8Array(1 << 20)],
    ['bytes that do not shrink', Uint8Array.from({ length: 300_000 }, (_, at) => Math.sin(at) * 1e9)],
    ['a part of a larger buffer', text.subarray(100, 900)],
  ])('gives back %s', async (_name, content) => {
    expect(Buffer.compare(await roundTrip(compressor, content), content)).toBe(0);
  });

  test('makes text much smaller', async () => {
    expect((await compressor.compress(text)).length).toBeLessThan(text.length / 20);
  });

  test('refuses another size than that of the content', async () => {
    const block = await compressor.compress(text);
    for (const sizeBytes of [0, 1, text.length - 1, text.length + 1, 2 ** 32 + text.length, 1e15]) {
      await expect(decompress(compressor, block, sizeBytes), `${sizeBytes}`).rejects.toThrow(CorruptionError);
    }
  });

  test('refuses a block that is cut off, or goes on', async () => {
    const block = await compressor.compress(text);
    for (let size = 0; size < block.length; size += 1 + (size >> 4)) {
      await expect(decompress(compressor, block.subarray(0, size), text.length), `${size}`).rejects.toThrow(
        CorruptionError,
      );
    }
    const longer = new Uint8Array(block.length * 2);
    longer.set(block);
    longer.set(block, block.length);
    await expect(decompress(compressor, longer, text.length)).rejects.toThrow(CorruptionError);
  });

  test('takes any damage for what it is: another content of the same size, or corruption', async () => {
    const block = await compressor.compress(text.subarray(0, 3000));
    for (let bit = 0; bit < block.length * 8; bit++) {
      const damaged = Uint8Array.from(block);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      try {
        expect((await decompress(compressor, damaged, 3000)).length).toBe(3000);
      } catch (error) {
        expect(error, `bit ${bit}`).toBeInstanceOf(CorruptionError);
      }
    }
  });

  test('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 1000 }), async (bytes, size) => {
        await decompress(compressor, bytes, size).catch((error) => expect(error).toBeInstanceOf(CorruptionError));
      }),
      { numRuns: 300 },
    );
  });

  test('is found by its id', () => expect(compressorById(compressor.id)).toBe(compressor));
});

test('an unknown compression is corruption', () => {
  expect(() => compressorById(0)).toThrow(CorruptionError);
  expect(() => compressorById(3)).toThrow('no compression 3');
});

test('LZ4 takes no memory for more than a block of its size can hold', () => {
  const bomb = (sizeBytes: number) => {
    const writer = new ByteWriter();
    writer.uint32le(sizeBytes);
    writer.bytes(new Uint8Array(16));
    return writer.copy();
  };
  expect(() => lz4.decompress(bomb(20 * 255 + 1), 20 * 255 + 1)).toThrow('bytes in an LZ4 block of 20');
  expect(() => lz4.decompress(bomb(0xffffffff), 0xffffffff)).toThrow('bytes in an LZ4 block of 20');
});

describe('a zstd frame is read without decoding it', () => {
  const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
  /** `count` blocks of one repeated byte, each of which stands for 2 MiB less one. */
  const runs = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => [
      (index === count - 1 ? 1 : 0) | (1 << 1) | 0xf8,
      0xff,
      0xff,
      7,
    ]).flat();
  const check = (bytes: readonly number[], sizeBytes = 10, limitBytes = 1 << 20) =>
    checkZstdFrame(Uint8Array.from(bytes), sizeBytes, limitBytes);

  test('so that a few bytes cannot fill the memory', async () => {
    const bomb = Uint8Array.from([...MAGIC, 0, 0x68, ...runs(100)]);
    expect(() => checkZstdFrame(bomb, 1000, 8000)).toThrow('a zstd frame of more than 8000 bytes');
    await expect(decompress(zstd, bomb, 1000)).rejects.toThrow('a zstd frame of more than');
    await expect(decompress(zstd, bomb, MAX_BLOCK_BYTES + 1)).rejects.toThrow(CorruptionError);
  });

  test.each<[string, number[], string]>([
    ['another magic', [1, 2, 3, 4, 0, 0, 1, 0, 0], 'no zstd frame begins here'],
    ['a frame that may be skipped', [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0], 'no zstd frame begins here'],
    ['a reserved bit', [...MAGIC, 0x08, 0x68, 1, 0, 0], 'a reserved bit'],
    ['a dictionary', [...MAGIC, 0x01, 0x68, 9, 1, 0, 0], 'needs a dictionary'],
    ['a window of gigabytes', [...MAGIC, 0x00, 0xf8, 1, 0, 0], 'with a window of'],
    ['another content size in one byte', [...MAGIC, 0x20, 11, 1, 0, 0], '11 bytes instead of 10'],
    ['another content size in two bytes', [...MAGIC, 0x60, 0, 1, 1, 0, 0], '512 bytes instead of 10'],
    ['another content size in four bytes', [...MAGIC, 0xa0, 0, 0, 0, 0x80, 1, 0, 0], '2147483648 bytes instead'],
    [
      'another content size in eight bytes',
      [...MAGIC, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0],
      '4294967296 bytes instead',
    ],
    ['a block of a reserved type', [...MAGIC, 0x20, 10, 0b111, 0, 0], 'unknown type'],
    ['a second frame', [...MAGIC, 0x20, 10, 1, 0, 0, ...MAGIC], '4 bytes after a zstd frame'],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => check(bytes)).toThrow(message);
  });

  test('one that says how long it is passes, and so does one with a checksum', () => {
    check([...MAGIC, 0x20, 10, 0x51, 0, 0, ...new Array<number>(10).fill(65)]);
    check([...MAGIC, 0x24, 10, 0x51, 0, 0, ...new Array<number>(10).fill(65), 1, 2, 3, 4]);
  });
});
