import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** One sign's buckets: how many values lie in (γ^(index - 1), γ^index], by index. */
type BucketCounts = Map<number, number>;

const FORMAT = 1;

/**
 * A distribution in a bounded number of buckets that grow with the size of the values, so that every percentile is known
 * to a relative error: UDDSketch (Epicoco, Melle, Cafaro, Pulimeno and Aloisio, 2020), which keeps the bound of DDSketch
 * (Masson, Rim and Lee, 2019) for all percentiles when it runs out of buckets, by merging them in pairs.
 *
 *   γ = (1 + α) / (1 - α)      2γ^i / (γ + 1) is at most α away from all of (γ^(i-1), γ^i]
 *   merged in pairs:           i → ⌈i / 2⌉, γ → γ², α → 2α / (1 + α²)
 *
 * Sketches of the same error can be merged, whatever was put into them in whatever order: the result is that of one
 * sketch of all the values, as long as none of them had to merge buckets which another one did not.
 */
export class UddSketch {
  /** How many buckets there may be, zero and infinity apart. */
  readonly maxBuckets: number;
  readonly #firstAlpha: number;
  #collapses = 0;
  #alpha: number;
  #logGamma: number;
  #positive: BucketCounts = new Map();
  #negative: BucketCounts = new Map();
  #zeros = 0;
  #infinities = 0;
  #negativeInfinities = 0;
  #nans = 0;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** `alpha`, between 0 and 1, is the relative error as long as `maxBuckets` suffice. */
  constructor(maxBuckets: number, alpha: number) {
    this.maxBuckets = maxBuckets;
    this.#firstAlpha = alpha;
    this.#alpha = alpha;
    this.#logGamma = logGammaOf(alpha);
  }

  /** The relative error of what `percentile` gives now. */
  get error(): number {
    return this.#alpha;
  }

  /** What it was before the first buckets were merged. */
  get firstError(): number {
    return this.#firstAlpha;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  get sizeBytes(): number {
    return 200 + (this.#positive.size + this.#negative.size) * 40;
  }

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (value > 0) {
      if (value === Number.POSITIVE_INFINITY) this.#infinities++;
      else this.#addOne(this.#positive, Math.ceil(Math.log(value) / this.#logGamma));
    } else if (value < 0) {
      if (value === Number.NEGATIVE_INFINITY) this.#negativeInfinities++;
      else this.#addOne(this.#negative, Math.ceil(Math.log(-value) / this.#logGamma));
    } else if (value === 0) this.#zeros++;
    else this.#nans++;
  }

