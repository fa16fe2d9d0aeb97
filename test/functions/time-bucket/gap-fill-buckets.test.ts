import { describe, expect, test } from 'vitest';
import { gapFillBuckets, isPositiveWidth } from '../../../src/functions/time-bucket/gap-fill-buckets.ts';
import { date } from '../../../src/types/date.ts';
import { int2 } from '../../../src/types/int2.ts';
import { int8 } from '../../../src/types/int8.ts';
import { Interval } from '../../../src/types/interval.ts';
import { neutralContext } from '../../../src/types/neutral-context.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import type { Int64, Value } from '../../../src/types/value.ts';

function walk(
  type: TypeDefinition,
  options: Parameters<typeof gapFillBuckets>[1],
  from: Int64,
  count: number,
): Int64[] {
  const buckets = gapFillBuckets(type, options);
  const starts = [buckets.startOf(from)];
  while (starts.length < count) starts.push(buckets.nextAfter(starts[starts.length - 1]));
  return starts;
}

const instant = (text: string): Int64 => timestamptz.parse(text, neutralContext, -1) as Int64;
const shown = (value: Value): string => timestamptz.format(value, neutralContext);

describe('the buckets of a range', () => {
  test('of integers, up to the end of their type', () => {
    expect(walk(int2, { width: 10 }, -5, 3)).toEqual([-10, 0, 10]);
    expect(walk(int8, { width: 7 }, 9223372036854775800n, 3)).toEqual([
      9223372036854775800n,
      9223372036854775807n,
      Number.POSITIVE_INFINITY,
    ]);
    expect(() => gapFillBuckets(int2, { width: 1000 }).startOf(-32_700)).toThrow('out of range');
  });

  test('of dates, in weeks and months', () => {
    expect(walk(date, { width: Interval.parse('1 week') }, 0, 3)).toEqual([-5, 2, 9]);
    expect(walk(date, { width: Interval.parse('1 month') }, 40, 3)).toEqual([31, 60, 91]);
    expect(walk(date, { width: Interval.parse('2 days'), origin: 1 }, 2, 2)).toEqual([1, 3]);
  });

  test('of a zone, through the nights when its clock changes', () => {
    const berlin = { width: Interval.parse('1 hour'), timeZone: 'Europe/Berlin' };
    expect(walk(timestamptz, berlin, instant('2024-10-27 00:30Z'), 3).map(shown)).toEqual([
      '2024-10-27 00:00:00+00',
      '2024-10-27 01:00:00+00',
      '2024-10-27 02:00:00+00',
    ]);
    const days = { width: Interval.parse('1 day'), timeZone: 'Europe/Berlin' };
    expect(walk(timestamptz, days, instant('2024-03-30 12:00Z'), 3).map(shown)).toEqual([
      '2024-03-29 23:00:00+00',
      '2024-03-30 23:00:00+00',
      '2024-03-31 22:00:00+00',
    ]);
  });

  test('ascend where a clock goes back across midnight, and none comes twice', () => {
    // At one minute past midnight on 2010-11-07 clocks in Saint John's went back to 23:01 of the day before.
    const days = { width: Interval.parse('1 day'), timeZone: 'America/St_Johns' };
    const starts = walk(timestamptz, days, instant('2010-11-05 12:00Z'), 4);
    expect(starts.every((start, at) => at === 0 || start > starts[at - 1])).toBe(true);
    expect(starts.map((start) => gapFillBuckets(timestamptz, days).startOf(start))).toEqual(starts);
  });

  test('leave infinite times where they are', () => {
    const buckets = gapFillBuckets(timestamptz, { width: Interval.parse('1 day') });
    expect(buckets.startOf(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a width has to be of more than nothing in every part that it has', () => {
  const widths = ['1 day', '0', '-1 day', '1 day -1 hour', '1 month'].map((text) =>
    isPositiveWidth(Interval.parse(text)),
  );
  expect([...widths, isPositiveWidth(0), isPositiveWidth(3)]).toEqual([true, false, false, false, true, false, true]);
});
