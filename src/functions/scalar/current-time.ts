import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { UNIX_EPOCH_MICROS } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { formatTimestamptz } from '../../types/datetime-output.ts';
import { float8 } from '../../types/float8.ts';
import {
  canonicalInstant,
  dayOf,
  instantFromDays,
  instantOfLocal,
  isFiniteInstant,
  localOfInstant,
  timestampOfInstant,
} from '../../types/instant.ts';
import { int64FromNumber } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { text } from '../../types/string-types.ts';
import { time } from '../../types/time.ts';
import { fixedTimeZone } from '../../types/time-zone.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { timeOfDay } from '../instant-arithmetic.ts';
import { requireTimeZone } from './date-trunc.ts';

const transactionStart = ({ typeContext }: FunctionEnvironment): number => typeContext.transactionStart;
const statementStart = (environment: FunctionEnvironment): number => environment.statementStart;

/** What the session's wall clock showed when the transaction began. */
const localStart = ({ typeContext }: FunctionEnvironment): Int64 =>
  localOfInstant(typeContext.transactionStart, typeContext.timeZone);

export const currentDate = (environment: FunctionEnvironment): number => dayOf(localStart(environment));

const stable = { ...stableWithEnvironment, mayThrow: false };
const volatileWithEnvironment = { volatility: 'volatile', usesEnvironment: true, mayThrow: false } as const;

/** Seconds since 1970 as an instant. */
function fromUnixSeconds(seconds: number): Int64 {
  if (Number.isNaN(seconds)) throw new SqlError(SqlState.DatetimeFieldOverflow, 'timestamp cannot be NaN');
  if (!Number.isFinite(seconds)) return seconds;
  const micros = (seconds + UNIX_EPOCH_MICROS / 1_000_000) * 1_000_000;
  if (micros < -211_813_488_000_000_000 || micros >= 9_223_371_331_200_000_000) {
    throw new SqlError(
      SqlState.DatetimeFieldOverflow,
      `timestamp out of range: "${Number(seconds.toPrecision(6)).toExponential()}"`,
    );
  }
  return int64FromNumber(micros);
}

/** A date and a time of day. */
const localOn = (day: number, micros: number): Int64 => (Number.isFinite(day) ? instantFromDays(day, micros) : day);
const instantOn = ({ typeContext }: FunctionEnvironment, day: number, micros: number): Int64 =>
  instantOfLocal(localOn(day, micros), typeContext.timeZone);

function localInZone(zone: string, instant: Int64): Int64 {
  return isFiniteInstant(instant) ? timestampOfInstant(instant, requireTimeZone(zone)) : canonicalInstant(instant);
}

function instantInZone(zone: string, local: Int64): Int64 {
  return isFiniteInstant(local) ? instantOfLocal(local, requireTimeZone(zone)) : canonicalInstant(local);
}

/** The zone of AT TIME ZONE INTERVAL. Throws 22023. */
export function offsetZone({ typeContext }: FunctionEnvironment, offset: Interval): ReturnType<typeof fixedTimeZone> {
  if (offset.months !== 0 || offset.days !== 0) {
    const message = `interval time zone "${offset.toString(typeContext.intervalStyle)}" must not include months or days`;
    throw new SqlError(SqlState.InvalidParameterValue, message);
  }
  return fixedTimeZone(Math.trunc(Number(offset.micros) / 1_000_000));
}

const localAtOffset = (environment: FunctionEnvironment, offset: Interval, instant: Int64): Int64 =>
  isFiniteInstant(instant) ? timestampOfInstant(instant, offsetZone(environment, offset)) : canonicalInstant(instant);
const instantAtOffset = (environment: FunctionEnvironment, offset: Interval, local: Int64): Int64 =>
  isFiniteInstant(local) ? instantOfLocal(local, offsetZone(environment, offset)) : canonicalInstant(local);

/** What the clock on the wall shows, as C prints it: Wed Feb 26 15:04:05.123456 2024 UTC. */
function wallClock(environment: FunctionEnvironment): string {
  const { timeZone } = environment.typeContext;
  const instant = environment.clock();
  const style = { format: 'Postgres', order: 'MDY' } as const;
  // "Wed Feb 26 15:04:05.12 2024 UTC": only the zeros of the fraction are missing.
  const shown = formatTimestamptz(instant, timeZone, style);
  const micros = String(((instant % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  return shown.replace(/(:\d\d)(?:\.\d+)? /, `$1.${micros} `);
}

const isFiniteTime = (instant: Int64): boolean => isFiniteInstant(instant);

/**
 * The clock and conversions between clocks. The values that SQL writes without parentheses (CURRENT_DATE …) are
 * functions of that name here, with OIDs of ours.
 */
export const currentTimeFunctions: readonly ScalarFunction[] = [
  defineScalar('now', 1299, [], timestamptz, transactionStart, stable),
  defineScalar('transaction_timestamp', 2647, [], timestamptz, transactionStart, stable),
  defineScalar('statement_timestamp', 2648, [], timestamptz, statementStart, stable),
  defineScalar(
    'clock_timestamp',
    2649,
    [],
    timestamptz,
    (environment: FunctionEnvironment) => environment.clock(),
    volatileWithEnvironment,
  ),
  defineScalar('timeofday', 274, [], text, wallClock, volatileWithEnvironment),
  defineScalar('current_timestamp', 9010, [], timestamptz, transactionStart, stable),
  defineScalar('current_date', 9011, [], date, currentDate, stable),
  defineScalar('localtimestamp', 9012, [], timestamp, localStart, stable),
  defineScalar(
    'localtime',
    9013,
    [],
    time,
    (environment: FunctionEnvironment) => timeOfDay(localStart(environment)),
    stable,
  ),
  defineScalar('timestamp', 2025, [date, time], timestamp, localOn),
  defineScalar('timestamptz', 1176, [date, time], timestamptz, instantOn, stableWithEnvironment),
  defineScalar('to_timestamp', 1158, [float8], timestamptz, fromUnixSeconds),
  defineScalar('timezone', 1159, [text, timestamptz], timestamp, localInZone),
  defineScalar('timezone', 2069, [text, timestamp], timestamptz, instantInZone),
  defineScalar('timezone', 1026, [interval, timestamptz], timestamp, localAtOffset, { usesEnvironment: true }),
  defineScalar('timezone', 2070, [interval, timestamp], timestamptz, instantAtOffset, { usesEnvironment: true }),
  defineScalar('isfinite', 1373, [date], bool, Number.isFinite, total),
  defineScalar('isfinite', 1389, [timestamptz], bool, isFiniteTime, total),
  defineScalar('isfinite', 2048, [timestamp], bool, isFiniteTime, total),
  defineScalar('isfinite', 1390, [interval], bool, () => true, total),
  defineScalar('justify_hours', 1175, [interval], interval, (span: Interval) => span.justifyHours()),
  defineScalar('justify_days', 1295, [interval], interval, (span: Interval) => span.justifyDays()),
  defineScalar('justify_interval', 2711, [interval], interval, (span: Interval) => span.justify()),
];
