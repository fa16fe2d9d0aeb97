import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dictionary } from '../../src/columnar/dictionary.ts';
import { KeyNumbers, type NumberedKey } from '../../src/columnar/key-numbers.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', '\0', '🌊', 'x'.repeat(33), `${'x'.repeat(200)}a`, `${'x'.repeat(200)}b`),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 63)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.boolean(),
);

test('keys have the numbers that a Map would have for them, before and after it is split', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 60 }), fc.constantFrom(0, 16_380, 40_000), (keys, others) => {
      const numbers = new KeyNumbers();
      const model = new Map<NumberedKey, number>();
      const all: NumberedKey[] = [...keys];
      for (let other = 0; other < others; other++) all.push(`key ${other}`);
      all.push(...keys);
      const differing = all.filter((key) => {
        if (numbers.get(key) !== model.get(key)) return true;
        if (model.has(key)) return false;
        numbers.add(key, model.size);
        model.set(key, model.size);
        return numbers.get(key) !== model.size - 1;
      });
      expect(differing).toEqual([]);
      expect([...model].filter(([key, number]) => numbers.get(key) !== number)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});

test('a dictionary of very many strings, some of them long and alike, tells them apart', () => {
  const dictionary = new Dictionary();
  const prefix = 'a path that all of them share, and that is longer than what decides on a shard /';
  const strings = Array.from({ length: 50_000 }, (_, at) => (at % 2 === 0 ? `${prefix}${at}${prefix}` : `${at}`));
  for (const string of strings) dictionary.codeOf(string);
  expect(dictionary.size).toBe(strings.length);
  expect(strings.every((string, code) => dictionary.codeOf(string) === code && dictionary.find(string) === code)).toBe(
    true,
  );
  expect(dictionary.find(`${prefix}1${prefix}`)).toBe(-1);
});
