import { describe, expect, test } from 'vitest';
import { operatorsNamed } from '../../../src/functions/operator-registry.ts';
import { INFINITY_MARK, NEGATIVE_INFINITY_MARK } from '../../../src/types/instant.ts';
import type { Int64 } from '../../../src/types/value.ts';
import { evaluateScalar } from '../evaluate-sql-call.ts';

/** Instants in ascending order; those of one place are equal, however they were read. */
const places: readonly (readonly Int64[])[] = [
  [Number.NEGATIVE_INFINITY, NEGATIVE_INFINITY_MARK],
  [-211_813_488_000_000_000n],
  [0],
  [2 ** 53],
  [2n ** 53n + 1n],
  [9_223_371_331_199_999_999n],
  [Number.POSITIVE_INFINITY, INFINITY_MARK],
];

describe('infinities compare alike as numbers and as marks of a wide column', () => {
  for (const [name, holds] of Object.entries({
    '=': (order: number) => order === 0,
    '<>': (order: number) => order !== 0,
    '<': (order: number) => order < 0,
    '<=': (order: number) => order <= 0,
    '>': (order: number) => order > 0,
    '>=': (order: number) => order >= 0,
  })) {
    test(`under ${name}`, () => {
      const operator = operatorsNamed(name).find(
        ({ leftType, rightType }) => leftType?.name === 'timestamptz' && rightType.name === 'timestamptz',
      )!;
      for (const [leftPlace, lefts] of places.entries()) {
        for (const [rightPlace, rights] of places.entries()) {
          for (const left of lefts) {
            for (const right of rights) {
              expect(evaluateScalar(operator.function, [left, right]), `${left} ${name} ${right}`).toBe(
                holds(leftPlace - rightPlace),
              );
            }
          }
        }
      }
    });
  }
});
