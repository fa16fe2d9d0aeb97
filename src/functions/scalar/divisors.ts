import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { INT64_MAX, toInt64 } from '../../types/int64.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const INT4_MAX = 2_147_483_647n;
const MAX_FACTORIAL = 32_177;

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function commonDivisor(left: bigint, right: bigint): bigint {
  let a = magnitude(left);
  let b = magnitude(right);
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function commonMultiple(left: bigint, right: bigint): bigint {
  if (left === 0n || right === 0n) return 0n;
  return magnitude((left / commonDivisor(left, right)) * right);
}

type Combine = (left: bigint, right: bigint) => bigint;

const overIntegers = (combine: Combine) => (left: number, right: number) => {
  const result = combine(BigInt(left), BigInt(right));
  if (result > INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return Number(result);
};

const overBigints = (combine: Combine) => (left: Int64, right: Int64) => {
  const result = combine(BigInt(left), BigInt(right));
  if (result > INT64_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'bigint out of range');
  return toInt64(result);
};

/** Numerics are whole numbers of their smaller unit. */
const overNumerics = (combine: Combine) => (left: Numeric, right: Numeric) => {
  if (!left.isFinite || !right.isFinite) return Numeric.NaN;
  const scale = Math.max(left.scale, right.scale);
  return Numeric.of(combine(left.round(scale).unscaled, right.round(scale).unscaled), scale);
};

function factorial(value: Int64): Numeric {
  if (value < 0) {
    throw new SqlError(SqlState.NumericValueOutOfRange, 'factorial of a negative number is undefined');
  }
  if (value > MAX_FACTORIAL) {
    throw new SqlError(SqlState.NumericValueOutOfRange, 'value overflows numeric format');
  }
  return Numeric.of(productOfRange(2, Number(value)), 0);
}

/** Halves are multiplied apart: factors of one length are what large multiplication is fast at. */
function productOfRange(from: number, to: number): bigint {
  if (from > to) return 1n;
  if (to - from < 8) {
    let product = 1n;
    for (let factor = from; factor <= to; factor++) product *= BigInt(factor);
    return product;
  }
  const middle = (from + to) >> 1;
  return productOfRange(from, middle) * productOfRange(middle + 1, to);
}

export const divisorFunctions: readonly ScalarFunction[] = [
  defineScalar('gcd', 5044, [int4, int4], int4, overIntegers(commonDivisor)),
  defineScalar('gcd', 5045, [int8, int8], int8, overBigints(commonDivisor)),
  defineScalar('gcd', 5048, [numeric, numeric], numeric, overNumerics(commonDivisor)),
  defineScalar('lcm', 5046, [int4, int4], int4, overIntegers(commonMultiple)),
  defineScalar('lcm', 5047, [int8, int8], int8, overBigints(commonMultiple)),
  defineScalar('lcm', 5049, [numeric, numeric], numeric, overNumerics(commonMultiple)),
  defineScalar('factorial', 1376, [int8], numeric, factorial),
];
