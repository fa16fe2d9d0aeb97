import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { Query } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { coerceArgument } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { firstColumn } from './first-column.ts';
import type { Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { int8Type } from './well-known-types.ts';

/** How many of a query's rows are left out and how many are given; undefined: not written. */
export interface BoundLimits {
  readonly offset: Expression | undefined;
  readonly count: Expression | undefined;
  readonly withTies: boolean;
}

/** OFFSET and LIMIT, or FETCH. Throws 2201W for ties with the last of NULL rows. */
export function bindLimits(
  binding: StatementBinding,
  scope: Scope,
  { offset, limit: count, withTies = false }: Pick<Query, 'offset' | 'limit' | 'withTies'>,
): BoundLimits {
  const bound = bindLimit(binding, scope, offset, 'OFFSET');
  if (withTies && count?.kind === 'literal' && count.type === 'null') {
    throw new SqlError(
      SqlState.InvalidRowCountInLimitClause,
      'row count cannot be null in FETCH FIRST ... WITH TIES clause',
    );
  }
  return { offset: bound, count: bindLimit(binding, scope, count, 'LIMIT'), withTies };
}

/** `input` comes in the order of `keys`. */
export function limit(
  input: LogicalPlan,
  { offset, count, withTies }: BoundLimits,
  keys: readonly SortKey[],
): LogicalPlan {
  if (offset === undefined && count === undefined) return input;
  return { kind: 'limit', input, offset, count, ...(withTies ? { ties: keys } : {}), output: input.output };
}

/** The argument of LIMIT or OFFSET: a bigint that is the same for all rows. Throws 42804, 42P10. */
function bindLimit(
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
