import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { ColumnStatistics } from '../catalog/table-statistics.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** What fits into PostgreSQL's n_distinct when every row has a value of its own. */
const ALL_DISTINCT = -1;
const TEXT_WIDTH = 16;

/**
 * What is known of the values of columns: what ANALYZE has found, and of tags how many values they have, which a
 * time-series table knows at any time.
 */
export function* pgStatsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const table of source.catalog().tables()) {
    if (table.kind === 'system-table' || !source.mayUse(table.oid)) continue;
    for (const column of table.columns) {
      if (column.isHidden === true) continue;
      const known = source.columnStatistics(table, column.number) ?? tagStatistics(source, table, column);
      if (known === undefined) continue;
      const rows = source.analyzedRows(table.oid);
      const isUnique = rows !== undefined && rows > 0 && known.distinctCount >= rows;
      yield [
        table.schemaName,
        table.name,
        column.name,
        false,
        known.nullFraction,
        column.type.definition.length > 0 ? column.type.definition.length : TEXT_WIDTH,
        isUnique ? ALL_DISTINCT : known.distinctCount,
        ...NOTHING_MORE,
      ];
    }
  }
}

/** Most common values and how often, histogram, correlation, the same of elements. */
const NOTHING_MORE: readonly Value[] = [null, null, null, null, null, null, null];

function tagStatistics(
  source: CatalogSource,
  table: TableDescriptor,
  { role, number }: ColumnDescriptor,
): ColumnStatistics | undefined {
  const count = role === 'tag' ? source.tagValueCount(table, number) : undefined;
  return count === undefined
    ? undefined
    : { nullFraction: 0, distinctCount: count, minimum: undefined, maximum: undefined };
}
