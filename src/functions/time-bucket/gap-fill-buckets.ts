import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { addMonths, MICROS_PER_DAY } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { isFiniteInstant, localOfInstant } from '../../types/instant.ts';
import { addInt64 } from '../../types/int64.ts';
import { Interval } from '../../types/interval.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { requireTimeZone } from '../scalar/date-trunc.ts';
import { timeBucketFunctions } from '../scalar/time-bucket.ts';
import { type Buckets, bucketsOf } from './buckets.ts';
import { ZonedBuckets } from './zoned-buckets.ts';

/** The buckets of `time_bucket_gapfill` over the values of one type: integers, dates in days, timestamps in µs. */
export interface GapFillBuckets {
  /** The start of the bucket that holds `value`; infinite values are their own. Throws 22003 or 22008 below the range. */
  startOf(value: Int64): Int64;
  /** The start of the bucket behind the one with this start; Infinity when the type has none. */
  nextAfter(start: Int64): Int64;
}

export interface GapFillWidth {
  /** A value of the type for integers, an interval otherwise; more than nothing. */
  readonly width: Value;
  readonly timeZone?: string | undefined;
  /** Of the type. */
  readonly origin?: Int64 | undefined;
}

const [dateBucket, dateBucketFrom] = timeBucketFunctions.filter(({ resultType }) => resultType === date);

/** Throws 22023 for a zone or an origin that is none, 0A000 for months beside days or time. */
export function gapFillBuckets(type: TypeDefinition, { width, timeZone, origin }: GapFillWidth): GapFillBuckets {
  if (!(width instanceof Interval)) return new IntegerBuckets(type, width as Int64, origin ?? 0);
  if (type === date) return new DateBuckets(width, origin);
  if (timeZone === undefined) return new TimeBuckets(bucketsOf(width, origin));
  const zone = requireTimeZone(timeZone);
  const local = origin === undefined || !isFiniteInstant(origin) ? origin : localOfInstant(origin, zone);
  return new TimeBuckets(new ZonedBuckets(bucketsOf(width, local), zone));
}

/** Whether a width is of more than nothing; each part of an interval counts for itself. */
export function isPositiveWidth(width: Value): boolean {
  if (!(width instanceof Interval)) return (width as Int64) > 0;
  const { months, days, micros } = width;
  return months >= 0 && days >= 0 && micros >= 0 && (months > 0 || days > 0 || micros > 0);
}

class IntegerBuckets implements GapFillBuckets {
  readonly #startOf: ScalarFunction['evaluate'];
  readonly #width: Int64;
  readonly #origin: Int64;

  constructor(type: TypeDefinition, width: Int64, origin: Int64) {
    const timeBucket = timeBucketFunctions.find(
      ({ argumentTypes }) => argumentTypes.length === 3 && argumentTypes.every((argument) => argument === type),
    );
    invariant(timeBucket !== undefined, `there are buckets of ${type.name}`);
    this.#startOf = timeBucket.evaluate;
    this.#width = width;
    this.#origin = origin;
  }

  startOf(value: Int64): Int64 {
    return this.#startOf(this.#width, value, this.#origin) as Int64;
  }

  nextAfter(start: Int64): Int64 {
    try {
      return addInt64(start, this.#width);
    } catch (error) {
      return infinityFor(error);
    }
  }
}

/** Of whole days or whole months, as time_bucket has them. */
class DateBuckets implements GapFillBuckets {
  readonly #width: Interval;
  readonly #origin: Int64 | undefined;

  constructor(width: Interval, origin: Int64 | undefined) {
    this.#width = width;
    this.#origin = origin;
  }

  startOf(value: Int64): Int64 {
    const called = this.#origin === undefined ? dateBucket : dateBucketFrom;
    return called.evaluate(this.#width, value, this.#origin) as number;
  }

  nextAfter(start: Int64): Int64 {
    const { months, days, micros } = this.#width;
    const day = Number(start);
    return months > 0 ? addMonths(day, months) : day + days + Math.floor(Number(micros) / MICROS_PER_DAY);
  }
}

class TimeBuckets implements GapFillBuckets {
  readonly #buckets: Buckets;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  startOf(value: Int64): Int64 {
    return isFiniteInstant(value) ? this.#buckets.startOf(value) : value;
  }

  nextAfter(start: Int64): Int64 {
    try {
      let time = this.#buckets.endOf(start);
      // Where a zone's clock goes back a bucket may go on behind another one: it does not come twice.
      while (this.#buckets.startOf(time) <= start) time = this.#buckets.endOf(time);
      return time;
    } catch (error) {
      return infinityFor(error);
    }
  }
}

/** What lies beyond the range of a type comes after all its values. */
function infinityFor(error: unknown): number {
  if (error instanceof SqlError) return Number.POSITIVE_INFINITY;
  throw error;
}
