import { bool } from '../../../types/bool.ts';
import { sqlType } from '../../../types/type-registry.ts';
import type { ColumnExpression, Expression, SubqueryExpression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { hasSubquery, mapChildren, someExpression } from '../../expression/walk-expression.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { planOf } from '../../plan/plan-of.ts';
import { filtersMayFail, joinGroups, leftJoin, outputOf, untie, untieRows } from '../correlated-groups.ts';
import { areJoinable, overBoth, slotsOf } from '../correlation.ts';
import { isUniqueBy } from '../estimate-size.ts';
import { mapNodeExpressions, mapPlan } from '../plan-walk.ts';
import { nodeExpressions } from '../subplans.ts';

const BOOLEAN = sqlType(bool);

/**
 * Joins in place of correlated subqueries that are values, where equality ties them to the outer row:
 *
 *   (SELECT sum(x) FROM u WHERE u.a = t.a)    left join of u grouped by a
 *   (SELECT x FROM u WHERE u.a = t.a)         left join, which fails at a second match
 *   EXISTS (…) beside other things            left join of the keys that there are
 *   (SELECT x FROM cpu … ORDER BY time LIMIT 1)  left lateral join, of which others make an as-of join
 *
 * A subquery that not every row reaches (CASE, COALESCE, behind AND and OR) must not fail for the others, so only those
 * whose work cannot fail are computed for all.
 */
export function unnestValues(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind !== 'project' && node.kind !== 'filter') return node;
    const expressions = nodeExpressions(node);
    if (!expressions.some((expression) => someExpression(expression, isCorrelatedSubquery))) return node;
    return unnest(node);
  });
}

function isCorrelatedSubquery(expression: Expression): boolean {
  return expression.kind === 'subquery' && expression.bindings.length > 0 && !expression.isVolatile;
}

function unnest(node: Extract<LogicalPlan, { kind: 'project' | 'filter' }>): LogicalPlan {
  const { input } = node;
  const joins = new ValueJoins(input);
  const over = mapNodeExpressions(node, (expression) => joins.rewrite(expression, false)) as typeof node;
  if (joins.plan === input) return node;
  if (over.kind === 'project') return { ...over, input: joins.plan };
  const kept: ColumnExpression[] = input.output.map(({ type }, index) => ({ kind: 'column', index, type }));
  const filtered: LogicalPlan = { ...over, input: joins.plan, output: joins.plan.output };
  return { kind: 'project', input: filtered, expressions: kept, output: node.output };
}

/** The rows of a node's input, with the values of subqueries joined to them one after the other. */
class ValueJoins {
  plan: LogicalPlan;
  readonly #known = new Map<SubqueryExpression['plan'], Expression>();

  constructor(input: LogicalPlan) {
    this.plan = input;
  }

  /** `isGuarded`: not every row may come to this expression. */
  rewrite(expression: Expression, isGuarded: boolean): Expression {
    if (isCorrelatedSubquery(expression)) {
      const value = this.#join(expression as SubqueryExpression, isGuarded);
      if (value !== undefined) return value;
    }
    switch (expression.kind) {
      case 'case': {
        const branches = expression.branches.map(({ when, then }, at) => ({
          when: this.rewrite(when, isGuarded || at > 0),
          then: this.rewrite(then, true),
        }));
        const { otherwise } = expression;
        return {
          ...expression,
          branches,
          otherwise: otherwise === undefined ? undefined : this.rewrite(otherwise, true),
        };
      }
      case 'coalesce':
      case 'and':
      case 'or':
        return {
          ...expression,
          arguments: expression.arguments.map((argument, at) => this.rewrite(argument, isGuarded || at > 0)),
        };
      case 'in-list':
        return {
          ...expression,
          argument: this.rewrite(expression.argument, isGuarded),
          list: expression.list.map((item) => this.rewrite(item, true)),
        };
      default:
        return mapChildren(expression, (child) => this.rewrite(child, isGuarded));
    }
  }

  #join(subquery: SubqueryExpression, isGuarded: boolean): Expression | undefined {
    const known = this.#known.get(subquery.plan);
    if (known !== undefined) return known;
    if (!areJoinable(subquery.bindings)) return undefined;
    const joined = joinValue(this.plan, subquery, isGuarded);
    if (joined === undefined) return undefined;
    this.plan = joined.plan;
    this.#known.set(subquery.plan, joined.value);
    return joined.value;
  }
}

interface JoinedValue {
  readonly plan: LogicalPlan;
  /** Over the plan's columns. */
  readonly value: Expression;
}

function joinValue(outer: LogicalPlan, subquery: SubqueryExpression, isGuarded: boolean): JoinedValue | undefined {
  switch (subquery.form) {
    case 'exists':
      return joinExistence(outer, subquery);
    case 'scalar': {
      const plan = planOf(subquery);
      if (!isGuarded && isNearestInTime(plan)) return joinLateral(outer, subquery, plan);
      if (plan.kind !== 'project') return undefined;
      if (plan.input.kind !== 'aggregate') return joinSingle(outer, subquery, isGuarded);
      const grouped = joinGroups(outer, subquery.bindings, plan.expressions, plan.input);
      return grouped === undefined ? undefined : { plan: grouped.plan, value: grouped.values[0] };
    }
    default:
      return undefined;
  }
}

