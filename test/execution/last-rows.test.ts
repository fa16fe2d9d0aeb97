import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';

let directory: string;
let database: Database;

/** Two tags, of which one may be NULL and one is a number; late rows, rows changed and deleted, in memory and on disk. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-last-rows-'));
  database = await Database.open(directory);
  await query(
    `CREATE TABLE cpu (time timestamptz NOT NULL, host text, slot int, usage float8, note text, UNIQUE NULLS NOT DISTINCT (host, slot, time))
      WITH (tidewire.time = 'time', tidewire.tags = 'host, slot', tidewire.partition = '1 day')`,
  );
  const random = new SeededRandom(4);
  for (let round = 0; round < 4; round++) {
    const rows = new Map<string, string>();
    for (let row = 0; row < 3000; row++) {
      const host = random.pick(["'a'", "'b'", "''", "'__proto__'", 'NULL']);
      const slot = random.pick(['1', '2', '3', 'NULL']);
      const second = round * 50_000 + random.below(120_000) * (slot === '3' ? 0.1 : 1);
      const time = `'2024-01-01 00:00:00Z'::timestamptz + interval '${second.toFixed(3)}${row}${round} s'`;
      const usage = random.pick(['NULL', '100', String(random.below(100))]);
      rows.set(`${host} ${slot} ${time}`, `(${time}, ${host}, ${slot}, ${usage}, 'n${row}')`);
    }
    await query(`INSERT INTO cpu VALUES ${[...rows.values()].join(', ')}`);
    await query(`DELETE FROM cpu WHERE slot = 2 AND time > '2024-01-0${round + 1} 20:00:00Z'`);
    await query(`UPDATE cpu SET usage = -1 WHERE host = 'a' AND note = 'n${round}'`);
    if (round % 2 === 0) {
      // Closing writes everything to disk.
      await database.close();
      database = await Database.open(directory);
    }
  }
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function query(text: string): Promise<readonly unknown[]> {
  return (await database.query(text)).rows;
}

/** The same, in words that the optimizer does not take for an order by time. */
function plain(text: string): string {
  return text
    .replaceAll('time DESC', "time + interval '0 s' DESC")
    .replaceAll('max(time)', "max(time + interval '0 s')")
    .replaceAll(', time)', ", time + interval '0 s')")
    .replaceAll('GROUP BY host, slot ORDER', 'GROUP BY host, slot HAVING count(*) > 0 ORDER')
    .replaceAll('LIMIT 1) l', 'LIMIT (SELECT 1)) l');
}

const conditions = [
  '',
  "WHERE host = 'a'",
  'WHERE host IS NULL',
  'WHERE slot <> 1',
  "WHERE host ~ '^_' OR slot = 3",
  "WHERE time < '2024-01-02 03:00:00Z'",
  "WHERE time >= '2024-01-02' AND time < '2024-01-02 12:00:00Z' AND slot BETWEEN 1 AND 2",
  'WHERE usage = 100',
  'WHERE usage IS NULL AND slot = 1',
  'WHERE 10 / (slot - 3) < 100 AND slot < 3',
  'WHERE note LIKE $$%7$$',
];

describe('the last rows are the same, found by entries or by sorting all', () => {
  for (const condition of conditions) {
    test(condition === '' ? 'all rows' : condition, async () => {
      for (const text of [
        `SELECT DISTINCT ON (host, slot) * FROM cpu ${condition} ORDER BY host, slot, time DESC`,
        `SELECT DISTINCT ON (slot, host) time, slot, note FROM cpu ${condition} ORDER BY host DESC, slot, time DESC`,
        `SELECT DISTINCT ON (host) host, time, usage, note FROM cpu ${condition} ORDER BY host, time DESC`,
        `SELECT DISTINCT ON (slot) slot, host, time FROM cpu ${condition} ORDER BY slot, time DESC, host LIMIT 2`,
        `SELECT count(*), sum(usage) FROM (SELECT DISTINCT ON (host, slot) * FROM cpu ${condition} ORDER BY host, slot, time DESC) x WHERE usage > 10`,
        `SELECT DISTINCT host, slot FROM cpu ${condition} GROUP BY host, slot ORDER BY host, slot`,
        `SELECT host, slot, max(time), last(usage, time), last(note || slot, time) FROM cpu ${condition} GROUP BY host, slot ORDER BY host, slot`,
        `SELECT slot + 1 AS s, max(time), max(host) FROM cpu ${condition} GROUP BY slot + 1 ORDER BY s`,
        `SELECT host, max(time) FILTER (WHERE slot > 1), min(slot) FROM cpu ${condition} GROUP BY ROLLUP (host) ORDER BY host, max(time)`,
        `SELECT max(time), last(note, time), max_by(usage, time) FROM cpu ${condition}`,
        `SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY host, slot ORDER BY time DESC) AS n FROM cpu ${condition}) x WHERE n = 1 AND note <> 'n7' ORDER BY host, slot`,
        `SELECT time, host FROM (SELECT *, row_number() OVER (ORDER BY time DESC, note) AS n FROM cpu ${condition}) x WHERE n < 2`,
        `SELECT h.*, l.* FROM (SELECT DISTINCT host FROM cpu) h LEFT JOIN LATERAL (SELECT time, usage, note FROM cpu c ${condition === '' ? 'WHERE true' : condition} AND c.host = h.host ORDER BY time DESC LIMIT 1) l ON usage IS NOT NULL ORDER BY 1`,
        `SELECT h.host, (SELECT coalesce(note, '-') FROM cpu c ${condition === '' ? 'WHERE true' : condition} AND c.host = h.host ORDER BY time DESC LIMIT 1) l FROM (SELECT DISTINCT host FROM cpu) h ORDER BY 1`,
        `SELECT * FROM cpu WHERE (host, slot, time) IN (SELECT host, slot, max(time) FROM cpu ${condition} GROUP BY host, slot) ORDER BY host, slot`,
        `SELECT * FROM cpu ${condition} ORDER BY time DESC LIMIT 1`,
        `SELECT * FROM cpu ${condition} ORDER BY time DESC, note LIMIT 7 OFFSET 3`,
        `SELECT host, slot, time, usage FROM cpu ${condition} ORDER BY time DESC LIMIT 2500`,
        `SELECT count(*), max(note) FROM (SELECT * FROM cpu ${condition} ORDER BY time DESC LIMIT 100000) x`,
      ]) {
        expect(await query(text)).toEqual(await query(plain(text)));
      }
    });
  }
});

