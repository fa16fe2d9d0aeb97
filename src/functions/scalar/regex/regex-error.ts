import { SqlError } from '../../../errors/sql-error.ts';
import { SqlState } from '../../../errors/sql-state.ts';

export function invalidRegex(reason: string): SqlError {
  return new SqlError(SqlState.InvalidRegularExpression, `invalid regular expression: ${reason}`);
}
