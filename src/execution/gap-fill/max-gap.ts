import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { addToInstant, addToLocal, midnightOf } from '../../functions/instant-arithmetic.ts';
import { requireTimeZone } from '../../functions/scalar/date-trunc.ts';
import { date } from '../../types/date.ts';
import type { Interval } from '../../types/interval.ts';
import type { TimeZone } from '../../types/time-zone.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';

/** How far a value reaches: `max_gap` of locf and interpolate. Days are those of the buckets' zone, else of UTC. */
export class MaxGap {
  readonly #width: Interval;
  readonly #isDate: boolean;
  readonly #zone: TimeZone | undefined;
  #from: Int64 | undefined;
  #last: Int64 = 0;

  /** `type`: that of the buckets. Throws 22023 for less than nothing. */
  constructor(width: Interval, type: TypeDefinition, timeZone: string | undefined) {
    if (width.sign() < 0) throw new SqlError(SqlState.InvalidParameterValue, 'max_gap must not be negative');
    this.#width = width;
    this.#isDate = type === date;
    this.#zone = timeZone === undefined ? undefined : requireTimeZone(timeZone);
  }

  /** Whether `to` is not later than the gap after `from`; both are finite and of the buckets' type. */
  reaches(from: Int64, to: Int64): boolean {
    if (this.#from !== from) {
      this.#last = this.#lastAfter(this.#instantOf(from));
      this.#from = from;
    }
    return this.#instantOf(to) <= this.#last;
  }

  #instantOf(time: Int64): Int64 {
    return this.#isDate ? midnightOf(Number(time)) : time;
  }

  #lastAfter(from: Int64): Int64 {
    try {
      return this.#zone === undefined ? addToLocal(from, this.#width) : addToInstant(from, this.#width, this.#zone);
    } catch (error) {
      // Past all times there are.
      if (error instanceof SqlError) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }
}
