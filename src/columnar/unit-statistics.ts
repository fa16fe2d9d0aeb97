import type { Int64 } from '../types/value.ts';

interface Counts {
  readonly rowCount: number;
  readonly nullCount: number;
}

/**
 * double precision, real, smallint, integer, oid, date. Without a value (all NULL) min, max, first and last are NaN and
 * the rows -1.
 */
export interface Float64Statistics extends Counts {
  readonly kind: 'float64';
  readonly hasNaN: boolean;
  readonly hasInfinity: boolean;
  /** NaN left out: where `hasNaN`, PostgreSQL's max is NaN. NaN if there is nothing else. */
  readonly min: number;
  readonly max: number;
  /** As double arithmetic adds them in row order, NaN and infinities included. */
  readonly sum: number;
  /** The first and the last value that is not NULL, and the rows within the unit where they stand. */
  readonly first: number;
  readonly last: number;
  readonly firstRow: number;
  readonly lastRow: number;
}

/** bigint, time, timestamp, timestamptz; without a value as in `Float64Statistics`. */
export interface Int64Statistics extends Counts {
  readonly kind: 'int64';
  /** Some value passes ±2^53: the unit decodes to a WideColumn. */
  readonly isWide: boolean;
  readonly hasInfinity: boolean;
  readonly min: Int64;
  readonly max: Int64;
  /** Exact, a bigint beyond ±2^53 (which may take more than 64 bits). 0 for types that have no sum. */
  readonly sum: number | bigint;
  readonly first: Int64;
  readonly last: Int64;
  readonly firstRow: number;
  readonly lastRow: number;
}

export interface BooleanStatistics extends Counts {
  readonly kind: 'boolean';
  readonly trueCount: number;
}

/** Text and values. */
export interface CountStatistics extends Counts {
  readonly kind: 'count';
}

/** What is known of a unit without decoding it. */
export type UnitStatistics = Float64Statistics | Int64Statistics | BooleanStatistics | CountStatistics;
