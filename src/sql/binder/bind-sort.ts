import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ColumnExpression, Expression } from '../expression/expression.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { OrderItem, SelectStatement } from '../syntax/query-ast.ts';
import { bindExpression } from './bind-expression.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf, writtenStartOf } from './expression-position.ts';
import { findColumn } from './resolve-column.ts';
import type { SelectList } from './select-list.ts';
import { checkEquality, sortOrderOf } from './sort-order.ts';

/** DISTINCT of a query: none, over whole rows, or ON keys over the projection's columns. */
export type Distinctness =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'on'; readonly keys: readonly Expression[] };

/** ORDER BY over the projection's columns; expressions that the select list lacks are added to it, hidden. */
export function bindSortKeys(context: ExpressionContext, items: readonly OrderItem[], list: SelectList): SortKey[] {
  const keys: SortKey[] = [];
  const seen = new Set<number>();
  for (const item of items) {
    const at = findItem(context, item.expression, list, 'ORDER BY');
    list.resolveUnknownAt(at);
    const order = sortOrderOf(item, list.items[at].expression.type);
    // A second key over the same column decides nothing.
    if (seen.has(at)) continue;
    seen.add(at);
    keys.push({ expression: columnOf(list, at), ...order });
  }
  return keys;
}

/** Throws 42P10 where DISTINCT and ORDER BY contradict each other. */
export function bindDistinct(
  context: ExpressionContext,
  statement: SelectStatement,
  list: SelectList,
  sortKeys: readonly SortKey[],
): Distinctness {
  const { distinct } = statement;
  if (distinct === 'none') return { kind: 'none' };
  if (distinct === 'all') {
    const hidden = sortKeys.find((key) => indexOf(key) >= list.visibleCount);
    if (hidden !== undefined) {
      throw new SqlError(
        SqlState.InvalidColumnReference,
        'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
        { position: startOf(list.items[indexOf(hidden)].syntax) },
      );
    }
    list.resolveUnknowns();
    for (const item of list.visible) checkEquality(item.expression.type, startOf(item.syntax));
    return { kind: 'all' };
  }
  const wanted: number[] = [];
  const items: SyntaxExpression[] = [];
  for (const item of distinct.on) {
    const at = findItem(context, item, list, 'DISTINCT ON');
    list.resolveUnknownAt(at);
    checkEquality(list.items[at].expression.type, writtenStartOf(item));
    if (wanted.includes(at)) continue;
    wanted.push(at);
    items.push(item);
  }
  checkOrder(wanted, items, sortKeys);
  return { kind: 'on', keys: wanted.map((at) => columnOf(list, at)) };
}

/**
 * As far as the sort reaches, it must begin with DISTINCT ON's keys, in any order among themselves: no other key may
 * stand before one of them.
 */
function checkOrder(wanted: readonly number[], on: readonly SyntaxExpression[], sortKeys: readonly SortKey[]): void {
  const sorted = sortKeys.map(indexOf);
  const firstOther = sorted.findIndex((at) => !wanted.includes(at));
  if (firstOther < 0) return;
  const leading = sorted.slice(0, firstOther);
  const late = sorted.slice(firstOther).find((at) => wanted.includes(at)) ?? wanted.find((at) => !leading.includes(at));
  if (late === undefined) return;
  throw new SqlError(
    SqlState.InvalidColumnReference,
    'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
    { position: startOf(on[wanted.indexOf(late)]) },
  );
}

function indexOf(key: SortKey): number {
  return (key.expression as ColumnExpression).index;
}

function columnOf(list: SelectList, index: number): ColumnExpression {
  return { kind: 'column', index, type: list.items[index].expression.type };
}

/** An item of ORDER BY, GROUP BY or DISTINCT ON as a number into the select list. */
export function findItem(
  context: ExpressionContext,
  syntax: SyntaxExpression,
  list: SelectList,
  clause: 'ORDER BY' | 'GROUP BY' | 'DISTINCT ON',
): number {
  if (syntax.kind === 'literal') {
    if (syntax.type === 'integer' && Math.abs(Number(syntax.value)) < 2 ** 31)
      return list.byOrdinal(Number(syntax.value), clause, syntax.position);
    throw new SqlError(SqlState.SyntaxError, `non-integer constant in ${clause}`, { position: syntax.position });
  }
  if (syntax.kind === 'column' && syntax.qualifier.length === 0) {
    const isInputColumn = clause === 'GROUP BY' && context.scope.columns.some((column) => column.name === syntax.name);
    if (!isInputColumn) {
      const named = list.byName(syntax.name, clause, syntax.position);
      if (named >= 0) return named;
      if (findColumn(context.binding, context.scope, syntax) === undefined) {
        // No column either: the one output name that differs in case only.
        const folded = syntax.name.toLowerCase();
        const similar = list.visible.filter((item) => item.name.toLowerCase() === folded);
        if (similar.length === 1) return list.items.indexOf(similar[0]);
      }
    }
  }
  return list.indexOf(bindExpression(context, syntax), syntax);
}
