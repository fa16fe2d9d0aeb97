import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostileTables, quoteName, toCreateTable, toInserts } from '../../support/hostile-data.ts';
import { openParallelDatabase, type ParallelDatabase, type SqlSession } from '../../support/parallel-database.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

let directory: string;
let database: ParallelDatabase;
const random = new SeededRandom(77);

const COLUMNS =
  'time timestamptz NOT NULL, host text, rack int, v float8, n bigint, i int, r real, s text, b boolean, d numeric';
const SERIES = `tidewire.time = 'time', tidewire.tags = 'host, rack', tidewire.partition = '6 hours'`;

/**
 * `regular`: long series of many units in several partitions, deletes, and the newest rows in memory. `keyed`: versions of
 * points in several segments. `hostile`: the hostile data set, part of it in memory.
 */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-parallel-'));
  database = await openParallelDatabase(directory);
  const { serial } = database;
  await serial.query(`CREATE TABLE regular (${COLUMNS}) WITH (${SERIES})`);
  await serial.query(`CREATE TABLE keyed (${COLUMNS}, UNIQUE NULLS NOT DISTINCT (host, rack, time)) WITH (${SERIES})`);
  for (let round = 0; round < 3; round++) {
    await serial.query(`INSERT INTO regular SELECT timestamptz '2024-03-30 00:00Z' + k * interval '5 s',
      CASE WHEN k % 11 = 0 THEN NULL ELSE chr(97 + (k % 3)) END, k % 2, (k % 37) / 4.0, k * 300000000000000 - 5000, k % 11,
      (k % 5) / 2.0, CASE WHEN k % 2 = 0 THEN repeat('x', k % 4) ELSE '🌡️' || (k % 700) END, k % 3 = 0, (k % 9) / 10.0
      FROM generate_series(${round * 7000}, ${round * 7000 + 6999}) k`);
    await serial.query(`INSERT INTO keyed SELECT timestamptz '2024-03-30 00:00Z' + k * interval '30 s',
      chr(97 + (k % 4)), NULL, k / 8.0, k + ${round}, k % 7, 1, 's' || (k % 3), NULL, k
      FROM generate_series(${[0, 500, 2400][round]}, ${[1999, 799, 2699][round]}) k ON CONFLICT (host, rack, time) DO UPDATE SET v = excluded.v`);
    await serial.query(`DELETE FROM regular WHERE i = 7 AND v > 8 AND n > ${round * 15_000}`);
    // The last round stays in memory.
    if (round < 2) await database.instance.flush();
  }
  // Versions of a point in two segments, which are not alike enough to be merged by themselves.
  await serial.query('DELETE FROM keyed WHERE n % 40 < 2');
  for (const table of hostileTables(5)) {
    await serial.query(toCreateTable(table));
    const inserts = toInserts(table);
    for (const [at, insert] of inserts.entries()) {
      await serial.query(insert);
      if (at === Math.floor(inserts.length * 0.8)) await serial.query('VACUUM');
    }
  }
}, 120_000);

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function outcome(session: SqlSession, text: string): Promise<readonly string[]> {
  try {
    const rows = await session.query(text);
    return rows.map((row) => row.map((value) => value ?? 'null').join(' | ')).sort();
  } catch (error) {
    return [`error ${(error as { code?: string }).code} ${(error as Error).message}`];
  }
}

const KEYS = [
  'host',
  'rack',
  "coalesce(host, 'none')",
  "time_bucket('1 hour', time)",
  "time_bucket('7 min', time)",
  "date_trunc('day', time, 'Asia/Kathmandu')",
  'i',
  's',
  'b',
  'i % 3',
  'd',
  'host || s',
];
/** What is exact, or as the first row in order has it. */
const AGGREGATES = [
  'count(*)',
  'count(v)',
  'sum(i)',
  'avg(i)',
  'sum(n)',
  'avg(n)',
  'min(n)',
  'max(n)',
  'min(v)',
  'max(v)',
  'max(r)',
  'min(s)',
  'max(s)',
  'min(time)',
  'max(time)',
  'sum(d)',
  'avg(d)',
  'stddev(d)',
  'stddev(i)',
  'var_pop(n)',
  'bool_and(b)',
  'bool_or(b)',
  'bit_or(i)',
  'first(v, time)',
  'last(s, time)',
  'max_by(n, v)',
  'histogram(v, 0, 10, 5)',
  'sum(i * 2)',
  'count(*) FILTER (WHERE i > 4)',
  'max(DISTINCT v)',
  'count(host)',
  'max(host)',
  'min(round(d, 2))',
  "sum(interval '1 s' * i)",
  // These are computed in one place.
  'count(DISTINCT i)',
  'array_agg(i ORDER BY i, n)',
  'percentile_disc(0.5) WITHIN GROUP (ORDER BY i)',
];
const FILTERS = [
  'v > 1',
  'n > 0',
  'i BETWEEN 2 AND 9',
  "s = 'x'",
  's IS NOT NULL',
  'i % 2 = 0',
  "host = 'a'",
  "host > 'a' OR rack = 1",
  'd > 0.3',
  'b',
  "s LIKE '🌡%'",
  "time >= '2024-03-30 06:00Z'",
  "time < '2024-03-31 01:30Z' AND time > '2024-03-30Z'",
  "date_part('hour', time AT TIME ZONE 'Europe/Berlin') < 12",
];

