import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { ColumnBuilder } from '../../../src/columnar/column-builder.ts';
import { GroupTable } from '../../../src/execution/group-table.ts';
import { DenseGrouper } from '../../../src/execution/grouping/dense-grouper.ts';
import { NumberGrouper } from '../../../src/execution/grouping/number-grouper.ts';
import { RowGrouper } from '../../../src/execution/grouping/row-grouper.ts';
import { bool } from '../../../src/types/bool.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { numeric } from '../../../src/types/numeric-type.ts';
import { bpchar, lengthTypmod, text } from '../../../src/types/string-types.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';
import type { SqlType } from '../../../src/types/type-definition.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

const nullable = (values: fc.Arbitrary<Value>): fc.Arbitrary<Value> => fc.option(values, { nil: null, freq: 6 });

/** Types with values that lead each way of grouping to its limits. */
const KEYS: readonly { readonly type: SqlType; readonly values: fc.Arbitrary<Value> }[] = [
  { type: sqlType(int8), values: fc.integer({ min: -20, max: 20 }) },
  {
    type: sqlType(int8),
    values: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 50 }) as fc.Arbitrary<Value> },
      fc.constantFrom<Value>(2 ** 31, -(2 ** 31), 2 ** 31 - 1, 2 ** 53, 9007199254740993n, -9223372036854775808n),
    ),
  },
  {
    type: sqlType(float8),
    values: fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: -300, max: 300 }).map((value) => value / 100) as fc.Arbitrary<Value> },
      { weight: 10, arbitrary: fc.integer({ min: -30, max: 30 }).map((value) => value / 10) as fc.Arbitrary<Value> },
      fc.constantFrom<Value>(0, -0, 1e-17, 5e-324, 0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40),
      fc.double() as fc.Arbitrary<Value>,
    ),
  },
  { type: sqlType(bool), values: fc.boolean() },
  { type: sqlType(text), values: fc.constantFrom('', 'a', 'A', ' ', 'ä', 'e\u0301', 'é', '__proto__', '🌡️') },
  { type: sqlType(bpchar, lengthTypmod(3)), values: fc.constantFrom('a', 'a  ', 'b', '   ', '') },
  {
    type: sqlType(timestamptz),
    values: fc.constantFrom<Value>(0, 3_600_000_000, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1n << 62n),
  },
  {
    type: sqlType(numeric),
    values: fc.constantFrom('1', '1.0', '1.00', '2', 'NaN').map((value) => Numeric.parse(value)),
  },
];

const caseArbitrary = fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 3 }).chain((keys) =>
  fc.record({
    keys: fc.constant(keys),
    rows: fc.array(fc.tuple(...keys.map(({ values }) => nullable(values))), { maxLength: 120, size: 'max' }),
    batchRows: fc.integer({ min: 1, max: 40 }),
  }),
);

function columnsOf(types: readonly SqlType[], rows: readonly Value[][], asDictionary: boolean): Column[] {
  return types.map(({ definition }, at) => {
    const builder = new ColumnBuilder(definition.representation, asDictionary ? { text: 'dictionary' } : {});
    for (const row of rows) builder.push(row[at]!);
    return builder.finish();
  });
}

function shown(columns: readonly Column[], count: number): string[] {
  return Array.from({ length: count }, (_, row) =>
    columns
      .map((column) => valueAt(column, row))
      .map((value) => `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`)
      .join('|'),
  );
}

test('numbers rows as the table over keys of any type does', () => {
  fc.assert(
    fc.property(caseArbitrary, ({ keys, rows, batchRows }) => {
      const types = keys.map(({ type }) => type);
      const grouper = new RowGrouper(types);
      const table = new GroupTable(types);
      for (let from = 0; from < rows.length; from += batchRows) {
        const batch = rows.slice(from, from + batchRows);
        const columns = columnsOf(types, batch, from % 3 > 0);
        const [actual, expected] = [new Uint32Array(batch.length), new Uint32Array(batch.length)];
        grouper.assign(columns, batch.length, actual);
        table.assign(columns, batch.length, expected);
        expect([...actual]).toEqual([...expected]);
      }
      expect(grouper.groupCount).toBe(table.groupCount);
      expect(shown(grouper.keyColumns(), table.groupCount)).toEqual(shown(table.keyColumns(), table.groupCount));
      const half = table.groupCount >>> 1;
      expect(shown(grouper.keyColumns(half), table.groupCount - half)).toEqual(
        shown(table.keyColumns(half), table.groupCount - half),
      );
    }),
    { numRuns: 1500 },
  );
});

