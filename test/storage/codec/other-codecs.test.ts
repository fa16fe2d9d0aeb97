import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { bits } from '../../../src/storage/codec/bits.ts';
import { decodeByteStrings, encodeByteStrings } from '../../../src/storage/codec/byte-strings.ts';
import { decodeBooleans, decodeCodes, encodeBooleans, encodeCodes } from '../../../src/storage/codec/choose-codec.ts';
import { BOOLEAN_CODECS, CODE_CODECS } from '../../../src/storage/codec/codec-registry.ts';
import { CodecId } from '../../../src/storage/codec/column-codec.ts';
import { bitRuns, codeRuns, runLength } from '../../../src/storage/codec/run-length.ts';
import { decodeWide, encodeWide, wideOffset } from '../../../src/storage/codec/wide.ts';
import { encoded } from './codec-helpers.ts';

describe.each(BOOLEAN_CODECS.map((codec) => [codec.name, codec] as const))('%s', (_, codec) => {
  test('gives back any booleans', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100, max: 1 }), (values) => {
        const target = new Uint8Array(values.length).fill(9);
        codec.decode(new ByteReader(encoded(codec, values)!), target);
        expect(target).toEqual(values);
      }),
    );
  });
});

describe.each(CODE_CODECS.map((codec) => [codec.name, codec] as const))('%s', (_, codec) => {
  test('gives back any codes', () => {
    const code = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 0xffffffff }));
    fc.assert(
      fc.property(fc.array(code, { minLength: 1, maxLength: 100 }), (array) => {
        const values = Uint32Array.from(array);
        const target = new Uint32Array(values.length);
        codec.decode(new ByteReader(encoded(codec, values)!), target);
        expect(target).toEqual(values);
      }),
    );
  });
});

describe('booleans and codes', () => {
  test('take the smaller form', () => {
    const writer = new ByteWriter();
    encodeBooleans(new Uint8Array(1024).fill(1), writer);
    expect(Array.from(writer.view())).toEqual([CodecId.BitRuns, 1, 0x80, 0x08]);
    writer.clear();
    encodeBooleans(
      Uint8Array.from({ length: 1024 }, (_, row) => row & 1),
      writer,
    );
    expect(writer.length).toBe(1 + 128);
    writer.clear();
    encodeCodes(new Uint32Array(1024).fill(70), writer);
    expect(Array.from(writer.view())).toEqual([CodecId.PackedCodes, 0, 70]);
  });

  test('refuse codecs of other values', () => {
    const reader = new ByteReader(new Uint8Array(8));
    expect(() => decodeBooleans(CodecId.Plain, reader, new Uint8Array(1))).toThrow('no codec 1');
    expect(() => decodeCodes(CodecId.Bits, reader, new Uint32Array(1))).toThrow('no codec 48');
  });

  test('booleans lie in bits from the lowest up', () => {
    expect(Array.from(encoded(bits, Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 1))!)).toEqual([0b00001101, 1]);
  });
});

