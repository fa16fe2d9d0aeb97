import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** The column of this number, which the table has. */
export function columnOf(table: TableDescriptor, number: number): ColumnDescriptor {
  const column = table.columns.find((candidate) => candidate.number === number);
  invariant(column !== undefined && column.isHidden !== true, 'a column that is changed is declared');
  return column;
}

/** The table with another version of one of its columns. */
export function withColumn(table: TableDescriptor, changed: ColumnDescriptor): TableDescriptor {
  return { ...table, columns: table.columns.map((column) => (column.number === changed.number ? changed : column)) };
}

/** Throws 42701 for a name that a column of the table has, be it a hidden one. */
export function assertColumnNameFree(table: TableDescriptor, name: string): void {
  const taken = table.columns.find((column) => column.name === name);
  if (taken === undefined) return;
  const message =
    taken.isHidden === true
      ? `column name "${name}" conflicts with a system column name`
      : `column "${name}" of relation "${table.name}" already exists`;
  throw new SqlError(SqlState.DuplicateColumn, message);
}
