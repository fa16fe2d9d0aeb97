import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/columnar/batch.ts';
import { CHUNK_ROWS } from '../../src/execution/chunked-column.ts';
import { MemoryAccount } from '../../src/execution/memory-account.ts';
import { sortRows } from '../../src/execution/row-sorter.ts';
import { copyRows, RowStore } from '../../src/execution/row-store.ts';
import { sortedRows } from '../../src/execution/spill/external-sorter.ts';
import { StatementControl } from '../../src/execution/statement-control.ts';
import type { SortKey } from '../../src/sql/plan/sort-nodes.ts';
import type { Value } from '../../src/types/value.ts';
import { spillingContext } from './spill/execution-context.ts';
import { batchOf, rowsArbitrary, rowsOf, TYPES } from './spill/random-batches.ts';

/** Row counts around the ends of chunks. */
const counts = fc.constantFrom(0, 1, 100, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS, 40_000);

/** `count` rows: the plain ones over and over, and among them, far apart, those that were made up. */
function spread(rows: readonly Value[][], count: number): Value[][] {
  const plain: Value[] = [1.5, 7, true, 'web-1', 'b', null, new Uint8Array([1])];
  const all: Value[][] = Array.from({ length: count }, (_, row) => plain.map((value, at) => (at === 1 ? row : value)));
  // In the last chunk and at the end of the first.
  for (const [at, row] of rows.entries()) {
    const place = at % 2 === 0 ? count - 1 - at * 3 : CHUNK_ROWS - at;
    if (place >= 0 && place < count) all[place] = row;
  }
  return all;
}

function storeOf(rows: readonly Value[][], memory: MemoryAccount, batchRows: number): RowStore {
  const store = new RowStore(TYPES, memory);
  for (let from = 0; from < rows.length; from += batchRows) {
    store.append(batchOf(rows.slice(from, from + batchRows), (from / batchRows) % 2 === 0));
  }
  return store;
}

const cells = (batch: Batch, row: number): readonly Value[] => batch.columns.map((_, at) => rowsOf(batch)[row]![at]!);

test('rows come back as they were stored, whichever way they are asked for', async () => {
  await fc.assert(
    fc.asyncProperty(rowsArbitrary, counts, fc.constantFrom(1000, 1024, 5000), async (some, count, batchRows) => {
      const rows = spread(some, count);
      const memory = new MemoryAccount(1 << 30);
      const store = storeOf(rows, memory, batchRows);
      expect(store.rowCount).toBe(count);
      const batches = store.batches();
      expect(batches.every((batch) => batch.rowCount > 0 && batch.rowCount <= CHUNK_ROWS)).toBe(true);
      expect(batches.flatMap(rowsOf)).toEqual(rows);
      expect(rowsOf({ rowCount: count, columns: store.columns() })).toEqual(rows);
      expect(rowsOf(await store.whole(new StatementControl()))).toEqual(rows);
      const wanted = Uint32Array.from({ length: Math.min(count, 700) }, (_, at) => count - 1 - ((at * 61) % count));
      expect(rowsOf(store.gather(wanted, wanted.length))).toEqual(Array.from(wanted, (row) => rows[row]));
      for (const [at, column] of store.chunked().entries()) {
        expect(column.rowCount).toBe(count);
        for (const row of wanted.subarray(0, 20)) {
          expect(column.isNull(row)).toBe(rows[row]![at] === null);
          expect(column.valueAt(row)).toEqual(rows[row]![at]);
        }
      }
      const rest = new RowStore(TYPES, memory);
      const from = Math.floor(count / 2);
      await copyRows(store, from, rest, new StatementControl());
      expect(rest.batches().flatMap(rowsOf)).toEqual(rows.slice(from));
      store.release();
      rest.release();
      expect(memory.usedBytes).toBe(0);
    }),
    { numRuns: 6 },
  );
}, 60_000);

test('a store that may not grow keeps what it has and takes nothing', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 10_000, max: 400_000 }), (some, limit) => {
      const memory = new MemoryAccount(limit);
      const store = new RowStore(TYPES, memory);
      const kept: Value[][] = [];
      const rows = spread(some, 3000);
      for (let from = 0; from < rows.length; from += 50) {
        const part = rows.slice(from, from + 50);
        const before = store.rowCount;
        if (store.tryAppend(batchOf(part))) kept.push(...part);
        else {
          expect(store.rowCount).toBe(before);
          break;
        }
        expect(memory.usedBytes).toBeLessThanOrEqual(limit);
      }
      expect(store.batches().flatMap(rowsOf)).toEqual(kept);
      store.release();
      expect(memory.usedBytes).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('what a store says it may need is never less than what it then takes', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 300 }), (some, batchRows) => {
      // The limit lies just below what the rows take, so that a store which asks for too little is refused by the account.
      const rows = spread(some, CHUNK_ROWS + 2000);
      const ample = new MemoryAccount(1 << 30);
      const size = storeOf(rows, ample, batchRows);
      const limit = ample.usedBytes - 1;
      size.release();
      const store = new RowStore(TYPES, new MemoryAccount(limit));
      let isRefused = false;
      for (let from = 0; from < rows.length && !isRefused; from += batchRows) {
        isRefused = !store.tryAppend(batchOf(rows.slice(from, from + batchRows)));
      }
      expect(isRefused).toBe(true);
    }),
    { numRuns: 8 },
  );
}, 60_000);

test('stored rows are sorted as those of one chunk are, by columns and by what is computed', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsArbitrary,
      fc.nat(TYPES.length - 1),
      fc.boolean(),
      fc.boolean(),
      async (some, key, isDescending, nullsFirst) => {
        const { context } = await spillingContext({ memoryBytes: 1 << 30 });
        const rows = spread(some, CHUNK_ROWS * 2 + 300);
        const store = storeOf(rows, context.memory, 1024);
        const type = TYPES[key]!;
        const expression = { kind: 'column', index: key, type } as const;
        const computed = {
          kind: 'coalesce',
          arguments: [expression, { kind: 'constant', value: null, type }],
          type,
        } as const;
        const compare = (left: number, right: number): number => {
          const [a, b] = [rows[left]![key]!, rows[right]![key]!];
          if (a === null || b === null) return a === b ? left - right : (a === null) === nullsFirst ? -1 : 1;
          const order = type.definition.compare(a, b);
          return (isDescending ? -order : order) || left - right;
        };
        const expected = await sortRows(rows.length, compare, new StatementControl());
        for (const each of [expression, computed]) {
          const sortKey: SortKey = { expression: each, isDescending, nullsFirst };
          expect(Array.from(await sortedRows(store, [sortKey], context))).toEqual(Array.from(expected));
        }
      },
    ),
    { numRuns: 8 },
  );
}, 60_000);

test('columns of one chunk are not copied to lie side by side', async () => {
  const store = storeOf(spread([], 500), new MemoryAccount(1 << 24), 100);
  const [first] = store.batches();
  expect((await store.whole(new StatementControl())).columns[0]).toBe(first!.columns[0]);
  expect(cells(first!, 3)).toEqual([1.5, 3, true, 'web-1', 'b', null, new Uint8Array([1])]);
});
