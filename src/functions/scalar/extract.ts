import {
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  EPOCH_JULIAN_DAY,
  isoDayOfWeek,
  isoWeek,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  UNIX_EPOCH_DAYS,
  UNIX_EPOCH_MICROS,
} from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { float8 } from '../../types/float8.ts';
import { canonicalInstant, dayOf, isFiniteInstant, localOfInstant } from '../../types/instant.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { text } from '../../types/string-types.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { midnightOf, timeOfDay } from '../instant-arithmetic.ts';
import { type TimeUnit, timeUnit, unitNotSupported } from './time-unit.ts';

/**
 * A field as an integer of `10^-scale`; extract makes a numeric of it, date_part a double. Infinite instants give
 * ±Infinity for what grows with time (year, epoch …) and NULL for what goes round (hour, month …).
 */
interface Field {
  readonly units: Int64;
  readonly scale: 0 | 3 | 6;
}

/** Days with a fraction that has no end in decimals. */
interface JulianDay {
  readonly day: number;
  readonly micros: number;
}

type Extracted = Field | JulianDay | null;

const whole = (units: Int64): Field => ({ units, scale: 0 });

/** Fields of a day. `shownYear` has no year 0, as years before 1 AD count BC. */
function fieldOfDay(unit: TimeUnit, day: number): Field | undefined {
  switch (unit) {
    case 'dow':
      return whole(dayOfWeek(day));
    case 'isodow':
      return whole(isoDayOfWeek(day));
    case 'doy':
      return whole(dayOfYear(day));
    case 'week':
      return whole(isoWeek(day).week);
    case 'isoyear':
      return whole(shownYear(isoWeek(day).year));
    default:
      return fieldOfCivilDate(unit, day);
  }
}

function fieldOfCivilDate(unit: TimeUnit, days: number): Field | undefined {
  const { year, month, day } = civilFromDays(days);
  switch (unit) {
    case 'day':
      return whole(day);
    case 'month':
      return whole(month);
    case 'quarter':
      return whole(Math.floor((month - 1) / 3) + 1);
    case 'year':
      return whole(shownYear(year));
    case 'decade':
      return whole(Math.floor(year / 10));
    case 'century':
      return whole(ordinalPeriod(year, 100));
    case 'millennium':
      return whole(ordinalPeriod(year, 1000));
    default:
      return undefined;
  }
}

function shownYear(year: number): number {
  return year > 0 ? year : year - 1;
}

/** The 1st century is the years 1 to 100; before it comes the 1st BC, -1. */
function ordinalPeriod(year: number, length: number): number {
  return year > 0 ? Math.ceil(year / length) : -Math.ceil((1 - year) / length);
}

