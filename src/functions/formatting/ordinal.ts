import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** st, nd, rd or th behind a number in digits. Throws 22P02 for what does not end in a digit. */
export function ordinalSuffix(digits: string, letterCase: 'upper' | 'lower'): string {
  if (!/[0-9]$/.test(digits)) throw new SqlError(SqlState.InvalidTextRepresentation, `"${digits}" is not a number`);
  const suffix = /1.$/.test(digits) ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[digits.slice(-1)] ?? 'th');
  return letterCase === 'upper' ? suffix.toUpperCase() : suffix;
}
