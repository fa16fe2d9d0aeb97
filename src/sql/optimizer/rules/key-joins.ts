import type { ScalarFunction } from '../../../functions/function-definition.ts';
import { equalityOf, operatorsNamed } from '../../../functions/operator-registry.ts';
import type { TypeDefinition } from '../../../types/type-definition.ts';
import { arrayTypeOf, sqlType } from '../../../types/type-registry.ts';
import { conjunction } from '../../expression/conjunction.ts';
import type { Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, remapColumns, someExpression } from '../../expression/walk-expression.ts';
import type { JoinKeys, JoinNode } from '../../plan/join-nodes.ts';
import { inputsOf, type LogicalPlan } from '../../plan/logical-plan.ts';
import { splitConjuncts, withFilter } from '../conjuncts.ts';
import { estimateCost } from '../estimate-cost.ts';
import { estimateSize } from '../estimate-size.ts';
import { mapInputs, mapPlan } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';
import { nodeExpressions, visitPlan } from '../subplans.ts';
import { deriveEqualities } from './derive-equalities.ts';
import { extractJoinEqualities } from './extract-join-equalities.ts';
import { MAX_KEYED_ROWS, orderJoins } from './order-joins.ts';
import { pushDownFilters } from './push-down-filters.ts';
import { useIndexes } from './use-indexes.ts';
import { useLookupJoins } from './use-lookup-joins.ts';

/** What is cheaper than this (in pages) is computed as a whole in no time. */
const MIN_COST = 5;
/** By how much the right side has to become cheaper. */
const GAIN = 0.5;
/** Rows of a table that is not asked for by keys: it is read once for each so many keys. */
const MAX_OTHER_ROWS = 5000;

/**
 * Where the left side of a join has few rows, and the right side is more than a table, such as a view over several: the
 * keys of the left side are a condition on the right one, which sinks through it to the indexes of its tables.
 *
 *   t JOIN (SELECT … FROM k JOIN a …) v ON v.name = t.name    … k WHERE k.name = ANY (the names of t)
 *
 * Runs when joins are in order, and orders those of the right side again.
 */
export function keyJoins(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  let slot = firstFreeSlot(plan);
  const visit = (node: LogicalPlan): LogicalPlan => {
    const keyed = node.kind === 'join' ? keyJoin(node, slot, facts) : node;
    if (keyed !== node) slot += 1;
    return mapInputs(keyed, visit);
  };
  return visit(plan);
}

function firstFreeSlot(plan: LogicalPlan): number {
  let free = 0;
  visitPlan(plan, (node) => {
    if (node.kind === 'apply') for (const { slot } of node.bindings) free = Math.max(free, slot + 1);
    if (node.kind === 'join' && node.keys !== undefined) free = Math.max(free, node.keys.slot + 1);
    for (const expression of nodeExpressions(node)) {
      someExpression(expression, (part) => {
        if (part.kind === 'correlated') free = Math.max(free, part.slot + 1);
        if (part.kind === 'subquery') for (const { slot } of part.bindings) free = Math.max(free, slot + 1);
        return false;
      });
    }
  });
  return free;
}

function keyJoin(join: JoinNode, slot: number, facts: PlannerFacts): JoinNode {
  const { left, right, type, condition } = join;
  const isFit = type !== 'right' && type !== 'full' && join.equalities.length === 0 && condition !== undefined;
  if (!isFit || right.kind === 'scan' || !canRunAgain(right)) return join;
  const costBefore = costOf(right, facts);
  if (costBefore < MIN_COST || estimateSize(left, facts).rows > MAX_KEYED_ROWS) return join;
  let best: { readonly keyed: JoinNode; readonly cost: number } | undefined;
  for (const conjunct of splitConjuncts(condition)) {
    const asked = askedFor(conjunct, slot, left.output.length);
    if (asked === undefined) continue;
    const restricted = orderJoins(deriveEqualities(pushDownFilters(withFilter(right, [asked.test]))), facts);
    const cost = costOf(restricted, facts);
    if (cost > costBefore * GAIN || (best !== undefined && cost >= best.cost)) continue;
    if (readsMuch(asFound(restricted, facts), facts)) continue;
    best = { keyed: { ...join, right: restricted, keys: asked.keys }, cost };
  }
  return best?.keyed ?? join;
}