/** Fields of a time of day or of an interval's microseconds, cut towards zero. */
function fieldOfTime(unit: TimeUnit, micros: number): Field | undefined {
  switch (unit) {
    case 'hour':
      return whole(Math.trunc(micros / MICROS_PER_HOUR) + 0);
    case 'minute':
      return whole(Math.trunc((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE) + 0);
    case 'second':
      return { units: (micros % MICROS_PER_MINUTE) + 0, scale: 6 };
    case 'milliseconds':
      return { units: (micros % MICROS_PER_MINUTE) + 0, scale: 3 };
    case 'microseconds':
      return whole((micros % MICROS_PER_MINUTE) + 0);
    default:
      return undefined;
  }
}

const growing: ReadonlySet<TimeUnit> = new Set([
  'year',
  'isoyear',
  'decade',
  'century',
  'millennium',
  'julian',
  'epoch',
]);

function ofInfinity(unit: TimeUnit, instant: number): Extracted {
  return growing.has(unit) ? whole(instant) : null;
}

function fieldOfTimestamp(unitName: string, value: Int64, type: TypeDefinition): Extracted {
  const unit = timeUnit(unitName, type);
  const local = canonicalInstant(value);
  const isTimeZone = unit.startsWith('timezone');
  if (!isFiniteInstant(local) && !isTimeZone) return ofInfinity(unit, Number(local));
  if (unit === 'epoch') return { units: sinceUnixEpoch(local), scale: 6 };
  if (isTimeZone) throw unitNotSupported(unitName, type);
  if (unit === 'julian') return { day: dayOf(local) + EPOCH_JULIAN_DAY, micros: timeOfDay(local) };
  const field = fieldOfTime(unit, timeOfDay(local)) ?? fieldOfDay(unit, dayOf(local));
  if (field === undefined) throw unitNotSupported(unitName, type);
  return field;
}

function sinceUnixEpoch(instant: Int64): Int64 {
  const micros = typeof instant === 'number' ? instant - UNIX_EPOCH_MICROS : 0;
  if (typeof instant === 'number' && Math.abs(micros) < Number.MAX_SAFE_INTEGER) return micros;
  return BigInt(instant) - BigInt(UNIX_EPOCH_MICROS);
}

function fieldOfInstant(environment: FunctionEnvironment, unitName: string, value: Int64): Extracted {
  const unit = timeUnit(unitName, timestamptz);
  const instant = canonicalInstant(value);
  if (!isFiniteInstant(instant)) return ofInfinity(unit, Number(instant));
  if (unit === 'epoch') return { units: sinceUnixEpoch(instant), scale: 6 };
  const zone = environment.typeContext.timeZone;
  if (!unit.startsWith('timezone')) return fieldOfTimestamp(unitName, localOfInstant(instant, zone), timestamptz);
  const offsetSeconds = zone.offsetMicrosAt(Number(instant)) / 1_000_000;
  if (unit === 'timezone') return whole(offsetSeconds);
  if (unit === 'timezone_hour') return whole(Math.trunc(offsetSeconds / 3600) + 0);
  return whole(Math.trunc((offsetSeconds % 3600) / 60) + 0);
}

function fieldOfDate(unitName: string, day: number): Extracted {
  const unit = timeUnit(unitName, date);
  const isOfTime = fieldOfTime(unit, 0) !== undefined || unit.startsWith('timezone');
  if (isOfTime) throw unitNotSupported(unitName, date);
  if (!Number.isFinite(day)) return ofInfinity(unit, day);
  if (unit === 'epoch') return whole((day - UNIX_EPOCH_DAYS) * 86_400);
  if (unit === 'julian') return whole(day + EPOCH_JULIAN_DAY);
  const field = fieldOfDay(unit, day);
  if (field === undefined) throw unitNotSupported(unitName, date);
  return field;
}

function fieldOfTimeOfDay(unitName: string, micros: number): Extracted {
  const unit = timeUnit(unitName, time);
  if (unit === 'epoch') return { units: micros, scale: 6 };
  const field = fieldOfTime(unit, micros);
  if (field === undefined) throw unitNotSupported(unitName, time);
  return field;
}

function fieldOfInterval(unitName: string, span: Interval): Extracted {
  const unit = timeUnit(unitName, interval);
  const years = Math.trunc(span.months / 12) + 0;
  switch (unit) {
    case 'year':
      return whole(years);
    case 'month':
      return whole((span.months % 12) + 0);
    case 'quarter':
      return whole(Math.trunc((span.months % 12) / 3) + 1);
    case 'day':
      return whole(span.days);
    case 'decade':
      return whole(Math.trunc(years / 10) + 0);
    case 'century':
      return whole(Math.trunc(years / 100) + 0);
    case 'millennium':
      return whole(Math.trunc(years / 1000) + 0);
    case 'hour':
      return whole(wholeHours(span.micros));
    case 'epoch':
      return { units: secondsOfInterval(span), scale: 6 };
    default: {
      const field = fieldOfTime(
        unit,
        Number(typeof span.micros === 'number' ? span.micros : span.micros % 3_600_000_000n),
      );
      if (field === undefined) throw unitNotSupported(unitName, interval);
      return field;
    }
  }
}

function wholeHours(micros: Int64): number {
  if (typeof micros === 'number') return Math.trunc(micros / MICROS_PER_HOUR) + 0;
  return Number(micros / BigInt(MICROS_PER_HOUR));
}

/** A year counts 365.25 days and a month 30: in quarter days everything is whole. */
function secondsOfInterval(span: Interval): Int64 {
  const quarterDays = 1461 * Math.trunc(span.months / 12) + 120 * (span.months % 12) + 4 * span.days;
  return BigInt(quarterDays) * 21_600_000_000n + BigInt(span.micros);
}

function toNumeric(extracted: Extracted): Numeric | null {
  if (extracted === null) return null;
  if ('day' in extracted) {
    const fraction = Numeric.fromInt64(extracted.micros).divide(Numeric.fromInt64(MICROS_PER_DAY));
    return Numeric.fromInt64(extracted.day).add(fraction);
  }
  const { units, scale } = extracted;
  if (units === Number.POSITIVE_INFINITY) return Numeric.Infinity;
  return units === Number.NEGATIVE_INFINITY ? Numeric.NegativeInfinity : Numeric.of(BigInt(units), scale);
}

function toDouble(extracted: Extracted): number | null {
  if (extracted === null) return null;
  if ('day' in extracted) return extracted.day + extracted.micros / MICROS_PER_DAY;
  return Number(extracted.units) / 10 ** extracted.scale;
}

/** date_part adds doubles where extract adds integers. */
function datePartOfInterval(unitName: string, span: Interval): number | null {
  if (timeUnit(unitName, interval) !== 'epoch') return toDouble(fieldOfInterval(unitName, span));
  const years = Math.trunc(span.months / 12);
  return (
    Number(span.micros) / 1_000_000 + 365.25 * 86_400 * years + 30 * 86_400 * (span.months % 12) + 86_400 * span.days
  );
}

type Extractor = (...values: never[]) => Extracted;

/** extract (numeric) and date_part (double precision) over one reading of a type. */
function fields(type: TypeDefinition, extractor: Extractor, extractOid: number, datePartOid: number): ScalarFunction[] {
  const read = extractor as (...values: unknown[]) => Extracted;
  const options = type === timestamptz ? stableWithEnvironment : {};
  return [
    defineScalar('extract', extractOid, [text, type], numeric, (...values) => toNumeric(read(...values)), options),
    defineScalar('date_part', datePartOid, [text, type], float8, (...values) => toDouble(read(...values)), options),
  ];
}

export const extractFunctions: readonly ScalarFunction[] = [
  ...fields(timestamptz, fieldOfInstant, 6203, 1171),
  ...fields(timestamp, (unit: string, local: Int64) => fieldOfTimestamp(unit, local, timestamp), 6202, 2021),
  defineScalar('extract', 6199, [text, date], numeric, (unit, day) => toNumeric(fieldOfDate(unit, day))),
  // Unlike extract it reads the day's midnight, which has hours and minutes.
  defineScalar('date_part', 1384, [text, date], float8, (unit, day) =>
    toDouble(fieldOfTimestamp(unit, midnightOf(day), timestamp)),
  ),
  ...fields(time, fieldOfTimeOfDay, 6200, 1385),
  defineScalar('extract', 6204, [text, interval], numeric, (unit, span) => toNumeric(fieldOfInterval(unit, span))),
  defineScalar('date_part', 1172, [text, interval], float8, datePartOfInterval),
];
