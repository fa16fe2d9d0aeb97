import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  civilFromDays,
  daysFromCivil,
  isoDayOfWeek,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../types/civil-time.ts';
import { canonicalInstant, dayOf, instantFromDays, instantOfLocal, isFiniteInstant } from '../../types/instant.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import type { TimeZone } from '../../types/time-zone.ts';
import { timeZoneOperand, UTC } from '../../types/time-zone.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { shiftInstant, timeOfDay } from '../instant-arithmetic.ts';
import { type Bucketing, type BucketRule, ruleOfBuckets } from '../time-bucket/bucket-walker.ts';
import { type Buckets, DEFAULT_ORIGIN, FixedBuckets, MonthBuckets } from '../time-bucket/buckets.ts';
import { ZonedBuckets } from '../time-bucket/zoned-buckets.ts';
import { ZonedHours } from '../time-bucket/zoned-hours.ts';
import { type TimeUnit, timeUnit, unitNotRecognized, unitNotSupported } from './time-unit.ts';

/** Units of a fixed length below the day, in µs. */
const shortUnits: Readonly<Partial<Record<TimeUnit, number>>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: MICROS_PER_SECOND,
  minute: MICROS_PER_MINUTE,
  hour: MICROS_PER_HOUR,
};

/** The first day of the unit, from `day` up, that `day` falls in; undefined for fields that are no units of truncation. */
function firstDayOf(unit: TimeUnit, day: number): number | undefined {
  if (unit === 'day') return day;
  if (unit === 'week') return day - isoDayOfWeek(day) + 1;
  const { year, month } = civilFromDays(day);
  switch (unit) {
    case 'month':
      return daysFromCivil(year, month, 1);
    case 'quarter':
      return daysFromCivil(year, month - ((month - 1) % 3), 1);
    case 'year':
      return daysFromCivil(year, 1, 1);
    case 'decade':
      return daysFromCivil(Math.floor(year / 10) * 10, 1, 1);
    // Centuries and millennia begin with the years 1, 101, … and before 1 AD with 100 BC, 200 BC, ….
    case 'century':
      return daysFromCivil(Math.floor((year - 1) / 100) * 100 + 1, 1, 1);
    case 'millennium':
      return daysFromCivil(Math.floor((year - 1) / 1000) * 1000 + 1, 1, 1);
    default:
      return undefined;
  }
}

/** Infinity stays what it is whatever the unit, even one that does not exist. */
function truncateTimestamp(unitName: string, local: Int64): Int64 {
  if (!isFiniteInstant(local)) return canonicalInstant(local);
  const unit = timeUnit(unitName, timestamp);
  const length = shortUnits[unit];
  if (length !== undefined) return shiftInstant(local, 0 - (timeOfDay(local) % length));
  const day = firstDayOf(unit, dayOf(local));
  if (day === undefined) throw refusal(unitName, unit, timestamp);
  return instantFromDays(day, 0);
}

/** Truncates what the zone's clock shows. From days up, the result has the zone's offset at that midnight. */
export function truncateInstant(unitName: string, instant: Int64, zone: TimeZone): Int64 {
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  const unit = timeUnit(unitName, timestamptz);
  const offset = zone.offsetMicrosAt(Number(instant));
  const local = shiftInstant(instant, offset);
  const length = shortUnits[unit];
  if (length !== undefined) return shiftInstant(instant, 0 - (timeOfDay(local) % length));
  const day = firstDayOf(unit, dayOf(local));
  if (day === undefined) throw refusal(unitName, unit, timestamptz);
  return instantOfLocal(instantFromDays(day, 0), zone);
}

/** Fields that only extract knows; PostgreSQL tells names of its own (epoch, dow …) from those of units (timezone). */
function refusal(unitName: string, unit: TimeUnit, type: typeof timestamp): SqlError {
  return unit.startsWith('timezone') ? unitNotSupported(unitName, type) : unitNotRecognized(unitName, type);
}

const MONTHS: Readonly<Partial<Record<TimeUnit, number>>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12000,
};

