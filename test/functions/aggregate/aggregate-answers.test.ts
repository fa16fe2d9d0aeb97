import { describe, expect, test } from 'vitest';
import { aggregateText } from './run-aggregate.ts';

type Case = readonly [name: string, typeName: string, texts: readonly (string | null)[], answer: string];

const smallIntegers = ['1', '2', '4', null, '-7'];
const largeIntegers = ['9223372036854775807', '9223372036854775807', '-1'];
const floats = ['1.5', '2.5', '4', null, '-7'];
const numerics = ['1.50', '2.5', '4.125', null, '-7'];
const intervals = ['1 month', '2 days', '03:00'];

/** Taken from PostgreSQL. */
const cases: readonly Case[] = [
  ['count', 'int4', smallIntegers, '4'],
  ['sum', 'int4', smallIntegers, '0'],
  ['avg', 'int4', smallIntegers, '0.00000000000000000000'],
  ['stddev', 'int4', smallIntegers, '4.8304589153964795'],
  ['variance', 'int4', smallIntegers, '23.3333333333333333'],
  ['var_pop', 'int4', smallIntegers, '17.5000000000000000'],
  ['stddev_pop', 'int4', smallIntegers, '4.1833001326703777'],
  ['sum', 'int8', largeIntegers, '18446744073709551613'],
  ['avg', 'int8', largeIntegers, '6148914691236517204'],
  ['stddev', 'int8', largeIntegers, '5325116328314171701'],
  ['var_pop', 'int8', largeIntegers, '18904575940052136859076367079542678414'],
  ['max', 'int8', largeIntegers, '9223372036854775807'],
  ['min', 'int8', largeIntegers, '-1'],
  ['sum', 'float8', floats, '1'],
  ['avg', 'float8', floats, '0.25'],
  ['stddev', 'float8', floats, '4.9413223601245315'],
  ['var_pop', 'float8', floats, '18.3125'],
  ['sum', 'numeric', numerics, '1.125'],
  ['avg', 'numeric', numerics, '0.28125000000000000000'],
  ['stddev', 'numeric', numerics, '4.9732356586699837'],
  ['var_pop', 'numeric', numerics, '18.5498046875000000'],
  ['sum', 'interval', intervals, '1 mon 2 days 03:00:00'],
  ['avg', 'interval', intervals, '10 days 17:00:00'],
  ['max', 'interval', intervals, '1 mon'],
  ['min', 'interval', intervals, '03:00:00'],
  ['sum', 'float4', ['0.1', '0.2', '0.3'], '0.6'],
  ['avg', 'float4', ['0.1', '0.2', '0.3'], '0.2000000054637591'],
  ['sum', 'float8', ['NaN', 'Infinity', '1'], 'NaN'],
  ['max', 'float8', ['1', 'NaN', 'Infinity'], 'NaN'],
  ['min', 'float8', ['NaN', 'Infinity', '1'], '1'],
  ['min', 'float8', ['NaN', 'NaN'], 'NaN'],
  ['var_samp', 'float8', ['Infinity', '1'], 'NaN'],
  ['avg', 'numeric', ['NaN', '1'], 'NaN'],
  ['variance', 'numeric', ['NaN', '1'], 'NaN'],
  ['stddev', 'float8', ['5'], 'NULL'],
  ['var_pop', 'float8', ['5'], '0'],
  ['stddev', 'numeric', ['5'], 'NULL'],
  ['stddev', 'int4', ['3', '3', '3'], '0'],
  ['sum', 'int4', [null, null], 'NULL'],
  ['sum', 'int4', [], 'NULL'],
  ['count', 'text', [], '0'],
  ['avg', 'float8', [null], 'NULL'],
  ['max', 'text', ['b', 'a', 'ﬀ', '😀'], '😀'],
  ['min', 'text', ['b', 'B', 'a'], 'B'],
  ['max', 'bpchar', ['a', 'b  '], 'b  '],
  ['max', 'timestamptz', ['2024-05-06', 'infinity', '2024-05-07'], 'infinity'],
  ['min', 'timestamp', ['9999-12-31', '-infinity', '0001-01-01'], '-infinity'],
  ['min', 'timestamp', ['9999-12-31', '2024-01-01'], '2024-01-01 00:00:00'],
  ['max', 'date', ['2024-05-06', '1999-01-01'], '2024-05-06'],
  ['max', 'time', ['10:00', '11:30'], '11:30:00'],
  ['max', 'numeric', ['1.10', '1.1', '0'], '1.1'],
  ['max', '_int4', ['{1,2}', '{1,3}'], '{1,3}'],
  ['bool_and', 'bool', ['t', null, 't'], 't'],
  ['bool_and', 'bool', ['t', 'f'], 'f'],
  ['bool_or', 'bool', ['f', 't'], 't'],
  ['bool_or', 'bool', [null], 'NULL'],
  ['every', 'bool', ['t', 'f'], 'f'],
  ['array_agg', 'int4', ['1', null, '3'], '{1,NULL,3}'],
  ['array_agg', 'int4', [], 'NULL'],
];

describe('aggregates answer as PostgreSQL does', () => {
  for (const [name, typeName, texts, answer] of cases) {
    test(`${name}(${typeName}) of ${texts.map((text) => text ?? 'NULL').join(', ')} is ${answer}`, () =>
      expect(aggregateText(name, typeName, texts)).toBe(answer));
  }

  test('a sum of finite floats that leaves the range is an error', () => {
    expect(() => aggregateText('sum', 'float8', ['1e308', '1e308'])).toThrow('value out of range: overflow');
    expect(() => aggregateText('avg', 'float8', ['1e308', '1e308'])).toThrow('value out of range: overflow');
    expect(() => aggregateText('sum', 'float4', ['3e38', '3e38'])).toThrow('value out of range: overflow');
    expect(aggregateText('sum', 'float8', ['1e308', 'Infinity', '1e308'])).toBe('Infinity');
  });
});