describe('run length', () => {
  const runs: [string, number[]][] = [
    ['passes the end of the column', [9, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['is empty', [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ];
  test.each(runs)('rejects a run that %s', (_, bytes) => {
    const read = () => new ByteReader(Uint8Array.from(bytes));
    expect(() => runLength.decode(read(), new Float64Array(8))).toThrow('run from row 0');
    expect(() => codeRuns.decode(read(), new Uint32Array(8))).toThrow('run from row 0');
    expect(() => bitRuns.decode(new ByteReader(Uint8Array.of(1, ...bytes)), new Uint8Array(8))).toThrow(
      'run from row 0',
    );
  });

  test('rejects a boolean that is none', () => {
    expect(() => bitRuns.decode(new ByteReader(Uint8Array.of(2, 1)), new Uint8Array(1))).toThrow('boolean 2');
  });
});

describe('wide integers', () => {
  const wideOf = (values: readonly bigint[]) => ({
    high: Int32Array.from(values, (value) => Number(BigInt.asIntN(32, value >> 32n))),
    low: Uint32Array.from(values, (value) => Number(BigInt.asUintN(32, value))),
  });
  const roundTrip = (values: readonly bigint[]) => {
    const writer = new ByteWriter();
    encodeWide(wideOf(values), writer);
    const reader = new ByteReader(writer.copy());
    const target = { high: new Int32Array(values.length), low: new Uint32Array(values.length) };
    decodeWide(reader.uint8(), reader, target);
    expect(reader.remaining).toBe(0);
    expect(target).toEqual(wideOf(values));
    return writer.length;
  };

  test('come back, whatever they are', () => {
    const ends = [2n ** 63n - 1n, -(2n ** 63n), 0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 32n, -(2n ** 32n)];
    roundTrip(ends);
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: ends[1], max: ends[0] }), { minLength: 1 }), (values) => {
        roundTrip(values);
      }),
    );
  });

  test('at regular distances take next to nothing', () => {
    const start = 1_700_000_000_000_000_000n;
    expect(roundTrip(Array.from({ length: 1024 }, (_, row) => start + BigInt(row) * 1_000_000_000n))).toBeLessThan(30);
  });

  test('more than 2^53 apart have no common base', () => {
    expect(wideOffset.encode(wideOf([0n, 2n ** 53n]), new ByteWriter())).toBe(false);
    expect(wideOffset.encode(wideOf([-1n, 2n ** 53n - 2n]), new ByteWriter())).toBe(true);
  });
});

describe('byte strings', () => {
  const roundTrip = (strings: readonly string[]) => {
    const offsets = new Uint32Array(strings.length + 1);
    const bytes = new ByteWriter();
    for (const [row, string] of strings.entries()) offsets[row + 1] = offsets[row] + bytes.string(string);
    const writer = new ByteWriter();
    encodeByteStrings({ offsets, bytes: bytes.view() }, writer);
    const reader = new ByteReader(writer.copy());
    const read = decodeByteStrings(reader.uint8(), reader, strings.length);
    expect(reader.remaining).toBe(0);
    const text = new TextDecoder();
    const back = strings.map((_, row) => {
      const at = read.codes === undefined ? row : read.codes[row];
      return text.decode(read.bytes.subarray(read.offsets[at], read.offsets[at + 1]));
    });
    expect(back).toEqual(strings);
    return writer.length;
  };

  test.each<[string, string[]]>([
    ['one empty string', ['']],
    ['empty strings only', Array<string>(1024).fill('')],
    ['distinct strings', Array.from({ length: 1024 }, (_, row) => `row ${row}`)],
    ['few distinct strings', Array.from({ length: 1024 }, (_, row) => `row ${row % 7}`)],
    ['one megabyte beside nothing', ['', 'x'.repeat(1024 * 1024), '']],
    ['text beyond ASCII', ['grün', '東京', '🌊', '']],
  ])('gives back %s', (_, strings) => {
    roundTrip(strings);
  });

  test('gives back any strings', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 50 }), (strings) => {
        roundTrip(strings);
      }),
    );
  });

  test('names repeated strings instead of repeating them', () => {
    expect(roundTrip(Array.from({ length: 1024 }, (_, row) => `a rather long status ${row % 2}`))).toBeLessThan(250);
  });

  test('rejects places and lengths that do not exist', () => {
    const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes));
    expect(() => decodeByteStrings(CodecId.Plain, reader(1), 1)).toThrow('codec 1');
    expect(() => decodeByteStrings(CodecId.DistinctByteStrings, reader(3), 2)).toThrow('3 distinct strings among 2');
    const one = new ByteWriter();
    one.uint8(CodecId.Constant);
    one.float64le(-1);
    expect(() => decodeByteStrings(CodecId.ByteStrings, new ByteReader(one.copy()), 2)).toThrow('length -1');
  });
});
