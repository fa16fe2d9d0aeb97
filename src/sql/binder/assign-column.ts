import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import { coerce, type Operand } from './coerce.ts';
import { startOf } from './expression-position.ts';
import { findByName } from './resolve-column.ts';
import type { StatementBinding } from './statement-binding.ts';

/** Hidden columns are computed, not stored. */
export function storedColumns(table: TableDescriptor): readonly ColumnDescriptor[] {
  return table.columns.filter((column) => column.isHidden !== true);
}

/** The column that INSERT or UPDATE names as its target. Throws 42703; for a hidden one UPDATE throws 0A000. */
export function targetColumn(
  table: TableDescriptor,
  name: string,
  position: number,
  { ofInsert = false } = {},
): ColumnDescriptor {
  const [column] = findByName(storedColumns(table), name);
  if (column !== undefined) return column;
  if (!ofInsert && table.columns.some((hidden) => hidden.name === name)) {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot assign to system column "${name}"`, { position });
  }
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${table.name}" does not exist`, {
    position,
  });
}

/** A value on its way into a column. Throws 42804 when its type has no assignment cast. */
export function assignColumn(binding: StatementBinding, column: ColumnDescriptor, operand: Operand): Expression {
  const value = coerce(binding, operand, column.type, 'assignment');
  if (value !== undefined) return value;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `column "${column.name}" is of type ${column.type.definition.sqlName} but expression is of type ${operand.expression.type.definition.sqlName}`,
    { position: startOf(operand.syntax), hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** The value of a column that none is given for: there are no other defaults. */
export function nullOf(column: ColumnDescriptor): Expression {
  return { kind: 'constant', value: null, type: column.type };
}

/** Full rows of a table as the output of a plan. */
export function rowOutput(table: TableDescriptor): OutputColumn[] {
  return storedColumns(table).map((column) => columnOutput(table, column));
}

export function columnOutput(table: TableDescriptor, column: ColumnDescriptor): OutputColumn {
  return { name: column.name, type: column.type, tableOid: table.oid, columnNumber: column.number };
}
