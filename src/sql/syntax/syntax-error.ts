import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TreeNode } from './tree-node.ts';

/** A `$n` where libpg-query's grammar takes one and PostgreSQL's does not: PostgreSQL's error for it. */
export function syntaxErrorNear(parameter: TreeNode): SqlError {
  return new SqlError(SqlState.SyntaxError, `syntax error at or near "$${parameter.integer('number')}"`, {
    position: parameter.position,
  });
}
