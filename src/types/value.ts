import type { Interval } from './interval.ts';
import type { Numeric } from './numeric.ts';
import type { SqlArray } from './sql-array.ts';
import type { SqlMultirange, SqlRange } from './sql-range.ts';
import type { SqlRecord } from './sql-record.ts';

/**
 * A 64-bit integer as a scalar: a `number` wherever |v| ≤ 2^53 and a `bigint` only beyond, never both for one value.
 * Instants use it too (µs since 2000-01-01 UTC), with ±Infinity as numbers.
 */
export type Int64 = number | bigint;

/**
 * One SQL value outside a column; `null` is NULL. By representation (see `Representation`):
 * boolean → boolean; float64 → number; int64 → Int64; text → string; value → one of the objects.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Numeric
  | Interval
  | Uint8Array
  | SqlArray
  | SqlRecord
  | SqlRange
  | SqlMultirange;
