import { conjunction } from '../../expression/conjunction.ts';
import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, remapColumns } from '../../expression/walk-expression.ts';
import type { JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { OutputColumn } from '../../plan/plan-node.ts';
import { splitConjuncts } from '../conjuncts.ts';
import { estimateSize, isEquality, isUniqueBy, type JoinTies, joinSizes, type PlanSize } from '../estimate-size.ts';
import { mapInputs } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';
import { leadsIndex, reachesIndex } from '../reaches-index.ts';
import { isWorthLookingUp, LOOKUP_COST } from './use-lookup-joins.ts';

/** Trying all orders of more inputs would take longer than a bad order costs. */
const MAX_INPUTS = 40;
/** Of more inputs only some are tried as the first one. */
const MAX_STARTS = 8;
/** How much less another order must cost than the one that was written. */
const GAIN = 0.8;
/** What a row costs that is kept in a hash table, that is looked up in one, and that comes out. */
const KEPT_COST = 2;
const PROBE_COST = 1;
const OUTPUT_COST = 0.5;
/** Keys of more rows are not handed to the other side of a join. */
export const MAX_KEYED_ROWS = 1000;

/**
 * Inner joins in an order in which few rows come along: from each of the inputs on, the others are joined as far as an
 * equality ties them to what is there, those first that leave least, and the cheapest of these orders is taken. Inputs that
 * nothing ties come last.
 */
export function orderJoins(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  if (!isFreeJoin(plan)) return mapInputs(plan, (input) => orderJoins(input, facts));
  const tree = flatten(plan);
  const inputs = tree.inputs.map((input) => ({ ...input, plan: orderJoins(input.plan, facts) }));
  const isFixed = inputs.length > MAX_INPUTS || tree.conditions.some(isVolatile);
  return isFixed ? mapInputs(plan, (input) => orderJoins(input, facts)) : reorder(plan, inputs, tree.conditions, facts);
}

function isFreeJoin(plan: LogicalPlan): plan is JoinNode {
  return plan.kind === 'join' && plan.type === 'inner' && plan.equalities.length === 0;
}

interface JoinInput {
  readonly plan: LogicalPlan;
  /** Of its first column in the output of the whole tree. */
  readonly offset: number;
}

function flatten(plan: JoinNode): {
  readonly inputs: readonly JoinInput[];
  readonly conditions: readonly Expression[];
} {
  const inputs: JoinInput[] = [];
  const conditions: Expression[] = [];
  const visit = (part: LogicalPlan, offset: number): void => {
    if (!isFreeJoin(part)) {
      inputs.push({ plan: part, offset });
      return;
    }
    visit(part.left, offset);
    visit(part.right, offset + part.left.output.length);
    if (part.condition === undefined) return;
    for (const conjunct of splitConjuncts(part.condition)) {
      conditions.push(remapColumns(conjunct, (index) => index + offset));
    }
  };
  visit(plan, 0);
  return { inputs, conditions };
}

/** What has been joined so far: its columns are those of the inputs, in the order in which they came. */
interface Partial {
  readonly plan: LogicalPlan;
  readonly size: PlanSize;
  readonly members: readonly number[];
  /** Of all that is read and joined, in rows or so. */
  readonly cost: number;
}

function reorder(
  whole: JoinNode,
  inputs: readonly JoinInput[],
  conditions: readonly Expression[],
  facts: PlannerFacts,
): LogicalPlan {
  const order = new JoinOrder(inputs, conditions, facts);
  const joined = order.joinAll();
  if (joined.members.every((member, at) => member === at)) return { ...joined.plan, output: whole.output };
  // The columns go back to where they were.
  const placeOf = order.placesIn(joined.members);
  const output: readonly OutputColumn[] = whole.output;
  const expressions = output.map(({ type }, index): Expression => ({ kind: 'column', index: placeOf(index), type }));
  return { kind: 'project', input: joined.plan, expressions, output };
}

class JoinOrder {
  readonly #inputs: readonly JoinInput[];
  readonly #conditions: readonly JoinCondition[];
  readonly #sizes: readonly PlanSize[];
  readonly #isKnown: boolean;

  constructor(inputs: readonly JoinInput[], conditions: readonly Expression[], facts: PlannerFacts) {
    this.#inputs = inputs;
    this.#sizes = inputs.map(({ plan }) => estimateSize(plan, facts));
    this.#isKnown = inputs.some(({ plan }) => plan.kind === 'scan' && facts.estimateRows(plan.table) !== undefined);
    this.#conditions = conditions.map((condition) => ({
      condition,
      reads: new Set(columnsUsed(condition).map((index) => this.#inputOf(index))),
    }));
  }

  joinAll(): Partial {
    let best = this.#joinFrom(0);
    if (!this.#isKnown) return best;
    let limit = best.cost * GAIN;
    for (let start = 1; start < Math.min(this.#inputs.length, MAX_STARTS); start++) {
      const other = this.#joinFrom(start);
      if (other.cost >= limit) continue;
      best = other;
      limit = other.cost;
    }
    return best;
  }

  /** The place of a column of the whole in a plan over these inputs. */
  placesIn(members: readonly number[]): (index: number) => number {
    const starts = new Map<number, number>();
    let start = 0;
    for (const member of members) {
      starts.set(member, start);
      start += this.#inputs[member].plan.output.length;
    }
    return (index) => {
      const input = this.#inputOf(index);
      return (starts.get(input) ?? 0) + index - this.#inputs[input].offset;
    };
  }

  #joinFrom(start: number): Partial {
    const waiting = new Set(this.#inputs.keys());
    const used = new Set<Expression>();
    const groups: Partial[] = [];
    while (waiting.size > 0) {
      const first = waiting.has(start) ? start : [...waiting][0];
      waiting.delete(first);
      let joined = this.#single(first);
      for (let next = this.#next(joined, waiting); next !== undefined; next = this.#next(joined, waiting)) {
        waiting.delete(next);
        joined = this.#join(joined, this.#single(next), used);
      }
      groups.push(joined);
    }
    return groups.reduce((left, right) => this.#join(left, right, used));
  }

  /** The input that an equality ties to the joined ones and that leaves the fewest rows. */
  #next(joined: Partial, waiting: ReadonlySet<number>): number | undefined {
    let best: { readonly input: number; readonly rows: number } | undefined;
    for (const input of waiting) {
      const ties = this.#ties(joined.members, [input]);
      if (ties.length === 0) continue;
      const { rows } = joinSizes(joined.size, this.#sizes[input], this.#uniqueness(joined.members, [input], ties));
      if (best === undefined || (this.#isKnown && rows < best.rows)) best = { input, rows };
    }
    return best?.input;
  }

  /** The equalities between some inputs and others. */
  #ties(left: readonly number[], right: readonly number[]): readonly Expression[] {
    const ties = this.#conditions.filter(
      ({ condition, reads }) =>
        isEquality(condition) &&
        [...reads].every((input) => left.includes(input) || right.includes(input)) &&
        [...reads].some((input) => left.includes(input)) &&
        [...reads].some((input) => right.includes(input)),
    );
    return ties.map(({ condition }) => condition);
  }

  #uniqueness(left: readonly number[], right: readonly number[], ties: readonly Expression[]): JoinTies {
    const isUnique = (members: readonly number[]): boolean => {
      const [member] = members;
      const { plan, offset } = this.#inputs[member];
      return (
        members.length === 1 &&
        isUniqueBy(
          plan,
          columnsUsed(...ties).map((index) => index - offset),
        )
      );
    };
    return { isTied: ties.length > 0, isLeftUnique: isUnique(left), isRightUnique: isUnique(right) };
  }

  #single(input: number): Partial {
    const { plan } = this.#inputs[input];
    const size = this.#sizes[input];
    const cost = plan.kind === 'scan' && plan.index === undefined ? size.base : size.rows;
    return { plan, size, members: [input], cost };
  }

  #join(left: Partial, right: Partial, used: Set<Expression>): Partial {
    const members = [...left.members, ...right.members];
    const placeOf = this.placesIn(members);
    const ready = this.#conditions.filter(
      ({ condition, reads }) => !used.has(condition) && [...reads].every((input) => members.includes(input)),
    );
    for (const { condition } of ready) used.add(condition);
    const plan: JoinNode = {
      kind: 'join',
      type: 'inner',
      left: left.plan,
      right: right.plan,
      equalities: [],
      condition: conjunction(ready.map(({ condition }) => remapColumns(condition, placeOf))),
      output: [...left.plan.output, ...right.plan.output],
    };
    const ties = this.#ties(left.members, right.members);
    const size = joinSizes(left.size, right.size, this.#uniqueness(left.members, right.members, ties));
    const work = this.#canLookUp(left, right, ties)
      ? left.size.rows * LOOKUP_COST
      : right.cost + right.size.rows * KEPT_COST + left.size.rows * PROBE_COST;
    return { plan, size, members, cost: left.cost + work + size.rows * OUTPUT_COST };
  }

  /** By an index of the table, or by those of the tables that the right side is made of. */
  #canLookUp(left: Partial, right: Partial, ties: readonly Expression[]): boolean {
    if (right.members.length > 1 || !isWorthLookingUp(left.size.rows, right.size.base)) return false;
    const { offset } = this.#inputs[right.members[0]];
    const columns = ties.flatMap((tie) => columnsUsed(tie).map((index) => index - offset));
    if (right.plan.kind === 'scan') return leadsIndex(right.plan, columns);
    const width = right.plan.output.length;
    const areFew = left.size.rows <= MAX_KEYED_ROWS;
    return areFew && columns.some((column) => column >= 0 && column < width && reachesIndex(right.plan, column));
  }

  #inputOf(index: number): number {
    let found = 0;
    for (let at = 0; at < this.#inputs.length; at++) if (this.#inputs[at].offset <= index) found = at;
    return found;
  }
}

interface JoinCondition {
  readonly condition: Expression;
  /** The inputs, by their numbers. */
  readonly reads: ReadonlySet<number>;
}
