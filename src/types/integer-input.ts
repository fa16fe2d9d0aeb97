import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { INT64_MAX, INT64_MIN, toInt64 } from './int64.ts';
import type { Int64 } from './value.ts';

const INTEGER = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/;
const LEADING_DIGITS = /^[ \t\n\v\f\r]*([+-]?\d+)/;

/** A decimal integer between `min` and `max` (both within ±2^53); throws 22P02 or 22003 naming the type. */
export function parseInteger(text: string, typeName: string, min: number, max: number): number {
  const digits = integerDigits(text, typeName, min, max);
  const value = Number(digits);
  if (value < min || value > max) throw integerOutOfRange(text, typeName);
  // -0 is an integer in text only.
  return value + 0;
}

/** A decimal integer of 64 bits; throws 22P02 or 22003. */
export function parseInt64(text: string, typeName = 'bigint'): Int64 {
  const digits = integerDigits(text, typeName, Number(INT64_MIN), Number(INT64_MAX));
  if (digits.length <= 15) return Number(digits) + 0;
  const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
  if (value < INT64_MIN || value > INT64_MAX) throw integerOutOfRange(text, typeName);
  return toInt64(value);
}

function integerDigits(text: string, typeName: string, min: number, max: number): string {
  const digits = INTEGER.exec(text)?.[1];
  if (digits !== undefined) return digits;
  // Digits are added up before what follows them is looked at: too many of them are the first thing wrong.
  const leading = Number(LEADING_DIGITS.exec(text)?.[1] ?? 0);
  throw leading < min || leading > max ? integerOutOfRange(text, typeName) : invalidInput(typeName, text);
}

function integerOutOfRange(text: string, typeName: string): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, `value "${text}" is out of range for type ${typeName}`);
}

/** 22P02: the text is no value of the type at all. */
export function invalidInput(typeName: string, text: string): SqlError {
  return new SqlError(SqlState.InvalidTextRepresentation, `invalid input syntax for type ${typeName}: "${text}"`);
}
