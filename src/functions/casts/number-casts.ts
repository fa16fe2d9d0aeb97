import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { int64FromNumber, roundHalfEven } from '../../types/int64.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast } from '../define.ts';
import { floatOverflow, floatUnderflow } from '../operators/float-arithmetic.ts';

interface NarrowInteger {
  readonly type: TypeDefinition;
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

const SMALLINT: NarrowInteger = { type: int2, name: 'smallint', min: -32768, max: 32767 };
const INTEGER: NarrowInteger = { type: int4, name: 'integer', min: -2147483648, max: 2147483647 };

function narrowed(value: number, { name, min, max }: NarrowInteger): number {
  if (value >= min && value <= max) return value + 0;
  throw new SqlError(SqlState.NumericValueOutOfRange, `${name} out of range`);
}

const integerToNarrow = (target: NarrowInteger) => (value: Int64) => narrowed(Number(value), target);
const floatToNarrow = (target: NarrowInteger) => (value: number) => narrowed(roundHalfEven(value), target);

const numericToNarrow = (target: NarrowInteger) => (value: Numeric) => {
  requireFinite(value, target.name);
  // Past 2^53 the double is inexact, but far beyond the range in any case.
  return narrowed(Number(value.round().unscaled), target);
};

function numericToInt8(value: Numeric): Int64 {
  requireFinite(value, 'bigint');
  return value.toInt64();
}

function requireFinite(value: Numeric, target: string): void {
  if (value.isFinite) return;
  const what = value.kind === 'nan' ? 'NaN' : 'infinity';
  throw new SqlError(SqlState.FeatureNotSupported, `cannot convert ${what} to ${target}`);
}

function toReal(value: number): number {
  const rounded = Math.fround(value);
  if (Math.abs(rounded) === Number.POSITIVE_INFINITY && Number.isFinite(value)) throw floatOverflow();
  if (rounded === 0 && value !== 0) throw floatUnderflow();
  return rounded;
}

function numericToFloat8(value: Numeric): number {
  return doubleWithin(value, value.toNumber(), 'double precision');
}

function numericToFloat4(value: Numeric): number {
  return doubleWithin(value, Math.fround(value.toNumber()), 'real');
}

function doubleWithin(source: Numeric, result: number, typeName: string): number {
  const isLost = source.isFinite && (!Number.isFinite(result) || (result === 0 && source.sign() !== 0));
  if (!isLost) return result;
  throw new SqlError(SqlState.NumericValueOutOfRange, `"${source}" is out of range for type ${typeName}`);
}

const FLOAT4_DIGITS = 6;
const same = <Value>(value: Value): Value => value;
const unchanged = { mayThrow: false, inline: same<string> };
const doubleOfBigint = { mayThrow: false, inline: (value: string) => `Number(${value})` };
const bigintToReal = (value: Int64): number => Math.fround(Number(value));
const realOfBigint = { mayThrow: false, inline: (value: string) => `Math.fround(Number(${value}))` };
const rounded = { mayThrow: false, inline: (value: string) => `Math.fround(${value})` };

function narrowing(source: TypeDefinition, target: NarrowInteger, functionOid: number): CastDefinition {
  const convert =
    source === numeric
      ? numericToNarrow(target)
      : source === float4 || source === float8
        ? floatToNarrow(target)
        : integerToNarrow(target);
  return defineCast(source, target.type, 'assignment', functionOid, convert);
}

/** Widening numbers is implicit, narrowing them needs an assignment; rounding is half to even from floats, half up from numeric. */
export const numberCasts: readonly CastDefinition[] = [
  defineCast(int2, int4, 'implicit', 313, same, unchanged),
  defineCast(int2, int8, 'implicit', 754, same, unchanged),
  defineCast(int2, float4, 'implicit', 236, same, unchanged),
  defineCast(int2, float8, 'implicit', 235, same, unchanged),
  defineCast(int2, numeric, 'implicit', 1782, Numeric.fromInt64, { mayThrow: false }),
  narrowing(int4, SMALLINT, 314),
  defineCast(int4, int8, 'implicit', 481, same, unchanged),
  defineCast(int4, float4, 'implicit', 318, Math.fround, rounded),
  defineCast(int4, float8, 'implicit', 316, same, unchanged),
  defineCast(int4, numeric, 'implicit', 1740, Numeric.fromInt64, { mayThrow: false }),
  narrowing(int8, SMALLINT, 714),
  narrowing(int8, INTEGER, 480),
  defineCast(int8, float4, 'implicit', 652, bigintToReal, realOfBigint),
  defineCast(int8, float8, 'implicit', 482, Number, doubleOfBigint),
  defineCast(int8, numeric, 'implicit', 1781, Numeric.fromInt64, { mayThrow: false }),
  narrowing(float4, SMALLINT, 238),
  narrowing(float4, INTEGER, 319),
  defineCast(float4, int8, 'assignment', 653, int64FromNumber),
  defineCast(float4, float8, 'implicit', 311, same, unchanged),
  defineCast(float4, numeric, 'assignment', 1742, (value: number) => Numeric.fromNumber(value, FLOAT4_DIGITS)),
  narrowing(float8, SMALLINT, 237),
  narrowing(float8, INTEGER, 317),
  defineCast(float8, int8, 'assignment', 483, int64FromNumber),
  defineCast(float8, float4, 'assignment', 312, toReal),
  defineCast(float8, numeric, 'assignment', 1743, (value: number) => Numeric.fromNumber(value)),
  narrowing(numeric, SMALLINT, 1783),
  narrowing(numeric, INTEGER, 1744),
  defineCast(numeric, int8, 'assignment', 1779, numericToInt8),
  defineCast(numeric, float4, 'implicit', 1745, numericToFloat4),
  defineCast(numeric, float8, 'implicit', 1746, numericToFloat8),
  defineCast(bool, int4, 'explicit', 2558, (value: boolean) => (value ? 1 : 0), { mayThrow: false }),
  defineCast(int4, bool, 'explicit', 2557, (value: number) => value !== 0, { mayThrow: false }),
];
