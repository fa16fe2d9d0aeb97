import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** 22007. */
export function invalidDateTime(text: string, typeName: string): SqlError {
  return new SqlError(SqlState.InvalidDatetimeFormat, `invalid input syntax for type ${typeName}: "${text}"`);
}

/** `mayBeOrder`: month and day may have been given in another order than DateStyle says. */
export function fieldOutOfRange(text: string, mayBeOrder: boolean): SqlError {
  return new SqlError(
    SqlState.DatetimeFieldOverflow,
    `date/time field value out of range: "${text}"`,
    mayBeOrder ? { hint: 'Perhaps you need a different "datestyle" setting.' } : {},
  );
}

/** 22009. */
export function displacementOutOfRange(text: string): SqlError {
  return new SqlError(SqlState.InvalidTimeZoneDisplacement, `time zone displacement out of range: "${text}"`);
}

/** 22023. */
export function unknownTimeZone(name: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, `time zone "${name}" not recognized`);
}
