import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { distinct } from '../../../src/execution/operators/distinct.ts';
import { hashAggregate } from '../../../src/execution/operators/hash-aggregate.ts';
import type { AggregateFunction } from '../../../src/functions/function-definition.ts';
import { functionsNamed } from '../../../src/functions/function-registry.ts';
import type { Expression } from '../../../src/sql/expression/expression.ts';
import type { AggregateNode } from '../../../src/sql/plan/aggregate-node.ts';
import { int8 } from '../../../src/types/int8.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { spillingContext } from './execution-context.ts';
import { allRows, batchesOf, rendered, rowsArbitrary, TYPES } from './random-batches.ts';

const column = (index: number): Expression => ({ kind: 'column', index, type: TYPES[index]! });
const output = TYPES.map((type, index) => ({ name: `c${index}`, type, tableOid: 0, columnNumber: 0 }));

const countStar = functionsNamed('count').find(
  (definition): definition is AggregateFunction => definition.kind === 'aggregate' && definition.isStar === true,
)!;

function countBy(keys: readonly number[]): AggregateNode {
  return {
    kind: 'aggregate',
    input: { kind: 'values', rows: [], output },
    keys: keys.map(column),
    aggregates: [
      { function: countStar, arguments: [], isDistinct: false, filter: undefined, type: sqlType(int8), position: 0 },
    ],
    output: [],
  };
}

const keysArbitrary = fc.uniqueArray(fc.nat(TYPES.length - 1), { minLength: 1, maxLength: 3 });

test('groups that pass memory are those of a table in memory', async () => {
  let overflowed = 0;
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, keysArbitrary, fc.integer({ min: 4, max: 40 }), async (rows, keys, size) => {
      const ample = await spillingContext({ memoryBytes: 1 << 30 });
      const scarce = await spillingContext({ memoryBytes: 6000 });
      scarce.fileSystem.beforeOperation = () => {
        isOverflowing = true;
      };
      let isOverflowing = false;
      const node = countBy(keys);
      const expected = await allRows(hashAggregate(batchesOf(rows, size), node, ample.context));
      const found = await allRows(hashAggregate(batchesOf(rows, size), node, scarce.context));
      expect(rendered(found)).toEqual(rendered(expected));
      if (isOverflowing) overflowed += 1;
      expect(scarce.fileSystem.allFiles()).toEqual([]);
      expect(scarce.context.memory.usedBytes).toBe(0);
    }),
    { numRuns: 40, endOnFailure: true },
  );
  expect(overflowed).toBeGreaterThan(8);
});

test('DISTINCT past its memory gives each row once', async () => {
  let overflowed = 0;
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, fc.integer({ min: 4, max: 40 }), async (rows, size) => {
      const twice: Value[][] = [...rows, ...rows];
      const ample = await spillingContext({ memoryBytes: 1 << 30 });
      const scarce = await spillingContext({ memoryBytes: 12_000 });
      let isOverflowing = false;
      scarce.fileSystem.beforeOperation = () => {
        isOverflowing = true;
      };
      const options = { keys: TYPES.map((_, index) => column(index)), types: TYPES };
      const expected = await allRows(distinct(batchesOf(twice, size), options, ample.context));
      const found = await allRows(distinct(batchesOf(twice, size), options, scarce.context));
      expect(rendered(found)).toEqual(rendered(expected));
      if (isOverflowing) overflowed += 1;
      expect(scarce.fileSystem.allFiles()).toEqual([]);
      expect(scarce.context.memory.usedBytes).toBe(0);
    }),
    { numRuns: 60 },
  );
  expect(overflowed).toBeGreaterThan(10);
});

test('rows that must keep their order do not wait on disk', async () => {
  const { context } = await spillingContext({ memoryBytes: 6000 });
  const rows = Array.from({ length: 2000 }, (_, row): Value[] => [row, row, null, `t${row}`, null, null, null]);
  const run = allRows(distinct(batchesOf(rows, 50), { keys: [column(3)], types: undefined }, context));
  await expect(run).rejects.toMatchObject({ code: SqlState.OutOfMemory });
});
