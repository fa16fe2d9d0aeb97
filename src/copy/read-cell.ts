import { daysFromCivil, daysInMonth } from '../types/civil-time.ts';
import type { TimeZone } from '../types/time-zone.ts';

/**
 * The forms in which programs write numbers and instants, read from bytes without a string or an object. NaN means that
 * the bytes have another form, which the input function of the type knows, or an error to tell.
 */

const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_E = 0x65;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

/** A sum of so many digits is exact. */
const EXACT_DIGITS = 15;
/** 10^0 … 10^22 are exact doubles. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const MICROS_PER_SECOND = 1e6;
const MICROS_PER_DAY = 86_400e6;
/** Of years within which the microseconds of an instant are exact. */
const MIN_YEAR = 1720;
const MAX_YEAR = 2280;

/** A decimal integer of at most 15 digits. */
export function readInteger(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at += 1;
  const count = to - at;
  if (count <= 0 || count > EXACT_DIGITS) return Number.NaN;
  let value = 0;
  for (; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}

/** `buffer`: the same bytes. */
export function readDouble(bytes: Uint8Array, buffer: Buffer, from: number, to: number): number {
  let at = from;
  const isNegative = bytes[at] === MINUS;
  if (isNegative || bytes[at] === PLUS) at += 1;
  let mantissa = 0;
  let digitCount = 0;
  let fractionDigits = 0;
  let hasPoint = false;
  let hasDigit = false;
  for (; at < to; at++) {
    const byte = bytes[at];
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      hasDigit = true;
      if (mantissa !== 0 || digit !== 0) digitCount += 1;
      mantissa = mantissa * 10 + digit;
      if (hasPoint) fractionDigits += 1;
    } else if (byte === POINT && !hasPoint) hasPoint = true;
    else break;
  }
  if (!hasDigit) return Number.NaN;
  if (at === to && digitCount <= EXACT_DIGITS && fractionDigits <= 22) {
    // Clinger's fast path: both are exact, so that one division rounds once.
    const value = fractionDigits === 0 ? mantissa : mantissa / POWERS_OF_TEN[fractionDigits];
    return isNegative ? -value : value;
  }
  if (at < to && !isExponent(bytes, at, to)) return Number.NaN;
  const value = Number(buffer.toString('latin1', from, to));
  // Too large or too small is for the input function to say.
  return value === 0 || !Number.isFinite(value) ? Number.NaN : value;
}

function isExponent(bytes: Uint8Array, from: number, to: number): boolean {
  if ((bytes[from] | 0x20) !== LETTER_E) return false;
  let at = from + 1;
  if (bytes[at] === MINUS || bytes[at] === PLUS) at += 1;
  if (at >= to) return false;
  for (; at < to; at++) if (bytes[at] < ZERO || bytes[at] > ZERO + 9) return false;
  return true;
}

/** `2024-01-31` as days since 2000-01-01. */
export function readDate(bytes: Uint8Array, from: number, to: number): number {
  return to - from === 10 ? readDays(bytes, from) : Number.NaN;
}

let lastDate = -1;
let lastDays = 0;

function readDays(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return Number.NaN;
  const century = twoDigits(bytes, at);
  const yearOfCentury = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const year = century * 100 + yearOfCentury;
  // Rows next to each other are mostly of one day.
  const date = (year * 100 + month) * 100 + day;
  if (date === lastDate) return lastDays;
  if (year < MIN_YEAR || year > MAX_YEAR || day > daysInMonth(year, month)) return Number.NaN;
  lastDate = date;
  lastDays = daysFromCivil(year, month, day);
  return lastDays;
}

/**
 * `2024-01-31 23:59:59`, with up to six decimals, as µs since 2000-01-01. `zone` undefined: a timestamp, which has no
 * offset; otherwise in UTC, by the offset behind it or else by the zone.
 */
export function readInstant(bytes: Uint8Array, from: number, to: number, zone: TimeZone | undefined): number {
  if (to - from < 19) return Number.NaN;
  const separator = bytes[from + 10];
  if (separator !== SPACE && separator !== LETTER_T) return Number.NaN;
  const days = readDays(bytes, from);
  if (Number.isNaN(days) || bytes[from + 13] !== COLON || bytes[from + 16] !== COLON) return Number.NaN;
  const hours = twoDigits(bytes, from + 11);
  const minutes = twoDigits(bytes, from + 14);
  const seconds = twoDigits(bytes, from + 17);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return Number.NaN;
  let micros = days * MICROS_PER_DAY + (hours * 3600 + minutes * 60 + seconds) * MICROS_PER_SECOND;
  let at = from + 19;
  if (at < to && bytes[at] === POINT) {
    let unit = 100_000;
    for (at += 1; at < to; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      if (unit < 1) return Number.NaN;
      micros += digit * unit;
      unit = unit === 1 ? 0 : unit / 10;
    }
  }
  if (at === to) return zone === undefined ? micros : zone.toUtc(micros);
  if (zone === undefined) return Number.NaN;
  return micros - readOffset(bytes, at, to);
}

/** `Z`, `+02`, `-03:30` in µs east of UTC. */
function readOffset(bytes: Uint8Array, at: number, to: number): number {
  const sign = bytes[at];
  if (sign === LETTER_Z) return at + 1 === to ? 0 : Number.NaN;
  if (sign !== PLUS && sign !== MINUS) return Number.NaN;
  const size = to - at;
  const hours = size >= 3 ? twoDigits(bytes, at + 1) : -1;
  const hasMinutes = size === 6 && bytes[at + 3] === COLON;
  const minutes = hasMinutes ? twoDigits(bytes, at + 4) : 0;
  if ((size !== 3 && !hasMinutes) || hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return Number.NaN;
  const offset = (hours * 60 + minutes) * 60 * MICROS_PER_SECOND;
  return sign === MINUS ? 0 - offset : offset;
}

/** The number of two decimal digits, or -1. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
