import type { StoredView } from '../catalog/catalog-object.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { int4 } from '../types/int4.ts';
import { sqlType, typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { columnOf } from './pg-index.ts';
import { physicalType } from './physical-type.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { SystemTable } from './system-table.ts';

/** Columns of every table and index, hidden system columns included (their numbers are negative). */
export function pgAttribute(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 1249,
      name: 'pg_attribute',
      rowTypeOid: 75,
      columns: [
        ['attrelid', 'oid'],
        ['attname', 'name'],
        ['atttypid', 'oid'],
        ['attstattarget', 'int4'],
        ['attlen', 'int2'],
        ['attnum', 'int2'],
        ['attndims', 'int4'],
        ['attcacheoff', 'int4'],
        ['atttypmod', 'int4'],
        ['attbyval', 'bool'],
        ['attalign', 'char'],
        ['attstorage', 'char'],
        ['attcompression', 'char'],
        ['attnotnull', 'bool'],
        ['atthasdef', 'bool'],
        ['atthasmissing', 'bool'],
        ['attidentity', 'char'],
        ['attgenerated', 'char'],
        ['attisdropped', 'bool'],
        ['attislocal', 'bool'],
        ['attinhcount', 'int4'],
        ['attcollation', 'oid'],
        ['attacl', '_aclitem', 'null'],
        ['attoptions', '_text', 'null'],
        ['attfdwoptions', '_text', 'null'],
        ['attmissingval', 'anyarray', 'null'],
      ],
    },
    function* () {
      for (const view of source.catalog().views()) yield* viewColumnRows(source, view);
      for (const table of source.catalog().tables()) {
        for (const column of table.columns) yield attributeRow(table.oid, column);
        for (const index of indexesOf(table)) yield* indexColumnRows(table, index);
      }
    },
  );
}

/** The columns of an index are numbered by their place in it, and keep the names that they had. */
function* indexColumnRows(table: TableDescriptor, index: RelationIndex): Iterable<Value[]> {
  const { columns, includedColumns = [] } = index;
  const numbers = [...columns.map((column) => column.columnNumber), ...includedColumns];
  for (const [at, columnNumber] of numbers.entries()) {
    const { name, type } = columnOf(table, columnNumber);
    // A hash index holds hashes.
    const kept = index.method === 'hash' ? sqlType(int4) : type;
    yield attributeRow(index.oid, { number: at + 1, name, type: kept, isNotNull: false, role: 'field' });
  }
}

function* viewColumnRows(source: CatalogSource, { oid, columns }: StoredView): Iterable<Value[]> {
  for (const [at, { name, typeOid, typmod, ...rest }] of columns.entries()) {
    const definition = typeByOid(typeOid) ?? source.catalog().userTypeByOid(typeOid);
    if (definition === undefined) continue;
    yield attributeRow(oid, {
      number: at + 1,
      name,
      type: { definition, typmod },
      isNotNull: false,
      role: 'field',
      ...(rest.default === undefined ? {} : { default: rest.default }),
    });
  }
}

function attributeRow(tableOid: number, column: ColumnDescriptor): Value[] {
  const { definition, typmod } = column.type;
  const { byValue, alignment, storage, collationOid } = physicalType(definition);
  return [
    tableOid,
    column.name,
    definition.oid,
    -1,
    definition.length,
    column.number,
    definition.category === 'A' ? 1 : 0,
    -1,
    typmod,
    byValue,
    alignment,
    storage,
    '',
    column.isNotNull,
    column.default !== undefined || column.generated !== undefined,
    column.missing !== undefined,
    column.identity === undefined ? '' : column.identity === 'always' ? 'a' : 'd',
    column.generated === undefined ? '' : 's',
    false,
    true,
    0,
    collationOid,
    null,
    null,
    null,
    null,
  ];
}
