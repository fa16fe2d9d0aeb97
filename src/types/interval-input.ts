import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { tokenizeDateTime } from './datetime-tokens.ts';
import { INT64_MAX, INT64_MIN, roundHalfEven, toInt64 } from './int64.ts';
import type { IntervalParts, IntervalStyle } from './interval-output.ts';

/** The fields an interval type may be restricted to: `INTERVAL DAY TO SECOND`. */
export type IntervalField = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

export interface IntervalInputOptions {
  /** Under 'sql_standard' a sign in front of all fields counts for each of them. */
  readonly style?: IntervalStyle;
  /** What a number without a unit counts: the last field of the declared range. */
  readonly lastField?: IntervalField;
  /** The declared range starts at minutes, so that `1:02` means minutes and seconds. */
  readonly startsAtMinute?: boolean;
}

const MICROS_PER = { hour: 3_600_000_000, minute: 60_000_000, second: 1_000_000, millisecond: 1000, microsecond: 1 };
const MICROS_PER_DAY = 86_400_000_000;
const YEARS_PER = { year: 1, decade: 10, century: 100, millennium: 1000 };

type Unit =
  | 'microsecond'
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium';

const UNIT_NAMES: Readonly<Record<Unit, string>> = {
  microsecond: 'microsecon us usec usecond useconds usecs',
  millisecond: 'millisecon ms msec msecond mseconds msecs',
  second: 's sec second seconds secs',
  minute: 'm min mins minute minutes',
  hour: 'h hour hours hr hrs',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  year: 'y year years yr yrs',
  decade: 'dec decade decades decs',
  century: 'c cent centuries century',
  millennium: 'mil millennia millennium mils',
};

const units = new Map<string, Unit>();
for (const [unit, names] of Object.entries(UNIT_NAMES)) {
  for (const name of names.split(' ')) units.set(name, unit as Unit);
}

/** PostgreSQL looks at the first ten letters of a word only, so that `microseconds` is one of the names above. */
const WORD_LENGTH = 10;

/**
 * Reads an interval in PostgreSQL's own, the SQL standard's or ISO 8601's form. Throws 22007 for other texts and 22015
 * for values that do not fit.
 */
export function parseIntervalParts(text: string, options: IntervalInputOptions): IntervalParts {
  const sum = new IntervalSum(text);
  if (!readFields(text, options, sum) && !readIso(text, sum.clear())) {
    throw new SqlError(SqlState.InvalidDatetimeFormat, `invalid input syntax for type interval: "${text}"`);
  }
  return sum.parts();
}

/** Adds up fields, handing fractions down: of years to months, of months and weeks to days, of the rest to time. */
class IntervalSum {
  readonly #text: string;
  #years = 0;
  #months = 0;
  #days = 0;
  #micros = 0n;

  constructor(text: string) {
    this.#text = text;
  }

  clear(): this {
    this.#years = 0;
    this.#months = 0;
    this.#days = 0;
    this.#micros = 0n;
    return this;
  }

  /** `whole` and `fraction` have the same sign. */
  add(unit: Unit, whole: number | bigint, fraction: number): void {
    switch (unit) {
      case 'microsecond':
      case 'millisecond':
      case 'second':
      case 'minute':
      case 'hour':
        this.addMicros(BigInt(whole) * BigInt(MICROS_PER[unit]), fraction * MICROS_PER[unit]);
        break;
      case 'day':
      case 'week': {
        const daysOfUnit = unit === 'week' ? 7 : 1;
        this.#days = this.#int32(this.#days + Number(whole) * daysOfUnit);
        this.#addFractionOfDays(fraction * daysOfUnit);
        break;
      }
      case 'month':
        this.#months = this.#int32(this.#months + Number(whole));
        this.#addFractionOfDays(fraction * 30);
        break;
      default:
        this.#years = this.#int32(this.#years + Number(whole) * YEARS_PER[unit]);
        this.#months = this.#int32(this.#months + roundHalfEven(fraction * YEARS_PER[unit] * 12));
    }
  }

