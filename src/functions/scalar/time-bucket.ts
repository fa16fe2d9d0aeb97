import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { canonicalInstant, dayOf, isFiniteInstant, localOfInstant, MIN_DATE } from '../../types/instant.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { INT64_MAX, INT64_MIN } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { addToInstant, addToLocal, midnightOf } from '../instant-arithmetic.ts';
import {
  type Bucketing,
  type BucketRule,
  fixedRule,
  ruleOfBuckets,
  ruleOfMonthDays,
  withinLimit,
} from '../time-bucket/bucket-walker.ts';
import {
  type Buckets,
  bucketsOf,
  floorToMonths,
  floorToWidth,
  MovedBuckets,
  microsOfInterval,
  widthNotPositive,
} from '../time-bucket/buckets.ts';
import { RecentBuckets } from '../time-bucket/recent-buckets.ts';
import { ZonedBuckets } from '../time-bucket/zoned-buckets.ts';
import { requireTimeZone } from './date-trunc.ts';

/** Monday, 2000-01-03. */
const DEFAULT_ORIGIN_DAY = 2;

const plainBuckets = new RecentBuckets((width: Interval, origin: Int64 | null) =>
  bucketsOf(width, origin ?? undefined),
);

/** Buckets of UTC, or of a local time. */
function bucketOf(width: Interval, time: Int64, origin: Int64 | null = null): Int64 {
  if (!isFiniteInstant(time)) return canonicalInstant(time);
  return plainBuckets.of(width, origin).startOf(time);
}

/** The buckets are moved by `offset`: `time_bucket('1 day', t, '6 hours')` begins its days at six. */
function bucketWithOffset(width: Interval, local: Int64, offset: Interval): Int64 {
  if (!isFiniteInstant(local)) return canonicalInstant(local);
  return addToLocal(bucketOf(width, addToLocal(local, offset.negate())), offset);
}

/** Days and months of the offset are those of the session's zone. */
function instantBucketWithOffset(
  { typeContext: { timeZone } }: FunctionEnvironment,
  width: Interval,
  instant: Int64,
  offset: Interval,
): Int64 {
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  const start = bucketOf(width, addToInstant(instant, offset.negate(), timeZone));
  return addToInstant(start, offset, timeZone);
}

/** Buckets by the wall clock of a zone: days begin at its midnights. */
const zonedBuckets = new RecentBuckets(
  (width: Interval, zoneName: string, origin: Int64 | null, offset: Interval | null): Buckets => {
    const zone = requireTimeZone(zoneName);
    const localOrigin = origin === null || !isFiniteInstant(origin) ? origin : localOfInstant(origin, zone);
    const local = bucketsOf(width, localOrigin ?? undefined);
    return new ZonedBuckets(offset === null ? local : movedBy(local, offset), zone);
  },
);

function movedBy(buckets: Buckets, offset: Interval): Buckets {
  const micros = microsOfInterval(offset);
  if (micros !== undefined) return new MovedBuckets(buckets, micros);
  return {
    widthMicros: Number.POSITIVE_INFINITY,
    startOf: (time) => addToLocal(buckets.startOf(addToLocal(time, offset.negate())), offset),
    endOf: (time) => addToLocal(buckets.endOf(addToLocal(time, offset.negate())), offset),
  };
}

function bucketInZone(
  width: Interval | null,
  instant: Int64 | null,
  zoneName: string | null,
  origin: Int64 | null = null,
  offset: Interval | null = null,
): Int64 | null {
  if (width === null || instant === null || zoneName === null) return null;
  if (!isFiniteInstant(instant)) return canonicalInstant(instant);
  return zonedBuckets.of(width, zoneName, origin, offset).startOf(instant);
}

/** Whole days, or whole months. Throws 0A000 for widths that would begin within a day. */
interface DayBuckets {
  readonly days: number;
  readonly months: number;
  readonly originDay: number;
}

