import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { enumType } from '../../src/types/enum-type.ts';
import { float8 } from '../../src/types/float8.ts';
import { storedType } from '../../src/types/stored-type.ts';
import { text } from '../../src/types/string-types.ts';
import { typeContext } from '../support/type-context.ts';

const mood = enumType({
  oid: 20_000,
  arrayOid: 20_001,
  name: 'mood',
  labels: [
    { name: 'sad', sortOrder: 1 },
    { name: 'so so', sortOrder: 1.5 },
    { name: '__proto__', sortOrder: 2 },
    { name: '🙂', sortOrder: 3 },
  ],
});
const context = typeContext();

describe('an enum type', () => {
  for (const label of ['sad', 'so so', '__proto__', '🙂']) {
    test(`reads and writes ${label} as text and in binary`, () => {
      const value = mood.parse(label, context, -1);
      expect(mood.format(value, context)).toBe(label);
      const writer = new ByteWriter();
      mood.writeBinary(value, writer);
      expect(new TextDecoder().decode(writer.view())).toBe(label);
      expect(mood.readBinary(writer.copy(), context)).toBe(value);
    });
  }

  test('refuses what is no label with 22P02', () => {
    for (const input of ['SAD', '', 'constructor']) {
      const refusal = expect.objectContaining({
        code: '22P02',
        message: `invalid input value for enum mood: "${input}"`,
      });
      expect(() => mood.parse(input, context, -1)).toThrow(refusal);
      expect(() => mood.readBinary(new TextEncoder().encode(input), context)).toThrow(refusal);
    }
  });

  test('orders by the labels, not by their names', () => {
    const values = ['🙂', 'sad', '__proto__', 'so so'].map((label) => mood.parse(label, context, -1));
    values.sort((a, b) => mood.compare(a, b));
    expect(values.map((value) => mood.format(value, context))).toEqual(['sad', 'so so', '__proto__', '🙂']);
  });

  test('is quoted in SQL where it has to be', () => {
    expect(mood.sqlName).toBe('mood');
    expect(enumType({ oid: 1, arrayOid: 2, name: 'My "mood"', labels: [] }).sqlName).toBe('"My ""mood"""');
  });

  test('is stored as a number, so that other types are as they are', () => {
    expect(storedType(mood)).toBe(float8);
    expect(storedType(text)).toBe(text);
  });
});
