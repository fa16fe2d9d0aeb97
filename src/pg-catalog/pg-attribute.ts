import { ObjectClass, type StoredView } from '../catalog/catalog-object.ts';
import { rowTypeByOid } from '../catalog/row-type.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { int4 } from '../types/int4.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { sqlType, typeByName, typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { columnOf } from './pg-index.ts';
import { physicalType } from './physical-type.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { keptParts, partMaker, type RelationPart } from './relation-part.ts';
import { entryList, rowList } from './row-list.ts';
import { allSystemRelations, type SystemIndex, type SystemRelation } from './system-relation.ts';
import { typeFactNamed } from './type-facts.ts';

/** Of system tables: how the columns of texts are compared. */
const C_COLLATION = 950;
const SEQUENCE_TYPES = ['int8', 'int8', 'bool'];
const SEQUENCE_COLUMNS = ['last_value', 'log_cnt', 'is_called'];

const systemPart = partMaker(function* (relation: SystemRelation) {
  yield* systemColumnRows(relation);
  for (const index of relation.indexes) yield* systemIndexRows(relation, index);
});

/** A version of a table says all that there is to say of its columns, but for what was granted on them. */
const tablePart = keptParts((table: TableDescriptor) => entryList(tableEntries(table), CELLS));
const sequencePart = partMaker(sequenceColumnRows);

/** Columns of every relation, hidden system columns included (their numbers are negative). */
export function* pgAttributeParts(source: CatalogSource): Iterable<RelationPart> {
  for (const relation of allSystemRelations()) yield systemPart(relation);
  const catalog = source.catalog();
  for (const view of catalog.views()) {
    yield { oid: view.oid, keys: [view], rows: rowList([...viewColumnRows(source, view)]) };
  }
  const granted = new Set<number>();
  for (const { classOid, objectOid, subId } of catalog.acls()) {
    if (classOid === ObjectClass.Relation && subId !== 0) granted.add(objectOid);
  }
  for (const table of catalog.tables()) {
    if (table.kind === 'system-table') continue;
    if (granted.has(table.oid)) yield grantedPart(source, table);
    else yield tablePart(table);
  }
  for (const sequence of catalog.sequences()) yield sequencePart(sequence);
}

function grantedPart(source: CatalogSource, table: TableDescriptor): RelationPart {
  const entries = tableEntries(table).map((entry) =>
    entry.tableOid === table.oid
      ? { ...entry, acl: aclOf(source, ObjectClass.Relation, table.oid, entry.column.number) }
      : entry,
  );
  return { oid: table.oid, keys: undefined, rows: entryList(entries, CELLS) };
}

/** A column of a table, or of an index. */
interface Attribute {
  readonly tableOid: number;
  readonly column: ColumnDescriptor;
  readonly acl?: Value;
}

function tableEntries(table: TableDescriptor): Attribute[] {
  const entries: Attribute[] = [];
  for (const column of table.columns) {
    // Columns that only statements of ours read have dots in their names.
    if (column.isHidden === true && column.name.includes('.')) continue;
    entries.push({ tableOid: table.oid, column });
  }
  for (const index of indexesOf(table)) {
    for (const column of indexColumns(table, index)) entries.push({ tableOid: index.oid, column });
  }
  return entries;
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

function* sequenceColumnRows({ oid }: SequenceDescriptor): Iterable<Value[]> {
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
function* indexColumns(table: TableDescriptor, index: RelationIndex): Iterable<ColumnDescriptor> {
  const { columns, includedColumns = [] } = index;
  const numbers = [...columns.map((column) => column.columnNumber), ...includedColumns];
  for (const [at, columnNumber] of numbers.entries()) {
    const { name, type } = columnOf(table, columnNumber);
    // A hash index holds hashes.
    const kept = index.method === 'hash' ? sqlType(int4) : type;
    yield { number: at + 1, name, type: kept, isNotNull: false, role: 'field' };
  }
}

function* viewColumnRows(source: CatalogSource, { oid, columns }: StoredView): Iterable<Value[]> {
  for (const [at, { name, typeOid, typmod, ...rest }] of columns.entries()) {
    const definition = viewColumnType(source, typeOid);
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

/** A view may have whole rows of tables as values. */
export function viewColumnType(source: CatalogSource, typeOid: number): TypeDefinition | undefined {
  const catalog = source.catalog();
  return typeByOid(typeOid) ?? catalog.userTypeByOid(typeOid) ?? rowTypeByOid(catalog, typeOid);
}

const COLLATION_OIDS: Readonly<Record<string, number>> = { C: 950, POSIX: 951, ucs_basic: 12_340 };

function collationOid({ type, collation = '' }: ColumnDescriptor): number {
  return COLLATION_OIDS[collation] ?? physicalType(type.definition).collationOid;
}

/** By the columns of pg_attribute. */
const CELLS: readonly ((attribute: Attribute) => Value)[] = [
  ({ tableOid }) => tableOid,
  ({ column }) => column.name,
  ({ column }) => column.type.definition.oid,
  ({ column }) => (column.number > 0 ? -1 : 0),
  ({ column }) => column.type.definition.length,
  ({ column }) => column.number,
  ({ column }) => (column.type.definition.category === 'A' ? 1 : 0),
  () => -1,
  ({ column }) => column.type.typmod,
  ({ column }) => physicalType(column.type.definition).byValue,
  ({ column }) => physicalType(column.type.definition).alignment,
  ({ column }) => physicalType(column.type.definition).storage,
  () => '',
  ({ column }) => column.isNotNull,
  ({ column }) => column.default !== undefined || column.generated !== undefined,
  ({ column }) => column.missing !== undefined,
  ({ column }) => (column.identity === undefined ? '' : column.identity === 'always' ? 'a' : 'd'),
  ({ column }) => (column.generated === undefined ? '' : 's'),
  () => false,
  () => true,
  () => 0,
  ({ column }) => collationOid(column),
  ({ acl }) => acl ?? null,
  () => null,
  () => null,
  () => null,
];

function attributeRow(tableOid: number, column: ColumnDescriptor): Value[] {
  return CELLS.map((cell) => cell({ tableOid, column }));
}
