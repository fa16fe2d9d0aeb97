import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averageOf } from '../../../src/functions/aggregate/average.ts';
import { Numeric } from '../../../src/types/numeric.ts';

const cases: readonly (readonly [sum: number, count: number, scale: number, answer: string])[] = [
  [0, 2, 0, '0.00000000000000000000'],
  [5, 3, 0, '1.6666666666666667'],
  [-5, 3, 0, '-1.6666666666666667'],
  [20000, 2, 0, '10000.0000000000000000'],
  [9007199254740991, 7, 0, '1286742750677284.4286'],
  [1050, 3, 2, '3.5000000000000000'],
  [1, 9007199254740, 0, '0.00000000000011102230246252788139'],
];

describe('an average in doubles', () => {
  for (const [sum, count, scale, answer] of cases) {
    test(`of ${sum}e-${scale} over ${count} is ${answer}`, () => {
      expect(averageOf(sum, count, scale).toString()).toBe(answer);
    });
  }

  test('is digit for digit what numeric division gives', () => {
    const sums = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -1000, max: 1000 }));
    const counts = fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1 }),
      fc.integer({ min: 1, max: 2 ** 45 }),
    );
    fc.assert(
      fc.property(sums, counts, fc.integer({ min: 0, max: 14 }), (sum, count, scale) => {
        const exact = Numeric.of(BigInt(sum), scale).divide(Numeric.fromInt64(count));
        expect(averageOf(sum, count, scale).toString()).toBe(exact.toString());
      }),
      { numRuns: 2000 },
    );
  });
});
