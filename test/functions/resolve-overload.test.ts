import { describe, expect, test } from 'vitest';
import { commonType } from '../../src/functions/common-type.ts';
import { resolveFunction, resolveOperator } from '../../src/functions/resolve-overload.ts';
import { unknown } from '../../src/types/string-types.ts';
import type { TypeDefinition } from '../../src/types/type-definition.ts';
import { typeByName } from '../../src/types/type-registry.ts';

function typeNamed(name: string): TypeDefinition {
  if (name === 'unknown') return unknown;
  const type = typeByName(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
}

/** `date_trunc(text, timestamptz) → timestamptz`, as resolved, or how it failed. */
function resolution(name: string, argumentNames: readonly string[]): string {
  const resolved = resolveFunction(name, argumentNames.map(typeNamed));
  if (typeof resolved === 'string') return resolved;
  return `(${resolved.argumentTypes.map((type) => type.name).join(', ')}) → ${resolved.resultType.name}`;
}

function operatorResolution(name: string, left: string | undefined, right: string): string {
  const resolved = resolveOperator(name, left === undefined ? undefined : typeNamed(left), typeNamed(right));
  if (typeof resolved === 'string') return resolved;
  return `(${resolved.argumentTypes.map((type) => type.name).join(', ')}) → ${resolved.resultType.name}`;
}

describe('operators', () => {
  const cases: readonly (readonly [left: string | undefined, name: string, right: string, expected: string])[] = [
    ['int4', '+', 'numeric', '(numeric, numeric) → numeric'],
    ['int4', '+', 'float8', '(float8, float8) → float8'],
    ['int2', '+', 'int8', '(int2, int8) → int8'],
    ['int4', '+', 'unknown', '(int4, int4) → int4'],
    ['unknown', '<', 'timestamptz', '(timestamptz, timestamptz) → bool'],
    ['timestamptz', '>=', 'unknown', '(timestamptz, timestamptz) → bool'],
    ['date', '<', 'timestamptz', '(date, timestamptz) → bool'],
    ['timestamptz', '-', 'unknown', '(timestamptz, timestamptz) → interval'],
    ['timestamptz', '+', 'interval', '(timestamptz, interval) → timestamptz'],
    ['timestamptz', '+', 'unknown', '(timestamptz, interval) → timestamptz'],
    ['date', '+', 'unknown', 'ambiguous'],
    ['interval', '*', 'int4', '(interval, float8) → interval'],
    ['unknown', '||', 'unknown', '(text, text) → text'],
    ['text', '||', 'int4', '(text, int4) → text'],
    ['varchar', '||', 'varchar', '(text, text) → text'],
    ['int4', '||', 'int4', 'none'],
    ['varchar', '=', 'varchar', '(text, text) → bool'],
    ['varchar', '=', 'unknown', '(text, text) → bool'],
    ['name', '=', 'unknown', '(name, name) → bool'],
    ['name', '~', 'unknown', '(name, text) → bool'],
    ['oid', '=', 'unknown', '(oid, oid) → bool'],
    ['oid', '=', 'regclass', '(oid, oid) → bool'],
    ['oid', '=', 'int4', '(oid, oid) → bool'],
    ['bpchar', '=', 'text', '(text, text) → bool'],
    ['_int4', '=', 'unknown', '(_int4, _int4) → bool'],
    ['_int4', '=', '_text', 'none'],
    ['text', '+', 'int4', 'none'],
    ['text', '=', 'int4', 'none'],
    [undefined, '-', 'int4', '(int4) → int4'],
    [undefined, '-', 'unknown', 'ambiguous'],
    ['unknown', '+', 'unknown', 'ambiguous'],
    ['unknown', '=', 'unknown', '(text, text) → bool'],
    ['json', '=', 'json', 'none'],
  ];
  for (const [left, name, right, expected] of cases) {
    test(`${left ?? ''} ${name} ${right} resolves to ${expected}`, () =>
      expect(operatorResolution(name, left, right)).toBe(expected));
  }
});

describe('functions', () => {
  const cases: readonly (readonly [name: string, argumentNames: readonly string[], expected: string])[] = [
    ['date_trunc', ['unknown', 'timestamptz'], '(text, timestamptz) → timestamptz'],
    ['date_trunc', ['unknown', 'date'], '(text, timestamptz) → timestamptz'],
    ['date_trunc', ['unknown', 'unknown'], 'ambiguous'],
    ['round', ['numeric'], '(numeric) → numeric'],
    ['round', ['int4'], '(float8) → float8'],
    ['round', ['float8', 'int4'], 'none'],
    ['round', ['unknown'], '(float8) → float8'],
    ['abs', ['int2'], '(int2) → int2'],
    ['sqrt', ['int4'], '(float8) → float8'],
    ['lower', ['varchar'], '(text) → text'],
    ['lower', ['int4'], 'none'],
    ['length', ['unknown'], '(text) → int4'],
    ['concat', ['unknown', 'int4', 'bool'], '(text, int4, bool) → text'],
    ['concat', [], 'none'],
    ['concat_ws', ['unknown', 'int4'], '(text, int4) → text'],
    ['count', [], '() → int8'],
    ['count', ['interval'], '(interval) → int8'],
    ['sum', ['int2'], '(int2) → int8'],
    ['sum', ['int8'], '(int8) → numeric'],
    ['sum', ['text'], 'none'],
    ['avg', ['float4'], '(float4) → float8'],
    ['max', ['varchar'], '(text) → text'],
    ['max', ['unknown'], '(text) → text'],
    ['max', ['_int4'], '(_int4) → _int4'],
    ['array_agg', ['int4'], '(int4) → _int4'],
    ['generate_series', ['int4', 'int8'], '(int8, int8) → int8'],
    [
      'generate_series',
      ['timestamptz', 'timestamptz', 'unknown'],
      '(timestamptz, timestamptz, interval) → timestamptz',
    ],
    ['generate_series', ['date', 'date', 'unknown'], '(timestamptz, timestamptz, interval) → timestamptz'],
    ['time_bucket', ['unknown', 'timestamptz'], '(interval, timestamptz) → timestamptz'],
    ['time_bucket', ['unknown', 'timestamptz', 'unknown'], '(interval, timestamptz, text) → timestamptz'],
    ['time_bucket', ['interval', 'date'], '(interval, date) → date'],
    ['time_bucket', ['int4', 'int8'], '(int8, int8) → int8'],
    ['timezone', ['unknown', 'timestamptz'], '(text, timestamptz) → timestamp'],
    ['extract', ['unknown', 'date'], '(text, date) → numeric'],
    ['array_length', ['_float8', 'int4'], '(_float8, int4) → int4'],
    ['array_length', ['float8', 'int4'], 'none'],
    ['pg_typeof', ['numeric'], '(numeric) → regtype'],
    ['date', ['unknown'], '(date) → date'],
    ['date', ['timestamptz'], '(timestamptz) → date'],
    ['int4', ['float8'], '(float8) → int4'],
    ['text', ['varchar'], '(text) → text'],
    ['no_such_function', ['int4'], 'none'],
  ];
  for (const [name, argumentNames, expected] of cases) {
    test(`${name}(${argumentNames.join(', ')}) resolves to ${expected}`, () =>
      expect(resolution(name, argumentNames)).toBe(expected));
  }
});

describe('the common type', () => {
  const cases: readonly (readonly [types: readonly string[], expected: string | undefined])[] = [
    [['unknown', 'unknown'], 'text'],
    [['unknown', 'int4'], 'int4'],
    [['int4', 'numeric'], 'numeric'],
    [['numeric', 'int4'], 'numeric'],
    [['int4', 'float8', 'numeric'], 'float8'],
    [['date', 'timestamptz'], 'timestamptz'],
    [['varchar', 'text'], 'varchar'],
    [['text', 'varchar'], 'text'],
    [['int4', 'text'], undefined],
    [['_int4', 'unknown'], '_int4'],
  ];
  for (const [types, expected] of cases) {
    test(`of ${types.join(', ')} is ${expected ?? 'not there'}`, () =>
      expect(commonType(types.map(typeNamed))?.name).toBe(expected));
  }
});

test('equal calls of a function of any type get one and the same function', () => {
  const types = [typeNamed('int4'), typeNamed('text')];
  const [first, second] = [resolveFunction('concat', types), resolveFunction('concat', types)];
  expect(typeof first === 'object' && typeof second === 'object' && first.function === second.function).toBe(true);
});
