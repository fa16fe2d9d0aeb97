import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { SegmentWriter } from '../../../src/storage/segment/segment-writer.ts';
import { UnitPlanner } from '../../../src/storage/segment/unit-planner.ts';
import type { Value } from '../../../src/types/value.ts';
import { column, headerOf, MemorySegment, openSegment, readColumn, times, writeSegment } from './segment-helpers.ts';

/** Rows of series 1, 2, 3 … with these numbers of rows. */
function seriesOf(rowCounts: readonly number[]): number[] {
  return rowCounts.flatMap((rowCount, index) => new Array<number>(rowCount).fill(index + 1));
}

describe('units', () => {
  const cases: [string, number[], number[]][] = [
    ['one full unit', [1024], [1024]],
    ['a row more than a unit', [1025], [1024, 1]],
    ['small series share units', [300, 300, 300, 300], [1024, 176]],
    ['a large series begins a unit', [10, 1024, 5], [10, 1024, 5]],
    ['the rest of a large series is shared', [1500, 100], [1024, 576]],
    ['a series of 1,023 rows is a small one', [10, 1023], [1024, 9]],
    ['a large series after the rest of another', [1030, 1024], [1024, 6, 1024]],
    ['many series of one row', new Array<number>(2050).fill(1), [1024, 1024, 2]],
  ];
  test.each(cases)('%s', async (_, rowCounts, unitRows) => {
    const seriesIds = seriesOf(rowCounts);
    for (const batchRows of [7, seriesIds.length]) {
      const rows = { seriesIds, columns: [times(seriesIds.length)] };
      const reader = await openSegment((await writeSegment([], rows, { batchRows })).file);
      const sizes = Array.from(
        { length: reader.unitCount },
        (_, unit) => reader.unitStarts[unit + 1] - reader.unitStarts[unit],
      );
      expect(sizes).toEqual(unitRows);
      for (let row = 0; row < reader.rowCount; row += 13) {
        const unit = reader.unitOfRow(row);
        expect(row).toBeGreaterThanOrEqual(reader.unitStarts[unit]);
        expect(row).toBeLessThan(reader.unitStarts[unit + 1]);
      }
    }
  });

  test('end early when their text passes four megabytes', () => {
    const planner = new UnitPlanner();
    const weights = new Float64Array(40).fill(512 * 1024);
    planner.add(new Uint32Array(40), 0, 40, weights);
    planner.finish(weights);
    expect(Array.from({ length: planner.closedCount }, (_, unit) => planner.endOf(unit))).toEqual([8, 16, 24, 32, 40]);
  });

  test('of large texts come back', async () => {
    const values = Array.from({ length: 30 }, (_, row) => String.fromCharCode(97 + (row % 26)).repeat(1_000_000));
    const rows = { seriesIds: seriesOf([30]), columns: [times(30), columnOf('text', values)] };
    const reader = await openSegment((await writeSegment([column(2, 'text')], rows)).file);
    expect(reader.unitCount).toBeGreaterThan(4);
    expect(await readColumn(reader, 2)).toEqual(values);
  });
});

describe('the series directory', () => {
  test('finds each series, its rows and its times', async () => {
    const seriesIds = [2, 2, 2, 70, 4_294_967_295, 4_294_967_295];
    const rows = { seriesIds, columns: [columnOf('int64', [5, 5, 9, -3, 0, 2 ** 53])] };
    const reader = await openSegment((await writeSegment([], rows)).file);
    expect(Array.from(reader.seriesIds)).toEqual([2, 70, 4_294_967_295]);
    expect(Array.from(reader.seriesStarts)).toEqual([0, 3, 4, 6]);
    expect(Array.from(reader.firstTimes)).toEqual([5, -3, 0]);
    expect(Array.from(reader.lastTimes)).toEqual([9, -3, 2 ** 53]);
    expect([2, 70, 4_294_967_295].map((id) => reader.findSeries(id))).toEqual([0, 1, 2]);
    expect([0, 3, 71, 4_294_967_294].map((id) => reader.findSeries(id))).toEqual([-1, -1, -1, -1]);
  });

  test('keeps times beyond ±2^53 exact', async () => {
    const instants = [-(2n ** 57n) - 1n, 5, 2n ** 53n + 1n];
    const rows = { seriesIds: [1, 1, 1, 2], columns: [columnOf('int64', [...instants, 8])] };
    const reader = await openSegment((await writeSegment([], rows)).file);
    expect(Array.from(reader.firstTimes)).toEqual([instants[0], 8]);
    expect(Array.from(reader.lastTimes)).toEqual([instants[2], 8]);
  });

  test('holds a hundred thousand series', async () => {
    const count = 100_000;
    const seriesIds = Array.from({ length: count }, (_, row) => row * 3);
    const reader = await openSegment((await writeSegment([], { seriesIds, columns: [times(count, () => 42)] })).file);
    expect(reader.seriesIds).toEqual(Uint32Array.from(seriesIds));
    expect(reader.findSeries(299_997)).toBe(99_999);
    expect(reader.findSeries(299_998)).toBe(-1);
  });
});

