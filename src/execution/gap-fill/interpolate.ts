import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { toInt64 } from '../../types/int64.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';

/** A value at a time, in the unit of the buckets. */
export interface Sample {
  readonly time: Int64;
  readonly value: Int64;
}

const MAX_EXACT = 2 ** 53;

/**
 * What lies on the line from one sample to another at `time`. Integers are exact and rounded half away from zero; real and
 * double precision are computed as such, in the order in which TimescaleDB does.
 */
export function interpolate(type: TypeDefinition, before: Sample, after: Sample, time: Int64): Int64 {
  if (type !== float8 && type !== float4) return withinRange(type, interpolateIntegers(before, after, time));
  const [y0, y1] = [Number(before.value), Number(after.value)];
  // Equal ends are not to be disturbed by rounding.
  if (y0 === y1) return before.value;
  const sinceBefore = distance(before.time, time);
  const untilAfter = distance(time, after.time);
  const whole = distance(before.time, after.time);
  if (type === float8) return (y0 * untilAfter + y1 * sinceBefore) / whole;
  const { fround } = Math;
  const weighted = fround(fround(y0 * fround(untilAfter)) + fround(y1 * fround(sinceBefore)));
  return fround(weighted / fround(whole));
}

function distance(from: Int64, to: Int64): number {
  if (typeof from === 'number' && typeof to === 'number') return to - from;
  return Number(BigInt(to) - BigInt(from));
}

function interpolateIntegers(before: Sample, after: Sample, time: Int64): Int64 {
  const [x0, x1] = [before.time, after.time];
  const [y0, y1] = [before.value, after.value];
  if (x0 >= x1 && x0 <= x1) throw new SqlError(SqlState.DivisionByZero, 'division by zero');
  if (
    typeof x0 === 'number' &&
    typeof x1 === 'number' &&
    typeof y0 === 'number' &&
    typeof y1 === 'number' &&
    typeof time === 'number'
  ) {
    const left = y0 * (x1 - time);
    const right = y1 * (time - x0);
    const sum = left + right;
    // All of it is exact as long as each part is.
    if (Math.abs(left) < MAX_EXACT && Math.abs(right) < MAX_EXACT && Math.abs(sum) < MAX_EXACT / 2) {
      return roundedQuotient(sum, x1 - x0);
    }
  }
  const span = BigInt(x1) - BigInt(x0);
  const sum = BigInt(y0) * (BigInt(x1) - BigInt(time)) + BigInt(y1) * (BigInt(time) - BigInt(x0));
  return roundedBigQuotient(sum, span);
}

/** Samples that lie on one side of a bucket can lead out of the range of a type. */
function withinRange(type: TypeDefinition, value: Int64): Int64 {
  const limit = type === int2 ? 2 ** 15 : type === int4 ? 2 ** 31 : undefined;
  if (limit === undefined || (value >= -limit && value < limit)) return value;
  throw new SqlError(SqlState.NumericValueOutOfRange, `${type.sqlName} out of range`);
}

function roundedQuotient(dividend: number, divisor: number): number {
  const [above, below] = [Math.abs(dividend), Math.abs(divisor)];
  const rest = above % below;
  const magnitude = (above - rest) / below + (2 * rest >= below ? 1 : 0);
  return dividend < 0 === divisor < 0 ? magnitude : 0 - magnitude;
}

function roundedBigQuotient(dividend: bigint, divisor: bigint): Int64 {
  const above = dividend < 0n ? -dividend : dividend;
  const below = divisor < 0n ? -divisor : divisor;
  const rest = above % below;
  const magnitude = above / below + (2n * rest >= below ? 1n : 0n);
  return toInt64(dividend < 0n === divisor < 0n ? magnitude : -magnitude);
}
