import type { StoredView } from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { RelationName } from '../syntax/located.ts';
import type { BindContext } from './bind-context.ts';
import { checkDatabase, findTable, nameAsWritten } from './find-table.ts';
import { findType } from './resolve-type.ts';

/** An index of either kind: of a plain table, or the key of a time-series table. */
export interface FoundIndex {
  readonly kind: 'index';
  readonly table: TableDescriptor;
  readonly oid: number;
  readonly name: string;
}

/** What shares its name with nothing else in its schema. */
export type FoundRelation =
  | { readonly kind: 'table'; readonly table: TableDescriptor }
  | FoundIndex
  | { readonly kind: 'sequence'; readonly sequence: SequenceDescriptor }
  | { readonly kind: 'view'; readonly view: StoredView };

/** What is locked for a relation: for an index its table. */
export function lockOidOf(found: FoundRelation): number {
  switch (found.kind) {
    case 'sequence':
      return found.sequence.oid;
    case 'view':
      return found.view.oid;
    default:
      return found.table.oid;
  }
}

/**
 * What a name means: in the schema that is written, else in the first of the search path that has it. Only tables are
 * found without regard to case.
 */
export function findRelation(context: BindContext, relation: RelationName): FoundRelation | undefined {
  checkDatabase(context, relation);
  for (const schema of relation.schema === undefined ? context.searchPath : [relation.schema]) {
    const found = relationNamed(context.catalog, schema, relation.name);
    if (found !== undefined) return found;
  }
  const table = findTable(context, relation);
  return table === undefined ? undefined : { kind: 'table', table };
}

/** What PostgreSQL says of a name that nothing has: 42P01, or 3F000 where there is no such schema. */
export function undefinedRelation(context: BindContext, relation: RelationName): SqlError {
  const { schema } = relation;
  if (schema !== undefined && context.catalog.schema(schema) === undefined) {
    return new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  return new SqlError(SqlState.UndefinedTable, `relation "${nameAsWritten(relation)}" does not exist`);
}

/** The relation of exactly this name. */
export function relationNamed(catalog: CatalogReader, schema: string, name: string): FoundRelation | undefined {
  const table = catalog.table(schema, name);
  if (table !== undefined) return { kind: 'table', table };
  const view = catalog.view(schema, name);
  if (view !== undefined) return { kind: 'view', view };
  const sequence = catalog.sequence(schema, name);
  if (sequence !== undefined) return { kind: 'sequence', sequence };
  const found = catalog.index(schema, name);
  if (found !== undefined) return { kind: 'index', table: found.table, oid: found.index.oid, name };
  for (const candidate of catalog.tables()) {
    const { uniqueKey } = candidate;
    if (uniqueKey?.name === name && candidate.schemaName === schema) {
      return { kind: 'index', table: candidate, oid: uniqueKey.indexOid, name };
    }
  }
  return undefined;
}

/** An enum type by its name, as `findRelation` finds relations. */
export function findEnum(context: BindContext, name: RelationName): EnumDescriptor | undefined {
  checkDatabase(context, name);
  const type = findType(context, name.schema, name.name);
  return type === undefined ? undefined : context.catalog.enumByOid(type.oid);
}
