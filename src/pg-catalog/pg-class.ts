import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { HEAP_OID } from './pg-am.ts';
import { SystemTable } from './system-table.ts';

const MICROS_PER_SECOND = 1_000_000;
/** reltuples of a table that was never analysed. */
const NEVER_ANALYSED = -1;

/** Relations: stored tables and the catalog's own. `viewOids` tells which of the latter PostgreSQL has as views. */
export function pgClass(source: CatalogSource, viewOids: ReadonlySet<number>): SystemTable {
  return new SystemTable(
    {
      oid: 1259,
      name: 'pg_class',
      rowTypeOid: 83,
      columns: [
        ['oid', 'oid'],
        ['relname', 'name'],
        ['relnamespace', 'oid'],
        ['reltype', 'oid'],
        ['reloftype', 'oid'],
        ['relowner', 'oid'],
        ['relam', 'oid'],
        ['relfilenode', 'oid'],
        ['reltablespace', 'oid'],
        ['relpages', 'int4'],
        ['reltuples', 'float4'],
        ['relallvisible', 'int4'],
        ['reltoastrelid', 'oid'],
        ['relhasindex', 'bool'],
        ['relisshared', 'bool'],
        ['relpersistence', 'char'],
        ['relkind', 'char'],
        ['relnatts', 'int2'],
        ['relchecks', 'int2'],
        ['relhasrules', 'bool'],
        ['relhastriggers', 'bool'],
        ['relhassubclass', 'bool'],
        ['relrowsecurity', 'bool'],
        ['relforcerowsecurity', 'bool'],
        ['relispopulated', 'bool'],
        ['relreplident', 'char'],
        ['relispartition', 'bool'],
        ['relrewrite', 'oid'],
        ['relfrozenxid', 'xid'],
        ['relminmxid', 'xid'],
        ['relacl', '_aclitem', 'null'],
        ['reloptions', '_text', 'null'],
        ['relpartbound', 'pg_node_tree', 'null'],
      ],
    },
    function* () {
      for (const table of source.catalog().tables()) yield classRow(table, viewOids.has(table.oid));
    },
  );
}

function classRow(table: TableDescriptor, isView: boolean): Value[] {
  const isStored = table.kind === 'table';
  return [
    table.oid,
    table.name,
    table.schemaOid,
    table.rowTypeOid,
    0,
    table.ownerOid,
    isView ? 0 : HEAP_OID,
    isStored ? table.oid : 0,
    0,
    0,
    NEVER_ANALYSED,
    0,
    0,
    table.uniqueKey !== undefined,
    false,
    'p',
    isView ? 'v' : 'r',
    table.columns.filter((column) => column.isHidden !== true).length,
    0,
    false,
    false,
    false,
    false,
    false,
    true,
    isStored ? 'd' : 'n',
    false,
    0,
    0,
    0,
    null,
    tableOptions(table),
    null,
  ];
}

/** WITH options as they would be written: how a table came to be a time-series table. */
function tableOptions({ timeSeries, columns }: TableDescriptor): Value {
  if (timeSeries === undefined) return null;
  const nameOf = (number: number): string => columns.find((column) => column.number === number)?.name ?? '';
  const options = [`tidewire.time=${nameOf(timeSeries.timeColumnNumber)}`];
  if (timeSeries.tagColumnNumbers.length > 0) {
    options.push(`tidewire.tags=${timeSeries.tagColumnNumbers.map(nameOf).join(',')}`);
  }
  options.push(`tidewire.partition=${timeSeries.partitionMicros / MICROS_PER_SECOND} seconds`);
  return new SqlArray(options);
}
