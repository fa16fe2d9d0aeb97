import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  daysFromCivil,
  daysFromIsoWeek,
  EPOCH_JULIAN_DAY,
  isoWeek,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../types/civil-time.ts';
import { dayOf, isFiniteInstant, localOfInstant, microsOfDay } from '../../types/instant.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { dateTimeTemplate, type FieldNode, type LetterCase } from './datetime-template.ts';
import { ordinalSuffix } from './ordinal.ts';
import { romanNumeral } from './roman.ts';

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const NAME_WIDTH = 9;
const ROMAN_WIDTH = 4;

/** What a template may show. Years are astronomical (0 is 1 BC) except in intervals, where they count. */
interface ShownTime {
  readonly isInterval: boolean;
  readonly year: number;
  /** 1 to 12; of intervals, months beyond the years, which may be 0 or negative. */
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  readonly offsetSeconds: number;
  readonly zoneAbbreviation: string | undefined;
}

function formatTime(time: ShownTime, template: string): string {
  let result = '';
  for (const node of dateTimeTemplate(template)) {
    result += node.kind === 'field' ? formatField(node, time) : node.character;
  }
  return result;
}

function inCase(name: string, letterCase: LetterCase): string {
  return letterCase === 'upper' ? name.toUpperCase() : letterCase === 'lower' ? name.toLowerCase() : name;
}

/** At least so many characters, a sign among them, unless FM says that there be no padding. */
function digits(value: number, width: number, { isFilled, ordinal }: FieldNode): string {
  const shown = isFilled ? String(value) : zeroPadded(value, width);
  return ordinal === undefined ? shown : shown + ordinalSuffix(shown, ordinal);
}

/** The same with the sign in front of so many digits. */
function signedDigits(value: number, width: number, node: FieldNode): string {
  return digits(value, value < 0 ? width + 1 : width, node);
}

function zeroPadded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0');
}

function refuseInterval({ isInterval }: ShownTime): void {
  if (!isInterval) return;
  throw new SqlError(SqlState.InvalidDatetimeFormat, 'invalid format specification for an interval value', {
    hint: 'Intervals are not tied to specific calendar dates.',
  });
}

function padName(name: string, { isFilled, isTranslated }: FieldNode): string {
  return isFilled || isTranslated ? name : name.padEnd(NAME_WIDTH);
}

function formatField(node: FieldNode, time: ShownTime): string {
  const { field, letterCase, ordinal } = node;
  switch (field) {
    case 'A.M.':
    case 'P.M.':
      return inCase(time.hour % 24 >= 12 ? 'P.M.' : 'A.M.', letterCase);
    case 'AM':
    case 'PM':
      return inCase(time.hour % 24 >= 12 ? 'PM' : 'AM', letterCase);
    case 'HH':
    case 'HH12':
      return digits(time.hour % 12 === 0 ? 12 : time.hour % 12, time.hour < 0 ? 3 : 2, node);
    case 'HH24':
      return signedDigits(time.hour, 2, node);
    case 'MI':
      return signedDigits(time.minute, 2, node);
    case 'SS':
      return signedDigits(time.second, 2, node);
    case 'SSSS':
    case 'SSSSS':
      return digits(time.hour * 3600 + time.minute * 60 + time.second, 0, node);
    case 'MS':
      return fraction(time.micros, 3, ordinal);
    case 'US':
      return fraction(time.micros, 6, ordinal);
    case 'FF1':
    case 'FF2':
    case 'FF3':
    case 'FF4':
    case 'FF5':
    case 'FF6':
      return fraction(time.micros, Number(field.slice(2)), ordinal);
    case 'TZ':
    case 'TZH':
    case 'TZM':
    case 'OF':
      refuseInterval(time);
      return formatZone(node, time);
    case 'FX':
      return '';
    default:
      return formatDateField(node, time);
  }
}

/** The first `count` decimals of the second. */
function fraction(micros: number, count: number, ordinal: FieldNode['ordinal']): string {
  const shown = zeroPadded(Math.trunc(micros / 10 ** (6 - count)) + 0, count);
  return ordinal === undefined ? shown : shown + ordinalSuffix(shown, ordinal);
}

