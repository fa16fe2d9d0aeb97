import type { StoredView } from '../catalog/catalog-object.ts';
import type { ConstraintDescriptor } from '../catalog/constraint-descriptor.ts';
import type { EnumDescriptor } from '../catalog/enum-descriptor.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { FIRST_USER_OID } from '../types/oid.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { defaultOid } from './pg-attrdef.ts';
import { FIRST_BUILT_IN_OID } from './pg-extension.ts';
import { ruleOid } from './pg-rewrite.ts';
import { indexesOf } from './relation-index.ts';
import { partMaker, type RelationPart } from './relation-part.ts';
import { allSystemRelations, type SystemRelation } from './system-relation.ts';
import { type SystemSchema, schemaNamed } from './system-schemas.ts';

const PG_ATTRDEF = 2604;
const PG_CLASS = 1259;
const PG_CONSTRAINT = 2606;
const PG_EXTENSION = 3079;
const PG_NAMESPACE = 2615;
const PG_REWRITE = 2618;
const PG_TYPE = 1247;
const NEXTVAL = /'(\d+)'::regclass/g;
const EXTENSION_SCHEMAS: readonly SystemSchema[] = [schemaNamed('timescaledb_information'), schemaNamed('tidewire')];

const tablePart = partMaker(tableRows);
const viewPart = partMaker(viewRows);

const sequencePart = partMaker(function* ({ oid, schemaOid, owner }: SequenceDescriptor) {
  yield [PG_CLASS, oid, 0, PG_NAMESPACE, schemaOid, 0, 'n'];
  if (owner === undefined) return;
  yield [PG_CLASS, oid, 0, PG_CLASS, owner.tableOid, owner.columnNumber, owner.kind === 'identity' ? 'i' : 'a'];
});

const enumPart = partMaker(function* ({ oid, arrayOid, schemaOid }: EnumDescriptor) {
  yield [PG_TYPE, oid, 0, PG_NAMESPACE, schemaOid, 0, 'n'];
  yield [PG_TYPE, arrayOid, 0, PG_TYPE, oid, 0, 'i'];
});

/**
 * The information views of TimescaleDB and ours count as parts of an extension that is there already: so pg_dump leaves
 * them out.
 */
const memberPart = partMaker(function* ({ oid }: SystemRelation) {
  yield [PG_CLASS, oid, 0, PG_EXTENSION, FIRST_BUILT_IN_OID, 0, 'e'];
});

const memberSchemaPart = partMaker(function* ({ oid }: SystemSchema) {
  yield [PG_NAMESPACE, oid, 0, PG_EXTENSION, FIRST_BUILT_IN_OID, 0, 'e'];
});

/** What goes with what, and what stands in the way of a DROP: as far as the descriptors say it. */
export function* pgDependParts(source: CatalogSource): Iterable<RelationPart> {
  const catalog = source.catalog();
  for (const table of catalog.tables()) if (table.kind === 'table') yield tablePart(table);
  for (const sequence of catalog.sequences()) yield sequencePart(sequence);
  for (const view of catalog.views()) yield viewPart(view);
  for (const type of catalog.enums()) yield enumPart(type);
  for (const schema of EXTENSION_SCHEMAS) yield memberSchemaPart(schema);
  for (const relation of allSystemRelations()) {
    if (EXTENSION_SCHEMAS.includes(relation.schema)) yield memberPart(relation);
  }
}

