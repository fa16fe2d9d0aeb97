import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { float8 } from '../../types/float8.ts';
import { instantFromDays } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { addToInstant, addToLocal, midnightOf, subtractInstants, timeOfDay } from '../instant-arithmetic.ts';
import type { OperatorDefinition } from '../operator-definition.ts';

/** From 4714-11-24 BC to the end of 5874897, in days since 2000-01-01. */
const MIN_DATE = -2_451_545;
const END_DATE = 2_145_031_949;

function addDays(day: number, days: number): number {
  if (!Number.isFinite(day)) return day;
  const sum = day + days;
  if (sum < MIN_DATE || sum >= END_DATE) throw new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range');
  return sum;
}

function subtractDates(left: number, right: number): number {
  if (Number.isFinite(left) && Number.isFinite(right)) return left - right;
  throw new SqlError(SqlState.DatetimeFieldOverflow, 'cannot subtract infinite dates');
}

/** The difference of two instants in days of 24 hours and the rest, as PostgreSQL justifies it. */
function subtractTimes(left: Int64, right: Int64): Interval {
  const micros = subtractInstants(left, right);
  const days =
    typeof micros === 'number' ? Math.trunc(micros / MICROS_PER_DAY) : Number(micros / BigInt(MICROS_PER_DAY));
  const rest = typeof micros === 'number' ? micros % MICROS_PER_DAY : Number(micros % BigInt(MICROS_PER_DAY));
  return new Interval(0, days + 0, rest + 0);
}

const datePlusInterval = (day: number, span: Interval): Int64 => addToLocal(midnightOf(day), span);
const dateMinusInterval = (day: number, span: Interval): Int64 => addToLocal(midnightOf(day), span.negate());
const timestampMinusInterval = (local: Int64, span: Interval): Int64 => addToLocal(local, span.negate());

const instantPlusInterval = (environment: FunctionEnvironment, instant: Int64, span: Interval): Int64 =>
  addToInstant(instant, span, environment.typeContext.timeZone);
const instantMinusInterval = (environment: FunctionEnvironment, instant: Int64, span: Interval): Int64 =>
  addToInstant(instant, span.negate(), environment.typeContext.timeZone);

const datePlusTime = (day: number, micros: number): Int64 =>
  Number.isFinite(day) ? instantFromDays(day, micros) : day;

/** Only the interval's hours and below count: time of day goes round the clock. */
export const timePlusInterval = (micros: number, span: Interval): number => {
  const sum = micros + timeOfDay(span.micros);
  return sum >= MICROS_PER_DAY ? sum - MICROS_PER_DAY : sum;
};
const timeMinusInterval = (micros: number, span: Interval): number => {
  // 24:00:00 is a time of day too, and no difference is.
  const difference = timeOfDay(micros) - timeOfDay(span.micros);
  return difference < 0 ? difference + MICROS_PER_DAY : difference;
};

const swapped =
  <Left, Right, Result>(operation: (left: Left, right: Right) => Result) =>
  (right: Right, left: Left): Result =>
    operation(left, right);

const intervalPlusInstant = (environment: FunctionEnvironment, span: Interval, instant: Int64): Int64 =>
  instantPlusInterval(environment, instant, span);

const multiplyInterval = (span: Interval, factor: number): Interval => span.multiply(factor);
const addIntervals = (left: Interval, right: Interval): Interval => left.add(right);
const subtractIntervals = (left: Interval, right: Interval): Interval => left.subtract(right);

