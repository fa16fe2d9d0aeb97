import { civilFromDays, daysInMonth, MICROS_PER_DAY } from '../../types/civil-time.ts';
import { dayOf, instantOfLocal, isFiniteInstant, localOfInstant, timestampOutOfRange } from '../../types/instant.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { midnightOf, timeOfDay } from '../instant-arithmetic.ts';
import { currentDate } from './current-time.ts';

/**
 * The difference in years, months, days and time, as people count ages: field by field, borrowing days from the length
 * of the earlier time's month.
 */
export function age(left: Int64, right: Int64): Interval {
  if (!isFiniteInstant(left) || !isFiniteInstant(right)) throw timestampOutOfRange();
  if (left < right) return age(right, left).negate();
  const later = civilFromDays(dayOf(left));
  const earlier = civilFromDays(dayOf(right));
  let months = (later.year - earlier.year) * 12 + later.month - earlier.month;
  let days = later.day - earlier.day;
  let micros = timeOfDay(left) - timeOfDay(right);
  if (micros < 0) {
    micros += MICROS_PER_DAY;
    days--;
  }
  while (days < 0) {
    days += daysInMonth(earlier.year, earlier.month);
    months--;
  }
  return new Interval(months, days, micros);
}

function ageOfInstants({ typeContext }: FunctionEnvironment, left: Int64, right: Int64): Interval {
  if (!isFiniteInstant(left) || !isFiniteInstant(right)) throw timestampOutOfRange();
  return age(localOfInstant(left, typeContext.timeZone), localOfInstant(right, typeContext.timeZone));
}

const ageToday = (environment: FunctionEnvironment, local: Int64): Interval =>
  age(midnightOf(currentDate(environment)), local);

function ageOfInstantToday(environment: FunctionEnvironment, instant: Int64): Interval {
  const today = instantOfLocal(midnightOf(currentDate(environment)), environment.typeContext.timeZone);
  return ageOfInstants(environment, today, instant);
}

export const ageFunctions: readonly ScalarFunction[] = [
  defineScalar('age', 2058, [timestamp, timestamp], interval, age),
  defineScalar('age', 1199, [timestamptz, timestamptz], interval, ageOfInstants, { usesEnvironment: true }),
  defineScalar('age', 2059, [timestamp], interval, ageToday, stableWithEnvironment),
  defineScalar('age', 1386, [timestamptz], interval, ageOfInstantToday, stableWithEnvironment),
];
