import type { BucketRule } from './bucket-walker.ts';

/**
 * The bucket that the last row fell into. Rows mostly come in the order of time, so that nearly all of them are answered
 * by two comparisons, whatever zone or month the bucket is of.
 */
export class BucketMemo {
  /** The bucket holds times from `from` up to, and without, `to`; none at first. */
  from = 0;
  to = 0;
  start = 0;
  readonly limit: number;
  readonly #rule: BucketRule;

  constructor(rule: BucketRule) {
    this.#rule = rule;
    this.limit = rule.limit;
  }

  /** The start of the bucket of `time`, which is whole and within the rule's limit. */
  find(time: number): number {
    const rule = this.#rule;
    this.start = rule.startOf(time);
    this.to = rule.endOf(time);
    // The start itself need not be in the bucket, nor all between it and `time`.
    this.from = this.start <= time && rule.endOf(this.start) > time ? this.start : time;
    return this.start;
  }
}
