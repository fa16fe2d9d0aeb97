import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan, SortKey } from '../plan/logical-plan.ts';
import type { SelectStatement } from '../syntax/ast.ts';
import { AggregateCollector } from './aggregate-collector.ts';
import { bindCondition } from './bind-expression.ts';
import { bindFrom } from './bind-from.ts';
import { bindLimit } from './bind-limit.ts';
import { bindDistinct, bindGroupKeys, bindSortKeys, type Distinctness } from './bind-sort.ts';
import { bindValues } from './bind-values.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Relation, Scope } from './scope.ts';
import { outputColumnOf, SelectList } from './select-list.ts';
import type { StatementBinding } from './statement-binding.ts';

export interface SelectOptions {
  /** Relations around this query that it cannot refer to: for messages. */
  readonly outside?: readonly Relation[];
  /** Types that results without a type of their own are wanted as (INSERT … SELECT 'x'); text otherwise. */
  readonly wantedTypes?: readonly SqlType[];
}

/**
 * A query as a plan: FROM → WHERE → aggregate → HAVING → projection → DISTINCT → ORDER BY → LIMIT → projection of what
 * sorting alone needed. Clauses are bound in PostgreSQL's order, so that of several errors the same one is reported.
 */
export function bindSelect(
  binding: StatementBinding,
  statement: SelectStatement,
  options: SelectOptions = {},
): LogicalPlan {
  if (statement.values !== undefined) return bindValues(binding, statement, options.wantedTypes);
  const from = bindFrom(binding, statement.from);
  const scope: Scope = { ...from.scope, outside: options.outside ?? [] };
  const aggregates = new AggregateCollector();
  const contextOf = (clause: 'SELECT' | 'HAVING' | 'ORDER BY' | 'DISTINCT ON' | 'GROUP BY'): ExpressionContext => ({
    binding,
    scope,
    clause,
    aggregates: clause === 'GROUP BY' ? undefined : aggregates,
  });
  const list = new SelectList(contextOf('SELECT'), statement.targets);
  const where =
    statement.where === undefined
      ? undefined
      : bindCondition({ binding, scope, clause: 'WHERE', aggregates: undefined }, statement.where, 'WHERE');
  const having = bindHaving(contextOf('HAVING'), statement, list);
  const sortKeys = bindSortKeys(contextOf('ORDER BY'), statement.orderBy, list);
  const groupKeys = bindGroupKeys(contextOf('GROUP BY'), statement.groupBy, list, aggregates);
  const distinct = bindDistinct(contextOf('DISTINCT ON'), statement, list, sortKeys);
  const offset = bindLimit(binding, scope, statement.offset, 'OFFSET');
  const count = bindLimit(binding, scope, statement.limit, 'LIMIT');
  list.resolveUnknowns(options.wantedTypes);

  let plan = filter(from.plan, where);
  // DISTINCT compares what is shown: items that only GROUP BY named must not make rows differ.
  const items = distinct.kind === 'all' ? list.visible : list.items;
  let expressions = items.map((item) => item.expression);
  const isGrouped = statement.groupBy.length > 0 || having !== undefined || aggregates.calls.length > 0;
  if (isGrouped) {
    const overGroups = (expression: Expression): Expression => aggregates.overGroups(binding, groupKeys, expression);
    expressions = expressions.map(overGroups);
    const condition = having === undefined ? undefined : overGroups(having);
    plan = filter(aggregate(plan, groupKeys, aggregates), condition);
  }
  plan = { kind: 'project', input: plan, expressions, output: items.map(outputColumnOf) };
  plan = order(plan, distinct, sortKeys);
  if (offset !== undefined || count !== undefined) {
    plan = { kind: 'limit', input: plan, offset, count, output: plan.output };
  }
  return keepFirst(plan, list.visibleCount);
}

/** An alias of the select list may be used where FROM has no such column: an extra of ours. */
function bindHaving(context: ExpressionContext, statement: SelectStatement, list: SelectList): Expression | undefined {
  if (statement.having === undefined) return undefined;
  const outputNamed = (name: string, position: number): Expression | undefined =>
    list.items[list.byName(name, 'HAVING', position)]?.expression;
  return bindCondition({ ...context, outputNamed }, statement.having, 'HAVING');
}

function aggregate(input: LogicalPlan, keys: readonly Expression[], aggregates: AggregateCollector): LogicalPlan {
  const columns = [...keys, ...aggregates.calls].map((column) => ({
    name: 'function' in column && 'isDistinct' in column ? column.function.name : '?column?',
    type: column.type,
    tableOid: 0,
    columnNumber: 0,
  }));
  return { kind: 'aggregate', input, keys, aggregates: aggregates.calls, output: columns };
}

export function filter(input: LogicalPlan, condition: Expression | undefined): LogicalPlan {
  return condition === undefined ? input : { kind: 'filter', input, condition, output: input.output };
}

/** DISTINCT and ORDER BY over the projection; DISTINCT ON picks from sorted rows, plain DISTINCT sorts what is left. */
function order(input: LogicalPlan, distinct: Distinctness, keys: readonly SortKey[]): LogicalPlan {
  const { output } = input;
  const sorted = (plan: LogicalPlan): LogicalPlan =>
    keys.length === 0 ? plan : { kind: 'sort', input: plan, keys, output };
  if (distinct.kind === 'on') return { kind: 'distinct-on', input: sorted(input), keys: distinct.keys, output };
  return sorted(distinct.kind === 'all' ? { kind: 'distinct', input, output } : input);
}

/** Projects the hidden columns away. */
export function keepFirst(input: LogicalPlan, count: number): LogicalPlan {
  if (input.output.length === count) return input;
  const output = input.output.slice(0, count);
  const expressions = output.map(({ type }, index): Expression => ({ kind: 'column', index, type }));
  return { kind: 'project', input, expressions, output };
}
