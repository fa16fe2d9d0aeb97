import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  EPOCH_JULIAN_DAY,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_SECOND,
  UNIX_EPOCH_DAYS,
} from './civil-time.ts';
import { displacementOutOfRange, fieldOutOfRange, invalidDateTime, unknownTimeZone } from './datetime-error.ts';
import { type DateTimeToken, tokenizeDateTime } from './datetime-tokens.ts';
import { dateTimeWord, type SpecialDateTime } from './datetime-words.ts';
import { dayOf, localOfInstant, microsOfDay } from './instant.ts';
import { INT64_MAX, roundHalfEven } from './int64.ts';
import { abbreviatedTimeZone, fixedTimeZone, namedTimeZone, type TimeZone, UTC } from './time-zone.ts';
import type { TypeContext } from './type-definition.ts';

/** What a date or time in text form says. */
export interface DateTimeInput {
  /** Days since 2000-01-01; ±Infinity; undefined when the text has no date. */
  readonly days: number | undefined;
  /** Since midnight: up to 24 hours and a leap second. */
  readonly micros: number;
  readonly hasTime: boolean;
  /** Where the clock hangs, if the text says so. */
  readonly zone: TimeZone | undefined;
}

const MAX_YEAR = 2_147_483_647;
const MAX_OFFSET_HOURS = 15;

/**
 * Reads a date and time in any of PostgreSQL's forms. `isTimeOnly`: digits without punctuation are a time. Throws 22007
 * for what is none, 22008 for fields out of range, 22009 for impossible offsets and 22023 for unknown zones.
 */
export function parseDateTime(
  text: string,
  typeName: string,
  context: TypeContext,
  { isTimeOnly = false } = {},
): DateTimeInput {
  const tokens = tokenizeDateTime(text);
  if (tokens === undefined || tokens.length === 0) throw invalidDateTime(text, typeName);
  return new DateTimeReader(text, typeName, context, isTimeOnly).read(tokens);
}

const INT4_MAX = 2_147_483_647;

/** PostgreSQL keeps 32 bits of what its library reads as 64: years beyond are others, or none at all. */
function wrappedYear(digits: string): number {
  if (digits.length < 10) return Number(digits);
  const value = BigInt(digits);
  return Number(BigInt.asIntN(32, value < INT64_MAX ? value : INT64_MAX));
}

/** Gathers the fields of one text; each may be given once. */
class DateTimeReader {
  readonly #text: string;
  readonly #typeName: string;
  readonly #context: TypeContext;
  readonly #isTimeOnly: boolean;
  #year: number | undefined;
  #month: number | undefined;
  #day: number | undefined;
  #dayOfYear: number | undefined;
  #hasTextMonth = false;
  #isShortYear = false;
  #isBeforeChrist: boolean | undefined;
  /** The year was computed, not read: 0 is 1 BC. */
  #isAstronomical = false;
  #hasWeekday = false;
  #hour: number | undefined;
  #minute = 0;
  #second = 0;
  #fraction = 0;
  #isAfternoon: boolean | undefined;
  #zone: TimeZone | undefined;
  #special: SpecialDateTime | undefined;
  #expects: 'time' | 'julianDay' | undefined;
  #mayBeDate = true;

  constructor(text: string, typeName: string, context: TypeContext, isTimeOnly: boolean) {
    this.#text = text;
    this.#typeName = typeName;
    this.#context = context;
    this.#isTimeOnly = isTimeOnly;
  }

  read(tokens: readonly DateTimeToken[]): DateTimeInput {
    const [first, second] = tokens;
    const last = tokens.length > 1 ? tokens.at(-1) : undefined;
    for (const token of tokens) {
      // A time may begin with a date, in front of a time or of what looks like the name of a zone.
      const isInFront = this.#isTimeOnly && token === first;
      this.#mayBeDate = !this.#isTimeOnly || (isInFront && (last?.kind === 'date' || second?.kind === 'time'));
      if (isInFront && token.kind === 'number' && token.text.includes('.') && last?.kind === 'date') {
        this.#readDate(token.text);
      } else this.#readToken(token);
    }
    if (this.#expects !== undefined) throw this.#invalid();
    return this.#result();
  }

  get #hasDate(): boolean {
    const hasDay = (this.#month !== undefined && this.#day !== undefined) || this.#dayOfYear !== undefined;
    return this.#year !== undefined && hasDay;
  }

  get #hasTime(): boolean {
    return this.#hour !== undefined;
  }

  #invalid(): Error {
    return invalidDateTime(this.#text, this.#typeName);
  }

