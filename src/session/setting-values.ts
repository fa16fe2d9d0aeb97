import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { Interval } from '../types/interval.ts';
import { type EncodingName, encodingNamed, isConvertible } from '../types/text-encoding.ts';
import { fixedTimeZone, type TimeZone, timeZone } from '../types/time-zone.ts';
import type { TypeContext } from '../types/type-definition.ts';

/** Readers of setting values as PostgreSQL accepts them; each throws 22023 for what it cannot read. */

export function invalidSetting(name: string, value: string, fields: { detail?: string; hint?: string } = {}): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, `invalid value for parameter "${name}": "${value}"`, fields);
}

/** `on`, `off` and PostgreSQL's other spellings: any unambiguous beginning of true, false, yes, no, on, off; 1 and 0. */
export function readBoolean(name: string, value: string): boolean {
  const text = value.trim().toLowerCase();
  if (text !== '') {
    if ('true'.startsWith(text) || 'yes'.startsWith(text) || text === 'on' || text === '1') return true;
    if ('false'.startsWith(text) || 'no'.startsWith(text) || text === '0') return false;
    if (text.length >= 2 && 'off'.startsWith(text)) return false;
  }
  throw new SqlError(SqlState.InvalidParameterValue, `parameter "${name}" requires a Boolean value`);
}

/** One of `choices`, in any case; gives the canonical spelling. */
export function readChoice(name: string, value: string, choices: readonly string[]): string {
  const found = choices.find((choice) => choice === value.toLowerCase());
  if (found === undefined) throw invalidSetting(name, value, { hint: `Available values: ${choices.join(', ')}.` });
  return found;
}

const BOOLEAN_WORDS: ReadonlyMap<string, string> = new Map([
  ['true', 'on'],
  ['yes', 'on'],
  ['1', 'on'],
  ['false', 'off'],
  ['no', 'off'],
  ['0', 'off'],
]);

/** `readChoice` where `on` and `off` are among the choices: PostgreSQL takes a few more words for them. */
export function readChoiceOrBoolean(name: string, value: string, choices: readonly string[]): string {
  return BOOLEAN_WORDS.get(value.toLowerCase()) ?? readChoice(name, value, choices);
}

