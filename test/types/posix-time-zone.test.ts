import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MICROS_PER_DAY, MICROS_PER_HOUR, UNIX_EPOCH_MICROS } from '../../src/types/civil-time.ts';
import { posixTimeZone } from '../../src/types/posix-time-zone.ts';
import { type TimeZone, timeZone } from '../../src/types/time-zone.ts';

function zoneNamed(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
}

/** µs since 2000-01-01 of an ISO text, which is read as UTC. */
function micros(text: string): number {
  return Date.parse(`${text}Z`) * 1000 + UNIX_EPOCH_MICROS;
}

describe('a zone that says when clocks change', () => {
  // Since these rules hold the regions say the same of each day.
  test.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Berlin'],
    ['EST5EDT,M3.2.0,M11.1.0', 'America/New_York'],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', 'Australia/Sydney'],
    ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', 'Australia/Lord_Howe'],
    ['NZST-12NZDT,M9.5.0,M4.1.0/3', 'Pacific/Auckland'],
  ])('%s is what %s does', (text, region) => {
    const [zone, other] = [zoneNamed(text), zoneNamed(region)];
    const from = micros('2010-01-01T00:00');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * 365 * 24 * 60 }), (minutes) => {
        const at = from + minutes * 60_000_000;
        expect(zone.offsetMicrosAt(at)).toBe(other.offsetMicrosAt(at));
        expect(zone.localOffsetMicros(at)).toBe(other.localOffsetMicros(at));
        expect(zone.nextChange(at, at + 100 * MICROS_PER_DAY)).toBe(other.nextChange(at, at + 100 * MICROS_PER_DAY));
      }),
    );
  });

  test('keeps its rules in all years', () => {
    const zone = zoneNamed('EST5EDT,M3.2.0,M11.1.0');
    expect(zone.offsetMicrosAt(micros('1700-07-01T00:00'))).toBe(-4 * MICROS_PER_HOUR);
    expect(zone.offsetMicrosAt(micros('9999-12-01T00:00'))).toBe(-5 * MICROS_PER_HOUR);
  });

  test('has the names that stand in it, in capitals', () => {
    const zone = zoneNamed('foo3bar,J60/1,299');
    expect(zone.name).toBe('FOO3BAR,J60/1,299');
    expect(zone.abbreviationAt(micros('2023-01-01T00:00'))).toBe('FOO');
    expect(zone.abbreviationAt(micros('2023-07-01T00:00'))).toBe('BAR');
  });

  test('changes at the second', () => {
    const zone = zoneNamed('foo3bar,J60/1,299');
    // The first of March at one o'clock, whether or not there was a 29th of February.
    for (const change of ['2023-03-01T04:00', '2024-03-01T04:00'].map(micros)) {
      expect(zone.offsetMicrosAt(change - 1)).toBe(-3 * MICROS_PER_HOUR);
      expect(zone.offsetMicrosAt(change)).toBe(-2 * MICROS_PER_HOUR);
    }
  });

  test('without rules goes by those of the United States', () => {
    const zone = zoneNamed('abc5def');
    expect(zone.nextChange(micros('2024-01-01T00:00'), micros('2025-01-01T00:00'))).toBe(micros('2024-03-10T07:00'));
  });

  test('may have summer all year', () => {
    const zone = zoneNamed('std5always4,0/0,J365/26');
    expect(zone.nextChange(micros('2024-01-01T00:00'), micros('2400-01-01T00:00'))).toBe(undefined);
    expect(zone.abbreviationAt(micros('2024-01-01T00:00'))).toBe('ALWAYS');
  });

  test.each([
    'a1b,',
    'a1b,M1.1.1',
    'a1b,M0.1.1,M2.1.1',
    'a1b,M1.6.1,M2.1.1',
    'a1b,M1.1.7,M2.1.1',
    'a1b,J0,1',
    'a1b,366,1',
    'a1b,1,1/168',
    'a1b,1,1/2:60',
    'a1b,1,1x',
    'a1b168',
    'a168b',
    'a1<b',
    `${'a'.repeat(256)}1b`,
  ])('%s is none', (text) => {
    expect(posixTimeZone(text)).toBe(undefined);
  });
});
