import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isAscii } from '../is-ascii.ts';
import { dateTimeTemplate, type FieldNode, isSeparator, isSpace, type TemplateNode } from './datetime-template.ts';
import { MONTHS, WEEKDAYS } from './format-datetime.ts';

const INT4_MAX = 2_147_483_647;
const ROMAN_MONTHS = ['xii', 'xi', 'x', 'ix', 'viii', 'vii', 'vi', 'v', 'iv', 'iii', 'ii', 'i'];
const LONG_ERAS = ['a.d.', 'b.c.'];
const SHORT_ERAS = ['ad', 'bc'];
const LONG_MERIDIEMS = ['a.m.', 'p.m.'];
const SHORT_MERIDIEMS = ['am', 'pm'];

/** What a text says along a template; absent is what the template does not ask for. */
export interface ReadFields {
  year?: number;
  /** Digits that the year was asked in. */
  yearDigits: number;
  century?: number;
  isBeforeChrist: boolean;
  month?: number;
  day?: number;
  dayOfYear?: number;
  /** Sunday is 1. */
  weekday?: number;
  week?: number;
  weekOfMonth?: number;
  julianDay?: number;
  hour?: number;
  minute?: number;
  second?: number;
  secondOfDay?: number;
  milliseconds?: number;
  microseconds?: number;
  isTwelveHour: boolean;
  isAfternoon: boolean;
  zoneSign?: number;
  zoneHours?: number;
  zoneMinutes?: number;
  /** FF1 to FF6: decimals of the second that count. */
  precision?: number;
  calendar: FieldNode['calendar'];
}

/** The fields that are numbers. */
type NumberField = {
  [Key in keyof ReadFields]-?: NonNullable<ReadFields[Key]> extends number ? Key : never;
}[keyof ReadFields];

function invalid(message: string, detail?: string, hint?: string): SqlError {
  return new SqlError(SqlState.InvalidDatetimeFormat, message, { detail, hint });
}

