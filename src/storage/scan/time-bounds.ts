import type { TimeRange } from '../../catalog/scan-request.ts';
import { compareTimeKeys, type TimeKey, timeKeyOf } from '../time-key.ts';

/** A time range as keys: rows with `from` ≤ key < `to`. */
export class TimeBounds {
  readonly from: TimeKey;
  readonly to: TimeKey;

  constructor({ from, to }: TimeRange | { readonly from: TimeKey; readonly to: TimeKey }) {
    this.from = typeof from === 'object' ? from : timeKeyOf(from);
    this.to = typeof to === 'object' ? to : timeKeyOf(to);
  }

  /** What lies within these bounds and within others. */
  within(from: TimeKey, to: TimeKey): TimeBounds {
    const isLater = compareTimeKeys(from.time, from.fraction, this.from.time, this.from.fraction) > 0;
    const isEarlier = compareTimeKeys(to.time, to.fraction, this.to.time, this.to.fraction) < 0;
    if (!isLater && !isEarlier) return this;
    return new TimeBounds({ from: isLater ? from : this.from, to: isEarlier ? to : this.to });
  }

  get isEmpty(): boolean {
    return compareTimeKeys(this.from.time, this.from.fraction, this.to.time, this.to.fraction) >= 0;
  }

  get isOpen(): boolean {
    return this.from.time === Number.NEGATIVE_INFINITY && this.to.time === Number.POSITIVE_INFINITY;
  }

  /** Whether some key with a time from `first` to `last` may lie within. */
  overlaps(first: number, last: number): boolean {
    const startsBefore = first < this.to.time || (first === this.to.time && this.to.fraction > 0);
    // From behind a time, that time does not count.
    const isBehind = this.from.fraction === Number.POSITIVE_INFINITY;
    return startsBefore && (last > this.from.time || (last === this.from.time && !isBehind));
  }

  /** Whether every key with a time from `first` to `last` lies within. */
  contains(first: number, last: number): boolean {
    const startsWithin = first > this.from.time || (first === this.from.time && this.from.fraction === 0);
    return startsWithin && last < this.to.time;
  }

  /** The first row, of those from `start` to `end` in ascending order, that is not before the bounds. */
  firstRow(times: Float64Array, fractions: Uint32Array | undefined, start: number, end: number): number {
    return lowerBound(this.from, times, fractions, start, end);
  }

  /** The row after the last one that is not past the bounds. */
  endRow(times: Float64Array, fractions: Uint32Array | undefined, start: number, end: number): number {
    return lowerBound(this.to, times, fractions, start, end);
  }
}

function lowerBound(
  key: TimeKey,
  times: Float64Array,
  fractions: Uint32Array | undefined,
  start: number,
  end: number,
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const time = times[middle];
    const isBefore =
      time < key.time || (time === key.time && (fractions === undefined ? 0 : fractions[middle]) < key.fraction);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
