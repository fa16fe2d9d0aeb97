import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { sliceColumn } from '../../../src/columnar/copy-rows.ts';
import { Dictionary } from '../../../src/columnar/dictionary.ts';
import { Interval } from '../../../src/types/interval.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import type { Value } from '../../../src/types/value.ts';
import { accumulatorOf, aggregateNamed, type ResolvedAggregate, textAt } from './run-aggregate.ts';

const GROUP_COUNT = 4;

interface Row {
  readonly group: number;
  readonly isPassed: boolean;
  readonly value: Value;
}

function rowsOf(values: fc.Arbitrary<Value>): fc.Arbitrary<Row[]> {
  const row = fc.record({
    group: fc.nat(GROUP_COUNT - 1),
    isPassed: fc.boolean(),
    value: fc.option(values, { freq: 5 }),
  });
  return fc.array(row, { maxLength: 60 });
}

const integers = fc.integer({ min: -100, max: 100 });
const bigints = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
  const isExact = value >= -(2n ** 53n) && value <= 2n ** 53n;
  return isExact ? Number(value) : value;
});
const eighths = integers.map((value) => value / 8);
const numerics = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(6))
  .map(([n, s]) => Numeric.of(n, s));
const intervals = fc.tuple(integers, integers, integers).map(([m, d, t]) => new Interval(m, d, t));
const words = fc.constantFrom('a', 'b', 'B', 'ab', 'ﬀ', '😀', '');

/** Doubles that are multiples of 1/8 add up exactly, whatever the order. */
const aggregates: Readonly<Record<string, readonly [ResolvedAggregate, fc.Arbitrary<Value>]>> = {
  'count(int4)': [aggregateNamed('count', 'int4'), integers],
  'sum(int2)': [aggregateNamed('sum', 'int2'), integers],
  'sum(int4)': [aggregateNamed('sum', 'int4'), integers],
  'sum(int8)': [aggregateNamed('sum', 'int8'), bigints],
  'avg(int8)': [aggregateNamed('avg', 'int8'), bigints],
  'variance(int8)': [aggregateNamed('variance', 'int8'), bigints],
  'sum(float8)': [aggregateNamed('sum', 'float8'), eighths],
  'avg(float8)': [aggregateNamed('avg', 'float8'), eighths],
  'sum(float4)': [aggregateNamed('sum', 'float4'), eighths],
  'sum(numeric)': [aggregateNamed('sum', 'numeric'), numerics],
  'stddev(numeric)': [aggregateNamed('stddev', 'numeric'), numerics],
  'avg(interval)': [aggregateNamed('avg', 'interval'), intervals],
  'min(int8)': [aggregateNamed('min', 'int8'), bigints],
  'max(float8)': [aggregateNamed('max', 'float8'), fc.oneof(eighths, fc.constant(Number.NaN))],
  'min(float8)': [aggregateNamed('min', 'float8'), fc.oneof(eighths, fc.constant(Number.NaN))],
  'max(text)': [aggregateNamed('max', 'text'), words],
  'min(interval)': [aggregateNamed('min', 'interval'), intervals],
  bool_and: [aggregateNamed('bool_and', 'bool'), fc.boolean()],
  bool_or: [aggregateNamed('bool_or', 'bool'), fc.boolean()],
  'array_agg(int4)': [aggregateNamed('array_agg', 'int4'), integers],
};

function inputOf({ argumentTypes }: ResolvedAggregate, rows: readonly Row[]): Column {
  return columnOf(
    argumentTypes[0]!.representation,
    rows.map((row) => row.value),
  );
}

const groupsOf = (rows: readonly Row[]): Uint32Array => Uint32Array.from(rows, (row) => row.group);
const filterOf = (rows: readonly Row[]): Uint8Array => Uint8Array.from(rows, (row) => (row.isPassed ? 1 : 0));

/** All groups in one pass over the rows as they come. */
function onePass(aggregate: ResolvedAggregate, rows: readonly Row[]): string[] {
  const accumulator = accumulatorOf(aggregate);
  accumulator.reserve(GROUP_COUNT);
  accumulator.update([inputOf(aggregate, rows)], groupsOf(rows), rows.length, filterOf(rows));
  const results = accumulator.results(GROUP_COUNT);
  return Array.from({ length: GROUP_COUNT }, (_, group) => textAt(aggregate.resultType, results, group));
}

