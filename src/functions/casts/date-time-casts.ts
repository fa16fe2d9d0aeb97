import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { date } from '../../types/date.ts';
import {
  canonicalInstant,
  dayOf,
  instantOfLocal,
  isFiniteInstant,
  localOfInstant,
  timestampOfInstant,
} from '../../types/instant.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { packTimetz, secondsWestOf, timetz, timetzToday, unpackTimetz } from '../../types/timetz.ts';
import type { Int64 } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { midnightOf, timeOfDay } from '../instant-arithmetic.ts';

/** What the session's wall clock shows at an instant, as a timestamp or only to be looked at, and back. */
const toTimestamp = ({ typeContext }: FunctionEnvironment, instant: Int64): Int64 =>
  timestampOfInstant(instant, typeContext.timeZone);
const toLocal = ({ typeContext }: FunctionEnvironment, instant: Int64): Int64 =>
  localOfInstant(instant, typeContext.timeZone);
const toInstant = ({ typeContext }: FunctionEnvironment, local: Int64): Int64 =>
  instantOfLocal(local, typeContext.timeZone);

function dateOf(local: Int64): number {
  return isFiniteInstant(local) ? dayOf(local) : Number(canonicalInstant(local));
}

/** Infinity has no time of day: NULL. */
function timeOf(local: Int64): number | null {
  return isFiniteInstant(local) ? timeOfDay(local) : null;
}

const dateToInstant = (environment: FunctionEnvironment, day: number): Int64 => toInstant(environment, midnightOf(day));
const dateOfInstant = (environment: FunctionEnvironment, instant: Int64): number =>
  dateOf(toLocal(environment, instant));
const timeOfInstant = (environment: FunctionEnvironment, instant: Int64): number | null =>
  timeOf(toLocal(environment, instant));

/** A time of day as the session's clocks go today. */
const timetzOfTime = ({ typeContext }: FunctionEnvironment, micros: number): Int64 =>
  timetzToday(micros, typeContext.timeZone, typeContext);

function timetzOfInstant({ typeContext }: FunctionEnvironment, instant: Int64): Int64 | null {
  if (!isFiniteInstant(instant)) return null;
  const local = localOfInstant(instant, typeContext.timeZone);
  const offsetMicros = typeContext.timeZone.offsetMicrosAt(Number(instant));
  return packTimetz({ micros: timeOfDay(local), secondsWest: secondsWestOf(offsetMicros) });
}

/** Midnights within the range of exact doubles need no second look. */
const midnightInline = {
  guardedInline: {
    source: (...[day]: string[]) => `${day} * ${MICROS_PER_DAY} + 0`,
    holds: (result: string) => `${result} > -9007199254740992 && ${result} < 9007199254740992`,
  },
};

export const dateTimeCasts: readonly CastDefinition[] = [
  defineCast(date, timestamp, 'implicit', 2024, midnightOf, midnightInline),
  defineCast(date, timestamptz, 'implicit', 1174, dateToInstant, stableWithEnvironment),
  defineCast(timestamp, date, 'assignment', 2029, dateOf),
  defineCast(timestamp, time, 'assignment', 1316, timeOf),
  defineCast(timestamp, timestamptz, 'implicit', 2028, toInstant, stableWithEnvironment),
  defineCast(timestamptz, date, 'assignment', 1178, dateOfInstant, stableWithEnvironment),
  defineCast(timestamptz, time, 'assignment', 2019, timeOfInstant, stableWithEnvironment),
  defineCast(timestamptz, timestamp, 'assignment', 2027, toTimestamp, stableWithEnvironment),
  defineCast(timestamptz, timetz, 'assignment', 1388, timetzOfInstant, stableWithEnvironment),
  defineCast(time, timetz, 'implicit', 2047, timetzOfTime, stableWithEnvironment),
  defineCast(timetz, time, 'assignment', 2046, (value: Int64) => unpackTimetz(value).micros),
  defineCast(time, interval, 'implicit', 1370, (micros: number) => new Interval(0, 0, micros)),
  defineCast(interval, time, 'assignment', 1419, (span: Interval) => timeOfDay(span.micros)),
];
