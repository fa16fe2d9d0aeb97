import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { civilFromDays, daysFromMonthIndex, MICROS_PER_DAY, monthIndex } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import {
  canonicalInstant,
  dayOf,
  instantFromDays,
  instantOfLocal,
  isFiniteInstant,
  localOfInstant,
} from '../../types/instant.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { INT64_MAX, INT64_MIN, toInt64 } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { addToInstant, addToLocal } from '../instant-arithmetic.ts';
import { requireTimeZone } from './date-trunc.ts';

/** Monday, 2000-01-03: buckets of weeks begin on Mondays. */
const WEEK_ORIGIN_DAY = 2;
const WEEK_ORIGIN = WEEK_ORIGIN_DAY * MICROS_PER_DAY;
/** 2000-01-01, for buckets of months and years. */
const MONTH_ORIGIN_DAY = 0;

/** How wide buckets are: whole months or a number of microseconds, never both. */
type BucketWidth = { readonly months: number } | { readonly micros: Int64 };

let lastWidth: { readonly span: Interval; readonly width: BucketWidth } | undefined;

function bucketWidth(span: Interval): BucketWidth {
  // The width is nearly always one constant for all rows.
  if (lastWidth?.span === span) return lastWidth.width;
  const width = readWidth(span);
  lastWidth = { span, width };
  return width;
}

function readWidth(span: Interval): BucketWidth {
  if (span.months !== 0) {
    if (span.days !== 0 || span.micros !== 0) {
      throw notSupported('a bucket width of months or years combined with days or time');
    }
    if (span.months < 0) throw widthNotPositive();
    return { months: span.months };
  }
  const total = BigInt(span.days) * BigInt(MICROS_PER_DAY) + BigInt(span.micros);
  if (total <= 0n) throw widthNotPositive();
  return { micros: toInt64(total) };
}

function widthNotPositive(): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, 'period must be greater than 0');
}

/** The start of the bucket of `width` that holds `value`, counting from `origin`. */
export function floorToWidth(value: Int64, width: Int64, origin: Int64): Int64 {
  if (typeof value === 'number' && typeof width === 'number' && typeof origin === 'number') {
    const distance = value - origin;
    const rest = distance % width;
    const start = value - (rest < 0 ? rest + width : rest);
    if (Math.abs(distance) <= Number.MAX_SAFE_INTEGER && Math.abs(start) <= Number.MAX_SAFE_INTEGER) return start;
  }
  const exactWidth = BigInt(width);
  const rest = (BigInt(value) - BigInt(origin)) % exactWidth;
  return toInt64(BigInt(value) - (rest < 0n ? rest + exactWidth : rest));
}

/** The first day of the bucket of whole months that holds `day`; of the origin, too, only the month counts. */
function floorToMonths(day: number, months: number, originDay: number): number {
  const at = civilFromDays(day);
  const from = civilFromDays(originDay);
  const index = monthIndex(at.year, at.month);
  const origin = monthIndex(from.year, from.month);
  return daysFromMonthIndex(origin + Math.floor((index - origin) / months) * months);
}

/** `origin` undefined: the default of the width. */
function bucketOf(span: Interval, time: Int64, origin?: Int64): Int64 {
  const width = bucketWidth(span);
  if (!isFiniteInstant(time)) return canonicalInstant(time);
  if (origin !== undefined && !isFiniteInstant(origin)) throw invalidOrigin();
  if ('micros' in width) return floorToWidth(time, width.micros, origin ?? WEEK_ORIGIN);
  const originDay = origin === undefined ? MONTH_ORIGIN_DAY : dayOf(origin);
  return instantFromDays(floorToMonths(dayOf(time), width.months, originDay), 0);
}

function invalidOrigin(): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, 'invalid origin value: infinity');
}

function bucketOfDate(span: Interval, day: number, origin?: number): number {
  const width = bucketWidth(span);
  if (!Number.isFinite(day)) return day;
  if (origin !== undefined && !Number.isFinite(origin)) throw invalidOrigin();
  if ('months' in width) return floorToMonths(day, width.months, origin ?? MONTH_ORIGIN_DAY);
  const start = floorToWidth(day * MICROS_PER_DAY, width.micros, (origin ?? WEEK_ORIGIN_DAY) * MICROS_PER_DAY);
  return dayOf(start);
}

/** The buckets are moved by `offset`: `time_bucket('1 day', t, '6 hours')` begins its days at six. */
const bucketWithOffset = (span: Interval, local: Int64, offset: Interval): Int64 =>
  addToLocal(bucketOf(span, addToLocal(local, offset.negate())), offset);