describe('the writer refuses', () => {
  const write = async (seriesIds: number[], instants: Value[]): Promise<void> => {
    await writeSegment([], { seriesIds, columns: [columnOf('int64', instants)] }, { batchRows: 2 });
  };
  test.each<[string, number[], Value[]]>([
    ['series out of order', [2, 1], [1, 1]],
    ['a series that comes again', [1, 2, 1], [1, 1, 1]],
    ['times out of order', [1, 1], [2, 1]],
    ['times out of order from batch to batch', [1, 1, 1], [1, 3, 2]],
    ['wide times out of order', [1, 1], [2n ** 60n + 1n, 2n ** 60n]],
    ['a time that is NULL', [1, 1], [null, 2]],
    ['a segment without rows', [], []],
  ])('%s', async (_, seriesIds, instants) => {
    await expect(write(seriesIds, instants)).rejects.toThrow('invariant broken');
  });

  test('a sort column that is not there', () => {
    const header = { ...headerOf([]), sortColumnNumber: 9 };
    expect(() => SegmentWriter.create(new MemorySegment(), header)).toThrow('invariant broken');
  });

  test('to go on after a failed write', async () => {
    const writer = SegmentWriter.create({ append: () => Promise.reject(new Error('ENOSPC')) }, headerOf([]));
    await writer.append({ rowCount: 1, seriesIds: new Uint32Array(1), columns: [times(1)] });
    await expect(writer.finish()).rejects.toThrow('ENOSPC');
    await expect(writer.finish()).rejects.toThrow('invariant broken');
  });
});

describe('statistics', () => {
  const statisticsOf = async (typeName: string, values: readonly Value[], source?: Column) => {
    const field = column(2, typeName);
    const columns = [times(values.length), source ?? columnOf(field.type.representation, values)];
    const rows = { seriesIds: values.map(() => 0), columns };
    return (await openSegment((await writeSegment([field], rows)).file)).statistics(2, 0);
  };

  test('of doubles leave NaN out of min and max and tell of it', async () => {
    expect(await statisticsOf('float8', [null, 2.5, Number.NaN, -1, null])).toEqual({
      kind: 'float64',
      rowCount: 5,
      nullCount: 2,
      hasNaN: true,
      hasInfinity: false,
      min: -1,
      max: 2.5,
      sum: Number.NaN,
      first: 2.5,
      last: -1,
      firstRow: 1,
      lastRow: 3,
    });
    expect(await statisticsOf('float8', [1, Number.NEGATIVE_INFINITY])).toMatchObject({
      hasNaN: false,
      hasInfinity: true,
      min: Number.NEGATIVE_INFINITY,
      max: 1,
      sum: Number.NEGATIVE_INFINITY,
    });
    expect(await statisticsOf('float8', [Number.NaN])).toMatchObject({
      hasNaN: true,
      min: Number.NaN,
      max: Number.NaN,
    });
  });

  test('of a unit without values have none', async () => {
    const nothing = {
      nullCount: 2,
      min: Number.NaN,
      max: Number.NaN,
      sum: 0,
      first: Number.NaN,
      firstRow: -1,
      lastRow: -1,
    };
    expect(await statisticsOf('float8', [null, null])).toMatchObject(nothing);
    expect(await statisticsOf('int8', [null, null])).toMatchObject(nothing);
  });

  test('of bigint have an exact sum, however large', async () => {
    expect(await statisticsOf('int8', [1, 2, null, -7])).toEqual({
      kind: 'int64',
      rowCount: 4,
      nullCount: 1,
      isWide: false,
      hasInfinity: false,
      min: -7,
      max: 2,
      sum: -4,
      first: 1,
      last: -7,
      firstRow: 0,
      lastRow: 3,
    });
    const largest = 2n ** 63n - 1n;
    expect(await statisticsOf('int8', new Array<bigint>(1000).fill(largest))).toMatchObject({
      isWide: true,
      min: largest,
      max: largest,
      sum: largest * 1000n,
    });
    expect(await statisticsOf('int8', [2 ** 53, 2 ** 53 - 1, 2 ** 53 - 1])).toMatchObject({ sum: 3n * 2n ** 53n - 2n });
    expect(await statisticsOf('int8', [-(2 ** 53), -(2 ** 53) + 1])).toMatchObject({ sum: -(2n ** 54n) + 1n });
    expect(await statisticsOf('int8', [2n ** 60n, -(2n ** 60n), 5])).toMatchObject({
      isWide: true,
      min: -(2n ** 60n),
      max: 2n ** 60n,
      sum: 5,
      last: 5,
    });
  });

  test('of instants know infinity and have no sum', async () => {
    const infinite = { hasInfinity: true, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, sum: 0 };
    const instants = [5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(await statisticsOf('timestamptz', instants)).toMatchObject({ ...infinite, isWide: false });
    expect(await statisticsOf('timestamptz', [...instants, 2n ** 60n])).toMatchObject({ ...infinite, isWide: true });
  });

  test('of booleans count the true ones, of text and values the NULLs', async () => {
    expect(await statisticsOf('bool', [true, null, true, false])).toEqual({
      kind: 'boolean',
      rowCount: 4,
      nullCount: 1,
      trueCount: 2,
    });
    expect(await statisticsOf('text', ['a', null])).toEqual({ kind: 'count', rowCount: 2, nullCount: 1 });
    expect(await statisticsOf('bytea', [null, Uint8Array.of(1)])).toEqual({ kind: 'count', rowCount: 2, nullCount: 1 });
  });

  test('are kept unit by unit', async () => {
    const values = columnOf(
      'float64',
      Array.from({ length: 3000 }, (_, row) => row / 4),
    );
    const rows = { seriesIds: seriesOf([3000]), columns: [times(3000), values] };
    const reader = await openSegment((await writeSegment([column(2, 'float8')], rows)).file);
    expect([0, 1, 2].map((unit) => reader.statistics(2, unit))).toMatchObject([
      { min: 0, max: 1023 / 4, rowCount: 1024 },
      { min: 256, max: 2047 / 4, rowCount: 1024 },
      { min: 512, max: 2999 / 4, rowCount: 952, lastRow: 951 },
    ]);
  });
});
