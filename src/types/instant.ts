import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { MICROS_PER_DAY } from './civil-time.ts';
import { toInt64 } from './int64.ts';
import type { TimeZone } from './time-zone.ts';
import type { Int64 } from './value.ts';

/**
 * Instants and local times: µs since 2000-01-01, from 4714-11-24 BC to 294276-12-31, and ±Infinity. Read out of a wide
 * column or off the wire, the infinities come as the 64-bit limits.
 */
export const INFINITY_MARK = 9223372036854775807n;
export const NEGATIVE_INFINITY_MARK = -9223372036854775808n;
export const MIN_TIMESTAMP = -211_813_488_000_000_000n;
/** The first instant past the range. */
export const END_TIMESTAMP = 9_223_371_331_200_000_000n;

/** Dates: days since 2000-01-01, from 4714-11-24 BC to 5874897-12-31, and ±Infinity. */
export const MIN_DATE = -2_451_545;
export const END_DATE = 2_145_031_949;
/** In the binary form of dates. */
export const DATE_INFINITY_MARK = 2_147_483_647;
export const DATE_NEGATIVE_INFINITY_MARK = -2_147_483_648;

const EXACT_DAYS = 104_000;

/** ±Infinity for the marks, anything else as it is. */
export function canonicalInstant(value: Int64): Int64 {
  if (typeof value === 'number') return value;
  if (value === INFINITY_MARK) return Number.POSITIVE_INFINITY;
  return value === NEGATIVE_INFINITY_MARK ? Number.NEGATIVE_INFINITY : value;
}

export function isFiniteInstant(value: Int64): boolean {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : value !== INFINITY_MARK && value !== NEGATIVE_INFINITY_MARK;
}

/** The day that a finite instant lies in. */
export function dayOf(instant: Int64): number {
  if (typeof instant === 'number') return Math.floor(instant / MICROS_PER_DAY);
  const day = BigInt(MICROS_PER_DAY);
  const quotient = instant / day;
  return Number(instant % day < 0n ? quotient - 1n : quotient);
}

/** Microseconds since the start of that day: from 0 to 86 399 999 999. */
export function microsOfDay(instant: Int64, day: number): number {
  if (typeof instant === 'number') return instant - day * MICROS_PER_DAY;
  return Number(instant - BigInt(day) * BigInt(MICROS_PER_DAY));
}

/** The instant `micros` after the start of day `days`; throws 22008 outside the range. */
export function instantFromDays(days: number, micros: number): Int64 {
  if (days > -EXACT_DAYS && days < EXACT_DAYS && Math.abs(micros) < MICROS_PER_DAY * 200) {
    return days * MICROS_PER_DAY + micros;
  }
  return checkedInstant(BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros));
}

/** Canonical, or 22008 outside the range of timestamps. */
export function checkedInstant(value: bigint): Int64 {
  if (value < MIN_TIMESTAMP || value >= END_TIMESTAMP) throw timestampOutOfRange();
  return toInt64(value);
}

export function timestampOutOfRange(): SqlError {
  return new SqlError(SqlState.DatetimeFieldOverflow, 'timestamp out of range');
}

/** The instant at which clocks in `zone` show `local`; throws 22008 outside the range. */
export function instantOfLocal(local: Int64, zone: TimeZone): Int64 {
  if (!isFiniteInstant(local)) return canonicalInstant(local);
  return shiftInstant(local, 0 - zone.localOffsetMicros(Number(local)));
}

/** The same for a day and the microseconds since its start, which may lie just outside the range themselves. */
export function instantOfLocalDay(days: number, micros: number, zone: TimeZone): Int64 {
  const offset = zone.localOffsetMicros(days * MICROS_PER_DAY + micros);
  return instantFromDays(days, micros - offset);
}

/** What clocks in `zone` show at `instant`: at the ends of the range of timestamps that may lie beyond it. */
export function localOfInstant(instant: Int64, zone: TimeZone): Int64 {
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  const offset = zone.offsetMicrosAt(Number(instant));
  if (typeof instant === 'number') {
    const local = instant + offset;
    if (local > -Number.MAX_SAFE_INTEGER && local < Number.MAX_SAFE_INTEGER) return local;
  }
  return toInt64(BigInt(instant) + BigInt(offset));
}

/** The same as a timestamp; throws 22008 outside the range. */
export function timestampOfInstant(instant: Int64, zone: TimeZone): Int64 {
  const local = localOfInstant(instant, zone);
  return typeof local === 'bigint' ? checkedInstant(local) : local;
}

function shiftInstant(instant: Int64, micros: number): Int64 {
  if (typeof instant === 'number') {
    const shifted = instant + micros;
    if (shifted > -Number.MAX_SAFE_INTEGER && shifted < Number.MAX_SAFE_INTEGER) return shifted;
  }
  return checkedInstant(BigInt(instant) + BigInt(micros));
}

/** To `precision` (0 to 6) decimals of a second, half away from zero; infinities stay. */
export function roundInstant(value: Int64, precision: number): Int64 {
  if (precision >= 6 || !isFiniteInstant(value)) return value;
  const unit = 10 ** (6 - precision);
  if (typeof value === 'bigint') {
    const half = BigInt(unit) / 2n;
    const shifted = value < 0n ? value - half : value + half;
    return toInt64(shifted - (shifted % BigInt(unit)));
  }
  const magnitude = Math.floor((Math.abs(value) + unit / 2) / unit) * unit;
  return value < 0 ? 0 - magnitude : magnitude;
}
