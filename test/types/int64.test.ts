import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addInt64,
  compareInt64,
  divideInt64,
  INT64_MAX,
  INT64_MIN,
  int64FromNumber,
  int64FromParts,
  multiplyInt64,
  negateInt64,
  remainderInt64,
  roundHalfEven,
  subtractInt64,
  toInt64,
} from '../../src/types/int64.ts';
import type { Int64 } from '../../src/types/value.ts';
import { orError } from '../support/type-forms.ts';

/** Integers of all sizes, crowded around ±2^53, ±2^63 and 0. */
const integers = fc
  .oneof(
    fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
    fc.bigInt({ min: -3n, max: 3n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
    fc.bigInt({ min: -(2n ** 53n) - 3n, max: -(2n ** 53n) + 3n }),
    fc.bigInt({ min: INT64_MAX - 3n, max: INT64_MAX }),
    fc.bigInt({ min: INT64_MIN, max: INT64_MIN + 3n }),
    fc.bigInt({ min: -(2n ** 32n), max: 2n ** 32n }),
  )
  .map((value) => ({ exact: value, canonical: toInt64(value) }));

function expectCanonical(value: Int64): void {
  if (typeof value === 'bigint') expect(value > 2n ** 53n || value < -(2n ** 53n)).toBe(true);
  else {
    expect(Math.abs(value)).toBeLessThanOrEqual(2 ** 53);
    expect(Object.is(value, -0)).toBe(false);
  }
}

describe('arithmetic agrees with bigint and stays canonical', () => {
  const operations = {
    add: [addInt64, (left: bigint, right: bigint) => left + right],
    subtract: [subtractInt64, (left: bigint, right: bigint) => left - right],
    multiply: [multiplyInt64, (left: bigint, right: bigint) => left * right],
    divide: [divideInt64, (left: bigint, right: bigint) => left / right],
    remainder: [remainderInt64, (left: bigint, right: bigint) => left % right],
  } as const;
  for (const [name, [ours, exact]] of Object.entries(operations)) {
    test(name, () => {
      fc.assert(
        fc.property(integers, integers, (left, right) => {
          const divides = name === 'divide' || name === 'remainder';
          if (divides && right.exact === 0n) {
            expect(orError(() => ours(left.canonical, right.canonical))).toBe('22012: division by zero');
            return;
          }
          const result = exact(left.exact, right.exact);
          if (result < INT64_MIN || result > INT64_MAX) {
            expect(orError(() => ours(left.canonical, right.canonical))).toBe('22003: bigint out of range');
            return;
          }
          const answer = ours(left.canonical, right.canonical);
          expect(BigInt(answer)).toBe(result);
          expectCanonical(answer);
        }),
        { numRuns: 2000 },
      );
    });
  }
});

test('order is that of the integers', () => {
  fc.assert(
    fc.property(integers, integers, (left, right) => {
      const expected = left.exact < right.exact ? -1 : left.exact > right.exact ? 1 : 0;
      expect(compareInt64(left.canonical, right.canonical)).toBe(expected);
    }),
  );
});

test('high and low words make the integer', () => {
  fc.assert(
    fc.property(integers, ({ exact, canonical }) => {
      const high = Number(BigInt.asIntN(32, exact >> 32n));
      const low = Number(BigInt.asUintN(32, exact));
      expect(int64FromParts(high, low)).toBe(canonical);
    }),
    { numRuns: 1000 },
  );
});

test('negation fails for the smallest integer only', () => {
  expect(orError(() => negateInt64(INT64_MIN))).toBe('22003: bigint out of range');
  expect(negateInt64(INT64_MAX)).toBe(-INT64_MAX);
  expect(negateInt64(0)).toBe(0);
});

test('doubles are rounded half to even', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994].map(roundHalfEven).map((value) => value + 0)).toEqual([
    0, 2, 2, 0, -2, -2, 0,
  ]);
  expect(int64FromNumber(-0.2)).toBe(0);
  expect(int64FromNumber(2 ** 62)).toBe(2n ** 62n);
  for (const tooLarge of [2 ** 63, -(2 ** 64), Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(orError(() => int64FromNumber(tooLarge))).toBe('22003: bigint out of range');
  }
});
