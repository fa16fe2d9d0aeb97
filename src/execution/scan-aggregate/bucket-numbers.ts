import type { BucketRule } from '../../functions/time-bucket/bucket-walker.ts';
import type { Int64 } from '../../types/value.ts';

/**
 * Numbers the buckets 0, 1, 2 … as they are met. Rows come series by series, each in the order of time: mostly the next
 * bucket is the one that was met next before.
 */
export class BucketNumbers {
  readonly #rule: BucketRule;
  readonly #numbers = new Map<Int64, number>();
  /** By number, the starts beyond ±2^53, where `#starts` has NaN. */
  readonly #wideStarts = new Map<number, bigint>();
  #starts = new Float64Array(64);
  #ends = new Float64Array(64);
  #count = 0;
  #current = 0;
  /** Of the bucket found last: the first time behind the rows of it that were asked for. */
  end = Number.NEGATIVE_INFINITY;

  constructor(rule: BucketRule) {
    this.#rule = rule;
  }

  get sizeBytes(): number {
    return this.#starts.byteLength * 2 + this.#count * 40;
  }

  /** Whether the buckets of all times from `first` to `last` can be told. */
  knows(first: number, last: number): boolean {
    const { limit } = this.#rule;
    return first >= -limit && last <= limit;
  }

  /** NaN where it is beyond ±2^53. */
  startOf(bucket: number): number {
    return this.#starts[bucket];
  }

  exactStartOf(bucket: number): Int64 {
    return this.#wideStarts.get(bucket) ?? this.#starts[bucket];
  }

  /** Whether some bucket starts beyond ±2^53. */
  get areWide(): boolean {
    return this.#wideStarts.size > 0;
  }

  /** The number of the bucket with this start, of times that the rule does not know. */
  numberOf(start: Int64): number {
    const known = this.#numbers.get(start);
    if (known !== undefined) return known;
    if (this.#count === this.#starts.length) this.#grow();
    const number = this.#count++;
    this.#numbers.set(start, number);
    if (typeof start === 'bigint') this.#wideStarts.set(number, start);
    this.#starts[number] = typeof start === 'number' ? start : Number.NaN;
    // Rows whose times the rule does know come here by their start.
    this.#ends[number] = Number.NaN;
    return number;
  }

  /** The number of the bucket that `time` lies in. */
  find(time: number): number {
    for (let number = this.#current; number < this.#count && number <= this.#current + 1; number++) {
      if (time >= this.#starts[number] && time < this.#ends[number]) return this.#take(number, this.#ends[number]);
    }
    const start = this.#rule.startOf(time);
    const end = this.#rule.endOf(time);
    const known = this.#numbers.get(start);
    if (known !== undefined) return this.#take(known, end);
    if (this.#count === this.#starts.length) this.#grow();
    const number = this.#count++;
    this.#numbers.set(start, number);
    this.#starts[number] = start;
    // Where a clock goes back a bucket comes again: what lies between is not its.
    this.#ends[number] = this.#rule.fixed === undefined ? Math.min(end, this.#rule.endOf(start)) : end;
    return this.#take(number, end);
  }

  #take(number: number, end: number): number {
    this.#current = number;
    this.end = end;
    return number;
  }

  #grow(): void {
    const starts = new Float64Array(this.#count * 2);
    const ends = new Float64Array(this.#count * 2);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}
