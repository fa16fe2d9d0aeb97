import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { int64FromNumber } from '../../types/int64.ts';
import type { TimeZone } from '../../types/time-zone.ts';
import type { Int64 } from '../../types/value.ts';
import { shiftInstant, timeOfDay } from '../instant-arithmetic.ts';
import type { Buckets } from './buckets.ts';

/**
 * date_trunc by hours and less: an instant without what its wall clock shows beyond the whole hour, as if the zone's
 * offset at that instant had been in force all the hour.
 */
export class ZonedHours implements Buckets {
  readonly #length: number;
  readonly #zone: TimeZone;

  /** `length` in µs divides a day. */
  constructor(length: number, zone: TimeZone) {
    this.#length = length;
    this.#zone = zone;
  }

  get widthMicros(): number {
    return this.#length + MICROS_PER_DAY;
  }

  startOf(time: Int64): Int64 {
    const local = shiftInstant(time, this.#zone.offsetMicrosAt(Number(time)));
    return shiftInstant(time, 0 - (timeOfDay(local) % this.#length));
  }

  /** The first instant after `time` that has another start. */
  endOf(time: Int64): Int64 {
    const start = this.startOf(time);
    const end = shiftInstant(start, this.#length);
    let change = this.#zone.nextChange(Number(time), Number(end));
    while (change !== undefined) {
      const instant = int64FromNumber(change);
      if (this.startOf(instant) !== start) return instant;
      change = this.#zone.nextChange(change, Number(end));
    }
    return end;
  }
}
