import type { ScanControl } from '../../catalog/table.ts';
import { selectInPlace } from '../../columnar/select-in-place.ts';

/** As many values are parted directly; of more a histogram tells first which are of interest. */
export const MAX_DIRECT = 1 << 16;
const DIGIT_BITS = 16;
/** How many first digits there are. */
export const DIGITS = 1 << DIGIT_BITS;
const LEVELS = 64 / DIGIT_BITS;
const UNWANTED = -1;

/**
 * The values that would stand at `ranks` (ascending, from 0) if all values of the parts were sorted; none is NaN, and
 * whether a zero is -0 is not told. The parts stay as they are. Histograms over the bits of the doubles, 16 at a time, and
 * only the values of those places which a rank falls into are looked at again. Needs up to 8 bytes for each value. `known`:
 * how many of the values have each first digit, where that was counted before.
 */
export async function selectRanks(
  parts: readonly Float64Array[],
  ranks: readonly number[],
  control: ScanControl,
  known?: Int32Array,
): Promise<number[]> {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  if (count > MAX_DIRECT) return new RankSelection(control).select(parts, ranks, 0, known);
  const values = new Float64Array(count);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  selectInPlace(values, 0, count, ranks);
  return ranks.map((rank) => values[rank]);
}

class RankSelection {
  readonly #control: ScanControl;
  /** By digit: how many values have it, then where the next value with it is put. */
  readonly #digits = new Int32Array(DIGITS);

  constructor(control: ScanControl) {
    this.#control = control;
  }

  /** `level`: how many digits all values agree in. */
  async select(
    parts: readonly Float64Array[],
    ranks: readonly number[],
    level: number,
    known?: Int32Array,
  ): Promise<number[]> {
    // All bits agree.
    if (level === LEVELS) return ranks.map(() => parts[0][0]);
    const digits = this.#digits;
    if (known !== undefined) digits.set(known);
    else {
      digits.fill(0);
      for (const part of parts) {
        countDigits(part, level, digits);
        const turn = this.#control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    const count = parts.reduce((sum, part) => sum + part.length, 0);
    const spans = spansOf(digits, ranks);
    if (spans.length === 1 && spans[0].count === count) return this.select(parts, ranks, level + 1);
    // Values are written before it is known whether they are of interest: there is room for one more.
    const wanted = new Float64Array(spans.reduce((sum, span) => sum + span.count, 0) + 1);
    const range = level === 0 && spans.length === 1 ? rangeOf(spans[0].digit) : undefined;
    let start = 0;
    if (range === undefined) {
      digits.fill(UNWANTED);
      for (const span of spans) {
        digits[span.digit] = start;
        start += span.count;
      }
    }
    let taken = 0;
    for (const part of parts) {
      if (range === undefined) takeDigits(part, level, digits, wanted);
      else taken = takeRange(part, range, wanted, taken);
      const turn = this.#control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    const results: number[] = [];
    start = 0;
    for (const span of spans) {
      const values = wanted.subarray(start, start + span.count);
      start += span.count;
      const within = span.ranks.map((rank) => rank - span.first);
      if (span.count > MAX_DIRECT) results.push(...(await this.select(slices(values), within, level + 1)));
      else {
        selectInPlace(values, 0, values.length, within);
        for (const rank of within) results.push(values[rank]);
      }
    }
    return results;
  }
}

/** The values with one digit, of which some rank is one. */
interface Span {
  readonly digit: number;
  /** The rank of the least of them. */
  readonly first: number;
  readonly count: number;
  readonly ranks: number[];
}

function spansOf(digits: Int32Array, ranks: readonly number[]): readonly Span[] {
  const spans: Span[] = [];
  let digit = 0;
  let first = 0;
  for (const rank of ranks) {
    while (rank >= first + digits[digit]) first += digits[digit++];
    const last = spans[spans.length - 1];
    if (last?.digit === digit) last.ranks.push(rank);
    else spans.push({ digit, first, count: digits[digit], ranks: [rank] });
  }
  return spans;
}

const SLICE_VALUES = 1 << 16;

/** Pieces after each of which others may have their turns. */
function slices(values: Float64Array): Float64Array[] {
  const parts: Float64Array[] = [];
  for (let from = 0; from < values.length; from += SLICE_VALUES) parts.push(values.subarray(from, from + SLICE_VALUES));
  return parts;
}

const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

// Doubles sort as their bits do once the sign bit is flipped, and of negative ones all the others as well.

function countDigits(values: Float64Array, level: number, digits: Int32Array): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const shift = level % 2 === 0 ? DIGIT_BITS : 0;
  if (level < 2) {
    for (let at = HIGH; at < words.length; at += 2) {
      const word = words[at];
      digits[((word ^ ((word >> 31) | 0x80000000)) >>> shift) & (DIGITS - 1)]++;
    }
    return;
  }
  for (let at = 0; at < words.length; at += 2) {
    digits[((words[at + LOW] ^ (words[at + HIGH] >> 31)) >>> shift) & (DIGITS - 1)]++;
  }
}

/**
 * Counts the first digits of the doubles from `from` to `to` (exclusive) whose words these are; returns how many of them are
 * infinite or NaN.
 */
export function countFirstDigits(words: Int32Array, from: number, to: number, digits: Int32Array): number {
  let others = 0;
  for (let at = 2 * from + HIGH; at < 2 * to; at += 2) {
    const word = words[at];
    digits[(word ^ ((word >> 31) | 0x80000000)) >>> DIGIT_BITS]++;
    if ((word & EXPONENT) === EXPONENT) others++;
  }
  return others;
}

/** Takes back what was counted. */
export function uncountFirstDigits(words: Int32Array, from: number, to: number, digits: Int32Array): void {
  for (let at = 2 * from + HIGH; at < 2 * to; at += 2) {
    const word = words[at];
    digits[(word ^ ((word >> 31) | 0x80000000)) >>> DIGIT_BITS]--;
  }
}

const EXPONENT = 0x7ff00000;
const edge = new Float64Array(1);
const edgeWords = new Int32Array(edge.buffer);

/** The doubles with a first digit: from `least` to `end` (exclusive). undefined where zero or infinity may be among them. */
function rangeOf(digit: number): { readonly least: number; readonly end: number } | undefined {
  const high = (digit ^ 0x8000) << DIGIT_BITS;
  const next = high + (1 << DIGIT_BITS);
  if (high <= 0 || next >= EXPONENT) return undefined;
  return { least: doubleOf(high), end: doubleOf(next) };
}

function doubleOf(high: number): number {
  edgeWords[LOW] = 0;
  edgeWords[HIGH] = high;
  return edge[0];
}

/** Appends the values within the range to the `taken` ones in `wanted`; returns how many these are then. */
function takeRange(
  values: Float64Array,
  { least, end }: { readonly least: number; readonly end: number },
  wanted: Float64Array,
  taken: number,
): number {
  let count = taken;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    wanted[count] = value;
    count += Number(value >= least) & Number(value < end);
  }
  return count;
}

/** Puts each value whose digit is wanted where `next` has it. */
function takeDigits(values: Float64Array, level: number, next: Int32Array, wanted: Float64Array): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const shift = level % 2 === 0 ? DIGIT_BITS : 0;
  for (let row = 0; row < values.length; row++) {
    const high = words[2 * row + HIGH];
    const word = level < 2 ? high ^ ((high >> 31) | 0x80000000) : words[2 * row + LOW] ^ (high >> 31);
    const digit = (word >>> shift) & (DIGITS - 1);
    const at = next[digit];
    if (at === UNWANTED) continue;
    wanted[at] = values[row];
    next[digit] = at + 1;
  }
}
