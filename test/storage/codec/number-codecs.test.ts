import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { chooseNumberCodec, decodeNumbers, encodeNumbers } from '../../../src/storage/codec/choose-codec.ts';
import { NUMBER_CODECS } from '../../../src/storage/codec/codec-registry.ts';
import { mostlyOne } from '../../../src/storage/codec/mostly-one.ts';
import { bitsOf, doubleOfBits, encoded, roundTrip } from './codec-helpers.ts';

const TWO_53 = 2 ** 53;

function sequence(count: number, valueAt: (row: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => valueAt(row));
}

/** Integers below `bound` without a pattern. */
function scattered(row: number, bound: number): number {
  return Math.floor(Math.abs(Math.sin(row * 12.9898) * 43758.5453) % bound);
}

const nans = new Float64Array(
  BigUint64Array.from({ length: 64 }, (_, row) => 0x7ff0000000000001n + BigInt(row)).buffer,
);

const columns: Record<string, Float64Array> = {
  'one value': Float64Array.of(42.5),
  'two values': Float64Array.of(1, 2),
  'three values': Float64Array.of(5, -7, 11),
  zeros: new Float64Array(1024),
  'negative zeros': new Float64Array(1024).fill(-0),
  'zeros of both signs': sequence(100, (row) => (row % 3 === 0 ? -0 : 0)),
  'a full unit of regular instants': sequence(1024, (row) => 7e14 + row * 10_000_000),
  'instants of many series': sequence(1023, (row) => 7e14 + (row % 31) * 1_000_000),
  'instants with jitter': sequence(1024, (row) => 7e14 + row * 1_000_000 + ((row * 7919) % 1000)),
  'a counter that is reset': sequence(1000, (row) => (row % 300) * 1000 + (row % 7)),
  prices: sequence(1024, (row) => scattered(row, 100000) / 100),
  'prices with a NaN, infinities and -0': sequence(
    100,
    (row) => [0.25, Number.NaN, 1.5, Number.POSITIVE_INFINITY, -0][row % 5],
  ),
  'a temperature that wanders': sequence(
    1024,
    (row) => Math.round(2000 * Math.sin(row / 200) + scattered(row, 5)) / 100,
  ),
  'full precision': sequence(1024, (row) => Math.sin(row)),
  'single precision': sequence(1024, (row) => Math.fround(Math.sin(row))),
  'single precision with few decimals': sequence(1024, (row) => Math.fround(scattered(row, 10000) / 100)),
  'NaNs of different payloads': nans,
  'one NaN payload': new Float64Array(new BigUint64Array(77).fill(0x7ff80000deadbeefn).buffer),
  denormals: sequence(50, (row) => row * Number.MIN_VALUE),
  'the ends of the exact integers': Float64Array.of(TWO_53, -TWO_53, TWO_53 - 1, 1 - TWO_53, 0),
  'a step that rounds to 2^53': Float64Array.of(1, -TWO_53),
  'another step that rounds to 2^53': Float64Array.of(-1, TWO_53, -1),
  'the largest doubles': Float64Array.of(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, Number.EPSILON),
  'infinite instants': sequence(200, (row) => (row % 50 === 0 ? Number.NEGATIVE_INFINITY : 7e14 + row)),
  'distances of 32 bits': sequence(1024, (row) => (row * 4194304) % 4294967296),
  'distances of 45 bits': sequence(1021, (row) => (row * 987654321987) % 2 ** 45),
  'a few outliers': sequence(1024, (row) => (row % 200 === 7 ? 1e15 : scattered(row, 16))),
  'multiples of 4096': sequence(1024, (row) => scattered(row, 1000) * 4096),
  'long runs': sequence(1024, (row) => Math.floor(row / 100) + 0.1),
  'mostly zero': sequence(1024, (row) => (row % 40 === 0 ? Math.cos(row) : 0)),
  'mostly -0, and 0': sequence(1024, (row) => (row % 40 === 0 ? 0 : -0)),
  'mostly one NaN, and others': new Float64Array(
    BigUint64Array.from({ length: 500 }, (_, row) => 0x7ff8000000000000n + BigInt(row % 7 === 0 ? row : 1)).buffer,
  ),
  tips: sequence(1024, (row) => (scattered(row, 100) < 20 ? scattered(row, 3000) / 100 : 0)),
  'counts of errors': sequence(1000, (row) => (scattered(row, 100) < 3 ? scattered(row, 50) : 0)),
};

