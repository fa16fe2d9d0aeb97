import type { StoredView } from '../catalog/catalog-object.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { isTemporarySchema } from '../catalog/temporary-schemas.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { BTREE_OID, HASH_OID, HEAP_OID } from './pg-am.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { SystemTable } from './system-table.ts';

const MICROS_PER_SECOND = 1_000_000;
/** reltuples of a table that was never analysed. */
const NEVER_ANALYSED = -1;

const PERSISTENCES = { permanent: 'p', temporary: 't', unlogged: 'u' } as const;

/** Relations: stored tables, their indexes, sequences, and the catalog's own tables. `viewOids` tells which of the latter PostgreSQL has as views. */
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
      const catalog = source.catalog();
      const referencedTables = new Set<number>();
      for (const { constraints } of catalog.tables()) {
        for (const constraint of constraints) {
          if (constraint.kind === 'foreign-key') referencedTables.add(constraint.referencedTableOid);
        }
      }
      for (const table of catalog.tables()) {
        const rowCount = source.analyzedRows(table.oid) ?? NEVER_ANALYSED;
        yield classRow(table, {
          isView: viewOids.has(table.oid),
          isReferenced: referencedTables.has(table.oid),
          rowCount,
        });
        for (const index of indexesOf(table)) yield indexRow(table, index);
      }
      for (const sequence of catalog.sequences()) yield sequenceRow(sequence);
      for (const view of catalog.views()) yield viewRow(view);
    },
  );
}

/** Foreign keys are kept by triggers in PostgreSQL, on both tables. */
function classRow(
  table: TableDescriptor,
  {
    isView,
    isReferenced,
    rowCount,
  }: { readonly isView: boolean; readonly isReferenced: boolean; readonly rowCount: number },
): Value[] {
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
    rowCount,
    0,
    0,
    indexesOf(table).length > 0,
    false,
    PERSISTENCES[table.persistence],
    isView ? 'v' : 'r',
    table.columns.filter((column) => column.isHidden !== true).length,
    table.constraints.filter((constraint) => constraint.kind === 'check').length,
    false,
    isReferenced || table.constraints.some((constraint) => constraint.kind === 'foreign-key'),
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

function indexRow(table: TableDescriptor, index: RelationIndex): Value[] {
  return relationRow({
    oid: index.oid,
    name: index.name,
    schemaOid: table.schemaOid,
    ownerOid: table.ownerOid,
    methodOid: index.method === 'btree' ? BTREE_OID : HASH_OID,
    persistence: PERSISTENCES[table.persistence],
    kind: 'i',
    columnCount: index.columns.length + (index.includedColumns?.length ?? 0),
    pageCount: 1,
    rowCount: 0,
  });
}

/** A sequence is a relation of one row: its last value, how far the log is ahead, whether it was called. */
function sequenceRow({ oid, name, schemaOid, ownerOid, isTemporary }: SequenceDescriptor): Value[] {
  return relationRow({
    oid,
    name,
    schemaOid,
    ownerOid,
    methodOid: 0,
    persistence: isTemporary === true ? 't' : 'p',
    kind: 'S',
    columnCount: 3,
    pageCount: 1,
    rowCount: 1,
  });
}

/** A view is kept by a rule, and has a row type. */
function viewRow({ oid, name, schemaOid, schemaName, ownerOid, rowTypeOid, columns }: StoredView): Value[] {
  const row = relationRow({
    oid,
    name,
    schemaOid,
    ownerOid,
    methodOid: 0,
    persistence: isTemporarySchema(schemaName) ? 't' : 'p',
    kind: 'v',
    columnCount: columns.length,
    pageCount: 0,
    rowCount: NEVER_ANALYSED,
  });
  row[ROW_TYPE] = rowTypeOid;
  row[FILE] = 0;
  row[HAS_RULES] = true;
  return row;
}

/** Places in a row: reltype, relfilenode, relhasrules. */
const ROW_TYPE = 3;
const FILE = 7;
const HAS_RULES = 19;

/** A relation that is no table and has no row type. */
function relationRow(relation: {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly ownerOid: number;
  readonly methodOid: number;
  readonly persistence: string;
  readonly kind: string;
  readonly columnCount: number;
  readonly pageCount: number;
  readonly rowCount: number;
}): Value[] {
  return [
    relation.oid,
    relation.name,
    relation.schemaOid,
    0,
    0,
    relation.ownerOid,
    relation.methodOid,
    relation.oid,
    0,
    relation.pageCount,
    relation.rowCount,
    0,
    0,
    false,
    false,
    relation.persistence,
    relation.kind,
    relation.columnCount,
    0,
    false,
    false,
    false,
    false,
    false,
    true,
    'n',
    false,
    0,
    0,
    0,
    null,
    null,
    null,
  ];
}

/** WITH options as they would be written: how a table came to be a time-series table. */
function tableOptions({ timeSeries, columns, fieldConflict }: TableDescriptor): Value {
  if (timeSeries === undefined) return null;
  const nameOf = (number: number): string => columns.find((column) => column.number === number)?.name ?? '';
  const options = [`tidewire.time=${nameOf(timeSeries.timeColumnNumber)}`];
  if (timeSeries.tagColumnNumbers.length > 0) {
    options.push(`tidewire.tags=${timeSeries.tagColumnNumbers.map(nameOf).join(',')}`);
  }
  options.push(`tidewire.partition=${timeSeries.partitionMicros / MICROS_PER_SECOND} seconds`);
  if (fieldConflict !== undefined) options.push(`tidewire.field_conflict=${fieldConflict}`);
  return new SqlArray(options);
}
