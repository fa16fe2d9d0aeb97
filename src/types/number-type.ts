import type { TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

/** The part of a definition that types represented as one JavaScript number share: order and key. */
export const orderOfNumbers = {
  isComparable: true,
  compare: compareNumbers,
  hashKey: numberKey,
} as const satisfies Partial<TypeDefinition>;

/** Numeric order; NaN equals itself and follows everything, -0 equals 0. */
export function compareNumbers(left: Value, right: Value): number {
  const a = left as number;
  const b = right as number;
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function numberKey(value: Value): number {
  // -0 + 0 is 0; a Map takes NaN for equal to itself.
  return (value as number) + 0;
}
