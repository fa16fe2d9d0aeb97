/** Integers as ASCII digits, straight into a buffer. The caller has reserved the room; each function gives the new end. */

/** Room that any number written here fits in. */
export const NUMBER_BYTES = 32;

const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** The digits of 00 to 99: two at a time take half the divisions. */
const TENS = Uint8Array.from({ length: 100 }, (_, value) => ZERO + Math.floor(value / 10));
const ONES = Uint8Array.from({ length: 100 }, (_, value) => ZERO + (value % 10));

/** An integer of at most 2^53 in magnitude. */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    bytes[at] = MINUS;
    return writeNatural(bytes, at + 1, -value);
  }
  return writeNatural(bytes, at, value);
}

function writeNatural(bytes: Uint8Array, at: number, value: number): number {
  if (value < 1e8) return writeSmall(bytes, at, value | 0);
  const high = Math.floor(value / 1e8);
  const middle = high < 1e8 ? writeSmall(bytes, at, high | 0) : writeNatural(bytes, at, high);
  return writeEight(bytes, middle, (value - high * 1e8) | 0);
}

/** An int32 from 0 to below 10^9, without leading zeros. */
export function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    bytes[at] = ZERO + value;
    return at + 1;
  }
  if (value < 100) {
    bytes[at] = TENS[value];
    bytes[at + 1] = ONES[value];
    return at + 2;
  }
  const end = at + digitCount(value);
  let position = end;
  let rest = value;
  while (rest >= 100) {
    const hundredth = (rest / 100) | 0;
    const pair = rest - hundredth * 100;
    rest = hundredth;
    position -= 2;
    bytes[position] = TENS[pair];
    bytes[position + 1] = ONES[pair];
  }
  if (rest >= 10) {
    bytes[at] = TENS[rest];
    bytes[at + 1] = ONES[rest];
  } else bytes[at] = ZERO + rest;
  return end;
}

/** Of 100 to below 10^9. */
function digitCount(value: number): number {
  if (value < 1e5) return value < 1e4 ? (value < 1e3 ? 3 : 4) : 5;
  if (value < 1e7) return value < 1e6 ? 6 : 7;
  return value < 1e8 ? 8 : 9;
}

/** 0 to 99 as two digits. */
export function writeTwo(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = TENS[value];
  bytes[at + 1] = ONES[value];
  return at + 2;
}

/** 0 to 9999 as four digits. */
export function writeFour(bytes: Uint8Array, at: number, value: number): number {
  const high = (value / 100) | 0;
  writeTwo(bytes, at, high);
  return writeTwo(bytes, at + 2, value - high * 100);
}

/** An int32 below 10^8 as eight digits. */
export function writeEight(bytes: Uint8Array, at: number, value: number): number {
  const high = (value / 10_000) | 0;
  writeFour(bytes, at, high);
  return writeFour(bytes, at + 4, value - high * 10_000);
}

/** `.5`, `.000123`: an int32 of microseconds as a fraction without trailing zeros; nothing at all for 0. */
export function writeMicroFraction(bytes: Uint8Array, at: number, micros: number): number {
  if (micros === 0) return at;
  bytes[at] = POINT;
  const high = (micros / 10_000) | 0;
  writeTwo(bytes, at + 1, high);
  let end = writeFour(bytes, at + 3, micros - high * 10_000);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}
