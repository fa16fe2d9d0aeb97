import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../../expression/walk-expression.ts';
import type { LogicalPlan, ProjectNode } from '../../plan/logical-plan.ts';
import type { LimitNode, SortNode, TopNNode } from '../../plan/sort-nodes.ts';
import { mapPlan } from '../plan-walk.ts';
import { substitute } from '../substitute.ts';

/**
 * Sort and limit become one operator that keeps as many rows as are asked for. A projection between it and its rows is
 * computed afterwards, for those rows alone.
 */
export function fuseTopN(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'limit' ? fuse(node) : node));
}

function fuse(limit: LimitNode): LogicalPlan {
  const { input: sort, offset, count } = limit;
  if (sort.kind !== 'sort' || count === undefined || limit.ties !== undefined) return limit;
  const { input } = sort;
  if (input.kind !== 'project' || input.expressions.some(isVolatile) || sortsBySubquery(sort, input)) {
    return { kind: 'top-n', input, keys: sort.keys, offset, count, output: limit.output };
  }
  const top: TopNNode = {
    kind: 'top-n',
    input: input.input,
    keys: sort.keys.map((key) => ({ ...key, expression: substitute(key.expression, input.expressions) })),
    offset,
    count,
    output: input.input.output,
  };
  return { ...input, input: top, output: limit.output };
}

/** Sorting does not wait for subqueries: it sorts by what a projection has computed. */
function sortsBySubquery({ keys }: SortNode, { expressions }: ProjectNode): boolean {
  return columnsUsed(...keys.map((key) => key.expression)).some((index) => hasSubquery(expressions[index]));
}