/** + and - between dates, times, instants and intervals; * and / of intervals. Infinite dates and instants stay infinite. */
export const dateTimeOperators: readonly OperatorDefinition[] = [
  defineOperator('+', 1100, defineScalar('date_pli', 1141, [date, int4], date, addDays)),
  defineOperator('+', 2555, defineScalar('integer_pl_date', 2550, [int4, date], date, swapped(addDays))),
  defineOperator(
    '-',
    1101,
    defineScalar('date_mii', 1142, [date, int4], date, (day, days) => addDays(day, -days)),
  ),
  defineOperator('-', 1099, defineScalar('date_mi', 1140, [date, date], int4, subtractDates)),
  defineOperator('+', 1076, defineScalar('date_pl_interval', 2071, [date, interval], timestamp, datePlusInterval)),
  defineOperator(
    '+',
    2551,
    defineScalar('interval_pl_date', 2546, [interval, date], timestamp, swapped(datePlusInterval)),
  ),
  defineOperator('-', 1077, defineScalar('date_mi_interval', 2072, [date, interval], timestamp, dateMinusInterval)),
  defineOperator('+', 1360, defineScalar('datetime_pl', 1272, [date, time], timestamp, datePlusTime)),
  defineOperator('+', 1363, defineScalar('timedate_pl', 1296, [time, date], timestamp, swapped(datePlusTime))),
  defineOperator('+', 2066, defineScalar('timestamp_pl_interval', 2032, [timestamp, interval], timestamp, addToLocal)),
  defineOperator(
    '+',
    2553,
    defineScalar('interval_pl_timestamp', 2548, [interval, timestamp], timestamp, swapped(addToLocal)),
  ),
  defineOperator(
    '-',
    2068,
    defineScalar('timestamp_mi_interval', 2033, [timestamp, interval], timestamp, timestampMinusInterval),
  ),
  defineOperator('-', 2067, defineScalar('timestamp_mi', 2031, [timestamp, timestamp], interval, subtractTimes)),
  defineOperator(
    '+',
    1327,
    defineScalar(
      'timestamptz_pl_interval',
      1189,
      [timestamptz, interval],
      timestamptz,
      instantPlusInterval,
      stableWithEnvironment,
    ),
  ),
  defineOperator(
    '+',
    2554,
    defineScalar(
      'interval_pl_timestamptz',
      2549,
      [interval, timestamptz],
      timestamptz,
      intervalPlusInstant,
      stableWithEnvironment,
    ),
  ),
  defineOperator(
    '-',
    1329,
    defineScalar(
      'timestamptz_mi_interval',
      1190,
      [timestamptz, interval],
      timestamptz,
      instantMinusInterval,
      stableWithEnvironment,
    ),
  ),
  defineOperator('-', 1328, defineScalar('timestamptz_mi', 1188, [timestamptz, timestamptz], interval, subtractTimes)),
  defineOperator('+', 1800, defineScalar('time_pl_interval', 1747, [time, interval], time, timePlusInterval, total)),
  defineOperator(
    '+',
    1849,
    defineScalar('interval_pl_time', 1848, [interval, time], time, swapped(timePlusInterval), total),
  ),
  defineOperator('-', 1801, defineScalar('time_mi_interval', 1748, [time, interval], time, timeMinusInterval, total)),
  defineOperator(
    '-',
    1399,
    defineScalar('time_mi_time', 1690, [time, time], interval, (a, b) => new Interval(0, 0, a - b), total),
  ),
  defineOperator('+', 1337, defineScalar('interval_pl', 1169, [interval, interval], interval, addIntervals)),
  defineOperator('-', 1338, defineScalar('interval_mi', 1170, [interval, interval], interval, subtractIntervals)),
  defineOperator(
    '-',
    1336,
    defineScalar('interval_um', 1168, [interval], interval, (span: Interval) => span.negate()),
  ),
  defineOperator('*', 1583, defineScalar('interval_mul', 1618, [interval, float8], interval, multiplyInterval)),
  defineOperator(
    '*',
    1584,
    defineScalar('mul_d_interval', 1624, [float8, interval], interval, swapped(multiplyInterval)),
  ),
  defineOperator(
    '/',
    1585,
    defineScalar('interval_div', 1326, [interval, float8], interval, (a: Interval, b: number) => a.divide(b)),
  ),
];
