import type { StoredView } from '../../catalog/catalog-object.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import type { Query, SelectStatement } from '../syntax/query-ast.ts';
import { queryOfView } from './bind-view.ts';

export type RowCommand = 'insert' | 'update' | 'delete';

const MESSAGES: Readonly<
  Record<RowCommand, { readonly cannot: string; readonly doing: string; readonly event: string }>
> = {
  insert: { cannot: 'cannot insert into view', doing: 'inserting into the view', event: 'INSERT' },
  update: { cannot: 'cannot update view', doing: 'updating the view', event: 'UPDATE' },
  delete: { cannot: 'cannot delete from view', doing: 'deleting from the view', event: 'DELETE' },
};

/**
 * What is said of a statement that changes rows by way of a view: 55000 where the view shows more than rows of one table,
 * as PostgreSQL words it, 0A000 otherwise.
 */
export function refusedChange(view: StoredView, command: RowCommand, position: number): SqlError {
  const { cannot, doing, event } = MESSAGES[command];
  const obstacle = obstacleOf(queryOfView(view));
  if (obstacle === undefined) return notSupported(`${event} by way of a view`, position);
  return new SqlError(SqlState.ObjectNotInPrerequisiteState, `${cannot} "${view.name}"`, {
    detail: obstacle,
    hint: `To enable ${doing}, provide an INSTEAD OF ${event} trigger or an unconditional ON ${event} DO INSTEAD rule.`,
  });
}

/** Why rows of the view are not rows of one table; undefined when they are. */
function obstacleOf(query: Query): string | undefined {
  const containing = (what: string): string => `Views containing ${what} are not automatically updatable.`;
  if (query.kind === 'select' && query.distinct !== 'none') return containing('DISTINCT');
  if (query.kind === 'select' && query.groupBy.length > 0) return containing('GROUP BY');
  if (query.kind === 'select' && query.having !== undefined) return containing('HAVING');
  if (query.kind === 'set-operation') return containing('UNION, INTERSECT, or EXCEPT');
  if (query.with !== undefined) return containing('WITH');
  if (query.limit !== undefined || query.offset !== undefined) return containing('LIMIT or OFFSET');
  const call = callKindOf(query);
  if (call !== undefined) return `Views that return ${call} functions are not automatically updatable.`;
  const [item, ...more] = query.from;
  if (item?.kind === 'table' && more.length === 0) return undefined;
  return 'Views that do not select from a single table or view are not automatically updatable.';
}

/** Aggregates come before window functions, and these before those that give sets. */
function callKindOf({ targets }: SelectStatement): 'aggregate' | 'window' | 'set-returning' | undefined {
  const found = new Set<string>();
  visitCalls(targets, found);
  return (['aggregate', 'window', 'set-returning'] as const).find((kind) => found.has(kind));
}

/** Not into subqueries, which are queries of their own. */
function visitCalls(tree: unknown, found: Set<string>): void {
  if (typeof tree !== 'object' || tree === null) return;
  if ('kind' in tree && (tree.kind === 'subquery' || tree.kind === 'subquery-comparison')) return;
  if ('kind' in tree && tree.kind === 'call' && 'name' in tree) {
    const kinds = functionsNamed(String(tree.name)).map(({ kind }) => kind);
    if ('over' in tree && tree.over !== undefined) found.add('window');
    else if (kinds.includes('aggregate')) found.add('aggregate');
    else if (kinds.includes('table')) found.add('set-returning');
  }
  for (const part of Object.values(tree)) visitCalls(part, found);
}
