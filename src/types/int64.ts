import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Int64 } from './value.ts';

/**
 * Arithmetic on 64-bit integers in their canonical form (see `Int64`): doubles as long as they are exact, bigint only
 * beyond ±2^53. Results never are -0. Whatever passes ±2^63 throws 22003.
 */

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

const MAX_EXACT = 2 ** 53;
const MAX_EXACT_BIGINT = 2n ** 53n;
const TWO_POW_32 = 4294967296;

function outOfRange(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'bigint out of range');
}

/** The canonical form of `value`; throws 22003 when it takes more than 64 bits. */
export function toInt64(value: bigint): Int64 {
  if (value >= -MAX_EXACT_BIGINT && value <= MAX_EXACT_BIGINT) return Number(value);
  if (value < INT64_MIN || value > INT64_MAX) throw outOfRange();
  return value;
}

/** The integer whose two's complement has these words. */
export function int64FromParts(high: number, low: number): Int64 {
  const approximate = high * TWO_POW_32 + low;
  // The sum is exact below 2^53; from there on only the words tell.
  if (approximate > -MAX_EXACT && approximate < MAX_EXACT) return approximate;
  return toInt64((BigInt(high) << 32n) | BigInt(low));
}

/** Order of two integers or instants, ±Infinity included: negative, 0 or positive. */
export function compareInt64(left: Int64, right: Int64): number {
  // JavaScript compares number with bigint exactly.
  return left < right ? -1 : left > right ? 1 : 0;
}

export function addInt64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (sum > -MAX_EXACT && sum < MAX_EXACT) return sum;
  }
  return toInt64(BigInt(left) + BigInt(right));
}

export function subtractInt64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right;
    if (difference > -MAX_EXACT && difference < MAX_EXACT) return difference;
  }
  return toInt64(BigInt(left) - BigInt(right));
}

export function multiplyInt64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    // Adding 0 turns -0 (from -1 * 0) into 0.
    if (product > -MAX_EXACT && product < MAX_EXACT) return product + 0;
  }
  return toInt64(BigInt(left) * BigInt(right));
}

/** Quotient rounded toward zero; throws 22012 for a zero divisor. */
export function divideInt64(left: Int64, right: Int64): Int64 {
  if (right === 0) throw new SqlError(SqlState.DivisionByZero, 'division by zero');
  if (typeof left === 'number' && typeof right === 'number') {
    // Without its remainder the dividend is a multiple of the divisor, so that the quotient is exact.
    return (left - (left % right)) / right + 0;
  }
  return toInt64(BigInt(left) / BigInt(right));
}

/** Remainder with the sign of the dividend; throws 22012 for a zero divisor. */
export function remainderInt64(left: Int64, right: Int64): Int64 {
  if (right === 0) throw new SqlError(SqlState.DivisionByZero, 'division by zero');
  if (typeof left === 'number' && typeof right === 'number') return (left % right) + 0;
  return toInt64(BigInt(left) % BigInt(right));
}

export function negateInt64(value: Int64): Int64 {
  return typeof value === 'number' ? 0 - value : toInt64(-value);
}

export function absInt64(value: Int64): Int64 {
  return value < 0 ? negateInt64(value) : value;
}

/** A double rounded half to even, as PostgreSQL casts double precision to bigint; throws 22003 beyond 64 bits and for NaN. */
export function int64FromNumber(value: number): Int64 {
  if (!(value >= -(2 ** 63) && value < 2 ** 63)) throw outOfRange();
  const rounded = roundHalfEven(value);
  return rounded >= -MAX_EXACT && rounded <= MAX_EXACT ? rounded + 0 : toInt64(BigInt(rounded));
}

/** The nearest integer, the even one of two equally near: C's rint(). */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  // Math.round goes up at .5; when that gave an odd number, the even one lies below.
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
