import { describe, expect, test } from 'vitest';
import { interval } from '../../src/types/interval-type.ts';
import { typeContext } from '../support/type-context.ts';

describe('IntervalStyle postgres', () => {
  test.each([
    ['1 year 2 mons 3 days 04:05:06.789', '1 year 2 mons 3 days 04:05:06.789'],
    ['-1 year -2 mons +3 days -04:05:06.7', '-1 years -2 mons +3 days -04:05:06.7'],
    ['-1 mons -1 days -1:00', '-1 mons -1 days -01:00:00'],
    ['1 day', '1 day'],
    ['-1 day', '-1 days'],
    ['00:00:01', '00:00:01'],
    ['-00:00:01', '-00:00:01'],
    ['00:00:00.5', '00:00:00.5'],
    ['-00:00:01.5', '-00:00:01.5'],
    ['0', '00:00:00'],
    ['1 mon -1 day 1 hour', '1 mon -1 days +01:00:00'],
    ['-1 mon 1 day 1 hour', '-1 mons +1 day 01:00:00'],
    ['1000:00:00', '1000:00:00'],
    ['1 year', '1 year'],
    ['-1 year', '-1 years'],
    ['1-2', '1 year 2 mons'],
    ['1 year -1 mon 5 days', '11 mons 5 days'],
    ['9223372036854775807 us', '2562047788:00:54.775807'],
    ['1 hour 1 min 1 sec', '01:01:01'],
    ['-1 sec', '-00:00:01'],
    ['1 mon 1 sec', '1 mon 00:00:01'],
  ])('%s → %s', (input, answer) => {
    const context = typeContext();
    const value = interval.parse(input, context, -1);
    expect(interval.format(value, typeContext({ intervalStyle: 'postgres' }))).toBe(answer);
  });
});

describe('IntervalStyle postgres_verbose', () => {
  test.each([
    ['1 year 2 mons 3 days 04:05:06.789', '@ 1 year 2 mons 3 days 4 hours 5 mins 6.789 secs'],
    ['-1 year -2 mons +3 days -04:05:06.7', '@ 1 year 2 mons -3 days 4 hours 5 mins 6.7 secs ago'],
    ['-1 mons -1 days -1:00', '@ 1 mon 1 day 1 hour ago'],
    ['1 day', '@ 1 day'],
    ['-1 day', '@ 1 day ago'],
    ['00:00:01', '@ 1 sec'],
    ['-00:00:01', '@ 1 sec ago'],
    ['00:00:00.5', '@ 0.5 secs'],
    ['-00:00:01.5', '@ 1.5 secs ago'],
    ['0', '@ 0'],
    ['1 mon -1 day 1 hour', '@ 1 mon -1 days 1 hour'],
    ['-1 mon 1 day 1 hour', '@ 1 mon -1 days -1 hours ago'],
    ['1000:00:00', '@ 1000 hours'],
    ['1 year', '@ 1 year'],
    ['-1 year', '@ 1 year ago'],
    ['1-2', '@ 1 year 2 mons'],
    ['1 year -1 mon 5 days', '@ 11 mons 5 days'],
    ['9223372036854775807 us', '@ 2562047788 hours 54.775807 secs'],
    ['1 hour 1 min 1 sec', '@ 1 hour 1 min 1 sec'],
    ['-1 sec', '@ 1 sec ago'],
    ['1 mon 1 sec', '@ 1 mon 1 sec'],
  ])('%s → %s', (input, answer) => {
    const context = typeContext();
    const value = interval.parse(input, context, -1);
    expect(interval.format(value, typeContext({ intervalStyle: 'postgres_verbose' }))).toBe(answer);
  });
});

describe('IntervalStyle sql_standard', () => {
  test.each([
    ['1 year 2 mons 3 days 04:05:06.789', '+1-2 +3 +4:05:06.789'],
    ['-1 year -2 mons +3 days -04:05:06.7', '-1-2 +3 -4:05:06.7'],
    ['-1 mons -1 days -1:00', '-0-1 -1 -1:00:00'],
    ['1 day', '1 0:00:00'],
    ['-1 day', '-1 0:00:00'],
    ['00:00:01', '0:00:01'],
    ['-00:00:01', '-0:00:01'],
    ['00:00:00.5', '0:00:00.5'],
    ['-00:00:01.5', '-0:00:01.5'],
    ['0', '0'],
    ['1 mon -1 day 1 hour', '+0-1 -1 +1:00:00'],
    ['-1 mon 1 day 1 hour', '-0-1 +1 +1:00:00'],
    ['1000:00:00', '1000:00:00'],
    ['1 year', '1-0'],
    ['-1 year', '-1-0'],
    ['1-2', '1-2'],
    ['1 year -1 mon 5 days', '+0-11 +5 +0:00:00'],
    ['9223372036854775807 us', '2562047788:00:54.775807'],
    ['1 hour 1 min 1 sec', '1:01:01'],
    ['-1 sec', '-0:00:01'],
    ['1 mon 1 sec', '+0-1 +0 +0:00:01'],
  ])('%s → %s', (input, answer) => {
    const context = typeContext();
    const value = interval.parse(input, context, -1);
    expect(interval.format(value, typeContext({ intervalStyle: 'sql_standard' }))).toBe(answer);
  });
});

describe('IntervalStyle iso_8601', () => {
  test.each([
    ['1 year 2 mons 3 days 04:05:06.789', 'P1Y2M3DT4H5M6.789S'],
    ['-1 year -2 mons +3 days -04:05:06.7', 'P-1Y-2M3DT-4H-5M-6.7S'],
    ['-1 mons -1 days -1:00', 'P-1M-1DT-1H'],
    ['1 day', 'P1D'],
    ['-1 day', 'P-1D'],
    ['00:00:01', 'PT1S'],
    ['-00:00:01', 'PT-1S'],
    ['00:00:00.5', 'PT0.5S'],
    ['-00:00:01.5', 'PT-1.5S'],
    ['0', 'PT0S'],
    ['1 mon -1 day 1 hour', 'P1M-1DT1H'],
    ['-1 mon 1 day 1 hour', 'P-1M1DT1H'],
    ['1000:00:00', 'PT1000H'],
    ['1 year', 'P1Y'],
    ['-1 year', 'P-1Y'],
    ['1-2', 'P1Y2M'],
    ['1 year -1 mon 5 days', 'P11M5D'],
    ['9223372036854775807 us', 'PT2562047788H54.775807S'],
    ['1 hour 1 min 1 sec', 'PT1H1M1S'],
    ['-1 sec', 'PT-1S'],
    ['1 mon 1 sec', 'P1MT1S'],
  ])('%s → %s', (input, answer) => {
    const context = typeContext();
    const value = interval.parse(input, context, -1);
    expect(interval.format(value, typeContext({ intervalStyle: 'iso_8601' }))).toBe(answer);
  });
});
