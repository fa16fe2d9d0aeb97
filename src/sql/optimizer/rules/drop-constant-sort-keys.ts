import type { Expression } from '../../expression/expression.ts';
import { mayFail } from '../../expression/may-fail.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { childrenOf, columnsUsed } from '../../expression/walk-expression.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { SortNode } from '../../plan/sort-nodes.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * What is the same in each row orders nothing, and is not compared: `ORDER BY 1, 2` over `SELECT now(), host` sorts by the
 * host. Rows of json, which have no order, are no mistake there.
 */
export function dropConstantSortKeys(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'sort' ? withoutConstants(node) : node));
}

function withoutConstants(sort: SortNode): LogicalPlan {
  const keys = sort.keys.filter(({ expression }) => !isConstantIn(expression, sort.input));
  if (keys.length === sort.keys.length) return sort;
  return keys.length === 0 ? { ...sort.input, output: sort.output } : { ...sort, keys };
}

function isConstantIn(expression: Expression, input: LogicalPlan): boolean {
  if (expression.kind === 'column') {
    return input.kind === 'project' && isConstantIn(input.expressions[expression.index], input.input);
  }
  return columnsUsed(expression).length === 0 && isSteady(expression);
}

/** The errors of what is computed are raised all the same, so that only what has none may go. */
function isSteady(expression: Expression): boolean {
  if (expression.kind === 'row') return childrenOf(expression).every(isSteady);
  return !mayFail(expression) && !isVolatile(expression);
}
