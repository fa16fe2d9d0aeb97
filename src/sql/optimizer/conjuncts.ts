import { conjunction } from '../expression/conjunction.ts';
import type { Expression } from '../expression/expression.ts';
import { hasSubquery, someExpression } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { boolOf } from './constant.ts';

/** The conditions that must all be true for `condition` to be true. */
export function splitConjuncts(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(splitConjuncts) : [condition];
}

/** Those that ask the catalog come behind the others, and those that may have to wait for a query last. */
export function cheapFirst(conjuncts: readonly Expression[]): readonly Expression[] {
  const costs = conjuncts.map(costOf);
  if (costs.every((cost, at) => at === 0 || cost >= costs[at - 1])) return conjuncts;
  return [0, 1, 2].flatMap((cost) => conjuncts.filter((_, at) => costs[at] === cost));
}

function costOf(conjunct: Expression): number {
  if (hasSubquery(conjunct)) return 2;
  return someExpression(conjunct, asksCatalog) ? 1 : 0;
}

/** Calls that look something up, as has_table_privilege() does. */
function asksCatalog(part: Expression): boolean {
  return part.kind === 'call' && part.function.usesEnvironment === true && part.function.volatility === 'stable';
}

/** A filter over `plan`, unless there is nothing to test. */
export function withFilter(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  const condition = conjunction(cheapFirst(conjuncts));
  if (condition === undefined || boolOf(condition) === true) return plan;
  return { kind: 'filter', input: plan, condition, output: plan.output };
}