const dayBuckets = new RecentBuckets((width: Interval, origin: number | null): DayBuckets => {
  bucketsOf(width, origin === null || Number.isFinite(origin) ? undefined : origin);
  if (width.months !== 0) return { days: 0, months: width.months, originDay: origin ?? 0 };
  const micros = BigInt(microsOfInterval(width) ?? 0);
  const day = BigInt(MICROS_PER_DAY);
  if (micros < day) throw unevenDays('interval must not have sub-day precision');
  if (micros % day !== 0n) throw unevenDays('interval must be a multiple of a day');
  return { days: Number(micros / day), months: 0, originDay: origin ?? DEFAULT_ORIGIN_DAY };
});

function unevenDays(message: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message);
}

function bucketOfDate(width: Interval, day: number, origin: number | null = null): number {
  if (!Number.isFinite(day)) return day;
  const { days, months, originDay } = dayBuckets.of(width, origin);
  const start =
    months === 0 ? Math.floor((day - originDay) / days) * days + originDay : floorToMonths(day, months, originDay);
  if (start < MIN_DATE) throw new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range');
  return start;
}

function dateBucketWithOffset(width: Interval, day: number, offset: Interval): number {
  if (!Number.isFinite(day)) return day;
  const moved = dayOf(addToLocal(midnightOf(day), offset.negate()));
  return dayOf(addToLocal(midnightOf(bucketOfDate(width, moved)), offset));
}

/** Of whole numbers. Throws 22003 for starts that the type has no room for. */
function numberBuckets(type: TypeDefinition, lowest: Int64): readonly [Bucketing, (...values: Int64[]) => Int64] {
  const evaluate = (width: Int64, value: Int64, offset: Int64 = 0): Int64 => {
    if (width <= 0) throw widthNotPositive();
    const start = floorToWidth(value, width, offset);
    if (start < lowest) throw new SqlError(SqlState.NumericValueOutOfRange, 'timestamp out of range');
    return start;
  };
  const rule = (values: readonly Value[]): BucketRule | undefined => {
    const [width, , offset = 0] = values as Int64[];
    if (width <= 0) return undefined;
    return withinLimit(
      fixedRule(width, offset),
      type === int8 ? Number.POSITIVE_INFINITY : Number(-lowest) - Number(width),
    );
  };
  return [bucketingOf(rule), evaluate];
}

/** Of the time, which is the second argument; NULLs and arguments that throw have no rule. */
function bucketingOf(
  ruleOf: (values: readonly Value[], environment: FunctionEnvironment) => BucketRule | undefined,
  required = 0,
): Bucketing {
  return {
    timeArgument: 1,
    rule(values, environment) {
      const isMissing = values.some((value, at) => value === null && at !== 1 && (required === 0 || at < required));
      if (isMissing) return undefined;
      try {
        return ruleOf(values, environment);
      } catch (error) {
        if (error instanceof SqlError) return undefined;
        throw error;
      }
    },
  };
}

const plainBucketing = bucketingOf(([width, , origin]) =>
  ruleOfBuckets(bucketsOf(width as Interval, (origin as Int64 | undefined) ?? undefined)),
);

const offsetBucketing = bucketingOf(([width, , offset]) =>
  ruleOfBuckets(movedBy(bucketsOf(width as Interval), offset as Interval)),
);

/** In most zones days differ in length, and a time moved back and forth by a day need not be the same time again. */
const instantOffsetBucketing = bucketingOf(([width, , offset]) => {
  const { days, months } = offset as Interval;
  if (days !== 0 || months !== 0) return undefined;
  return ruleOfBuckets(movedBy(bucketsOf(width as Interval), offset as Interval));
});

const zoneBucketing = bucketingOf(
  ([width, , zone, origin = null, offset = null]) => ruleOfBuckets(zonedBuckets.of(width, zone, origin, offset)),
  3,
);

function ruleOfDays({ days, months, originDay }: DayBuckets, offsetDays = 0): BucketRule | undefined {
  if (months !== 0) return offsetDays === 0 ? ruleOfMonthDays(months, originDay) : undefined;
  return withinLimit(fixedRule(days, originDay + offsetDays), -MIN_DATE - days - Math.abs(offsetDays));
}

const dateBucketing = bucketingOf(([width, , origin]) => ruleOfDays(dayBuckets.of(width, origin ?? null)));

