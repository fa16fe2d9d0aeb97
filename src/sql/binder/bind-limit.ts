import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';
import type { SyntaxExpression } from '../syntax/ast.ts';
import { bindOperand } from './bind-expression.ts';
import { coerceArgument } from './coerce.ts';
import { startOf } from './expression-position.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { int8Type } from './well-known-types.ts';

/** The argument of LIMIT or OFFSET: a bigint that is the same for all rows. Throws 42804, 42P10. */
export function bindLimit(
  binding: StatementBinding,
  scope: Scope,
  syntax: SyntaxExpression | undefined,
  clause: 'LIMIT' | 'OFFSET',
): Expression | undefined {
  if (syntax === undefined) return undefined;
  const operand = bindOperand({ binding, scope, clause, aggregates: undefined }, syntax);
  const count = coerceArgument(binding, operand, int8Type, clause);
  const column = firstColumn(count);
  if (column !== undefined) {
    throw new SqlError(SqlState.InvalidColumnReference, `argument of ${clause} must not contain variables`, {
      position: binding.originOf(column)?.position ?? startOf(syntax),
    });
  }
  return count;
}

function firstColumn(expression: Expression): Expression | undefined {
  if (expression.kind === 'column') return expression;
  for (const child of childrenOf(expression)) {
    const found = firstColumn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