const instantBucketWithOffset = (
  environment: FunctionEnvironment,
  span: Interval,
  instant: Int64,
  offset: Interval,
): Int64 => {
  const zone = environment.typeContext.timeZone;
  return addToInstant(bucketOf(span, addToInstant(instant, offset.negate(), zone)), offset, zone);
};

const dateBucketWithOffset = (span: Interval, day: number, offset: Interval): number => {
  if (!Number.isFinite(day)) return day;
  const shifted = addToLocal(day * MICROS_PER_DAY, offset.negate());
  return dayOf(addToLocal(bucketOf(span, shifted), offset));
};

/** Buckets by the wall clock of a zone: days begin at its midnights. */
function bucketInZone(span: Interval, instant: Int64, zoneName: string, origin?: Int64, offset?: Interval): Int64 {
  const zone = requireTimeZone(zoneName);
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  const local = localOfInstant(instant, zone);
  const localOrigin = origin === undefined || !isFiniteInstant(origin) ? origin : localOfInstant(origin, zone);
  const shifted = offset === undefined ? local : addToLocal(local, offset.negate());
  const start = bucketOf(span, shifted, localOrigin);
  return instantOfLocal(offset === undefined ? start : addToLocal(start, offset), zone);
}

function bucketOfInteger(width: Int64, value: Int64, origin: Int64 = 0): Int64 {
  if (width <= 0) throw widthNotPositive();
  return floorToWidth(value, width, origin);
}

const binInto = (stride: Interval, time: Int64, origin: Int64): Int64 => {
  if (!isFiniteInstant(time)) return canonicalInstant(time);
  if (!isFiniteInstant(origin)) throw new SqlError(SqlState.DatetimeFieldOverflow, 'origin out of range');
  if (stride.months !== 0) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      'timestamps cannot be binned into intervals containing months or years',
    );
  }
  const width = BigInt(stride.days) * BigInt(MICROS_PER_DAY) + BigInt(stride.micros);
  if (width <= 0n) throw new SqlError(SqlState.DatetimeFieldOverflow, 'stride must be greater than zero');
  const distance = BigInt(time) - BigInt(origin);
  if (distance > INT64_MAX || distance < INT64_MIN) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, 'interval out of range');
  }
  return floorToWidth(time, toInt64(width), origin);
};

/** TimescaleDB's time_bucket (OIDs of ours) and PostgreSQL's date_bin. */
export const timeBucketFunctions: readonly ScalarFunction[] = [
  defineScalar('time_bucket', 9100, [interval, timestamptz], timestamptz, bucketOf),
  defineScalar('time_bucket', 9101, [interval, timestamp], timestamp, bucketOf),
  defineScalar('time_bucket', 9102, [interval, date], date, bucketOfDate),
  defineScalar('time_bucket', 9103, [interval, timestamptz, timestamptz], timestamptz, bucketOf),
  defineScalar('time_bucket', 9104, [interval, timestamp, timestamp], timestamp, bucketOf),
  defineScalar('time_bucket', 9105, [interval, date, date], date, bucketOfDate),
  defineScalar(
    'time_bucket',
    9106,
    [interval, timestamptz, interval],
    timestamptz,
    instantBucketWithOffset,
    stableWithEnvironment,
  ),
  defineScalar('time_bucket', 9107, [interval, timestamp, interval], timestamp, bucketWithOffset),
  defineScalar('time_bucket', 9108, [interval, date, interval], date, dateBucketWithOffset),
  defineScalar('time_bucket', 9109, [interval, timestamptz, text], timestamptz, bucketInZone),
  defineScalar('time_bucket', 9110, [interval, timestamptz, text, timestamptz], timestamptz, bucketInZone),
  defineScalar('time_bucket', 9111, [interval, timestamptz, text, timestamptz, interval], timestamptz, bucketInZone),
  defineScalar('time_bucket', 9112, [int2, int2], int2, bucketOfInteger),
  defineScalar('time_bucket', 9113, [int4, int4], int4, bucketOfInteger),
  defineScalar('time_bucket', 9114, [int8, int8], int8, bucketOfInteger),
  defineScalar('time_bucket', 9115, [int2, int2, int2], int2, bucketOfInteger),
  defineScalar('time_bucket', 9116, [int4, int4, int4], int4, bucketOfInteger),
  defineScalar('time_bucket', 9117, [int8, int8, int8], int8, bucketOfInteger),
  defineScalar('date_bin', 6177, [interval, timestamp, timestamp], timestamp, binInto),
  defineScalar('date_bin', 6178, [interval, timestamptz, timestamptz], timestamptz, binInto),
];
