import { describe, expect, test } from 'vitest';
import { MICROS_PER_HOUR, UNIX_EPOCH_MICROS } from '../../src/types/civil-time.ts';
import { type TimeZone, timeZone, timeZoneOperand } from '../../src/types/time-zone.ts';

function zoneNamed(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}

/** µs since 2000-01-01 of an ISO text, which is read as UTC. */
function micros(text: string): number {
  return Date.parse(`${text}Z`) * 1000 + UNIX_EPOCH_MICROS;
}

describe('names that SET TimeZone takes', () => {
  test.each([
    ['UTC', 'UTC', 0],
    ['utc', 'UTC', 0],
    ['Europe/Berlin', 'Europe/Berlin', 1],
    ['europe/berlin', 'Europe/Berlin', 1],
    ['asia/kolkata', 'Asia/Kolkata', 5.5],
    ['EUROPE/ISLE_OF_MAN', 'Europe/Isle_of_Man', 0],
    ['zulu', 'Zulu', 0],
    ['est5edt', 'EST5EDT', -5],
    ['Etc/gmt-14', 'Etc/GMT-14', 14],
    ['+02', '<+02>-02', 2],
    ['-5.5', '<-05:30>+05:30', -5.5],
    ['0', '<+00>+00', 0],
    ['UTC+3', 'UTC+3', -3],
    ['GMT+02:00', 'GMT+02:00', -2],
    ['<+02>-02', '<+02>-02', 2],
    ['+02:30', '+02:30', -2.5],
    ['FOO3', 'FOO3', -3],
    ['utc+3', 'UTC+3', -3],
    ['x-1', 'X-1', 1],
    ['<>1', '<>1', -1],
    ['SystemV/PST8', 'SYSTEMV/PST8', -8],
  ])('%s is %s, in winter %d hours east', (given, name, hoursEast) => {
    const zone = zoneNamed(given);
    expect(zone.name).toBe(name);
    expect(zone.offsetMicrosAt(micros('2020-01-01T00:00'))).toBe(hoursEast * MICROS_PER_HOUR + 0);
  });

  test.each(['', 'Z', 'cest', 'PST', 'ACT', 'x168', '<x1', 'Foo/Bar', '200', 'Europe', 'local'])(
    '%j is none',
    (name) => {
      expect(timeZone(name)).toBe(undefined);
    },
  );
});

describe('names that AT TIME ZONE takes', () => {
  test.each([
    ['cest', 2],
    ['z', 0],
    ['EST', -5],
    ['msk', 3],
    ['+02', -2],
    ['5', -5],
    ['UTC-3', 3],
    ['Asia/Tokyo', 9],
  ])('%s lies %d hours east', (name, hoursEast) => {
    expect(timeZoneOperand(name)?.offsetMicrosAt(micros('2020-01-01T00:00'))).toBe(hoursEast * MICROS_PER_HOUR + 0);
  });

  test('an abbreviation of a region follows its history', () => {
    expect(timeZoneOperand('MSK')?.offsetMicrosAt(micros('2012-01-01T00:00'))).toBe(4 * MICROS_PER_HOUR);
  });
});

