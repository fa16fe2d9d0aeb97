import { describe, expect, test } from 'vitest';
import { applyTypmod } from '../../src/types/coerce-length.ts';
import { intervalTypmod } from '../../src/types/interval-type.ts';
import { numericTypmod } from '../../src/types/numeric-type.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import { lengthTypmod } from '../../src/types/string-types.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import { typeContext } from '../support/type-context.ts';
import { orError } from '../support/type-forms.ts';

/** The text form of `text` as a value of the type after its modifier has been applied. */
function coerced(typeName: string, typmod: number, text: string, isExplicit: boolean): string {
  const definition = typeByName(typeName);
  if (definition === undefined) throw new Error(`no type ${typeName}`);
  const context = typeContext();
  return orError(() => {
    const value = applyTypmod(definition.parse(text, context, -1), sqlType(definition, typmod), isExplicit);
    return definition.format(value, context);
  });
}

describe('assignment and explicit cast', () => {
  test.each([
    ['varchar', lengthTypmod(3), 'abcd', '22001: value too long for type character varying(3)', 'abc'],
    ['varchar', lengthTypmod(3), 'abc  ', 'abc', 'abc'],
    ['bpchar', lengthTypmod(3), 'abcd', '22001: value too long for type character(3)', 'abc'],
    ['bpchar', lengthTypmod(3), 'a', 'a  ', 'a  '],
    ['_varchar', lengthTypmod(1), '{ab,NULL}', '22001: value too long for type character varying(1)', '{a,NULL}'],
    ['numeric', numericTypmod(4, 1), '12.35', '12.4', '12.4'],
    ['timestamp', 0, '2020-01-01 00:00:00.5', '2020-01-01 00:00:01', '2020-01-01 00:00:01'],
    ['timestamptz', 3, '2000-12-31 23:59:59.9995', '2001-01-01 00:00:00+00', '2001-01-01 00:00:00+00'],
    ['time', 1, '01:02:03.45', '01:02:03.5', '01:02:03.5'],
    ['interval', intervalTypmod({ first: 'day', last: 'hour' }), '1 day 02:59', '1 day 02:00:00', '1 day 02:00:00'],
    ['int4', -1, '5', '5', '5'],
  ])('%s with modifier %i: %s is assigned as %s and cast as %s', (typeName, typmod, text, assigned, cast) => {
    expect(coerced(typeName, typmod, text, false)).toBe(assigned);
    expect(coerced(typeName, typmod, text, true)).toBe(cast);
  });
});

test('a number with too many digits is refused even by an explicit cast', () => {
  const overflow =
    '22003: numeric field overflow (A field with precision 3, scale 1 must round to an absolute value less than 10^2.)';
  expect(coerced('numeric', numericTypmod(3, 1), '99.95', false)).toBe(overflow);
  expect(coerced('numeric', numericTypmod(3, 1), '99.95', true)).toBe(overflow);
});

test('NULL and the shape of arrays stay', () => {
  const varchars = typeByName('_varchar');
  if (varchars === undefined) throw new Error('no type _varchar');
  expect(applyTypmod(null, sqlType(varchars, lengthTypmod(1)), true)).toBe(null);
  const array = new SqlArray(['ab', null], [2], [0]);
  expect(applyTypmod(array, sqlType(varchars, lengthTypmod(1)), true)).toEqual(new SqlArray(['a', null], [2], [0]));
});
