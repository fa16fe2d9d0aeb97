import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { Memtable } from '../../../src/storage/memtable/memtable.ts';
import type { RowBlock } from '../../../src/storage/memtable/row-block.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';

interface Row {
  readonly series: number;
  readonly time: number;
  readonly fraction: number;
}

function blockOf(
  rows: readonly Row[],
  columns: readonly (readonly [number, string, readonly Value[]])[] = [],
): RowBlock {
  return {
    partition: 0,
    rowCount: rows.length,
    seriesIds: Uint32Array.from(rows, (row) => row.series),
    times: Float64Array.from(rows, (row) => row.time),
    fractions: rows.some((row) => row.fraction > 0) ? Uint32Array.from(rows, (row) => row.fraction) : undefined,
    rowIds: undefined,
    isPartial: false,
    columns: columns.map(([number, typeName, values]) => {
      const type = typeByName(typeName)!;
      return { number, type, column: columnOf(type.representation, values) };
    }),
  };
}

const rows = fc.array(
  fc.record({
    // Ids far apart are sorted in another way than dense ones.
    series: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(1_000_000, 4_000_000_000)),
    time: fc.integer({ min: -20, max: 20 }),
    fraction: fc.constantFrom(0, 0, 0, 7),
  }),
  { maxLength: 60 },
);

describe('the sorted permutation', () => {
  test('is a stable sort by series, time and fraction, however it was extended', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 6 }), fc.boolean(), (blocks, asksMeanwhile) => {
        const memtable = new Memtable(0, 'private');
        for (const block of blocks) {
          memtable.append(blockOf(block));
          if (asksMeanwhile) memtable.permutation(memtable.rowCount);
        }
        const all = blocks.flat();
        // A longer prefix first, so that shorter ones are cut from it.
        for (const count of [all.length, Math.floor(all.length / 2), Math.floor(all.length / 3)]) {
          const permutation = memtable.permutation(count);
          const expected = all
            .slice(0, count)
            .map((row, index) => ({ ...row, index }))
            .sort((a, b) => a.series - b.series || a.time - b.time || a.fraction - b.fraction || a.index - b.index);
          expect(Array.from(permutation.rows)).toEqual(expected.map((row) => row.index));
          expect(Array.from(permutation.times)).toEqual(expected.map((row) => row.time));
          expect(Array.from(permutation.runSeries)).toEqual([...new Set(expected.map((row) => row.series))]);
          for (const [run, series] of permutation.runSeries.entries()) {
            const own = expected.filter((row) => row.series === series);
            expect(permutation.runStarts[run + 1] - permutation.runStarts[run]).toBe(own.length);
            const keys = new Set(own.map((row) => `${row.time}/${row.fraction}`));
            expect(permutation.runHasEqualKeys[run] === 1).toBe(keys.size < own.length);
          }
        }
      }),
    );
  });

  test('sorts many rows that come backwards', () => {
    const memtable = new Memtable(0, 'private');
    const count = 200_000;
    for (let block = 0; block < 4; block++) {
      memtable.append(
        blockOf(
          Array.from({ length: count / 4 }, (_, row) => ({ series: row % 3, time: -block * count - row, fraction: 0 })),
        ),
      );
    }
    const { times, runStarts } = memtable.permutation(count);
    let isSorted = true;
    for (let run = 0; run < 3; run++) {
      for (let index = runStarts[run] + 1; index < runStarts[run + 1]; index++)
        isSorted &&= times[index - 1] < times[index];
    }
    expect(isSorted).toBe(true);
  });
});

