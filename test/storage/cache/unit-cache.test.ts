import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { KERNEL_SCRATCH_BYTES } from '../../../src/kernels/wasm-kernels.ts';
import type { PinnedColumn } from '../../../src/storage/cache/pinned-column.ts';
import { type CachedColumn, MAX_KERNEL_THREADS, UnitCache } from '../../../src/storage/cache/unit-cache.ts';

const SMALL = { sizeBytes: 64 * 1024 };

/** Decodes nothing: fills a frame with `value`. */
function put(cache: UnitCache, column: CachedColumn, unit: number, value: number): PinnedColumn | undefined {
  const frame = cache.claimFrame();
  if (frame === undefined) return undefined;
  const values = frame.numbers(1024).fill(value);
  return cache.publish(frame, column, unit, { kind: 'number', values, validity: undefined });
}

function firstValue(pinned: PinnedColumn | undefined): number | undefined {
  return pinned?.column.kind === 'number' ? pinned.column.values[0] : undefined;
}

const bytesColumn: Column = {
  kind: 'bytes',
  offsets: new Uint32Array(2),
  bytes: new Uint8Array(0),
  validity: undefined,
};

describe('frames', () => {
  test('lie in one shared memory of fixed size', () => {
    const cache = new UnitCache({ sizeBytes: 1024 * 1024 });
    expect(cache.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const scratchBytes = MAX_KERNEL_THREADS * KERNEL_SCRATCH_BYTES;
    expect(cache.memory.buffer.byteLength).toBe(Math.floor((1024 * 0.75) / 64) * 65536 + scratchBytes);
    expect(cache.frameCount).toBeGreaterThan(80);
    const frame = cache.claimFrame();
    expect(frame?.numbers(1024).buffer).toBe(cache.memory.buffer);
  });

  test('do not overlap, and give the same view again', () => {
    const cache = new UnitCache(SMALL);
    const frames = Array.from({ length: cache.frameCount }, () => cache.claimFrame()!);
    for (const [index, frame] of frames.entries()) {
      frame.high(1024).fill(index + 1);
      frame.low(1024).fill(index + 100);
      frame.validity(1024).fill(index + 50);
    }
    for (const [index, frame] of frames.entries()) {
      expect(new Set(frame.high(1024))).toEqual(new Set([index + 1]));
      expect(new Set(frame.low(1024))).toEqual(new Set([index + 100]));
      expect(new Set(frame.validity(1024))).toEqual(new Set([index + 50]));
      expect(frame.numbers(1024)).toBe(frame.numbers(1024));
      expect(frame.numbers(10).length).toBe(10);
      expect(frame.codes(3).byteOffset).toBe(frame.booleans(3).byteOffset);
    }
  });
});

describe('a unit', () => {
  test('is found until its column is closed', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(4);
    expect(cache.find(column, 2)).toBeUndefined();
    put(cache, column, 2, 7)?.release();
    const found = cache.find(column, 2);
    expect(firstValue(found)).toBe(7);
    found?.release();
    cache.closeColumn(column);
    expect(cache.find(column, 2)).toBeUndefined();
    expect(cache.usage()).toMatchObject({ hits: 1, misses: 2, usedFrames: 0 });
  });

  test('is never evicted while pinned', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    const pinned = put(cache, column, 0, 42);
    for (let unit = 1; unit < 100; unit++) put(cache, column, unit, unit)?.release();
    expect(firstValue(pinned)).toBe(42);
    expect(firstValue(cache.find(column, 0))).toBe(42);
  });

  test('pinned twice stays until it is released twice', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    const first = put(cache, column, 0, 42);
    const second = cache.find(column, 0);
    first?.release();
    for (let unit = 1; unit < 50; unit++) put(cache, column, unit, unit)?.release();
    expect(firstValue(second)).toBe(42);
    expect(cache.find(column, 0)).toBe(second);
  });

  test('released more often than pinned is a bug', () => {
    const cache = new UnitCache(SMALL);
    const pinned = put(cache, cache.openColumn(1), 0, 1);
    pinned?.release();
    expect(() => pinned?.release()).toThrow('invariant broken');
  });

  test('pinned while its column is closed keeps its frame until released', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    const pinned = put(cache, column, 0, 42);
    cache.closeColumn(column);
    const other = cache.openColumn(1000);
    for (let unit = 0; unit < 50; unit++) put(cache, other, unit, unit)?.release();
    expect(firstValue(pinned)).toBe(42);
    pinned?.release();
    const frames = Array.from({ length: cache.frameCount }, () => cache.claimFrame());
    expect(frames).not.toContain(undefined);
  });
});

