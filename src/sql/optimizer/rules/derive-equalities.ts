import type { Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { sameExpression } from '../../expression/same-expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, remapColumns } from '../../expression/walk-expression.ts';
import type { JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { splitConjuncts, withFilter } from '../conjuncts.ts';
import { mapInputs } from '../plan-walk.ts';
import { pushDownFilters } from './push-down-filters.ts';

/** Each round hands on by a join more what the round before has found. */
const MAX_ROUNDS = 4;

/**
 * What a column is equal to, the columns are equal to that a join makes equal to it:
 *
 *   c JOIN a ON a.attrelid = c.oid WHERE c.oid = 1    a.attrelid = 1 as well
 *
 * A side of which a join keeps all rows gets no condition from the other one. Runs over pushed-down filters, and pushes
 * what it finds down.
 */
export function deriveEqualities(plan: LogicalPlan): LogicalPlan {
  let derived = plan;
  const carried: Carried = { left: new Map(), right: new Map() };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = derive(derived, carried);
    if (found.plan === derived) break;
    derived = pushDownFilters(found.plan);
  }
  return derived;
}

/** By equality of a join: what it has handed to a side, which may have sunk to where nobody sees it any more. */
interface Carried {
  readonly left: Map<Expression, Expression[]>;
  readonly right: Map<Expression, Expression[]>;
}

/** Conditions on one column each, that hold for all rows; over the plan's output. */
type Known = readonly KnownCondition[];

interface KnownCondition {
  readonly column: number;
  readonly condition: Expression;
}

interface Derived {
  readonly plan: LogicalPlan;
  readonly known: Known;
}

const NOTHING: Known = [];

function derive(plan: LogicalPlan, carried: Carried): Derived {
  switch (plan.kind) {
    case 'scan':
      return { plan, known: knownOf([...plan.tagFilters, ...plan.filters]) };
    case 'join':
      return deriveInJoin(plan, carried);
    case 'apply': {
      const left = derive(plan.left, carried);
      const right = derive(plan.right, carried);
      const isSame = left.plan === plan.left && right.plan === plan.right;
      const known =
        plan.type === 'inner' ? [...left.known, ...moved(right.known, plan.left.output.length)] : left.known;
      return { plan: isSame ? plan : { ...plan, left: left.plan, right: right.plan }, known };
    }
    case 'filter': {
      const input = derive(plan.input, carried);
      const known = [...input.known, ...knownOf(splitConjuncts(plan.condition))];
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, known };
    }
    case 'project': {
      const input = derive(plan.input, carried);
      const known = throughColumns(input.known, plan.expressions);
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, known };
    }
    case 'aggregate': {
      const input = derive(plan.input, carried);
      const known = plan.groupingSets === undefined ? throughColumns(input.known, plan.keys) : NOTHING;
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, known };
    }
    case 'window':
    case 'sort':
    case 'limit':
    case 'top-n':
    case 'distinct':
    case 'distinct-on':
    case 'project-set': {
      const input = derive(plan.input, carried);
      return { plan: input.plan === plan.input ? plan : { ...plan, input: input.plan }, known: input.known };
    }
    default:
      return { plan: mapInputs(plan, (input) => derive(input, carried).plan), known: NOTHING };
  }
}

function deriveInJoin(plan: JoinNode, carried: Carried): Derived {
  const { type } = plan;
  const width = plan.left.output.length;
  const left = derive(plan.left, carried);
  const right = derive(plan.right, carried);
  const toLeft: KnownCondition[] = [];
  const toRight: KnownCondition[] = [];
  // Rows that the join turns away on each side, whatever else it does with the rest.
  const testsLeft = type === 'inner' || type === 'right' || type === 'semi';
  const testsRight = type !== 'right' && type !== 'full';
  for (const tie of plan.condition === undefined ? [] : splitConjuncts(plan.condition)) {
    const columns = tiedColumns(tie, width);
    if (columns === undefined) continue;
    const { leftColumn, rightColumn } = columns;
    if (testsRight) {
      const before = listOf(carried.right, tie);
      carry(left.known, leftColumn, { there: right.known, column: rightColumn, added: toRight, before });
    }
    if (testsLeft) {
      const before = listOf(carried.left, tie);
      carry(right.known, rightColumn, { there: left.known, column: leftColumn, added: toLeft, before });
    }
  }
  const inputs = { left: withKnown(left.plan, toLeft), right: withKnown(right.plan, toRight) };
  const isSame = inputs.left === plan.left && inputs.right === plan.right;
  const keepsLeft = type !== 'right' && type !== 'full';
  const keepsRight = type === 'inner' || type === 'right';
  const known = [
    ...(keepsLeft ? [...left.known, ...toLeft] : NOTHING),
    ...(keepsRight ? moved([...right.known, ...toRight], width) : NOTHING),
  ];
  return { plan: isSame ? plan : { ...plan, ...inputs }, known };
}

