import { expect, test } from 'vitest';
import { LastRowEntries } from '../../../src/storage/index/last-row-entries.ts';

const NOTHING = Number.NEGATIVE_INFINITY;

function rows(entries: readonly (readonly [seriesId: number, time: number])[]) {
  return {
    rowCount: entries.length,
    seriesIds: Uint32Array.from(entries, ([id]) => id),
    times: Float64Array.from(entries, ([, time]) => time),
  };
}

test('an entry is known from the commit that brought its row, and bounds all rows before it', () => {
  const entries = new LastRowEntries();
  expect([entries.bound(5), entries.isKnown(5, 100)]).toEqual([NOTHING, false]);
  entries.noteRows(
    rows([
      [5, 10],
      [5, 30],
      [5, 20],
      [70_000, 1],
      [5, 25],
    ]),
    7,
  );
  expect([entries.bound(5), entries.bound(70_000), entries.bound(6), entries.bound(1e6)]).toEqual([
    30,
    1,
    NOTHING,
    NOTHING,
  ]);
  expect([entries.isKnown(5, 6), entries.isKnown(5, 7), entries.isKnown(6, 7)]).toEqual([false, true, false]);
  // A row of the same time changes nothing for those who know it already.
  entries.noteRows(rows([[5, 30]]), 9);
  expect(entries.isKnown(5, 7)).toBe(true);
  entries.noteRows(rows([[5, 31]]), 10);
  expect([entries.bound(5), entries.isKnown(5, 9), entries.isKnown(5, 10)]).toEqual([31, false, true]);
});

test('what takes the last row away makes the entry unknown, and another row of its time known again', () => {
  const entries = new LastRowEntries();
  entries.noteRows(
    rows([
      [1, 10],
      [2, 10],
      [3, 10],
    ]),
    1,
  );
  entries.forgetRows(
    rows([
      [1, 9],
      [2, 10],
    ]),
  );
  expect([1, 2, 3].map((id) => entries.isKnown(id, 5))).toEqual([true, false, true]);
  expect(entries.bound(2)).toBe(10);
  entries.noteRows(rows([[2, 9]]), 2);
  expect(entries.isKnown(2, 5)).toBe(false);
  entries.noteRows(rows([[2, 10]]), 3);
  expect([entries.isKnown(2, 2), entries.isKnown(2, 3)]).toEqual([false, true]);
  entries.forgetBefore(4);
  expect([1, 2, 3].map((id) => entries.isKnown(id, 5))).toEqual([false, false, false]);
  entries.noteRows(rows([[3, 10]]), 4);
  expect(entries.isKnown(3, 4)).toBe(true);
});

test('a bound alone does not make a row known', () => {
  const entries = new LastRowEntries();
  entries.noteRows(rows([[1, 10]]), 1);
  entries.raiseBound(1, 10);
  expect(entries.isKnown(1, 1)).toBe(true);
  entries.raiseBound(1, 20);
  expect([entries.bound(1), entries.isKnown(1, 9)]).toEqual([20, false]);
});

test('ids that are given again begin with nothing', () => {
  const entries = new LastRowEntries();
  for (let id = 0; id < 40_000; id++) entries.note(id, id, 1);
  entries.truncate(17_000);
  expect([entries.bound(16_999), entries.bound(17_000), entries.bound(39_999)]).toEqual([16_999, NOTHING, NOTHING]);
  expect(entries.isKnown(17_000, 1)).toBe(false);
  expect(entries.sizeBytes / 40_000).toBeLessThan(24);
});
