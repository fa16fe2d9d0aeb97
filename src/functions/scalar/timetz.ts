import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import { float8 } from '../../types/float8.ts';
import { instantFromDays } from '../../types/instant.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { text } from '../../types/string-types.ts';
import type { TimeZone } from '../../types/time-zone.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { packTimetz, secondsWestOf, timetz, unpackTimetz } from '../../types/timetz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineOperator, defineScalar, stableWithEnvironment, total } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { timeOfDay } from '../instant-arithmetic.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { comparisonOperators, plain } from '../operators/comparison.ts';
import { offsetZone } from './current-time.ts';
import { requireTimeZone } from './date-trunc.ts';
import { timeUnit, unitNotSupported } from './time-unit.ts';

/** The clock goes on within its day; the zone stays. */
function moved(value: Int64, byMicros: number): Int64 {
  const { micros, secondsWest } = unpackTimetz(value);
  return packTimetz({ micros: timeOfDay(micros + byMicros), secondsWest });
}

const plusInterval = (value: Int64, span: Interval): Int64 => moved(value, timeOfDay(span.micros));
const minusInterval = (value: Int64, span: Interval): Int64 => moved(value, MICROS_PER_DAY - timeOfDay(span.micros));

/** Throws 22008 outside the range of instants; infinite dates stay. */
function onDate(day: number, value: Int64): Int64 {
  if (!Number.isFinite(day)) return day;
  const { micros, secondsWest } = unpackTimetz(value);
  try {
    return instantFromDays(day, micros + secondsWest * 1_000_000);
  } catch (error) {
    throw error instanceof SqlError
      ? new SqlError(SqlState.DatetimeFieldOverflow, 'date out of range for timestamp')
      : error;
  }
}

const MAX_SECONDS_WEST = 18 * 3600 - 1;

/** The same time by the clocks of another zone, as they go now. */
function inZone(environment: FunctionEnvironment, zone: TimeZone, value: Int64): Int64 {
  const { micros, secondsWest } = unpackTimetz(value);
  const target = secondsWestOf(zone.offsetMicrosAt(environment.typeContext.transactionStart));
  // PostgreSQL checks nothing here and makes times that it does not read itself.
  if (Math.abs(target) > MAX_SECONDS_WEST) throw notSupported('a time with time zone 18 hours or more from UTC');
  return packTimetz({ micros: timeOfDay(micros + (secondsWest - target) * 1_000_000), secondsWest: target });
}

const inZoneNamed = (environment: FunctionEnvironment, zone: string, value: Int64): Int64 =>
  inZone(environment, requireTimeZone(zone), value);
const atOffset = (environment: FunctionEnvironment, offset: Interval, value: Int64): Int64 =>
  inZone(environment, offsetZone(environment, offset), value);

/** A field as an integer of `10^-scale`. */
function fieldOf(unitName: string, value: Int64): { readonly units: number; readonly scale: 0 | 3 | 6 } {
  const { micros, secondsWest } = unpackTimetz(value);
  const seconds = 0 - secondsWest;
  switch (timeUnit(unitName, timetz)) {
    case 'timezone':
      return { units: seconds, scale: 0 };
    case 'timezone_hour':
      return { units: Math.trunc(seconds / 3600) + 0, scale: 0 };
    case 'timezone_minute':
      return { units: Math.trunc((seconds % 3600) / 60) + 0, scale: 0 };
    case 'epoch':
      return { units: micros + secondsWest * 1_000_000, scale: 6 };
    case 'hour':
      return { units: Math.floor(micros / MICROS_PER_HOUR), scale: 0 };
    case 'minute':
      return { units: Math.floor((micros % MICROS_PER_HOUR) / MICROS_PER_MINUTE), scale: 0 };
    case 'second':
      return { units: micros % MICROS_PER_MINUTE, scale: 6 };
    case 'milliseconds':
      return { units: micros % MICROS_PER_MINUTE, scale: 3 };
    case 'microseconds':
      return { units: micros % MICROS_PER_MINUTE, scale: 0 };
    default:
      throw unitNotSupported(unitName, timetz);
  }
}

function extract(unitName: string, value: Int64): Numeric {
  const { units, scale } = fieldOf(unitName, value);
  return Numeric.of(BigInt(units), scale);
}

function datePart(unitName: string, value: Int64): number {
  const { units, scale } = fieldOf(unitName, value);
  return units / 10 ** scale;
}

/** timetz with intervals and dates, and its comparisons. */
export const timetzOperators: readonly OperatorDefinition[] = [
  ...comparisonOperators(timetz, timetz, plain, [
    ['timetz_eq', 1352, 1550],
    ['timetz_ne', 1353, 1551],
    ['timetz_lt', 1354, 1552],
    ['timetz_le', 1355, 1553],
    ['timetz_gt', 1357, 1554],
    ['timetz_ge', 1356, 1555],
  ]),
  defineOperator('+', 1802, defineScalar('timetz_pl_interval', 1749, [timetz, interval], timetz, plusInterval, total)),
  defineOperator('-', 1803, defineScalar('timetz_mi_interval', 1750, [timetz, interval], timetz, minusInterval, total)),
  defineOperator(
    '+',
    2552,
    defineScalar(
      'interval_pl_timetz',
      2547,
      [interval, timetz],
      timetz,
      (span: Interval, value: Int64) => plusInterval(value, span),
      total,
    ),
  ),
  defineOperator('+', 1361, defineScalar('datetimetz_pl', 1297, [date, timetz], timestamptz, onDate)),
  defineOperator(
    '+',
    1366,
    defineScalar('timetzdate_pl', 1298, [timetz, date], timestamptz, (value: Int64, day: number) => onDate(day, value)),
  ),
];

export const timetzFunctions: readonly ScalarFunction[] = [
  defineScalar('extract', 6201, [text, timetz], numeric, extract),
  defineScalar('date_part', 1273, [text, timetz], float8, datePart),
  defineScalar('timezone', 2037, [text, timetz], timetz, inZoneNamed, stableWithEnvironment),
  defineScalar('timezone', 2038, [interval, timetz], timetz, atOffset, { usesEnvironment: true }),
  defineScalar('timestamptz', 1359, [date, timetz], timestamptz, onDate),
];
