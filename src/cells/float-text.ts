import { writeEight, writeInteger, writeMicroFraction, writeSmall } from './decimal-text.ts';

/**
 * Floating point in its shortest form that reads back the same, as ASCII straight into a buffer: what
 * `types/format-float.ts` gives with extra_float_digits of 1 and more, without a string on the way.
 *
 * Both functions give the new end, or -1 for the rare shapes that are left to that file: exponents, NaN, ±Infinity, -0,
 * powers of two (their neighbours lie at two distances) and decimals exactly halfway between two candidates.
 */

const ZERO = 48;
const MINUS = 45;
const POINT = 46;

const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Negative powers of ten, nearest doubles: good enough to tell how many zeros follow the point. */
const FRACTIONS_OF_TEN = Float64Array.from({ length: 5 }, (_, power) => Number(`1e-${power}`));

/** Veltkamp's constant: splits a double into halves whose products are exact. */
const SPLITTER = 134_217_729;
const POWER_HIGHS = POWERS_OF_TEN.map(highHalf);
const POWER_LOWS = POWERS_OF_TEN.map((power, index) => power - POWER_HIGHS[index]);

/** By biased exponent from FIRST_EXPONENT on, half the distance between two doubles. */
const FIRST_EXPONENT = 1005;
const HALF_SPACINGS = Float64Array.from({ length: 70 }, (_, index) => 2 ** (FIRST_EXPONENT + index - 1076));

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
const single = new Float32Array(1);
const singleWord = new Uint32Array(single.buffer);

function highHalf(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}

/** A double precision. */
export function writeDouble(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= 1e-4 && magnitude < 1e15)) return value === 0 && 1 / value > 0 ? writeInteger(bytes, at, 0) : -1;
  if (Math.floor(magnitude) === magnitude) return writeInteger(bytes, at, value);
  // Money and most readings: a decimal of up to 15 digits which reads back is the shortest one, since no two of that
  // length share a double.
  if (magnitude < 1e7) {
    const hundredths = Math.floor(magnitude * 100 + 0.5);
    if (hundredths / 100 === magnitude) {
      let end = at;
      if (value < 0) bytes[end++] = MINUS;
      return writeHundredths(bytes, end, hundredths | 0);
    }
    const millionths = Math.floor(magnitude * 1e6 + 0.5);
    if (millionths / 1e6 === magnitude) {
      let end = at;
      if (value < 0) bytes[end++] = MINUS;
      const whole = Math.floor(magnitude);
      return writeMicroFraction(bytes, writeSmall(bytes, end, whole | 0), (millionths - whole * 1e6) | 0);
    }
  }
  number[0] = magnitude;
  // The mantissa of a power of two is 0.
  if ((words[1] & 0xfffff) === 0 && words[0] === 0) return -1;
  const pointAt = digitsBeforePoint(magnitude);
  if (value >= 0) return writeDigits(bytes, at, magnitude, pointAt);
  bytes[at] = MINUS;
  return writeDigits(bytes, at + 1, magnitude, pointAt);
}

/** A real; `value` is exactly a float32. */
export function writeSingle(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= 1e-4 && magnitude < 1e6)) return value === 0 && 1 / value > 0 ? writeInteger(bytes, at, 0) : -1;
  if (Math.floor(magnitude) === magnitude) return writeInteger(bytes, at, value);
  single[0] = value;
  if ((singleWord[0] & 0x7fffff) === 0) return -1;
  const pointAt = digitsBeforePoint(magnitude);
  for (let digits = 6; digits <= 9; digits++) {
    const power = POWERS_OF_TEN[digits - pointAt];
    const scaled = magnitude * power;
    // The product is rounded itself: near a tie it does not tell which of two decimals is nearer.
    if (digits > 6 && Math.abs(scaled - Math.floor(scaled) - 0.5) < 1e-5) return -1;
    const rounded = Math.round(scaled);
    if (Math.fround(rounded / power) !== magnitude) continue;
    let end = at;
    if (value < 0) bytes[end++] = MINUS;
    // 0.01 as a float32 lies below 0.01, and is rounded up to one digit more.
    const isNextPower = rounded === POWERS_OF_TEN[digits];
    const integer = isNextPower ? rounded / 10 : rounded;
    return placePoint(bytes, end, writeSmall(bytes, end + 1, integer | 0), isNextPower ? pointAt + 1 : pointAt);
  }
  return -1;
}

