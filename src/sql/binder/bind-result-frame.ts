import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { Query } from '../syntax/query-ast.ts';
import { bindLimits, limit } from './bind-limit.ts';
import { keepFirst } from './bind-select.ts';
import { bindSortKeys } from './bind-sort.ts';
import { startOf } from './expression-position.ts';
import type { OuterLevel } from './outer-level.ts';
import { emptyScope, type Scope, type ScopeColumn, scopeOf } from './scope.ts';
import { outputColumnOf, SelectList } from './select-list.ts';
import type { StatementBinding } from './statement-binding.ts';

export interface ResultFrameOptions {
  /** What qualifies the columns of VALUES. Those of a set operation have bare names, and nothing else is sorted by. */
  readonly relationName: string | undefined;
  readonly outer?: OuterLevel | undefined;
}

/**
 * ORDER BY, OFFSET and LIMIT over a result whose columns are known: of VALUES and of set operations. Throws 0A000 where
 * only the columns themselves can be sorted by.
 */
export function bindResultFrame(
  binding: StatementBinding,
  plan: LogicalPlan,
  statement: Query,
  { relationName, outer }: ResultFrameOptions,
): LogicalPlan {
  if (statement.orderBy.length === 0 && statement.limit === undefined && statement.offset === undefined) return plan;
  const columns = columnsOf(plan, relationName ?? '');
  const named = scopeOf({ name: relationName ?? '', table: undefined, isAliased: true, columns });
  if (relationName !== undefined) binding.rangeTable.add(named.relations[0]);
  const unnamed: Scope = { ...named, relations: [{ ...named.relations[0], columns: [] }] };
  const scope: Scope = { ...(relationName === undefined ? unnamed : named), outer };
  const context = { binding, scope, clause: 'ORDER BY', aggregates: undefined } as const;
  const star = { kind: 'star', qualifier: [], position: 0 } as const;
  const list = new SelectList(context, [{ alias: undefined, expression: star, position: 0 }]);
  const keys = bindSortKeys(context, statement.orderBy, list);
  if (relationName === undefined && list.items.length > list.visibleCount) {
    throw new SqlError(SqlState.FeatureNotSupported, 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', {
      position: startOf(list.items[list.visibleCount].syntax),
      detail: 'Only result column names can be used, not expressions or functions.',
      hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    });
  }
  const bounds = bindLimits(binding, relationName === undefined ? { ...emptyScope, outer } : scope, statement);
  binding.record?.frames.set(statement, { items: list.items, sortKeys: keys, limits: bounds });
  const output = list.items.map(outputColumnOf);
  let ordered: LogicalPlan = plan;
  if (list.items.length > list.visibleCount) {
    ordered = { kind: 'project', input: plan, expressions: list.items.map((item) => item.expression), output };
  }
  if (keys.length > 0) ordered = { kind: 'sort', input: ordered, keys, output: ordered.output };
  return keepFirst(limit(ordered, bounds, keys), list.visibleCount);
}

/** A plan's output as columns of a relation. */
export function columnsOf(plan: LogicalPlan, relationName: string): ScopeColumn[] {
  return plan.output.map(({ name, type }, index) => ({
    name,
    expression: { kind: 'column', index, type },
    relationName,
    tableOid: 0,
    columnNumber: 0,
    isHidden: false,
  }));
}
