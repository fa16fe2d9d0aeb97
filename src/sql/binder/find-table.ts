import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { RelationName } from '../syntax/ast.ts';
import type { BindContext } from './bind-context.ts';

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
    if (table.name.toLowerCase() === folded && schemas.includes(table.schemaName)) similar.push(table);
  }
  return similar.length === 1 ? similar[0] : undefined;
}

/** Throws 42P01 `relation "x" does not exist`. */
export function requireTable(context: BindContext, relation: RelationName): TableDescriptor {
  const table = findTable(context, relation);
  if (table !== undefined) return table;
  throw new SqlError(SqlState.UndefinedTable, `relation "${nameAsWritten(relation)}" does not exist`, {
    position: relation.position,
  });
}

/** A table whose rows can be changed. Throws 42P01, and 42501 for a system table. */
export function requireWritableTable(context: BindContext, relation: RelationName): TableDescriptor {
  const table = requireTable(context, relation);
  if (table.kind !== 'system-table') return table;
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
