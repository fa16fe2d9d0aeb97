import type { IndexDescriptor } from './index-descriptor.ts';
import type { TableDescriptor } from './table-descriptor.ts';

/** pg_attribute.attnum of the column that says where a row is. */
export const CTID_NUMBER = -1;

/** No index has this OID. */
const NO_OID = 0;

/**
 * How the rows of a plain table are found by their ctid, as if that were a key: nothing is kept for it, since a row is found
 * by its id, which the ctid follows from.
 */
export const CTID_INDEX: IndexDescriptor = {
  oid: NO_OID,
  name: 'ctid',
  method: 'hash',
  columns: [{ columnNumber: CTID_NUMBER, isDescending: false, nullsFirst: false }],
  isUnique: true,
  nullsNotDistinct: false,
};

/** The indexes of a plain table, and the one that it has without declaring it. */
export function searchableIndexes({ kind, indexes, timeSeries }: TableDescriptor): readonly IndexDescriptor[] {
  return kind === 'table' && timeSeries === undefined ? [...indexes, CTID_INDEX] : indexes;
}
