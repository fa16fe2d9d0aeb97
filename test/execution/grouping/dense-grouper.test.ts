import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { DenseGrouper } from '../../../src/execution/grouping/dense-grouper.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

/** Values that lie close to each other, and a few that lie anywhere. */
const KINDS: readonly { readonly name: string; readonly type: TypeDefinition; readonly value: fc.Arbitrary<Value> }[] =
  [
    {
      name: 'integers',
      type: int8,
      value: fc.oneof(
        { weight: 30, arbitrary: fc.integer({ min: 100, max: 400 }) },
        { weight: 2, arbitrary: fc.constantFrom(-1, 0, 3000, 2 ** 40, -(2 ** 53), 2n ** 53n + 1n, -(2n ** 63n)) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
    },
    {
      name: 'doubles of two decimals',
      type: float8,
      value: fc.oneof(
        { weight: 30, arbitrary: fc.integer({ min: -725, max: 9000 }).map((cents) => cents / 100) },
        {
          weight: 2,
          arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 123456.789, 0.125, 1e300),
        },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
    },
  ];

/** -0 is 0 as a key. */
const nameOf = (value: Value): string => String(value);

describe.each(KINDS)('groups of $name', ({ type, value }) => {
  test('stay in an array though a few of them are far from all others', () => {
    const batches = fc.array(fc.array(value, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(batches, (some) => {
        const grouper = DenseGrouper.of([sqlType(type)])!;
        const groupOf = new Map<string, number>();
        for (const values of some) {
          const groups = new Uint32Array(values.length);
          const column = columnOf(type.representation, values);
          // The first rows may be so few that a scale is not seen.
          if (!grouper.assign([column], values.length, groups)) return;
          for (const [row, each] of values.entries()) {
            const known = groupOf.get(nameOf(each));
            if (known === undefined) groupOf.set(nameOf(each), groups[row]);
            expect(groups[row]).toBe(known ?? groups[row]);
          }
        }
        expect(grouper.groupCount).toBe(groupOf.size);
        const [keys] = grouper.keyColumns(0, grouper.groupCount);
        for (const [name, group] of groupOf) expect(nameOf(valueAt(keys, group))).toBe(name);
      }),
      { numRuns: 300 },
    );
  });
});

test('values past 2^53 have codes beside those of small ones, and come out as they are', () => {
  const grouper = DenseGrouper.of([sqlType(int8)])!;
  const groups = new Uint32Array(4);
  const assign = (values: readonly Value[]): number[] => {
    expect(grouper.assign([columnOf('int64', values)], values.length, groups)).toBe(true);
    return [...groups.subarray(0, values.length)];
  };
  expect(assign([7, 2n ** 63n - 1n, 8, 7])).toEqual([0, 1, 2, 0]);
  // The span grows, so that what was far away comes to lie within it.
  expect(assign([300_000_000, null, 7])).toEqual([3, 4, 0]);
  expect(assign([200_000, 2n ** 63n - 1n, 8, 300_000_000])).toEqual([5, 1, 2, 3]);
  const [keys] = grouper.keyColumns(0, 6);
  expect(Array.from({ length: 6 }, (_, group) => valueAt(keys, group))).toEqual([
    7,
    2n ** 63n - 1n,
    8,
    300_000_000,
    null,
    200_000,
  ]);
});

test('too many values far from each other are left to another way', () => {
  const grouper = DenseGrouper.of([sqlType(int8)])!;
  const values = Array.from({ length: 200 }, (_, index) => index * 2 ** 30);
  expect(grouper.assign([columnOf('int64', values)], values.length, new Uint32Array(200))).toBe(false);
});
