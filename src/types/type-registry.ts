import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { arrayTypeOver } from './array-type.ts';
import { bit, varbit } from './bit.ts';
import { bool } from './bool.ts';
import { bytea } from './bytea.ts';
import { catalogTypes } from './catalog-types.ts';
import { date } from './date.ts';
import { float4 } from './float4.ts';
import { float8 } from './float8.ts';
import { cidr, inet } from './inet.ts';
import { int2 } from './int2.ts';
import { int4 } from './int4.ts';
import { int8 } from './int8.ts';
import { interval } from './interval-type.ts';
import { json } from './json.ts';
import { jsonb } from './jsonb.ts';
import { macaddr, macaddr8 } from './macaddr.ts';
import { numeric } from './numeric-type.ts';
import { cid, oid, xid } from './oid.ts';
import {
  any,
  anyarray,
  anycompatible,
  anycompatiblearray,
  anycompatiblemultirange,
  anycompatiblerange,
  anyelement,
  anyenum,
  anymultirange,
  anynonarray,
  anyrange,
  voidType,
} from './pseudo-types.ts';
import { rangePairs } from './ranges.ts';
import { record } from './record-type.ts';
import { asRead, namedOidType, regTypes } from './reg-types.ts';
import { aclitem, bpchar, char, name, pg_node_tree, text, unknown, varchar } from './string-types.ts';
import { tid } from './tid.ts';
import { time } from './time.ts';
import { timestamp } from './timestamp.ts';
import { timestamptz } from './timestamptz.ts';
import { timetz } from './timetz.ts';
import type { SqlType, TypeDefinition } from './type-definition.ts';
import { uddsketch } from './uddsketch-type.ts';
import { uuid } from './uuid.ts';
import { int2vector, oidvector } from './vector-types.ts';

/** Types as OIDs. The names of built-in ones are known here. */
export const regtype = namedOidType({
  oid: 2206,
  name: 'regtype',
  arrayOid: 2211,
  find(typeName, { resolveName }) {
    const found = (typeBySqlName(typeName) ?? hiddenTypeNamed(typeName))?.oid ?? resolveName?.type?.(typeName);
    if (found === undefined) throw new SqlError(SqlState.UndefinedObject, `type "${asRead(typeName)}" does not exist`);
    return found;
  },
  nameOf: (typeOid, { resolveName }) => typeByOid(typeOid)?.sqlName ?? resolveName?.typeName?.(typeOid),
});

const scalarTypes: readonly TypeDefinition[] = [
  bool,
  bytea,
  char,
  name,
  int8,
  int2,
  int2vector,
  int4,
  text,
  oid,
  xid,
  cid,
  tid,
  oidvector,
  json,
  jsonb,
  pg_node_tree,
  float4,
  float8,
  unknown,
  aclitem,
  bpchar,
  varchar,
  date,
  time,
  timestamp,
  timestamptz,
  timetz,
  interval,
  numeric,
  ...regTypes,
  regtype,
  record,
  any,
  anyarray,
  anycompatible,
  anycompatiblearray,
  voidType,
  anyelement,
  anynonarray,
  uuid,
  anyenum,
  anyrange,
  anymultirange,
  anycompatiblerange,
  anycompatiblemultirange,
  ...rangePairs.flatMap(({ range, multirange }) => [range, multirange]),
  inet,
  cidr,
  macaddr,
  macaddr8,
  bit,
  varbit,
  uddsketch,
];

const types: readonly TypeDefinition[] = [
  ...scalarTypes,
  ...scalarTypes.filter(({ arrayOid }) => arrayOid !== 0).map(arrayTypeOver),
];

/** Types that nothing but the system catalogs has: they have numbers, but no name that a statement could use. */
const hiddenTypes: readonly TypeDefinition[] = [
  ...catalogTypes,
  ...catalogTypes.filter(({ arrayOid }) => arrayOid !== 0).map(arrayTypeOver),
];

