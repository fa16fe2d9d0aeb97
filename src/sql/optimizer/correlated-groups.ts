import { conjunction } from '../expression/conjunction.ts';
import type { ColumnExpression, Expression, SlotBinding } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { isVolatile } from '../expression/volatility.ts';
import { mapChildren, mapExpression, someExpression } from '../expression/walk-expression.ts';
import type { AggregateCall, AggregateNode } from '../plan/aggregate-node.ts';
import type { JoinNode } from '../plan/join-nodes.ts';
import { inputsOf, type LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import {
  type CorrelatedEquality,
  correlatedEquality,
  extractCorrelated,
  overBoth,
  readsSlots,
  type Slots,
  slotsOf,
} from './correlation.ts';
import { nodeExpressions } from './subplans.ts';

/** The inner rows without what ties them to the outer ones, and these ties: equalities all of them. */
export function untie(
  plan: LogicalPlan,
  slots: Slots,
): { readonly plan: LogicalPlan; readonly ties: readonly CorrelatedEquality[] } | undefined {
  const extracted = extractCorrelated(plan, slots);
  if (extracted === undefined || extracted.conjuncts.length === 0) return undefined;
  const ties: CorrelatedEquality[] = [];
  for (const conjunct of extracted.conjuncts) {
    const tie = correlatedEquality(conjunct, slots);
    if (tie === undefined) return undefined;
    ties.push(tie);
  }
  return { plan: extracted.plan, ties };
}

/** Likewise, with conditions that are no such ties, none of which can fail. */
export function untieRows(
  plan: LogicalPlan,
  slots: Slots,
):
  | {
      readonly plan: LogicalPlan;
      readonly ties: readonly CorrelatedEquality[];
      readonly others: readonly Expression[];
    }
  | undefined {
  const extracted = extractCorrelated(plan, slots);
  if (extracted === undefined) return undefined;
  const ties: CorrelatedEquality[] = [];
  const others: Expression[] = [];
  for (const conjunct of extracted.conjuncts) {
    const tie = correlatedEquality(conjunct, slots);
    if (tie !== undefined) ties.push(tie);
    else if (mayFail(conjunct)) return undefined;
    else others.push(conjunct);
  }
  return ties.length === 0 ? undefined : { plan: extracted.plan, ties, others };
}

/** What an aggregate gives over no rows; undefined: not NULL, and not known here. */
const COUNTS = new Set(['count', 'regr_count']);

/** A plan, and expressions over its columns. */
export interface JoinedValues {
  readonly plan: LogicalPlan;
  readonly values: readonly Expression[];
}

/**
 * An aggregate of all rows that are tied to an outer row, computed for all groups of rows at once and joined: `results`
 * are over the aggregate's output. undefined where the rows are not tied by equality alone, or where a row that nobody
 * asks for may make it fail.
 */
export function joinGroups(
  outer: LogicalPlan,
  bindings: readonly SlotBinding[],
  results: readonly Expression[],
  node: AggregateNode,
): JoinedValues | undefined {
  const { keys, aggregates, groupingSets, groupings } = node;
  const slots = slotsOf(bindings);
  const isPlain = keys.length === 0 && groupingSets === undefined && (groupings ?? []).length === 0;
  if (!isPlain || aggregates.some((call) => call.directArguments !== undefined)) return undefined;
  const inner = aggregates.flatMap(expressionsOfCall);
  if (inner.some((part) => readsSlots(part, slots) || isVolatile(part) || mayFail(part))) return undefined;
  const untied = untie(node.input, slots);
  if (untied === undefined || filtersMayFail(untied.plan)) return undefined;
  const groupKeys = untied.ties.map((tie) => tie.inner);
  const right: AggregateNode = {
    ...node,
    input: untied.plan,
    keys: groupKeys,
    output: [...groupKeys.map(outputOf), ...node.output],
  };
  const first = outer.output.length + groupKeys.length;
  const outerValues = new Map(bindings.map(({ slot, value }) => [slot, value]));
  const values = results.map((result) =>
    mapExpression(result, (part) => {
      if (part.kind === 'correlated') return outerValues.get(part.slot) ?? part;
      return part.kind === 'column' ? aggregateValue(part, aggregates[part.index], first) : part;
    }),
  );
  return { plan: leftJoin(outer, right, bindings, untied.ties), values };
}

/** An outer row without a group has no rows to aggregate: most aggregates are NULL then, counts are 0. */
function aggregateValue(part: ColumnExpression, call: AggregateCall, first: number): Expression {
  const column: Expression = { ...part, index: first + part.index };
  if (!COUNTS.has(call.function.name)) return column;
  const zero: Expression = { kind: 'constant', value: 0, type: part.type };
  return { kind: 'coalesce', arguments: [column, zero], type: part.type };
}

function expressionsOfCall(call: AggregateCall): Expression[] {
  return [
    ...call.arguments,
    ...(call.filter === undefined ? [] : [call.filter]),
    ...(call.orderBy ?? []).map((key) => key.expression),
  ];
}

/**
 * The ties are over the right plan; where that is grouped, by their inner sides, over its first columns. `others`: more
 * conditions over the right plan, where that is not grouped.
 */
export function leftJoin(
  outer: LogicalPlan,
  right: LogicalPlan,
  bindings: readonly SlotBinding[],
  ties: readonly CorrelatedEquality[],
  others: readonly Expression[] = [],
): JoinNode {
  const width = outer.output.length;
  const conditions = ties.map((tie, at) => {
    if (right.kind !== 'aggregate') return overBoth(tie.condition, bindings, width);
    const key: Expression = { kind: 'column', index: at, type: tie.inner.type };
    const onKey = mapChildren(tie.condition, (side) => (side === tie.inner ? key : side));
    return overBoth(onKey, bindings, width);
  });
  for (const other of others) conditions.push(overBoth(other, bindings, width));
  const output = [...outer.output, ...right.output];
  const condition = conjunction(conditions);
  return { kind: 'join', type: 'left', left: outer, right, equalities: [], condition, output };
}

/** Calculations that fail for what no sensible column holds; all others may fail for rows that nobody asked for. */
const HARMLESS = new Set(['+', '-', '*']);

export function mayFail(expression: Expression): boolean {
  return someExpression(expression, (part) => {
    if (part.kind === 'text-cast' || part.kind === 'subquery') return true;
    if (part.kind !== 'call' || !part.function.mayThrow) return false;
    const operator = operatorOf(part.function)?.name;
    return operator === undefined ? part.coercion !== 'implicit' : !HARMLESS.has(operator);
  });
}

/** Whether something is computed for inner rows, of which the outer ones ask for some alone. */
export function filtersMayFail(plan: LogicalPlan): boolean {
  if (nodeExpressions(plan).some((expression) => mayFail(expression) || isVolatile(expression))) return true;
  return inputsOf(plan).some(filtersMayFail);
}

export function outputOf({ type }: Expression): OutputColumn {
  return { name: '?column?', type, tableOid: 0, columnNumber: 0 };
}
