import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScalarFunction } from '../../../src/functions/function-definition.ts';
import { scalarFunctions } from '../../../src/functions/function-registry.ts';
import { bucketRule } from '../../../src/functions/time-bucket/bucket-walker.ts';
import { Interval } from '../../../src/types/interval.ts';
import { timeZone } from '../../../src/types/time-zone.ts';
import { timestamptz } from '../../../src/types/timestamptz.ts';
import { environment } from '../evaluate-sql-call.ts';

const MINUTE = 60_000_000;
const DAY = 24 * 60 * MINUTE;
const UNIX_EPOCH = -10_957 * DAY;

/** Local midnights and hours that are skipped, shown twice, or moved by other than hours. */
const changes: readonly (readonly [zone: string, around: string])[] = [
  ['Europe/Berlin', '2024-03-31'],
  ['Europe/Berlin', '2024-10-27'],
  ['America/New_York', '2023-03-12'],
  ['America/New_York', '2023-11-05'],
  // Half an hour.
  ['Australia/Lord_Howe', '2024-04-07'],
  ['Australia/Lord_Howe', '2024-10-06'],
  // A quarter of an hour, at midnight.
  ['Asia/Kathmandu', '1986-01-01'],
  // Forward at midnight, back at midnight.
  ['America/Sao_Paulo', '2017-10-15'],
  ['America/Sao_Paulo', '2018-02-18'],
  // Midnight twice.
  ['America/Havana', '2023-11-05'],
  // Back at one minute past midnight.
  ['America/St_Johns', '2005-10-30'],
  // A day that never was.
  ['Pacific/Apia', '2011-12-30'],
];

const timeBucketInZone = scalarFunctions('time_bucket').find((candidate) => candidate.argumentTypes.length === 5);

function timeBucket(width: string, instant: number, zone: string, offset: string | null = null): number {
  return timeBucketInZone?.evaluate(
    Interval.parse(width),
    instant,
    zone,
    null,
    offset === null ? null : Interval.parse(offset),
  ) as number;
}

function instant(text: string): number {
  return timestamptz.parse(text, environment.typeContext, -1) as number;
}

function shown(micros: number, zone: string): string {
  return timestamptz.format(micros, { ...environment.typeContext, timeZone: timeZone(zone)! });
}

/** What the wall clock shows, read from Intl by the minute, as if it were UTC. */
function wallClock(zone: string): (micros: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (micros) => {
    const parts = Object.fromEntries(
      format.formatToParts((micros - UNIX_EPOCH) / 1000).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) * 1000 + UNIX_EPOCH;
  };
}

interface Minute {
  readonly at: number;
  readonly local: number;
}

/** Some days around a change. */
function minutesAround(zone: string, around: string): readonly Minute[] {
  const clock = wallClock(zone);
  const first = instant(`${around} 00:00 UTC`) - 3 * DAY;
  return Array.from({ length: 6 * 24 * 60 }, (_, minute) => {
    const at = first + minute * MINUTE;
    return { at, local: clock(at) };
  });
}

/** The start of the bucket of each minute, by the words of the documentation. */
function slowBuckets(minutes: readonly Minute[], widthMicros: number): readonly { at: number; start: number }[] {
  const origin = 2 * DAY;
  const bucketOf = (local: number): number => Math.floor((local - origin) / widthMicros) * widthMicros + origin;
  const showing = new Map<number, number[]>();
  const holding = new Map<number, number>();
  for (const { at, local } of minutes) {
    showing.set(local, [...(showing.get(local) ?? []), at]);
    if (!holding.has(bucketOf(local))) holding.set(bucketOf(local), at);
  }
  return minutes.map(({ at, local }) => {
    const bucket = bucketOf(local);
    const starts = (showing.get(bucket) ?? []).filter((start) => start <= at);
    if (starts.length === 0) return { at, start: holding.get(bucket) ?? Number.NaN };
    let isRepeated = (showing.get(bucket)?.length ?? 0) > 1;
    for (let minute = bucket; isRepeated && minute < bucket + widthMicros; minute += MINUTE) {
      isRepeated = (showing.get(minute)?.length ?? 0) > 1;
    }
    return { at, start: isRepeated ? starts[starts.length - 1] : starts[0] };
  });
}

const widths = [
  '5 minutes',
  '15 minutes',
  '45 minutes',
  '50 minutes',
  '1 hour',
  '2 hours',
  '6 hours',
  '12 hours',
  '1 day',
];

