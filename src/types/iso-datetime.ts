import { daysFromCivil, daysInMonth, MICROS_PER_MINUTE, MICROS_PER_SECOND } from './civil-time.ts';

/**
 * The forms in which programs send dates and times, read without regular expressions or allocation where it counts:
 * `YYYY-MM-DD`, then `T` or a space, then `hh:mm:ss` with up to six decimals, then nothing, `Z` or `±hh[:mm]`.
 * Whatever else there is goes the long way through `datetime-input.ts`, which also words the errors.
 */

const ZERO = 48;
const HYPHEN = 45;
const COLON = 58;

/** Days since 2000-01-01 of the first ten characters; undefined when they are no valid date of that form. */
export function parseIsoDays(text: string): number | undefined {
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return undefined;
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12) return undefined;
  const year = century * 100 + yearOfCentury;
  if (year === 0 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysFromCivil(year, month, day);
}

/** A clock time and, behind it, an offset from UTC. */
export interface IsoClock {
  readonly micros: number;
  /** µs east of UTC, or undefined when none is given. */
  readonly offsetMicros: number | undefined;
}

/** The rest of a timestamp from character 11 on; undefined when it has another form. */
export function parseIsoClock(text: string, from: number): IsoClock | undefined {
  if (text.charCodeAt(from + 2) !== COLON || text.charCodeAt(from + 5) !== COLON) return undefined;
  const hours = twoDigits(text, from);
  const minutes = twoDigits(text, from + 3);
  const seconds = twoDigits(text, from + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return undefined;
  let micros = (hours * 60 + minutes) * MICROS_PER_MINUTE + seconds * MICROS_PER_SECOND;
  let at = from + 8;
  if (text.charAt(at) === '.') {
    let unit = 100_000;
    for (at++; unit >= 1; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      micros += digit * unit;
      unit = Math.floor(unit / 10);
    }
    const next = text.charCodeAt(at) - ZERO;
    if (next >= 0 && next <= 9) return undefined;
  }
  if (at === text.length) return { micros, offsetMicros: undefined };
  const offsetMicros = parseIsoOffset(text, at);
  return offsetMicros === undefined ? undefined : { micros, offsetMicros };
}

function parseIsoOffset(text: string, at: number): number | undefined {
  const sign = text.charAt(at);
  if (sign === 'Z') return at + 1 === text.length ? 0 : undefined;
  if (sign !== '+' && sign !== '-') return undefined;
  const hours = twoDigits(text, at + 1);
  let minutes = 0;
  if (text.length === at + 6 && text.charCodeAt(at + 3) === COLON) minutes = twoDigits(text, at + 4);
  else if (text.length !== at + 3) return undefined;
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * MICROS_PER_MINUTE;
  return sign === '-' ? 0 - offset : offset;
}

/** The number of two decimal digits, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
