import { bool } from '../../types/bool.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { canonicalInstant, isFiniteInstant } from '../../types/instant.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { type ComparisonNames, comparisonOperators, familyOf } from './comparison.ts';

/** A date as the instant of its midnight. Dates past the range of timestamps need no exactness: they only compare. */
function midnight(day: number): Int64 {
  const micros = day * MICROS_PER_DAY;
  return Math.abs(micros) <= 2 ** 53 || !Number.isFinite(micros) ? micros : BigInt(day) * BigInt(MICROS_PER_DAY);
}

function order(left: Int64, right: Int64): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The instant of a timestamp or midnight on the session's wall clock; only for comparing, so without a check of the range. */
function zoned(local: Int64, environment: FunctionEnvironment): Int64 {
  if (!isFiniteInstant(local)) return local;
  const offset = environment.typeContext.timeZone.localOffsetMicros(Number(local));
  return typeof local === 'number' ? local - offset : local - BigInt(offset);
}

const dateWithTimestamp = familyOf((left: number, right: Int64) => order(midnight(left), canonicalInstant(right)));
const timestampWithDate = familyOf((left: Int64, right: number) => order(canonicalInstant(left), midnight(right)));

type ZonedOrder = (environment: FunctionEnvironment, left: never, right: never) => number;

const dateWithInstant: ZonedOrder = (environment, left: number, right: Int64) =>
  order(zoned(midnight(left), environment), canonicalInstant(right));
const instantWithDate: ZonedOrder = (environment, left: Int64, right: number) =>
  order(canonicalInstant(left), zoned(midnight(right), environment));
const timestampWithInstant: ZonedOrder = (environment, left: Int64, right: Int64) =>
  order(zoned(canonicalInstant(left), environment), canonicalInstant(right));
const instantWithTimestamp: ZonedOrder = (environment, left: Int64, right: Int64) =>
  order(canonicalInstant(left), zoned(canonicalInstant(right), environment));

/** Comparisons that depend on the session's time zone and therefore are stable, not immutable. */
function zonedOperators(
  left: TypeDefinition,
  right: TypeDefinition,
  order: ZonedOrder,
  names: ComparisonNames,
): OperatorDefinition[] {
  const compare = order as (environment: FunctionEnvironment, left: Int64, right: Int64) => number;
  const evaluations = {
    '=': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) === 0,
    '<>': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) !== 0,
    '<': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) < 0,
    '<=': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) <= 0,
    '>': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) > 0,
    '>=': (environment: FunctionEnvironment, a: Int64, b: Int64) => compare(environment, a, b) >= 0,
  };
  return Object.entries(evaluations).map(([symbol, evaluate], at) => {
    const [functionName, functionOid, operatorOid] = names[at]!;
    const options = { ...stableWithEnvironment, mayThrow: false };
    return defineOperator(
      symbol,
      operatorOid,
      defineScalar(functionName, functionOid, [left, right], bool, evaluate, options),
    );
  });
}

/** Comparisons between date, timestamp and timestamptz. */
export const dateTimeComparisonOperators: readonly OperatorDefinition[] = [
  ...comparisonOperators(date, timestamp, dateWithTimestamp, [
    ['date_eq_timestamp', 2340, 2347],
    ['date_ne_timestamp', 2343, 2350],
    ['date_lt_timestamp', 2338, 2345],
    ['date_le_timestamp', 2339, 2346],
    ['date_gt_timestamp', 2341, 2349],
    ['date_ge_timestamp', 2342, 2348],
  ]),
  ...zonedOperators(date, timestamptz, dateWithInstant, [
    ['date_eq_timestamptz', 2353, 2360],
    ['date_ne_timestamptz', 2356, 2363],
    ['date_lt_timestamptz', 2351, 2358],
    ['date_le_timestamptz', 2352, 2359],
    ['date_gt_timestamptz', 2354, 2362],
    ['date_ge_timestamptz', 2355, 2361],
  ]),
  ...comparisonOperators(timestamp, date, timestampWithDate, [
    ['timestamp_eq_date', 2366, 2373],
    ['timestamp_ne_date', 2369, 2376],
    ['timestamp_lt_date', 2364, 2371],
    ['timestamp_le_date', 2365, 2372],
    ['timestamp_gt_date', 2367, 2375],
    ['timestamp_ge_date', 2368, 2374],
  ]),
  ...zonedOperators(timestamp, timestamptz, timestampWithInstant, [
    ['timestamp_eq_timestamptz', 2522, 2536],
    ['timestamp_ne_timestamptz', 2525, 2539],
    ['timestamp_lt_timestamptz', 2520, 2534],
    ['timestamp_le_timestamptz', 2521, 2535],
    ['timestamp_gt_timestamptz', 2523, 2538],
    ['timestamp_ge_timestamptz', 2524, 2537],
  ]),
  ...zonedOperators(timestamptz, date, instantWithDate, [
    ['timestamptz_eq_date', 2379, 2386],
    ['timestamptz_ne_date', 2382, 2389],
    ['timestamptz_lt_date', 2377, 2384],
    ['timestamptz_le_date', 2378, 2385],
    ['timestamptz_gt_date', 2380, 2388],
    ['timestamptz_ge_date', 2381, 2387],
  ]),
  ...zonedOperators(timestamptz, timestamp, instantWithTimestamp, [
    ['timestamptz_eq_timestamp', 2529, 2542],
    ['timestamptz_ne_timestamp', 2532, 2545],
    ['timestamptz_lt_timestamp', 2527, 2540],
    ['timestamptz_le_timestamp', 2528, 2541],
    ['timestamptz_gt_timestamp', 2530, 2544],
    ['timestamptz_ge_timestamp', 2531, 2543],
  ]),
];
