import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { Memtable } from '../../../src/storage/memtable/memtable.ts';
import { SortedNumbers } from '../../../src/storage/memtable/sorted-numbers.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

const BLOCK_ROWS = 5000;

/** Rows of some series in turn; `nullAt`: of column 2. Column 3 has what no double holds. */
function memtableOf(seriesCount: number, rowCount: number, nullAt: number): Memtable {
  const memtable = new Memtable(0, 'private');
  const column = (name: string, values: readonly Value[]) => {
    const type = typeByName(name)!;
    return { type, column: columnOf(type.representation, values) };
  };
  for (let from = 0; from < rowCount; from += BLOCK_ROWS) {
    const rows = Array.from({ length: Math.min(BLOCK_ROWS, rowCount - from) }, (_, index) => from + index);
    memtable.append({
      partition: 0,
      rowCount: rows.length,
      seriesIds: Uint32Array.from(rows, (row) => row % seriesCount),
      times: Float64Array.from(rows, (row) => Math.floor(row / seriesCount) ^ 3),
      fractions: undefined,
      rowIds: undefined,
      isPartial: false,
      columns: [
        {
          number: 1,
          ...column(
            'float8',
            rows.map((row) => row / 7),
          ),
        },
        {
          number: 2,
          ...column(
            'int8',
            rows.map((row) => (row === nullAt ? null : row)),
          ),
        },
        {
          number: 3,
          ...column(
            'int8',
            rows.map((row) => (row === nullAt ? 2n ** 60n : row)),
          ),
        },
      ],
    });
  }
  return memtable;
}

describe('numbers in sorted order', () => {
  test('are those that are fetched one by one, in stretches of any length', () => {
    // One row is deleted, and fewer than 16,384 are not worth it.
    const sizes = fc.integer({ min: 16_385, max: 70_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), sizes, sizes, (seriesCount, rowCount, stretch) => {
        const nullAt = (rowCount * 3) >>> 2;
        const memtable = memtableOf(seriesCount, rowCount, nullAt);
        memtable.deletes.add(5, 1);
        const permutation = memtable.livePermutation(rowCount, 1);
        const count = permutation.rows.length;
        const sorted = SortedNumbers.of(memtable, permutation, [1, 2, 3])!;
        let loaded = 0;
        for (let from = 0; from < count; from += stretch) {
          const to = Math.min(from + Math.min(stretch, sorted.stretchRows), count);
          sorted.load(from, to);
          for (const number of [1, 2, 3]) {
            const values = sorted.values(number, from, to);
            const fetched = memtable.gather(number, permutation.rows, from, to)!;
            if (values === undefined) continue;
            loaded += 1;
            if (values.some((value, index) => !Object.is(value, valueAt(fetched, index)))) return false;
          }
        }
        sorted.close();
        return loaded >= 1;
      }),
      { numRuns: 12 },
    );
  });

  test('are not given of columns that have a NULL or more than doubles hold, nor of small memtables', () => {
    const memtable = memtableOf(10, 20_000, 100);
    const permutation = memtable.permutation(20_000);
    const sorted = SortedNumbers.of(memtable, permutation, [1, 2, 3, 4])!;
    sorted.load(0, 20_000);
    expect([1, 2, 3, 4].map((number) => sorted.values(number, 0, 10) !== undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    sorted.close();
    expect(SortedNumbers.of(memtable, permutation, [])).toBeUndefined();
    expect(SortedNumbers.of(memtable, memtable.permutation(16_383), [1])).toBeUndefined();
    const many = Array.from({ length: 100 }, (_, number) => number);
    expect(SortedNumbers.of(memtable, permutation, many)).toBeUndefined();
  });
});