/** What a view reads, its rule depends on: on relations as a whole, and on columns. */
function* viewRows({ oid, rowTypeOid, schemaOid, columns, uses, typeOids }: StoredView): Iterable<Value[]> {
  const rule = ruleOid(oid);
  yield [PG_TYPE, rowTypeOid, 0, PG_CLASS, oid, 0, 'i'];
  yield [PG_CLASS, oid, 0, PG_NAMESPACE, schemaOid, 0, 'n'];
  for (const [at, { typeOid }] of columns.entries()) {
    if (typeOid >= FIRST_USER_OID) yield [PG_CLASS, oid, at + 1, PG_TYPE, typeOid, 0, 'n'];
  }
  yield [PG_REWRITE, rule, 0, PG_CLASS, oid, 0, 'i'];
  yield [PG_REWRITE, rule, 0, PG_CLASS, oid, 0, 'n'];
  for (const { oid: used, columnNumbers } of uses) {
    for (const number of columnNumbers) yield [PG_REWRITE, rule, 0, PG_CLASS, used, number, 'n'];
    if (columnNumbers.length === 0) yield [PG_REWRITE, rule, 0, PG_CLASS, used, 0, 'n'];
  }
  for (const typeOid of typeOids) yield [PG_REWRITE, rule, 0, PG_TYPE, typeOid, 0, 'n'];
}

function* tableRows(table: TableDescriptor): Iterable<Value[]> {
  const { oid } = table;
  yield [PG_TYPE, table.rowTypeOid, 0, PG_CLASS, oid, 0, 'i'];
  yield [PG_CLASS, oid, 0, PG_NAMESPACE, table.schemaOid, 0, 'n'];
  for (const { number, type, default: expression } of table.columns) {
    if (type.definition.oid >= FIRST_USER_OID) yield [PG_CLASS, oid, number, PG_TYPE, type.definition.oid, 0, 'n'];
    if (expression === undefined) continue;
    const own = defaultOid(oid, number);
    yield [PG_ATTRDEF, own, 0, PG_CLASS, oid, number, 'a'];
    for (const [, sequence] of expression.matchAll(NEXTVAL)) {
      yield [PG_ATTRDEF, own, 0, PG_CLASS, Number(sequence), 0, 'n'];
    }
  }
  const ofConstraints = new Set<number>();
  if (table.uniqueKey !== undefined) {
    const { constraintOid, indexOid, columnNumbers } = table.uniqueKey;
    ofConstraints.add(indexOid);
    yield* keyRows(oid, { oid: constraintOid, indexOid, columnNumbers });
  }
  for (const constraint of table.constraints) {
    if (constraint.kind === 'key') ofConstraints.add(constraint.indexOid);
    yield* constraintRows(oid, constraint);
  }
  for (const index of indexesOf(table)) {
    if (ofConstraints.has(index.oid)) continue;
    for (const { columnNumber } of index.columns) yield [PG_CLASS, index.oid, 0, PG_CLASS, oid, columnNumber, 'a'];
  }
}

function* constraintRows(tableOid: number, constraint: ConstraintDescriptor): Iterable<Value[]> {
  const { oid, columnNumbers } = constraint;
  switch (constraint.kind) {
    case 'key':
      yield* keyRows(tableOid, constraint);
      break;
    case 'check':
      for (const number of columnNumbers) {
        yield [PG_CONSTRAINT, oid, 0, PG_CLASS, tableOid, number, 'a'];
        yield [PG_CONSTRAINT, oid, 0, PG_CLASS, tableOid, number, 'n'];
      }
      if (columnNumbers.length === 0) yield [PG_CONSTRAINT, oid, 0, PG_CLASS, tableOid, 0, 'a'];
      break;
    case 'foreign-key':
      for (const number of columnNumbers) yield [PG_CONSTRAINT, oid, 0, PG_CLASS, tableOid, number, 'a'];
      yield [PG_CONSTRAINT, oid, 0, PG_CLASS, constraint.referencedIndexOid, 0, 'n'];
      for (const number of constraint.referencedColumnNumbers) {
        yield [PG_CONSTRAINT, oid, 0, PG_CLASS, constraint.referencedTableOid, number, 'n'];
      }
      break;
  }
}

function* keyRows(
  tableOid: number,
  {
    oid,
    indexOid,
    columnNumbers,
  }: { readonly oid: number; readonly indexOid: number; readonly columnNumbers: readonly number[] },
): Iterable<Value[]> {
  for (const number of columnNumbers) yield [PG_CONSTRAINT, oid, 0, PG_CLASS, tableOid, number, 'a'];
  yield [PG_CLASS, indexOid, 0, PG_CONSTRAINT, oid, 0, 'i'];
}
