import { ObjectClass, type StoredView } from '../catalog/catalog-object.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { allCatalogTypes, allTypes } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { physicalType } from './physical-type.ts';
import { partMaker, type RelationPart } from './relation-part.ts';
import { rowArrayOid } from './row-array.ts';
import { type RowList, rowList } from './row-list.ts';
import { allSystemRelations, SUPERUSER_OID } from './system-relation.ts';
import { PG_CATALOG } from './system-schemas.ts';
import { type TypeFact, typeFact, typeFactNamed } from './type-facts.ts';

/** Functions that read and write values of a kind of type: subscript, input, output, receive, send, typmods, analyze. */
const ENUM_FUNCTIONS = [0, 3506, 3507, 3532, 3533, 0, 0, 0];
const ARRAY_FUNCTIONS = [6179, 750, 751, 2400, 2401, 0, 0, 3816];
const ROW_FUNCTIONS = [0, 2290, 2291, 2402, 2403, 0, 0, 0];
const UNKNOWN_FUNCTIONS = [0, 0, 0, 0, 0, 0, 0, 0];

const DOMAIN_NAMES = ['cardinal_number', 'character_data', 'sql_identifier', 'time_stamp', 'yes_or_no'];

/** What one row says; the rest is the same for all. */
interface TypeRow {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly ownerOid: number;
  readonly length: number;
  readonly byValue: boolean;
  readonly kind: string;
  readonly category: string;
  readonly isPreferred?: boolean;
  readonly delimiter?: string;
  readonly relationOid?: number;
  readonly elementOid?: number;
  readonly arrayOid?: number;
  readonly functions: readonly number[];
  readonly alignment: string;
  readonly storage: string;
  readonly baseTypeOid?: number;
  readonly baseTypmod?: number;
  readonly collationOid?: number;
  readonly acl?: Value;
}

function typeRow(type: TypeRow): Value[] {
  const [subscript = 0, ...functions] = type.functions;
  return [
    type.oid,
    type.name,
    type.schemaOid,
    type.ownerOid,
    type.length,
    type.byValue,
    type.kind,
    type.category,
    type.isPreferred ?? false,
    true,
    type.delimiter ?? ',',
    type.relationOid ?? 0,
    subscript,
    type.elementOid ?? 0,
    type.arrayOid ?? 0,
    ...functions,
    type.alignment,
    type.storage,
    false,
    type.baseTypeOid ?? 0,
    type.baseTypmod ?? -1,
    0,
    type.collationOid ?? 0,
    null,
    null,
    type.acl ?? null,
  ];
}

const systemPart = partMaker(systemRows);
const SYSTEM = { oid: 0 };
const relationPart = partMaker((relation: TableDescriptor | StoredView) =>
  rowTypeRows(relation, rowArrayOid(relation.rowTypeOid)),
);

/** Types: those that are built in under PostgreSQL's OIDs, enums, and the row type of each relation with its array. */
export function* pgTypeParts(source: CatalogSource): Iterable<RelationPart> {
  const catalog = source.catalog();
  const granted = new Set<number>();
  for (const { classOid, objectOid } of catalog.acls()) if (classOid === ObjectClass.Type) granted.add(objectOid);
  yield granted.size === 0
    ? systemPart(SYSTEM)
    : { oid: SYSTEM.oid, keys: undefined, rows: grantedRows(source, granted) };
  for (const { type, arrayOid, schemaOid, ownerOid } of catalog.enums()) {
    const acl = aclOf(source, ObjectClass.Type, type.oid);
    const array = catalog.userTypeByOid(arrayOid);
    const rows = [enumRow(type, { schemaOid, ownerOid, acl })];
    if (array !== undefined) rows.push(arrayRow(array, { schemaOid, ownerOid }));
    yield { oid: type.oid, keys: undefined, rows: rowList(rows) };
  }
  for (const table of catalog.tables()) {
    if (table.kind === 'table' && table.rowTypeOid !== 0) yield relationPart(table);
  }
  for (const view of catalog.views()) yield relationPart(view);
}

/** Types of the system's own, some of which rights were given on or taken from. */
function grantedRows(source: CatalogSource, granted: ReadonlySet<number>): RowList {
  const rows = Array.from(systemRows(), (row) => {
    const oid = Number(row[0]);
    return granted.has(oid) ? [...row.slice(0, -1), aclOf(source, ObjectClass.Type, oid)] : row;
  });
  return rowList(rows);
}

function* systemRows(): Iterable<Value[]> {
  for (const type of [...allTypes(), ...allCatalogTypes()]) yield builtInRow(type);
  for (const name of DOMAIN_NAMES) {
    for (const fact of [typeFactNamed(name), typeFactNamed(`_${name}`)]) if (fact !== undefined) yield factRow(fact);
  }
  for (const { oid, rowTypeOid, rowArrayOid: arrayOid, name, schema } of allSystemRelations()) {
    yield* rowTypeRows({ oid, rowTypeOid, name, schemaOid: schema.oid, ownerOid: SUPERUSER_OID }, arrayOid);
  }
}

function builtInRow(type: TypeDefinition): Value[] {
  const fact = typeFact(type.oid);
  if (fact !== undefined) return factRow(fact);
  const owner = { schemaOid: PG_CATALOG.oid, ownerOid: SUPERUSER_OID };
  if (type.category === 'A') return arrayRow(type, owner);
  const { byValue, alignment, storage, collationOid } = physicalType(type);
  const { oid, name, length, category, isPreferred, elementOid, arrayOid } = type;
  return typeRow({
    ...{ oid, name, length, byValue, category, isPreferred, elementOid, arrayOid, alignment, storage, collationOid },
    ...owner,
    kind: category === 'P' ? 'p' : 'b',
    functions: UNKNOWN_FUNCTIONS,
  });
}

function factRow(fact: TypeFact): Value[] {
  return typeRow({ ...fact, ownerOid: SUPERUSER_OID });
}

interface Owned {
  readonly schemaOid: number;
  readonly ownerOid: number;
  readonly acl?: Value;
}

function enumRow({ oid, name, arrayOid }: TypeDefinition, owned: Owned): Value[] {
  return typeRow({
    ...{ oid, name, arrayOid, ...owned },
    ...{ length: 4, byValue: true, kind: 'e', category: 'E', functions: ENUM_FUNCTIONS, alignment: 'i', storage: 'p' },
  });
}

function arrayRow({ oid, name, elementOid }: TypeDefinition, owned: Owned): Value[] {
  return typeRow({
    ...{ oid, name, elementOid, ...owned },
    ...{
      length: -1,
      byValue: false,
      kind: 'b',
      category: 'A',
      functions: ARRAY_FUNCTIONS,
      alignment: 'i',
      storage: 'x',
    },
  });
}

function* rowTypeRows(
  table: Pick<TableDescriptor, 'oid' | 'rowTypeOid' | 'name' | 'schemaOid' | 'ownerOid'>,
  arrayOid: number,
): Iterable<Value[]> {
  const { schemaOid, ownerOid, name, rowTypeOid } = table;
  const common = { schemaOid, ownerOid, length: -1, byValue: false, alignment: 'd', storage: 'x' };
  yield typeRow({
    ...common,
    ...{ oid: rowTypeOid, name, relationOid: table.oid, arrayOid, kind: 'c', category: 'C', functions: ROW_FUNCTIONS },
  });
  if (arrayOid === 0) return;
  yield typeRow({
    ...common,
    ...{
      oid: arrayOid,
      name: `_${name}`,
      elementOid: rowTypeOid,
      kind: 'b',
      category: 'A',
      functions: ARRAY_FUNCTIONS,
    },
  });
}
