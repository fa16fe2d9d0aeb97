import { describe, expect, test } from 'vitest';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import type { PinnedColumn } from '../../../src/storage/cache/pinned-column.ts';
import { UnitCache } from '../../../src/storage/cache/unit-cache.ts';
import type { SegmentReader } from '../../../src/storage/segment/segment-reader.ts';
import { column, MemorySegment, openSegment, readColumn, times, writeSegment } from './segment-helpers.ts';

const UNIT_COUNT = 200;
const ROW_COUNT = UNIT_COUNT * 1024;
const fields = [column(2, 'float8'), column(3, 'text')];
const doubles = Array.from({ length: ROW_COUNT }, (_, row) => Math.sin(row));
const strings = Array.from({ length: ROW_COUNT }, (_, row) => `a rather long message, number ${row}`);

/** Incompressible doubles: a unit takes 8 KiB, a chunk 512. */
const written = writeSegment(
  fields,
  {
    seriesIds: new Array<number>(ROW_COUNT).fill(0),
    columns: [times(ROW_COUNT), columnOf('float64', doubles), columnOf('text', strings)],
  },
  { batchRows: 50_000 },
);

async function fresh(cache?: UnitCache): Promise<{ file: MemorySegment; reader: SegmentReader }> {
  const file = new MemorySegment((await written).file.bytes);
  const reader = await openSegment(file, cache === undefined ? {} : { cache });
  file.reads.length = 0;
  return { file, reader };
}

async function firstValue(reading: PinnedColumn | Promise<PinnedColumn>): Promise<number> {
  const pinned = await reading;
  const value = pinned.column.kind === 'number' ? pinned.column.values[0] : Number.NaN;
  pinned.release();
  return value;
}

describe('reading', () => {
  test('one unit after the other takes few reads, and most units come at once', async () => {
    const { file, reader } = await fresh(new UnitCache({ sizeBytes: 16 * 1024 * 1024 }));
    let promises = 0;
    for (let unit = 0; unit < UNIT_COUNT; unit++) {
      const reading = reader.readUnit(2, unit);
      if (reading instanceof Promise) promises++;
      expect(await firstValue(reading)).toBe(doubles[unit * 1024]);
    }
    expect(file.reads.length).toBe(promises);
    expect(promises).toBeLessThan(12);
    expect(Math.max(...file.reads.map(({ length }) => length))).toBeLessThanOrEqual(256 * 1024);
  });

  test('backwards takes few reads, too', async () => {
    const { file, reader } = await fresh(new UnitCache({ sizeBytes: 16 * 1024 * 1024 }));
    for (let unit = UNIT_COUNT - 1; unit >= 0; unit--) {
      expect(await firstValue(reader.readUnit(2, unit))).toBe(doubles[unit * 1024]);
    }
    expect(file.reads.length).toBeLessThan(15);
  });

  test('a unit here and there reads little', async () => {
    const { file, reader } = await fresh(new UnitCache());
    for (const unit of [100, 20, 150]) expect(await firstValue(reader.readUnit(2, unit))).toBe(doubles[unit * 1024]);
    expect(file.reads.length).toBe(3);
    expect(Math.max(...file.reads.map(({ length }) => length))).toBeLessThanOrEqual(32 * 1024);
  });

  test('a cached unit comes at once and reads nothing', async () => {
    const { file, reader } = await fresh(new UnitCache());
    const first = await reader.readUnit(2, 5);
    const again = reader.readUnit(2, 5);
    expect(again).toBe(first);
    expect(file.reads.length).toBe(1);
  });

  test('the same unit at the same time is read once', async () => {
    const { file, reader } = await fresh(new UnitCache());
    const [left, right] = await Promise.all([reader.readUnit(2, 7), reader.readUnit(2, 7), reader.readUnit(2, 8)]);
    expect(left).toBe(right);
    expect(file.reads.length).toBe(1);
  });

  test('a read that fails is tried anew by the next', async () => {
    const { file, reader } = await fresh(new UnitCache());
    const readInto = file.readInto.bind(file);
    file.readInto = () => Promise.reject(new Error('EIO'));
    await expect(reader.readUnit(2, 7)).rejects.toThrow('EIO');
    file.readInto = readInto;
    expect(await firstValue(reader.readUnit(2, 7))).toBe(doubles[7 * 1024]);
  });

  test('with a cache smaller than the column gives the same values', async () => {
    const cache = new UnitCache({ sizeBytes: 512 * 1024 });
    const { reader } = await fresh(cache);
    expect(await readColumn(reader, 2)).toEqual(doubles);
    expect(await readColumn(reader, 3)).toEqual(strings);
    expect(await readColumn(reader, 2)).toEqual(doubles);
    expect(cache.usage().evictions).toBeGreaterThan(100);
    expect(cache.usage().heapBytes).toBeLessThanOrEqual((512 * 1024 * 3) / 16);
    expect(cache.windows.sizeBytes).toBeLessThanOrEqual(512 * 64);
  });

  test('with every frame pinned decodes into buffers of its own', async () => {
    const cache = new UnitCache({ sizeBytes: 64 * 1024 });
    const { reader } = await fresh(cache);
    const pinned: PinnedColumn[] = [];
    for (let unit = 0; unit < 30; unit++) pinned.push(await reader.readUnit(2, unit));
    for (const [unit, { column: read }] of pinned.entries()) {
      expect(read.kind === 'number' && read.values[0]).toBe(doubles[unit * 1024]);
    }
    for (const unit of pinned) unit.release();
    expect(await firstValue(reader.readUnit(2, 29))).toBe(doubles[29 * 1024]);
  });

  test('a closed segment leaves nothing in the cache', async () => {
    const cache = new UnitCache({ sizeBytes: 4 * 1024 * 1024 });
    const { reader } = await fresh(cache);
    for (const number of [1, 2, 3]) (await reader.readUnit(number, 3)).release();
    expect(cache.usage().usedFrames).toBeGreaterThan(0);
    reader.close();
    expect(cache.usage()).toMatchObject({ usedFrames: 0, heapBytes: 0 });
    expect(cache.windows.sizeBytes).toBe(0);
  });

  test('a damaged unit leaves its frame to others', async () => {
    const cache = new UnitCache({ sizeBytes: 64 * 1024 });
    const { reader } = await fresh(cache);
    const file = new MemorySegment((await written).file.bytes.slice());
    file.bytes[30] ^= 1;
    const damaged = await openSegment(file, { cache });
    for (let attempt = 0; attempt < 20; attempt++)
      await expect(damaged.readUnit(1, 0)).rejects.toThrow(CorruptionError);
    expect(await firstValue(reader.readUnit(2, 0))).toBe(doubles[0]);
    expect(cache.usage().usedFrames).toBe(1);
  });
});

test('units that are not there are a bug of the caller', async () => {
  const { reader } = await fresh();
  expect(() => reader.readUnit(2, UNIT_COUNT)).toThrow('invariant broken');
  expect(() => reader.readUnit(99, 0)).toThrow('invariant broken');
});
