import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { civilFromDays, daysFromMonthIndex, MICROS_PER_DAY, monthIndex } from '../../types/civil-time.ts';
import { dayOf, instantFromDays, isFiniteInstant, MIN_TIMESTAMP, timestampOutOfRange } from '../../types/instant.ts';
import { toInt64 } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import type { Int64 } from '../../types/value.ts';
import { shiftInstant } from '../instant-arithmetic.ts';

/**
 * A line of time cut into buckets, each of which holds its start and not its end. Times are finite µs since 2000, of a
 * clock that never jumps: UTC, or what the wall clock of a zone shows (see `ZonedBuckets`).
 */
export interface Buckets {
  /** How long the longest of them is, in µs; a little more will do. */
  readonly widthMicros: number;
  /** The start of the bucket that holds `time`. Throws 22008 where that is out of the range of timestamps. */
  startOf(time: Int64): Int64;
  /** Where the bucket that holds `time` ends and the next one begins. */
  endOf(time: Int64): Int64;
}

/** Monday, 2000-01-03: buckets of weeks begin on Mondays. */
export const DEFAULT_ORIGIN = 2 * MICROS_PER_DAY;
const MICROS_PER_MONTH = 31 * MICROS_PER_DAY;
const MAX_EXACT = 2 ** 53;

/** The start of the bucket of `width` that holds `value`, counting from `origin`. */
export function floorToWidth(value: Int64, width: Int64, origin: Int64): Int64 {
  if (typeof value === 'number' && typeof width === 'number' && typeof origin === 'number') {
    const distance = value - origin;
    // A quotient below 2^53 / width is never rounded up to the next whole number.
    const start = Math.floor(distance / width) * width + origin;
    if (Math.abs(distance) < MAX_EXACT && Math.abs(start - origin) < MAX_EXACT && Math.abs(start) < MAX_EXACT) {
      return start + 0;
    }
  }
  const exactWidth = BigInt(width);
  const rest = (BigInt(value) - BigInt(origin)) % exactWidth;
  return toInt64(BigInt(value) - (rest < 0n ? rest + exactWidth : rest));
}

/** Buckets of equally many microseconds. */
export class FixedBuckets implements Buckets {
  readonly width: Int64;
  /** Where one of them starts. */
  readonly origin: Int64;

  constructor(width: Int64, origin: Int64) {
    this.width = width;
    // Near zero, so that distances from it stay exact for as many times as possible.
    this.origin = toInt64(BigInt(origin) % BigInt(width));
  }

  get widthMicros(): number {
    return Number(this.width);
  }

  startOf(time: Int64): Int64 {
    const start = floorToWidth(time, this.width, this.origin);
    if (start < MIN_TIMESTAMP) throw timestampOutOfRange();
    return start;
  }

  endOf(time: Int64): Int64 {
    const start = this.startOf(time);
    return typeof start === 'number' && typeof this.width === 'number' && start + this.width < MAX_EXACT
      ? start + this.width
      : toInt64(BigInt(start) + BigInt(this.width));
  }
}

/** The first day of the bucket of whole months that holds `day`; of the origin, too, only the month counts. */
export function floorToMonths(day: number, months: number, originDay: number): number {
  const at = civilFromDays(day);
  const from = civilFromDays(originDay);
  const origin = monthIndex(from.year, from.month);
  return daysFromMonthIndex(origin + Math.floor((monthIndex(at.year, at.month) - origin) / months) * months);
}

/** Buckets of whole months, from the first of a month to the first of another. */
export class MonthBuckets implements Buckets {
  readonly #months: number;
  readonly #originDay: number;

  constructor(months: number, originDay: number) {
    this.#months = months;
    this.#originDay = originDay;
  }

  get widthMicros(): number {
    return this.#months * MICROS_PER_MONTH;
  }

  startOf(time: Int64): Int64 {
    return instantFromDays(floorToMonths(dayOf(time), this.#months, this.#originDay), 0);
  }

  endOf(time: Int64): Int64 {
    const { year, month } = civilFromDays(floorToMonths(dayOf(time), this.#months, this.#originDay));
    return instantFromDays(daysFromMonthIndex(monthIndex(year, month) + this.#months), 0);
  }
}

/** The buckets of another line of time, all later by as many microseconds. */
export class MovedBuckets implements Buckets {
  readonly #buckets: Buckets;
  readonly #micros: Int64;
  readonly #back: Int64;

  constructor(buckets: Buckets, micros: Int64) {
    this.#buckets = buckets;
    this.#micros = micros;
    this.#back = toInt64(-BigInt(micros));
  }

  get widthMicros(): number {
    return this.#buckets.widthMicros;
  }

  startOf(time: Int64): Int64 {
    return shiftInstant(this.#buckets.startOf(shiftInstant(time, this.#back)), this.#micros);
  }

  endOf(time: Int64): Int64 {
    return shiftInstant(this.#buckets.endOf(shiftInstant(time, this.#back)), this.#micros);
  }
}

/** What `interval` is in microseconds of a clock that never jumps; undefined where it has months. */
export function microsOfInterval({ months, days, micros }: Interval): Int64 | undefined {
  if (months !== 0) return undefined;
  return toInt64(BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros));
}

/**
 * The buckets of a width, counted from an origin (a finite time; undefined: Monday 2000-01-03, for months 2000-01-01).
 * Throws 22023 for widths of nothing or less and 0A000 for months beside days or time.
 */
export function bucketsOf(width: Interval, origin?: Int64): Buckets {
  if (origin !== undefined && !isFiniteInstant(origin)) {
    throw new SqlError(SqlState.InvalidParameterValue, 'invalid origin value: infinity');
  }
  if (width.months === 0) {
    const micros = microsOfInterval(width) ?? 0;
    if (micros <= 0) throw widthNotPositive();
    return new FixedBuckets(micros, origin ?? DEFAULT_ORIGIN);
  }
  if (width.days !== 0 || width.micros !== 0) {
    throw new SqlError(SqlState.FeatureNotSupported, 'month intervals cannot have day or time component');
  }
  if (width.months < 0) throw widthNotPositive();
  return new MonthBuckets(width.months, origin === undefined ? 0 : dayOf(origin));
}

export function widthNotPositive(): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, 'period must be greater than 0');
}
