import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { columnOf, withColumn } from './find-column.ts';

/**
 * SET and DROP NOT NULL. That no row has NULL is for the caller to see to, under the table's lock. Throws 42P16, 42601 and
 * 0A000 where the column must stay NOT NULL.
 */
export function setNotNull(table: TableDescriptor, columnNumber: number, isNotNull: boolean): TableDescriptor {
  const column = columnOf(table, columnNumber);
  if (column.isNotNull === isNotNull) return table;
  if (!isNotNull) {
    if (column.identity !== undefined) throw identityColumn(table, column);
    if (column.role === 'time') throw notSupported(`dropping NOT NULL from the time column "${column.name}"`);
    if (isInPrimaryKey(table, columnNumber)) {
      throw new SqlError(SqlState.InvalidTableDefinition, `column "${column.name}" is in a primary key`);
    }
  }
  return withColumn(table, { ...column, isNotNull });
}

/** DROP EXPRESSION: the rows keep the values that they have. */
export function dropGeneration(table: TableDescriptor, columnNumber: number): TableDescriptor {
  const { generated: _, ...column } = columnOf(table, columnNumber);
  return withColumn(table, column);
}

/** SET DEFAULT, and with undefined DROP DEFAULT; rows that are there stay as they are. Throws 42601. */
export function setDefault(
  table: TableDescriptor,
  columnNumber: number,
  expression: string | undefined,
): TableDescriptor {
  const { default: _, ...column } = columnOf(table, columnNumber);
  if (column.identity !== undefined) {
    throw identityColumn(
      table,
      column,
      expression === undefined ? 'Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.' : undefined,
    );
  }
  return withColumn(table, expression === undefined ? column : { ...column, default: expression });
}

/**
 * ADD GENERATED, SET GENERATED and, with undefined, DROP IDENTITY. The sequence is the caller's to make; it goes by itself.
 * Throws 55000.
 */
export function setIdentity(
  table: TableDescriptor,
  columnNumber: number,
  { identity, isAdded }: { readonly identity: 'always' | 'by default' | undefined; readonly isAdded: boolean },
): TableDescriptor {
  const { identity: before, ...column } = columnOf(table, columnNumber);
  const of = `column "${column.name}" of relation "${table.name}"`;
  const refuse = (message: string): SqlError => new SqlError(SqlState.ObjectNotInPrerequisiteState, message);
  if (!isAdded && before === undefined) throw refuse(`${of} is not an identity column`);
  if (isAdded) {
    if (!column.isNotNull) throw refuse(`${of} must be declared NOT NULL before identity can be added`);
    if (before !== undefined) throw refuse(`${of} is already an identity column`);
    if (column.default !== undefined) throw refuse(`${of} already has a default value`);
  }
  return withColumn(table, identity === undefined ? column : { ...column, identity });
}

/**
 * The column with another type, and with what its DEFAULT is then. Where `needsRewrite` says so, rows have to be given
 * values of the type by `Transaction.replaceRows`. Throws 0A000 for tags and types that cannot be stored.
 */
export function changeColumnType(
  table: TableDescriptor,
  columnNumber: number,
  {
    type,
    default: expression,
    collation,
  }: { readonly type: SqlType; readonly default: string | undefined; readonly collation?: string | undefined },
): TableDescriptor {
  const { default: _, collation: __, missing, missingBefore, ...column } = columnOf(table, columnNumber);
  const isRewritten = needsRewrite(column.type, type);
  if (column.role === 'tag' && isRewritten) throw notSupported(`changing the type of the tag column "${column.name}"`);
  if (column.role === 'time') assertTimeType(column, type);
  // Rows that are rewritten all have values of their own.
  const kept = isRewritten || missing === undefined ? {} : { missing, missingBefore: missingBefore! };
  const changed: ColumnDescriptor = { ...column, type, ...(collation === undefined ? {} : { collation }), ...kept };
  return withColumn(table, expression === undefined ? changed : { ...changed, default: expression });
}

/** Whether values of the one type, as they are stored, are not values of the other. */
export function needsRewrite(from: SqlType, to: SqlType): boolean {
  const isText = ({ definition: { name } }: SqlType) => name === 'text' || name === 'varchar';
  if (from.definition !== to.definition && !(isText(from) && isText(to))) return true;
  if (to.typmod === from.typmod || to.typmod === -1) return false;
  return !(isText(to) && from.typmod !== -1 && to.typmod > from.typmod);
}

function isInPrimaryKey({ uniqueKey, constraints }: TableDescriptor, columnNumber: number): boolean {
  if (uniqueKey?.isPrimary === true && uniqueKey.columnNumbers.includes(columnNumber)) return true;
  return constraints.some(
    (constraint) =>
      constraint.kind === 'key' && constraint.isPrimary && constraint.columnNumbers.includes(columnNumber),
  );
}

function assertTimeType({ name }: ColumnDescriptor, { definition }: SqlType): void {
  if (definition.name === 'timestamptz' || definition.name === 'timestamp' || definition.name === 'date') return;
  throw notSupported(`a time column "${name}" of type ${definition.sqlName}`);
}

function identityColumn(table: TableDescriptor, { name }: { readonly name: string }, hint?: string): SqlError {
  return new SqlError(SqlState.SyntaxError, `column "${name}" of relation "${table.name}" is an identity column`, {
    hint,
  });
}
