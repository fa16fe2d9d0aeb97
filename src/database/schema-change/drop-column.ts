import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported } from '../../errors/sql-error.ts';
import { columnOf } from './find-column.ts';
import { columnsOfIndex } from './indexes.ts';

/**
 * The table without a column, and without the constraints and indexes that have it. What segments hold of it stays there
 * until they are merged, and is read no more. Foreign keys of other tables are for the caller to look for; its sequence
 * goes with `alterTable`. Throws 0A000 for the time column and tags of a time-series table.
 */
export function dropColumn(table: TableDescriptor, columnNumber: number): TableDescriptor {
  const { role, name } = columnOf(table, columnNumber);
  if (role === 'time') throw notSupported(`dropping the time column "${name}" of a time-series table`);
  if (role === 'tag') throw notSupported(`dropping the tag column "${name}" of a time-series table`);
  const indexes = table.indexes.filter((index) => !columnsOfIndex(index).includes(columnNumber));
  const kept = new Set(indexes.map(({ oid }) => oid));
  return {
    ...table,
    columns: table.columns.filter(({ number }) => number !== columnNumber),
    indexes,
    constraints: table.constraints.filter(
      (constraint) =>
        !constraint.columnNumbers.includes(columnNumber) &&
        (constraint.kind !== 'key' || kept.has(constraint.indexOid)) &&
        (constraint.kind !== 'foreign-key' ||
          constraint.referencedTableOid !== table.oid ||
          !constraint.referencedColumnNumbers.includes(columnNumber)),
    ),
  };
}
