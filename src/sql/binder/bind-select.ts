import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { WindowCall } from '../plan/window-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { SelectStatement } from '../syntax/query-ast.ts';
import { AggregateCollector } from './aggregate-collector.ts';
import { bindCondition } from './bind-expression.ts';
import { type BoundFrom, bindFrom } from './bind-from.ts';
import { bindGrouping } from './bind-grouping.ts';
import { bindLimits, limit } from './bind-limit.ts';
import { Locking, notOfValues } from './bind-locking.ts';
import { bindDistinct, bindSortKeys, type Distinctness } from './bind-sort.ts';
import { bindValues } from './bind-values.ts';
import { bindWindows } from './bind-window.ts';
import { type CursorRows, keepEnds, rowNamesOf } from './cursor-rows.ts';
import type { Clause, ExpressionContext } from './expression-context.ts';
import { findGapFill } from './gap-fill-query.ts';
import type { OuterLevel } from './outer-level.ts';
import { overPlainBuckets, placeGapFill } from './place-gap-fill.ts';
import { placeWindows } from './place-windows.ts';
import type { SelectRecord } from './query-record.ts';
import { refuseInRecursion } from './refuse-in-recursion.ts';
import { outputColumnOf, type SelectItem, SelectList } from './select-list.ts';
import { SetCollector } from './set-collector.ts';
import { FIRST_AGGREGATE, FIRST_WINDOW_CALL } from './stand-in-columns.ts';
import type { StatementBinding } from './statement-binding.ts';
import { WindowCollector } from './window-collector.ts';

export interface SelectOptions {
  /** What lies around this query, where names that it lacks are looked up. */
  readonly outer?: OuterLevel | undefined;
  /** Types that results without a type of their own are wanted as (INSERT … SELECT 'x'); text otherwise. */
  readonly wantedTypes?: readonly SqlType[];
  /** Results without a type of their own stay so: a set operation decides. */
  readonly keepsUnknowns?: boolean;
  /** Told how the rows of tables behind those of the result are named, in columns that are added to it. */
  readonly noteRows?: (rows: CursorRows) => void;
  /** Told what the columns of the result are written as, for messages that point at them; VALUES have nothing to tell. */
  readonly noteSyntax?: (columns: readonly (SyntaxExpression | undefined)[]) => void;
}

const WINDOW_CLAUSES: ReadonlySet<Clause> = new Set<Clause>(['SELECT', 'ORDER BY', 'DISTINCT ON']);

const SET_CLAUSES: ReadonlySet<Clause> = new Set<Clause>([...WINDOW_CLAUSES, 'GROUP BY']);

/**
 * A query as a plan: FROM → WHERE → aggregate → HAVING → gap filling → windows → projection → DISTINCT → ORDER BY → LIMIT → projection of what
 * sorting alone needed. Clauses are bound in PostgreSQL's order, so that of several errors the same one is reported.
 */
export function bindSelect(
  binding: StatementBinding,
  statement: SelectStatement,
  options: SelectOptions = {},
): LogicalPlan {
  if (statement.values !== undefined && statement.locking !== undefined)
    throw notOfValues(statement.locking[0].strength);
  if (statement.values !== undefined) return bindValues(binding, statement, options);
  const locking = statement.locking && new Locking(binding, statement, statement.locking);
  const from = bindFrom(binding, locking?.from ?? statement.from, { statement, outer: options.outer });
  const { scope } = from;
  const aggregates = new AggregateCollector();
  const windows = new WindowCollector(statement.windows ?? []);
  const sets = new SetCollector();
  const contextOf = (clause: Clause): ExpressionContext => ({
    binding,
    scope,
    clause,
    aggregates: clause === 'GROUP BY' ? undefined : aggregates,
    windows: WINDOW_CLAUSES.has(clause) ? windows : undefined,
    sets: SET_CLAUSES.has(clause) ? sets : undefined,
  });
  const list = new SelectList(contextOf('SELECT'), statement.targets);
  const where =
    statement.where === undefined
      ? undefined
      : bindCondition({ binding, scope, clause: 'WHERE', aggregates: undefined }, statement.where, 'WHERE');
  const having = bindHaving(contextOf('HAVING'), statement, list);
  const sortKeys = bindSortKeys(contextOf('ORDER BY'), statement.orderBy, list);
  const grouping = bindGrouping(contextOf('GROUP BY'), statement, list, aggregates, windows);
  const distinct = bindDistinct(contextOf('DISTINCT ON'), statement, list, sortKeys);
  const bounds = bindLimits(binding, scope, statement);
  const boundWindows = bindWindows(contextOf('window definitions'), windows.definitions);
  if (options.keepsUnknowns !== true) list.resolveUnknowns(options.wantedTypes);
  options.noteSyntax?.(list.visible.map((item) => syntaxOf(binding, item)));

  locking?.check(statement, {
    isGrouped: statement.groupBy.length > 0,
    hasAggregates: !aggregates.isEmpty,
    hasWindows: windows.calls.length > 0,
    hasSets: !sets.isEmpty,
  });
  const rowIds = locking?.columns(scope) ?? [];

  const bound: SelectRecord = {
    items: list.items,
    visibleCount: list.visibleCount,
    where,
    having,
    sortKeys,
    grouping,
    distinct,
    limits: bounds,
    aggregates,
    windows,
    sets,
    boundWindows,
  };
  binding.record?.selects.set(statement, bound);

  let plan = filter(from.plan, where);
  // DISTINCT compares what is shown: items that only GROUP BY named must not make rows differ.
  const items = distinct.kind === 'all' ? list.visible : list.items;
  let expressions: readonly Expression[] = items.map((item) => item.expression);
  let change = (expression: Expression): Expression => expression;
  if (statement.groupBy.length > 0 || having !== undefined || !aggregates.isEmpty) {
    ({ plan, expressions, change } = groupRows(binding, from, bound, plan, expressions));
  }
  if (windows.calls.length > 0) {
    const placed = placeWindows(plan, windows, boundWindows, change);
    plan = placed.plan;
    expressions = expressions.map((expression) => windows.placed(expression, placed.columnOf));
    const overGroups = change;
    change = (expression) => windows.placed(overGroups(expression), placed.columnOf);
  }
  if (!sets.isEmpty) ({ plan, expressions } = sets.place(plan, expressions, change));
  const ids = rowIds.map(({ type }) => ({ name: '?column?', type, tableOid: 0, columnNumber: 0 }));
  const isPlain =
    statement.distinct === 'none' &&
    aggregates.isEmpty &&
    sets.isEmpty &&
    windows.calls.length === 0 &&
    statement.groupBy.length === 0 &&
    having === undefined;
  const rows = options.noteRows && rowNamesOf(binding, statement, scope, { shownCount: list.visibleCount, isPlain });
  const output = [...items.map(outputColumnOf), ...ids, ...(rows?.output ?? [])];
  plan = {
    kind: 'project',
    input: plan,
    expressions: [...expressions, ...rowIds, ...(rows?.expressions ?? [])],
    output,
  };
  plan = order(plan, distinct, sortKeys);
  const isLimited = bounds.count !== undefined || bounds.offset !== undefined;
  if (locking !== undefined) plan = locking.over(plan, scope, items.length, { isLimited });
  plan = limit(plan, bounds, sortKeys);
  if (rows === undefined) return keepFirst(plan, list.visibleCount);
  options.noteRows?.(rows.rows);
  return keepEnds(plan, list.visibleCount, rows.output.length);
}

