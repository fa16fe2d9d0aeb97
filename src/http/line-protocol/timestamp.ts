/** Precisions of a write request: how many of the unit make a microsecond, or the other way round. */
export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h';

/** InfluxDB 1's names and InfluxDB 2's; undefined when `name` is neither. */
export function parsePrecision(name: string | null): Precision | undefined {
  switch (name) {
    case null:
    case '':
    case 'n':
    case 'ns':
      return 'ns';
    case 'u':
    case 'us':
    case 'µ':
      return 'us';
    case 'ms':
    case 's':
    case 'm':
    case 'h':
      return name;
    default:
      return undefined;
  }
}

const MICROS: Record<Precision, number> = { ns: 1, us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

/** µs from 1970-01-01 to 2000-01-01, where our time begins. */
const EPOCH_MICROS = 946_684_800_000_000;

/**
 * Times are µs since 2000 as doubles, exact to ±2^53: the years 1715 to 2285. InfluxDB's own range ends in 2262; what it
 * has before 1715 is refused.
 */
const MAX_UNIX_MICROS = 9_223_372_036_854_775n;
const MAX_MICROS = Number(MAX_UNIX_MICROS - BigInt(EPOCH_MICROS));
const MIN_MICROS = Number.MIN_SAFE_INTEGER;

/** Digits of a number of µs that are kept apart, so that neither part passes 2^53 before the epoch is subtracted. */
const TAIL_DIGITS = 6;
const TAIL_FACTOR = 1e6;

/**
 * Reads the digits `from` to `to` of a line as an instant. Sets `micros` (since 2000-01-01, floored) and `remainder`
 * (the 0 … 999 ns past it); returns false when they are no integer or lie outside the range.
 */
export class TimestampReader {
  micros = 0;
  remainder = 0;
  readonly #isNanos: boolean;
  readonly #factor: number;

  constructor(precision: Precision) {
    this.#isNanos = precision === 'ns';
    this.#factor = MICROS[precision];
  }

  read(body: Buffer, from: number, to: number): boolean {
    const isNegative = body[from] === 0x2d;
    const start = isNegative ? from + 1 : from;
    if (start >= to || to - start > 19) return false;
    // Three parts: whole µs (or larger units) but for their last six digits, those six, and the nanoseconds.
    const nanosStart = this.#isNanos ? Math.max(start, to - 3) : to;
    const tailStart = this.#factor === 1 ? Math.max(start, nanosStart - TAIL_DIGITS) : nanosStart;
    const lead = digits(body, start, tailStart);
    const tail = digits(body, tailStart, nanosStart);
    const nanos = digits(body, nanosStart, to);
    if (lead < 0 || tail < 0 || nanos < 0) return false;
    const scaled = lead * (this.#factor === 1 ? TAIL_FACTOR : this.#factor);
    let micros = isNegative ? -scaled - EPOCH_MICROS - tail : scaled - EPOCH_MICROS + tail;
    let remainder = nanos;
    if (isNegative && nanos > 0) {
      micros -= 1;
      remainder = 1000 - nanos;
    }
    if (micros > MAX_MICROS || micros < MIN_MICROS) return false;
    this.micros = micros;
    this.remainder = remainder;
    return true;
  }
}

/** The number that the digits `from` to `to` are (0 when there are none), or -1. */
function digits(body: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = body[at] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
