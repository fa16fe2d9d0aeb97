import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { invalidInput } from './integer-input.ts';

const NUMBER = /^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const HEXADECIMAL = /^\s*([+-]?)(0[xX][0-9a-fA-F]+)\s*$/;
const SPECIAL = /^\s*([+-]?)(?:(nan)|inf|infinity)\s*$/i;

/** `round` is the identity for double precision and Math.fround for real. Throws 22P02 or 22003 naming the type. */
export function parseFloatingPoint(text: string, typeName: string, round: (value: number) => number): number {
  const digits = NUMBER.exec(text)?.[1];
  if (digits === undefined) return parseUnusual(text, typeName, round);
  const value = round(Number(digits));
  if (!Number.isFinite(value) || (value === 0 && /[1-9]/.test(digits.split(/[eE]/)[0] ?? ''))) {
    throw new SqlError(SqlState.NumericValueOutOfRange, `"${text.trim()}" is out of range for type ${typeName}`);
  }
  return value;
}

function parseUnusual(text: string, typeName: string, round: (value: number) => number): number {
  const special = SPECIAL.exec(text);
  if (special !== null) {
    if (special[2] !== undefined) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) throw invalidInput(typeName, text);
  const value = round(Number(hexadecimal[2]));
  return hexadecimal[1] === '-' ? -value : value;
}
