import { describe, expect, test } from 'vitest';
import { Interval } from '../../src/types/interval.ts';
import { orError } from '../support/type-forms.ts';

describe('scaling cascades fractions down as in PostgreSQL', () => {
  test.each([
    ['1 day', 'multiply', 2, '2 days'],
    ['1 day', 'divide', 2, '12:00:00'],
    ['1 day', 'multiply', 0.5, '12:00:00'],
    ['1 day', 'divide', 0.5, '2 days'],
    ['1 day', 'multiply', -1, '-1 days'],
    ['1 day', 'divide', -1, '-1 days'],
    ['1 day', 'multiply', 0.1, '02:24:00'],
    ['1 day', 'divide', 0.1, '10 days'],
    ['1 day', 'multiply', 7.3, '7 days 07:12:00'],
    ['1 day', 'divide', 7.3, '03:17:15.616438'],
    ['1 day', 'multiply', 0, '00:00:00'],
    ['1 day', 'divide', 0, '22012: division by zero'],
    ['1 mon 15 days 12:00:00', 'multiply', 2, '2 mons 30 days 24:00:00'],
    ['1 mon 15 days 12:00:00', 'divide', 2, '22 days 18:00:00'],
    ['1 mon 15 days 12:00:00', 'multiply', 0.5, '22 days 18:00:00'],
    ['1 mon 15 days 12:00:00', 'divide', 0.5, '2 mons 30 days 24:00:00'],
    ['1 mon 15 days 12:00:00', 'multiply', -1, '-1 mons -15 days -12:00:00'],
    ['1 mon 15 days 12:00:00', 'divide', -1, '-1 mons -15 days -12:00:00'],
    ['1 mon 15 days 12:00:00', 'multiply', 0.1, '4 days 13:12:00'],
    ['1 mon 15 days 12:00:00', 'divide', 0.1, '10 mons 150 days 120:00:00'],
    ['1 mon 15 days 12:00:00', 'multiply', 7.3, '7 mons 118 days 99:36:00'],
    ['1 mon 15 days 12:00:00', 'divide', 7.3, '6 days 05:35:20.544394'],
    ['1 mon 15 days 12:00:00', 'multiply', 0, '00:00:00'],
    ['1 mon 15 days 12:00:00', 'divide', 0, '22012: division by zero'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', 2, '2 years 4 mons 6 days 08:10:13.578'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', 2, '7 mons 1 day 14:02:33.3945'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', 0.5, '7 mons 1 day 14:02:33.3945'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', 0.5, '2 years 4 mons 6 days 08:10:13.578'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', -1, '-1 years -2 mons -3 days -04:05:06.789'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', -1, '-1 years -2 mons -3 days -04:05:06.789'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', 0.1, '1 mon 12 days 07:36:30.6789'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', 0.1, '11 years 8 mons 30 days 40:51:07.89'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', 7.3, '8 years 6 mons 27 days 51:25:19.5597'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', 7.3, '1 mon 27 days 23:14:40.418745'],
    ['1 year 2 mons 3 days 04:05:06.789', 'multiply', 0, '00:00:00'],
    ['1 year 2 mons 3 days 04:05:06.789', 'divide', 0, '22012: division by zero'],
    ['-1 mon +1 day', 'multiply', 2, '-2 mons +2 days'],
    ['-1 mon +1 day', 'divide', 2, '-15 days +12:00:00'],
    ['-1 mon +1 day', 'multiply', 0.5, '-15 days +12:00:00'],
    ['-1 mon +1 day', 'divide', 0.5, '-2 mons +2 days'],
    ['-1 mon +1 day', 'multiply', -1, '1 mon -1 days'],
    ['-1 mon +1 day', 'divide', -1, '1 mon -1 days'],
    ['-1 mon +1 day', 'multiply', 0.1, '-3 days +02:24:00'],
    ['-1 mon +1 day', 'divide', 0.1, '-10 mons +10 days'],
    ['-1 mon +1 day', 'multiply', 7.3, '-7 mons -2 days +07:12:00'],
    ['-1 mon +1 day', 'divide', 7.3, '-4 days +00:39:27.126838'],
    ['-1 mon +1 day', 'multiply', 0, '00:00:00'],
    ['-1 mon +1 day', 'divide', 0, '22012: division by zero'],
    ['-00:00:00.5', 'multiply', 2, '-00:00:01'],
    ['-00:00:00.5', 'divide', 2, '-00:00:00.25'],
    ['-00:00:00.5', 'multiply', 0.5, '-00:00:00.25'],
    ['-00:00:00.5', 'divide', 0.5, '-00:00:01'],
    ['-00:00:00.5', 'multiply', -1, '00:00:00.5'],
    ['-00:00:00.5', 'divide', -1, '00:00:00.5'],
    ['-00:00:00.5', 'multiply', 0.1, '-00:00:00.05'],
    ['-00:00:00.5', 'divide', 0.1, '-00:00:05'],
    ['-00:00:00.5', 'multiply', 7.3, '-00:00:03.65'],
    ['-00:00:00.5', 'divide', 7.3, '-00:00:00.068493'],
    ['-00:00:00.5', 'multiply', 0, '00:00:00'],
    ['-00:00:00.5', 'divide', 0, '22012: division by zero'],
    ['2 mons -31 days 25:00', 'multiply', 2, '4 mons -62 days +50:00:00'],
    ['2 mons -31 days 25:00', 'divide', 2, '1 mon -15 days +00:30:00'],
    ['2 mons -31 days 25:00', 'multiply', 0.5, '1 mon -15 days +00:30:00'],
    ['2 mons -31 days 25:00', 'divide', 0.5, '4 mons -62 days +50:00:00'],
    ['2 mons -31 days 25:00', 'multiply', -1, '-2 mons +31 days -25:00:00'],
    ['2 mons -31 days 25:00', 'divide', -1, '-2 mons +31 days -25:00:00'],
    ['2 mons -31 days 25:00', 'multiply', 0.1, '3 days 00:06:00'],
    ['2 mons -31 days 25:00', 'divide', 0.1, '1 year 8 mons -310 days +250:00:00'],
    ['2 mons -31 days 25:00', 'multiply', 7.3, '1 year 2 mons -208 days +175:18:00'],
    ['2 mons -31 days 25:00', 'divide', 7.3, '4 days 02:46:01.636734'],
    ['2 mons -31 days 25:00', 'multiply', 0, '00:00:00'],
    ['2 mons -31 days 25:00', 'divide', 0, '22012: division by zero'],
    ['100 days 100:00', 'multiply', 2, '200 days 200:00:00'],
    ['100 days 100:00', 'divide', 2, '50 days 50:00:00'],
    ['100 days 100:00', 'multiply', 0.5, '50 days 50:00:00'],
    ['100 days 100:00', 'divide', 0.5, '200 days 200:00:00'],
    ['100 days 100:00', 'multiply', -1, '-100 days -100:00:00'],
    ['100 days 100:00', 'divide', -1, '-100 days -100:00:00'],
    ['100 days 100:00', 'multiply', 0.1, '10 days 10:00:00'],
    ['100 days 100:00', 'divide', 0.1, '1000 days 1000:00:00'],
    ['100 days 100:00', 'multiply', 7.3, '730 days 730:00:00'],
    ['100 days 100:00', 'divide', 7.3, '13 days 30:27:56.712329'],
    ['100 days 100:00', 'multiply', 0, '00:00:00'],
    ['100 days 100:00', 'divide', 0, '22012: division by zero'],
    ['1 mon -1 hour', 'multiply', 2, '2 mons -02:00:00'],
    ['1 mon -1 hour', 'divide', 2, '15 days -00:30:00'],
    ['1 mon -1 hour', 'multiply', 0.5, '15 days -00:30:00'],
    ['1 mon -1 hour', 'divide', 0.5, '2 mons -02:00:00'],
    ['1 mon -1 hour', 'multiply', -1, '-1 mons +01:00:00'],
    ['1 mon -1 hour', 'divide', -1, '-1 mons +01:00:00'],
    ['1 mon -1 hour', 'multiply', 0.1, '3 days -00:06:00'],
    ['1 mon -1 hour', 'divide', 0.1, '10 mons -10:00:00'],
    ['1 mon -1 hour', 'multiply', 7.3, '7 mons 9 days -07:18:00'],
    ['1 mon -1 hour', 'divide', 7.3, '4 days 02:29:35.338915'],
    ['1 mon -1 hour', 'multiply', 0, '00:00:00'],
    ['1 mon -1 hour', 'divide', 0, '22012: division by zero'],
  ] as const)('%s %s %d = %s', (value, operation, factor, answer) => {
    expect(orError(() => Interval.parse(value)[operation](factor))).toBe(answer);
  });
});