describe.each(NUMBER_CODECS.map((codec) => [codec.name, codec] as const))('%s', (_, codec) => {
  for (const [name, values] of Object.entries(columns)) {
    test(`gives back ${name} bit for bit or declines them`, () => {
      const decoded = roundTrip(codec, values);
      if (decoded !== undefined) expect(bitsOf(decoded)).toEqual(bitsOf(values));
    });
  }

  test('gives back any doubles bit for bit or declines them', () => {
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1, maxLength: 70 }), (values) => {
        const decoded = roundTrip(codec, values);
        if (decoded !== undefined) expect(bitsOf(decoded)).toEqual(bitsOf(values));
      }),
    );
  });

  test('gives back any bits bit for bit or declines them', () => {
    fc.assert(
      fc.property(fc.bigUint64Array({ minLength: 1, maxLength: 70 }), (bits) => {
        const decoded = roundTrip(codec, new Float64Array(bits.slice().buffer));
        if (decoded !== undefined) expect(bitsOf(decoded)).toEqual(Array.from(bits));
      }),
    );
  });

  test('gives back any integers or declines them', () => {
    const integer = fc.oneof(
      fc.integer({ min: -100, max: 100 }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.constantFrom(TWO_53, -TWO_53, 2 ** 31, 2 ** 32, 2 ** 32 - 1, 2 ** 51, 2 ** 52),
    );
    fc.assert(
      fc.property(fc.array(integer, { minLength: 1, maxLength: 300 }), (integers) => {
        const values = Float64Array.from(integers);
        const decoded = roundTrip(codec, values);
        if (decoded !== undefined) expect(bitsOf(decoded)).toEqual(bitsOf(values));
      }),
      { numRuns: 200 },
    );
  });

  test('never reads past a payload that was cut off, nor takes it for whole', () => {
    const values = Object.values(columns).find(
      (candidate) => candidate.length > 4 && encoded(codec, candidate) !== undefined,
    );
    const bytes = encoded(codec, values!)!;
    for (let size = 0; size < bytes.length; size++) {
      const target = new Float64Array(values!.length);
      expect(() => codec.decode(new ByteReader(bytes.subarray(0, size)), target), `${size} bytes`).toThrow();
    }
  });

  test('survives any bytes: it throws or fills the target', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 64 }), (bytes, count) => {
        try {
          codec.decode(new ByteReader(bytes), new Float64Array(count));
        } catch (error) {
          expect((error as Error).name).toMatch(/CorruptionError|Error/);
          expect(error).not.toBeInstanceOf(RangeError);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }),
    );
  });
});

describe('encodeNumbers', () => {
  test('takes every column, with any preference', () => {
    for (const values of Object.values(columns)) {
      for (const preferred of [undefined, ...NUMBER_CODECS]) {
        const writer = new ByteWriter();
        encodeNumbers(values, preferred, writer);
        expect(writer.length).toBeLessThanOrEqual(values.length * 8 + 1);
        const reader = new ByteReader(writer.copy());
        const target = new Float64Array(values.length);
        decodeNumbers(reader.uint8(), reader, target);
        expect(reader.remaining).toBe(0);
        expect(bitsOf(target)).toEqual(bitsOf(values));
      }
    }
  });

  test('refuses an unknown codec', () => {
    expect(() => decodeNumbers(200, new ByteReader(new Uint8Array(8)), new Float64Array(1))).toThrow('no codec 200');
  });
});

describe('chooseNumberCodec', () => {
  const choices: Record<string, string> = {
    'a full unit of regular instants': 'regular runs',
    'instants of many series': 'regular runs',
    'instants with jitter': 'delta of delta',
    prices: 'decimal scaled',
    'a temperature that wanders': 'decimal delta',
    'single precision with few decimals': 'decimal scaled',
    'single precision': 'plain single',
    'multiples of 4096': 'frame of reference',
    'a few outliers': 'frame of reference',
    'long runs': 'run length',
    'full precision': 'plain',
    tips: 'mostly one',
    'counts of errors': 'mostly one',
    zeros: 'constant',
    'negative zeros': 'constant',
    'one NaN payload': 'constant',
  };
  for (const [name, codecName] of Object.entries(choices)) {
    test(`takes ${codecName} for ${name}`, () => expect(chooseNumberCodec([columns[name]]).name).toBe(codecName));
  }

  const sizes: [string, number][] = [
    ['a full unit of regular instants', 20],
    ['prices', 17.2 * 128],
    ['multiples of 4096', 10.2 * 128],
    ['a few outliers', 5 * 128],
    ['mostly zero', 3 * 128],
    ['tips', 4.5 * 128],
    ['counts of errors', 1.5 * 128],
  ];
  test.each(sizes)('keeps %s within %d bytes', (name, maxBytes) => {
    const writer = new ByteWriter();
    encodeNumbers(columns[name], undefined, writer);
    expect(writer.length).toBeLessThanOrEqual(maxBytes);
  });
});

describe('mostly one', () => {
  test('declines where less than half of the rows have one value', () => {
    const half = sequence(10, (row) => (row % 2 === 0 ? 0 : row));
    expect(encoded(mostlyOne, half)).toBeDefined();
    expect(encoded(mostlyOne, half.subarray(1, 10))).toBeUndefined();
  });

  test('refuses more or fewer marks than values', () => {
    const bytes = encoded(mostlyOne, Float64Array.of(7, 7, 7, 7, 9))!;
    // | 7 as a double | one other value | its place: a bit a row | …
    expect(Array.from(bytes.subarray(8, 10))).toEqual([1, 0b10000]);
    for (const marks of [0, 0b10001, 0b11111]) {
      const damaged = bytes.slice();
      damaged[9] = marks;
      expect(() => mostlyOne.decode(new ByteReader(damaged), new Float64Array(5))).toThrow('rows with other values');
    }
    const tooMany = bytes.slice();
    tooMany[8] = 6;
    expect(() => mostlyOne.decode(new ByteReader(tooMany), new Float64Array(5))).toThrow('6 other values in 5 rows');
    const unknown = bytes.slice();
    unknown[10] = 13;
    expect(() => mostlyOne.decode(new ByteReader(unknown), new Float64Array(5))).toThrow('codec 13 where the other');
  });
});

test('a NaN payload is not lost when it is set aside', () => {
  const values = sequence(100, (row) => row / 10);
  values.set(doubleOfBits(0xfff0000000000123n), 50);
  const writer = new ByteWriter();
  encodeNumbers(values, undefined, writer);
  const reader = new ByteReader(writer.copy());
  const target = new Float64Array(100);
  decodeNumbers(reader.uint8(), reader, target);
  expect(bitsOf(target)[50]).toBe(0xfff0000000000123n);
});
