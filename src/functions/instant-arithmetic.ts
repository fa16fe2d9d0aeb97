import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { addMonths, MICROS_PER_DAY } from '../types/civil-time.ts';
import {
  canonicalInstant,
  checkedInstant,
  dayOf,
  END_TIMESTAMP,
  instantFromDays,
  instantOfLocalDay,
  isFiniteInstant,
  localOfInstant,
  MIN_TIMESTAMP,
  microsOfDay,
} from '../types/instant.ts';
import { toInt64 } from '../types/int64.ts';
import type { Interval } from '../types/interval.ts';
import type { TimeZone } from '../types/time-zone.ts';
import type { Int64 } from '../types/value.ts';

/** Adding to instants and local times (see types/instant.ts). Results outside the range of timestamps throw 22008. */

const MAX_EXACT = 2 ** 53;

/** `instant` later by `micros`; both finite. */
export function shiftInstant(instant: Int64, micros: Int64): Int64 {
  if (typeof instant === 'number' && typeof micros === 'number') {
    const sum = instant + micros;
    if (sum > -MAX_EXACT && sum < MAX_EXACT) return sum;
  }
  return checkedInstant(BigInt(instant) + BigInt(micros));
}

/** Elapsed microseconds from `right` to `left`; throws 22008 when one of them is infinite. */
export function subtractInstants(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right;
    if (difference > -MAX_EXACT && difference < MAX_EXACT) return difference;
  }
  if (!isFiniteInstant(left) || !isFiniteInstant(right)) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, 'cannot subtract infinite timestamps');
  }
  return toInt64(BigInt(left) - BigInt(right));
}

/** The microseconds since the midnight before a finite instant, or of a span of time its part below a day. */
export function timeOfDay(instant: Int64): number {
  return microsOfDay(instant, dayOf(instant));
}

/** A local time plus an interval: months first, cut to the length of the month, then days, then microseconds. */
export function addToLocal(local: Int64, interval: Interval): Int64 {
  if (!isFiniteInstant(local)) return canonicalInstant(local);
  let shifted = local;
  if (interval.months !== 0) shifted = instantFromDays(addMonths(dayOf(shifted), interval.months), timeOfDay(shifted));
  if (interval.days !== 0) shifted = instantFromDays(dayOf(shifted) + interval.days, timeOfDay(shifted));
  return shiftInstant(shifted, interval.micros);
}

/** An instant plus an interval: months and days keep the zone's wall clock time, microseconds are elapsed time. */
export function addToInstant(instant: Int64, interval: Interval, zone: TimeZone): Int64 {
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  let shifted = instant;
  if (interval.months !== 0) {
    const local = localOfInstant(shifted, zone);
    shifted = instantOfLocalDay(addMonths(dayOf(local), interval.months), timeOfDay(local), zone);
  }
  if (interval.days !== 0) {
    const local = localOfInstant(shifted, zone);
    shifted = instantOfLocalDay(dayOf(local) + interval.days, timeOfDay(local), zone);
  }
  return shiftInstant(shifted, interval.micros);
}

/** The local midnight that begins a date; infinite dates give infinite times. */
export function midnightOf(date: number): Int64 {
  if (!Number.isFinite(date)) return date;
  const instant = date * MICROS_PER_DAY;
  if (instant > -MAX_EXACT && instant < MAX_EXACT) return instant;
  const exact = BigInt(date) * BigInt(MICROS_PER_DAY);
  if (exact < MIN_TIMESTAMP || exact >= END_TIMESTAMP) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range for timestamp');
  }
  return toInt64(exact);
}