  #readToken({ kind, text }: DateTimeToken): void {
    switch (kind) {
      case 'time':
        this.#expects = undefined;
        this.#readClock(text);
        break;
      case 'signed':
        this.#setZone(fixedTimeZone(this.#offsetSeconds(text)));
        break;
      case 'number':
        this.#readNumberToken(text);
        break;
      case 'date':
        this.#readDateToken(text);
        break;
      default:
        this.#readWord(text);
    }
  }

  #readDateToken(text: string): void {
    if (this.#expects === 'julianDay') throw this.#invalid();
    const isDateKnown = this.#month !== undefined && this.#day !== undefined;
    if (this.#expects === undefined && !isDateKnown && this.#mayBeDate) {
      this.#readDate(text);
      return;
    }
    if (/^\d/.test(text)) {
      // A time run together with its offset: 040506-08.
      const sign = text.indexOf('-');
      if (this.#hasTime || sign < 0) throw this.#invalid();
      this.#expects = undefined;
      this.#setZone(fixedTimeZone(this.#offsetSeconds(text.slice(sign))));
      this.#readDigits(text.slice(0, sign), { isDate: false });
      return;
    }
    const zone = namedTimeZone(text);
    if (zone === undefined) throw unknownTimeZone(text);
    this.#setZone(zone);
  }

  #readNumberToken(text: string): void {
    if (this.#expects === 'julianDay') {
      this.#expects = undefined;
      const [days = '', fraction] = text.split('.');
      const date = civilFromDays(Number(days) - EPOCH_JULIAN_DAY);
      this.#setDate(date.year, date.month, date.day);
      this.#isAstronomical = true;
      if (fraction !== undefined) this.#setClock(0, 0, 0, Number(`0.${fraction}0`) * MICROS_PER_DAY);
      return;
    }
    if (this.#expects === 'time') {
      this.#expects = undefined;
      this.#readDigits(text, { isDate: false });
      return;
    }
    const hasNoDateField = this.#year === undefined && this.#month === undefined && this.#day === undefined;
    const point = text.indexOf('.');
    if (this.#isTimeOnly && hasNoDateField) this.#readDigits(text, { isDate: false });
    else if (point >= 0 && hasNoDateField) this.#readDate(text);
    else if (point > 2) this.#readDigits(text, { isDate: false });
    else if (text.length >= 6 && (hasNoDateField || !this.#hasTime)) {
      this.#readDigits(text, { isDate: !this.#hasDate });
    } else this.#readDateNumber(text);
  }

  /** Digits run together: yyyymmdd or yymmdd for a date, hhmmss.f or hhmm for a time. */
  #readDigits(text: string, { isDate }: { readonly isDate: boolean }): void {
    const [digits = '', decimals] = text.split('.');
    if (isDate && decimals === undefined && digits.length >= 6) {
      const yearLength = digits.length - 4;
      this.#isShortYear = yearLength === 2;
      this.#setDate(
        wrappedYear(digits.slice(0, yearLength)),
        Number(digits.slice(yearLength, yearLength + 2)),
        Number(digits.slice(yearLength + 2)),
      );
      return;
    }
    if (this.#hasTime || (digits.length !== 6 && digits.length !== 4)) throw this.#invalid();
    const seconds = digits.length === 6 ? Number(digits.slice(4)) : 0;
    this.#setClock(Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), seconds, microsOfDecimals(decimals));
  }

  /** Three fields between delimiters, of which one may be the name of a month. */
  #readDate(text: string): void {
    // PostgreSQL takes dates of this form only in front.
    if (this.#hasTime || this.#hasWeekday || this.#isAfternoon !== undefined || this.#isBeforeChrist !== undefined) {
      throw this.#invalid();
    }
    const fields = text.split(/[^a-z0-9]+/).filter((field) => field !== '');
    const numbers: string[] = [];
    for (const field of fields) {
      if (/^\d+$/.test(field)) numbers.push(field);
      else {
        const word = dateTimeWord(field);
        if (word?.kind !== 'month' || this.#month !== undefined) throw this.#invalid();
        this.#month = word.month;
        this.#hasTextMonth = true;
      }
    }
    for (const number of numbers) this.#readDateNumber(number);
    if (!this.#hasDate) throw this.#invalid();
  }

  /** A number that is a year, a month or a day, depending on what came before and on the order of DateStyle. */
  #readDateNumber(text: string): void {
    if (!/^\d+(\.\d*)?$/.test(text)) throw this.#invalid();
    const value = Math.trunc(Number(text));
    if (value > INT4_MAX) throw fieldOutOfRange(this.#text, false);
    // Decimals are those of a second, whatever the number is.
    const [, decimals] = text.split('.');
    if (decimals !== undefined) this.#fraction = microsOfDecimals(decimals);
    const { order } = this.#context.dateStyle;
    const hasYear = this.#year !== undefined;
    const hasMonth = this.#month !== undefined;
    const hasDay = this.#day !== undefined;
    const looksLikeYear = text.length >= 3 || order === 'YMD';
    if (hasYear && !hasMonth && !hasDay && text.length === 3 && value >= 1 && value <= 366) this.#dayOfYear = value;
    else if (!hasYear && !hasMonth && !hasDay) {
      if (looksLikeYear) this.#setYear(text);
      else if (order === 'DMY') this.#day = value;
      else this.#month = value;
    } else if (hasYear && !hasMonth && !hasDay) this.#month = value;
    else if (hasMonth && !hasYear && !hasDay) {
      if (this.#hasTextMonth && looksLikeYear) this.#setYear(text);
      else this.#day = value;
    } else if (hasYear && hasMonth && !hasDay) {
      if (this.#hasTextMonth && text.length >= 3 && this.#isShortYear) {
        // DD-Mon-YYYY under YMD: the first number was the day after all.
        this.#day = this.#year;
        this.#setYear(text);
      } else this.#day = value;
    } else if (hasDay && !hasMonth && !hasYear) this.#month = value;
    else if (hasDay && hasMonth && !hasYear) this.#setYear(text);
    else if (hasYear && hasMonth && hasDay) this.#readDigits(text, { isDate: false });
    else throw this.#invalid();
  }

  #setYear(text: string): void {
    this.#year = Math.trunc(Number(text));
    this.#isShortYear = text.length <= 2;
  }

  #setDate(year: number, month: number, day: number): void {
    if (this.#year !== undefined || this.#month !== undefined || this.#day !== undefined) throw this.#invalid();
    this.#year = year;
    this.#month = month;
    this.#day = day;
  }

  #readClock(text: string): void {
    const match = /^(\d+):(\d+)(?::(\d+)(?:\.(\d*))?|\.(\d*))?$/.exec(text);
    if (match === null) throw this.#invalid();
    const [, first, second, third, decimals, decimalsOfSecond] = match;
    if (decimalsOfSecond === undefined) {
      this.#setClock(Number(first), Number(second), Number(third ?? '0'), microsOfDecimals(decimals));
    } else this.#setClock(0, Number(first), Number(second), microsOfDecimals(decimalsOfSecond));
  }

  #setClock(hour: number, minute: number, second: number, fractionMicros: number): void {
    if (this.#hasTime) throw this.#invalid();
    const isPastMidnight = hour === 24 && (minute > 0 || second > 0 || fractionMicros > 0);
    if (hour > 24 || minute > 59 || second > 60 || isPastMidnight) throw fieldOutOfRange(this.#text, false);
    this.#hour = hour;
    this.#minute = minute;
    this.#second = second;
    this.#fraction = fractionMicros;
  }

  #setZone(zone: TimeZone): void {
    if (this.#zone !== undefined) throw this.#invalid();
    this.#zone = zone;
  }

  /** `+02`, `-0330`, `+05:30:15`: seconds east. */
  #offsetSeconds(text: string): number {
    const match = /^([+-])(\d+)(?::(\d+)(?::(\d+))?)?$/.exec(text);
    if (match === null) throw this.#invalid();
    const [, sign, digits = '', minuteDigits, secondDigits = '0'] = match;
    const isRunTogether = minuteDigits === undefined && digits.length > 2;
    const hours = isRunTogether ? Math.floor(Number(digits) / 100) : Number(digits);
    const minutes = isRunTogether ? Number(digits) % 100 : Number(minuteDigits ?? '0');
    const seconds = Number(secondDigits);
    if (hours > MAX_OFFSET_HOURS || minutes > 59 || seconds > 59) throw displacementOutOfRange(this.#text);
    const east = (hours * 60 + minutes) * 60 + seconds;
    return sign === '-' ? 0 - east : east;
  }

  #readWord(text: string): void {
    const abbreviated = abbreviatedTimeZone(text);
    if (abbreviated !== undefined) {
      this.#setZone(abbreviated);
      return;
    }
    const word = dateTimeWord(text);
    if (word === undefined) {
      const zone = namedTimeZone(text);
      if (zone === undefined) throw this.#invalid();
      this.#setZone(zone);
      return;
    }
    switch (word.kind) {
      case 'ignored':
        break;
      case 'weekday':
        // Of a time these words are no part, be it with a date in front.
        if (this.#isTimeOnly) throw this.#invalid();
        this.#hasWeekday = true;
        break;
      case 'month':
        if (this.#isTimeOnly) throw this.#invalid();
        // A number that stood where months stand was the day: 8 January 1999.
        if (this.#month !== undefined && !this.#hasTextMonth && this.#day === undefined && this.#month <= 31) {
          this.#day = this.#month;
          this.#month = undefined;
        }
        if (this.#month !== undefined) throw this.#invalid();
        this.#month = word.month;
        this.#hasTextMonth = true;
        break;
      case 'meridiem':
        if (this.#isAfternoon !== undefined) throw this.#invalid();
        this.#isAfternoon = word.isAfternoon;
        break;
      case 'era':
        if (this.#isBeforeChrist !== undefined) throw this.#invalid();
        this.#isBeforeChrist = word.isBeforeChrist;
        break;
      case 'isoTime':
        if ((!this.#hasDate && !this.#isTimeOnly) || this.#zone !== undefined) throw this.#invalid();
        this.#expects = 'time';
        break;
      case 'julian':
        if (this.#expects !== undefined || this.#year !== undefined) throw this.#invalid();
        this.#expects = 'julianDay';
        break;
      case 'special':
        this.#readSpecial(word.name);
    }
  }

  #readSpecial(name: SpecialDateTime): void {
    this.#special = name;
    if (name === 'now' || name === 'today' || name === 'tomorrow' || name === 'yesterday') {
      const { timeZone, transactionStart } = this.#context;
      const local = localOfInstant(transactionStart, timeZone);
      const today = dayOf(local);
      const date = civilFromDays(today + (name === 'tomorrow' ? 1 : name === 'yesterday' ? -1 : 0));
      this.#setDate(date.year, date.month, date.day);
      this.#isAstronomical = true;
      if (name !== 'now') return;
      this.#setClock(0, 0, 0, microsOfDay(local, today));
      this.#setZone(fixedTimeZone(timeZone.offsetMicrosAt(transactionStart) / MICROS_PER_SECOND));
    } else if (name === 'allballs') {
      this.#setClock(0, 0, 0, 0);
      this.#setZone(UTC);
    }
  }

  #result(): DateTimeInput {
    const special = this.#special;
    if (special === 'infinity' || special === '-infinity' || special === 'epoch') {
      // Whatever else the text says counts for nothing beside these.
      const days = special === 'epoch' ? UNIX_EPOCH_DAYS : special === 'infinity' ? Infinity : -Infinity;
      return { days, micros: 0, hasTime: false, zone: special === 'epoch' ? UTC : undefined };
    }
    return {
      days: this.#days(),
      micros: this.#microsOfClock(),
      hasTime: this.#hasTime,
      zone: this.#zone,
    };
  }

  #days(): number | undefined {
    let year = this.#year;
    const month = this.#month;
    const day = this.#day;
    if (year !== undefined && !this.#isAstronomical) year = this.#fullYear(year);
    if (year !== undefined && this.#dayOfYear !== undefined) return daysFromCivil(year, 1, 1) + this.#dayOfYear - 1;
    // What is there is looked at before what is missing.
    if ((month !== undefined && (month < 1 || month > 12)) || (day !== undefined && (day < 1 || day > 31))) {
      throw fieldOutOfRange(this.#text, true);
    }
    if (year === undefined && month === undefined && day === undefined) return undefined;
    if (year === undefined || month === undefined || day === undefined) throw this.#invalid();
    if (year > MAX_YEAR || day > daysInMonth(year, month)) throw fieldOutOfRange(this.#text, false);
    return daysFromCivil(year, month, day);
  }

  /** The astronomical year; two digits mean 1970 to 2069. */
  #fullYear(year: number): number {
    if (this.#isBeforeChrist === true) {
      if (year <= 0) throw fieldOutOfRange(this.#text, false);
      return 1 - year;
    }
    if (this.#isShortYear) return year < 70 ? year + 2000 : year + 1900;
    if (year <= 0) throw fieldOutOfRange(this.#text, false);
    return year;
  }

  #microsOfClock(): number {
    let hour = this.#hour ?? 0;
    if (this.#isAfternoon !== undefined) {
      if (hour > 12) throw fieldOutOfRange(this.#text, false);
      hour = (hour % 12) + (this.#isAfternoon ? 12 : 0);
    }
    return hour * MICROS_PER_HOUR + (this.#minute * 60 + this.#second) * MICROS_PER_SECOND + this.#fraction;
  }
}

/** Decimals of a second, rounded to microseconds. */
export function microsOfDecimals(decimals: string | undefined): number {
  return decimals === undefined || decimals === '' ? 0 : roundHalfEven(Number(`0.${decimals}`) * 1_000_000);
}
