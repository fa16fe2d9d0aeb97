import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';

/** All rows of a table, with the columns at these positions. */
export function scanOf(table: TableDescriptor, columns: readonly number[]): ScanNode {
  return {
    kind: 'scan',
    table,
    columns,
    timeBounds: [],
    tagFilters: [],
    filters: [],
    output: columns.map((at) => {
      const { name, type, number } = table.columns[at];
      return { name, type, tableOid: table.oid, columnNumber: number };
    }),
  };
}