describe('eviction', () => {
  test('gives a unit that was used since the last eviction a second chance', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    for (let unit = 0; unit < cache.frameCount; unit++) put(cache, column, unit, unit)?.release();
    // The first eviction clears all marks, and takes some unit; another one is used again and again then.
    put(cache, column, 100, 100)?.release();
    const used = cache.find(column, 1) === undefined ? 2 : 1;
    cache.find(column, used)?.release();
    for (let unit = 101; unit < 200; unit++) {
      put(cache, column, unit, unit)?.release();
      const found = cache.find(column, used);
      expect(firstValue(found)).toBe(used);
      found?.release();
    }
    expect(cache.usage().evictions).toBe(100);
  });

  test('leaves a part of a scan that comes again and again and does not fit', () => {
    const cache = new UnitCache({ sizeBytes: 2 * 1024 * 1024 });
    const unitCount = Math.ceil(cache.frameCount * 1.3);
    const column = cache.openColumn(unitCount);
    const scan = (): void => {
      for (let unit = 0; unit < unitCount; unit++) {
        const found = cache.find(column, unit);
        if (found === undefined) put(cache, column, unit, unit)?.release();
        else found.release();
      }
    };
    for (let round = 0; round < 20; round++) scan();
    const { hits } = cache.usage();
    expect(hits).toBeGreaterThan(unitCount * 20 * 0.25);
  });

  test('has no frame to give when all are pinned, and one again after a release', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    const pinned = Array.from({ length: cache.frameCount }, (_, unit) => put(cache, column, unit, unit));
    expect(cache.claimFrame()).toBeUndefined();
    pinned[3]?.release();
    const frame = cache.claimFrame();
    expect(frame?.index).toBe(3);
    expect(cache.claimFrame()).toBeUndefined();
    cache.discard(frame!);
    expect(cache.claimFrame()).toBe(frame);
  });

  test('of an older copy leaves the newer one in place', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(1000);
    put(cache, column, 0, 1)?.release();
    const newer = put(cache, column, 0, 2);
    for (let unit = 1; unit < 50; unit++) put(cache, column, unit, unit)?.release();
    expect(cache.find(column, 0)).toBe(newer);
  });
});

describe('units on the heap', () => {
  test('are kept within their share, the least used going first', () => {
    const cache = new UnitCache({ sizeBytes: 160 * 1024 });
    const column = cache.openColumn(10);
    const limit = 30 * 1024;
    for (let unit = 0; unit < 3; unit++) cache.keep(column, unit, bytesColumn, limit / 3).release();
    expect(cache.usage().heapBytes).toBe(limit);
    cache.keep(column, 3, bytesColumn, limit / 3).release();
    cache.find(column, 1)?.release();
    cache.keep(column, 4, bytesColumn, limit / 3).release();
    expect(column.units.map((unit) => unit !== undefined).slice(0, 5)).toEqual([false, true, false, true, true]);
    expect(cache.usage().heapBytes).toBe(limit);
  });

  test('are handed back without being kept when the others are pinned or they are too large', () => {
    const cache = new UnitCache({ sizeBytes: 160 * 1024 });
    const column = cache.openColumn(10);
    const pinned = cache.keep(column, 0, bytesColumn, 20 * 1024);
    const unkept = cache.keep(column, 1, bytesColumn, 20 * 1024);
    expect(unkept.column).toBe(bytesColumn);
    unkept.release();
    expect(cache.find(column, 1)).toBeUndefined();
    expect(cache.find(column, 0)).toBe(pinned);
    cache.keep(column, 2, bytesColumn, 1024 * 1024).release();
    expect(cache.find(column, 2)).toBeUndefined();
  });

  test('go with their column', () => {
    const cache = new UnitCache(SMALL);
    const column = cache.openColumn(2);
    cache.keep(column, 0, bytesColumn, 100).release();
    cache.keep(column, 1, bytesColumn, 100);
    cache.closeColumn(column);
    expect(cache.usage().heapBytes).toBe(0);
  });
});
