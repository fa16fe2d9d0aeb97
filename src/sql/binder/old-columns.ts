import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';

/**
 * Positions of the columns whose values before a change tell what foreign keys have to do with it: those that other tables
 * can refer to (columns of unique indexes), and the table's own references. `isChanged` leaves out what stays as it is.
 */
export function oldColumns(table: TableDescriptor, isChanged: (column: ColumnDescriptor) => boolean): number[] {
  const numbers = new Set<number>();
  const groups: (readonly number[])[] = [
    ...table.indexes.filter((index) => index.isUnique).map((index) => index.columns.map((part) => part.columnNumber)),
    ...table.constraints.flatMap((constraint) => (constraint.kind === 'foreign-key' ? [constraint.columnNumbers] : [])),
  ];
  for (const group of groups) {
    // A key counts as a whole: one new column makes another key of it.
    const isTouched = table.columns.some(
      (column) => group.includes(column.number) && (isChanged(column) || column.generated !== undefined),
    );
    if (isTouched) for (const number of group) numbers.add(number);
  }
  return [...table.columns.keys()].filter((at) => numbers.has(table.columns[at].number));
}
