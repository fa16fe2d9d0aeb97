import type { Column } from '../columnar/column.ts';
import { wideAt } from '../columnar/column.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Int64 } from '../types/value.ts';

/**
 * Points in time as two numbers whose lexicographic order is the order of time, so that sorting and searching never meet
 * a BigInt:
 *
 *   |µs| ≤ 2^53:  time = µs                          fraction = ns remainder (0 … 999)
 *   beyond:       time = µs rounded down to 2048 µs  fraction = (µs - time) · 1000 + ns remainder
 *
 * Multiples of 2048 are exact doubles up to 2^63. Nearly all rows have fraction 0, and then the array is left away.
 */
export interface TimeKeys {
  /** µs since 2000-01-01 UTC. */
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
}

export interface TimeKey {
  readonly time: number;
  readonly fraction: number;
}

const EXACT_MICROS = 2 ** 53;
/** The low bits of an instant that a step of 2048 µs leaves to the fraction. */
const STEP_BITS = 11;
const FRACTIONS_PER_MICRO = 1000;
const UNIX_EPOCH_MICROS = 946_684_800_000_000;

/** The first key of the microsecond `instant`; ±Infinity for the infinities. */
export function timeKeyOf(instant: Int64): TimeKey {
  if (typeof instant === 'number') return { time: instant, fraction: 0 };
  const offset = Number(BigInt.asUintN(STEP_BITS, instant));
  return { time: Number(instant - BigInt(offset)), fraction: offset * FRACTIONS_PER_MICRO };
}

/** The microsecond that a key lies in. */
export function instantOf(time: number, fraction: number): Int64 {
  if (fraction < FRACTIONS_PER_MICRO && Math.abs(time) <= EXACT_MICROS) return time;
  const micros = Math.floor(fraction / FRACTIONS_PER_MICRO);
  return micros === 0 && Math.abs(time) <= EXACT_MICROS ? time : canonical(BigInt(time) + BigInt(micros));
}

function canonical(value: bigint): Int64 {
  return value >= -9007199254740992n && value <= 9007199254740992n ? Number(value) : value;
}

/** Nanoseconds past the microsecond. */
export function nanosecondsOf(fraction: number): number {
  return fraction % FRACTIONS_PER_MICRO;
}

/** Below, at or above 0 as the left key is before, at or after the right one. */
export function compareTimeKeys(
  leftTime: number,
  leftFraction: number,
  rightTime: number,
  rightFraction: number,
): number {
  if (leftTime !== rightTime) return leftTime < rightTime ? -1 : 1;
  return leftFraction - rightFraction;
}

/** The keys of a time column (number or wide) without NULLs. A narrow column's buffer is shared, not copied. */
export function timeKeysOf(column: Column, remainders?: Uint16Array): TimeKeys {
  if (column.kind === 'number') {
    return { times: column.values, fractions: remainders === undefined ? undefined : Uint32Array.from(remainders) };
  }
  if (column.kind !== 'wide') throw new TypeError(`a time column cannot be of kind ${column.kind}`);
  const rowCount = column.high.length;
  const times = new Float64Array(rowCount);
  const fractions = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const key = timeKeyOf(wideAt(column, row));
    times[row] = key.time;
    fractions[row] = key.fraction + (remainders === undefined ? 0 : remainders[row]);
  }
  return { times, fractions };
}

/** Rows `from` to `to` as a timestamptz column: narrow (a view of `times`) unless some instant passes ±2^53 µs. */
export function timeColumnOf(
  times: Float64Array,
  fractions: Uint32Array | undefined,
  from: number,
  to: number,
): Column {
  if (!hasWideInstant(times, fractions, from, to)) {
    return { kind: 'number', values: times.subarray(from, to), validity: undefined };
  }
  const high = new Int32Array(to - from);
  const low = new Uint32Array(to - from);
  for (let row = from; row < to; row++) {
    // floor(time / 2^32) and the low word are exact: a key's time is a whole number of at most 53 significant bits.
    const time = times[row];
    const word = Math.floor(time / 4294967296);
    const sum =
      time - word * 4294967296 + (fractions === undefined ? 0 : Math.floor(fractions[row] / FRACTIONS_PER_MICRO));
    const carry = sum >= 4294967296 ? 1 : 0;
    high[row - from] = word + carry;
    low[row - from] = sum - carry * 4294967296;
  }
  return { kind: 'wide', high, low, validity: undefined };
}

function hasWideInstant(times: Float64Array, fractions: Uint32Array | undefined, from: number, to: number): boolean {
  for (let row = from; row < to; row++) if (Math.abs(times[row]) > EXACT_MICROS) return true;
  if (fractions !== undefined) {
    for (let row = from; row < to; row++) if (fractions[row] >= FRACTIONS_PER_MICRO) return true;
  }
  return false;
}

/** Nanosecond remainders of rows `from` to `to`, or undefined when all are 0. */
export function remaindersOf(fractions: Uint32Array | undefined, from: number, to: number): Uint16Array | undefined {
  if (fractions === undefined) return undefined;
  let remainders: Uint16Array | undefined;
  for (let row = from; row < to; row++) {
    const nanoseconds = nanosecondsOf(fractions[row]);
    if (nanoseconds === 0) continue;
    remainders ??= new Uint16Array(to - from);
    remainders[row - from] = nanoseconds;
  }
  return remainders;
}

/** `time_ns`: whole nanoseconds since 1970. Throws 22003 where they pass 2^63 (before 1677 and after 2262). */
export function nanosecondColumnOf(times: Float64Array, fractions: Uint32Array | undefined, rowCount: number): Column {
  const high = new Int32Array(rowCount);
  const low = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const fraction = fractions === undefined ? 0 : fractions[row];
    const micros = times[row] + UNIX_EPOCH_MICROS;
    if (Math.abs(micros) >= EXACT_MICROS || fraction >= FRACTIONS_PER_MICRO) {
      writeNanosecondsExactly(high, low, row, times[row], fraction);
      continue;
    }
    // micros = a · 2^20 + b; nanoseconds = (a · 1000) · 2^20 + (b · 1000 + fraction), all parts exact.
    const a = Math.floor(micros / 1048576);
    const thousands = a * 1000;
    const upper = Math.floor(thousands / 4096);
    const sum = (thousands - upper * 4096) * 1048576 + (micros - a * 1048576) * 1000 + fraction;
    const carry = Math.floor(sum / 4294967296);
    high[row] = upper + carry;
    low[row] = sum - carry * 4294967296;
  }
  return { kind: 'wide', high, low, validity: undefined };
}

function writeNanosecondsExactly(
  high: Int32Array,
  low: Uint32Array,
  row: number,
  time: number,
  fraction: number,
): void {
  const nanoseconds = (BigInt(time) + BigInt(UNIX_EPOCH_MICROS)) * 1000n + BigInt(fraction);
  if (BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
    throw new SqlError(SqlState.NumericValueOutOfRange, 'bigint out of range');
  }
  high[row] = Number(BigInt.asIntN(32, nanoseconds >> 32n));
  low[row] = Number(BigInt.asUintN(32, nanoseconds));
}
