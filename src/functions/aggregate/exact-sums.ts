import { type Column, valueAt } from '../../columnar/column.ts';
import { areScattered, grownFloat64, numberColumn, numbersOf } from './group-arrays.ts';

const LIMB = 2 ** 53;
const LIMB_BIGINT = 2n ** 53n;
/** 2^53 in units of a wide column's high word. */
const HIGH_WORDS_PER_LIMB = 2 ** 21;
/** Squares of smaller integers are exact as doubles. */
const EXACT_SQUARE_LIMIT = 2 ** 26;

/**
 * Exact sums of 64-bit integers (or their squares) per group, in three doubles: `(top * 2^53 + high) * 2^53 + low`, of
 * which each is at most 2^53. The usual sum stays in `low` alone, so the loops do without BigInt.
 */
export class ExactSums {
  #low: Float64Array = new Float64Array(0);
  #high: Float64Array = new Float64Array(0);
  #top: Float64Array = new Float64Array(0);

  get sizeBytes(): number {
    return this.#low.byteLength * 3;
  }

  reserve(groupCount: number): void {
    this.#low = grownFloat64(this.#low, groupCount);
    this.#high = grownFloat64(this.#high, groupCount);
    this.#top = grownFloat64(this.#top, groupCount);
  }

  /** Adds the live rows of an integer column; `counts` gets how many there were. */
  addColumn(
    column: Column,
    live: Uint8Array | undefined,
    groups: Uint32Array,
    rowCount: number,
    counts: Float64Array,
  ): void {
    if (column.kind !== 'number') {
      for (let row = 0; row < rowCount; row++) {
        if (live !== undefined && live[row] === 0) continue;
        this.#addAt(column, row, groups[row]);
        counts[groups[row]]++;
      }
      return;
    }
    const { values } = column;
    if (areScattered(groups, rowCount)) {
      this.#scatter(values, live, groups, rowCount, counts);
      return;
    }
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      const start = row;
      let low = this.#low[group];
      let skipped = 0;
      for (; row < rowCount && groups[row] === group; row++) {
        if (live !== undefined && live[row] === 0) {
          skipped++;
          continue;
        }
        const sum = low + values[row];
        if (sum < LIMB && sum > -LIMB) low = sum;
        else {
          // One limb leaves for the high part first: then the sum is exact again.
          this.#addHigh(group, sum > 0 ? 1 : -1);
          low = low - (sum > 0 ? LIMB : -LIMB) + values[row];
        }
      }
      this.#low[group] = low;
      counts[group] += row - start - skipped;
    }
  }

  /** Rows of which hardly two neighbours are of one group. */
  #scatter(
    values: Float64Array,
    live: Uint8Array | undefined,
    groups: Uint32Array,
    rowCount: number,
    counts: Float64Array,
  ): void {
    const low = this.#low;
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const group = groups[row];
      const sum = low[group] + values[row];
      if (sum < LIMB && sum > -LIMB) low[group] = sum;
      else this.#add(group, values[row]);
      counts[group]++;
    }
  }

  /** Adds the squares of the live rows. */
  addSquares(column: Column, live: Uint8Array | undefined, groups: Uint32Array, rowCount: number): void {
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = valueAt(column, row) as number | bigint;
      if (typeof value === 'number' && value < EXACT_SQUARE_LIMIT && value > -EXACT_SQUARE_LIMIT) {
        this.#add(groups[row], value * value);
      } else this.#addBig(groups[row], BigInt(value) ** 2n);
    }
  }

  /** The sum of a group as a double; undefined when it takes more than that. */
  smallTotal(group: number): number | undefined {
    return this.#high[group] === 0 && this.#top[group] === 0 ? this.#low[group] : undefined;
  }

  /** The exact sum of a group. */
  total(group: number): bigint {
    const upper = BigInt(this.#top[group]) * LIMB_BIGINT + BigInt(this.#high[group]);
    return upper * LIMB_BIGINT + BigInt(this.#low[group]);
  }

  partialStates(groupCount: number): readonly Column[] {
    return [this.#low, this.#high, this.#top].map((limbs) => numberColumn(limbs, groupCount));
  }

  /** Adds the three columns that `partialStates` gave. */
  merge([low, high, top]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    const [lows, highs, tops] = [numbersOf(low), numbersOf(high), numbersOf(top)];
    for (let state = 0; state < stateCount; state++) {
      this.#top[groups[state]] += tops[state];
      this.#addHigh(groups[state], highs[state]);
      this.#add(groups[state], lows[state]);
    }
  }

  /** Adds a sum of integers that is exact. */
  add(group: number, sum: number | bigint): void {
    if (typeof sum === 'bigint') this.#addBig(group, sum);
    else this.#add(group, sum);
  }

  #add(group: number, value: number): void {
    const low = this.#low[group];
    const sum = low + value;
    if (sum < LIMB && sum > -LIMB) this.#low[group] = sum;
    else {
      this.#addHigh(group, sum > 0 ? 1 : -1);
      this.#low[group] = low - (sum > 0 ? LIMB : -LIMB) + value;
    }
  }

  /** The same one limb up. */
  #addHigh(group: number, value: number): void {
    const high = this.#high[group];
    const sum = high + value;
    if (sum < LIMB && sum > -LIMB) this.#high[group] = sum;
    else {
      this.#top[group] += sum > 0 ? 1 : -1;
      this.#high[group] = high - (sum > 0 ? LIMB : -LIMB) + value;
    }
  }

  #addBig(group: number, value: bigint): void {
    const upper = value / LIMB_BIGINT;
    this.#top[group] += Number(upper / LIMB_BIGINT);
    this.#addHigh(group, Number(upper % LIMB_BIGINT));
    this.#add(group, Number(value % LIMB_BIGINT));
  }

  #addAt(column: Column, row: number, group: number): void {
    if (column.kind === 'wide') {
      const high = column.high[row];
      const limbs = Math.floor(high / HIGH_WORDS_PER_LIMB);
      this.#addHigh(group, limbs);
      this.#add(group, (high - limbs * HIGH_WORDS_PER_LIMB) * 4294967296 + column.low[row]);
    } else this.#addBig(group, BigInt(valueAt(column, row) as number | bigint));
  }
}
