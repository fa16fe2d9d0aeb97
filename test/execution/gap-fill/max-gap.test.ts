import { expect, test } from 'vitest';
import { MaxGap } from '../../../src/execution/gap-fill/max-gap.ts';
import { date } from '../../../src/types/date.ts';
import { Interval } from '../../../src/types/interval.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';

const HOUR = 3_600_000_000;

test('a value reaches its last microsecond', () => {
  const gap = new MaxGap(Interval.parse('1 hour'), timestamptz, undefined);
  expect([gap.reaches(0, HOUR), gap.reaches(0, HOUR + 1), gap.reaches(1, HOUR + 1)]).toEqual([true, false, true]);
});

test('a day is as long as it is in the zone', () => {
  // 2024-03-31 00:00 in Berlin, where the day has 23 hours.
  const midnight = 765_154_800_000_000;
  expect(
    new MaxGap(Interval.parse('1 day'), timestamptz, 'Europe/Berlin').reaches(midnight, midnight + 24 * HOUR),
  ).toBe(false);
  expect(new MaxGap(Interval.parse('1 day'), timestamptz, undefined).reaches(midnight, midnight + 24 * HOUR)).toBe(
    true,
  );
});

test('dates are days', () => {
  const gap = new MaxGap(Interval.parse('36 hours'), date, undefined);
  expect([gap.reaches(10, 11), gap.reaches(10, 12)]).toEqual([true, false]);
});

test('what passes the end of time reaches everything', () => {
  const gap = new MaxGap(Interval.parse('290000 years'), timestamptz, undefined);
  expect(gap.reaches(9_000_000_000_000_000_000n, 9_200_000_000_000_000_000n)).toBe(true);
});

test('less than nothing is refused', () => {
  expect(() => new MaxGap(Interval.parse('-1 us'), timestamptz, undefined)).toThrow('max_gap must not be negative');
});