describe('an accumulator', () => {
  for (const [name, [aggregate, values]] of Object.entries(aggregates)) {
    test(`of ${name} gives the same when its rows come group by group, without filtered rows and NULLs`, () => {
      fc.assert(
        fc.property(rowsOf(values), (rows) => {
          const keepsNulls = name.startsWith('array_agg');
          const expected = Array.from({ length: GROUP_COUNT }, (_, group) => {
            const own = rows.filter((row) => row.group === group && row.isPassed && (keepsNulls || row.value !== null));
            const accumulator = accumulatorOf(aggregate);
            accumulator.reserve(1);
            accumulator.update([inputOf(aggregate, own)], new Uint32Array(own.length), own.length);
            return textAt(aggregate.resultType, accumulator.results(1), 0);
          });
          expect(onePass(aggregate, rows)).toEqual(expected);
        }),
      );
    });

    test(`of ${name} gives the same when partial states of pieces are merged`, () => {
      fc.assert(
        fc.property(rowsOf(values), fc.nat(60), (rows, cut) => {
          const merged = accumulatorOf(aggregate);
          merged.reserve(GROUP_COUNT);
          for (const piece of [rows.slice(0, cut), rows.slice(cut)]) {
            // The piece's accumulator numbers its groups backwards: merge() tells which is which.
            const partial = accumulatorOf(aggregate);
            partial.reserve(GROUP_COUNT);
            const groups = groupsOf(piece).map((group) => GROUP_COUNT - 1 - group);
            partial.update([inputOf(aggregate, piece)], groups, piece.length, filterOf(piece));
            merged.merge(partial.partialStates(GROUP_COUNT), Uint32Array.of(3, 2, 1, 0), GROUP_COUNT);
          }
          const results = merged.results(GROUP_COUNT);
          const texts = Array.from({ length: GROUP_COUNT }, (_, group) => textAt(aggregate.resultType, results, group));
          expect(texts).toEqual(onePass(aggregate, rows));
        }),
      );
    });
  }

  test('keeps its states when room for more groups is made', () => {
    const aggregate = aggregateNamed('sum', 'int4');
    const accumulator = accumulatorOf(aggregate);
    accumulator.reserve(1);
    accumulator.update([columnOf('float64', [1, 2])], Uint32Array.of(0, 0), 2);
    accumulator.reserve(1000);
    accumulator.update([columnOf('float64', [5])], Uint32Array.of(999), 1);
    const results = accumulator.results(1000);
    expect([valueAt(results, 0), valueAt(results, 1), valueAt(results, 999)]).toEqual([3, null, 5]);
  });
});

describe('sums of integers are exact', () => {
  function sumText(typeName: string, values: readonly Value[]): string {
    const aggregate = aggregateNamed('sum', typeName);
    const accumulator = accumulatorOf(aggregate);
    accumulator.reserve(1);
    const column = columnOf(aggregate.argumentTypes[0]!.representation, values);
    accumulator.update([column], new Uint32Array(values.length), values.length);
    return textAt(aggregate.resultType, accumulator.results(1), 0);
  }

  test('for any bigints', () => {
    fc.assert(
      fc.property(fc.array(bigints, { minLength: 1, maxLength: 50 }), (values) => {
        const exact = values.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
        expect(sumText('int8', values)).toBe(String(exact));
      }),
    );
  });

  test('for numbers that pass 2^53 together', () => {
    expect(sumText('int8', [2 ** 53, 1])).toBe('9007199254740993');
    expect(sumText('int8', [2 ** 53, 1, 2 ** 53, 2 ** 53 - 1, -(2 ** 53)])).toBe('18014398509481984');
    expect(sumText('int8', [-(2 ** 53), -1, -1, -1])).toBe('-9007199254740995');
  });

  test('and of type numeric past 2^63', () => {
    expect(sumText('int8', [9223372036854775807n, 9223372036854775807n, 1])).toBe('18446744073709551615');
  });

  test('sum(integer) is a bigint', () => {
    expect(aggregateNamed('sum', 'int4').resultType.name).toBe('int8');
    expect(sumText('int4', new Array(5000).fill(2147483647))).toBe('10737418235000');
  });
});