/** Cuts an interval towards zero. */
function truncateInterval(unitName: string, span: Interval): Interval {
  const unit = timeUnit(unitName, interval);
  const months = MONTHS[unit];
  if (months !== undefined) return new Interval(span.months - (span.months % months), 0, 0);
  if (unit === 'day') return new Interval(span.months, span.days, 0);
  const length = shortUnits[unit];
  if (length !== undefined) {
    const { micros } = span;
    const rest = typeof micros === 'number' ? micros % length : Number(micros % BigInt(length));
    const cut = typeof micros === 'number' ? micros - rest : micros - BigInt(rest);
    return new Interval(span.months, span.days, typeof cut === 'number' ? cut + 0 : canonicalInstant(cut));
  }
  if (unit === 'week') throw unitNotSupported(unitName, interval, 'Months usually have fractional weeks.');
  throw refusal(unitName, unit, interval);
}

/** The zone that a function was given by name; throws 22023 for an unknown one. */
export function requireTimeZone(name: string): TimeZone {
  const zone = timeZoneOperand(name);
  if (zone !== undefined) return zone;
  throw new SqlError(SqlState.InvalidParameterValue, `time zone "${name}" not recognized`);
}

/** Units from the month up, in months; where one of them begins. */
const LONG_UNITS: Readonly<Partial<Record<TimeUnit, Buckets>>> = {
  month: new MonthBuckets(1, 0),
  quarter: new MonthBuckets(3, 0),
  year: new MonthBuckets(12, 0),
  decade: new MonthBuckets(120, 0),
  century: new MonthBuckets(1200, daysFromCivil(2001, 1, 1)),
  millennium: new MonthBuckets(12000, daysFromCivil(2001, 1, 1)),
};

/** The buckets that a unit makes of a clock that never jumps; undefined for what is no unit. */
function bucketsOfUnit(unitName: string): Buckets | undefined {
  let unit: TimeUnit;
  try {
    unit = timeUnit(unitName, timestamp);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
  const length = shortUnits[unit];
  if (length !== undefined) return new FixedBuckets(length, 0);
  if (unit === 'day') return new FixedBuckets(MICROS_PER_DAY, 0);
  if (unit === 'week') return new FixedBuckets(7 * MICROS_PER_DAY, DEFAULT_ORIGIN);
  return LONG_UNITS[unit];
}

function ruleInZone(unitName: Value, zone: TimeZone | undefined): BucketRule | undefined {
  const buckets = bucketsOfUnit(unitName as string);
  if (buckets === undefined || zone === undefined) return undefined;
  if (zone === UTC) return ruleOfBuckets(buckets);
  const isShort = buckets instanceof FixedBuckets && buckets.widthMicros < MICROS_PER_DAY;
  return ruleOfBuckets(isShort ? new ZonedHours(buckets.widthMicros, zone) : new ZonedBuckets(buckets, zone, 'last'));
}

const localBucketing: Bucketing = {
  timeArgument: 1,
  rule([unitName]) {
    const buckets = unitName === null ? undefined : bucketsOfUnit(unitName as string);
    return buckets === undefined ? undefined : ruleOfBuckets(buckets);
  },
};

const sessionBucketing: Bucketing = {
  timeArgument: 1,
  rule: ([unitName], environment) =>
    unitName === null ? undefined : ruleInZone(unitName, environment.typeContext.timeZone),
};

const zoneBucketing: Bucketing = {
  timeArgument: 1,
  rule: ([unitName, , zone]) =>
    unitName === null || zone === null ? undefined : ruleInZone(unitName, timeZoneOperand(zone as string)),
};

export const dateTruncFunctions: readonly ScalarFunction[] = [
  defineScalar('date_trunc', 2020, [text, timestamp], timestamp, truncateTimestamp, { bucketing: localBucketing }),
  defineScalar(
    'date_trunc',
    1217,
    [text, timestamptz],
    timestamptz,
    (environment: FunctionEnvironment, unit: string, instant: Int64) =>
      truncateInstant(unit, instant, environment.typeContext.timeZone),
    { ...stableWithEnvironment, bucketing: sessionBucketing },
  ),
  defineScalar(
    'date_trunc',
    1284,
    [text, timestamptz, text],
    timestamptz,
    (unit: string, instant: Int64, zone: string) =>
      isFiniteInstant(instant) ? truncateInstant(unit, instant, requireTimeZone(zone)) : canonicalInstant(instant),
    { volatility: 'stable', bucketing: zoneBucketing },
  ),
  defineScalar('date_trunc', 1218, [text, interval], interval, truncateInterval),
];