/** How many digits stand before the point; 0 or less: that many zeros follow it. Of 1e-4 to below 1e15. */
function digitsBeforePoint(magnitude: number): number {
  let count: number;
  if (magnitude >= 1) {
    count = magnitude < 1e5 ? 1 : magnitude < 1e10 ? 6 : 11;
    while (magnitude >= POWERS_OF_TEN[count]) count++;
  } else {
    count = 0;
    while (magnitude < FRACTIONS_OF_TEN[1 - count]) count--;
  }
  return count;
}

function writeHundredths(bytes: Uint8Array, at: number, hundredths: number): number {
  const whole = (hundredths / 100) | 0;
  const rest = hundredths - whole * 100;
  let end = writeSmall(bytes, at, whole);
  bytes[end] = POINT;
  const tens = (rest / 10) | 0;
  bytes[end + 1] = ZERO + tens;
  const ones = rest - tens * 10;
  end += 2;
  if (ones === 0) return end;
  bytes[end] = ZERO + ones;
  return end + 1;
}

/**
 * The fewest of 15, 16 and 17 digits that read back as `magnitude`, and of those with that many the nearest. The product
 * with a power of ten is taken exactly, as the sum of two doubles (Dekker); the power itself is exact up to 10^22.
 */
function writeDigits(bytes: Uint8Array, at: number, magnitude: number, pointAt: number): number {
  const high = highHalf(magnitude);
  const low = magnitude - high;
  for (let digits = 15; digits <= 17; digits++) {
    const power = digits - pointAt;
    const scale = POWERS_OF_TEN[power];
    const scaleHigh = POWER_HIGHS[power];
    const scaleLow = POWER_LOWS[power];
    const product = magnitude * scale;
    const error = high * scaleHigh - product + high * scaleLow + low * scaleHigh + low * scaleLow;
    // Nearest integer of product + error: beyond 2^53 the product is one already, and the error up to 8.
    const whole = Math.floor(product);
    const rest = product - whole + error;
    const step = Math.floor(rest + 0.5);
    const distance = Math.abs(rest - step);
    if (digits === 15) {
      const integer = whole + step;
      if (integer / scale !== magnitude) continue;
      const upper = Math.floor(integer / 1e8);
      const digitsEnd = writeEight(bytes, writeSmall(bytes, at + 1, upper | 0), (integer - upper * 1e8) | 0);
      return placePoint(bytes, at, digitsEnd, pointAt);
    }
    if (distance === 0.5) return -1;
    // Half the distance to the neighbouring doubles, in units of the last digit: exact, a power of two times 10^power.
    const reach = HALF_SPACINGS[(words[1] >>> 20) - FIRST_EXPONENT] * scale;
    if (digits === 16) {
      if (distance === reach) return -1;
      if (distance > reach) continue;
    }
    // Beyond 2^53 an odd integer is no double: the last eight digits take up the step.
    let upper = Math.floor(whole / 1e8);
    let lower = whole - upper * 1e8 + step;
    if (lower < 0) {
      lower += 1e8;
      upper--;
    } else if (lower >= 1e8) {
      lower -= 1e8;
      upper++;
    }
    if (upper >= POWERS_OF_TEN[digits - 8]) return -1;
    return placePoint(bytes, at, writeEight(bytes, writeSmall(bytes, at + 1, upper | 0), lower | 0), pointAt);
  }
  return -1;
}

/** Digits stand from `at + 1` to `end`, with one place free before them: puts the point in, drops zeros at the end. */
function placePoint(bytes: Uint8Array, at: number, digitsEnd: number, pointAt: number): number {
  let end = digitsEnd;
  if (pointAt > 0) {
    while (bytes[end - 1] === ZERO && end > at + 1 + pointAt) end--;
    for (let index = 0; index < pointAt; index++) bytes[at + index] = bytes[at + index + 1];
    bytes[at + pointAt] = POINT;
    return end === at + 1 + pointAt ? end - 1 : end;
  }
  while (bytes[end - 1] === ZERO) end--;
  // `0.` and zeros before the digits: these move up by one place and as many as there are zeros.
  const shift = 1 - pointAt;
  for (let index = end - 1; index > at; index--) bytes[index + shift] = bytes[index];
  bytes[at] = ZERO;
  bytes[at + 1] = POINT;
  for (let index = 0; index < -pointAt; index++) bytes[at + 2 + index] = ZERO;
  return end + shift;
}
