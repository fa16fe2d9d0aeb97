import {
  type AccessTarget,
  databaseTarget,
  schemaTarget,
  sequenceTarget,
  systemTarget,
  tableTarget,
  typeTarget,
  viewTarget,
} from '../../catalog/access/access-target.ts';
import { ObjectClass } from '../../catalog/catalog-object.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isSystemColumn } from '../../sql/binder/bind-column-definitions.ts';
import { findRelation, undefinedRelation } from '../../sql/binder/find-relation.ts';
import { nameAsWritten } from '../../sql/binder/find-table.ts';
import { findType } from '../../sql/binder/resolve-type.ts';
import type { RelationName } from '../../sql/syntax/located.ts';
import type { GrantedName, GrantKind, GrantStatement } from '../../sql/syntax/role-ast.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { type DefinitionRun, undefinedSchema } from '../definitions/definition-run.ts';
import { functionGranted, languageGranted } from './granted-objects.ts';

/** An object that rights are given on, with the columns that can be named. */
export interface GrantTarget {
  readonly target: AccessTarget;
  readonly columns: readonly GrantColumn[];
}

/** `number` as in pg_attribute: those of system columns are negative. */
export interface GrantColumn {
  readonly number: number;
  readonly name: string;
}

/** Those that PostgreSQL's tables have, in the order in which it speaks of them. */
export const SYSTEM_COLUMNS: readonly GrantColumn[] = ['ctid', 'xmin', 'cmin', 'xmax', 'cmax', 'tableoid']
  .map((name, at) => ({ name, number: -1 - at }))
  .reverse();

/** Throws 42703; 0A000 for system columns. */
export function columnNamed({ target, columns }: GrantTarget, name: string): GrantColumn {
  const column = columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  if (isSystemColumn(name)) throw notSupported('rights on a system column');
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${target.name}" does not exist`);
}

/** The object that GRANT names. Throws 42P01 and its like, 42809 for one of another kind. */
export function findGrantTarget(run: DefinitionRun, object: GrantKind, name: GrantedName): GrantTarget {
  if (name.schema !== undefined) run.requireUsage(name.schema);
  switch (object) {
    case 'database': {
      const database = run.identity.shared.database(name.name);
      if (database !== undefined) return { target: databaseTarget(database), columns: [] };
      throw new SqlError(SqlState.InvalidCatalogName, `database "${name.name}" does not exist`);
    }
    case 'schema': {
      const schema = run.catalog.schema(name.name);
      if (schema === undefined) throw undefinedSchema(name.name);
      return { target: schemaTarget(schema), columns: [] };
    }
    case 'type': {
      const type = findType(run.bindContext(), name.schema, name.name);
      const found = type === undefined ? undefined : run.catalog.enumByOid(type.oid);
      if (found !== undefined) return { target: typeTarget(found), columns: [] };
      if (type !== undefined) return systemType(run, type);
      throw new SqlError(SqlState.UndefinedObject, `type "${nameAsWritten(name)}" does not exist`);
    }
    case 'table':
    case 'sequence':
      return findGranted(run, object, name);
    case 'function':
    case 'procedure':
    case 'routine':
      return { target: functionGranted(run, object, name), columns: [] };
    case 'language':
      return { target: languageGranted(name.name), columns: [] };
    default:
      throw notSupported(`GRANT on a ${object}`);
  }
}

/** A built-in type, or an array over one that was created. */
function systemType(run: DefinitionRun, type: TypeDefinition): GrantTarget {
  if (type.category === 'A') {
    throw new SqlError(SqlState.InvalidGrantOperation, 'cannot set privileges of array types', {
      hint: 'Set the privileges of the element type instead.',
    });
  }
  if (run.catalog.userTypeByOid(type.oid) !== undefined) throw notSupported(`GRANT on the type ${type.sqlName}`);
  return { target: systemTarget('type', ObjectClass.Type, type.oid, type.sqlName), columns: [] };
}

function findGranted(run: DefinitionRun, object: 'table' | 'sequence', name: RelationName): GrantTarget {
  const found = findRelation(run.bindContext(), name);
  if (found === undefined) throw undefinedRelation(run.bindContext(), name);
  if (found.kind === 'index') throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is an index`);
  if (object === 'sequence' && found.kind !== 'sequence') {
    throw new SqlError(SqlState.WrongObjectType, `"${name.name}" is not a sequence`);
  }
  switch (found.kind) {
    case 'table':
      return {
        target: tableTarget(found.table),
        columns: found.table.columns.filter(({ isHidden }) => isHidden !== true),
      };
    case 'view':
      return {
        target: viewTarget(found.view),
        columns: found.view.columns.map((column, at) => ({ name: column.name, number: at + 1 })),
      };
    case 'sequence':
      return { target: sequenceTarget(found.sequence), columns: [] };
  }
}

/** ON ALL … IN SCHEMA: views are tables here. */
export function objectsInSchemas(run: DefinitionRun, { object, names }: GrantStatement): readonly GrantTarget[] {
  return names.flatMap(({ name }) => {
    const { oid } = run.schema(name);
    const isInside = ({ schemaOid }: { readonly schemaOid: number }): boolean => schemaOid === oid;
    const qualified = (found: { readonly name: string }): RelationName => ({
      database: undefined,
      schema: name,
      name: found.name,
      position: 0,
    });
    const { catalog } = run;
    if (object === 'table') {
      const relations = [...catalog.tables(), ...catalog.views()].filter(isInside);
      return relations.map((found) => findGrantTarget(run, 'table', qualified(found)));
    }
    if (object === 'sequence') {
      return [...catalog.sequences()]
        .filter(isInside)
        .map((found) => findGrantTarget(run, 'sequence', qualified(found)));
    }
    // There are no functions but the system's own.
    if (name === 'pg_catalog' || name === 'information_schema')
      throw notSupported(`GRANT on the ${object}s of ${name}`);
    return [];
  });
}
