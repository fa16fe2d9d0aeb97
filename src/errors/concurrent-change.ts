import { SqlError } from './sql-error.ts';
import { SqlState } from './sql-state.ts';

/** 40001: a commit that the transaction does not see has changed, or deleted, what it is about to change. */
export function concurrentChange(what: 'update' | 'delete'): SqlError {
  return new SqlError(SqlState.SerializationFailure, `could not serialize access due to concurrent ${what}`);
}