test('once closed it knows the groups that it has, and no others', () => {
  fc.assert(
    fc.property(caseArbitrary, ({ keys, rows, batchRows }) => {
      const types = keys.map(({ type }) => type);
      const grouper = new RowGrouper(types);
      const table = new GroupTable(types);
      const half = rows.length >>> 1;
      const first = columnsOf(types, rows.slice(0, half), true);
      grouper.assign(first, half, new Uint32Array(half));
      table.assign(first, half, new Uint32Array(half));
      grouper.close();
      table.close();
      const { sizeBytes } = grouper;
      for (let from = 0; from < rows.length; from += batchRows) {
        const batch = rows.slice(from, from + batchRows);
        const columns = columnsOf(types, batch, from % 3 > 0);
        const [actual, expected] = [new Int32Array(batch.length), new Int32Array(batch.length)];
        grouper.known(columns, batch.length, actual);
        table.known(columns, batch.length, expected);
        expect([...actual]).toEqual([...expected]);
      }
      expect(grouper.sizeBytes).toBe(sizeBytes);
    }),
    { numRuns: 800 },
  );
});

describe('each way stays as long as it can', () => {
  const numbers = (values: readonly number[]): Column => ({
    kind: 'number',
    values: Float64Array.from(values),
    validity: undefined,
  });
  const dense = () => DenseGrouper.of([sqlType(float8)])!;
  const takes = (grouper: DenseGrouper | NumberGrouper, values: readonly number[]): boolean =>
    grouper.assign([numbers(values)], values.length, new Uint32Array(values.length));

  test('an array takes integers and decimals whose range is small, in whatever order they come', () => {
    const grouper = dense();
    expect(takes(grouper, [5, 3, 5])).toBe(true);
    expect(takes(grouper, [-100, 70])).toBe(true);
    expect(takes(grouper, [2.5, 3])).toBe(true);
    expect(takes(grouper, [19.99, -0])).toBe(true);
    expect(shown(grouper.keyColumns(0, 7), 7)).toEqual(
      [5, 3, -100, 70, 2.5, 19.99, 0].map((value) => `number:${value}`),
    );
  });

  test.each([[1 / 3], [1e6 + 0.01], [2 ** 31], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    'and a few that lie elsewhere, as %d, beside small ones; more of them it refuses, keeping its groups',
    (value) => {
      const grouper = dense();
      expect(takes(grouper, [1, 2])).toBe(true);
      expect(takes(grouper, [3, value])).toBe(true);
      const many = Array.from({ length: 70 }, (_, index) => Math.PI * (index + 1));
      expect(takes(grouper, many)).toBe(false);
      expect(shown(grouper.keyColumns(0, 4), 4)).toEqual([1, 2, 3, value].map((key) => `number:${key}`));
    },
  );

  test('the hash table over doubles refuses integers past 2^53 alone', () => {
    const grouper = NumberGrouper.of([sqlType(int8)])!;
    const builder = new ColumnBuilder('int64');
    builder.push(1);
    builder.push(9007199254740993n);
    expect(takes(grouper, [1, 7])).toBe(true);
    expect(grouper.assign([builder.finish()], 2, new Uint32Array(2))).toBe(false);
    expect(grouper.groupCount).toBe(2);
  });
});

test('a hundred thousand groups of two doubles survive every growth', () => {
  const grouper = new RowGrouper([sqlType(float8), sqlType(float8)]);
  const count = 100_000;
  const left = Float64Array.from({ length: count }, (_, row) => Math.sqrt(row));
  const right = Float64Array.from({ length: count }, (_, row) => row % 7);
  const groups = new Uint32Array(count);
  const columns: Column[] = [left, right].map((values) => ({ kind: 'number', values, validity: undefined }));
  for (let round = 0; round < 2; round++) {
    grouper.assign(columns, count, groups);
    expect(groups.every((group, row) => group === row)).toBe(true);
  }
  expect(grouper.groupCount).toBe(count);
});
