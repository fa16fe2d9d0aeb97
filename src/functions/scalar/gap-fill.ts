import { bool } from '../../types/bool.ts';
import { date } from '../../types/date.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { interval } from '../../types/interval-type.ts';
import { anyelement } from '../../types/pseudo-types.ts';
import { record } from '../../types/record-type.ts';
import { text } from '../../types/string-types.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { widthNotPositive } from '../time-bucket/buckets.ts';
import { type GapFillBuckets, gapFillBuckets, isPositiveWidth } from '../time-bucket/gap-fill-buckets.ts';

/** The arguments of a call of time_bucket_gapfill by what they are; those left out are undefined. */
export interface GapFillArguments<T> {
  readonly width: T;
  readonly time: T;
  readonly timeZone: T | undefined;
  readonly start: T | undefined;
  readonly finish: T | undefined;
  readonly origin: T | undefined;
}

const PLAIN_NAMES = ['bucket_width', 'ts', 'start', 'finish', 'origin'];
const ZONED_NAMES = ['bucket_width', 'ts', 'timezone', 'start', 'finish', 'origin'];

/** What stands where in a call of one of the functions. */
export function gapFillArguments<T>(called: ScalarFunction, values: readonly T[]): GapFillArguments<T> {
  const hasZone = called.argumentNames === ZONED_NAMES;
  const behind = hasZone ? 3 : 2;
  return {
    width: values[0],
    time: values[1],
    timeZone: hasZone ? values[2] : undefined,
    start: values[behind],
    finish: values[behind + 1],
    origin: values[behind + 2],
  };
}

/** Without grouping, where there are no gaps, it is time_bucket. */
function bucketIn(type: TypeDefinition, hasZone: boolean): (...values: Value[]) => Value {
  let last: { readonly key: readonly Value[]; readonly buckets: GapFillBuckets } | undefined;
  return (...values) => {
    const [width = null, time = null] = values;
    const timeZone = hasZone ? (values[2] ?? null) : undefined;
    const origin = values[hasZone ? 5 : 4] ?? null;
    if (width === null || time === null || timeZone === null) return null;
    // All of it is nearly always the same for all rows.
    if (last === undefined || last.key[0] !== width || last.key[1] !== timeZone || last.key[2] !== origin) {
      if (!isPositiveWidth(width)) throw widthNotPositive();
      const options = { width, timeZone: timeZone as string | undefined, origin: (origin ?? undefined) as Int64 };
      last = { key: [width, timeZone ?? null, origin], buckets: gapFillBuckets(type, options) };
    }
    return last.buckets.startOf(time as Int64);
  };
}

function gapFill(oid: number, width: TypeDefinition, type: TypeDefinition): ScalarFunction {
  return defineScalar('time_bucket_gapfill', oid, [width, type, type, type, type], type, bucketIn(type, false), {
    handlesNull: true,
    argumentNames: PLAIN_NAMES,
    defaults: [null, null, null],
  });
}

const first = (value: Value): Value => value;

/** Marks that say how a column is filled; where nothing is filled they are their first argument. */
const fillOptions = { handlesNull: true, mayThrow: false } as const;

function interpolation(oid: number, type: TypeDefinition): ScalarFunction {
  return defineScalar('interpolate', oid, [type, record, record, interval], type, first, {
    ...fillOptions,
    argumentNames: ['value', 'prev', 'next', 'max_gap'],
    defaults: [null, null, null],
  });
}

/** TimescaleDB's gap filling (OIDs of ours); `max_gap` is an option of ours. */
export const gapFillFunctions: readonly ScalarFunction[] = [
  gapFill(9180, int2, int2),
  gapFill(9181, int4, int4),
  gapFill(9182, int8, int8),
  gapFill(9183, interval, date),
  gapFill(9184, interval, timestamp),
  gapFill(9185, interval, timestamptz),
  defineScalar(
    'time_bucket_gapfill',
    9186,
    [interval, timestamptz, text, timestamptz, timestamptz, timestamptz],
    timestamptz,
    bucketIn(timestamptz, true),
    { handlesNull: true, argumentNames: ZONED_NAMES, defaults: [null, null, null] },
  ),
  defineScalar('locf', 9190, [anyelement, anyelement, bool, interval], anyelement, first, {
    ...fillOptions,
    argumentNames: ['value', 'prev', 'treat_null_as_missing', 'max_gap'],
    defaults: [null, false, null],
  }),
  interpolation(9191, int2),
  interpolation(9192, int4),
  interpolation(9193, int8),
  interpolation(9194, float4),
  interpolation(9195, float8),
];

const bucketOids = new Set(gapFillFunctions.filter(({ name }) => name === 'time_bucket_gapfill').map(({ oid }) => oid));
const fillOids = new Set(gapFillFunctions.filter(({ oid }) => !bucketOids.has(oid)).map(({ oid }) => oid));

export function isGapFillBucket({ oid }: ScalarFunction): boolean {
  return bucketOids.has(oid);
}

/** locf or interpolate. */
export function isFillFunction({ oid }: ScalarFunction): boolean {
  return fillOids.has(oid);
}
