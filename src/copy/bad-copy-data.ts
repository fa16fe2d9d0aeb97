import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** 22P04: the data has not the form that the options promise. */
export function badCopyData(message: string, hint?: string): SqlError {
  return new SqlError(SqlState.BadCopyFileFormat, message, { hint });
}
