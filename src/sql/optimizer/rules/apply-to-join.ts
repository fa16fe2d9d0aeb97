import { conjunction } from '../../expression/conjunction.ts';
import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import type { ApplyNode, JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { boolOf } from '../constant.ts';
import { joinGroups } from '../correlated-groups.ts';
import { areJoinable, extractCorrelated, overBoth, planReadsSlots, slotsOf } from '../correlation.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * A join in place of a LATERAL subquery that only its conditions, or in an inner join its select list too, tie to the
 * rows beside it.
 */
export function applyToJoin(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'apply' ? rewrite(node) : node));
}

function rewrite(node: ApplyNode): LogicalPlan {
  if (node.isVolatile || !areJoinable(node.bindings)) return node;
  return joinRows(node) ?? joinAndCompute(node) ?? joinAggregates(node) ?? node;
}

function joinRows(node: ApplyNode): LogicalPlan | undefined {
  const extracted = extractCorrelated(node.right, slotsOf(node.bindings));
  if (extracted === undefined) return undefined;
  const width = node.left.output.length;
  const conditions = extracted.conjuncts.map((conjunct) => overBoth(conjunct, node.bindings, width));
  if (node.condition !== undefined) conditions.push(node.condition);
  return withOutput(node, joinOf(node, extracted.plan, conditions));
}

/** The right side's projection reads the left side: it is computed above the join. */
function joinAndCompute(node: ApplyNode): LogicalPlan | undefined {
  const { left, right, bindings, type } = node;
  if (type !== 'inner' || right.kind !== 'project' || right.expressions.some(isVolatile)) return undefined;
  const slots = slotsOf(bindings);
  const extracted = extractCorrelated(right.input, slots);
  if (extracted === undefined || planReadsSlots(extracted.plan, slots)) return undefined;
  const width = left.output.length;
  const conditions = extracted.conjuncts.map((conjunct) => overBoth(conjunct, bindings, width));
  const join = joinOf(node, extracted.plan, conditions);
  const expressions: Expression[] = left.output.map(({ type: of }, index) => ({ kind: 'column', index, type: of }));
  for (const expression of right.expressions) expressions.push(overBoth(expression, bindings, width));
  const computed: LogicalPlan = { kind: 'project', input: join, expressions, output: node.output };
  if (node.condition === undefined) return computed;
  return { kind: 'filter', input: computed, condition: node.condition, output: node.output };
}

/** The right side is one row of aggregates, whatever the condition that ties its rows to the left side. */
function joinAggregates(node: ApplyNode): LogicalPlan | undefined {
  const { left, right, bindings, condition } = node;
  const isAlways = condition === undefined || boolOf(condition) === true;
  if (right.kind !== 'project' || right.input.kind !== 'aggregate') return undefined;
  if (!isAlways && node.type === 'left') return undefined;
  const grouped = joinGroups(left, bindings, right.expressions, right.input);
  if (grouped === undefined) return undefined;
  const own = left.output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  const expressions = [...own, ...grouped.values];
  const computed: LogicalPlan = { kind: 'project', input: grouped.plan, expressions, output: node.output };
  return condition === undefined ? computed : { kind: 'filter', input: computed, condition, output: node.output };
}

function joinOf({ left, type }: ApplyNode, right: LogicalPlan, conditions: readonly Expression[]): JoinNode {
  return {
    kind: 'join',
    type,
    left,
    right,
    equalities: [],
    condition: conjunction(conditions),
    output: [...left.output, ...right.output],
  };
}

/** What only conditions read is not handed on. */
function withOutput({ output }: ApplyNode, join: JoinNode): LogicalPlan {
  if (join.output.length === output.length) return { ...join, output };
  const expressions = output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return { kind: 'project', input: join, expressions, output };
}
