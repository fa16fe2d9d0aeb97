import { bit, coerceBits, coerceVaryingBits, varbit } from './bit.ts';
import { coerceInstant } from './instant-type.ts';
import type { Interval } from './interval.ts';
import { coerceInterval, interval } from './interval-type.ts';
import type { Numeric } from './numeric.ts';
import { coerceNumeric, numeric } from './numeric-type.ts';
import { SqlArray } from './sql-array.ts';
import { bpchar, coerceBpchar, coerceVarchar, varchar } from './string-types.ts';
import { coerceTime, time } from './time.ts';
import { timestamp } from './timestamp.ts';
import { timestamptz } from './timestamptz.ts';
import { coerceTimetz, timetz } from './timetz.ts';
import type { SqlType } from './type-definition.ts';
import type { Int64, Value } from './value.ts';

/**
 * Fits a value of the type's definition to its modifier: rounds to the declared decimals, cuts to the declared length.
 * An assignment refuses to lose characters (22001), an explicit cast cuts; numbers too large throw 22003 in both.
 */
export function applyTypmod(value: Value, { definition, typmod }: SqlType, isExplicit: boolean): Value {
  if (value === null || typmod < 0) return value;
  if (value instanceof SqlArray) {
    const coerced = value.elements.map((item) => coerce(item, definition.elementOid, typmod, isExplicit));
    return new SqlArray(coerced, value.dimensions, value.lowerBounds);
  }
  return coerce(value, definition.oid, typmod, isExplicit);
}

function coerce(value: Value, typeOid: number, typmod: number, isExplicit: boolean): Value {
  if (value === null) return value;
  switch (typeOid) {
    case varchar.oid:
      return coerceVarchar(value as string, typmod, isExplicit);
    case bpchar.oid:
      return coerceBpchar(value as string, typmod, isExplicit);
    case bit.oid:
      return coerceBits(value as string, typmod, isExplicit);
    case varbit.oid:
      return coerceVaryingBits(value as string, typmod, isExplicit);
    case numeric.oid:
      return coerceNumeric(value as Numeric, typmod);
    case timestamp.oid:
    case timestamptz.oid:
      return coerceInstant(value as Int64, typmod);
    case time.oid:
      return coerceTime(value as Int64, typmod);
    case timetz.oid:
      return coerceTimetz(value as Int64, typmod);
    case interval.oid:
      return coerceInterval(value as Interval, typmod);
    default:
      return value;
  }
}
