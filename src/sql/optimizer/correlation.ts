import { conjunction } from '../expression/conjunction.ts';
import type { Expression, SlotBinding } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { isVolatile } from '../expression/volatility.ts';
import {
  columnsUsed,
  hasSubquery,
  mapExpression,
  remapColumns,
  someExpression,
} from '../expression/walk-expression.ts';
import { inputsOf, type LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import { splitConjuncts, withFilter } from './conjuncts.ts';
import { nodeExpressions } from './subplans.ts';

export type Slots = ReadonlySet<number>;

export function slotsOf(bindings: readonly SlotBinding[]): Slots {
  return new Set(bindings.map(({ slot }) => slot));
}

export function readsSlots(expression: Expression, slots: Slots): boolean {
  return someExpression(expression, (part) => part.kind === 'correlated' && slots.has(part.slot));
}

/** Whether anything in a plan reads the slots. Plans within expressions have slots of their own. */
export function planReadsSlots(plan: LogicalPlan, slots: Slots): boolean {
  return (
    nodeExpressions(plan).some((expression) => readsSlots(expression, slots)) ||
    inputsOf(plan).some((input) => planReadsSlots(input, slots))
  );
}

/** A plan that does not read the slots any more, and the conditions that did, over its output. */
export interface Extracted {
  /** Its first columns are those that the plan had; what only the conditions read stands behind them. */
  readonly plan: LogicalPlan;
  readonly conjuncts: readonly Expression[];
}

/**
 * Takes the conditions that read `slots` out of a plan, where that leaves the rows that would be tested by them: out of
 * filters and inner joins, through projections. undefined where the slots are read anywhere else.
 */
export function extractCorrelated(plan: LogicalPlan, slots: Slots): Extracted | undefined {
  if (!planReadsSlots(plan, slots)) return { plan, conjuncts: [] };
  switch (plan.kind) {
    case 'filter': {
      const input = extractCorrelated(plan.input, slots);
      if (input === undefined) return undefined;
      const conjuncts = splitConjuncts(plan.condition);
      const own = conjuncts.filter((conjunct) => readsSlots(conjunct, slots));
      const rest = conjuncts.filter((conjunct) => !own.includes(conjunct));
      if (own.some(isVolatile)) return undefined;
      return { plan: withFilter(input.plan, rest), conjuncts: [...input.conjuncts, ...own] };
    }
    case 'project': {
      if (plan.expressions.some((expression) => readsSlots(expression, slots))) return undefined;
      const input = extractCorrelated(plan.input, slots);
      return input === undefined ? undefined : liftOverProject(plan, input);
    }
    case 'join':
      return plan.type === 'inner' && plan.equalities.length === 0 ? extractFromJoin(plan, slots) : undefined;
    default:
      return undefined;
  }
}

/** What the conditions read is handed on behind the projection's own columns. */
function liftOverProject(plan: Extract<LogicalPlan, { kind: 'project' }>, input: Extracted): Extracted {
  const places = new Map<number, number>();
  const expressions = [...plan.expressions];
  const output: OutputColumn[] = [...plan.output];
  for (const index of columnsUsed(...input.conjuncts)) {
    const column = input.plan.output[index];
    places.set(index, expressions.length);
    expressions.push({ kind: 'column', index, type: column.type });
    output.push(column);
  }
  return {
    plan: { ...plan, input: input.plan, expressions, output },
    conjuncts: input.conjuncts.map((conjunct) => remapColumns(conjunct, (index) => places.get(index) ?? -1)),
  };
}

function extractFromJoin(plan: Extract<LogicalPlan, { kind: 'join' }>, slots: Slots): Extracted | undefined {
  const left = extractCorrelated(plan.left, slots);
  const right = extractCorrelated(plan.right, slots);
  if (left === undefined || right === undefined) return undefined;
  const width = plan.left.output.length;
  const rightWidth = plan.right.output.length;
  // | left | added to it | right | added to it |  →  the columns that were there first come first again.
  const newWidth = left.plan.output.length;
  const placeOf = (index: number): number => (index < width ? index : newWidth + index - width);
  const own = plan.condition === undefined ? [] : splitConjuncts(plan.condition);
  const reading = own.filter((conjunct) => readsSlots(conjunct, slots));
  if (reading.some(isVolatile)) return undefined;
  const rest = own.filter((conjunct) => !reading.includes(conjunct));
  const joined = [...left.plan.output, ...right.plan.output];
  const join: LogicalPlan = {
    ...plan,
    left: left.plan,
    right: right.plan,
    condition: conjunction(rest.map((conjunct) => remapColumns(conjunct, placeOf))),
    output: joined,
  };
  const order = [
    ...Array.from({ length: width + rightWidth }, (_, index) => placeOf(index)),
    ...Array.from({ length: newWidth - width }, (_, at) => width + at),
    ...Array.from({ length: right.plan.output.length - rightWidth }, (_, at) => newWidth + rightWidth + at),
  ];
  const ordered: LogicalPlan = {
    kind: 'project',
    input: join,
    expressions: order.map((index) => ({ kind: 'column', index, type: joined[index].type })),
    output: order.map((index) => joined[index]),
  };
  const place = new Map(order.map((index, at) => [index, at]));
  const moved = (index: number): number => place.get(index) ?? -1;
  return {
    plan: ordered,
    conjuncts: [
      ...left.conjuncts.map((conjunct) => remapColumns(conjunct, moved)),
      ...right.conjuncts.map((conjunct) => remapColumns(conjunct, (index) => moved(newWidth + index))),
      ...reading.map((conjunct) => remapColumns(conjunct, (index) => moved(placeOf(index)))),
    ],
  };
}

/** An expression over an inner plan as one over the outer rows with the inner ones behind their `width` columns. */
export function overBoth(expression: Expression, bindings: readonly SlotBinding[], width: number): Expression {
  const values = new Map(bindings.map(({ slot, value }) => [slot, value]));
  return mapExpression(expression, (part) => {
    if (part.kind === 'column') return { ...part, index: part.index + width };
    return part.kind === 'correlated' ? (values.get(part.slot) ?? part) : part;
  });
}

/** Values that may stand anywhere in a join: they cost nothing and are the same each time. */
export function areJoinable(bindings: readonly SlotBinding[]): boolean {
  return bindings.every(({ value }) => !hasSubquery(value) && !isVolatile(value));
}

/** `inner = outer`: an expression over the inner columns alone, and one that reads slots and none of them. */
export interface CorrelatedEquality {
  readonly inner: Expression;
  readonly outer: Expression;
  readonly condition: Expression;
}

export function correlatedEquality(condition: Expression, slots: Slots): CorrelatedEquality | undefined {
  if (condition.kind !== 'call' || operatorOf(condition.function)?.name !== '=') return undefined;
  const [left, right] = condition.arguments;
  if (isOuter(right, slots) && isInner(left, slots)) return { inner: left, outer: right, condition };
  if (isOuter(left, slots) && isInner(right, slots)) return { inner: right, outer: left, condition };
  return undefined;
}

function isOuter(expression: Expression, slots: Slots): boolean {
  return readsSlots(expression, slots) && columnsUsed(expression).length === 0 && !hasSubquery(expression);
}

function isInner(expression: Expression, slots: Slots): boolean {
  return !readsSlots(expression, slots) && columnsUsed(expression).length > 0 && !hasSubquery(expression);
}
