import { Interval } from './interval.ts';
import { Numeric, type NumericKind } from './numeric.ts';
import { SqlArray } from './sql-array.ts';
import { SqlMultirange, SqlRange } from './sql-range.ts';
import { SqlRecord } from './sql-record.ts';
import type { Int64, Value } from './value.ts';

/**
 * A value as plain data that another thread gets as it is: what is no number, text, boolean or bytes by itself is an
 * object that says what it is. Records do not travel: their fields have types.
 */
export type PortableValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | { readonly is: 'numeric'; readonly kind: NumericKind; readonly unscaled: bigint; readonly scale: number }
  | { readonly is: 'interval'; readonly months: number; readonly days: number; readonly micros: Int64 }
  | {
      readonly is: 'array';
      readonly elements: readonly PortableValue[];
      readonly dimensions: readonly number[];
      readonly lowerBounds: readonly number[];
    }
  | PortableRange
  | { readonly is: 'multirange'; readonly ranges: readonly PortableRange[] };

interface PortableRange {
  readonly is: 'range';
  readonly isEmpty: boolean;
  readonly lower: PortableValue;
  readonly upper: PortableValue;
  readonly includesLower: boolean;
  readonly includesUpper: boolean;
}

/** undefined for what does not travel. */
export function portableValue(value: Value): PortableValue | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Numeric) {
    return { is: 'numeric', kind: value.kind, unscaled: value.unscaled, scale: value.scale };
  }
  if (value instanceof Interval) {
    return { is: 'interval', months: value.months, days: value.days, micros: value.micros };
  }
  // A copy: the bytes may be part of something larger, all of which would travel.
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof SqlRecord) return undefined;
  if (value instanceof SqlRange) return portableRange(value);
  if (value instanceof SqlMultirange) {
    const ranges: PortableRange[] = [];
    for (const range of value.ranges) {
      const portable = portableRange(range);
      if (portable === undefined) return undefined;
      ranges.push(portable);
    }
    return { is: 'multirange', ranges };
  }
  const elements: PortableValue[] = [];
  for (const element of value.elements) {
    const portable = portableValue(element);
    if (portable === undefined) return undefined;
    elements.push(portable);
  }
  return { is: 'array', elements, dimensions: value.dimensions, lowerBounds: value.lowerBounds };
}

function portableRange({ isEmpty, includesLower, includesUpper, ...bounds }: SqlRange): PortableRange | undefined {
  const lower = portableValue(bounds.lower);
  const upper = portableValue(bounds.upper);
  if (lower === undefined || upper === undefined) return undefined;
  return { is: 'range', isEmpty, lower, upper, includesLower, includesUpper };
}

function rangeOf({ lower, upper, ...flags }: PortableRange): SqlRange {
  return new SqlRange(valueOfPortable(lower), valueOfPortable(upper), flags);
}

/** The way back: a value with its methods again. */
export function valueOfPortable(portable: PortableValue): Value {
  if (portable === null || typeof portable !== 'object' || portable instanceof Uint8Array) return portable;
  switch (portable.is) {
    case 'numeric':
      return numericOf(portable.kind, portable.unscaled, portable.scale);
    case 'interval':
      return new Interval(portable.months, portable.days, portable.micros);
    case 'range':
      return rangeOf(portable);
    case 'multirange':
      return new SqlMultirange(portable.ranges.map(rangeOf));
    default:
      return new SqlArray(portable.elements.map(valueOfPortable), portable.dimensions, portable.lowerBounds);
  }
}

function numericOf(kind: NumericKind, unscaled: bigint, scale: number): Numeric {
  switch (kind) {
    case 'nan':
      return Numeric.NaN;
    case 'infinity':
      return Numeric.Infinity;
    case '-infinity':
      return Numeric.NegativeInfinity;
    default:
      return Numeric.of(unscaled, scale);
  }
}
