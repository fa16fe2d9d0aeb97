import { rowTypeOf } from '../../catalog/row-type.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf, typeByName } from '../../types/type-registry.ts';
import type { TypeSyntax } from '../syntax/located.ts';
import type { BindContext } from './bind-context.ts';
import type { StatementBinding } from './statement-binding.ts';
import { typmodOf } from './type-modifier.ts';

const PG_CATALOG = 'pg_catalog';

/** Types of PostgreSQL's that exist there and not here. */
const REFUSED_TYPES = new Set([
  ...['money', 'xml', 'tsvector', 'tsquery', 'jsonpath'],
  ...['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle', 'pg_lsn', 'xid8', 'cstring'],
  ...['regconfig', 'regdictionary'],
]);

/** A type as written. Throws 42704 when there is none of that name, 22023 for a bad modifier. */
export function resolveType(binding: StatementBinding, syntax: TypeSyntax): SqlType {
  const { schema, name, position } = syntax;
  const { context } = binding;
  const definition = findType(context, schema, name) ?? findRowType(context, schema, name);
  if (definition === undefined) {
    if (schema !== undefined && context.catalog.schema(schema) === undefined) {
      throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
    }
    if (REFUSED_TYPES.has(name) && (schema === undefined || schema === PG_CATALOG)) {
      throw notSupported(`type ${name}`, position);
    }
    throw new SqlError(SqlState.UndefinedObject, `type "${writtenAs(syntax)}" does not exist`, { position });
  }
  // Another type may have the name tomorrow, or this one other labels.
  if (context.catalog.userTypeByOid(definition.oid) !== undefined || definition.category === 'C')
    binding.tieToCatalog();
  const typmod = typmodOf(definition, syntax.modifiers, { written: writtenAs(syntax), position });
  if (syntax.arrayDimensions === 0) return { definition, typmod };
  const array = arrayTypeOf(definition) ?? context.catalog.userTypeByOid(definition.arrayOid);
  if (array === undefined) {
    throw new SqlError(SqlState.UndefinedObject, `could not find array type for data type ${definition.sqlName}`, {
      position,
    });
  }
  // PostgreSQL does not keep the number of dimensions either: all arrays over a type are one type.
  return { definition: array, typmod };
}

function writtenAs({ schema, name, arrayDimensions }: TypeSyntax): string {
  return `${schema === undefined ? '' : `${schema}.`}${name}${arrayDimensions > 0 ? '[]' : ''}`;
}

/** By pg_type's name: in the schema that is written, else in the first of the search path that has it. */
export function findType(
  { catalog, searchPath }: BindContext,
  schema: string | undefined,
  name: string,
): TypeDefinition | undefined {
  for (const candidate of schema === undefined ? searchPath : [schema]) {
    const found = candidate === PG_CATALOG ? typeByName(name) : catalog.userType(candidate, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The type of the rows of a table, which goes by the table's name. */
function findRowType(
  { catalog, searchPath }: BindContext,
  schema: string | undefined,
  name: string,
): TypeDefinition | undefined {
  for (const candidate of schema === undefined ? searchPath : [schema]) {
    const table = catalog.table(candidate, name);
    if (table !== undefined) return rowTypeOf(table);
  }
  return undefined;
}
