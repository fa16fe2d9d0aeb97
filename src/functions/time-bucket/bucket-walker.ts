import { civilFromDays, daysFromMonthIndex, MICROS_PER_DAY, monthIndex } from '../../types/civil-time.ts';
import { MIN_DATE } from '../../types/instant.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { type Buckets, FixedBuckets, floorToMonths } from './buckets.ts';

/**
 * What time_bucket, date_bin and date_trunc do once all their arguments but the time are known: rows in the order of time
 * are walked from edge to edge instead of being asked one by one. Times are whole and finite, in the unit of the function's
 * time argument: µs since 2000-01-01, or days since then for dates.
 *
 *   start = startOf(t)                   end = endOf(t)
 *   |            t  …same bucket…        |  the next one
 */
export interface BucketRule {
  /** Both functions are exact and do not throw for times from -limit to limit; others are for the function itself. */
  readonly limit: number;
  /** What the function gives for `time`. */
  startOf(time: number): number;
  /**
   * The first time after `time` for which the function gives something else. Any time of a bucket may be asked, not only
   * its start. Starts ascend with time except where a clock goes back by other than whole buckets.
   */
  endOf(time: number): number;
  /** Set where all buckets are equally long: they start at `origin` + any multiple of `width`, both whole numbers. */
  readonly fixed?: FixedWidth;
}

export interface FixedWidth {
  readonly width: number;
  readonly origin: number;
}

/** How a function that cuts time into buckets is called; see `ScalarFunction.bucketing`. */
export interface Bucketing {
  /** Which argument is the time. */
  readonly timeArgument: number;
  /** Undefined for arguments that make the function throw or give NULL, and where its buckets are no stretches of time. */
  rule(values: readonly Value[], environment: FunctionEnvironment): BucketRule | undefined;
}

/**
 * The rule of a call of `callee` with these arguments, of which the one at `timeArgument` is not looked at. Undefined for
 * functions that make no buckets, and where every row has to be computed by the function.
 */
export function bucketRule(
  callee: ScalarFunction,
  values: readonly Value[],
  environment: FunctionEnvironment,
): BucketRule | undefined {
  return callee.bucketing?.rule(values, environment);
}

const MAX_EXACT = 2 ** 53;
/** As far back as dates go. */
const DAYS_BEFORE_2000 = -MIN_DATE;
/** Widths of more than a century are not worth a limit of their own. */
const MAX_WIDTH = 100 * 366 * MICROS_PER_DAY;

/** The rule over instants or local times; undefined for very wide buckets. */
export function ruleOfBuckets(buckets: Buckets): BucketRule | undefined {
  if (buckets instanceof FixedBuckets) return fixedRule(buckets.width, buckets.origin);
  const { widthMicros } = buckets;
  if (widthMicros > MAX_WIDTH) return undefined;
  return {
    limit: MAX_EXACT - 2 * widthMicros - 8 * MICROS_PER_DAY,
    startOf: (time) => Number(buckets.startOf(time)),
    endOf: (time) => Number(buckets.endOf(time)),
  };
}

/** Buckets of equally many units, whatever the unit. */
export function fixedRule(width: Int64, origin: Int64): BucketRule | undefined {
  if (typeof width !== 'number' || typeof origin !== 'number' || width > MAX_WIDTH) return undefined;
  const phase = origin % width;
  const startOf = (time: number): number => Math.floor((time - phase) / width) * width + phase;
  return {
    limit: MAX_EXACT - 3 * width,
    startOf,
    endOf: (time) => startOf(time) + width,
    fixed: { width, origin: phase },
  };
}

/** Days from the first of a month to the first of another. */
export function ruleOfMonthDays(months: number, originDay: number): BucketRule {
  return {
    limit: DAYS_BEFORE_2000 - 31 * months,
    startOf: (day) => floorToMonths(day, months, originDay),
    endOf: (day) => {
      const { year, month } = civilFromDays(floorToMonths(day, months, originDay));
      return daysFromMonthIndex(monthIndex(year, month) + months);
    },
  };
}

/** The rule where times are of a smaller range: from -limit to limit. */
export function withinLimit(rule: BucketRule | undefined, limit: number): BucketRule | undefined {
  return rule === undefined ? undefined : { ...rule, limit: Math.min(rule.limit, limit) };
}