const byOid = new Map([...types, ...hiddenTypes].map((type) => [type.oid, type]));
const byName = new Map(types.map((type) => [type.name, type]));

/** What else SQL calls these types, beside `sqlName` and pg_type's name. */
const SQL_NAMES: readonly (readonly [string, TypeDefinition])[] = [
  ['int', int4],
  ['decimal', numeric],
  ['dec', numeric],
  ['float', float8],
  ['char', bpchar],
  ['timestamp', timestamp],
  ['time', time],
];
const bySqlName = new Map([...types.map((type) => [type.sqlName, type] as const), ...SQL_NAMES]);

/** Built-in types alone; undefined for what users have made. */
export function typeByOid(typeOid: number): TypeDefinition | undefined {
  return byOid.get(typeOid);
}

/** By pg_type.typname: `int4`, `_int4`. */
export function typeByName(typeName: string): TypeDefinition | undefined {
  return byName.get(typeName);
}

const MODIFIER = / ?\( ?-?\d+ ?(?:, ?-?\d+ ?)?\)/;

/** By any name that SQL has for it, a modifier or none: `integer`, `varchar(10)`, `INT`, `int4[]`, `pg_catalog.int4`, `"char"`. */
export function typeBySqlName(sqlName: string): TypeDefinition | undefined {
  const written = sqlName
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^(?:pg_catalog|"pg_catalog") ?\. ?/i, '')
    .replace(MODIFIER, '');
  const array = /^(.*?) ?(?:\[\d*\])+$/.exec(written);
  if (array !== null) {
    const element = typeBySqlName(array[1] ?? '');
    return element === undefined ? undefined : arrayTypeOf(element);
  }
  const quoted = /^"([^"]*)"$/.exec(written)?.[1];
  if (quoted !== undefined) return byName.get(quoted);
  const folded = written.toLowerCase();
  return bySqlName.get(folded) ?? byName.get(folded);
}

/** All built-in types. */
export function allTypes(): readonly TypeDefinition[] {
  return types;
}

/** Of columns of the system catalogs, by pg_type.typname: all types, and those that only such columns have. */
export function catalogTypeByName(typeName: string): TypeDefinition | undefined {
  return byName.get(typeName) ?? hiddenByName.get(typeName);
}

/** Written as a regtype, such a type is a number as any other. */
function hiddenTypeNamed(written: string): TypeDefinition | undefined {
  return hiddenByName.get(
    written
      .replace(/^(?:pg_catalog|"pg_catalog")\./i, '')
      .replaceAll('"', '')
      .toLowerCase(),
  );
}

const hiddenByName = new Map(hiddenTypes.map((type) => [type.name, type]));

/** What pg_type lists beside `allTypes`. */
export function allCatalogTypes(): readonly TypeDefinition[] {
  return hiddenTypes;
}

/** Arrays over enums, which come and go with them; and the other way round. */
const enumArrays = new WeakMap<TypeDefinition, TypeDefinition>();
const enumsOfArrays = new WeakMap<TypeDefinition, TypeDefinition>();

/** Those of the enums of users too; undefined where the type has no arrays. */
export function arrayTypeOf(element: TypeDefinition): TypeDefinition | undefined {
  if (element.arrayOid === 0) return undefined;
  if (element.category !== 'E') return byOid.get(element.arrayOid);
  let array = enumArrays.get(element);
  if (array === undefined) {
    array = arrayTypeOver(element);
    enumArrays.set(element, array);
    enumsOfArrays.set(array, element);
  }
  return array;
}

export function elementTypeOf(array: TypeDefinition): TypeDefinition | undefined {
  return array.elementOid === 0 ? undefined : (byOid.get(array.elementOid) ?? enumsOfArrays.get(array));
}

/** A type with its modifier, -1: without one. */
export function sqlType(definition: TypeDefinition, typmod = -1): SqlType {
  return { definition, typmod };
}
