import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  daysFromCivil,
  daysInMonth,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { float8 } from '../../types/float8.ts';
import { END_DATE, instantFromDays, instantOfLocal, MIN_DATE } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import { addInt64, int64FromNumber, multiplyInt64, roundHalfEven } from '../../types/int64.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import { time } from '../../types/time.ts';
import { fixedTimeZone, type TimeZone } from '../../types/time-zone.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { requireTimeZone } from './date-trunc.ts';

const MAX_OFFSET_HOURS = 15;
const MAX_YEAR = 5_874_897;

const twoDigits = (value: number): string => (value < 0 ? String(value) : String(value).padStart(2, '0'));
/** As C prints %02g. */
function shownSeconds(seconds: number): string {
  const [digits, exponent = '0'] = seconds.toExponential(5).split('e');
  const power = Number(exponent);
  if (Object.is(seconds, -0)) return '-0';
  if (power >= -5 && power < 6) return String(Number(seconds.toPrecision(6))).padStart(2, '0');
  return `${Number(digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function outOfRange(message: string): SqlError {
  return new SqlError(SqlState.DatetimeFieldOverflow, message);
}

/** Days since 2000-01-01; negative years are BC. `shownYear` stands in messages. */
function dayOfFields(year: number, month: number, day: number, shownYear = year): number {
  const shown = `${shownYear}-${twoDigits(month)}-${twoDigits(day)}`;
  const astronomical = year < 0 ? year + 1 : year;
  const isDate = year !== 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(astronomical, month);
  // The one year whose negation is no integer.
  if (year === -2_147_483_648) {
    throw outOfRange(`date field value out of range: ${year}-${twoDigits(month)}-${twoDigits(day)}`);
  }
  if (isDate && Math.abs(year) > MAX_YEAR) throw outOfRange(`date out of range: ${shown}`);
  if (!isDate) throw outOfRange(`date field value out of range: ${shown}`);
  const days = daysFromCivil(astronomical, month, day);
  if (days < MIN_DATE || days >= END_DATE) throw outOfRange(`date out of range: ${shown}`);
  return days;
}

/** PostgreSQL shows the year that it computes with: 0 for 1 BC. */
const makeDate = (year: number, month: number, day: number): number =>
  dayOfFields(year, month, day, year < 0 ? year + 1 : year);

/** Microseconds since midnight, up to 24:00:00. */
function microsOfFields(hour: number, minute: number, second: number): number {
  const micros = roundHalfEven(second * MICROS_PER_SECOND);
  const isTime =
    hour >= 0 &&
    minute >= 0 &&
    minute < 60 &&
    micros >= 0 &&
    micros <= 60 * MICROS_PER_SECOND &&
    hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + micros <= MICROS_PER_DAY;
  if (!isTime) {
    const shown = `${hour}:${twoDigits(minute)}:${shownSeconds(second)}`;
    throw outOfRange(`time field value out of range: ${shown}`);
  }
  return hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + micros;
}

function makeTimestamp(year: number, month: number, day: number, hour: number, minute: number, second: number): Int64 {
  const days = dayOfFields(year, month, day);
  const micros = microsOfFields(hour, minute, second);
  try {
    return instantFromDays(days, micros);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const shownDate = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
    throw outOfRange(`timestamp out of range: ${shownDate} ${hour}:${twoDigits(minute)}:${shownSeconds(second)}`);
  }
}

/** Unlike AT TIME ZONE, +02 is east of Greenwich here. */
function zoneOf(name: string): TimeZone {
  if (/^\d/.test(name)) {
    throw new SqlError(SqlState.InvalidParameterValue, `invalid input syntax for type numeric time zone: "${name}"`, {
      hint: 'Numeric time zones must have "-" or "+" as first character.',
    });
  }
  const offset = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(name);
  if (offset === null) return requireTimeZone(name);
  const [, sign, hours, minutes = '0', seconds = '0'] = offset;
  if (Number(hours) > MAX_OFFSET_HOURS || Number(minutes) > 59 || Number(seconds) > 59) {
    throw new SqlError(SqlState.InvalidParameterValue, `numeric time zone "${name}" out of range`);
  }
  const east = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return fixedTimeZone(sign === '-' ? 0 - east : east);
}

type Fields = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

const makeInstant = ({ typeContext }: FunctionEnvironment, ...fields: Fields): Int64 =>
  instantOfLocal(makeTimestamp(...fields), typeContext.timeZone);

const makeInstantInZone = (...values: readonly [...Fields, zone: string]): Int64 => {
  const [year, month, day, hour, minute, second, zone] = values;
  return instantOfLocal(makeTimestamp(year, month, day, hour, minute, second), zoneOf(zone));
};

function makeInterval(years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0): Interval {
  const micros = roundHalfEven(seconds * MICROS_PER_SECOND);
  // The first double that 64 bits do not hold.
  if (!(Math.abs(micros) < 2 ** 63)) throw outOfRange('interval out of range');
  const whole = addInt64(multiplyInt64(hours, MICROS_PER_HOUR), multiplyInt64(minutes, MICROS_PER_MINUTE));
  const time = addInt64(int64FromNumber(micros), whole);
  return new Interval(years * 12 + months, weeks * 7 + days, time);
}

const dateNames = ['year', 'month', 'day'];
const timeNames = ['hour', 'min', 'sec'];
const timestampNames = ['year', 'month', 'mday', ...timeNames];

/** Dates and times out of their fields. */
export const makeDateTimeFunctions: readonly ScalarFunction[] = [
  defineScalar('make_date', 3846, [int4, int4, int4], date, makeDate, { argumentNames: dateNames }),
  defineScalar('make_time', 3847, [int4, int4, float8], time, microsOfFields, { argumentNames: timeNames }),
  defineScalar('make_timestamp', 3461, [int4, int4, int4, int4, int4, float8], timestamp, makeTimestamp, {
    argumentNames: timestampNames,
  }),
  defineScalar('make_timestamptz', 3462, [int4, int4, int4, int4, int4, float8], timestamptz, makeInstant, {
    ...stableWithEnvironment,
    argumentNames: timestampNames,
  }),
  defineScalar('make_timestamptz', 3463, [int4, int4, int4, int4, int4, float8, text], timestamptz, makeInstantInZone, {
    volatility: 'stable',
    argumentNames: [...timestampNames, 'timezone'],
  }),
  defineScalar('make_interval', 3464, [int4, int4, int4, int4, int4, int4, float8], interval, makeInterval, {
    argumentNames: ['years', 'months', 'weeks', 'days', 'hours', 'mins', 'secs'],
    defaults: [0, 0, 0, 0, 0, 0, 0],
  }),
];
