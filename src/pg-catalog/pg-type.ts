import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { allTypes } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';
import { physicalType } from './physical-type.ts';
import { PG_CATALOG, SystemTable } from './system-table.ts';

const SUPERUSER_OID = 10;

/** pg_type.typtype of all but base types. */
const KINDS: Readonly<Record<string, string>> = { P: 'p', X: 'p', E: 'e' };

/** Arrays over records count as what those are. */
const RECORD_ARRAY = '_record';
/** A name is subscripted as if it were an array of "char". */
const ELEMENT_OF_NAME = 18;

/** Types: our scalar and array types under PostgreSQL's OIDs, enums, and the row type of each table and view. */
export function pgType(source: CatalogSource): SystemTable {
  return new SystemTable(
    {
      oid: 1247,
      name: 'pg_type',
      rowTypeOid: 71,
      columns: [
        ['oid', 'oid'],
        ['typname', 'name'],
        ['typnamespace', 'oid'],
        ['typowner', 'oid'],
        ['typlen', 'int2'],
        ['typbyval', 'bool'],
        ['typtype', 'char'],
        ['typcategory', 'char'],
        ['typispreferred', 'bool'],
        ['typisdefined', 'bool'],
        ['typdelim', 'char'],
        ['typrelid', 'oid'],
        ['typsubscript', 'regproc'],
        ['typelem', 'oid'],
        ['typarray', 'oid'],
        ['typinput', 'regproc'],
        ['typoutput', 'regproc'],
        ['typreceive', 'regproc'],
        ['typsend', 'regproc'],
        ['typmodin', 'regproc'],
        ['typmodout', 'regproc'],
        ['typanalyze', 'regproc'],
        ['typalign', 'char'],
        ['typstorage', 'char'],
        ['typnotnull', 'bool'],
        ['typbasetype', 'oid'],
        ['typtypmod', 'int4'],
        ['typndims', 'int4'],
        ['typcollation', 'oid'],
        ['typdefaultbin', 'pg_node_tree', 'null'],
        ['typdefault', 'text', 'null'],
        ['typacl', '_aclitem', 'null'],
      ],
    },
    function* () {
      for (const type of allTypes()) yield typeRow(type, BUILT_IN);
      for (const created of source.catalog().enums()) {
        yield typeRow(created.type, created);
        const array = source.catalog().userTypeByOid(created.arrayOid);
        if (array !== undefined) yield typeRow(array, created);
      }
      for (const table of source.catalog().tables()) if (table.rowTypeOid !== 0) yield rowTypeRow(table);
      for (const view of source.catalog().views()) yield rowTypeRow(view);
    },
  );
}

const BUILT_IN = { schemaOid: PG_CATALOG.oid, ownerOid: SUPERUSER_OID } as const;

function typeRow(
  type: TypeDefinition,
  { schemaOid, ownerOid }: { readonly schemaOid: number; readonly ownerOid: number },
): Value[] {
  const { byValue, alignment, storage, collationOid } = physicalType(type);
  const category = type.name === RECORD_ARRAY ? 'P' : type.category;
  return [
    type.oid,
    type.name,
    schemaOid,
    ownerOid,
    type.length,
    byValue,
    KINDS[category] ?? 'b',
    category,
    type.isPreferred,
    true,
    ',',
    0,
    0,
    type.name === 'name' ? ELEMENT_OF_NAME : type.elementOid,
    type.arrayOid,
    ...NO_SUPPORT_FUNCTIONS,
    alignment,
    storage,
    false,
    0,
    -1,
    0,
    collationOid,
    null,
    null,
    null,
  ];
}

function rowTypeRow(table: Pick<TableDescriptor, 'oid' | 'rowTypeOid' | 'name' | 'schemaOid' | 'ownerOid'>): Value[] {
  return [
    table.rowTypeOid,
    table.name,
    table.schemaOid,
    table.ownerOid,
    -1,
    false,
    'c',
    'C',
    false,
    true,
    ',',
    table.oid,
    0,
    0,
    0,
    ...NO_SUPPORT_FUNCTIONS,
    'd',
    'x',
    false,
    0,
    -1,
    0,
    0,
    null,
    null,
    null,
  ];
}

/** Input, output, receive, send, typmod in and out, analyze: none of them can be called from SQL here. */
const NO_SUPPORT_FUNCTIONS = [0, 0, 0, 0, 0, 0, 0] as const;
