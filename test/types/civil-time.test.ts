import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addMonths,
  civilFromDays,
  dayOfWeek,
  dayOfYear,
  daysFromCivil,
  daysFromIsoWeek,
  daysFromMonthIndex,
  isoDayOfWeek,
  isoWeek,
  monthIndex,
  UNIX_EPOCH_DAYS,
} from '../../src/types/civil-time.ts';

const anyDay = fc.integer({ min: -2_451_545, max: 107_000_000 });
/** Where Date can be asked. */
const dayOfDate = fc.integer({ min: -690_000, max: 3_000_000 });

function dateOf(days: number): Date {
  return new Date((days - UNIX_EPOCH_DAYS) * 86_400_000);
}

test('a day and its date convert into each other', () => {
  fc.assert(
    fc.property(anyDay, (days) => {
      const { year, month, day } = civilFromDays(days);
      expect(daysFromCivil(year, month, day)).toBe(days);
    }),
    { numRuns: 2000 },
  );
});

test('dates, weekdays and days of the year are those of Date', () => {
  fc.assert(
    fc.property(dayOfDate, (days) => {
      const date = dateOf(days);
      expect(civilFromDays(days)).toEqual({
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      expect(dayOfWeek(days)).toBe(date.getUTCDay());
      expect(isoDayOfWeek(days)).toBe(date.getUTCDay() || 7);
      expect(dayOfYear(days)).toBe((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [2000, 3, 1, 60],
  [2000, 1, 1, 0],
  [1970, 1, 1, -10957],
  [1900, 3, 1, -36465],
  [0, 2, 29, -730426],
  [-4713, 11, 24, -2451545],
  [5874897, 12, 31, 2145031948],
])('%i-%i-%i is day %i', (year, month, day, days) => {
  expect(daysFromCivil(year, month, day)).toBe(days);
});

test.each([
  ['2020-12-31', 2020, 53],
  ['2021-01-03', 2020, 53],
  ['2021-01-04', 2021, 1],
  ['2018-12-31', 2019, 1],
  ['2016-01-01', 2015, 53],
])('%s lies in ISO week %i-%i', (text, year, week) => {
  const days = Date.parse(text) / 86_400_000 + UNIX_EPOCH_DAYS;
  expect(isoWeek(days)).toEqual({ year, week });
  expect(daysFromIsoWeek(year, week)).toBe(days - isoDayOfWeek(days) + 1);
});

test('adding months cuts the day to the length of the month', () => {
  const january31 = daysFromCivil(2023, 1, 31);
  expect(civilFromDays(addMonths(january31, 1))).toEqual({ year: 2023, month: 2, day: 28 });
  expect(civilFromDays(addMonths(january31, 13))).toEqual({ year: 2024, month: 2, day: 29 });
  expect(civilFromDays(addMonths(january31, -2))).toEqual({ year: 2022, month: 11, day: 30 });
  expect(civilFromDays(addMonths(daysFromCivil(1, 1, 15), -1))).toEqual({ year: 0, month: 12, day: 15 });
});

test('a month index stands for the first of the month, also before year 0', () => {
  for (const [year, month] of [
    [2000, 1],
    [1999, 12],
    [0, 1],
    [-1, 12],
  ] as const) {
    expect(daysFromMonthIndex(monthIndex(year, month))).toBe(daysFromCivil(year, month, 1));
  }
});
