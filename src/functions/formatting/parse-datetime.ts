import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  civilFromDays,
  daysFromCivil,
  daysFromIsoWeek,
  daysInMonth,
  EPOCH_JULIAN_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { END_DATE, instantFromDays, instantOfLocalDay, MIN_DATE, roundInstant } from '../../types/instant.ts';
import { text } from '../../types/string-types.ts';
import { fixedTimeZone } from '../../types/time-zone.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { DateTimeTemplateReader, type ReadFields } from './datetime-template-reader.ts';

const MAX_OFFSET_HOURS = 15;

/** A date and time of day as the fields give it. */
interface ReadDateTime {
  readonly days: number;
  readonly micros: number;
  readonly offsetSeconds: number | undefined;
  readonly precision: number | undefined;
}

/** Throws 22008 for fields out of range, 22007 for those that contradict each other. */
function resolve(value: string, fields: ReadFields): ReadDateTime {
  const clock = clockOf(value, fields);
  const days = daysOf(value, fields);
  return { days, micros: clock, offsetSeconds: offsetOf(value, fields), precision: fields.precision };
}

function outOfRange(value: string): SqlError {
  return new SqlError(SqlState.DatetimeFieldOverflow, `date/time field value out of range: "${value}"`);
}

function clockOf(value: string, fields: ReadFields): number {
  const secondOfDay = fields.secondOfDay ?? 0;
  let hour = Math.floor(secondOfDay / 3600);
  let minute = Math.floor((secondOfDay % 3600) / 60);
  let second = secondOfDay % 60;
  // A zero is as good as nothing.
  if (fields.second) second = fields.second;
  if (fields.minute) minute = fields.minute;
  if (fields.hour) hour = fields.hour;
  if (fields.isTwelveHour) {
    if (hour < 1 || hour > 12) {
      throw new SqlError(SqlState.InvalidDatetimeFormat, `hour "${hour}" is invalid for the 12-hour clock`, {
        hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
      });
    }
    if (fields.isAfternoon && hour < 12) hour += 12;
    else if (!fields.isAfternoon && hour === 12) hour = 0;
  }
  const fraction = (fields.milliseconds ?? 0) * 1000 + (fields.microseconds ?? 0);
  const isTime =
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60 &&
    fraction >= 0 &&
    fraction < MICROS_PER_SECOND;
  if (!isTime) throw outOfRange(value);
  return hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + second * MICROS_PER_SECOND + fraction;
}

/** Astronomical; 0 where the template has none. */
function yearOf({ year = 0, century: givenCentury = 0, isBeforeChrist, yearDigits }: ReadFields): number {
  const century = isBeforeChrist ? -givenCentury : givenCentury;
  if (year !== 0) {
    if (givenCentury === 0 || yearDigits > 2) {
      const signed = isBeforeChrist ? -year : year;
      return signed < 0 ? signed + 1 : signed;
    }
    const withinCentury = year % 100;
    if (withinCentury === 0) return century * 100 + (century >= 0 ? 0 : 1);
    return century >= 0 ? withinCentury + (century - 1) * 100 : (century + 1) * 100 - withinCentury + 1;
  }
  if (givenCentury === 0) return 0;
  return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
}

function daysOf(value: string, fields: ReadFields): number {
  let year = yearOf(fields);
  let month = 1;
  let day = 1;
  const setDate = (days: number): void => {
    ({ year, month, day } = civilFromDays(days));
  };
  if (fields.julianDay) setDate(fields.julianDay - EPOCH_JULIAN_DAY);
  let { dayOfYear } = fields;
  let dayOfMonth = fields.day;
  if (fields.week) {
    if (fields.calendar === 'iso-week') setDate(daysFromIsoWeek(year, fields.week) + isoWeekdayOffset(fields.weekday));
    else dayOfYear = (fields.week - 1) * 7 + 1;
  }
  if (fields.weekOfMonth) dayOfMonth = (fields.weekOfMonth - 1) * 7 + 1;
  if (dayOfMonth) day = dayOfMonth;
  if (fields.month) month = fields.month;
  if (dayOfYear && (month <= 1 || day <= 1)) {
    if (year === 0 && !fields.isBeforeChrist) {
      throw new SqlError(SqlState.InvalidDatetimeFormat, 'cannot calculate day of year without year information');
    }
    if (fields.calendar === 'iso-week') setDate(daysFromIsoWeek(year, 1) + dayOfYear - 1);
    else {
      const found = monthOfDay(year, dayOfYear);
      if (month <= 1) month = found.month;
      if (day <= 1) day = found.day;
    }
  }
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw outOfRange(value);
  return daysFromCivil(year, month, day);
}

/** Weekdays were read with Sunday as 1; without one it is Monday. */
function isoWeekdayOffset(weekday: number | undefined): number {
  if (!weekday) return 0;
  return weekday > 1 ? weekday - 2 : 6;
}

/** Days past the end of the year make a month 13, which is out of range. */
function monthOfDay(year: number, dayOfYear: number): { readonly month: number; readonly day: number } {
  let rest = dayOfYear;
  for (let month = 1; month <= 12; month++) {
    const length = daysInMonth(year, month);
    if (rest <= length) return { month, day: rest };
    rest -= length;
  }
  return { month: 13, day: rest };
}

function offsetOf(value: string, { zoneSign, zoneHours = 0, zoneMinutes = 0 }: ReadFields): number | undefined {
  if (zoneSign === undefined) return undefined;
  if (zoneHours < 0 || zoneHours > MAX_OFFSET_HOURS || zoneMinutes < 0 || zoneMinutes >= 60) {
    throw new SqlError(SqlState.InvalidTimeZoneDisplacement, `time zone displacement out of range: "${value}"`);
  }
  return zoneSign * (zoneHours * 3600 + zoneMinutes * 60);
}

function textToInstant({ typeContext }: FunctionEnvironment, value: string, template: string): Int64 {
  const read = resolve(value, new DateTimeTemplateReader(value, template).read());
  const zone = read.offsetSeconds === undefined ? typeContext.timeZone : fixedTimeZone(read.offsetSeconds);
  // Checked apart from the zone, whose rules end where timestamps do.
  instantFromDays(read.days, read.micros);
  const instant = instantOfLocalDay(read.days, read.micros, zone);
  return read.precision === undefined ? instant : roundInstant(instant, read.precision);
}

function textToDate(value: string, template: string): number {
  const { days } = resolve(value, new DateTimeTemplateReader(value, template).read());
  if (days < MIN_DATE || days >= END_DATE) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, `date out of range: "${value}"`);
  }
  return days;
}

export const parseDateTimeFunctions: readonly ScalarFunction[] = [
  defineScalar('to_timestamp', 1778, [text, text], timestamptz, textToInstant, {
    volatility: 'stable',
    usesEnvironment: true,
  }),
  defineScalar('to_date', 1780, [text, text], date, textToDate, { volatility: 'stable' }),
];
