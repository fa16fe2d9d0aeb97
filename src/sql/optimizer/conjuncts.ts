import type { Expression } from '../expression/expression.ts';
import { hasSubquery } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { boolOf } from './constant.ts';

/** The conditions that must all be true for `condition` to be true. */
export function splitConjuncts(condition: Expression): readonly Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(splitConjuncts) : [condition];
}

/** undefined for no conditions at all. */
export function joinConjuncts(conjuncts: readonly Expression[]): Expression | undefined {
  const [first] = conjuncts;
  if (first === undefined || conjuncts.length === 1) return first;
  return { kind: 'and', arguments: conjuncts, type: first.type };
}

/** Those that may have to wait for a query come last; otherwise in the order given. */
export function cheapFirst(conjuncts: readonly Expression[]): readonly Expression[] {
  if (!conjuncts.some(hasSubquery)) return conjuncts;
  return [...conjuncts.filter((conjunct) => !hasSubquery(conjunct)), ...conjuncts.filter(hasSubquery)];
}

/** A filter over `plan`, unless there is nothing to test. */
export function withFilter(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  const condition = joinConjuncts(cheapFirst(conjuncts));
  if (condition === undefined || boolOf(condition) === true) return plan;
  return { kind: 'filter', input: plan, condition, output: plan.output };
}
