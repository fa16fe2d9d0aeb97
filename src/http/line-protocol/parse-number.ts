/** 10^0 … 10^22 are exact doubles. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;

/** The number is not one that this module reads. */
export const NOT_A_NUMBER = Number.NaN;

/**
 * A decimal number in bytes `from` to `to`, correctly rounded; NaN when it is none. Up to 15 significant digits and a
 * small exponent are exact as one multiplication or division of doubles (Clinger's fast path); the rest goes to the
 * engine's own parser.
 */
export function parseFloatBytes(body: Buffer, from: number, to: number): number {
  let at = from;
  const isNegative = body[at] === MINUS;
  if (isNegative || body[at] === PLUS) at += 1;
  let mantissa = 0;
  let digitCount = 0;
  let fractionDigits = 0;
  let sawPoint = false;
  let sawDigit = false;
  for (; at < to; at++) {
    const byte = body[at];
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      sawDigit = true;
      if (mantissa !== 0 || digit !== 0) digitCount += 1;
      mantissa = mantissa * 10 + digit;
      if (sawPoint) fractionDigits += 1;
    } else if (byte === POINT && !sawPoint) sawPoint = true;
    else break;
  }
  if (!sawDigit) return NOT_A_NUMBER;
  if (at === to && digitCount <= 15 && fractionDigits <= 22) {
    const value = fractionDigits === 0 ? mantissa : mantissa / POWERS_OF_TEN[fractionDigits];
    return isNegative ? -value : value;
  }
  const text = body.toString('latin1', from, to);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NOT_A_NUMBER;
}

/** A signed integer in bytes `from` to `to`: a number up to 15 digits, a bigint beyond; undefined when it is none. */
export function parseIntegerBytes(body: Buffer, from: number, to: number): number | bigint | undefined {
  let at = from;
  const isNegative = body[at] === MINUS;
  if (isNegative || body[at] === PLUS) at += 1;
  const digits = to - at;
  if (digits <= 0) return undefined;
  let value = 0;
  for (; at < to; at++) {
    const digit = body[at] - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (digits <= 15) return isNegative ? 0 - value : value;
  if (digits > 40) return undefined;
  const text = body.toString('latin1', from, to);
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}