  /** Adds what `other` has, which stays as it is. Throws 22023 for a sketch that began with another error. */
  merge(other: UddSketch): void {
    if (other.#firstAlpha !== this.#firstAlpha) {
      throw new SqlError(SqlState.InvalidParameterValue, 'sketches of different errors cannot be merged');
    }
    while (this.#collapses < other.#collapses) this.#collapse();
    const steps = this.#collapses - other.#collapses;
    for (const [index, count] of other.#positive) this.#addTo(this.#positive, collapsed(index, steps), count);
    for (const [index, count] of other.#negative) this.#addTo(this.#negative, collapsed(index, steps), count);
    this.#zeros += other.#zeros;
    this.#infinities += other.#infinities;
    this.#negativeInfinities += other.#negativeInfinities;
    this.#nans += other.#nans;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#collapseIfFull();
  }

  /**
   * The value of which a share of `fraction` (0 to 1) of all others are less: of the values sorted, numbered from 0, that
   * of number ⌊fraction · (count - 1)⌋, at most `error` of itself away. Undefined while there are no values.
   */
  percentile(fraction: number): number | undefined {
    if (this.#count === 0) return undefined;
    let rest = Math.floor(fraction * (this.#count - 1));
    for (const { representative, count } of this.#bucketsInOrder()) {
      if (rest < count) {
        // All values are between the extremes, NaN apart.
        return Number.isFinite(representative)
          ? Math.min(Math.max(representative, this.#min), this.#max)
          : representative;
      }
      rest -= count;
    }
    return Number.NaN;
  }

  /** The share of values that are less than `value`, or in its bucket below it as far as can be told: 0 to 1. */
  rank(value: number): number | undefined {
    if (this.#count === 0) return undefined;
    let below = 0;
    for (const { representative, count } of this.#bucketsInOrder()) {
      if (!(representative <= value * (1 + Math.sign(value) * this.#alpha))) break;
      below += count;
    }
    return below / this.#count;
  }

  /**
   *   | format | collapses | max buckets | α | zeros | ∞ | -∞ | NaN | sum | min | max |
   *   | positive buckets | (index, count)… | negative buckets | (index, count)… |
   *
   * one byte the first two, four the third and every number of buckets and index, all others doubles.
   */
  toBytes(): Uint8Array {
    const writer = new ByteWriter();
    writer.uint8(FORMAT);
    writer.uint8(this.#collapses);
    writer.uint32(this.maxBuckets);
    for (const value of [
      this.#firstAlpha,
      this.#zeros,
      this.#infinities,
      this.#negativeInfinities,
      this.#nans,
      this.#sum,
      this.#min,
      this.#max,
    ]) {
      writer.float64(value);
    }
    for (const buckets of [this.#positive, this.#negative]) {
      writer.uint32(buckets.size);
      for (const [index, count] of sorted(buckets)) {
        writer.int32(index);
        writer.float64(count);
      }
    }
    return writer.copy();
  }

  /** Throws 22P03 for bytes that `toBytes` has not made. */
  static fromBytes(bytes: Uint8Array): UddSketch {
    try {
      return UddSketch.#read(bytes);
    } catch (error) {
      if (error instanceof SqlError) throw error;
      throw invalidSketch();
    }
  }

  static #read(bytes: Uint8Array): UddSketch {
    const reader = new ByteReader(bytes);
    const format = reader.uint8();
    const collapses = reader.uint8();
    const maxBuckets = reader.uint32();
    const alpha = reader.float64();
    if (format !== FORMAT || collapses > MAX_COLLAPSES || maxBuckets === 0 || !(alpha > 0 && alpha < 1)) {
      throw invalidSketch();
    }
    const sketch = new UddSketch(maxBuckets, alpha);
    for (let step = 0; step < collapses; step++) sketch.#collapse();
    sketch.#zeros = wholeCount(reader.float64());
    sketch.#infinities = wholeCount(reader.float64());
    sketch.#negativeInfinities = wholeCount(reader.float64());
    sketch.#nans = wholeCount(reader.float64());
    sketch.#sum = reader.float64();
    sketch.#min = reader.float64();
    sketch.#max = reader.float64();
    sketch.#count = sketch.#zeros + sketch.#infinities + sketch.#negativeInfinities + sketch.#nans;
    for (const buckets of [sketch.#positive, sketch.#negative]) {
      const bucketCount = reader.uint32();
      if (bucketCount > maxBuckets) throw invalidSketch();
      for (let at = 0; at < bucketCount; at++) {
        const index = reader.int32();
        const count = wholeCount(reader.float64());
        buckets.set(index, count);
        sketch.#count += count;
      }
    }
    if (reader.remaining !== 0) throw invalidSketch();
    return sketch;
  }

  #addOne(buckets: BucketCounts, index: number): void {
    const known = buckets.get(index);
    buckets.set(index, known === undefined ? 1 : known + 1);
    if (known === undefined) this.#collapseIfFull();
  }

  #addTo(buckets: BucketCounts, index: number, count: number): void {
    buckets.set(index, (buckets.get(index) ?? 0) + count);
  }

  #collapseIfFull(): void {
    while (this.#positive.size + this.#negative.size > this.maxBuckets && this.#collapses < MAX_COLLAPSES) {
      this.#collapse();
    }
  }

  #collapse(): void {
    this.#positive = collapsedBuckets(this.#positive);
    this.#negative = collapsedBuckets(this.#negative);
    this.#collapses++;
    this.#alpha = (2 * this.#alpha) / (1 + this.#alpha * this.#alpha);
    this.#logGamma *= 2;
  }

  *#bucketsInOrder(): Iterable<{ readonly representative: number; readonly count: number }> {
    if (this.#negativeInfinities > 0) {
      yield { representative: Number.NEGATIVE_INFINITY, count: this.#negativeInfinities };
    }
    for (const [index, count] of sorted(this.#negative).reverse()) {
      yield { representative: 0 - this.#representative(index), count };
    }
    if (this.#zeros > 0) yield { representative: 0, count: this.#zeros };
    for (const [index, count] of sorted(this.#positive)) yield { representative: this.#representative(index), count };
    if (this.#infinities > 0) yield { representative: Number.POSITIVE_INFINITY, count: this.#infinities };
  }

  /** As far from both ends of the bucket as of a piece of them: 2γ^i / (γ + 1). */
  #representative(index: number): number {
    return Math.min(Math.exp((index - 1) * this.#logGamma) * (1 + this.#alpha), Number.MAX_VALUE);
  }
}

/** α as close to 1 as doubles go: one bucket then holds all numbers of a sign. */
const MAX_COLLAPSES = 60;

function logGammaOf(alpha: number): number {
  return Math.log1p(alpha) - Math.log1p(-alpha);
}

function collapsed(index: number, steps: number): number {
  let at = index;
  for (let step = 0; step < steps; step++) at = Math.ceil(at / 2);
  return at;
}

function collapsedBuckets(buckets: BucketCounts): BucketCounts {
  const merged: BucketCounts = new Map();
  for (const [index, count] of buckets) {
    const at = Math.ceil(index / 2);
    merged.set(at, (merged.get(at) ?? 0) + count);
  }
  return merged;
}

function sorted(buckets: BucketCounts): [number, number][] {
  return [...buckets].sort(([left], [right]) => left - right);
}

/** Counts past 2^53 would be no counts any more. */
function wholeCount(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidSketch();
}

function invalidSketch(): SqlError {
  return new SqlError(SqlState.InvalidBinaryRepresentation, 'invalid uddsketch');
}
