/** Numbers as ASCII digits, straight into a buffer. The caller has reserved the room; each function gives the new end. */

/** Room that any number written here fits in. */
export const NUMBER_BYTES = 32;

const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** An integer of at most 2^53 in magnitude. */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    bytes[at] = MINUS;
    return writeNatural(bytes, at + 1, -value);
  }
  return writeNatural(bytes, at, value);
}

function writeNatural(bytes: Uint8Array, at: number, value: number): number {
  if (value < 1e9) return writeSmall(bytes, at, value);
  const high = Math.floor(value / 1e8);
  const middle = high < 1e9 ? writeSmall(bytes, at, high) : writeNatural(bytes, at, high);
  return writePadded(bytes, middle, value - high * 1e8, 8);
}

/** Below 10^9: small enough for 32-bit arithmetic. */
function writeSmall(bytes: Uint8Array, at: number, value: number): number {
  let rest = value | 0;
  let end = at + 1;
  for (let bound = 10; bound <= rest; bound *= 10) end++;
  let position = end;
  do {
    const tenth = (rest / 10) | 0;
    bytes[--position] = ZERO + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
  return end;
}

/** The last `count` digits, with leading zeros; `value` is below 10^9. */
export function writePadded(bytes: Uint8Array, at: number, value: number, count: number): number {
  let rest = value | 0;
  for (let position = at + count - 1; position >= at; position--) {
    const tenth = (rest / 10) | 0;
    bytes[position] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}

/** `.5`, `.000123`: microseconds as a fraction without trailing zeros; nothing at all for 0. */
export function writeMicroFraction(bytes: Uint8Array, at: number, micros: number): number {
  if (micros === 0) return at;
  bytes[at] = POINT;
  let end = writePadded(bytes, at + 1, micros, 6);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}

/**
 * A double in its shortest form that reads back the same, or -1 when it is none of the common shapes: whole numbers, a
 * few decimals. A decimal of up to 15 digits which reads back as `value` is the shortest one, since no two of that
 * length share a double.
 */
export function writeCommonDouble(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < 1e9)) {
    return magnitude < 1e15 && Number.isInteger(value) ? writeInteger(bytes, at, value) : -1;
  }
  if (Number.isInteger(value)) {
    return value === 0 && Object.is(value, -0) ? -1 : writeInteger(bytes, at, value);
  }
  if (magnitude < 1e-4) return -1;
  let scaled = Math.round(magnitude * 100);
  let decimals = 2;
  if (scaled / 100 !== magnitude) {
    scaled = Math.round(magnitude * 1e6);
    if (scaled / 1e6 !== magnitude) return -1;
    decimals = 6;
  }
  const scale = decimals === 2 ? 100 : 1e6;
  const whole = Math.floor(scaled / scale);
  let end = at;
  if (value < 0) bytes[end++] = MINUS;
  end = writeSmall(bytes, end, whole);
  bytes[end] = POINT;
  end = writePadded(bytes, end + 1, scaled - whole * scale, decimals);
  while (bytes[end - 1] === ZERO) end--;
  return end;
}
