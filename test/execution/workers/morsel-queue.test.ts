import { describe, expect, test } from 'vitest';
import type { Morsel, TableScan } from '../../../src/catalog/table.ts';
import { MorselQueue, type ScanPart } from '../../../src/execution/workers/morsel-queue.ts';

const UNIT = 1024;
const SIZES = { worthSharing: 10_000, part: 5000 };

/** A row takes a nanosecond. */
const workOf = ({ rowCount }: { readonly rowCount: number }): number => rowCount;

function morselOf(rowCount: number, partition: number, source = 1): Morsel {
  return { partition, runs: [{ seriesId: partition, isSole: true, pieces: [{ source, from: 0, to: rowCount }] }] };
}

/** In memory, where no other thread can read it. */
function ownMorsel(rowCount: number, partition: number): Morsel {
  return morselOf(rowCount, partition, -1);
}

function rowsOf({ runs }: Morsel): number {
  return runs.reduce((count, { pieces }) => count + pieces[0].to - pieces[0].from, 0);
}

function scanOf(morsels: readonly Morsel[]): TableScan {
  return {
    morsels: () => morsels,
    extentOf: (morsel: Morsel) => ({
      rowCount: rowsOf(morsel),
      unitMicros: 1,
      isShareable: morsel.runs.every(({ pieces }) => pieces[0].source > 0),
    }),
    cut(morsel: Morsel, maxRows: number) {
      const pieces: Morsel[] = [];
      const { to } = morsel.runs[0].pieces[0];
      const step = Math.ceil(maxRows / UNIT) * UNIT;
      for (let from = 0; from < to; from += step) {
        pieces.push({
          ...morsel,
          runs: [{ ...morsel.runs[0], pieces: [{ source: 1, from, to: Math.min(from + step, to) }] }],
        });
      }
      return pieces;
    },
    shareOf: (shared: readonly Morsel[]) => ({
      rowCount: shared.reduce((count, morsel) => count + rowsOf(morsel), 0),
      morsels: shared,
      portable: () => shared,
    }),
  } as unknown as TableScan;
}

function partsOf(morsels: readonly Morsel[], keepsOrder = false): ScanPart[] {
  const queue = MorselQueue.of(scanOf(morsels), workOf, { keepsOrder, sizes: SIZES })!;
  queue.plan();
  const parts: ScanPart[] = [];
  for (let part = queue.next(); part !== undefined; part = queue.next()) parts.push(part);
  return parts;
}

function shown(part: ScanPart): string {
  const morsels = part.kind === 'own' ? part.morsels : part.share.morsels;
  return `${part.kind} ${morsels.map((morsel) => `${morsel.partition}:${rowsOf(morsel)}`).join(' ')}`;
}

describe('the morsels of a scan', () => {
  test('are worth sharing from some work on that others can do', () => {
    const plan = (morsels: readonly Morsel[]): boolean =>
      MorselQueue.of(scanOf(morsels), workOf, { keepsOrder: false, sizes: SIZES })!.plan();
    expect(plan([morselOf(9999, 1)])).toBe(false);
    expect(plan([morselOf(5000, 1), morselOf(5000, 2)])).toBe(true);
    expect(plan([ownMorsel(50_000, 1), morselOf(5000, 2)])).toBe(false);
    expect(plan([])).toBe(false);
  });

  test('come one by one where they are not, none of them twice', () => {
    const morsels = [morselOf(4000, 1), ownMorsel(10, 2), { partition: 3, runs: [] }, morselOf(4000, 4)];
    const queue = MorselQueue.of(scanOf(morsels), workOf, { keepsOrder: false, sizes: SIZES })!;
    expect(queue.plan()).toBe(false);
    expect([...queue.all()].map(({ partition }) => partition)).toEqual([1, 2, 4]);
  });

  test('are gathered, or cut at the ends of units, to parts of about the same work', () => {
    const parts = partsOf([...Array.from({ length: 7 }, (_, at) => morselOf(1000, at)), morselOf(14_000, 9)]);
    expect(parts.map(shown)).toEqual([
      'share 0:1000 1:1000 2:1000 3:1000 4:1000',
      'share 5:1000 6:1000 9:5120',
      'share 9:5120',
      'share 9:3760',
    ]);
  });

  test('that only this thread can read stand apart, in their places where order matters', () => {
    const morsels = [morselOf(3000, 1), ownMorsel(10, 2), morselOf(3000, 3), ownMorsel(10, 4), morselOf(3000, 5)];
    expect(partsOf(morsels).map(shown)).toEqual(['share 1:3000 3:3000', 'share 5:3000', 'own 2:10 4:10']);
    expect(partsOf(morsels, true).map(shown)).toEqual([
      'share 1:3000',
      'own 2:10',
      'share 3:3000',
      'own 4:10',
      'share 5:3000',
    ]);
  });

  test('make larger parts the more there are of them', () => {
    const parts = partsOf([morselOf(UNIT * 1000, 1), morselOf(UNIT * 1000, 2)]);
    const sizes = parts.map((part) => (part.kind === 'share' ? part.share.rowCount : 0));
    expect(sizes[0]).toBe(5120);
    expect(sizes.at(-2)).toBeGreaterThan(5120 * 3);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(UNIT * 2000);
  });
});
