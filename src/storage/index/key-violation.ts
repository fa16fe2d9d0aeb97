import { KeyViolation } from '../../catalog/key-violation.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { TypeContext } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { columnOfNumber } from '../table-identity.ts';
import type { KeyEncoder } from './key-encoder.ts';

/** 23505 for a row; `values` in the order of the index. A constraint has the name of its index. */
export function duplicateKey(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[]): KeyViolation {
  const { name } = encoder.descriptor;
  const describe = (context: TypeContext): string => `Key ${keyText(table, encoder, values, context)} already exists.`;
  return new KeyViolation(`duplicate key value violates unique constraint "${name}"`, fieldsOf(table, name), describe);
}

/** 23505 for CREATE UNIQUE INDEX and its like. */
export function duplicatedKey(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[]): KeyViolation {
  return duplicateKey(table, encoder, values).asIndexBuild();
}

function fieldsOf({ schemaName, name }: TableDescriptor, constraintName: string) {
  return { schemaName, tableName: name, constraintName };
}

function keyText(table: TableDescriptor, encoder: KeyEncoder, values: readonly Value[], context: TypeContext): string {
  const columns = encoder.columnNumbers.map((number) => columnOfNumber(table, number));
  const texts = columns.map(({ type }, index) => {
    const value = values[index]!;
    return value === null ? 'null' : type.definition.format(value, context);
  });
  return `(${columns.map((column) => quoted(column.name)).join(', ')})=(${texts.join(', ')})`;
}

/** As pg_get_indexdef writes the columns. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