const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['us', 0.001],
  ['ms', 1],
  ['s', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

export interface IntegerRange {
  readonly minimum: number;
  readonly maximum: number;
  /** A duration, in milliseconds unless the value names another unit. */
  readonly unit?: 'ms';
}

/** A whole number; fractions are rounded half to even, as PostgreSQL's rint does. */
export function readInteger(name: string, value: string, range: IntegerRange): number {
  const match = /^\s*([+-]?(?:0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?))\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) throw invalidSetting(name, value);
  const [, digits = '', unit = ''] = match;
  let factor = 1;
  if (unit !== '') {
    const known = range.unit === undefined ? undefined : MS_PER_UNIT.get(unit);
    if (known === undefined) {
      throw invalidSetting(
        name,
        value,
        range.unit === undefined
          ? {}
          : { hint: 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".' },
      );
    }
    factor = known;
  }
  const number = roundHalfToEven(Number(digits) * factor);
  if (Math.abs(number) > 2_147_483_647) throw invalidSetting(name, value, { hint: 'Value exceeds integer range.' });
  if (number < range.minimum || number > range.maximum) {
    const shown = range.unit === undefined ? String(number) : `${number} ${range.unit}`;
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `${shown} is outside the valid range for parameter "${name}" (${range.minimum} .. ${range.maximum})`,
    );
  }
  return number;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A duration as SHOW prints it: in the largest unit that divides it. */
export function showMilliseconds(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  for (const unit of ['d', 'h', 'min', 's']) {
    const factor = MS_PER_UNIT.get(unit) ?? 1;
    if (milliseconds % factor === 0) return `${milliseconds / factor}${unit}`;
  }
  return `${milliseconds}ms`;
}

/**
 * DateStyle: an output format, an order of day, month and year, or both; what is not named stays as in `current`.
 * German means DMY unless an order stands beside it.
 */
export function readDateStyle(value: string, current: TypeContext['dateStyle']): TypeContext['dateStyle'] {
  let format: TypeContext['dateStyle']['format'] | undefined;
  let order: TypeContext['dateStyle']['order'] | undefined;
  let impliedOrder: TypeContext['dateStyle']['order'] | undefined;
  const setFormat = (next: TypeContext['dateStyle']['format']) => {
    if (format !== undefined && format !== next) throw conflictingDateStyle(value);
    format = next;
  };
  const setOrder = (next: TypeContext['dateStyle']['order']) => {
    if (order !== undefined && order !== next) throw conflictingDateStyle(value);
    order = next;
  };
  for (const word of value.split(',')) {
    const key = word.trim().toLowerCase();
    if (key === 'iso') setFormat('ISO');
    else if (key === 'sql') setFormat('SQL');
    else if (key.startsWith('postgres')) setFormat('Postgres');
    else if (key === 'german') {
      setFormat('German');
      impliedOrder = 'DMY';
    } else if (key === 'ymd') setOrder('YMD');
    else if (key === 'dmy' || key.startsWith('euro')) setOrder('DMY');
    else if (key === 'mdy' || key === 'us' || key.startsWith('noneuro')) setOrder('MDY');
    else if (key === 'default') {
      format ??= 'ISO';
      impliedOrder ??= 'MDY';
    } else {
      throw invalidSetting('DateStyle', value, { detail: `Unrecognized key word: "${key}".` });
    }
  }
  return { format: format ?? current.format, order: order ?? impliedOrder ?? current.order };
}

function conflictingDateStyle(value: string): SqlError {
  return invalidSetting('DateStyle', value, { detail: 'Conflicting "datestyle" specifications.' });
}

/** `client_encoding`, by any of its names. Throws 22023 for none, 0A000 for one that texts cannot be converted to. */
export function readClientEncoding(value: string): EncodingName {
  const encoding = encodingNamed(value);
  if (encoding === undefined) throw invalidSetting('client_encoding', value);
  if (isConvertible(encoding)) return encoding;
  throw new SqlError(SqlState.FeatureNotSupported, `conversion between ${encoding} and UTF8 is not supported`);
}

/** Printable ASCII stays, every other byte becomes `?`; at most 63 bytes, as a name has. */
export function cleanApplicationName(value: string): string {
  let cleaned = '';
  for (const character of value) {
    const size = Buffer.byteLength(character);
    if (cleaned.length + size > 63) break;
    cleaned += /^[\x20-\x7e]$/.test(character) ? character : '?'.repeat(size);
  }
  return cleaned;
}

/** TimeZone: a name, hours east of Greenwich, or an interval; the zone's name. Throws 22023. */
export function readTimeZone(value: string): string {
  const text = /^\s*interval\s*'(.*)'\s*$/is.exec(value)?.[1];
  const zone = text === undefined ? timeZone(value) : zoneOfInterval(value, text);
  if (zone !== undefined) return zone.name;
  const isNumber = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value);
  throw invalidSetting('TimeZone', value, isNumber ? { detail: OUT_OF_RANGE } : {});
}

const OUT_OF_RANGE = 'UTC timezone offset is out of range.';
/** PostgreSQL's limit of an offset, in hours. */
const MAX_ZONE_HOURS = 168;

function zoneOfInterval(value: string, text: string): TimeZone {
  const { months, days, micros } = Interval.parse(text, {});
  if (months !== 0) throw invalidSetting('TimeZone', value, { detail: 'Cannot specify months in time zone interval.' });
  if (days !== 0) throw invalidSetting('TimeZone', value, { detail: 'Cannot specify days in time zone interval.' });
  const seconds = Math.trunc(Number(micros) / 1e6);
  if (Math.abs(seconds) >= MAX_ZONE_HOURS * 3600) throw invalidSetting('TimeZone', value, { detail: OUT_OF_RANGE });
  return fixedTimeZone(seconds);
}
