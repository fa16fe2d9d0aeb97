import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../../src/index.ts';

const ROWS = 5000;
const START_NANOSECONDS = 1704067200_000000000n;

let directory: string;
let database: Database;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-late-'));
  database = await Database.open(directory);
});

afterEach(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function run(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.query(text)).rows;
}

/** The one row of aggregates, as texts. */
async function only(aggregates: readonly string[], from: string): Promise<string[]> {
  const list = aggregates.map((aggregate, place) => `${aggregate} AS c${place}`).join(', ');
  return Object.values((await run(`SELECT ${list} FROM ${from}`))[0]!).map(String);
}

/** What EXPLAIN ANALYZE counts. */
async function costOf(text: string): Promise<{ unitsRead: number; merged: number }> {
  const plan = (await run(`EXPLAIN (ANALYZE, TIMING OFF) ${text}`)).map((row) => Object.values(row).join()).join('\n');
  expect(plan).toContain('Fused Scan');
  const [, unitsRead, merged] = /(\d+) units read.* (\d+) merged rows/.exec(plan)!;
  return { unitsRead: Number(unitsRead), merged: Number(merged) };
}

/** Points a second apart with x = their number, y = 1, on disk. */
async function writePoints(): Promise<void> {
  const line = (n: number): string => `m,host=a x=${n}i,y=1 ${START_NANOSECONDS + BigInt(n) * 1_000_000_000n}`;
  await database.write(Array.from({ length: ROWS }, (_, n) => line(n)).join('\n'));
  await run('VACUUM');
}

const correct = (n: number, fields: string): Promise<unknown> =>
  database.write(`m,host=a ${fields} ${START_NANOSECONDS + BigInt(n) * 1_000_000_000n}`);

const SUM = (ROWS * (ROWS - 1)) / 2;

describe('a table without a key', () => {
  beforeEach(async () => {
    await run(`CREATE TABLE log (time timestamptz NOT NULL, host text, n bigint, v float8)
      WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
    await run(`INSERT INTO log SELECT timestamptz '2024-01-01Z' + k * interval '1 s', 'a', k, k / 4.0
      FROM generate_series(0, ${ROWS - 1}) k`);
    await run('VACUUM');
  });

  test('has the units of its deleted rows read once, and no others', async () => {
    await run('DELETE FROM log WHERE n IN (1100, 1101, 1500)');
    expect(await costOf('SELECT count(*) FROM log')).toEqual({ unitsRead: 0, merged: 0 });
    expect(await costOf('SELECT sum(n), max(n) FROM log')).toEqual({ unitsRead: 1, merged: 0 });
    expect(await costOf('SELECT avg(n), min(n) FROM log')).toEqual({ unitsRead: 0, merged: 0 });
    expect(await only(['count(*)', 'count(n)', 'sum(n)', 'min(v)'], 'log')).toEqual([
      String(ROWS - 3),
      String(ROWS - 3),
      String(SUM - 3701),
      '0',
    ]);
    await run('DELETE FROM log WHERE n = 0 OR n = 1102');
    expect(await costOf('SELECT sum(n) FROM log')).toEqual({ unitsRead: 2, merged: 0 });
    expect(await only(['sum(n)', 'min(n)'], 'log')).toEqual([String(SUM - 4803), '1']);
  });

  test('takes late rows as a layer of their own', async () => {
    await run(`INSERT INTO log SELECT timestamptz '2024-01-01Z' + k * interval '7 s', 'a', 9223372036854775807, NULL
      FROM generate_series(0, 99) k`);
    expect(await costOf('SELECT count(*), sum(n), max(n) FROM log')).toEqual({ unitsRead: 0, merged: 0 });
    expect(await only(['count(*)', 'sum(n)', 'max(n)', 'count(v)'], 'log')).toEqual([
      String(ROWS + 100),
      String(BigInt(SUM) + 100n * 9223372036854775807n),
      '9223372036854775807',
      String(ROWS),
    ]);
  });

  test('has the rows of far years in buckets beside the others', async () => {
    await run(`INSERT INTO log VALUES ('0001-01-01 00:30Z', 'a', 1, 1), ('0001-01-01 00:40Z', 'b', 2, 1),
      ('9999-12-31 23:59:59.999999Z', NULL, 3, 1), ('9999-12-31 23:00Z', NULL, NULL, 1)`);
    const text = `SELECT time_bucket('1 hour', time) AS h, count(*), sum(n) FROM log WHERE n < 3600 OR n IS NULL
      GROUP BY h ORDER BY h`;
    expect((await run(text)).map((row) => Object.values(row).map(String).join())).toEqual(
      (await run(text.replace('FROM log', 'FROM (SELECT * FROM log OFFSET 0) q'))).map((row) =>
        Object.values(row).map(String).join(),
      ),
    );
    expect((await run(text)).map(({ count }) => Number(count))).toEqual([2, 3600, 2]);
    expect(await costOf(text)).toMatchObject({ merged: 0 });
    const latest = await run(text.replace('ORDER BY h', 'ORDER BY h DESC LIMIT 1'));
    expect(latest.map(({ count }) => Number(count))).toEqual([2]);
  });
});

describe('a table whose points have versions', () => {
  beforeEach(writePoints);

  test('has the older one masked where the newer has all that is asked for', async () => {
    await correct(1200, 'x=-7i,y=2');
    await correct(4900, 'y=5');
    // The times of two units, and the unit that has another x now: nothing is known of it but with the older one.
    expect((await costOf('SELECT sum(x) FROM m WHERE time < $$2024-01-01 01:00Z$$')).merged).toBe(0);
    expect(await only(['count(*)', 'sum(x)', 'sum(y)'], 'm')).toEqual([
      String(ROWS),
      String(SUM - 1207),
      String(ROWS + 5),
    ]);
    expect((await costOf('SELECT count(*) FROM m')).unitsRead).toBe(2);
  });

  test('has those points merged that lack something', async () => {
    await correct(4900, 'y=5');
    await correct(4901, 'x=0i');
    expect((await costOf('SELECT sum(x) FROM m')).merged).toBe(2);
    expect((await costOf('SELECT sum(y) FROM m')).merged).toBe(2);
    expect((await costOf('SELECT count(*) FROM m')).merged).toBe(0);
    expect(await only(['sum(x)', 'sum(y)'], 'm WHERE y < 9')).toEqual([String(SUM - 4901), String(ROWS + 4)]);
  });
});
