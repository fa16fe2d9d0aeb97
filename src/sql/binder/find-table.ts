import { permissionDenied } from '../../catalog/access/access-control.ts';
import { tableTarget } from '../../catalog/access/access-target.ts';
import type { StoredView } from '../../catalog/catalog-object.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { RelationName } from '../syntax/located.ts';
import type { BindContext } from './bind-context.ts';
import { type RowCommand, refusedChange } from './view-updates.ts';

/**
 * The table that a name means: in the schema that is written, else in the first of the search path that has it. When no
 * schema has exactly this name, the one table that differs in case only is meant.
 */
export function findTable(context: BindContext, relation: RelationName): TableDescriptor | undefined {
  checkDatabase(context, relation);
  const { catalog } = context;
  const schemas = relation.schema === undefined ? context.searchPath : [relation.schema];
  for (const schema of schemas) {
    const table = catalog.table(schema, relation.name);
    if (table !== undefined) return table;
  }
  const folded = relation.name.toLowerCase();
  const similar: TableDescriptor[] = [];
  for (const table of catalog.tables()) {
    if (table.name.toLowerCase() !== folded || !schemas.includes(table.schemaName)) continue;
    // What other sessions have made for themselves is listed, but has no name here.
    if (catalog.table(table.schemaName, table.name) !== undefined) similar.push(table);
  }
  return similar.length === 1 ? similar[0] : undefined;
}

/** The view that a name means, where it means a view: of a table and a view of one name the one earlier in the path counts. */
export function findView(context: BindContext, relation: RelationName): StoredView | undefined {
  checkDatabase(context, relation);
  const { catalog, searchPath } = context;
  for (const schema of relation.schema === undefined ? searchPath : [relation.schema]) {
    const table = catalog.table(schema, relation.name);
    if (table !== undefined) return table.systemView;
    const view = catalog.view(schema, relation.name);
    if (view !== undefined) return view;
  }
  return undefined;
}

/** Throws 42P01 `relation "x" does not exist`. */
export function requireTable(context: BindContext, relation: RelationName): TableDescriptor {
  const table = findTable(context, relation);
  if (table !== undefined) return table;
  throw undefinedTable(relation);
}

export function undefinedTable(relation: RelationName): SqlError {
  return new SqlError(SqlState.UndefinedTable, `relation "${nameAsWritten(relation)}" does not exist`, {
    position: relation.position,
  });
}

/** A table whose rows can be changed. Throws 42P01, 42501 for a system table, 55000 and 0A000 for a view. */
export function requireWritableTable(
  context: BindContext,
  relation: RelationName,
  command: RowCommand,
): TableDescriptor {
  const view = findView(context, relation);
  if (view !== undefined) throw refusedChange(view, command, relation.position);
  const table = requireTable(context, relation);
  if (table.kind !== 'system-table') return table;
  if (context.isSuperuser === false) throw permissionDenied(tableTarget(table));
  throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
}

/** Throws 0A000 for a name in another database. */
export function checkDatabase(context: BindContext, relation: RelationName): void {
  if (relation.database === undefined || relation.database === context.databaseName) return;
  const written = `${relation.database}.${nameAsWritten(relation)}`;
  throw new SqlError(SqlState.FeatureNotSupported, `cross-database references are not implemented: "${written}"`, {
    position: relation.position,
  });
}

export function nameAsWritten(relation: RelationName): string {
  return relation.schema === undefined ? relation.name : `${relation.schema}.${relation.name}`;
}
