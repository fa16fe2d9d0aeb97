import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** The units and fields that date_trunc and extract know, under their main names. */
export type TimeUnit = (typeof units)[number];

const units = [
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
  'century',
  'millennium',
  'isoyear',
  'dow',
  'isodow',
  'doy',
  'julian',
  'epoch',
  'timezone',
  'timezone_hour',
  'timezone_minute',
] as const;

const synonyms: Readonly<Partial<Record<TimeUnit, readonly string[]>>> = {
  microseconds: ['us', 'usec', 'usecs', 'useconds', 'microsecond', 'microsec', 'microsecs'],
  milliseconds: ['ms', 'msec', 'msecs', 'mseconds', 'millisecond', 'millisec', 'millisecs'],
  second: ['s', 'sec', 'secs', 'seconds'],
  minute: ['m', 'min', 'mins', 'minutes'],
  hour: ['h', 'hr', 'hrs', 'hours'],
  day: ['d', 'days'],
  week: ['w', 'weeks'],
  month: ['mon', 'mons', 'months'],
  quarter: ['qtr'],
  year: ['y', 'yr', 'yrs', 'years'],
  decade: ['dec', 'decs', 'decades'],
  century: ['c', 'cent', 'centuries'],
  millennium: ['mil', 'mils', 'millennia'],
  julian: ['j', 'jd'],
  timezone_hour: ['timezone_h'],
  timezone_minute: ['timezone_m'],
};

const byName = new Map<string, TimeUnit>();
for (const unit of units) {
  byName.set(unit, unit);
  for (const synonym of synonyms[unit] ?? []) byName.set(synonym, unit);
}

/** ASCII letters alone, as in names of SQL. */
function lowerCased(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The unit of that name, in any case. Throws 22023 when there is none. */
export function timeUnit(name: string, type: TypeDefinition): TimeUnit {
  const unit = byName.get(name) ?? byName.get(lowerCased(name));
  if (unit === undefined) throw unitNotRecognized(name, type);
  return unit;
}

export function unitNotRecognized(name: string, type: TypeDefinition): SqlError {
  const message = `unit "${lowerCased(name)}" not recognized for type ${type.sqlName}`;
  return new SqlError(SqlState.InvalidParameterValue, message);
}

/** The unit exists, but not for this type: 0A000. */
export function unitNotSupported(name: string, type: TypeDefinition, detail?: string): SqlError {
  const message = `unit "${lowerCased(name)}" not supported for type ${type.sqlName}`;
  return new SqlError(SqlState.FeatureNotSupported, message, { detail });
}
