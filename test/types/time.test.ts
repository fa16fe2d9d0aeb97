import { describe, expect, test } from 'vitest';
import { time } from '../../src/types/time.ts';
import { readAndShow } from '../support/type-forms.ts';

describe('time reads as in PostgreSQL', () => {
  test.each([
    ['04:05:06.789', '04:05:06.789'],
    ['04:05:06', '04:05:06'],
    ['04:05', '04:05:00'],
    ['040506', '04:05:06'],
    ['0405', '04:05:00'],
    ['04:05 AM', '04:05:00'],
    ['04:05 PM', '16:05:00'],
    ['04:05:06.789-8', '04:05:06.789'],
    ['04:05:06-08:00', '04:05:06'],
    ['04:05-08:00', '04:05:00'],
    ['040506-08', '04:05:06'],
    ['04:05:06 PST', '04:05:06'],
    ['2003-04-12 04:05:06 America/New_York', '04:05:06'],
    ['allballs', '00:00:00'],
    ['24:00:00', '24:00:00'],
    ['24:00:01', '22008: date/time field value out of range: "24:00:01"'],
    ['23:59:60', '24:00:00'],
    ['23:59:59.9999999', '24:00:00'],
    ['25:00', '22008: date/time field value out of range: "25:00"'],
    ['', '22007: invalid input syntax for type time: ""'],
    ['abc', '22007: invalid input syntax for type time: "abc"'],
    ['04', '22007: invalid input syntax for type time: "04"'],
    ['4:5', '04:05:00'],
    ['12:00 am', '00:00:00'],
    ['12:00 pm', '12:00:00'],
    ['13:00 pm', '22008: date/time field value out of range: "13:00 pm"'],
    ['04:05:06 America/New_York', '22007: invalid input syntax for type time: "04:05:06 America/New_York"'],
    ['infinity', '22007: invalid input syntax for type time: "infinity"'],
    ['2003-04-12', '22007: invalid input syntax for type time: "2003-04-12"'],
    ['T04:05:06', '04:05:06'],
    ['t040506', '04:05:06'],
    ['1:2:3.4567895', '01:02:03.45679'],
    ['00:00', '00:00:00'],
    ['4:05:06.7 AM', '04:05:06.7'],
    ['epoch', '22007: invalid input syntax for type time: "epoch"'],
    ['2003-04-12 04:05', '04:05:00'],
    ['4 am', '22007: invalid input syntax for type time: "4 am"'],
    ['12:34.5', '00:12:34.5'],
    ['04:05:06 z', '04:05:06'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(time, input)).toBe(answer);
  });
});

test('a declared precision rounds', () => {
  expect(readAndShow(time, '01:02:03.455', {}, 2)).toBe('01:02:03.46');
  expect(readAndShow(time, '23:59:59.999', {}, 2)).toBe('24:00:00');
});
