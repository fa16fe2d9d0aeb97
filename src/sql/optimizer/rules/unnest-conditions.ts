import { conjunction } from '../../expression/conjunction.ts';
import type { Expression, SubqueryExpression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, mapExpression } from '../../expression/walk-expression.ts';
import type { JoinNode } from '../../plan/join-nodes.ts';
import type { FilterNode, LogicalPlan } from '../../plan/logical-plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import { splitConjuncts, withFilter } from '../conjuncts.ts';
import { boolOf } from '../constant.ts';
import { areJoinable, extractCorrelated, overBoth, slotsOf } from '../correlation.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Joins in place of subqueries that are conditions:
 *
 *   WHERE EXISTS (SELECT … WHERE u.a = t.a)        t semi join u on u.a = t.a
 *   WHERE NOT EXISTS (SELECT … WHERE u.a = t.a)    t anti join u on u.a = t.a
 *   WHERE t.a IN (SELECT u.a …)                    t semi join u on u.a = t.a
 *
 * NOT IN stays: a NULL on either side makes it unknown, which no join says.
 */
export function unnestConditions(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'filter' ? unnest(node) : node));
}

function unnest(node: FilterNode): LogicalPlan {
  let plan = node.input;
  const rest: Expression[] = [];
  const pending = [...splitConjuncts(node.condition)];
  for (let conjunct = pending.shift(); conjunct !== undefined; conjunct = pending.shift()) {
    const joined = joinOf(plan, conjunct);
    if (joined === undefined) rest.push(conjunct);
    else {
      plan = joined.plan;
      pending.push(...joined.conjuncts);
    }
  }
  return plan === node.input ? node : withFilter(plan, rest);
}

interface Joined {
  readonly plan: JoinNode;
  /** Conditions that turned out to be over the outer rows alone. */
  readonly conjuncts: readonly Expression[];
}

function joinOf(plan: LogicalPlan, conjunct: Expression): Joined | undefined {
  if (conjunct.kind === 'subquery' && conjunct.form === 'exists') return joinExisting(plan, conjunct, 'semi');
  if (conjunct.kind === 'subquery' && conjunct.form === 'any') return joinEqual(plan, conjunct);
  if (conjunct.kind !== 'not') return undefined;
  const { argument } = conjunct;
  return argument.kind === 'subquery' && argument.form === 'exists' ? joinExisting(plan, argument, 'anti') : undefined;
}

function joinExisting(plan: LogicalPlan, subquery: SubqueryExpression, type: 'semi' | 'anti'): Joined | undefined {
  const { bindings } = subquery;
  // Without bindings it is the same for all rows, and runs once.
  if (bindings.length === 0 || subquery.isVolatile || !areJoinable(bindings)) return undefined;
  const rows = rowsOnly(planOf(subquery));
  return rows === undefined ? undefined : joined(plan, subquery, rows, [], type);
}

/** The rows whose existence is asked for: what is shown of them, in which order, and how often does not matter. */
function rowsOnly(plan: LogicalPlan): LogicalPlan | undefined {
  switch (plan.kind) {
    case 'project':
      return rowsOnly(plan.input);
    case 'sort':
    case 'distinct':
    case 'distinct-on':
      return rowsOnly(plan.input);
    case 'limit': {
      const { offset, count, ties } = plan;
      if (offset !== undefined || ties !== undefined || count?.kind !== 'constant') return undefined;
      return count.value === null || Number(count.value) > 0 ? rowsOnly(plan.input) : undefined;
    }
    default:
      return plan;
  }
}

function joinEqual(plan: LogicalPlan, subquery: SubqueryExpression): Joined | undefined {
  const { comparison, bindings, left } = subquery;
  if (comparison === undefined || subquery.isVolatile || !areJoinable(bindings)) return undefined;
  if (left.some((value) => isVolatile(value) || hasSubquery(value))) return undefined;
  const tests = splitConjuncts(comparison);
  if (!tests.every((test) => test.kind === 'call' && operatorOf(test.function)?.name === '=')) return undefined;
  return joined(plan, subquery, planOf(subquery), tests, 'semi');
}

function joined(
  plan: LogicalPlan,
  { bindings, left }: SubqueryExpression,
  inner: LogicalPlan,
  tests: readonly Expression[],
  type: 'semi' | 'anti',
): Joined | undefined {
  const slots = slotsOf(bindings);
  const extracted = extractCorrelated(inner, slots);
  if (extracted === undefined) return undefined;
  const width = plan.output.length;
  const compared = tests.map((test) =>
    mapExpression(test, (part) => {
      if (part.kind !== 'column') return part;
      return part.index < left.length ? left[part.index] : { ...part, index: part.index - left.length + width };
    }),
  );
  const conditions = extracted.conjuncts.map((conjunct) => overBoth(conjunct, bindings, width));
  // What reads no inner column is a condition on the outer rows, unless rows are kept for failing it.
  const isOuter = (condition: Expression): boolean =>
    type === 'semi' && columnsUsed(condition).every((column) => column < width);
  const on = [...compared, ...conditions.filter((condition) => !isOuter(condition))];
  return {
    plan: {
      kind: 'join',
      type,
      left: plan,
      right: unnestConditions(extracted.plan),
      equalities: [],
      condition: conjunction(on.filter((condition) => boolOf(condition) !== true)),
      output: plan.output,
    },
    conjuncts: conditions.filter(isOuter),
  };
}
