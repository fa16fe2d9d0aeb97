import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeZone, UTC } from '../../src/types/time-zone.ts';
import { packTimetz, timetz, unpackTimetz } from '../../src/types/timetz.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm, orError, readAndShow } from '../support/type-forms.ts';

const times = fc.record({
  micros: fc.integer({ min: 0, max: 86_400_000_000 }),
  secondsWest: fc.integer({ min: -57_599, max: 57_599 }),
});

describe('the packed form', () => {
  test('holds every time and zone', () => {
    fc.assert(
      fc.property(times, (time) => {
        expect(unpackTimetz(packTimetz(time))).toEqual(time);
      }),
    );
  });

  test('sorts by the time in UTC, then from east to west', () => {
    fc.assert(
      fc.property(times, times, (left, right) => {
        const utc = (time: typeof left): number => time.micros + time.secondsWest * 1_000_000;
        const expected = Math.sign(utc(left) - utc(right)) || Math.sign(left.secondsWest - right.secondsWest);
        expect(Math.sign(timetz.compare(packTimetz(left), packTimetz(right)))).toBe(expected);
      }),
    );
  });

  test('is a number where one can hold it', () => {
    expect(typeof packTimetz({ micros: 36_000_000_000, secondsWest: 0 })).toBe('number');
    expect(typeof packTimetz({ micros: 86_400_000_000, secondsWest: 57_599 })).toBe('bigint');
  });
});

describe('text', () => {
  test.each([
    ['10:00+02', '10:00:00+02'],
    ['23:59:59.999999-15:59:59', '23:59:59.999999-15:59:59'],
    ['24:00Z', '24:00:00+00'],
    ['2020-07-01 10:00 America/New_York', '10:00:00-04'],
    ['10:00 EST', '10:00:00-05'],
    ['10:00 America/New_York', '22007: invalid input syntax for type time with time zone: "10:00 America/New_York"'],
    ['2020-01-01', '22007: invalid input syntax for type time with time zone: "2020-01-01"'],
    ['25:00+00', '22008: date/time field value out of range: "25:00+00"'],
    ['10:00+16', '22009: time zone displacement out of range: "10:00+16"'],
  ])('%s is %s', (input, answer) => {
    expect(readAndShow(timetz, input)).toBe(answer);
  });

  test('without a zone takes the one in use on the day of the transaction', () => {
    const zone = timeZone('America/New_York') ?? UTC;
    expect(readAndShow(timetz, '10:00', { timeZone: zone, transactionStart: 0 })).toBe('10:00:00-05');
    const july = 182 * 86_400_000_000;
    expect(readAndShow(timetz, '10:00', { timeZone: zone, transactionStart: july })).toBe('10:00:00-04');
  });

  test('is rounded to the declared decimals', () => {
    expect(readAndShow(timetz, '10:00:00.126+02', {}, 2)).toBe('10:00:00.13+02');
    expect(readAndShow(timetz, '23:59:59.999+02', {}, 0)).toBe('24:00:00+02');
  });
});

describe('the binary form', () => {
  test('is the time and the seconds west, 12 bytes', () => {
    const bytes = binaryForm(timetz, timetz.parse('10:00+02', typeContext(), -1));
    expect(Buffer.from(bytes).toString('hex')).toBe('0000000861c46800ffffe3e0');
  });

  test('out of range is refused', () => {
    const bytes = Buffer.from('0000000861c46800000186a0', 'hex');
    expect(orError(() => timetz.readBinary(bytes, typeContext()))).toBe('22009: time zone displacement out of range');
    const late = Buffer.from('0000001f1d1a2d0000000000', 'hex');
    expect(orError(() => timetz.readBinary(late, typeContext()))).toBe('22008: time out of range');
  });
});
