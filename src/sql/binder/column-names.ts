import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** Throws 42701 for the first of the names that comes again. */
export function checkNamesDiffer(names: readonly string[]): void {
  if (new Set(names).size === names.length) return;
  const repeated = names.find((name, at) => names.indexOf(name, at + 1) >= 0);
  throw new SqlError(SqlState.DuplicateColumn, `column "${repeated}" specified more than once`);
}