interface Target {
  readonly there: Known;
  readonly column: number;
  readonly added: KnownCondition[];
  /** What the same equality has handed on already. */
  readonly before: Expression[];
}

/** Adds to the target what is known of a column, unless that is known there already. */
function carry(from: Known, column: number, { there, column: other, added, before }: Target): void {
  for (const known of from) {
    if (known.column !== column) continue;
    const condition = remapColumns(known.condition, () => other);
    const isSame = (one: Expression): boolean => sameExpression(one, condition);
    if (before.some(isSame) || [...there, ...added].some((one) => isSame(one.condition))) continue;
    before.push(condition);
    added.push({ column: other, condition });
  }
}

function listOf(lists: Map<Expression, Expression[]>, tie: Expression): Expression[] {
  const list = lists.get(tie) ?? [];
  lists.set(tie, list);
  return list;
}

function withKnown(plan: LogicalPlan, added: readonly KnownCondition[]): LogicalPlan {
  return added.length === 0
    ? plan
    : withFilter(
        plan,
        added.map(({ condition }) => condition),
      );
}

function moved(known: Known, by: number): Known {
  return known.map(({ column, condition }) => ({
    column: column + by,
    condition: remapColumns(condition, () => column + by),
  }));
}

/** Of columns that are handed on as they are. */
function throughColumns(known: Known, expressions: readonly Expression[]): Known {
  return known.flatMap(({ column, condition }) => {
    const at = expressions.findIndex((expression) => expression.kind === 'column' && expression.index === column);
    return at < 0 ? [] : [{ column: at, condition: remapColumns(condition, () => at) }];
  });
}

/** `left column = right column`, both of one type: equality carries over from one to the other then. */
function tiedColumns(
  condition: Expression,
  width: number,
): { readonly leftColumn: number; readonly rightColumn: number } | undefined {
  if (condition.kind !== 'call' || operatorOf(condition.function)?.name !== '=') return undefined;
  const [first, second] = condition.arguments.map(bare);
  if (first?.kind !== 'column' || second?.kind !== 'column') return undefined;
  if (first.type.definition !== second.type.definition) return undefined;
  const [left, right] = first.index < second.index ? [first, second] : [second, first];
  if (left.index >= width || right.index < width) return undefined;
  return { leftColumn: left.index, rightColumn: right.index - width };
}

function knownOf(conjuncts: readonly Expression[]): Known {
  return conjuncts.flatMap((condition) => {
    const column = columnOfEquality(condition);
    return column === undefined ? [] : [{ column, condition }];
  });
}

/** The column that a condition says of what it is equal to: a value, or one of some, that no row decides. */
function columnOfEquality(condition: Expression): number | undefined {
  switch (condition.kind) {
    case 'call': {
      if (condition.arguments.length !== 2 || operatorOf(condition.function)?.name !== '=') return undefined;
      const [first, second] = condition.arguments;
      return isFixed(second) ? columnOf(first) : isFixed(first) ? columnOf(second) : undefined;
    }
    case 'in-list':
      return condition.isNegated || !condition.list.every(isFixed) ? undefined : columnOf(condition.argument);
    case 'in-constants':
      return condition.isNegated ? undefined : columnOf(condition.argument);
    case 'array-comparison': {
      const isEquality = !condition.isAll && operatorOf(condition.operator)?.name === '=';
      return isEquality && isFixed(condition.array) ? columnOf(condition.left) : undefined;
    }
    default:
      return undefined;
  }
}

function columnOf(expression: Expression): number | undefined {
  const inner = bare(expression);
  return inner.kind === 'column' ? inner.index : undefined;
}

/** A varchar is compared as the text that it is; what else is the same bytes under another type may be equal in another way. */
function bare(expression: Expression): Expression {
  if (expression.kind !== 'relabel') return expression;
  const { argument, type } = expression;
  return argument.type.definition.name === 'varchar' && type.definition.name === 'text' ? argument : expression;
}

function isFixed(expression: Expression): boolean {
  return columnsUsed(expression).length === 0 && !isVolatile(expression) && !hasSubquery(expression);
}
