import { CTID_NUMBER } from '../catalog/ctid-index.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { int8 } from '../types/int8.ts';
import { cid, oid, xid } from '../types/oid.ts';
import { tid } from '../types/tid.ts';
import type { SqlType } from '../types/type-definition.ts';
import { sqlType } from '../types/type-registry.ts';
import { REMAINDER, ROW_ID, SERIES_ID } from './segment/hidden-columns.ts';
import { mergesVersions } from './table-identity.ts';

/** pg_attribute.attnum of the columns that may be asked for by name. */
export const XMIN_NUMBER = -2;
export const TABLEOID_NUMBER = -6;
export const TIME_NS_NUMBER = -7;

/** What the descriptor says of a table's kind. */
type TableKind = Pick<TableDescriptor, 'timeSeries' | 'uniqueKey'>;

/**
 * The columns that a stored table has without declaring them. They stand behind all others, and are not stored with the
 * table: they follow from its kind. Those that name a row have a dot in their names, as no plain identifier has.
 */
export function hiddenColumns(table: TableKind): ColumnDescriptor[] {
  const columns: ColumnDescriptor[] = [];
  if (table.timeSeries !== undefined) columns.push(hidden(TIME_NS_NUMBER, 'time_ns', sqlType(int8)));
  columns.push(hidden(TABLEOID_NUMBER, 'tableoid', sqlType(oid)));
  columns.push(hidden(-5, 'cmax', sqlType(cid)), hidden(-4, 'xmax', sqlType(xid)), hidden(-3, 'cmin', sqlType(cid)));
  // A point is the same row however often it is written: nothing tells its versions apart.
  if (!mergesVersions(table)) {
    columns.push(hidden(XMIN_NUMBER, 'xmin', sqlType(xid)), hidden(CTID_NUMBER, 'ctid', sqlType(tid)));
  }
  if (table.timeSeries !== undefined) {
    columns.push(hidden(SERIES_ID, 'tidewire.series', sqlType(int8)));
    columns.push(hidden(REMAINDER, 'tidewire.remainder', sqlType(int8)));
  }
  if (!mergesVersions(table)) columns.push(hidden(ROW_ID, 'tidewire.row', sqlType(int8)));
  return columns;
}

/** The descriptor with the hidden columns of its kind, whatever it had before. */
export function withHiddenColumns<T extends TableDescriptor>(table: T): T {
  const declared = table.columns.filter((column) => column.isHidden !== true);
  return { ...table, columns: [...declared, ...hiddenColumns(table)] };
}

/**
 * Positions in `columns` of the columns that together name a row within a snapshot, as `Transaction.delete` and `update`
 * take them: series, time and remainder of a point; these and the row id where a time-series table has no key; the row id
 * alone in a plain table.
 */
export function rowNameColumns({ columns, timeSeries }: TableDescriptor): readonly number[] {
  const numbers = timeSeries === undefined ? [] : [SERIES_ID, timeSeries.timeColumnNumber, REMAINDER];
  return [...numbers, ROW_ID]
    .map((number) => columns.findIndex((column) => column.number === number))
    .filter((position) => position >= 0);
}

function hidden(number: number, name: string, type: SqlType): ColumnDescriptor {
  return { number, name, type, isNotNull: true, role: 'field', isHidden: true };
}
