import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/columnar/column.ts';
import { Dictionary } from '../../../src/columnar/dictionary.ts';
import type { PinnedColumn } from '../../../src/storage/cache/pinned-column.ts';
import { UnitCache } from '../../../src/storage/cache/unit-cache.ts';

const SIZE = { sizeBytes: 128 * 1024 };

/** A cache, the one that another thread would have over it, and a column of 1,000 units that both have open. */
function pair() {
  const first = new UnitCache(SIZE);
  const second = new UnitCache({ shared: first.shared, thread: 1 });
  const directory = first.newDirectory(2, 1000);
  return {
    caches: [first, second] as const,
    columns: [first.openColumn(1000, directory, 1), second.openColumn(1000, directory, 1)] as const,
    others: [first.openColumn(1000, directory, 0), second.openColumn(1000, directory, 0)] as const,
  };
}

function put(cache: UnitCache, column: ReturnType<UnitCache['openColumn']>, unit: number, value: number): PinnedColumn {
  const frame = cache.claimFrame()!;
  return cache.publish(frame, column, unit, {
    kind: 'number',
    values: frame.numbers(1024).fill(value),
    validity: undefined,
  });
}

function firstValue(pinned: PinnedColumn | undefined): number | undefined {
  return pinned?.column.kind === 'number' ? pinned.column.values[0] : undefined;
}

describe('a unit that one thread has decoded', () => {
  test('is found by another, and by no other name', () => {
    const { caches, columns, others } = pair();
    put(caches[1], columns[1], 3, 42).release();
    const found = caches[0].find(columns[0], 3, 1024);
    expect(firstValue(found)).toBe(42);
    expect(caches[0].find(columns[0], 4, 1024)).toBe(undefined);
    expect(caches[0].find(others[0], 3, 1024)).toBe(undefined);
    found?.release();
  });

  test('has the kind, the length and the NULLs that it was decoded with', () => {
    const { caches, columns } = pair();
    const dictionary = Dictionary.of(['a', 'b']);
    const [mine, theirs] = caches;
    const publish = (unit: number, make: (frame: NonNullable<ReturnType<UnitCache['claimFrame']>>) => Column): void => {
      const frame = theirs.claimFrame()!;
      theirs.publish(frame, columns[1], unit, make(frame)).release();
    };
    publish(0, (frame) => ({
      kind: 'dictionary',
      codes: frame.codes(3).fill(1),
      dictionary,
      validity: frame.validity(3).fill(0),
    }));
    publish(1, (frame) => ({
      kind: 'wide',
      high: frame.high(2).fill(7),
      low: frame.low(2).fill(8),
      validity: undefined,
    }));
    publish(2, (frame) => ({ kind: 'boolean', values: frame.booleans(4).fill(1), validity: undefined }));
    expect(mine.find(columns[0], 0, 3, () => dictionary)?.column).toEqual({
      kind: 'dictionary',
      codes: Uint32Array.of(1, 1, 1),
      dictionary,
      validity: Uint8Array.of(0, 0, 0),
    });
    expect(mine.find(columns[0], 1, 2)?.column).toMatchObject({ high: Int32Array.of(7, 7), low: Uint32Array.of(8, 8) });
    expect(mine.find(columns[0], 2, 4)?.column).toMatchObject({ kind: 'boolean', values: Uint8Array.of(1, 1, 1, 1) });
  });

  test('stays as long as either has it pinned', () => {
    const { caches, columns } = pair();
    put(caches[1], columns[1], 0, 42).release();
    const pinned = caches[0].find(columns[0], 0, 1024);
    for (let unit = 1; unit < 200; unit++) put(caches[1], columns[1], unit, unit).release();
    expect(firstValue(pinned)).toBe(42);
    pinned?.release();
    for (let unit = 200; unit < 400; unit++) put(caches[1], columns[1], unit, unit).release();
    // What this thread remembers of it is no proof that it is still there.
    expect(caches[0].find(columns[0], 0, 1024)).toBe(undefined);
  });

  test('is never mistaken for what has taken its place', () => {
    const { caches, columns } = pair();
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const pinned: { readonly unit: number; readonly column: PinnedColumn }[] = [];
    for (let step = 0; step < 20_000; step++) {
      const thread = random(2);
      const unit = random(40);
      const column =
        caches[thread].find(columns[thread], unit, 1024) ?? put(caches[thread], columns[thread], unit, unit);
      expect(firstValue(column)).toBe(unit);
      pinned.push({ unit, column });
      if (pinned.length > 4) {
        const [oldest] = pinned.splice(random(pinned.length), 1);
        expect(firstValue(oldest.column)).toBe(oldest.unit);
        oldest.column.release();
      }
    }
    expect(caches[0].usage().evictions + caches[1].usage().evictions).toBeGreaterThan(100);
  });

  test('goes when the column is closed where it was opened first, and stays when another thread leaves it', () => {
    const { caches, columns } = pair();
    put(caches[0], columns[0], 0, 1).release();
    put(caches[1], columns[1], 1, 2).release();
    caches[1].leaveColumn(columns[1]);
    expect(firstValue(caches[0].find(columns[0], 1, 1024))).toBe(2);
    expect(caches[0].usage().usedFrames).toBe(2);
    const { caches: others, columns: closed } = pair();
    put(others[0], closed[0], 0, 1).release();
    put(others[1], closed[1], 1, 2).release();
    others[0].closeColumn(closed[0]);
    expect(others[0].usage().usedFrames).toBe(0);
    expect(others[1].find(closed[1], 0, 1024)).toBe(undefined);
    expect(others[1].find(closed[1], 1, 1024)).toBe(undefined);
  });
});