describe('columns', () => {
  const samples: Record<string, { typeName: string; values: fc.Arbitrary<Value> }> = {
    doubles: { typeName: 'float8', values: fc.double() },
    'wide and narrow integers': {
      typeName: 'int8',
      values: fc.oneof({ weight: 9, arbitrary: fc.integer() }, fc.constant(2n ** 60n), fc.constant(-(2n ** 63n))),
    },
    booleans: { typeName: 'bool', values: fc.boolean() },
    'repeated text': { typeName: 'text', values: fc.constantFrom('', 'a', 'ü') },
    'distinct text': { typeName: 'text', values: fc.string() },
  };
  for (const [name, { typeName, values }] of Object.entries(samples)) {
    test(`give ${name} back across slabs, NULLs included`, () => {
      const several = fc.array(fc.option(values), { minLength: 1, maxLength: 40 });
      fc.assert(
        fc.property(
          fc.array(several, { minLength: 1, maxLength: 5 }),
          fc.integer({ min: 1, max: 700 }),
          (blocks, repeat) => {
            const memtable = new Memtable(0, 'private');
            const expected: Value[] = [];
            // Rows before the column was there.
            memtable.append(blockOf(Array.from({ length: repeat * 50 }, () => ({ series: 0, time: 0, fraction: 0 }))));
            for (let row = 0; row < repeat * 50; row++) expected.push(null);
            for (const block of blocks) {
              memtable.append(
                blockOf(
                  block.map(() => ({ series: 0, time: 0, fraction: 0 })),
                  [[5, typeName, block]],
                ),
              );
              expected.push(...block);
            }
            const order = Uint32Array.from(expected.keys()).reverse();
            const column = memtable.gather(5, order, 0, order.length);
            const gathered = Array.from(order, (_, index) => (column === undefined ? null : valueAt(column, index)));
            expect(gathered.reverse()).toEqual(expected);
            const viewed: Value[] = [];
            for (const block of memtable.blocks()) {
              const own = block.columns.find(({ number }) => number === 5)?.column;
              for (let row = 0; row < block.rowCount; row++) viewed.push(own === undefined ? null : valueAt(own, row));
            }
            expect(viewed).toEqual(expected);
          },
        ),
        { numRuns: 30 },
      );
    });
  }

  test('text goes over from a dictionary to strings when hardly any value repeats', () => {
    const memtable = new Memtable(0, 'private');
    const words = Array.from({ length: 40_000 }, (_, index) => `word ${index}`);
    memtable.append(
      blockOf(
        words.map(() => ({ series: 0, time: 0, fraction: 0 })),
        [[1, 'text', words]],
      ),
    );
    const rows = Uint32Array.of(0, 16_384, 39_999);
    const column = memtable.gather(1, rows, 0, 3)!;
    expect([0, 1, 2].map((row) => valueAt(column, row))).toEqual(['word 0', 'word 16384', 'word 39999']);
  });
});

describe('marks and truncation', () => {
  test('a snapshot sees the rows of the commits up to its LSN', () => {
    const memtable = new Memtable(0, 'private');
    for (const lsn of [3, 5, 9]) {
      memtable.append(blockOf([{ series: 0, time: lsn, fraction: 0 }]));
      memtable.mark(lsn);
    }
    expect([2, 3, 4, 5, 8, 9, 10].map((lsn) => memtable.rowCountAt(lsn))).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect([memtable.firstLsn, memtable.lastLsn]).toEqual([3, 9]);
    memtable.truncate(1);
    expect([memtable.firstLsn, memtable.lastLsn, memtable.rowCount]).toEqual([3, 3, 1]);
  });

  test('what was truncated leaves no trace in the rows that follow', () => {
    const memtable = new Memtable(0, 'private');
    const some = (count: number, fraction: number) =>
      Array.from({ length: count }, (_, time) => ({ series: 1, time, fraction }));
    memtable.append(blockOf(some(10, 0), [[1, 'int4', new Array(10).fill(1)]]));
    memtable.append(
      blockOf(some(20_000, 5), [
        [1, 'int4', new Array(20_000).fill(2)],
        [2, 'int4', new Array(20_000).fill(2)],
      ]),
    );
    expect(memtable.findKey(1, 15_000, 5)).toBe(15_010);
    memtable.truncate(10);
    expect(memtable.findKey(1, 15_000, 5)).toBe(-1);
    memtable.append(blockOf(some(20_000, 0), [[3, 'int4', new Array(20_000).fill(3)]]));
    for (const row of [9, 10, 15, 20_009]) {
      const isOld = row < 10;
      expect([1, 2, 3].map((number) => memtable.valueAt(number, row))).toEqual([
        isOld ? 1 : null,
        null,
        isOld ? null : 3,
      ]);
      expect(memtable.fractionAt(row)).toBe(0);
    }
    expect(memtable.findKey(1, 15_000, 0)).toBe(15_010);
    expect(memtable.findKey(1, 5, 5)).toBe(-1);
  });
});
