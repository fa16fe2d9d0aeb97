import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { MICROS_PER_DAY, MICROS_PER_SECOND } from './civil-time.ts';
import { addInt64, INT64_MAX, INT64_MIN, int64FromNumber, negateInt64, roundHalfEven, toInt64 } from './int64.ts';
import { type IntervalInputOptions, parseIntervalParts } from './interval-input.ts';
import { formatIntervalParts, type IntervalStyle } from './interval-output.ts';
import type { Int64 } from './value.ts';

export const DAYS_PER_MONTH = 30;
export const MONTHS_PER_YEAR = 12;
const INT32_MAX = 2_147_483_647;
const INT32_MIN = -2_147_483_648;
const SECONDS_PER_DAY = 86_400;

/**
 * A span of time in three parts that do not convert into each other, as months and days differ in length: months and
 * days of 32 bits, and microseconds of 64. Immutable.
 */
export class Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: Int64;

  static readonly zero = new Interval(0, 0, 0);

  /** Throws 22008 when a part is out of range. */
  constructor(months: number, days: number, micros: Int64) {
    if (!fitsInt32(months) || !fitsInt32(days) || micros < INT64_MIN || micros > INT64_MAX) throw outOfRange();
    this.months = months;
    this.days = days;
    this.micros = micros;
  }

  /** Any of PostgreSQL's input forms; throws 22007, 22015 or 22008. */
  static parse(text: string, options: IntervalInputOptions = {}): Interval {
    const { months, days, micros } = parseIntervalParts(text, options);
    return new Interval(months, days, micros);
  }

  toString(style: IntervalStyle = 'postgres'): string {
    return formatIntervalParts(this, style);
  }

  /** -1, 0 or 1, by the length with months of 30 days and days of 24 hours. */
  sign(): number {
    return this.compare(Interval.zero);
  }

  add(other: Interval): Interval {
    return new Interval(this.months + other.months, this.days + other.days, sumOfMicros(this.micros, other.micros));
  }

  subtract(other: Interval): Interval {
    return this.add(other.negate());
  }

  /** Throws 22008 for parts at their lower limit, which have no opposite. */
  negate(): Interval {
    if (this.micros === INT64_MIN) throw outOfRange();
    return new Interval(0 - this.months, 0 - this.days, negateInt64(this.micros));
  }

  /** Fractions of months become days of 30 to the month, fractions of days become time. */
  multiply(factor: number): Interval {
    return this.#scaled((part) => part * factor);
  }

  /** Throws 22012 for zero. */
  divide(divisor: number): Interval {
    if (divisor === 0) throw new SqlError(SqlState.DivisionByZero, 'division by zero');
    return this.#scaled((part) => part / divisor);
  }

  /** Full 24 hours as days; all parts of one sign. */
  justifyHours(): Interval {
    const wholeDays = truncatedQuotient(this.micros, MICROS_PER_DAY);
    return oneSign(this.months, this.days + wholeDays.quotient, wholeDays.remainder, { days: true, months: false });
  }

  /** Full 30 days as months. */
  justifyDays(): Interval {
    const wholeMonths = Math.trunc(this.days / DAYS_PER_MONTH);
    let months = this.months + wholeMonths;
    let days = this.days - wholeMonths * DAYS_PER_MONTH;
    if (months > 0 && days < 0) {
      days += DAYS_PER_MONTH;
      months--;
    } else if (months < 0 && days > 0) {
      days -= DAYS_PER_MONTH;
      months++;
    }
    return new Interval(months, days, this.micros);
  }

  /** Full 24 hours as days, full 30 days as months; all parts of one sign. */
  justify(): Interval {
    const wholeDays = truncatedQuotient(this.micros, MICROS_PER_DAY);
    const allDays = this.days + wholeDays.quotient;
    const wholeMonths = Math.trunc(allDays / DAYS_PER_MONTH);
    return oneSign(this.months + wholeMonths, allDays - wholeMonths * DAYS_PER_MONTH, wholeDays.remainder, {
      days: true,
      months: true,
    });
  }

  /** Order by length, months counting 30 days and days 24 hours: '1 mon' = '30 days'. */
  compare(other: Interval): number {
    const left = this.hashKey();
    const right = other.hashKey();
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** The length in µs, months counting 30 days and days 24 hours: a number where exact, else a bigint. */
  hashKey(): number | bigint {
    const days = this.months * DAYS_PER_MONTH + this.days;
    if (typeof this.micros === 'number') {
      const total = days * MICROS_PER_DAY + this.micros;
      if (Math.abs(days) < 100_000 && Number.isSafeInteger(total)) return total;
    }
    const total = BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(this.micros);
    return total >= -9007199254740991n && total <= 9007199254740991n ? Number(total) : total;
  }

  /** extract(epoch …): seconds, a year counting 365.25 days and a month 30. */
  toSeconds(): number {
    const years = Math.trunc(this.months / MONTHS_PER_YEAR);
    const days = years * 365.25 + (this.months % MONTHS_PER_YEAR) * DAYS_PER_MONTH + this.days;
    return Number(this.micros) / MICROS_PER_SECOND + days * SECONDS_PER_DAY;
  }

  #scaled(scale: (part: number) => number): Interval {
    const months = wholeInt32(scale(this.months));
    let days = wholeInt32(scale(this.days));
    const daysOfMonths = roundToMicros((scale(this.months) - months) * DAYS_PER_MONTH);
    const wholeDaysOfMonths = Math.trunc(daysOfMonths);
    let seconds = roundToMicros((scale(this.days) - days + daysOfMonths - wholeDaysOfMonths) * SECONDS_PER_DAY);
    if (Math.abs(seconds) >= SECONDS_PER_DAY) {
      const carried = Math.trunc(seconds / SECONDS_PER_DAY);
      days += carried;
      seconds -= carried * SECONDS_PER_DAY;
    }
    const micros = roundHalfEven(scale(Number(this.micros)) + seconds * MICROS_PER_SECOND);
    if (!(micros >= -(2 ** 63) && micros < 2 ** 63)) throw outOfRange();
    return new Interval(months, days + wholeDaysOfMonths, int64FromNumber(micros));
  }
}

