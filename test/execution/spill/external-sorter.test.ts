import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { ExternalSorter } from '../../../src/execution/spill/external-sorter.ts';
import type { SortKey } from '../../../src/sql/plan/sort-nodes.ts';
import type { Value } from '../../../src/types/value.ts';
import { spillingContext } from './execution-context.ts';
import { allRows, batchesOf, rowsArbitrary, TYPES } from './random-batches.ts';

const keysArbitrary: fc.Arbitrary<SortKey[]> = fc
  .uniqueArray(fc.record({ index: fc.nat(TYPES.length - 1), isDescending: fc.boolean(), nullsFirst: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
    selector: (key) => key.index,
  })
  .map((keys) =>
    keys.map(({ index, ...order }) => ({ expression: { kind: 'column', index, type: TYPES[index]! }, ...order })),
  );

/** A stable sort by the types' own order. */
function inOrder(rows: readonly Value[][], keys: readonly SortKey[]): Value[][] {
  return [...rows].sort((left, right) => {
    for (const { expression, isDescending, nullsFirst } of keys) {
      if (expression.kind !== 'column') throw new Error('keys are columns here');
      const [a, b] = [left[expression.index]!, right[expression.index]!];
      if (a === null && b === null) continue;
      if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
      const order = expression.type.definition.compare(a, b);
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
}

test('rows that pass memory many times over come out as a stable sort has them', async () => {
  let spilled = 0;
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, keysArbitrary, fc.integer({ min: 1, max: 9 }), async (rows, keys, size) => {
      const { context, fileSystem } = await spillingContext({ memoryBytes: 12_000 });
      const sorter = new ExternalSorter(TYPES, keys, context);
      for await (const batch of batchesOf(rows, size)) await sorter.add(batch);
      expect(await allRows(sorter.rows())).toEqual(inOrder(rows, keys));
      if (sorter.spilledBytes > 0) spilled += 1;
      await sorter.close();
      expect(fileSystem.allFiles()).toEqual([]);
      expect(context.memory.usedBytes).toBe(0);
    }),
    { numRuns: 120 },
  );
  expect(spilled).toBeGreaterThan(30);
});

test('more runs than are read at a time are merged in passes, stably', async () => {
  const { context, fileSystem } = await spillingContext({ memoryBytes: 20_000 });
  const rows = Array.from({ length: 20_000 }, (_, row) => [(row * 7919) % 13, row, null, 't', null, null, null]);
  const keys: SortKey[] = [
    { expression: { kind: 'column', index: 0, type: TYPES[0]! }, isDescending: true, nullsFirst: false },
  ];
  const sorter = new ExternalSorter(TYPES, keys, context);
  for await (const batch of batchesOf(rows, 64)) await sorter.add(batch);
  expect(fileSystem.allFiles().length).toBeGreaterThan(64);
  expect(await allRows(sorter.rows())).toEqual(inOrder(rows, keys));
  await sorter.close();
  expect(fileSystem.allFiles()).toEqual([]);
});

test('a reader that stops early leaves no file behind', async () => {
  const { context, fileSystem } = await spillingContext({ memoryBytes: 20_000 });
  const rows = Array.from({ length: 5000 }, (_, row) => [row % 17, row, null, null, null, null, null]);
  const keys: SortKey[] = [
    { expression: { kind: 'column', index: 0, type: TYPES[0]! }, isDescending: false, nullsFirst: false },
  ];
  const sorter = new ExternalSorter(TYPES, keys, context);
  for await (const batch of batchesOf(rows, 100)) await sorter.add(batch);
  for await (const batch of sorter.rows()) {
    expect(batch.rowCount).toBeGreaterThan(0);
    break;
  }
  await sorter.close();
  expect(fileSystem.allFiles()).toEqual([]);
});

test('without room on disk a sort past its memory fails', async () => {
  const { context } = await spillingContext({ memoryBytes: 20_000 });
  const { spill, ...inMemory } = context;
  expect(spill).toBeDefined();
  const sorter = new ExternalSorter(TYPES, [], inMemory);
  const fill = async (): Promise<void> => {
    const rows = Array.from({ length: 5000 }, (_, row) => [row, row, null, null, null, null, null]);
    for await (const batch of batchesOf(rows, 100)) await sorter.add(batch);
  };
  await expect(fill()).rejects.toMatchObject({ code: SqlState.OutOfMemory });
});
