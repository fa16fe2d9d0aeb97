import { expect, test } from 'vitest';
import { Interval } from '../../src/types/interval.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { portableValue, valueOfPortable } from '../../src/types/portable-value.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import { SqlMultirange, SqlRange } from '../../src/types/sql-range.ts';
import { SqlRecord } from '../../src/types/sql-record.ts';
import type { Value } from '../../src/types/value.ts';

const values: Record<string, Value> = {
  NULL: null,
  'a boolean': false,
  'minus zero': -0,
  NaN: Number.NaN,
  'an integer past 2^53': 9_007_199_254_740_993n,
  'a text of half a character': '\ud800 🌡️',
  bytes: Uint8Array.of(0, 255),
  'a numeric with its zeros': Numeric.parse('-12345678901234567890.5000'),
  'the numeric NaN': Numeric.NaN,
  'the numeric infinities': new SqlArray([Numeric.Infinity, Numeric.NegativeInfinity]),
  'an interval': new Interval(-1, 40, 9_007_199_254_740_993n),
  'an array of several dimensions': new SqlArray(['a', null, 'c', 'd'], [2, 2], [0, -5]),
  'an empty array': new SqlArray([]),
  'a range': new SqlRange(Numeric.parse('1.50'), null, { includesLower: true }),
  'the empty range': SqlRange.empty,
  'a multirange': new SqlMultirange([new SqlRange(null, 1), new SqlRange(2, 9_007_199_254_740_993n)]),
  'an array of ranges': new SqlArray([SqlRange.empty, null]),
};

for (const [name, value] of Object.entries(values)) {
  test(`${name} is the same in another thread`, () => {
    const portable = portableValue(value);
    expect(portable).not.toBe(undefined);
    const back = valueOfPortable(structuredClone(portable!));
    expect(back).toEqual(value);
    if (typeof value === 'object' && value !== null)
      expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(value));
  });
}

test('records stay where they are, in arrays too', () => {
  const record = new SqlRecord([], []);
  expect(portableValue(record)).toBe(undefined);
  expect(portableValue(new SqlArray([record]))).toBe(undefined);
});

test('of a part of a buffer nothing else travels', () => {
  const whole = new Uint8Array(1000);
  const portable = portableValue(whole.subarray(10, 12)) as Uint8Array;
  expect(portable.buffer.byteLength).toBe(2);
});
