import { unreachable } from '../errors/invariant.ts';
import { formatFraction } from './format-fraction.ts';
import type { Int64 } from './value.ts';

export type IntervalStyle = 'postgres' | 'postgres_verbose' | 'sql_standard' | 'iso_8601';

export interface IntervalParts {
  readonly months: number;
  readonly days: number;
  readonly micros: Int64;
}

/** The fields that intervals are written in; those of one part have one sign. */
interface Fields {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly micros: number;
  readonly timeSign: number;
}

/** The interval as PostgreSQL prints it under the given IntervalStyle. */
export function formatIntervalParts(interval: IntervalParts, style: IntervalStyle): string {
  const fields = fieldsOf(interval);
  switch (style) {
    case 'postgres':
      return formatPostgres(fields);
    case 'postgres_verbose':
      return formatVerbose(fields);
    case 'sql_standard':
      return formatSqlStandard(fields);
    case 'iso_8601':
      return formatIso(fields);
    default:
      return unreachable(style);
  }
}

function fieldsOf({ months, days, micros }: IntervalParts): Fields {
  const seconds = typeof micros === 'bigint' ? Number(micros / 1_000_000n) : Math.trunc(micros / 1_000_000);
  const fraction = typeof micros === 'bigint' ? Number(micros % 1_000_000n) : micros % 1_000_000;
  return {
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: Math.trunc(seconds / 3600),
    minutes: Math.trunc(seconds / 60) % 60,
    seconds: seconds % 60,
    micros: fraction,
    timeSign: micros < 0 ? -1 : micros > 0 ? 1 : 0,
  };
}

/** `-1 years -2 mons +3 days -04:05:06.7`: a plus follows a minus, so that no sign is carried over. */
function formatPostgres(fields: Fields): string {
  let text = '';
  let isAfterMinus = false;
  const parts: readonly (readonly [number, string])[] = [
    [fields.years, 'year'],
    [fields.months, 'mon'],
    [fields.days, 'day'],
  ];
  for (const [value, unit] of parts) {
    if (value === 0) continue;
    text += `${text === '' ? '' : ' '}${isAfterMinus && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`;
    isAfterMinus = value < 0;
  }
  if (text !== '' && fields.timeSign === 0) return text;
  const sign = fields.timeSign < 0 ? '-' : isAfterMinus ? '+' : '';
  return `${text === '' ? '' : `${text} `}${sign}${clock(fields, 2)}`;
}

/** `@ 1 year 2 mons 3 days 4 hours 5 mins 6.7 secs ago` */
function formatVerbose(fields: Fields): string {
  let text = '@';
  let isZero = true;
  let isAgo = false;
  const parts: readonly (readonly [number, string])[] = [
    [fields.years, 'year'],
    [fields.months, 'mon'],
    [fields.days, 'day'],
    [fields.hours, 'hour'],
    [fields.minutes, 'min'],
  ];
  for (const [value, unit] of parts) {
    if (value === 0) continue;
    if (isZero) isAgo = value < 0;
    const shown = isAgo ? 0 - value : value;
    text += ` ${shown} ${unit}${shown === 1 ? '' : 's'}`;
    isZero = false;
  }
  if (fields.seconds !== 0 || fields.micros !== 0) {
    const isNegative = fields.timeSign < 0;
    if (isZero) isAgo = isNegative;
    const sign = isNegative === isAgo ? '' : '-';
    const isOne = Math.abs(fields.seconds) === 1 && fields.micros === 0;
    text += ` ${sign}${secondsText(fields, 1)} sec${isOne ? '' : 's'}`;
    isZero = false;
  }
  return isZero ? '@ 0' : text + (isAgo ? ' ago' : '');
}

/** `1-2`, `3 4:05:06` where the standard has a form, else every sign spelled out: `+1-2 -3 +4:05:06`. */
function formatSqlStandard(fields: Fields): string {
  const { years, months, days, timeSign } = fields;
  const hasYearMonth = years !== 0 || months !== 0;
  const hasDayTime = days !== 0 || timeSign !== 0;
  const hasNegative = years < 0 || months < 0 || days < 0 || timeSign < 0;
  const hasPositive = years > 0 || months > 0 || days > 0 || timeSign > 0;
  if (!hasNegative && !hasPositive) return '0';
  const yearMonth = `${Math.abs(years)}-${Math.abs(months)}`;
  const time = clock(fields, 1);
  if ((hasNegative && hasPositive) || (hasYearMonth && hasDayTime)) {
    const sign = (isNegative: boolean): string => (isNegative ? '-' : '+');
    const yearMonthSign = sign(years < 0 || months < 0);
    return `${yearMonthSign}${yearMonth} ${sign(days < 0)}${Math.abs(days)} ${sign(timeSign < 0)}${time}`;
  }
  const minus = hasNegative ? '-' : '';
  if (hasYearMonth) return minus + yearMonth;
  return minus + (days !== 0 ? `${Math.abs(days)} ${time}` : time);
}

/** `P1Y2M3DT4H5M6.7S` */
function formatIso(fields: Fields): string {
  const part = (value: number, unit: string): string => (value === 0 ? '' : value + unit);
  const date = part(fields.years, 'Y') + part(fields.months, 'M') + part(fields.days, 'D');
  let time = part(fields.hours, 'H') + part(fields.minutes, 'M');
  if (fields.seconds !== 0 || fields.micros !== 0) {
    time += `${fields.timeSign < 0 ? '-' : ''}${secondsText(fields, 1)}S`;
  }
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

/** `04:05:06.7` without sign; hours with at least `hourDigits` digits. */
function clock(fields: Fields, hourDigits: number): string {
  const hours = String(Math.abs(fields.hours)).padStart(hourDigits, '0');
  const minutes = String(Math.abs(fields.minutes)).padStart(2, '0');
  return `${hours}:${minutes}:${secondsText(fields, 2)}`;
}

function secondsText(fields: Fields, digits: number): string {
  return String(Math.abs(fields.seconds)).padStart(digits, '0') + formatFraction(Math.abs(fields.micros));
}