describe('justifying as in PostgreSQL', () => {
  test.each([
    ['justifyDays', '1 day', '1 day'],
    ['justifyHours', '1 day', '1 day'],
    ['justify', '1 day', '1 day'],
    ['justifyDays', '1 mon 15 days 12:00:00', '1 mon 15 days 12:00:00'],
    ['justifyHours', '1 mon 15 days 12:00:00', '1 mon 15 days 12:00:00'],
    ['justify', '1 mon 15 days 12:00:00', '1 mon 15 days 12:00:00'],
    ['justifyDays', '1 year 2 mons 3 days 04:05:06.789', '1 year 2 mons 3 days 04:05:06.789'],
    ['justifyHours', '1 year 2 mons 3 days 04:05:06.789', '1 year 2 mons 3 days 04:05:06.789'],
    ['justify', '1 year 2 mons 3 days 04:05:06.789', '1 year 2 mons 3 days 04:05:06.789'],
    ['justifyDays', '-1 mon +1 day', '-29 days'],
    ['justifyHours', '-1 mon +1 day', '-1 mons +1 day'],
    ['justify', '-1 mon +1 day', '-29 days'],
    ['justifyDays', '-00:00:00.5', '-00:00:00.5'],
    ['justifyHours', '-00:00:00.5', '-00:00:00.5'],
    ['justify', '-00:00:00.5', '-00:00:00.5'],
    ['justifyDays', '2 mons -31 days 25:00', '29 days 25:00:00'],
    ['justifyHours', '2 mons -31 days 25:00', '2 mons -29 days -23:00:00'],
    ['justify', '2 mons -31 days 25:00', '1 mon 01:00:00'],
    ['justifyDays', '100 days 100:00', '3 mons 10 days 100:00:00'],
    ['justifyHours', '100 days 100:00', '104 days 04:00:00'],
    ['justify', '100 days 100:00', '3 mons 14 days 04:00:00'],
    ['justifyDays', '1 mon -1 hour', '1 mon -01:00:00'],
    ['justifyHours', '1 mon -1 hour', '1 mon -01:00:00'],
    ['justify', '1 mon -1 hour', '29 days 23:00:00'],
    ['justifyDays', '30 days', '1 mon'],
    ['justifyHours', '30 days', '30 days'],
    ['justify', '30 days', '1 mon'],
    ['justifyDays', '24:00:00', '24:00:00'],
    ['justifyHours', '24:00:00', '1 day'],
    ['justify', '24:00:00', '1 day'],
    ['justifyDays', '-2 mons 31 days -25:00', '-29 days -25:00:00'],
    ['justifyHours', '-2 mons 31 days -25:00', '-2 mons +29 days 23:00:00'],
    ['justify', '-2 mons 31 days -25:00', '-1 mons -01:00:00'],
    ['justifyDays', '-1 days +48 hours', '-1 days +48:00:00'],
    ['justifyHours', '-1 days +48 hours', '1 day'],
    ['justify', '-1 days +48 hours', '1 day'],
  ] as const)('%s of %s is %s', (operation, value, answer) => {
    expect(Interval.parse(value)[operation]().toString()).toBe(answer);
  });
});

