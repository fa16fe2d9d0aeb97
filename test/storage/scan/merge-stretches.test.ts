import { expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { VersionMerger } from '../../../src/storage/scan/merge-stretches.ts';
import { Stretch, type StretchSource } from '../../../src/storage/scan/stretch.ts';
import type { Value } from '../../../src/types/value.ts';

interface Version {
  readonly time: number;
  readonly x?: Value;
  readonly y?: Value;
  readonly isFull?: boolean;
}

/** One piece, in stretches of the given lengths; counts the releases of what lies under it. */
function pieceOf(versions: readonly Version[], stretchRows: number, open: { count: number }): StretchSource {
  let at = 0;
  return {
    async next() {
      if (at >= versions.length) return undefined;
      const rows = versions.slice(at, at + stretchRows);
      at += rows.length;
      open.count++;
      const pin = { column: columnOf('float64', []), release: () => open.count-- };
      return new Stretch(
        {
          times: Float64Array.from(rows, (row) => row.time),
          fractions: undefined,
          partial: Uint8Array.from(rows, (row) => (row.isFull === true ? 0 : 1)),
        },
        [
          columnOf(
            'float64',
            rows.map((row) => row.x ?? null),
          ),
          columnOf(
            'int64',
            rows.map((row) => row.y ?? null),
          ),
        ],
        [pin],
      );
    },
  };
}

/** Pieces newest first. */
async function merge(pieces: readonly (readonly Version[])[], stretchRows: number, mergesVersions = true) {
  const merger = new VersionMerger(['float64', 'int64'], mergesVersions);
  const open = { count: 0 };
  const rows: Value[][] = [];
  const take = (points: {
    rowCount: number;
    times: Float64Array;
    columns: readonly Parameters<typeof valueAt>[0][];
  }) => {
    for (let row = 0; row < points.rowCount; row++) {
      rows.push([points.times[row], ...points.columns.map((column) => valueAt(column, row))]);
    }
  };
  for await (const points of merger.addRun(
    0,
    pieces.map((piece) => pieceOf(piece, stretchRows, open)),
  ))
    take(points);
  for (const points of merger.finish()) take(points);
  merger.close();
  expect(open.count).toBe(0);
  return rows;
}

for (const stretchRows of [1, 2, 100]) {
  test(`each field takes its newest value, across pieces and within one (stretches of ${stretchRows})`, async () => {
    const newest = [
      { time: 2, x: 20 },
      { time: 2, y: 21 },
      { time: 2, x: 22 },
    ];
    const older = [
      { time: 1, x: 1 },
      { time: 2, x: 2, y: 2 },
      { time: 3, y: 2n ** 60n },
    ];
    expect(await merge([newest, older], stretchRows)).toEqual([
      [1, 1, null],
      [2, 22, 21],
      [3, null, 2n ** 60n],
    ]);
  });

  test(`nothing older than a full row shows through its NULLs (stretches of ${stretchRows})`, async () => {
    const newest = [{ time: 1, y: 3 }];
    const full = [{ time: 1, x: null, y: 2, isFull: true }];
    const oldest = [{ time: 1, x: 1, y: 1 }];
    expect(await merge([newest, full, oldest], stretchRows)).toEqual([[1, null, 3]]);
    expect(await merge([[...oldest, ...full, ...newest]], stretchRows)).toEqual([[1, null, 3]]);
  });

  test(`without merging every row stays, the older piece's first (stretches of ${stretchRows})`, async () => {
    const newest = [
      { time: 1, x: 3 },
      { time: 2, x: 4 },
    ];
    const older = [
      { time: 1, x: 1 },
      { time: 1, x: 2 },
    ];
    expect((await merge([newest, older], stretchRows, false)).map((row) => row[1])).toEqual([1, 2, 3, 4]);
  });
}

test('more points than a batch holds come in several', async () => {
  const versions = Array.from({ length: 3000 }, (_, time) => ({ time, x: time }));
  const evens = Array.from({ length: 1500 }, (_, index) => ({ time: index * 2, y: index }));
  const rows = await merge([evens, versions], 700);
  expect(rows).toEqual(versions.map(({ time }) => [time, time, time % 2 === 0 ? time / 2 : null]));
});