/** Brings parts to one sign by borrowing days from months and hours from days. */
function oneSign(
  months: number,
  days: number,
  micros: Int64,
  borrow: { readonly days: boolean; readonly months: boolean },
): Interval {
  let wholeMonths = months;
  let wholeDays = days;
  let rest = micros;
  if (borrow.months) {
    if (wholeMonths > 0 && (wholeDays < 0 || (wholeDays === 0 && rest < 0))) {
      wholeDays += DAYS_PER_MONTH;
      wholeMonths--;
    } else if (wholeMonths < 0 && (wholeDays > 0 || (wholeDays === 0 && rest > 0))) {
      wholeDays -= DAYS_PER_MONTH;
      wholeMonths++;
    }
  }
  if (borrow.days) {
    if (wholeDays > 0 && rest < 0) {
      rest = addInt64(rest, MICROS_PER_DAY);
      wholeDays--;
    } else if (wholeDays < 0 && rest > 0) {
      rest = addInt64(rest, -MICROS_PER_DAY);
      wholeDays++;
    }
  }
  return new Interval(wholeMonths, wholeDays, rest);
}

function truncatedQuotient(value: Int64, divisor: number): { readonly quotient: number; readonly remainder: Int64 } {
  if (typeof value === 'bigint') {
    return { quotient: Number(value / BigInt(divisor)), remainder: Number(value % BigInt(divisor)) };
  }
  return { quotient: Math.trunc(value / divisor) + 0, remainder: (value % divisor) + 0 };
}

function sumOfMicros(left: Int64, right: Int64): Int64 {
  const sum = BigInt(left) + BigInt(right);
  if (sum < INT64_MIN || sum > INT64_MAX) throw outOfRange();
  return toInt64(sum);
}

function wholeInt32(value: number): number {
  if (!(value >= INT32_MIN && value <= INT32_MAX)) throw outOfRange();
  return Math.trunc(value) + 0;
}

function roundToMicros(seconds: number): number {
  return roundHalfEven(seconds * MICROS_PER_SECOND) / MICROS_PER_SECOND;
}

function fitsInt32(value: number): boolean {
  return value >= INT32_MIN && value <= INT32_MAX;
}

function outOfRange(): SqlError {
  return new SqlError(SqlState.DatetimeFieldOverflow, 'interval out of range');
}
