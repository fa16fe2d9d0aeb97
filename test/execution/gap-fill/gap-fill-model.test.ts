import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/index.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-data.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

let directory: string;
let database: Database;

const FLOATS = ['NULL', '0', '-0', '0.1', "'NaN'", "'Infinity'", "'-Infinity'", '5e-324', '1e300', '-1e300', '7', '7'];
const INTEGERS = ['NULL', '0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808', '5', '-6', '7'];

/** Some points, some of them in the nights when clocks change; of them some are deleted and some changed. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-gap-fill-'));
  database = await Database.open(directory);
  await database.query(
    `CREATE TABLE points (at timestamptz NOT NULL, k text, v float8, i bigint, s text, UNIQUE NULLS NOT DISTINCT (k, at))
      WITH (tidewire.time = 'at', tidewire.tags = 'k', tidewire.partition = '1 day')`,
  );
  const random = new SeededRandom(11);
  const keys = ['NULL', ...HOSTILE_TEXTS.slice(0, 5).map(quoted)];
  const nights = ['2024-03-30 20:00Z', '2024-10-26 20:00Z', '2024-11-02 20:00Z', '2024-04-06 10:00Z'];
  for (let round = 0; round < 3; round++) {
    const rows = new Map<string, string>();
    for (let row = 0; row < 150; row++) {
      const second = random.below(40 * 3600) + random.below(1000) / 1000;
      const at = `'${random.pick(nights)}'::timestamptz + interval '${second} s'`;
      const key = random.pick(keys);
      const text = random.pick(['NULL', ...HOSTILE_TEXTS.slice(0, 9).map(quoted)]);
      rows.set(`${key} ${at}`, `(${at}, ${key}, ${random.pick(FLOATS)}, ${random.pick(INTEGERS)}, ${text})`);
    }
    await database.query(`INSERT INTO points VALUES ${[...rows.values()].join(', ')} ON CONFLICT DO NOTHING`);
    await database.query("DELETE FROM points WHERE k = ' ' AND extract(hour from at) = 3");
    if (round === 1) {
      await database.close();
      database = await Database.open(directory);
    }
  }
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

interface Case {
  readonly width: string;
  readonly zone: string | undefined;
  readonly start: string;
  readonly hours: number;
  readonly isGrouped: boolean;
  readonly isInferred: boolean;
  readonly maxGap: string | undefined;
  readonly hasPrevious: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  width: fc.constantFrom('20 minutes', '1 hour', '90 minutes', '7 hours', '1 day', '1 week', '1 month'),
  zone: fc.constantFrom(undefined, 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
  start: fc.constantFrom(
    '2024-03-30 22:17:00Z',
    '2024-10-26 19:59:59Z',
    '2024-11-03 03:00:00Z',
    '2024-04-06 11:30:00Z',
  ),
  hours: fc.constantFrom(0, 1, 7, 30, 60, 900),
  isGrouped: fc.boolean(),
  isInferred: fc.boolean(),
  maxGap: fc.constantFrom(undefined, '0', '40 minutes', '2 hours', '1 day', '1 month'),
  hasPrevious: fc.boolean(),
});

type Row = Readonly<Record<string, string | null>>;

async function rowsOf(text: string): Promise<readonly Row[]> {
  return (await database.query(text)).rows as readonly Row[];
}

/** Times as µs, so that no zone has a say in how they are written. */
const micros = (time: string): string => `(extract(epoch FROM ${time}) * 1000000)::bigint::text`;

function bucketCall(name: string, { width, zone }: Case, time: string, behind = ''): string {
  return `${name}('${width}', ${time}${zone === undefined ? '' : `, '${zone}'`}${behind})`;
}

function finishOf({ start, hours }: Case): string {
  return `('${start}'::timestamptz + interval '${hours} hours')`;
}

/** Of series with rows in the range, and without keys of the one series that is there anyway. */
async function filled(one: Case): Promise<readonly string[]> {
  const { start, isGrouped, isInferred, maxGap, hasPrevious } = one;
  const finish = finishOf(one);
  const range = isInferred ? '' : `, start => '${start}', finish => ${finish}`;
  const gap = maxGap === undefined ? '' : `, max_gap => '${maxGap}'`;
  const previous = hasPrevious ? ", prev => 'before'" : '';
  const samples = hasPrevious ? `, prev => ('${start}'::timestamptz - interval '3 days', 1.5::float8)` : '';
  const inner = `SELECT ${bucketCall('time_bucket_gapfill', one, 'at', range)} AS b${isGrouped ? ', k' : ''}, count(*) AS n,
      locf(min(s)${previous}${gap}) AS s, locf(min(s), treat_null_as_missing => true${previous}${gap}) AS t,
      locf(max(v)${gap}) AS v, interpolate(max(v)${samples}${gap}) AS w, interpolate(min(i)${gap}) AS i
    FROM points ${isInferred ? `WHERE at >= '${start}' AND at < ${finish}` : ''} GROUP BY b${isGrouped ? ', k' : ''}`;
  const rows = await rowsOf(
    `SELECT ${micros('b')} AS b, ${isGrouped ? 'k' : 'NULL::text'} AS k, n::text, s, t, v::text, w::text, i::text FROM (${inner}) AS f`,
  );
  return rows.map((row) => JSON.stringify([row.k, row.b, row.n, row.s, row.t, row.v, row.w, row.i]));
}