test('of rows at one time the other sort keys decide, however many series have one', async () => {
  await query(`CREATE TABLE ticks (time timestamptz NOT NULL, host text, n int, PRIMARY KEY (host, time))
    WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
  const rows = Array.from(
    { length: 60 },
    (_, n) => `('2024-01-01Z', 'h${n}', ${(n * 37) % 60}), ('2023-01-01Z', 'h${n}', 0)`,
  );
  await query(`INSERT INTO ticks VALUES ${rows.join(', ')}`);
  const newest = await query('SELECT n FROM ticks ORDER BY time DESC, n DESC LIMIT 5');
  expect(newest).toEqual([59, 58, 57, 56, 55].map((n) => ({ n })));
  expect(
    await query('SELECT count(*) AS n FROM (SELECT * FROM ticks ORDER BY time DESC LIMIT 61) x WHERE n > 0'),
  ).toEqual([{ n: 59n }]);
});

test('rows of the transaction itself count, and go with it', async () => {
  const last = 'SELECT DISTINCT ON (host, slot) time, host, slot, usage FROM cpu ORDER BY host, slot, time DESC';
  const newest = 'SELECT time, host, usage FROM cpu ORDER BY time DESC LIMIT 3';
  const before = [await query(last), await query(newest)];
  await query('BEGIN');
  await query("INSERT INTO cpu VALUES ('2024-02-01Z', 'new', 9, 1, ''), ('2024-02-02Z', 'a', 1, 2, '')");
  await query("DELETE FROM cpu WHERE host = 'b' AND time > '2024-01-02Z'");
  for (const text of [last, newest]) expect(await query(text)).toEqual(await query(plain(text)));
  expect((await query(newest))[0]).toMatchObject({ host: 'a', usage: 2 });
  await query('ROLLBACK');
  expect([await query(last), await query(newest)]).toEqual(before);
});

test('an error in a condition on tags is raised where a row would show it, and only there', async () => {
  const last = (condition: string) =>
    query(`SELECT DISTINCT ON (host, slot) * FROM cpu WHERE ${condition} ORDER BY host, slot, time DESC`);
  await expect(last('10 / (slot - 3) > 0')).rejects.toMatchObject({ code: '22012' });
  await expect(query('SELECT * FROM cpu WHERE 10 / (slot - 3) > 0 ORDER BY time DESC LIMIT 1')).rejects.toMatchObject({
    code: '22012',
  });
  expect(await last("10 / (slot - 3) > 0 AND time > '2030-01-01'")).toEqual([]);
});

test('EXPLAIN tells which scan gives the newest rows', async () => {
  const explained = async (text: string): Promise<string> =>
    (await database.query(`EXPLAIN ${text}`)).rows.map((row) => String(Object.values(row)[0])).join('\n');
  const newest = 'SELECT time, host, usage FROM cpu ORDER BY time DESC LIMIT 3';
  expect(await explained(newest)).toContain('Newest First Scan on cpu');
  expect(await explained(plain(newest))).not.toContain('Newest First Scan');
  expect(await query(newest)).toHaveLength(3);
});

test('EXPLAIN ANALYZE says how little is read', async () => {
  const text = 'SELECT DISTINCT ON (host, slot) * FROM cpu ORDER BY host, slot, time DESC';
  const lines = (await database.query(`EXPLAIN ANALYZE ${text}`)).rows.map((row) => String(Object.values(row)[0]));
  expect(lines.some((line) => line.includes('Last Row Scan on cpu'))).toBe(true);
  const [, series, units] = /Scan: (\d+) series, (\d+) units read/.exec(lines.join('\n'))!;
  expect(Number(series)).toBe(20);
  expect(Number(units)).toBeLessThanOrEqual(20 * 3);
});
