import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { instantOfLocal, localOfInstant } from '../../types/instant.ts';
import { int64FromNumber } from '../../types/int64.ts';
import type { TimeZone } from '../../types/time-zone.ts';
import type { Int64 } from '../../types/value.ts';
import { shiftInstant } from '../instant-arithmetic.ts';
import type { Buckets } from './buckets.ts';

/**
 * The buckets of a zone's wall clock as stretches of real time. Where the clock goes forward, a bucket whose start it
 * skips begins at the change. Where the clock goes back, what it shows twice belongs to
 *
 *   two buckets, when the repeated time holds the bucket whole (each of the two hours from two to three):
 *
 *     01:00        02:00        02:00 again  03:00
 *     | 1 hour     | 1 hour     | 1 hour     |
 *
 *   one bucket otherwise, which begins when the clock shows its start for the first time:
 *
 *     01:30        02:00        02:00 again  03:30
 *     | 2 hours (three of real time)         |
 *
 * No bucket starts after a time that it holds. After a change back by less or more than whole buckets, a bucket may go on
 * where another one has been in between: a day does where midnight is at one minute before the change.
 */
export class ZonedBuckets implements Buckets {
  readonly #local: Buckets;
  readonly #zone: TimeZone;
  readonly #twiceTold: 'apart' | 'last';

  /**
   * `twiceTold` 'last': as date_trunc does it, a bucket begins when the clock shows its start for the last time, be that
   * after times which it holds.
   */
  constructor(local: Buckets, zone: TimeZone, twiceTold: 'apart' | 'last' = 'apart') {
    this.#local = local;
    this.#zone = zone;
    this.#twiceTold = twiceTold;
  }

  get widthMicros(): number {
    return this.#local.widthMicros + MICROS_PER_DAY;
  }

  startOf(time: Int64): Int64 {
    const local = this.#local.startOf(localOfInstant(time, this.#zone));
    return this.#twiceTold === 'last' ? instantOfLocal(local, this.#zone) : this.#instantOf(local, time);
  }

  /** The first instant after `time`, which is any of a bucket and not only its start, that is in another bucket. */
  endOf(time: Int64): Int64 {
    const zone = this.#zone;
    const start = this.startOf(time);
    const localEnd = this.#local.endOf(localOfInstant(time, zone));
    let from = Number(time);
    for (;;) {
      const end = shiftInstant(localEnd, 0 - zone.offsetMicrosAt(from));
      const isFar = Number(end) - from > 4 * MARGIN;
      const change = zone.nextChange(from, isFar ? from + 2 * MARGIN : Number(end));
      if (change !== undefined) {
        const instant = int64FromNumber(change);
        if (this.startOf(instant) !== start) return instant;
        from = change;
      } else if (isFar) {
        // Changes that are days away from both ends cannot lead out of the bucket.
        from = Number(end) - 2 * MARGIN;
      } else return end;
    }
  }

  /** When the clock shows `local`, the start of the bucket that the instant `time` falls in by what the clock shows. */
  #instantOf(local: Int64, time: Int64): Int64 {
    const zone = this.#zone;
    const around = Number(local);
    const before = zone.offsetMicrosAt(around - MARGIN);
    const after = zone.offsetMicrosAt(around + MARGIN);
    const first = shiftInstant(local, 0 - before);
    if (before === after) return first;
    const second = shiftInstant(local, 0 - after);
    const isFirst = zone.offsetMicrosAt(Number(first)) === before;
    const isSecond = zone.offsetMicrosAt(Number(second)) === after;
    if (isFirst !== isSecond) return isFirst ? first : second;
    if (!isFirst) return int64FromNumber(zone.nextChange(Number(second), Number(first)) ?? Number(first));
    if (time < second) return first;
    const change = zone.nextChange(Number(first), Number(second)) ?? Number(second);
    return this.#local.endOf(local) <= change + before ? second : first;
  }
}

/** No offset, and no change of one, is longer than a day. */
const MARGIN = MICROS_PER_DAY;
