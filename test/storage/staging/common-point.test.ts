import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { DeleteVector } from '../../../src/storage/deletes/delete-vector.ts';
import { DeletedNames } from '../../../src/storage/deletes/deleted-names.ts';
import { findCommonPoint } from '../../../src/storage/staging/common-point.ts';
import { segmentOf } from '../compaction/merge-helpers.ts';

interface Point {
  readonly series: number;
  readonly time: number;
  readonly remainder: number;
}

const keyOf = ({ series, time, remainder }: Point) => `${series}/${time}/${remainder}`;

async function segmentWith(points: readonly Point[], isDead: (point: Point) => boolean) {
  const sorted = [...points].sort((a, b) => a.series - b.series || a.time - b.time || a.remainder - b.remainder);
  const deletes = new DeleteVector();
  for (const [row, point] of sorted.entries()) if (isDead(point)) deletes.add(row, 1);
  return { reader: await segmentOf('keyed', sorted, []), deletes };
}

function namesOf(points: readonly Point[]): DeletedNames {
  const deleted = new DeletedNames(false);
  const names = {
    rowCount: points.length,
    seriesIds: Uint32Array.from(points, ({ series }) => series),
    times: Float64Array.from(points, ({ time }) => time),
    fractions: Uint32Array.from(points, ({ remainder }) => remainder),
    rowIds: undefined,
  };
  for (let row = 0; row < points.length; row++) deleted.add(names, row);
  return deleted;
}

const points = fc.uniqueArray(
  fc.record({ series: fc.nat(3), time: fc.integer({ min: -20, max: 20 }), remainder: fc.constantFrom(0, 0, 1, 999) }),
  { minLength: 1, maxLength: 60, selector: keyOf },
);

describe('a point that two segments have', () => {
  test('is the first one that is deleted in neither, and not by the transaction', async () => {
    await fc.assert(
      fc.asyncProperty(points, points, fc.nat(3), fc.nat(3), async (mine, theirs, deadShare, namedShare) => {
        const isDead = ({ time }: Point) => Math.abs(time) % 4 < deadShare;
        const named = theirs.filter(({ time, series }) => Math.abs(time + series) % 4 < namedShare);
        const own = await segmentWith(mine, (point) => isDead(point) && point.series % 2 === 0);
        const other = await segmentWith(theirs, (point) => isDead(point) && point.series % 2 === 1);
        const gone = new Set(named.map(keyOf));
        const known = new Set(theirs.map(keyOf));
        const common = mine
          .filter((point) => known.has(keyOf(point)) && !gone.has(keyOf(point)) && !isDead(point))
          .sort((a, b) => a.series - b.series || a.time - b.time || a.remainder - b.remainder);
        const found = await findCommonPoint(own, other, namesOf(named));
        const [first] = common;
        expect(found).toEqual(first && { seriesId: first.series, time: first.time, fraction: first.remainder });
      }),
    );
  });

  test('is found far into a long series, with turns for others on the way', async () => {
    const rows = (isOdd: boolean) =>
      Array.from({ length: 60_000 }, (_, row) => ({ series: 5, time: row * 2 + (isOdd ? 1 : 0), remainder: 0 }));
    const last = { series: 5, time: 119_999, remainder: 0 };
    const own = await segmentWith([...rows(false), last], () => false);
    const other = await segmentWith(rows(true), () => false);
    const turns = vi.spyOn(globalThis, 'setImmediate');
    const found = await findCommonPoint(own, other, namesOf([]));
    expect(found).toEqual({ seriesId: 5, time: 119_999, fraction: 0 });
    expect(turns.mock.calls.length).toBeGreaterThan(4);
    turns.mockRestore();
    expect(await findCommonPoint(own, other, namesOf([last]))).toBeUndefined();
  });

  test('is not looked for where one of them was emptied', async () => {
    const one = [{ series: 0, time: 1, remainder: 0 }];
    const own = await segmentWith(one, () => false);
    const other = await segmentWith(one, () => false);
    expect(await findCommonPoint(own, other, namesOf([]))).toEqual({ seriesId: 0, time: 1, fraction: 0 });
    other.deletes.clear(1, 7);
    expect(await findCommonPoint(own, other, namesOf([]))).toBeUndefined();
  });
});
