import { ObjectClass, type StoredView } from '../catalog/catalog-object.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { int4 } from '../types/int4.ts';
import { sqlType, typeByName, typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { columnOf } from './pg-index.ts';
import { physicalType } from './physical-type.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { allSystemRelations, type SystemIndex, type SystemRelation } from './system-relation.ts';
import { typeFactNamed } from './type-facts.ts';

/** Of system tables: how the columns of texts are compared. */
const C_COLLATION = 950;
const SEQUENCE_TYPES = ['int8', 'int8', 'bool'];
const SEQUENCE_COLUMNS = ['last_value', 'log_cnt', 'is_called'];

let unchanging: readonly Value[][] | undefined;

/** Columns of every relation, hidden system columns included (their numbers are negative). */
export function* pgAttributeRows(source: CatalogSource): Iterable<Value[]> {
  unchanging ??= [...systemRows()];
  yield* unchanging;
  const catalog = source.catalog();
  for (const view of catalog.views()) yield* viewColumnRows(source, view);
  const granted = new Set<number>();
  for (const { classOid, objectOid, subId } of catalog.acls()) {
    if (classOid === ObjectClass.Relation && subId !== 0) granted.add(objectOid);
  }
  for (const table of catalog.tables()) {
    if (table.kind === 'system-table') continue;
    yield* granted.has(table.oid) ? tableRows(source, table) : keptTableRows(source, table);
  }
  for (const { oid } of catalog.sequences()) yield* sequenceColumnRows(oid);
}

/** A version of a table says all that there is to say of its columns, but for what was granted on them. */
const rowsOfTables = new WeakMap<TableDescriptor, readonly Value[][]>();

function keptTableRows(source: CatalogSource, table: TableDescriptor): readonly Value[][] {
  let rows = rowsOfTables.get(table);
  if (rows === undefined) {
    rows = [...tableRows(source, table)];
    rowsOfTables.set(table, rows);
  }
  return rows;
}

function* tableRows(source: CatalogSource, table: TableDescriptor): Iterable<Value[]> {
  for (const column of table.columns) {
    // Columns that only statements of ours read have dots in their names.
    if (column.isHidden === true && column.name.includes('.')) continue;
    yield attributeRow(table.oid, column, aclOf(source, ObjectClass.Relation, table.oid, column.number));
  }
  for (const index of indexesOf(table)) yield* indexColumnRows(table, index);
}

function* systemRows(): Iterable<Value[]> {
  for (const relation of allSystemRelations()) {
    yield* systemColumnRows(relation);
    for (const index of relation.indexes) yield* systemIndexRows(relation, index);
  }
}

function* systemColumnRows({ oid, kind, columns, descriptor }: SystemRelation): Iterable<Value[]> {
  for (const [at, column] of descriptor.columns.entries()) {
    const row = attributeRow(oid, column);
    const declared = typeFactNamed(columns[at]?.declaredType ?? '');
    if (declared !== undefined) row[TYPE] = declared.oid;
    if (declared?.kind === 'd') row[TYPMOD] = -1;
    if (kind === 'table' && row[COLLATION] !== 0) row[COLLATION] = C_COLLATION;
    yield row;
  }
}

function* systemIndexRows({ descriptor }: SystemRelation, { oid, columns }: SystemIndex): Iterable<Value[]> {
  for (const [at, { columnNumber }] of columns.entries()) {
    const { name, type } = columnOf(descriptor, columnNumber);
    yield attributeRow(oid, { number: at + 1, name, type, isNotNull: false, role: 'field' });
  }
}

function* sequenceColumnRows(oid: number): Iterable<Value[]> {
  for (const [at, name] of SEQUENCE_COLUMNS.entries()) {
    const definition = typeByName(SEQUENCE_TYPES[at]);
    if (definition === undefined) continue;
    yield attributeRow(oid, { number: at + 1, name, type: sqlType(definition), isNotNull: true, role: 'field' });
  }
}

/** Places in a row: atttypid, atttypmod, attcollation. */
const TYPE = 2;
const TYPMOD = 8;
const COLLATION = 21;

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

function attributeRow(tableOid: number, column: ColumnDescriptor, acl: Value = null): Value[] {
  const { definition, typmod } = column.type;
  const { byValue, alignment, storage, collationOid } = physicalType(definition);
  return [
    tableOid,
    column.name,
    definition.oid,
    column.number > 0 ? -1 : 0,
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
    acl,
    null,
    null,
    null,
  ];
}
