import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** An option of EXPLAIN, VACUUM or ANALYZE: alone it means true. Throws 42601 for what is no truth value. */
export function booleanOption(name: string, text: string | undefined): boolean {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'true':
    case 'on':
    case '1':
      return true;
    case 'false':
    case 'off':
    case '0':
      return false;
    default:
      throw new SqlError(SqlState.SyntaxError, `${name} requires a Boolean value`);
  }
}
