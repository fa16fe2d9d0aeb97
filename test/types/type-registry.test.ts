import { describe, expect, test } from 'vitest';
import { formatType } from '../../src/types/format-type.ts';
import { intervalTypmod } from '../../src/types/interval-type.ts';
import { numericTypmod } from '../../src/types/numeric-type.ts';
import { lengthTypmod } from '../../src/types/string-types.ts';
import type { NameResolver, TypeDefinition } from '../../src/types/type-definition.ts';
import {
  allTypes,
  arrayTypeOf,
  elementTypeOf,
  regtype,
  sqlType,
  typeByName,
  typeByOid,
  typeBySqlName,
} from '../../src/types/type-registry.ts';
import { readAndShow } from '../support/type-forms.ts';

function typeNamed(name: string): TypeDefinition {
  const type = typeByName(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

// Captured from pg_type (record without its array type): oid, typname, format_type, typlen, typcategory, typispreferred, typarray.
test.each([
  [16, 'bool', 'boolean', 1, 'B', true, 1000],
  [17, 'bytea', 'bytea', -1, 'U', false, 1001],
  [18, 'char', '"char"', 1, 'Z', false, 1002],
  [19, 'name', 'name', 64, 'S', false, 1003],
  [20, 'int8', 'bigint', 8, 'N', false, 1016],
  [21, 'int2', 'smallint', 2, 'N', false, 1005],
  [22, 'int2vector', 'int2vector', -1, 'A', false, 1006],
  [23, 'int4', 'integer', 4, 'N', false, 1007],
  [24, 'regproc', 'regproc', 4, 'N', false, 1008],
  [25, 'text', 'text', -1, 'S', true, 1009],
  [26, 'oid', 'oid', 4, 'N', true, 1028],
  [28, 'xid', 'xid', 4, 'U', false, 1011],
  [30, 'oidvector', 'oidvector', -1, 'A', false, 1013],
  [114, 'json', 'json', -1, 'U', false, 199],
  [194, 'pg_node_tree', 'pg_node_tree', -1, 'Z', false, 0],
  [199, '_json', 'json[]', -1, 'A', false, 0],
  [700, 'float4', 'real', 4, 'N', false, 1021],
  [701, 'float8', 'double precision', 8, 'N', true, 1022],
  [705, 'unknown', 'unknown', -2, 'X', false, 0],
  [1000, '_bool', 'boolean[]', -1, 'A', false, 0],
  [1001, '_bytea', 'bytea[]', -1, 'A', false, 0],
  [1002, '_char', '"char"[]', -1, 'A', false, 0],
  [1003, '_name', 'name[]', -1, 'A', false, 0],
  [1005, '_int2', 'smallint[]', -1, 'A', false, 0],
  [1006, '_int2vector', 'int2vector[]', -1, 'A', false, 0],
  [1007, '_int4', 'integer[]', -1, 'A', false, 0],
  [1008, '_regproc', 'regproc[]', -1, 'A', false, 0],
  [1009, '_text', 'text[]', -1, 'A', false, 0],
  [1011, '_xid', 'xid[]', -1, 'A', false, 0],
  [1013, '_oidvector', 'oidvector[]', -1, 'A', false, 0],
  [1014, '_bpchar', 'character[]', -1, 'A', false, 0],
  [1015, '_varchar', 'character varying[]', -1, 'A', false, 0],
  [1016, '_int8', 'bigint[]', -1, 'A', false, 0],
  [1021, '_float4', 'real[]', -1, 'A', false, 0],
  [1022, '_float8', 'double precision[]', -1, 'A', false, 0],
  [1028, '_oid', 'oid[]', -1, 'A', false, 0],
  [1033, 'aclitem', 'aclitem', 12, 'U', false, 1034],
  [1034, '_aclitem', 'aclitem[]', -1, 'A', false, 0],
  [1042, 'bpchar', 'character', -1, 'S', false, 1014],
  [1043, 'varchar', 'character varying', -1, 'S', false, 1015],
  [1082, 'date', 'date', 4, 'D', false, 1182],
  [1083, 'time', 'time without time zone', 8, 'D', false, 1183],
  [1114, 'timestamp', 'timestamp without time zone', 8, 'D', false, 1115],
  [1115, '_timestamp', 'timestamp without time zone[]', -1, 'A', false, 0],
  [1182, '_date', 'date[]', -1, 'A', false, 0],
  [1183, '_time', 'time without time zone[]', -1, 'A', false, 0],
  [1184, 'timestamptz', 'timestamp with time zone', 8, 'D', true, 1185],
  [1185, '_timestamptz', 'timestamp with time zone[]', -1, 'A', false, 0],
  [1186, 'interval', 'interval', 16, 'T', true, 1187],
  [1187, '_interval', 'interval[]', -1, 'A', false, 0],
  [1231, '_numeric', 'numeric[]', -1, 'A', false, 0],
  [1700, 'numeric', 'numeric', -1, 'N', false, 1231],
  [2205, 'regclass', 'regclass', 4, 'N', false, 2210],
  [2206, 'regtype', 'regtype', 4, 'N', false, 2211],
  [2210, '_regclass', 'regclass[]', -1, 'A', false, 0],
  [2211, '_regtype', 'regtype[]', -1, 'A', false, 0],
  [2249, 'record', 'record', -1, 'P', false, 2287],
  [2276, 'any', '"any"', 4, 'P', false, 0],
  [2277, 'anyarray', 'anyarray', -1, 'P', false, 0],
  [2278, 'void', 'void', 4, 'P', false, 0],
  [2283, 'anyelement', 'anyelement', 4, 'P', false, 0],
  [2776, 'anynonarray', 'anynonarray', 4, 'P', false, 0],
  [2950, 'uuid', 'uuid', 16, 'U', false, 2951],
  [2951, '_uuid', 'uuid[]', -1, 'A', false, 0],
] as const)('pg_type %i is %s', (oid, name, sqlName, length, category, isPreferred, arrayOid) => {
  expect(typeByOid(oid)).toMatchObject({ name, sqlName, length, category, isPreferred, arrayOid });
  expect(typeByName(name)?.oid).toBe(oid);
});

test('no two types share an OID or a name', () => {
  expect(new Set(allTypes().map(({ oid }) => oid)).size).toBe(allTypes().length);
  expect(new Set(allTypes().map(({ name }) => name)).size).toBe(allTypes().length);
});

test('array types and their elements know each other', () => {
  for (const type of allTypes()) {
    if (type.arrayOid === 0) continue;
    const array = arrayTypeOf(type);
    expect(array?.name).toBe(`_${type.name}`);
    expect(array === undefined ? undefined : elementTypeOf(array)).toBe(type);
  }
  expect(elementTypeOf(typeNamed('int4'))).toBe(undefined);
  expect(arrayTypeOf(typeNamed('_int4'))).toBe(undefined);
});

test.each([
  ['integer', 'int4'],
  ['INT', 'int4'],
  ['int8', 'int8'],
  ['pg_catalog.int8', 'int8'],
  ['timestamp  with time zone', 'timestamptz'],
  ['timestamp', 'timestamp'],
  ['double precision[]', '_float8'],
  ['int4[][]', '_int4'],
  ['"char"', 'char'],
  ['char', 'bpchar'],
  ['decimal', 'numeric'],
])('SQL calls %s what pg_type calls %s', (sqlName, name) => {
  expect(typeBySqlName(sqlName)?.name).toBe(name);
});

describe('formatType', () => {
  test.each([
    ['bpchar', -1, 'bpchar'],
    ['bpchar', lengthTypmod(5), 'character(5)'],
    ['varchar', -1, 'character varying'],
    ['varchar', lengthTypmod(5), 'character varying(5)'],
    ['_varchar', lengthTypmod(5), 'character varying(5)[]'],
    ['numeric', numericTypmod(10, 2), 'numeric(10,2)'],
    ['numeric', numericTypmod(3, -2), 'numeric(3,-2)'],
    ['_numeric', numericTypmod(10, 0), 'numeric(10,0)[]'],
    ['timestamptz', -1, 'timestamp with time zone'],
    ['timestamptz', 3, 'timestamp(3) with time zone'],
    ['timestamp', 0, 'timestamp(0) without time zone'],
    ['_timestamptz', 6, 'timestamp(6) with time zone[]'],
    ['time', 2, 'time(2) without time zone'],
    ['interval', intervalTypmod(), 'interval'],
    ['interval', intervalTypmod({ precision: 3 }), 'interval(3)'],
    ['interval', intervalTypmod({ first: 'day', last: 'second', precision: 0 }), 'interval day to second(0)'],
    ['interval', intervalTypmod({ first: 'month' }), 'interval month'],
    ['char', -1, '"char"'],
    ['int4', -1, 'integer'],
  ])('%s with modifier %i is %s', (name, typmod, formatted) => {
    expect(formatType(sqlType(typeNamed(name), typmod))).toBe(formatted);
  });
});

describe('names in place of OIDs', () => {
  test.each([
    ['integer', 'integer'],
    ['int4', 'integer'],
    ['text[]', 'text[]'],
    ['25', 'text'],
    ['-', '-'],
    ['bpchar', 'character'],
    ['99999', '99999'],
    ['foo', '42704: type "foo" does not exist'],
  ])('regtype %s is %s', (input, answer) => {
    expect(readAndShow(regtype, input)).toBe(answer);
  });

  const names: NameResolver = {
    relation: (name) => (name === 'cpu' ? 16384 : undefined),
    relationName: (oid) => (oid === 16384 ? 'cpu' : undefined),
    object: (kind, name) => (kind === 'function' && name === 'array_in' ? 750 : undefined),
    objectName: (kind, oid) => (kind === 'function' && oid === 750 ? 'array_in' : undefined),
  };
  test.each([
    ['regclass', 'cpu', 'cpu'],
    ['regclass', '16384', 'cpu'],
    ['regclass', '5', '5'],
    ['regclass', '-', '-'],
    ['regclass', 'mem', '42P01: relation "mem" does not exist'],
    ['regproc', 'array_in', 'array_in'],
    ['regproc', 'nothing', '42883: function "nothing" does not exist'],
  ])('%s %s is %s to a resolver', (typeName, input, answer) => {
    expect(readAndShow(typeNamed(typeName), input, { resolveName: names })).toBe(answer);
  });

  test('without a resolver numbers pass and names are refused', () => {
    expect(readAndShow(typeNamed('regclass'), '16384')).toBe('16384');
    expect(readAndShow(typeNamed('regclass'), 'cpu')).toMatch(/^0A000: /);
    expect(readAndShow(typeNamed('regproc'), 'array_in')).toMatch(/^0A000: /);
  });
});
