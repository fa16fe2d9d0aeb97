import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, OutOfBytesError } from '../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';

type Item =
  | {
      kind: 'uint8' | 'int16' | 'int32' | 'uint32' | 'uint16le' | 'uint32le' | 'varint' | 'float64' | 'float64le';
      value: number;
    }
  | { kind: 'int64'; value: bigint }
  | { kind: 'lengthPrefixedString'; value: string };

const number = (kind: Item['kind'], min: number, max: number) =>
  fc.integer({ min, max }).map((value) => ({ kind, value }) as Item);
const item = fc.oneof(
  number('uint8', 0, 255),
  number('int16', -32768, 32767),
  number('int32', -(2 ** 31), 2 ** 31 - 1),
  number('uint32', 0, 2 ** 32 - 1),
  number('uint16le', 0, 65535),
  number('uint32le', 0, 2 ** 32 - 1),
  fc.maxSafeNat().map((value) => ({ kind: 'varint', value }) as Item),
  fc.double().map((value) => ({ kind: 'float64', value }) as Item),
  fc.double().map((value) => ({ kind: 'float64le', value }) as Item),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ kind: 'int64', value }) as Item),
  fc.string({ unit: 'binary' }).map((value) => ({ kind: 'lengthPrefixedString', value }) as Item),
);

test('what is written comes back, however often the buffer grew on the way', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (items, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const { kind, value } of items) (writer[kind] as (value: unknown) => void).call(writer, value);
      const reader = new ByteReader(writer.copy());
      for (const { kind, value } of items) expect(reader[kind]()).toEqual(value);
      expect(reader.remaining).toBe(0);
    }),
  );
});

test('one byte more than the buffer holds is not lost', () => {
  const writer = new ByteWriter(1);
  for (let value = 1; value <= 5; value++) writer.uint8(value);
  expect([...writer.view()]).toEqual([1, 2, 3, 4, 5]);
});

test('reading past the end, and strings that are no UTF-8, are errors', () => {
  expect(() => new ByteReader(Uint8Array.of(1, 2, 3)).int32()).toThrow(OutOfBytesError);
  expect(() => new ByteReader(Uint8Array.of(1)).bytes(-1)).toThrow(OutOfBytesError);
  expect(() => new ByteReader(Uint8Array.of(65, 66)).zeroTerminatedString()).toThrow(OutOfBytesError);
  expect(() => new ByteReader(new Uint8Array(9).fill(0xff)).varint()).toThrow(OutOfBytesError);
  expect(() => new ByteReader(Uint8Array.of(0xff)).string(1)).toThrow(TypeError);
});
