import { viewTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { StoredView } from '../../catalog/catalog-object.ts';
import { invariant } from '../../errors/invariant.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { FromTable } from '../syntax/from-ast.ts';
import { parseSql } from '../syntax/parse-sql.ts';
import type { Query } from '../syntax/query-ast.ts';
import { type BoundFrom, relationOver } from './bind-from.ts';
import { bindQuery } from './bind-query.ts';
import { scopeOf } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** A view in FROM: its query, under its columns' names. */
export function bindView(binding: StatementBinding, view: StoredView, { alias, relation: name }: FromTable): BoundFrom {
  binding.views.add(view);
  const access = binding.use(viewTarget(view), Privilege.Select, name.schema);
  const plan = binding.deeper(1, () =>
    binding.asOwner(view.ownerOid, () => binding.within(undefined, () => bindQuery(binding, queryOfView(view)))),
  );
  const output = plan.output.map((column, at) => ({
    ...column,
    name: view.columns[at].name,
    tableOid: view.oid,
    columnNumber: at + 1,
  }));
  const expressions = output.map(({ type }, index) => ({ kind: 'column', index, type }) as const);
  const named: LogicalPlan = { kind: 'project', input: plan, expressions, output };
  const relation = relationOver(named, { name: view.name, alias, isHidden: [], isTable: true, access });
  return { plan: named, scope: scopeOf({ ...relation, view }) };
}

const queries = new WeakMap<StoredView, Query>();

/** The tree of a view's query. It has no positions: those of a statement are in the statement's text. */
export function queryOfView(view: StoredView): Query {
  let query = queries.get(view);
  if (query === undefined) {
    query = parseQuery(view.query);
    queries.set(view, query);
  }
  return query;
}

export function parseQuery(text: string): Query {
  const [parsed] = parseSql(text);
  const statement = parsed?.statement;
  invariant(statement?.kind === 'select' || statement?.kind === 'set-operation', 'a view is a query');
  return withoutPositions(statement);
}

function withoutPositions<T>(tree: T): T {
  if (Array.isArray(tree)) return tree.map(withoutPositions) as T;
  if (typeof tree !== 'object' || tree === null) return tree;
  const fields = Object.entries(tree).map(([name, part]) => [name, name === 'position' ? 0 : withoutPositions(part)]);
  return Object.fromEntries(fields) as T;
}
