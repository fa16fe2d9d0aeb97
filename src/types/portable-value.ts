import { Interval } from './interval.ts';
import { Numeric, type NumericKind } from './numeric.ts';
import { SqlArray } from './sql-array.ts';
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
    };

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
  const elements: PortableValue[] = [];
  for (const element of value.elements) {
    const portable = portableValue(element);
    if (portable === undefined) return undefined;
    elements.push(portable);
  }
  return { is: 'array', elements, dimensions: value.dimensions, lowerBounds: value.lowerBounds };
}

export function valueOfPortable(portable: PortableValue): Value {
  if (portable === null || typeof portable !== 'object' || portable instanceof Uint8Array) return portable;
  switch (portable.is) {
    case 'numeric':
      return numericOf(portable.kind, portable.unscaled, portable.scale);
    case 'interval':
      return new Interval(portable.months, portable.days, portable.micros);
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
