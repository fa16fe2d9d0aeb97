import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import type { Value } from '../types/value.ts';
import { vectorOf } from '../types/vector-types.ts';
import type { CatalogSource } from './catalog-source.ts';
import { physicalType } from './physical-type.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { SystemTable } from './system-table.ts';

/** Bits of indoption. */
const DESCENDING = 1;
const NULLS_FIRST = 2;
/** There are no operator classes here; OIDs of pg_opclass point nowhere. */
const NO_CLASS = 0;

/** Indexes, beside what pg_class says of them. */
export function pgIndex(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 2610,
      name: 'pg_index',
      rowTypeOid: 10007,
      columns: [
        ['indexrelid', 'oid'],
        ['indrelid', 'oid'],
        ['indnatts', 'int2'],
        ['indnkeyatts', 'int2'],
        ['indisunique', 'bool'],
        ['indnullsnotdistinct', 'bool'],
        ['indisprimary', 'bool'],
        ['indisexclusion', 'bool'],
        ['indimmediate', 'bool'],
        ['indisclustered', 'bool'],
        ['indisvalid', 'bool'],
        ['indcheckxmin', 'bool'],
        ['indisready', 'bool'],
        ['indislive', 'bool'],
        ['indisreplident', 'bool'],
        ['indkey', 'int2vector'],
        ['indcollation', 'oidvector'],
        ['indclass', 'oidvector'],
        ['indoption', 'int2vector'],
        ['indexprs', 'pg_node_tree', 'null'],
        ['indpred', 'pg_node_tree', 'null'],
      ],
    },
    function* () {
      for (const table of source.catalog().tables()) {
        for (const index of indexesOf(table)) yield indexRow(table, index);
      }
    },
  );
}

function indexRow(table: TableDescriptor, index: RelationIndex): Value[] {
  const { columns, includedColumns = [] } = index;
  const described = columns.map(({ columnNumber }) => columnOf(table, columnNumber));
  return [
    index.oid,
    table.oid,
    columns.length + includedColumns.length,
    columns.length,
    index.isUnique,
    index.nullsNotDistinct,
    index.isPrimary,
    false,
    index.isImmediate,
    false,
    true,
    false,
    true,
    true,
    false,
    vectorOf([...columns.map((column) => column.columnNumber), ...includedColumns]),
    vectorOf(described.map(({ type }) => physicalType(type.definition).collationOid)),
    vectorOf(columns.map(() => NO_CLASS)),
    vectorOf(columns.map((column) => (column.isDescending ? DESCENDING : 0) + (column.nullsFirst ? NULLS_FIRST : 0))),
    null,
    index.predicate?.expression ?? null,
  ];
}

export function columnOf(table: TableDescriptor, number: number): ColumnDescriptor {
  const column = table.columns.find((candidate) => candidate.number === number);
  invariant(column !== undefined, 'an index has columns of its table');
  return column;
}
