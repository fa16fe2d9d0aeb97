import { systemTableAcl } from '../catalog/access/acl.ts';
import { ObjectClass, type StoredView } from '../catalog/catalog-object.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { isTemporarySchema } from '../catalog/temporary-schemas.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import { aclArray, aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { BTREE_OID, HASH_OID, HEAP_OID } from './pg-am.ts';
import { indexesOf, type RelationIndex } from './relation-index.ts';
import { isSameKeys, type RelationPart } from './relation-part.ts';
import { rowList } from './row-list.ts';
import { allSystemRelations, SUPERUSER_OID, type SystemIndex, type SystemRelation } from './system-relation.ts';

const MICROS_PER_SECOND = 1_000_000;
/** reltuples of a table that was never analysed. */
const NEVER_ANALYSED = -1;

const PERSISTENCES = { permanent: 'p', temporary: 't', unlogged: 'u' } as const;

/** What differs from one relation to another; the rest is the same for all. */
interface Relation {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly rowTypeOid?: number;
  readonly ownerOid: number;
  readonly methodOid?: number;
  readonly fileOid?: number;
  readonly pageCount?: number;
  readonly rowCount: number;
  readonly hasIndex?: boolean;
  readonly persistence: string;
  readonly kind: string;
  readonly columnCount: number;
  readonly checkCount?: number;
  readonly hasRules?: boolean;
  readonly hasTriggers?: boolean;
  readonly identity?: string;
  readonly acl?: Value;
  readonly options?: Value;
}

function relationRow(relation: Relation): Value[] {
  return [
    relation.oid,
    relation.name,
    relation.schemaOid,
    relation.rowTypeOid ?? 0,
    0,
    relation.ownerOid,
    relation.methodOid ?? 0,
    relation.fileOid ?? 0,
    0,
    relation.pageCount ?? 0,
    relation.rowCount,
    0,
    0,
    relation.hasIndex ?? false,
    false,
    relation.persistence,
    relation.kind,
    relation.columnCount,
    relation.checkCount ?? 0,
    relation.hasRules ?? false,
    relation.hasTriggers ?? false,
    false,
    false,
    false,
    true,
    relation.identity ?? 'n',
    false,
    0,
    0,
    0,
    relation.acl ?? null,
    relation.options ?? null,
    null,
  ];
}

/** Relations: the system's own, tables, their indexes, sequences and views. */
export function* pgClassParts(source: CatalogSource): Iterable<RelationPart> {
  yield systemPart(source);
  const catalog = source.catalog();
  const referencedTables = new Set<number>();
  for (const { constraints } of catalog.tables()) {
    for (const constraint of constraints) {
      if (constraint.kind === 'foreign-key') referencedTables.add(constraint.referencedTableOid);
    }
  }
  for (const table of catalog.tables()) {
    if (table.kind !== 'system-table') yield tablePart(source, table, referencedTables.has(table.oid));
  }
  for (const sequence of catalog.sequences()) yield freshPart(sequence.oid, [sequenceRow(source, sequence)]);
  for (const view of catalog.views()) yield freshPart(view.oid, [viewRow(source, view)]);
}

/** By what the access list of all system tables is: the name of the superuser is part of it. */
const systemParts = new Map<string, RelationPart>();

function systemPart(source: CatalogSource): RelationPart {
  const acl = aclArray(source, systemTableAcl(SUPERUSER_OID));
  const key = acl.elements.join();
  let part = systemParts.get(key);
  if (part === undefined) {
    const rows = allSystemRelations().flatMap((relation) => [
      systemRelationRow(relation, acl),
      ...relation.indexes.map((index) => systemIndexRow(relation, index)),
    ]);
    part = { oid: 0, keys: [rows], rows: rowList(rows) };
    systemParts.clear();
    systemParts.set(key, part);
  }
  return part;
}

const partsOfTables = new WeakMap<TableDescriptor, RelationPart>();

/** Its row follows from the descriptor, from what ANALYZE counted, and from the foreign keys of others. */
function tablePart(source: CatalogSource, table: TableDescriptor, isReferenced: boolean): RelationPart {
  const acl = aclOf(source, ObjectClass.Relation, table.oid);
  const keys = [table, source.analyzedRows(table.oid), isReferenced] as const;
  const known = partsOfTables.get(table);
  if (acl === null && known?.keys !== undefined && isSameKeys(known.keys, keys)) return known;
  const rows = [tableRow(source, table, { isReferenced, acl })];
  for (const index of indexesOf(table)) rows.push(indexRow(table, index));
  if (acl !== null) return freshPart(table.oid, rows);
  const part: RelationPart = { oid: table.oid, keys, rows: rowList(rows) };
  partsOfTables.set(table, part);
  return part;
}

function freshPart(oid: number, rows: readonly (readonly Value[])[]): RelationPart {
  return { oid, keys: undefined, rows: rowList(rows) };
}

function systemRelationRow(
  { oid, name, schema, kind, rowTypeOid, columns, indexes }: SystemRelation,
  acl: Value,
): Value[] {
  const isTable = kind === 'table';
  return relationRow({
    oid,
    name,
    schemaOid: schema.oid,
    rowTypeOid,
    ownerOid: SUPERUSER_OID,
    methodOid: isTable ? HEAP_OID : 0,
    rowCount: NEVER_ANALYSED,
    hasIndex: indexes.length > 0,
    persistence: 'p',
    kind: isTable ? 'r' : 'v',
    columnCount: columns.length,
    hasRules: !isTable,
    acl,
  });
}

function systemIndexRow({ schema }: SystemRelation, { oid, name, columns }: SystemIndex): Value[] {
  return relationRow({
    oid,
    name,
    schemaOid: schema.oid,
    ownerOid: SUPERUSER_OID,
    methodOid: BTREE_OID,
    pageCount: 1,
    rowCount: 0,
    persistence: 'p',
    kind: 'i',
    columnCount: columns.length,
  });
}

/** Foreign keys are kept by triggers in PostgreSQL, on both tables. */
function tableRow(
  source: CatalogSource,
  table: TableDescriptor,
  { isReferenced, acl }: { readonly isReferenced: boolean; readonly acl: Value },
): Value[] {
  const { oid, name, schemaOid, rowTypeOid, ownerOid, columns, constraints } = table;
  return relationRow({
    oid,
    name,
    schemaOid,
    rowTypeOid,
    ownerOid,
    methodOid: HEAP_OID,
    fileOid: oid,
    rowCount: source.analyzedRows(oid) ?? NEVER_ANALYSED,
    hasIndex: indexesOf(table).length > 0,
    persistence: PERSISTENCES[table.persistence],
    kind: 'r',
    columnCount: columns.filter((column) => column.isHidden !== true).length,
    checkCount: constraints.filter((constraint) => constraint.kind === 'check').length,
    hasTriggers: isReferenced || constraints.some((constraint) => constraint.kind === 'foreign-key'),
    identity: 'd',
    acl,
    options: tableOptions(table),
  });
}

function indexRow({ schemaOid, ownerOid, persistence }: TableDescriptor, index: RelationIndex): Value[] {
  return relationRow({
    oid: index.oid,
    name: index.name,
    schemaOid,
    ownerOid,
    methodOid: index.method === 'btree' ? BTREE_OID : HASH_OID,
    fileOid: index.oid,
    pageCount: 1,
    rowCount: 0,
    persistence: PERSISTENCES[persistence],
    kind: 'i',
    columnCount: index.columns.length + (index.includedColumns?.length ?? 0),
  });
}

/** A sequence is a relation of one row: its last value, how far the log is ahead, whether it was called. */
function sequenceRow(
  source: CatalogSource,
  { oid, name, schemaOid, ownerOid, isTemporary }: SequenceDescriptor,
): Value[] {
  return relationRow({
    oid,
    name,
    schemaOid,
    ownerOid,
    fileOid: oid,
    pageCount: 1,
    rowCount: 1,
    persistence: isTemporary === true ? 't' : 'p',
    kind: 'S',
    columnCount: 3,
    acl: aclOf(source, ObjectClass.Relation, oid),
  });
}

/** A view is kept by a rule, and has a row type. */
function viewRow(source: CatalogSource, view: StoredView): Value[] {
  const { oid, name, schemaOid, schemaName, ownerOid, rowTypeOid, columns, checkOption } = view;
  return relationRow({
    oid,
    name,
    schemaOid,
    rowTypeOid,
    ownerOid,
    rowCount: NEVER_ANALYSED,
    persistence: isTemporarySchema(schemaName) ? 't' : 'p',
    kind: 'v',
    columnCount: columns.length,
    hasRules: true,
    acl: aclOf(source, ObjectClass.Relation, oid),
    options: checkOption === undefined ? null : new SqlArray([`check_option=${checkOption}`]),
  });
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