/** The same by looking through all buckets and all rows for each of them. */
async function expected(one: Case): Promise<readonly string[]> {
  const { start, isGrouped, isInferred, maxGap, hasPrevious } = one;
  const finish = finishOf(one);
  const reach = (time: string): string =>
    micros(maxGap === undefined ? `${time} + interval '100 years'` : `${time} + interval '${maxGap}'`);
  const base = await rowsOf(
    `SELECT ${micros('b')} AS b, ${reach('b')} AS reach, k, n::text, s, v::text, i::text FROM (
      SELECT ${bucketCall('time_bucket', one, 'at')} AS b, ${isGrouped ? 'k' : 'NULL::text AS k'}, count(*) AS n, min(s) AS s, max(v) AS v, min(i) AS i
      FROM points ${isInferred ? `WHERE at >= '${start}' AND at < ${finish}` : ''} GROUP BY 1, 2) AS f ORDER BY b`,
  );
  const buckets = await rowsOf(
    `SELECT DISTINCT ${micros('b')} AS b FROM (SELECT ${bucketCall('time_bucket', one, 's')} AS b
      FROM generate_series('${start}'::timestamptz, ${finish}, '10 minutes') AS s) AS f WHERE b < ${finish}`,
  );
  const startBucket = bucketCall('time_bucket', one, `'${start}'::timestamptz`);
  const [first] = await rowsOf(`SELECT ${micros(startBucket)} AS b`);
  const [bucketBefore] = await rowsOf(
    `SELECT ${reach('b')} AS reach FROM (SELECT ${bucketCall('time_bucket', one, `(${startBucket} - interval '1 us')`)} AS b) AS f`,
  );
  const [sampled] = await rowsOf(
    `SELECT ${micros('p')} AS b, ${reach('p')} AS reach FROM (SELECT '${start}'::timestamptz - interval '3 days' AS p) AS f`,
  );
  const previous: Row | undefined = hasPrevious ? { ...bucketBefore, s: 'before' } : undefined;
  const sample: Row | undefined = hasPrevious ? { ...sampled, v: '1.5' } : undefined;
  const series = isGrouped ? [...new Set(base.map((row) => row.k))] : [null];
  const result: string[] = [];
  for (const k of series) {
    const rows = base.filter((row) => row.k === k);
    const times = new Set([...rows, ...buckets].map((row) => row.b ?? ''));
    const ordered = [...times].sort((left, right) => Number(BigInt(left) - BigInt(right)));
    for (const b of ordered) {
      const row = rows.find((candidate) => candidate.b === b);
      const at = Number(b);
      const earlier = rows.filter((candidate) => Number(candidate.b) < at);
      const next = rows.find((candidate) => Number(candidate.b) > at);
      const last = earlier.at(-1);
      const known = earlier.filter((candidate) => candidate.s !== null).at(-1);
      const reached = (from: Row | undefined, name: string): string | null =>
        from === undefined || Number(from.reach) < at ? null : (from[name] ?? null);
      // A NULL from before the range is no value to go on from.
      const isOpen = (name: string): boolean =>
        last === undefined || (last[name] === null && Number(last.b) < Number(first.b));
      const isTakenUp = at >= Number(first.b) && (buckets.length > 0 || times.has(first.b ?? ''));
      const s = row === undefined ? reached(isOpen('s') ? previous : last, 's') : row.s;
      const t = row?.s ?? reached(known ?? (isTakenUp ? previous : undefined), 's');
      const v = row === undefined ? reached(last, 'v') : row.v;
      const w = row === undefined ? onLine(isOpen('v') ? sample : last, next, at) : row.v;
      const i = row === undefined ? onIntegerLine(last, next, at) : row.i;
      result.push(JSON.stringify([k, b, row?.n ?? null, s, t, v, w, i]));
    }
  }
  return result;
}

function onLine(before: Row | undefined, after: Row | undefined, at: number): string | null {
  if (before === undefined || after === undefined || Number(before.reach) < Number(after.b)) return null;
  if (before.v === null || after.v === null) return null;
  const [y0, y1, x0, x1] = [before.v, after.v, before.b, after.b].map(Number);
  return textOf(y0 === y1 ? y0 : (y0 * (x1 - at) + y1 * (at - x0)) / (x1 - x0));
}

function onIntegerLine(before: Row | undefined, after: Row | undefined, at: number): string | null {
  if (before === undefined || after === undefined || Number(before.reach) < Number(after.b)) return null;
  if (before.i === null || after.i === null) return null;
  const [y0, y1, x0, x1] = [before.i, after.i, before.b, after.b].map((text) => BigInt(text ?? 0));
  const [above, below] = [y0 * (x1 - BigInt(at)) + y1 * (BigInt(at) - x0), x1 - x0];
  const half = above < 0n ? -below : below;
  // Rounded half away from zero.
  return String((2n * above + half) / (2n * below));
}

function textOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** As the model writes doubles. */
function normalized(rows: readonly string[]): readonly string[] {
  return rows
    .map((text) => {
      const [k, b, n, s, t, v, w, i] = JSON.parse(text) as (string | null)[];
      const number = (value: string | null): string | null => (value === null ? null : textOf(Number(value)));
      return JSON.stringify([k, b, n, s, t, number(v), number(w), i]);
    })
    .sort();
}

describe('gaps are filled as by looking through everything for every bucket', () => {
  test('whatever the width, the zone, the range, the series and the gaps', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        await database.query(`SET timezone = '${one.zone ?? 'UTC'}'`);
        expect(normalized(await filled(one))).toEqual(normalized(await expected(one)));
      }),
      { numRuns: 60, seed: 5 },
    );
  });
});