/**
 * GROUP BY, aggregates, HAVING and gap filling over `input`, the rows that WHERE has left: what `expressions` are over the
 * groups, and `change`, which says the same of anything else that was bound over the rows.
 */
function groupRows(
  binding: StatementBinding,
  from: BoundFrom,
  { items, where, having, grouping, aggregates, windows, sets, boundWindows }: SelectRecord,
  input: LogicalPlan,
  expressions: readonly Expression[],
): { plan: LogicalPlan; expressions: readonly Expression[]; change: (expression: Expression) => Expression } {
  refuseInRecursion(from.plan, aggregates, having === undefined ? expressions : [...expressions, having]);
  // Rows that are grouped by what a set-returning function gives are there before they are grouped.
  const below = sets.place(input, grouping.keys);
  const shown = expressions.map(below.over);
  const reads = [
    ...shown,
    ...boundWindows.flatMap(({ partitionBy, orderBy }) => [...orderBy.map((key) => key.expression), ...partitionBy]),
    ...(having === undefined ? [] : [having]),
    ...windows.calls.flatMap(({ call }) => readByCall(call)),
    ...sets.arguments,
  ];
  const keyed = { ...grouping, keys: below.expressions };
  const readBy = (standIn: number): readonly Expression[] => {
    if (standIn < FIRST_AGGREGATE) return sets.callOf(standIn).arguments;
    return standIn < FIRST_WINDOW_CALL ? [] : readByCall(windows.calls[standIn - FIRST_WINDOW_CALL].call);
  };
  const gapFill = findGapFill(binding, { from: from.plan, where, items, grouping, aggregates, windows });
  const grouped = aggregates.group(binding, from.scope, below.plan, keyed, reads, readBy);
  const node = gapFill === undefined ? grouped.plan : overPlainBuckets(grouped.plan, gapFill);
  let over = grouped.expressions;
  let plan = filter(node, having === undefined ? undefined : over[reads.indexOf(having)]);
  if (gapFill !== undefined) {
    ({ plan, expressions: over } = placeGapFill(gapFill, plan, node, grouping.keys.length, over));
  }
  const overGroups = new Map(reads.map((read, at) => [read, over[at]]));
  const change = (expression: Expression): Expression => overGroups.get(expression) ?? expression;
  return { plan, expressions: shown.map(change), change };
}

/** A column that a star stands for is where the star is. */
function syntaxOf(binding: StatementBinding, { syntax, expression }: SelectItem): SyntaxExpression | undefined {
  if (syntax !== undefined) return syntax;
  const position = binding.originOf(expression)?.position;
  return position === undefined ? undefined : { kind: 'star', qualifier: [], position };
}

/** An alias of the select list may be used where FROM has no such column: an extra of ours. */
function bindHaving(context: ExpressionContext, statement: SelectStatement, list: SelectList): Expression | undefined {
  if (statement.having === undefined) return undefined;
  const outputNamed = (name: string, position: number): Expression | undefined =>
    list.items[list.byName(name, 'HAVING', position)]?.expression;
  return bindCondition({ ...context, outputNamed }, statement.having, 'HAVING');
}

/** What a window function call reads, over the rows that it is computed from. */
function readByCall({ arguments: values, filter }: WindowCall): readonly Expression[] {
  return filter === undefined ? values : [...values, filter];
}

/** No node without a condition. */
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