function formatZone({ field, letterCase, isFilled }: FieldNode, time: ShownTime): string {
  const { offsetSeconds, zoneAbbreviation } = time;
  const magnitude = Math.abs(offsetSeconds);
  const sign = offsetSeconds >= 0 ? '+' : '-';
  const hours = String(Math.floor(magnitude / 3600));
  const minutes = String(Math.floor((magnitude % 3600) / 60)).padStart(2, '0');
  switch (field) {
    case 'TZ':
      return letterCase === 'lower' ? (zoneAbbreviation ?? '').toLowerCase() : (zoneAbbreviation ?? '');
    case 'TZH':
      return sign + hours.padStart(2, '0');
    case 'TZM':
      return minutes;
    default:
      return sign + (isFilled ? hours : hours.padStart(2, '0')) + (magnitude % 3600 === 0 ? '' : `:${minutes}`);
  }
}

function formatDateField(node: FieldNode, time: ShownTime): string {
  const { field, letterCase } = node;
  const { year, month, day } = time;
  switch (field) {
    case 'A.D.':
    case 'B.C.':
      refuseInterval(time);
      return inCase(year <= 0 ? 'B.C.' : 'A.D.', letterCase);
    case 'AD':
    case 'BC':
      refuseInterval(time);
      return inCase(year <= 0 ? 'BC' : 'AD', letterCase);
    case 'MONTH':
      refuseInterval(time);
      return padName(inCase(MONTHS[month - 1], letterCase), node);
    case 'MON':
      refuseInterval(time);
      return inCase(MONTHS[month - 1].slice(0, 3), letterCase);
    case 'MM':
      return signedDigits(month, 2, node);
    case 'DAY':
      refuseInterval(time);
      return padName(inCase(WEEKDAYS[time.weekday], letterCase), node);
    case 'DY':
      refuseInterval(time);
      return inCase(WEEKDAYS[time.weekday].slice(0, 3), letterCase);
    case 'DDD':
      return digits(time.dayOfYear, 3, node);
    case 'IDDD':
      return digits(isoDayOfYear(time), 3, node);
    case 'DD':
      return digits(day, 2, node);
    case 'D':
      refuseInterval(time);
      return digits(time.weekday + 1, 0, node);
    case 'ID':
      refuseInterval(time);
      return digits(time.weekday === 0 ? 7 : time.weekday, 0, node);
    case 'WW':
      return digits(Math.trunc((time.dayOfYear - 1) / 7) + 1, 2, node);
    case 'IW':
      return digits(isoWeek(daysOf(time)).week, 2, node);
    case 'Q':
      return month === 0 ? '' : digits(Math.trunc((month - 1) / 3) + 1, 0, node);
    case 'W':
      return digits(Math.trunc((day - 1) / 7) + 1, 0, node);
    case 'J':
      return digits(daysOf(time) + EPOCH_JULIAN_DAY, 0, node);
    case 'RM':
      return formatRomanMonth(node, time);
    default:
      return formatYear(node, time);
  }
}

function formatYear(node: FieldNode, time: ShownTime): string {
  const { field } = node;
  const shown = (year: number): number => (time.isInterval || year > 0 ? year : 1 - year);
  if (field === 'CC') return signedDigits(centuryOf(time), 2, node);
  if (field === 'Y,YYY') {
    const year = shown(time.year);
    const thousands = Math.trunc(year / 1000);
    const text = `${thousands},${zeroPadded(year - thousands * 1000, 3)}`;
    return node.ordinal === undefined ? text : text + ordinalSuffix(text, node.ordinal);
  }
  const year = shown(field.startsWith('I') ? isoWeek(daysOf(time)).year : time.year);
  const width = field.length;
  // The room for a sign goes by the year of the calendar, whichever year is shown.
  return digits(width === 4 ? year : year % 10 ** width, shown(time.year) < 0 ? width + 1 : width, node);
}

