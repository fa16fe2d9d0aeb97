import { isTemporarySchema, TEMPORARY_ALIAS } from '../../catalog/temporary-schemas.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { RelationName } from '../syntax/located.ts';
import type { BindContext } from './bind-context.ts';
import { checkDatabase } from './find-table.ts';

const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema']);

/**
 * The schema that is written, else the first of the search path in which things can be made; that of temporary objects may
 * still have to be made. Throws 3F000, 42501.
 */
export function creationSchema(context: BindContext, object: RelationName): string {
  const { catalog } = context;
  checkDatabase(context, object);
  const { schema, position } = object;
  if (schema === undefined) {
    const written = context.writtenSchemas?.() ?? context.searchPath;
    const first = written.find(
      (name) =>
        isTemporarySchema(name) ||
        (!SYSTEM_SCHEMAS.has(name) && catalog.schema(name) !== undefined && context.searchPath.includes(name)),
    );
    if (first !== undefined) return first;
    throw new SqlError(SqlState.InvalidSchemaName, 'no schema has been selected to create in', { position });
  }
  if (schema === TEMPORARY_ALIAS) return schema;
  if (catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
  }
  if (SYSTEM_SCHEMAS.has(schema)) {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied to create "${schema}.${object.name}"`, {
      detail: 'System catalog modifications are currently disallowed.',
    });
  }
  return schema;
}

/** Whether a schema is the catalog's own. */
export function isSystemSchema(name: string): boolean {
  return SYSTEM_SCHEMAS.has(name);
}