test('min and max of text read dictionary codes', () => {
  const dictionary = Dictionary.of(['m', 'z', 'a', 'é']);
  const column: Column = { kind: 'dictionary', codes: Uint32Array.of(0, 1, 2, 3, 0), dictionary, validity: undefined };
  for (const [name, expected] of [
    ['min', ['a', 'm']],
    ['max', ['z', 'é']],
  ] as const) {
    const accumulator = accumulatorOf(aggregateNamed(name, 'text'));
    accumulator.reserve(2);
    accumulator.update([column], Uint32Array.of(0, 0, 0, 1, 1), 5);
    const results = accumulator.results(2);
    expect([valueAt(results, 0), valueAt(results, 1)]).toEqual(expected);
  }
});

test('min and max move from doubles to wide integers when they come', () => {
  const accumulator = accumulatorOf(aggregateNamed('max', 'timestamp'));
  accumulator.reserve(2);
  accumulator.update([columnOf('int64', [5, 7])], Uint32Array.of(0, 1), 2);
  const wide = columnOf('int64', [252_455_615_999_999_999n, Number.POSITIVE_INFINITY]);
  accumulator.update([wide], Uint32Array.of(0, 1), 2);
  accumulator.update([columnOf('int64', [9])], Uint32Array.of(0), 1);
  const results = accumulator.results(2);
  expect(valueAt(results, 0)).toBe(252_455_615_999_999_999n);
  expect(textAt(aggregateNamed('max', 'timestamp').resultType, results, 1)).toBe('infinity');
});

describe('string_agg', () => {
  const aggregate = aggregateNamed('string_agg', 'text', 'text');
  const values = columnOf('text', ['a', null, 'b', 'c']);
  const delimiters = columnOf('text', ['-', '+', '/', null]);

  test('joins values by the delimiter before each, NULL being none', () => {
    const accumulator = accumulatorOf(aggregate);
    accumulator.reserve(2);
    accumulator.update([values, delimiters], new Uint32Array(4), 4);
    const results = accumulator.results(2);
    expect([valueAt(results, 0), valueAt(results, 1)]).toEqual(['a/bc', null]);
  });

  test('merges partial states with the delimiter of the later one', () => {
    const merged = accumulatorOf(aggregate);
    merged.reserve(1);
    for (const [from, to] of [
      [0, 2],
      [2, 4],
    ] as const) {
      const partial = accumulatorOf(aggregate);
      partial.reserve(1);
      const inputs = [sliceColumn(values, from, to), sliceColumn(delimiters, from, to)];
      partial.update(inputs, new Uint32Array(2), to - from);
      merged.merge(partial.partialStates(1), Uint32Array.of(0), 1);
    }
    expect(valueAt(merged.results(1), 0)).toBe('a/bc');
  });
});

test('the variance of floats is stable where values lie close together', () => {
  const values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16];
  const accumulator = accumulatorOf(aggregateNamed('var_samp', 'float8'));
  accumulator.reserve(1);
  accumulator.update([columnOf('float64', values)], new Uint32Array(4), 4);
  expect(valueAt(accumulator.results(1), 0)).toBeCloseTo(30, 9);
});

test('merged variances of floats agree with one pass', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 }),
      fc.nat(40),
      (values, cut) => {
        const variance = (pieces: readonly (readonly number[])[]): number => {
          const merged = accumulatorOf(aggregateNamed('var_pop', 'float8'));
          merged.reserve(1);
          for (const piece of pieces) {
            const partial = accumulatorOf(aggregateNamed('var_pop', 'float8'));
            partial.reserve(1);
            partial.update([columnOf('float64', piece)], new Uint32Array(piece.length), piece.length);
            merged.merge(partial.partialStates(1), Uint32Array.of(0), 1);
          }
          return valueAt(merged.results(1), 0) as number;
        };
        const whole = variance([values]);
        expect(variance([values.slice(0, cut), values.slice(cut)])).toBeCloseTo(whole, 6);
      },
    ),
  );
});
