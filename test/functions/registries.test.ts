import { describe, expect, test } from 'vitest';
import { allCasts, findCast } from '../../src/functions/cast-registry.ts';
import { allFunctions, functionsNamed, scalarFunctions } from '../../src/functions/function-registry.ts';
import { allOperators, equalityOf, lessThanOf } from '../../src/functions/operator-registry.ts';
import { allTypes, arrayTypeOf, typeByName } from '../../src/types/type-registry.ts';

const typeNamed = (name: string) => typeByName(name)!;

test('no two functions share an OID, and none lacks one', () => {
  const oids = allFunctions().map((definition) => definition.oid);
  expect(new Set(oids).size).toBe(oids.length);
  expect(oids.every((oid) => oid > 0)).toBe(true);
});

test('no two functions share a name and argument types, unless one of them takes any number', () => {
  const signatures = allFunctions().map(({ name, argumentTypes, isVariadic = false }) =>
    [name, ...argumentTypes.map((type) => type.name), isVariadic].join(' '),
  );
  expect(new Set(signatures).size).toBe(signatures.length);
});

test('no two operators share an OID or a signature', () => {
  const oids = allOperators().map((operator) => operator.oid);
  const signatures = allOperators().map(
    ({ name, leftType, rightType }) => `${leftType?.name} ${name} ${rightType.name}`,
  );
  expect(new Set(oids).size).toBe(oids.length);
  expect(new Set(signatures).size).toBe(signatures.length);
});

test('no two casts go between the same types', () => {
  const pairs = allCasts().map(({ source, target }) => `${source.name} ${target.name}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});

test('the functions behind operators and casts can be called by name', () => {
  expect(scalarFunctions('int4pl').map((definition) => definition.oid)).toEqual([177]);
  expect(functionsNamed('float8').length).toBeGreaterThan(3);
  expect(functionsNamed('nonsense')).toEqual([]);
});

describe('equality and order', () => {
  const comparable = allTypes().filter((type) => type.isComparable && type.category !== 'P');
  for (const type of comparable) {
    test(`exist for ${type.name}`, () => {
      expect(equalityOf(type)).toBeDefined();
      expect(lessThanOf(type)).toBeDefined();
    });
  }

  test('do not exist for json', () => {
    expect(equalityOf(typeNamed('json'))).toBeUndefined();
    expect(lessThanOf(typeNamed('json'))).toBeUndefined();
  });
});

describe('casts', () => {
  test('are implicit where nothing is lost', () => {
    expect(findCast(typeNamed('int4'), typeNamed('int8'))?.context).toBe('implicit');
    expect(findCast(typeNamed('int8'), typeNamed('int4'))?.context).toBe('assignment');
    expect(findCast(typeNamed('bool'), typeNamed('int4'))?.context).toBe('explicit');
  });

  test('of arrays follow their elements', () => {
    const integers = arrayTypeOf(typeNamed('int4'))!;
    const bigints = arrayTypeOf(typeNamed('int8'))!;
    expect(findCast(integers, bigints)?.context).toBe('implicit');
    expect(findCast(integers, arrayTypeOf(typeNamed('text'))!)).toBeUndefined();
    expect(findCast(typeNamed('oidvector'), arrayTypeOf(typeNamed('oid'))!)?.method).toBe('relabel');
    expect(findCast(integers, typeNamed('oidvector'))).toBeUndefined();
  });

  test('to the type itself are not casts', () => {
    expect(findCast(typeNamed('int4'), typeNamed('int4'))).toBeUndefined();
  });
});