// Captured from PostgreSQL: an instant, and the offset in seconds there.
describe('offsets through history', () => {
  test.each([
    ['Europe/Berlin', '1850-01-01T00:00', 3208],
    ['Europe/Berlin', '1916-05-01T00:00', 7200],
    ['Europe/Berlin', '1945-06-01T00:00', 10800],
    ['Europe/Berlin', '1980-07-01T00:00', 7200],
    ['Europe/Berlin', '2020-03-29T00:59', 3600],
    ['Europe/Berlin', '2020-03-29T01:00', 7200],
    ['Europe/Berlin', '2020-10-25T00:59', 7200],
    ['Europe/Berlin', '2020-10-25T01:00', 3600],
    ['Europe/Berlin', '2100-07-01T00:00', 7200],
    ['America/New_York', '1800-01-01T00:00', -17762],
    ['America/New_York', '1883-11-18T16:59', -17762],
    ['America/New_York', '1883-11-18T17:01', -18000],
    ['America/New_York', '1942-03-01T00:00', -14400],
    ['America/New_York', '2007-03-20T00:00', -14400],
    ['America/New_York', '2399-07-01T00:00', -14400],
    ['Asia/Kolkata', '1943-01-01T00:00', 23400],
    ['Asia/Kolkata', '2020-01-01T00:00', 19800],
    ['Africa/Casablanca', '2020-04-25T00:00', 0],
    ['Africa/Casablanca', '2020-06-01T00:00', 3600],
    ['Africa/Casablanca', '2030-01-10T00:00', 0],
    ['Australia/Lord_Howe', '2020-01-01T00:00', 39600],
    ['Australia/Lord_Howe', '2020-07-01T00:00', 37800],
    ['Pacific/Apia', '2011-12-30T09:00', -36000],
    ['Pacific/Apia', '2011-12-30T11:00', 50400],
    ['Asia/Kathmandu', '1985-12-31T00:00', 19800],
    ['Asia/Kathmandu', '1986-01-02T00:00', 20700],
    ['Europe/Dublin', '1970-01-01T00:00', 3600],
    ['Europe/Dublin', '2020-01-01T00:00', 0],
    ['America/Caracas', '2010-01-01T00:00', -16200],
    ['America/Caracas', '2017-01-01T00:00', -14400],
  ])('%s at %s is %i seconds east', (name, instant, seconds) => {
    expect(zoneNamed(name).offsetMicrosAt(micros(instant))).toBe(seconds * 1_000_000);
  });

  test('an offset holds up to the microsecond before its change', () => {
    const berlin = zoneNamed('Europe/Berlin');
    const change = micros('2020-03-29T01:00');
    expect(berlin.offsetMicrosAt(change - 1)).toBe(MICROS_PER_HOUR);
    expect(berlin.offsetMicrosAt(change)).toBe(2 * MICROS_PER_HOUR);
  });
});

describe('local times that clocks skip or show twice', () => {
  test.each([
    ['Europe/Berlin', '2020-03-29T01:59', '2020-03-29T00:59:00'],
    ['Europe/Berlin', '2020-03-29T02:00', '2020-03-29T01:00:00'],
    ['Europe/Berlin', '2020-03-29T02:30', '2020-03-29T01:30:00'],
    ['Europe/Berlin', '2020-03-29T03:00', '2020-03-29T01:00:00'],
    ['Europe/Berlin', '2020-10-25T01:59', '2020-10-24T23:59:00'],
    ['Europe/Berlin', '2020-10-25T02:00', '2020-10-25T01:00:00'],
    ['Europe/Berlin', '2020-10-25T02:30', '2020-10-25T01:30:00'],
    ['Europe/Berlin', '2020-10-25T03:00', '2020-10-25T02:00:00'],
    ['Europe/Berlin', '1850-01-01T00:00', '1849-12-31T23:06:32'],
    ['America/New_York', '2020-03-08T02:30', '2020-03-08T07:30:00'],
    ['America/New_York', '2020-11-01T01:30', '2020-11-01T06:30:00'],
    ['America/New_York', '2020-11-01T00:59', '2020-11-01T04:59:00'],
    ['Europe/Moscow', '2014-10-26T01:30', '2014-10-25T22:30:00'],
    ['Europe/Moscow', '2011-03-27T02:30', '2011-03-26T23:30:00'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T22:00:00'],
    ['Europe/Dublin', '2020-03-29T01:30', '2020-03-29T01:30:00'],
    ['Europe/Dublin', '2020-10-25T01:30', '2020-10-25T01:30:00'],
    ['Australia/Lord_Howe', '2020-04-05T01:45', '2020-04-04T15:15:00'],
    ['Australia/Lord_Howe', '2020-10-04T02:15', '2020-10-03T15:45:00'],
  ])('%s %s is %s UTC', (name, local, utc) => {
    expect(zoneNamed(name).toUtc(micros(local))).toBe(micros(utc));
  });
});

describe('abbreviations', () => {
  test.each([
    ['Europe/Berlin', '2020-01-01T00:00', 'CET'],
    ['Europe/Berlin', '2020-07-01T00:00', 'CEST'],
    ['America/New_York', '1900-01-01T00:00', 'EST'],
    ['America/New_York', '1850-01-01T00:00', 'LMT'],
    ['America/Sao_Paulo', '2020-01-01T00:00', '-03'],
    ['UTC', '2020-01-01T00:00', 'UTC'],
    ['+02', '2020-01-01T00:00', '+02'],
  ])('%s at %s shows %s', (name, instant, abbreviation) => {
    expect(zoneNamed(name).abbreviationAt(micros(instant))).toBe(abbreviation);
  });
});
