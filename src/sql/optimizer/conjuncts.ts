import { conjunction } from '../expression/conjunction.ts';
import type { Expression } from '../expression/expression.ts';
import { hasSubquery } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { boolOf } from './constant.ts';

/** The conditions that must all be true for `condition` to be true. */
export function splitConjuncts(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(splitConjuncts) : [condition];
}

/** Those that may have to wait for a query come last; otherwise in the order given. */
export function cheapFirst(conjuncts: readonly Expression[]): readonly Expression[] {
  if (!conjuncts.some(hasSubquery)) return conjuncts;
  return [...conjuncts.filter((conjunct) => !hasSubquery(conjunct)), ...conjuncts.filter(hasSubquery)];
}

/** A filter over `plan`, unless there is nothing to test. */
export function withFilter(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  const condition = conjunction(cheapFirst(conjuncts));
  if (condition === undefined || boolOf(condition) === true) return plan;
  return { kind: 'filter', input: plan, condition, output: plan.output };
}
