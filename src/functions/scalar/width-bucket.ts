import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { Numeric, powerOfTen } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { anycompatible, anycompatiblearray } from '../../types/pseudo-types.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const INT4_MAX = 2_147_483_647;

function invalid(message: string): SqlError {
  return new SqlError(SqlState.InvalidArgumentForWidthBucketFunction, message);
}

function bucketBehind(count: number): number {
  if (count === INT4_MAX) throw new SqlError(SqlState.NumericValueOutOfRange, 'integer out of range');
  return count + 1;
}

const isInfinite = (value: number): boolean => Math.abs(value) === Number.POSITIVE_INFINITY;

/** PostgreSQL's width_bucket: from 1 to `count`, 0 below and `count + 1` from `high` up. Throws 2201G. */
export function bucketOf(value: number, low: number, high: number, count: number): number {
  if (count <= 0) throw invalid('count must be greater than zero');
  if (Number.isNaN(value) || Number.isNaN(low) || Number.isNaN(high)) {
    throw invalid('operand, lower bound, and upper bound cannot be NaN');
  }
  if (isInfinite(low) || isInfinite(high)) throw invalid('lower and upper bounds must be finite');
  if (low === high) throw invalid('lower bound cannot equal upper bound');
  const isAscending = low < high;
  if (isAscending ? value < low : value > low) return 0;
  if (isAscending ? value >= high : value <= high) return bucketBehind(count);
  // Right below `high` the sum may round to the number of the bucket behind it, which PostgreSQL 15 lets pass.
  const bucket = (count * (value - low)) / (high - low) + 1;
  if (Number.isFinite(bucket)) return Math.trunc(bucket);
  // Halves do not overflow.
  return Math.min(Math.trunc(count * ((value / 2 - low / 2) / (high / 2 - low / 2))), count - 1) + 1;
}

function bucketOfNumeric(value: Numeric, low: Numeric, high: Numeric, count: number): number {
  if (count <= 0) throw invalid('count must be greater than zero');
  if (value.kind === 'nan' || low.kind === 'nan' || high.kind === 'nan') {
    throw invalid('operand, lower bound, and upper bound cannot be NaN');
  }
  if (!low.isFinite || !high.isFinite) throw invalid('lower and upper bounds must be finite');
  const direction = high.compare(low);
  if (direction === 0) throw invalid('lower bound cannot equal upper bound');
  if (direction * value.compare(low) < 0) return 0;
  if (direction * value.compare(high) >= 0) return bucketBehind(count);
  // As with doubles, right below `high` the quotient may round to all of the buckets.
  const quotient = value
    .subtract(low)
    .multiply(Numeric.of(BigInt(count), 0))
    .divide(high.subtract(low));
  return Number(quotient.unscaled / powerOfTen(quotient.scale)) + 1;
}

/** The number of thresholds, in ascending order, that `value` has reached. */
function bucketAmong(compare: (left: Value, right: Value) => number, value: Value, thresholds: SqlArray): number {
  if (thresholds.dimensions.length > 1) {
    throw new SqlError(SqlState.ArraySubscriptError, 'thresholds must be one-dimensional array');
  }
  const { elements } = thresholds;
  if (elements.includes(null)) {
    throw new SqlError(SqlState.NullValueNotAllowed, 'thresholds array must not contain NULLs');
  }
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(value, elements[middle]) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

const amongThresholds: ScalarFunction = defineScalar(
  'width_bucket',
  3218,
  [anycompatible, anycompatiblearray],
  int4,
  (value: Value, thresholds: SqlArray) => bucketAmong(float8.compare, value, thresholds),
  {
    specialize: (argumentTypes) => {
      const [, array] = argumentTypes;
      const element = array === undefined ? undefined : elementTypeOf(array);
      const compare = (left: Value, right: Value): number => (element ?? float8).compare(left, right);
      return {
        ...amongThresholds,
        argumentTypes,
        evaluate: (value: Value, thresholds: SqlArray) => bucketAmong(compare, value, thresholds),
      };
    },
  },
);

/** Buckets of one width, counted from 1, with 0 below and count + 1 above them; or between thresholds. */
export const widthBucketFunctions: readonly ScalarFunction[] = [
  defineScalar('width_bucket', 320, [float8, float8, float8, int4], int4, bucketOf),
  defineScalar('width_bucket', 2170, [numeric, numeric, numeric, int4], int4, bucketOfNumeric),
  amongThresholds,
];