const dateOffsetBucketing = bucketingOf(([width, , offset]) => {
  const { months, days, micros } = offset as Interval;
  return months === 0 && micros === 0 ? ruleOfDays(dayBuckets.of(width, null), days) : undefined;
});

const binBucketing = bucketingOf(([stride, , origin]) => {
  const { months } = stride as Interval;
  return months === 0 && isFiniteInstant(origin as Int64)
    ? ruleOfBuckets(bucketsOf(stride as Interval, origin as Int64))
    : undefined;
});

function binInto(stride: Interval, time: Int64, origin: Int64): Int64 {
  if (!isFiniteInstant(time)) return canonicalInstant(time);
  if (!isFiniteInstant(origin)) throw new SqlError(SqlState.DatetimeFieldOverflow, 'origin out of range');
  const width = microsOfInterval(stride);
  if (width === undefined) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      'timestamps cannot be binned into intervals containing months or years',
    );
  }
  if (width <= 0) throw new SqlError(SqlState.DatetimeFieldOverflow, 'stride must be greater than zero');
  const distance = BigInt(time) - BigInt(origin);
  if (distance > INT64_MAX || distance < INT64_MIN) {
    throw new SqlError(SqlState.DatetimeFieldOverflow, 'interval out of range');
  }
  return plainBuckets.of(stride, origin).startOf(time);
}

const ORIGIN = ['bucket_width', 'ts', 'origin'];
const OFFSET = ['bucket_width', 'ts', 'offset'];
const ZONE = ['bucket_width', 'ts', 'timezone', 'origin', 'offset'];

function define(
  oid: number,
  types: readonly [TypeDefinition, TypeDefinition, ...TypeDefinition[]],
  argumentNames: readonly string[],
  bucketing: Bucketing,
  // biome-ignore lint/suspicious/noExplicitAny: each takes the scalars of its own argument types
  evaluate: (...values: any[]) => Value,
  options: Partial<ScalarFunction> = {},
): ScalarFunction {
  const names = argumentNames.slice(0, types.length);
  return defineScalar('time_bucket', oid, types, types[1], evaluate, { argumentNames: names, bucketing, ...options });
}

const numbers = ([int2, int4, int8] as const).flatMap((type, at): ScalarFunction[] => {
  const lowest = [-32_768, -2_147_483_648, INT64_MIN][at];
  const [bucketing, evaluate] = numberBuckets(type, lowest);
  return [
    define(9112 + at, [type, type], OFFSET, bucketing, evaluate),
    define(9115 + at, [type, type, type], OFFSET, bucketing, evaluate),
  ];
});

/** TimescaleDB's time_bucket (OIDs of ours) and PostgreSQL's date_bin. */
export const timeBucketFunctions: readonly ScalarFunction[] = [
  define(9100, [interval, timestamptz], ORIGIN, plainBucketing, bucketOf),
  define(9101, [interval, timestamp], ORIGIN, plainBucketing, bucketOf),
  define(9102, [interval, date], ORIGIN, dateBucketing, bucketOfDate),
  define(9103, [interval, timestamptz, timestamptz], ORIGIN, plainBucketing, bucketOf),
  define(9104, [interval, timestamp, timestamp], ORIGIN, plainBucketing, bucketOf),
  define(9105, [interval, date, date], ORIGIN, dateBucketing, bucketOfDate),
  define(
    9106,
    [interval, timestamptz, interval],
    OFFSET,
    instantOffsetBucketing,
    instantBucketWithOffset,
    stableWithEnvironment,
  ),
  define(9107, [interval, timestamp, interval], OFFSET, offsetBucketing, bucketWithOffset),
  define(9108, [interval, date, interval], OFFSET, dateOffsetBucketing, dateBucketWithOffset),
  define(9109, [interval, timestamptz, text, timestamptz, interval], ZONE, zoneBucketing, bucketInZone, {
    handlesNull: true,
    defaults: [null, null],
  }),
  ...numbers,
  defineScalar('date_bin', 6177, [interval, timestamp, timestamp], timestamp, binInto, { bucketing: binBucketing }),
  defineScalar('date_bin', 6178, [interval, timestamptz, timestamptz], timestamptz, binInto, {
    bucketing: binBucketing,
  }),
];