function joinExistence(outer: LogicalPlan, subquery: SubqueryExpression): JoinedValue | undefined {
  let inner = planOf(subquery);
  while (inner.kind === 'project' || inner.kind === 'sort') inner = inner.input;
  const untied = untie(inner, slotsOf(subquery.bindings));
  if (untied === undefined || tiesRows(untied.ties)) return undefined;
  const keys = untied.ties.map((tie) => tie.inner);
  const [first] = keys;
  const columns = keys.flatMap((key) => (key.kind === 'column' ? [key.index] : []));
  if (isUniqueBy(untied.plan, columns)) {
    const argument = overBoth(first, [], outer.output.length);
    const plan = leftJoin(outer, untied.plan, subquery.bindings, untied.ties);
    return { plan, value: { kind: 'null-test', argument, isNegated: true, type: subquery.type } };
  }
  const right: AggregateNode = {
    kind: 'aggregate',
    input: untied.plan,
    keys,
    aggregates: [],
    output: keys.map(outputOf),
  };
  const plan = leftJoin(outer, right, subquery.bindings, untied.ties);
  // A key that was matched is not NULL.
  const argument: Expression = { kind: 'column', index: outer.output.length, type: first.type };
  return { plan, value: { kind: 'null-test', argument, isNegated: true, type: subquery.type } };
}

/**
 * The rows are joined, and the value is computed of a joined row where it is asked for: it may fail there as it would have
 * in the subquery.
 */
function joinSingle(outer: LogicalPlan, subquery: SubqueryExpression, isGuarded: boolean): JoinedValue | undefined {
  const plan = planOf(subquery);
  if (plan.kind !== 'project') return undefined;
  const slots = slotsOf(subquery.bindings);
  const [result] = plan.expressions;
  if (isVolatile(result) || hasSubquery(result)) return undefined;
  const untied = untieRows(plan.input, slots);
  if (untied === undefined || tiesRows(untied.ties) || filtersMayFail(untied.plan)) return undefined;
  const keys = untied.ties.flatMap(({ inner }) => (inner.kind === 'column' ? [inner.index] : []));
  const isUnique = isUniqueBy(untied.plan, keys);
  // A second row is an error of the row that asks.
  if (isGuarded && !isUnique) return undefined;
  const joined = leftJoin(outer, untied.plan, subquery.bindings, untied.ties, untied.others);
  const width = outer.output.length;
  return {
    plan: isUnique ? joined : { ...joined, isSingle: true },
    value: ofPartner(overBoth(result, subquery.bindings, width), overBoth(untied.ties[0].inner, [], width), width),
  };
}

/** A row with a NULL in it passes for neither NULL nor not: whether it has found a partner cannot be told by it. */
function tiesRows(ties: readonly { readonly inner: Expression }[]): boolean {
  return ties.some(({ inner }) => 'CP'.includes(inner.type.definition.category));
}

/** A value over both sides of a left join, NULL for a row without a partner. `key` is not NULL in any partner. */
function ofPartner(value: Expression, key: Expression, width: number): Expression {
  const { type } = value;
  if (value.kind === 'column' && value.index >= width) return value;
  const isThere: Expression = { kind: 'null-test', argument: key, isNegated: true, type: BOOLEAN };
  return { kind: 'case', branches: [{ when: isThere, then: value }], otherwise: undefined, type };
}

/** The first row by time of a time-series table, whatever is computed of it. */
function isNearestInTime(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'project':
      return isNearestInTime(plan.input);
    case 'limit': {
      const { input: sort, count, offset, ties } = plan;
      if (offset !== undefined || ties !== undefined || sort.kind !== 'sort') return false;
      if (count?.kind !== 'constant' || Number(count.value ?? 0) !== 1) return false;
      return sort.keys.some(({ expression }) => isTime(expression, sort.input));
    }
    default:
      return false;
  }
}

function isTime(expression: Expression, plan: LogicalPlan): boolean {
  if (expression.kind !== 'column') return false;
  switch (plan.kind) {
    case 'project':
      return isTime(plan.expressions[expression.index], plan.input);
    case 'filter':
      return isTime(expression, plan.input);
    case 'scan':
      return plan.table.timeSeries?.timeColumnNumber === plan.table.columns[plan.columns[expression.index]]?.number;
    default:
      return false;
  }
}

/** It gives one row at most. */
function joinLateral(outer: LogicalPlan, { bindings, type }: SubqueryExpression, right: LogicalPlan): JoinedValue {
  const output = [...outer.output, ...right.output];
  return {
    plan: {
      kind: 'apply',
      type: 'left',
      left: outer,
      right,
      bindings,
      isVolatile: false,
      condition: undefined,
      output,
    },
    value: { kind: 'column', index: outer.output.length, type },
  };
}
