import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { childrenOf, hasSubquery } from '../../expression/walk-expression.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { LogicalPlan, ProjectNode } from '../../plan/logical-plan.ts';
import { mapNodeExpressions, mapPlan } from '../plan-walk.ts';
import { substitute } from '../substitute.ts';

/**
 * Makes one projection of two, lets an aggregate read what the projection below it reads, and drops projections that
 * change nothing: `SELECT avg(v) FROM (SELECT * FROM cpu) t` reads the table as if there were no subquery.
 */
export function mergeProjections(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind === 'project') return mergeProject(node);
    return node.kind === 'aggregate' ? mergeAggregate(node) : node;
  });
}

function mergeProject(plan: ProjectNode): LogicalPlan {
  const { input } = plan;
  if (input.kind === 'project' && plan.readsWrittenRows !== true && canInline(input, plan.expressions)) {
    const expressions = plan.expressions.map((expression) => substitute(expression, input.expressions));
    return withoutIdentity({ ...plan, input: input.input, expressions });
  }
  return withoutIdentity(plan);
}

function mergeAggregate(plan: AggregateNode): LogicalPlan {
  const { input } = plan;
  if (input.kind !== 'project') return plan;
  const reads = [
    ...plan.keys,
    ...plan.aggregates.flatMap((call) => [
      ...call.arguments,
      ...(call.filter === undefined ? [] : [call.filter]),
      ...(call.orderBy?.map((key) => key.expression) ?? []),
    ]),
  ];
  if (!canInline(input, reads) || input.expressions.some(hasSubquery)) return plan;
  const merged = mapNodeExpressions(plan, (expression) => substitute(expression, input.expressions));
  return { ...(merged as AggregateNode), input: input.input };
}

/** The columns keep the names that the projection gave them. */
function withoutIdentity(plan: ProjectNode): LogicalPlan {
  const { input, expressions, output } = plan;
  const isIdentity =
    expressions.length === input.output.length &&
    expressions.every((expression, at) => expression.kind === 'column' && expression.index === at);
  return isIdentity ? { ...input, output } : plan;
}

/** Nothing that costs is computed twice, and nothing volatile is moved. */
function canInline(inner: ProjectNode, outer: readonly Expression[]): boolean {
  const uses = new Uint32Array(inner.expressions.length);
  const count = (expression: Expression): void => {
    if (expression.kind === 'column') uses[expression.index]++;
    for (const child of childrenOf(expression)) count(child);
  };
  for (const expression of outer) count(expression);
  return inner.expressions.every((expression, at) => {
    if (isVolatile(expression)) return false;
    return uses[at] <= 1 || (childrenOf(expression).length === 0 && expression.kind !== 'subquery');
  });
}
