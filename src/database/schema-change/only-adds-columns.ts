import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';

/**
 * Whether rows that were made for the older version of a table are rows of the newer one, NULL in the columns that came:
 * those of line protocol, which come without a lock.
 */
export function onlyAddsColumns(older: TableDescriptor, newer: TableDescriptor): boolean {
  if (older.schemaVersion === newer.schemaVersion) return true;
  const columns = new Map(newer.columns.map((column) => [column.number, column]));
  const known = new Set(older.columns.map(({ number }) => number));
  return (
    older.columns.every((column) => isSameColumn(column, columns.get(column.number))) &&
    newer.columns.every((column) => known.has(column.number) || isPlainField(column)) &&
    isSame(older.constraints, newer.constraints) &&
    isSame(older.indexes, newer.indexes)
  );
}

function isSameColumn(older: ColumnDescriptor, newer: ColumnDescriptor | undefined): boolean {
  if (newer === undefined) return false;
  const { type: olderType, ...before } = older;
  const { type: newerType, ...after } = newer;
  // Labels that were added to an enum change none of its values.
  return (
    olderType.definition.oid === newerType.definition.oid &&
    olderType.typmod === newerType.typmod &&
    isSame(before, after)
  );
}

function isPlainField({ isNotNull, default: expression, missing, isHidden }: ColumnDescriptor): boolean {
  return isHidden === true || (!isNotNull && expression === undefined && missing === undefined);
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
