import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { arrayTypeOf, typeByName } from '../../types/type-registry.ts';
import type { TypeSyntax } from '../syntax/ast.ts';
import type { StatementBinding } from './statement-binding.ts';
import { typmodOf } from './type-modifier.ts';

/** Integer columns with a sequence behind them: no types of their own. */
const SERIAL_TYPES = new Set(['serial', 'serial2', 'serial4', 'serial8', 'smallserial', 'bigserial']);

/** A type as written. Throws 42704 when there is none of that name, 22023 for a bad modifier, 0A000 for serial. */
export function resolveType(binding: StatementBinding, syntax: TypeSyntax): SqlType {
  const { schema, name, position } = syntax;
  if (schema === undefined && SERIAL_TYPES.has(name)) {
    throw notSupported(`type ${name}`, position, 'Sequences do not exist; use integer or bigint.');
  }
  const definition = schema === undefined || schema === 'pg_catalog' ? typeByName(name) : undefined;
  if (definition === undefined) {
    if (schema !== undefined && binding.context.catalog.schema(schema) === undefined) {
      throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
    }
    const written = schema === undefined ? name : `${schema}.${name}`;
    throw new SqlError(
      SqlState.UndefinedObject,
      `type "${written}${'[]'.repeat(syntax.arrayDimensions)}" does not exist`,
      {
        position,
      },
    );
  }
  const typmod = typmodOf(definition, syntax.modifiers, position);
  if (syntax.arrayDimensions === 0) return { definition, typmod };
  const array = arrayTypeOf(definition);
  if (array === undefined) {
    throw new SqlError(SqlState.UndefinedObject, `could not find array type for data type ${definition.sqlName}`, {
      position,
    });
  }
  // PostgreSQL does not keep the number of dimensions either: all arrays over a type are one type.
  return { definition: array, typmod };
}