/** The plan as it will find its rows, as far as that is known by now. */
function asFound(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  return useLookupJoins(useIndexes(extractJoinEqualities(plan)), facts);
}

function costOf(plan: LogicalPlan, facts: PlannerFacts): number {
  return estimateCost(asFound(plan, facts), facts).total;
}

interface Asked {
  readonly keys: JoinKeys;
  /** Over the right side. */
  readonly test: Expression;
}

/** `left = right` as a condition on the right side alone. */
function askedFor(conjunct: Expression, slot: number, width: number): Asked | undefined {
  if (conjunct.kind !== 'call' || operatorOf(conjunct.function)?.name !== '=') return undefined;
  const [first, second] = conjunct.arguments;
  if (second === undefined) return undefined;
  const sides = [first, second].map((operand) => columnsUsed(operand).map((column) => column < width));
  const isFirstLeft = sides[0].includes(true);
  const [own, other] = isFirstLeft ? sides : [sides[1], sides[0]];
  if (own.length === 0 || other.length === 0 || own.includes(false) || other.includes(true)) return undefined;
  const [value, key] = isFirstLeft ? [first, second] : [second, first];
  const elementType = value.type.definition;
  const arrayType = arrayTypeOf(elementType);
  const operator = equalityBetween(key.type.definition, elementType);
  if (arrayType === undefined || operator === undefined) return undefined;
  if (isVolatile(conjunct) || hasSubquery(conjunct)) return undefined;
  const test: Expression = {
    kind: 'array-comparison',
    left: remapColumns(key, (index) => index - width),
    array: { kind: 'correlated', slot, type: sqlType(arrayType) },
    elementType,
    operator,
    isAll: false,
    type: conjunct.type,
    position: conjunct.position,
  };
  return { keys: { slot, value }, test };
}

function equalityBetween(left: TypeDefinition, right: TypeDefinition): ScalarFunction | undefined {
  if (left === right) return equalityOf(left);
  return operatorsNamed('=').find(
    ({ function: { argumentTypes } }) => argumentTypes[0] === left && argumentTypes[1] === right,
  )?.function;
}

/** Whether a plan gives the same each time, and nobody minds that it runs more than once. */
function canRunAgain(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'lock-rows':
    case 'with':
    case 'recursive-union':
    case 'working-table':
      return false;
    case 'scan':
      if (plan.isTarget === true || plan.lockSlot !== undefined) return false;
  }
  return !nodeExpressions(plan).some(isVolatile) && inputsOf(plan).every(canRunAgain);
}

/** Whether a large table is read as a whole, though for some keys only. */
function readsMuch(plan: LogicalPlan, facts: PlannerFacts): boolean {
  if (plan.kind === 'scan') return plan.index === undefined && estimateSize(plan, facts).base > MAX_OTHER_ROWS;
  if (plan.kind === 'join' && plan.lookup !== undefined) return readsMuch(plan.left, facts);
  return inputsOf(plan).some((input) => readsMuch(input, facts));
}

/**
 * Takes the tests for keys out again, once indexes have been chosen by them: the join compares keys itself, and what finds
 * no index by them need not look.
 */
export function dropKeyTests(plan: LogicalPlan): LogicalPlan {
  const slots = new Set<number>();
  const note = (node: LogicalPlan): void => {
    if (node.kind === 'join' && node.keys !== undefined) slots.add(node.keys.slot);
    inputsOf(node).forEach(note);
  };
  note(plan);
  if (slots.size === 0) return plan;
  const isOther = (test: Expression): boolean =>
    test.kind !== 'array-comparison' || test.array.kind !== 'correlated' || !slots.has(test.array.slot);
  return mapPlan(plan, (node) => {
    switch (node.kind) {
      case 'scan': {
        const filters = node.filters.filter(isOther);
        const tagFilters = node.tagFilters.filter(isOther);
        return { ...node, filters, tagFilters };
      }
      case 'filter': {
        const conjuncts = splitConjuncts(node.condition);
        const others = conjuncts.filter(isOther);
        return others.length === conjuncts.length ? node : { ...withFilter(node.input, others), output: node.output };
      }
      case 'join': {
        if (node.condition === undefined) return node;
        const conjuncts = splitConjuncts(node.condition);
        return { ...node, condition: conjunction(conjuncts.filter(isOther)) };
      }
      default:
        return node;
    }
  });
}
