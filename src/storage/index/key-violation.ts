import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { Value } from '../../types/value.ts';
import { columnOfNumber } from '../table-identity.ts';
import type { KeyEncoder } from './key-encoder.ts';

/** 23505 for a row; `values` in the order of the index. A constraint has the name of its index. */
export function duplicateKey(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[]): SqlError {
  const { name } = encoder.descriptor;
  return new SqlError(SqlState.UniqueViolation, `duplicate key value violates unique constraint "${name}"`, {
    detail: `Key ${keyText(table, encoder, values)} already exists.`,
    ...fieldsOf(table, name),
  });
}

/** 23505 for CREATE UNIQUE INDEX and its like. */
export function duplicatedKey(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[]): SqlError {
  const { name } = encoder.descriptor;
  return new SqlError(SqlState.UniqueViolation, `could not create unique index "${name}"`, {
    detail: `Key ${keyText(table, encoder, values)} is duplicated.`,
    ...fieldsOf(table, name),
  });
}

function fieldsOf({ schemaName, name }: TableDescriptor, constraintName: string) {
  return { schemaName, tableName: name, constraintName };
}

function keyText(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[]): string {
  const columns = encoder.columnNumbers.map((number) => columnOfNumber(table, number));
  const texts = columns.map(({ type }, index) => {
    const value = values[index]!;
    return value === null ? 'null' : type.definition.format(value, neutralContext);
  });
  return `(${columns.map((column) => quoted(column.name)).join(', ')})=(${texts.join(', ')})`;
}

/** As pg_get_indexdef writes the columns. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