function centuryOf({ isInterval, year }: ShownTime): number {
  if (isInterval) return Math.trunc(year / 100);
  return year > 0 ? Math.trunc((year - 1) / 100) + 1 : Math.trunc(year / 100) - 1;
}

function formatRomanMonth({ letterCase, isFilled }: FieldNode, { year, month }: ShownTime): string {
  if (month === 0 && year === 0) return '';
  // Months of intervals that are not there count from the end of the year.
  const number = month > 0 ? month : month === 0 ? (year >= 0 ? 12 : 1) : 13 + month;
  const roman = inCase(romanNumeral(number) ?? '', letterCase);
  return isFilled ? roman : roman.padEnd(ROMAN_WIDTH);
}

/** Of intervals too, which PostgreSQL takes for a date here. */
function daysOf({ year, month, day }: ShownTime): number {
  const carried = month > 0 ? 0 : Math.floor((month - 1) / 12);
  return daysFromCivil(year + carried, month - carried * 12, day);
}

function isoDayOfYear(time: ShownTime): number {
  const days = daysOf(time);
  return days - daysFromIsoWeek(isoWeek(days).year, 1) + 1;
}

function shownTimestamp(local: Int64): ShownTime {
  const days = dayOf(local);
  const micros = microsOfDay(local, days);
  return {
    isInterval: false,
    ...civilFromDays(days),
    dayOfYear: dayOfYear(days),
    weekday: dayOfWeek(days),
    ...clockOf(micros),
    offsetSeconds: 0,
    zoneAbbreviation: undefined,
  };
}

function clockOf(micros: number): Pick<ShownTime, 'hour' | 'minute' | 'second' | 'micros'> {
  return {
    hour: Math.trunc(micros / MICROS_PER_HOUR) + 0,
    minute: Math.trunc((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE) + 0,
    second: Math.trunc((micros % MICROS_PER_MINUTE) / MICROS_PER_SECOND) + 0,
    micros: (micros % MICROS_PER_SECOND) + 0,
  };
}

/** NULL for infinities and for an empty template. */
function timestampToText(local: Int64, template: string): string | null {
  if (template === '' || !isFiniteInstant(local)) return null;
  return formatTime(shownTimestamp(local), template);
}

function instantToText({ typeContext }: FunctionEnvironment, instant: Int64, template: string): string | null {
  if (template === '' || !isFiniteInstant(instant)) return null;
  const { timeZone } = typeContext;
  const utc = Number(instant);
  const shown: ShownTime = {
    ...shownTimestamp(localOfInstant(instant, timeZone)),
    offsetSeconds: timeZone.offsetMicrosAt(utc) / MICROS_PER_SECOND,
    zoneAbbreviation: timeZone.abbreviationAt(utc),
  };
  return formatTime(shown, template);
}

function intervalToText(span: Interval, template: string): string | null {
  if (template === '') return null;
  const { months, days, micros } = span;
  const wholeDays =
    typeof micros === 'number' ? Math.trunc(micros / MICROS_PER_DAY) : Number(micros / BigInt(MICROS_PER_DAY));
  const rest = typeof micros === 'number' ? micros % MICROS_PER_DAY : Number(micros % BigInt(MICROS_PER_DAY));
  const clock = clockOf(rest);
  const shown: ShownTime = {
    isInterval: true,
    year: Math.trunc(months / 12) + 0,
    month: (months % 12) + 0,
    day: days,
    // An estimate of the length in days.
    dayOfYear: months * 30 + days,
    weekday: 0,
    ...clock,
    hour: wholeDays * 24 + clock.hour,
    offsetSeconds: 0,
    zoneAbbreviation: undefined,
  };
  return formatTime(shown, template);
}

const stable = { volatility: 'stable' } as const;

export const formatDateTimeFunctions: readonly ScalarFunction[] = [
  defineScalar('to_char', 1770, [timestamptz, text], text, instantToText, { ...stable, usesEnvironment: true }),
  defineScalar('to_char', 2049, [timestamp, text], text, timestampToText, stable),
  defineScalar('to_char', 1768, [interval, text], text, intervalToText, stable),
];