function randomQuery(): string {
  const keys = Array.from({ length: random.below(3) }, () => random.pick(KEYS));
  const aggregates = Array.from({ length: 1 + random.below(4) }, () => random.pick(AGGREGATES));
  const conditions = Array.from({ length: random.below(3) }, () => random.pick(FILTERS));
  const where =
    conditions.length === 0 ? '' : ` WHERE ${conditions.map((condition) => `(${condition})`).join(' AND ')}`;
  const numbers = keys.map((_, at) => at + 1).join(', ');
  return `SELECT ${[...keys, ...aggregates].map((item, at) => `${item} AS c${at}`).join(', ')}
    FROM ${random.pick(['regular', 'regular', 'keyed'])}${where}${keys.length === 0 ? '' : ` GROUP BY ${numbers}`}`;
}

describe('an aggregation that other threads help with', () => {
  test.each(Array.from({ length: 4 }, (_, round) => round))('gives what one thread gives alone (%i)', async (round) => {
    const before = database.shareCount;
    for (let query = 0; query < 25; query++) {
      const text = randomQuery();
      expect(await outcome(database.parallel, text), `${round}: ${text}`).toEqual(await outcome(database.serial, text));
    }
    expect(database.shareCount).toBeGreaterThan(before + 40);
    expect(database.declineCount).toBe(0);
  });

  test('gives it for hostile data as well', async () => {
    for (const { name, tagNames, fields } of hostileTables(5)) {
      const keys = [...tagNames.slice(0, 2), ...fields.slice(1, 2).map((field) => field.name)].map(quoteName);
      const aggregates = fields.flatMap((field) => [
        `count(${quoteName(field.name)})`,
        `max(${quoteName(field.name)})`,
      ]);
      for (const key of ['', ...keys, "time_bucket('1 day', time)"]) {
        const list = ['count(*)', 'min(time)', 'max(time)', ...aggregates]
          .join(', ')
          .replace(/max\("b"\)/, 'bool_or("b")');
        const text = `SELECT ${key === '' ? list : `${key}, ${list}`} FROM ${quoteName(name)} ${key === '' ? '' : 'GROUP BY 1'}`;
        expect(await outcome(database.parallel, text), text).toEqual(await outcome(database.serial, text));
      }
    }
  });

  test('adds floats in the same order each time, whoever is faster', async () => {
    const text = `SELECT host, sum(v / 3), avg(v * 0.1), stddev(v), regr_slope(v, r), sum(r) FROM regular GROUP BY host`;
    const expected = await outcome(database.parallel, text);
    for (let repeat = 0; repeat < 5; repeat++) {
      const others = [0, 1].map(() => database.serial.query('SELECT count(*) FROM regular WHERE v > 1'));
      expect(await outcome(database.parallel, text)).toEqual(expected);
      await Promise.allSettled(others);
    }
  });

  test('shows in EXPLAIN ANALYZE how many took part, and what all of them have read', async () => {
    const explained = async (session: SqlSession): Promise<string> =>
      (await outcomeInOrder(session, 'EXPLAIN (ANALYZE, TIMING OFF) SELECT i, sum(v) FROM regular GROUP BY i')).join(
        '\n',
      );
    const alone = await explained(database.serial);
    const together = await explained(database.parallel);
    expect(together).toMatch(/Workers Planned: 2\n\s*Workers Launched: 2/);
    expect(alone).not.toContain('Workers');
    expect(/Scan: .*/.exec(together)?.[0]).toBe(/Scan: .*/.exec(alone)?.[0]);
  });

  test('takes the newest versions of points elsewhere, and leaves out those that are deleted', async () => {
    const text = "SELECT host, count(*), sum(n), max(v) FROM keyed WHERE time < '2024-03-30 18:00Z' GROUP BY host";
    expect(await outcome(database.parallel, text)).toEqual(await outcome(database.serial, text));
    expect(await outcome(database.parallel, text.replace('WHERE', 'WHERE n % 40 < 2 AND'))).toEqual([]);
    const plan = (await outcomeInOrder(database.parallel, `EXPLAIN (ANALYZE, TIMING OFF) ${text}`)).join('\n');
    expect(Number(/(\d+) sole rows/.exec(plan)?.[1])).toBeGreaterThan(500);
    expect(plan).toMatch(/Workers Launched: [12]/);
  });

  test('knows its parameters, and the settings of its session', async () => {
    const text = `SELECT s, to_char(max(time), 'HH24:MI TZ'), count(*), sum(n + $2) FROM regular
      WHERE v > $1 AND time < $3 AND s <> $4 GROUP BY s ORDER BY s`;
    const parameters = ['2.5', '9007199254740993', '2024-03-31 03:00', 'x'];
    const before = database.shareCount;
    const declined = database.declineCount;
    for (const zone of ['UTC', 'America/New_York', '+05:30']) {
      for (const session of [database.parallel, database.serial]) await session.query(`SET TimeZone = '${zone}'`);
      const rows = await database.serial.query(text, parameters);
      expect(rows.length).toBeGreaterThan(100);
      expect(await database.parallel.query(text, parameters)).toEqual(rows);
    }
    for (const session of [database.parallel, database.serial]) await session.query('RESET TimeZone');
    expect(database.shareCount).toBeGreaterThan(before);
    expect(database.declineCount).toBe(declined);
  });

  test('is left to its own thread where another would have to ask the session', async () => {
    const declined = database.declineCount;
    const text = "SELECT host, count(to_regclass(s)) FROM regular WHERE s LIKE 'x%' GROUP BY host";
    expect(await outcome(database.parallel, text)).toEqual(await outcome(database.serial, text));
    expect(database.declineCount).toBeGreaterThan(declined);
  });

  test('fails with the error of the first row that has one', async () => {
    const text = 'SELECT host, sum(100 / (n - 5000)) FROM keyed WHERE i <> 5 GROUP BY host';
    await expect(database.parallel.query(`${text.replace('5000', '501')}`)).rejects.toMatchObject({ code: '22012' });
    expect(await outcome(database.parallel, text)).toEqual(await outcome(database.serial, text));
  });

  test('does not see rows of its own transaction elsewhere, and counts them', async () => {
    const { parallel } = database;
    await parallel.query('BEGIN');
    await parallel.query("INSERT INTO regular (time, host, v) VALUES ('2024-03-30', 'mine', 4)");
    await parallel.query("DELETE FROM regular WHERE host = 'c'");
    const rows = await outcome(parallel, 'SELECT host, count(v) FROM regular WHERE v < 100 GROUP BY host');
    expect(rows).toContain('mine | 1');
    expect(rows.some((row) => row.startsWith('c |'))).toBe(false);
    await parallel.query('ROLLBACK');
    expect(await outcome(parallel, 'SELECT host, count(v) FROM regular WHERE v < 100 GROUP BY host')).toEqual(
      await outcome(database.serial, 'SELECT host, count(v) FROM regular WHERE v < 100 GROUP BY host'),
    );
  });

  test('ends when it is cancelled, wherever it is being computed', async () => {
    const { parallel } = database;
    const running = parallel.query('SELECT s, n, count(*), sum(d), stddev(d), max(d) FROM regular GROUP BY s, n');
    const cancelled = expect(running).rejects.toMatchObject({ code: '57014' });
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    parallel.session.cancel('user');
    await cancelled;
    expect(await outcome(parallel, 'SELECT 1')).toEqual(['1']);
  });

  test.each([true, false])('does itself what the others have not answered (do they ever: %s)', async (answers) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidewire-parallel-'));
    const impatient = await openParallelDatabase(folder, { isAlwaysAwaited: false, answers });
    try {
      const { serial, parallel } = impatient;
      await serial.query(`CREATE TABLE regular (${COLUMNS}) WITH (${SERIES})`);
      await serial.query(`INSERT INTO regular (time, host, v, i, s) SELECT timestamptz '2024-03-30 00:00Z' + k * interval '5 s',
        chr(97 + k % 3), k / 8.0, k % 11, 's' || k % 700 FROM generate_series(0, 20000) k`);
      await impatient.instance.flush();
      const text = 'SELECT host, s, count(*), sum(v), max(i) FROM regular WHERE i <> 5 GROUP BY host, s';
      const rows = await outcome(serial, text);
      for (let round = 0; round < 5; round++) expect(await outcome(parallel, text)).toEqual(rows);
      const plan = (await outcomeInOrder(parallel, `EXPLAIN (ANALYZE, TIMING OFF) ${text}`)).join('\n');
      expect(plan).toMatch(/Workers Launched: 2/);
    } finally {
      await impatient.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function outcomeInOrder(session: SqlSession, text: string): Promise<(string | null)[]> {
  return (await session.query(text)).map(([line]) => line);
}