/** Reads a text along a template for to_timestamp and to_date (the manual, 9.8). */
export class DateTimeTemplateReader {
  readonly #text: string;
  readonly #nodes: readonly TemplateNode[];
  readonly #fields: ReadFields = {
    yearDigits: 0,
    isBeforeChrist: false,
    isTwelveHour: false,
    isAfternoon: false,
    calendar: undefined,
  };
  /** FX: nothing is passed over. */
  #isExact = false;
  #at = 0;
  /** Characters passed over beyond what the template has. */
  #extra = 0;

  constructor(text: string, template: string) {
    this.#text = text;
    this.#nodes = dateTimeTemplate(template);
  }

  /** Throws 22007 for what does not fit. Where the text ends, the rest of the template counts for nothing. */
  read(): ReadFields {
    for (const [index, node] of this.#nodes.entries()) {
      if (this.#at >= this.#text.length) break;
      if (!this.#isExact && (node.kind === 'field' || index === 0)) this.#skipSpaces();
      if (node.kind === 'field') this.#field(node, index);
      else if (node.kind === 'text') this.#textNode();
      else this.#separatorNode();
    }
    return this.#fields;
  }

  #skipSpaces(): void {
    while (isSpace(this.#text.charAt(this.#at))) {
      this.#at++;
      this.#extra++;
    }
  }

  #skipCharacter(): void {
    this.#at += (this.#text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1;
  }

  #separatorNode(): void {
    if (this.#isExact) {
      this.#skipCharacter();
      return;
    }
    this.#extra--;
    const next = this.#text.charAt(this.#at);
    if (isSpace(next) || isSeparator(next)) {
      this.#at++;
      this.#extra++;
    }
  }

  #textNode(): void {
    if (this.#isExact) this.#skipCharacter();
    else if (this.#extra > 0) this.#extra--;
    else this.#skipCharacter();
  }

  #field(node: FieldNode, index: number): void {
    if (node.field === 'FX') {
      this.#isExact = true;
      return;
    }
    this.#useCalendar(node);
    this.#read(node, index);
    if (node.ordinal !== undefined) this.#at = Math.min(this.#at + 2, this.#text.length);
    if (this.#isExact) return;
    this.#extra = 0;
    this.#skipSpaces();
  }

  #useCalendar({ calendar }: FieldNode): void {
    if (calendar === undefined) return;
    if (this.#fields.calendar !== undefined && this.#fields.calendar !== calendar) {
      throw invalid(
        'invalid combination of date conventions',
        undefined,
        'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      );
    }
    this.#fields.calendar = calendar;
  }

  #read(node: FieldNode, index: number): void {
    const fields = this.#fields;
    const { field, written } = node;
    switch (field) {
      case 'A.M.':
      case 'P.M.':
      case 'AM':
      case 'PM': {
        const names = field.includes('.') ? LONG_MERIDIEMS : SHORT_MERIDIEMS;
        fields.isAfternoon = this.#word(names, written) === 1;
        fields.isTwelveHour = true;
        break;
      }
      case 'HH':
      case 'HH12':
        this.#number('hour', 2, node, index);
        fields.isTwelveHour = true;
        break;
      case 'HH24':
        this.#number('hour', 2, node, index);
        break;
      case 'MI':
        this.#number('minute', 2, node, index);
        break;
      case 'SS':
        this.#number('second', 2, node, index);
        break;
      case 'SSSS':
      case 'SSSSS':
        this.#number('secondOfDay', field.length, node, index);
        break;
      case 'MS':
        this.#fraction('milliseconds', 3, 3, node, index);
        break;
      case 'US':
        this.#fraction('microseconds', 6, 6, node, index);
        break;
      case 'FF1':
      case 'FF2':
      case 'FF3':
      case 'FF4':
      case 'FF5':
      case 'FF6':
        fields.precision = Number(field.slice(2));
        this.#fraction('microseconds', 6, fields.precision, node, index);
        break;
      case 'TZ':
      case 'OF':
        throw new SqlError(SqlState.FeatureNotSupported, `formatting field "${written}" is only supported in to_char`);
      case 'TZH':
        this.#zoneSign();
        this.#number('zoneHours', 2, node, index);
        break;
      case 'TZM':
        fields.zoneSign ??= 1;
        this.#number('zoneMinutes', 2, node, index);
        break;
      default:
        this.#readDate(node, index);
    }
  }

  #readDate(node: FieldNode, index: number): void {
    const fields = this.#fields;
    const { field, written } = node;
    switch (field) {
      case 'A.D.':
      case 'B.C.':
      case 'AD':
      case 'BC': {
        const names = field.includes('.') ? LONG_ERAS : SHORT_ERAS;
        fields.isBeforeChrist = this.#word(names, written) === 1;
        break;
      }
      case 'MONTH':
        this.#set('month', this.#word(MONTHS, written) + 1, written);
        break;
      case 'MON':
        this.#set('month', this.#word(MONTHS.map(shortened), written) + 1, written);
        break;
      case 'MM':
        this.#number('month', 2, node, index);
        break;
      case 'RM':
        this.#set('month', 12 - this.#word(ROMAN_MONTHS, written), written);
        break;
      case 'DAY':
        this.#setLater('weekday', this.#word(WEEKDAYS, written), written, (day) => day + 1);
        break;
      case 'DY':
        this.#setLater('weekday', this.#word(WEEKDAYS.map(shortened), written), written, (day) => day + 1);
        break;
      case 'DDD':
      case 'IDDD':
        this.#number('dayOfYear', 3, node, index);
        break;
      case 'DD':
        this.#number('day', 2, node, index);
        break;
      case 'D':
        this.#number('weekday', 1, node, index);
        break;
      case 'ID': {
        const { value } = this.#digits(1, node, index);
        this.#setLater('weekday', value, written, (day) => (day >= 7 ? 1 : day + 1));
        break;
      }
      case 'WW':
      case 'IW':
        this.#number('week', 2, node, index);
        break;
      case 'W':
        this.#number('weekOfMonth', 1, node, index);
        break;
      case 'Q':
        // A quarter is read but says nothing: which of its days should it be?
        this.#digits(1, node, index);
        break;
      case 'CC':
        this.#number('century', 2, node, index);
        break;
      case 'J':
        this.#number('julianDay', 1, node, index);
        break;
      default:
        this.#readYear(node, index);
    }
  }

  #readYear(node: FieldNode, index: number): void {
    const { field, written } = node;
    if (field === 'Y,YYY') {
      const match = /^\s*([+-]?\d+),(\d{1,3})/.exec(this.#text.slice(this.#at));
      if (match === null) throw invalid('invalid input string for "Y,YYY"');
      this.#set('year', Number(match[1]) * 1000 + Number(match[2]), written);
      this.#fields.yearDigits = 4;
      this.#at += match[0].length;
      return;
    }
    const width = field.length;
    const { value, length } = this.#digits(width, node, index);
    this.#setLater('year', value, written, (year) => (width < 4 && length < 4 ? nearestYear(year) : year));
    this.#fields.yearDigits = width;
  }

  #zoneSign(): void {
    const next = this.#text.charAt(this.#at);
    if (next === '+' || next === '-' || next === ' ') {
      this.#fields.zoneSign = next === '-' ? -1 : 1;
      this.#at++;
    } else this.#fields.zoneSign = this.#extra > 0 && this.#text.charAt(this.#at - 1) === '-' ? -1 : 1;
  }

  #number(name: NumberField, width: number, node: FieldNode, index: number): void {
    this.#set(name, this.#digits(width, node, index).value, node.written);
  }

  /** Decimals of the second: 25 are 250 thousandths. */
  #fraction(name: NumberField, unitDigits: number, width: number, node: FieldNode, index: number): void {
    const { value, length } = this.#digits(width, node, index);
    this.#setLater(name, value, node.written, (decimals) => decimals * 10 ** Math.max(unitDigits - length, 0));
  }

  /** A field may be given twice, but not differently. */
  #set(name: NumberField, value: number, written: string): void {
    const known = this.#fields[name];
    if (known && known !== value) {
      throw invalid(
        `conflicting values for "${written}" field in formatting string`,
        'This value contradicts a previous setting for the same field type.',
      );
    }
    this.#fields[name] = value;
  }

  /** The same for a field that is kept in another form than it was given in; given again, it contradicts itself. */
  #setLater(name: NumberField, value: number, written: string, kept: (value: number) => number): void {
    this.#set(name, value, written);
    this.#fields[name] = kept(value);
  }

  /** As many digits as there are, where something else comes behind; else exactly `width`. */
  #digits(width: number, node: FieldNode, index: number): { readonly value: number; readonly length: number } {
    const { written } = node;
    const start = this.#at;
    while (isSpace(this.#text.charAt(this.#at))) this.#at++;
    const rest = this.#text.slice(this.#at);
    const copy = firstBytes(rest, width);
    const isOpen = node.isFilled || this.#isBeforeSeparator(node, index);
    // PostgreSQL counts bytes and calls them characters.
    const copyBytes = Buffer.byteLength(copy);
    if (!isOpen && copyBytes < width) {
      throw invalid(
        `source string too short for "${written}" formatting field`,
        `Field requires ${width} characters, but only ${copyBytes} remain.`,
        'If your source string is not fixed-width, try using the "FM" modifier.',
      );
    }
    const digits = /^\s*[+-]?\d+/.exec(isOpen ? rest : copy)?.[0] ?? '';
    if (!isOpen && digits.length > 0 && digits.length < width) {
      throw invalid(
        `invalid value "${copy}" for "${written}"`,
        `Field requires ${width} characters, but only ${digits.length} could be parsed.`,
        'If your source string is not fixed-width, try using the "FM" modifier.',
      );
    }
    if (digits === '') throw invalid(`invalid value "${copy}" for "${written}"`, 'Value must be an integer.');
    const value = Number(digits);
    if (value > INT4_MAX || value < -INT4_MAX - 1) {
      throw new SqlError(SqlState.DatetimeFieldOverflow, `value for "${written}" in source string is out of range`, {
        detail: `Value must be in the range ${-INT4_MAX - 1} to ${INT4_MAX}.`,
      });
    }
    this.#at += digits.length;
    return { value, length: this.#at - start };
  }

  /** What follows in the template is no digit. */
  #isBeforeSeparator(node: FieldNode, index: number): boolean {
    if (node.ordinal !== undefined) return true;
    const next = this.#nodes[index + 1];
    if (next === undefined) return true;
    return next.kind === 'field' ? !next.isDigits : !/[0-9]/.test(next.character);
  }

  /** The place in the list of the word that the text goes on with, in any case. */
  #word(names: readonly string[], written: string): number {
    const rest = this.#text.slice(this.#at);
    const found = names.findIndex((name) => rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
    if (found < 0) {
      const word = /^[^ \t\n\r\f\v]*/.exec(rest)?.[0] ?? '';
      throw invalid(
        `invalid value "${word}" for "${written}"`,
        'The given value did not match any of the allowed values for this field.',
      );
    }
    this.#at += names[found].length;
    return found;
  }
}

/** Widths count bytes. */
function firstBytes(text: string, count: number): string {
  const part = text.slice(0, count);
  return isAscii(part) ? part : Buffer.from(part).subarray(0, count).toString();
}

const shortened = (name: string): string => name.slice(0, 3);

/** Years of less than four digits are those nearest to 2020. */
function nearestYear(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}
