import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { Dictionary } from '../../../src/columnar/dictionary.ts';
import { privateBuffers } from '../../../src/storage/cache/unit-buffers.ts';
import { UnitCache } from '../../../src/storage/cache/unit-cache.ts';
import { CodecId } from '../../../src/storage/codec/column-codec.ts';
import { CompressionId } from '../../../src/storage/codec/compression/block-compressor.ts';
import { readColumnIndex } from '../../../src/storage/segment/column-index.ts';
import { ColumnReader } from '../../../src/storage/segment/column-reader.ts';
import { decodeUnit, fitsFrame, writeUnit } from '../../../src/storage/segment/unit.ts';
import { column, MemorySegment } from './segment-helpers.ts';

const hosts = Dictionary.of(['a', 'b']);

function decode(typeName: string, bytes: readonly number[], rowCount: number) {
  return decodeUnit(Uint8Array.from(bytes), column(2, typeName).type, rowCount, privateBuffers, () => hosts);
}

describe('a unit is drawn as', () => {
  const unitOf = (validity: Uint8Array | undefined, nullCount: number, values: number[]): number[] => {
    const writer = new ByteWriter();
    writeUnit(validity, nullCount, Uint8Array.from(values), writer);
    return Array.from(writer.copy());
  };
  test('codec, no NULLs, values', () => {
    expect(unitOf(undefined, 0, [CodecId.BitRuns, 1, 3])).toEqual([CodecId.BitRuns, 0, 1, 3]);
  });
  test('codec, validity, values', () => {
    const validity = Uint8Array.of(1, 0, 1);
    expect(unitOf(validity, 1, [CodecId.BitRuns, 1, 2])).toEqual([CodecId.BitRuns, CodecId.Bits, 0b101, 1, 2]);
  });
  test('one zero when all rows are NULL', () => {
    expect(unitOf(new Uint8Array(3), 3, [])).toEqual([0]);
    expect(decode('bool', [0], 3)).toMatchObject({ kind: 'boolean', validity: new Uint8Array(3) });
    expect(decode('text', [0], 3)).toMatchObject({ kind: 'bytes', offsets: new Uint32Array(4) });
    expect(decode('numeric', [0], 3)).toMatchObject({ kind: 'value', values: [null, null, null] });
  });
});

test('what stands at a NULL is 0', () => {
  const bytes = [CodecId.PackedCodes, CodecId.Bits, 0b100, 0, 1];
  expect(decode('text', bytes, 3)).toMatchObject({ kind: 'dictionary', codes: Uint32Array.of(0, 0, 1) });
});

describe('a unit is refused', () => {
  test.each<[string, string, number[], number, string]>([
    ['without a byte', 'float8', [], 1, 'bytes wanted'],
    ['with an unknown codec', 'float8', [99, 0], 1, 'no codec 99'],
    ['with the codec of another kind', 'float8', [CodecId.WidePlain, 0], 1, 'no codec 32'],
    ['with numbers in a boolean column', 'bool', [CodecId.Plain, 0], 1, 'no codec 1'],
    ['with codes in a value column', 'numeric', [CodecId.PackedCodes, 0, 0, 0], 1, 'codec 64'],
    ['with a code beyond the dictionary', 'text', [CodecId.PackedCodes, 0, 0, 2], 1, 'code 2 in a dictionary of 2'],
    ['with values of no row', 'bool', [CodecId.BitRuns, CodecId.Bits, 0, 1, 1], 3, 'all NULL'],
    ['with bytes after its values', 'bool', [CodecId.BitRuns, 0, 1, 1, 7], 1, '1 bytes after the last value'],
    ['with bytes after nothing', 'bool', [0, 0], 1, '1 bytes after the last value'],
  ])('%s', (_, typeName, bytes, rowCount, message) => {
    expect(() => decode(typeName, bytes, rowCount)).toThrow(message);
  });
});

test('only codes and fixed-size values fit a frame', () => {
  const fits = (typeName: string, codec: number) => fitsFrame(Uint8Array.of(codec), column(2, typeName).type);
  expect(fits('float8', CodecId.Plain)).toBe(true);
  expect(fits('bool', 0)).toBe(true);
  expect(fits('text', CodecId.CodeRuns)).toBe(true);
  expect(fits('text', CodecId.ByteStrings)).toBe(false);
  expect(fits('text', 0)).toBe(false);
  expect(fits('numeric', CodecId.ByteStrings)).toBe(false);
});

test('a frame goes back when the unit decoded into it contradicts its format', async () => {
  const unit = Uint8Array.of(99, 0);
  const section = new ByteWriter();
  for (const value of [16, unit.length]) writePlain(section, value);
  section.uint32le(crc32(unit));
  section.uint8(CompressionId.None);
  // No NULL, no true value.
  for (const count of [0, 0]) writePlain(section, count);
  const chunkStarts = Uint32Array.of(0, 1);
  const bytes = new Uint8Array(16 + unit.length);
  bytes.set(unit, 16);
  const cache = new UnitCache({ sizeBytes: 64 * 1024 });
  const reader = new ColumnReader(column(2, 'bool'), readColumnIndex(section.copy(), 'boolean', chunkStarts, 1000), {
    name: 'crafted',
    source: new MemorySegment(bytes),
    origin: 0,
    unitStarts: Uint32Array.of(0, 2),
    chunkStarts,
    cache,
    windows: cache.windows,
  });
  for (let attempt = 0; attempt < cache.frameCount * 2; attempt++) {
    const reading = (async () => reader.read(0))();
    await expect(reading).rejects.toThrow('segment crafted: column 2, unit 0 at offset 16: no codec 99');
  }
  expect(cache.usage().usedFrames).toBe(0);
});

/** An array of one number, as the footer has them. */
function writePlain(section: ByteWriter, value: number): void {
  section.uint8(CodecId.Plain);
  section.float64le(value);
}