  addMicros(whole: bigint, fraction = 0): void {
    const wholeOfFraction = Math.trunc(fraction);
    const rest = fraction - wholeOfFraction;
    const rounded = wholeOfFraction + (rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0);
    this.#micros += whole + BigInt(rounded);
    if (this.#micros < INT64_MIN || this.#micros > INT64_MAX) throw this.outOfRange();
  }

  negate(): void {
    this.#years = this.#int32(0 - this.#years);
    this.#months = this.#int32(0 - this.#months);
    this.#days = this.#int32(0 - this.#days);
    const micros = -this.#micros;
    this.#micros = 0n;
    this.addMicros(micros);
  }

  /** The parts with the minus sign in front of each (SQL standard), as far as they are positive. */
  negatePositive(): void {
    if (this.#years > 0) this.#years = 0 - this.#years;
    if (this.#months > 0) this.#months = 0 - this.#months;
    if (this.#days > 0) this.#days = 0 - this.#days;
    if (this.#micros > 0n) this.#micros = -this.#micros;
  }

  parts(): IntervalParts {
    // May pass 32 bits: that is for the interval itself to refuse.
    return { months: this.#years * 12 + this.#months, days: this.#days, micros: toInt64(this.#micros) };
  }

  outOfRange(): SqlError {
    return new SqlError(SqlState.IntervalFieldOverflow, `interval field value out of range: "${this.#text}"`);
  }

  #addFractionOfDays(days: number): void {
    const whole = Math.trunc(days);
    this.#days = this.#int32(this.#days + whole);
    this.addMicros(0n, (days - whole) * MICROS_PER_DAY);
  }

  #int32(value: number): number {
    if (!(value >= -2_147_483_648 && value <= 2_147_483_647)) throw this.outOfRange();
    return value + 0;
  }
}

/** Everything that a field of its kind has been read from may come once only. */
const CLOCK_FIELDS: readonly Unit[] = ['hour', 'minute', 'second', 'millisecond', 'microsecond'];
const SECOND_FIELDS: readonly Unit[] = ['second', 'millisecond', 'microsecond'];

/** Fields from right to left, since a unit stands behind its number. False when the text has another form. */
function readFields(text: string, options: IntervalInputOptions, sum: IntervalSum): boolean {
  const tokens = tokenizeDateTime(text);
  if (tokens === undefined) return false;
  const seen = new Set<Unit>();
  let unit: Unit | undefined;
  let isAgo = false;
  /** A number in front of AGO says what it counts. */
  let needsUnit = false;
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index]!;
    if (token.kind === 'word' || token.kind === 'special') {
      if (token.text === 'ago') isAgo = true;
      else {
        unit = units.get(token.text.slice(0, WORD_LENGTH));
        if (unit === undefined) return false;
      }
      needsUnit = token.text === 'ago';
      continue;
    }
    let fields: readonly Unit[] | undefined;
    if (token.kind === 'time' || (token.kind === 'signed' && token.text.includes(':'))) {
      fields = readClock(token.text, options, sum) ? CLOCK_FIELDS : undefined;
      // In '1 2:03' what stands before the time counts days.
      unit = 'day';
      needsUnit = false;
    } else {
      const counted = unit ?? options.lastField ?? 'second';
      const isYearsAndMonths = /\d-/.test(token.text);
      if (needsUnit && !isYearsAndMonths) return false;
      fields = readNumber(token.text, counted, sum);
      needsUnit = false;
      unit = isYearsAndMonths ? 'month' : counted === 'hour' ? 'day' : counted;
    }
    if (fields === undefined || fields.some((field) => seen.has(field))) return false;
    for (const field of fields) seen.add(field);
  }
  if (seen.size === 0) return false;
  const [first, ...others] = tokens;
  const isSignShared = first?.text.startsWith('-') === true && !others.some(({ text: other }) => /^[+-]/.test(other));
  if (options.style === 'sql_standard' && isSignShared) sum.negatePositive();
  if (isAgo) sum.negate();
  return true;
}

/** `5`, `-1.5`, or `1-2` for years and months. What fields it gave, or undefined when it is no number. */
function readNumber(text: string, counted: Unit, sum: IntervalSum): readonly Unit[] | undefined {
  // The months are looked at before what is wrong behind them.
  const yearsAndMonths = /^[+-]?\d+-(\d+)./.exec(text);
  if (yearsAndMonths !== null && Number(yearsAndMonths[1]) > 11) throw sum.outOfRange();
  const match = /^([+-]?)(\d*)(?:-(\d+)|(\.\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = '', monthDigits, decimals] = match;
  const whole = BigInt(digits === '' ? '0' : digits);
  if (whole > INT64_MAX) throw sum.outOfRange();
  const signed = sign === '-' ? -whole : whole;
  if (monthDigits !== undefined) {
    const months = BigInt(monthDigits);
    if (months >= 12n) throw sum.outOfRange();
    sum.add('month', signed * 12n + (sign === '-' ? -months : months), 0);
    return ['month'];
  }
  const fraction = decimals === undefined ? 0 : Number(`0${decimals}0`);
  sum.add(counted, signed, sign === '-' ? 0 - fraction : fraction);
  return counted === 'second' && fraction !== 0 ? SECOND_FIELDS : [counted];
}

/** `hh:mm`, `hh:mm:ss.f`, and `mm:ss.f`, with or without sign. */
function readClock(text: string, options: IntervalInputOptions, sum: IntervalSum): boolean {
  const match = /^([+-]?)(\d+):(\d+)(?::(\d+)(\.\d*)?|(\.\d*))?$/.exec(text);
  if (match === null) return false;
  const [, sign, first = '', second = '', third, decimals, decimalsOfSecond] = match;
  const isMinutesAndSeconds =
    third === undefined && (decimalsOfSecond !== undefined || options.startsAtMinute === true);
  const hours = isMinutesAndSeconds ? '0' : first;
  const minutes = isMinutesAndSeconds ? first : second;
  const seconds = isMinutesAndSeconds ? second : (third ?? '0');
  if (Number(minutes) > 59 || Number(seconds) > 60) throw sum.outOfRange();
  const wholeSeconds = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const fraction = roundHalfEven(Number(`0${decimals ?? decimalsOfSecond ?? '.'}0`) * 1_000_000);
  const micros = wholeSeconds * 1_000_000n + BigInt(fraction);
  sum.addMicros(sign === '-' ? -micros : micros);
  return true;
}

const ISO_DATE_UNITS: Readonly<Record<string, Unit>> = { Y: 'year', M: 'month', W: 'week', D: 'day' };
const ISO_TIME_UNITS: Readonly<Record<string, Unit>> = { H: 'hour', M: 'minute', S: 'second' };

/** `P1Y2M3DT4H5M6S`, and the alternative `P0001-02-03T04:05:06`. */
function readIso(text: string, sum: IntervalSum): boolean {
  if (!text.startsWith('P') || text.length < 2) return false;
  const [date = '', time, ...rest] = text.slice(1).split('T');
  if (rest.length > 0) return false;
  const alternative = readIsoAlternative(date, time, sum);
  if (alternative !== undefined) return alternative;
  return readIsoPart(date, ISO_DATE_UNITS, sum) && (time === undefined || readIsoPart(time, ISO_TIME_UNITS, sum));
}

function readIsoPart(part: string, unitsByLetter: Readonly<Record<string, Unit>>, sum: IntervalSum): boolean {
  const field = /([+-]?\d*(?:\.\d*)?(?:[eE][+-]?\d+)?)([A-Z])/y;
  let at = 0;
  while (at < part.length) {
    field.lastIndex = at;
    const match = field.exec(part);
    const unit = match === null ? undefined : unitsByLetter[match[2] ?? ''];
    const number = match?.[1] ?? '';
    if (unit === undefined || !/\d/.test(number)) return false;
    addDecimal(number, unit, sum);
    at = field.lastIndex;
  }
  return true;
}

function addDecimal(number: string, unit: Unit, sum: IntervalSum): void {
  const value = Number(number);
  if (Math.abs(value) >= 2 ** 63) throw sum.outOfRange();
  const whole = Math.trunc(value);
  const decimals = /^[+-]?\d*(\.\d+)$/.exec(number)?.[1];
  const fraction = decimals === undefined ? Math.abs(value - whole) : Number(`0${decimals}`);
  sum.add(unit, BigInt(whole), number.startsWith('-') ? 0 - fraction : fraction);
}

function readIsoAlternative(date: string, time: string | undefined, sum: IntervalSum): boolean | undefined {
  const dateMatch = /^(?:(-?\d+)(?:-(-?\d+)(?:-(-?\d+))?)?|(\d{4})(\d{2})(\d{2}))$/.exec(date);
  const timeMatch = time === undefined ? null : /^(-?\d+)(?::(-?\d+)(?::(-?\d+(?:\.\d*)?))?)?$/.exec(time);
  const compactTime = time === undefined ? null : /^(\d{2})(\d{2})(\d{2}(?:\.\d*)?)$/.exec(time);
  if ((date !== '' && dateMatch === null) || (date === '' && timeMatch === null)) return undefined;
  if (time !== undefined && timeMatch === null && compactTime === null) return undefined;
  if (dateMatch !== null) {
    const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
    const [, years = '0', months = '0', days = '0'] = compact ?? dateMatch;
    sum.add('year', BigInt(years), 0);
    sum.add('month', BigInt(months), 0);
    sum.add('day', BigInt(days), 0);
  }
  const clock = compactTime ?? timeMatch;
  if (clock !== null) {
    const [, hours = '0', minutes = '0', seconds = '0'] = clock;
    sum.add('hour', BigInt(hours), 0);
    sum.add('minute', BigInt(minutes), 0);
    addDecimal(seconds, 'second', sum);
  }
  return true;
}