describe('time_bucket by the clock of a zone', () => {
  for (const [zone, around] of changes) {
    test(`is what a look at every minute says in ${zone} around ${around}`, () => {
      const minutes = minutesAround(zone, around);
      for (const width of widths) {
        const micros = Number(Interval.parse(width).hashKey());
        // What lies at the ends may have its start beyond them.
        for (const { at, start } of slowBuckets(minutes, micros).slice(26 * 60, -26 * 60)) {
          const found = timeBucket(width, at, zone);
          if (found !== start) {
            expect(`${width} at ${shown(at, zone)}: ${shown(found, zone)}`).toBe(
              `${width} at ${shown(at, zone)}: ${shown(start, zone)}`,
            );
          }
        }
      }
    });
  }

  test('tells the hour that a clock shows twice apart', () => {
    const zone = 'Europe/Berlin';
    const starts = ['2024-10-27 02:30+02', '2024-10-27 02:30+01'].map((text) =>
      timeBucket('1 hour', instant(text), zone),
    );
    expect(starts.map((start) => shown(start, zone))).toEqual(['2024-10-27 02:00:00+02', '2024-10-27 02:00:00+01']);
  });

  test('keeps a day whose midnight comes twice in one piece', () => {
    const zone = 'America/Havana';
    for (const text of ['2023-11-05 00:30-04', '2023-11-05 00:30-05', '2023-11-05 23:59-05']) {
      expect(shown(timeBucket('1 day', instant(text), zone), zone)).toBe('2023-11-05 00:00:00-04');
    }
  });
});

const zoneNames = [...new Set(changes.map(([zone]) => zone))];

/** Rules of everything that makes buckets in a zone. */
const calls = fc.oneof(
  fc.record({
    name: fc.constant('time_bucket'),
    width: fc.constantFrom(...widths, '1 week', '10 days', '1 month', '5 months', '1 year'),
    zone: fc.constantFrom(...zoneNames),
    offset: fc.constantFrom(null, '90 minutes', '-1 day', '5 days 3 hours'),
  }),
  fc.record({
    name: fc.constant('date_trunc'),
    width: fc.constantFrom('second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'decade'),
    zone: fc.constantFrom(...zoneNames),
    offset: fc.constant(null),
  }),
);

interface Call {
  readonly name: string;
  readonly width: string;
  readonly zone: string;
  readonly offset: string | null;
}

function functionOf({ name }: Call): ScalarFunction {
  const count = name === 'time_bucket' ? 5 : 3;
  return scalarFunctions(name).find((candidate) => candidate.argumentTypes.length === count)!;
}

function argumentsOf({ name, width, zone, offset }: Call, time: number | null): (string | number | Interval | null)[] {
  if (name === 'date_trunc') return [width, time, zone];
  return [Interval.parse(width), time, zone, null, offset === null ? null : Interval.parse(offset)];
}

/** Near a change as often as not. */
const times = fc.oneof(
  fc
    .integer({ min: -120 * 365, max: 60 * 365 })
    .chain((day) => fc.integer({ min: 0, max: DAY }).map((part) => day * DAY + part)),
  fc
    .constantFrom(...changes)
    .chain(([, around]) =>
      fc.integer({ min: -2 * DAY, max: 2 * DAY }).map((part) => instant(`${around} 00:00 UTC`) + part),
    ),
);

describe('the rule of buckets in a zone', () => {
  test('gives what the function gives, from edge to edge', () => {
    fc.assert(
      fc.property(calls, times, fc.double({ min: 0, max: 1, noNaN: true }), (call, time, share) => {
        const callee = functionOf(call);
        const rule = bucketRule(callee, argumentsOf(call, null), environment)!;
        const bucketOf = (at: number): unknown => callee.evaluate(...argumentsOf(call, at));
        const start = rule.startOf(time);
        const end = rule.endOf(time);
        expect(start).toBe(bucketOf(time));
        expect(end).toBeGreaterThan(time);
        expect(bucketOf(end - 1)).toBe(start);
        expect(bucketOf(time + Math.floor((end - 1 - time) * share))).toBe(start);
        expect(bucketOf(end)).not.toBe(start);
      }),
      { numRuns: 3000 },
    );
  });

  test('starts no bucket of time_bucket after a time that it holds, and every bucket in itself', () => {
    fc.assert(
      fc.property(calls, times, (call, time) => {
        fc.pre(call.name === 'time_bucket');
        const rule = bucketRule(functionOf(call), argumentsOf(call, null), environment)!;
        const start = rule.startOf(time);
        expect(start).toBeLessThanOrEqual(time);
        expect(rule.startOf(start)).toBe(start);
      }),
      { numRuns: 3000 },
    );
  });
});