test('sums and differences are taken part by part', () => {
  expect(Interval.parse('1 mon 2 days').add(Interval.parse('3 days 04:00')).toString()).toBe('1 mon 5 days 04:00:00');
  expect(Interval.parse('1 mon').subtract(Interval.parse('31 days')).toString()).toBe('1 mon -31 days');
});

test('a sum that leaves 32-bit days is refused', () => {
  const most = Interval.parse('2147483647 days');
  expect(orError(() => most.add(Interval.parse('1 day')))).toBe('22008: interval out of range');
});

test('a month is as long as 30 days and a day as 24 hours', () => {
  const equal = ['1 mon', '30 days', '720:00:00'].map((text) => Interval.parse(text));
  expect(new Set(equal.map((interval) => interval.hashKey())).size).toBe(1);
  expect(equal[0]?.compare(Interval.parse('29 days 23:59:59'))).toBe(1);
  expect(equal[0]?.compare(Interval.parse('1 year'))).toBe(-1);
});

test('intervals beyond 2^53 microseconds keep every one of them', () => {
  const longest = Interval.parse('9223372036854775807 us');
  expect(longest.micros).toBe(9223372036854775807n);
  expect(longest.compare(Interval.parse('9223372036854775806 us'))).toBe(1);
});

test('extract epoch counts years of 365.25 days', () => {
  expect(Interval.parse('1 year 1 mon 1 day 00:00:01.5').toSeconds()).toBe(34236001.5);
});
