import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const SYMBOLS = ["'a'", "'b'", "''", "'__proto__'", "'🌡️'", 'NULL'];
const VENUES = ["'x'", "'y'", 'NULL'];
/** Many rows at few times, and some where microseconds are no doubles any more. */
const TIMES = ["'0001-01-01Z'", "'9999-12-31 23:59:59.999999Z'", "'1999-12-31 23:59:59.999999Z'"];

let directory: string;
let database: Database;
const random = new SeededRandom(20);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-as-of-'));
  database = await Database.open(directory);
  const timeSeries = (tags: string): string =>
    `WITH (tidewire.time = 'time', tidewire.tags = '${tags}', tidewire.partition = '1 hour')`;
  await query(`CREATE TABLE keyed (time timestamptz NOT NULL, sym text, venue text, bid float8, n int,
    UNIQUE NULLS NOT DISTINCT (sym, venue, time)) ${timeSeries('sym, venue')}`);
  await query(`CREATE TABLE keyless (time timestamptz NOT NULL, sym text, venue text, bid float8, n int)
    ${timeSeries('sym, venue')}`);
  await query('CREATE TABLE plain (time timestamptz, sym text, venue text, bid float8, n int)');
  await query('CREATE INDEX ON plain (venue)');
  await query(
    `CREATE TABLE trades (time timestamptz NOT NULL, sym text, id int, due timestamptz) ${timeSeries('sym')}`,
  );
  for (let round = 0; round < 3; round++) {
    for (const table of ['keyed', 'keyless', 'plain']) {
      const rows = new Map<string, string>();
      for (let n = 0; n < 400; n++) {
        const key = `${time(round)}, ${random.pick(SYMBOLS)}, ${random.pick(VENUES)}`;
        const bid = random.pick(['NULL', "'NaN'", String(random.below(10))]);
        rows.set(table === 'keyed' ? key : `${key} ${n}`, `(${key}, ${bid}, ${round * 1000 + n})`);
      }
      const onConflict = table === 'keyed' ? 'ON CONFLICT DO NOTHING' : '';
      await query(`INSERT INTO ${table} VALUES ${[...rows.values()].join(', ')} ${onConflict}`);
      if (table === 'plain') await query(`INSERT INTO plain VALUES (NULL, 'a', 'x', 1, -1)`);
      await query(`DELETE FROM ${table} WHERE n % 10 = ${round} AND sym <> 'b'`);
      await query(`UPDATE ${table} SET bid = 11 WHERE n % 17 = ${round}`);
    }
    const trades = Array.from({ length: 60 }, (_, row) => {
      const due = random.pick(['NULL', time(round)]);
      return `(${time(round)}, ${random.pick([...SYMBOLS, "'nowhere'"])}, ${round * 1000 + row}, ${due})`;
    });
    await query(`INSERT INTO trades VALUES ${trades.join(', ')}`);
    // Closing writes everything to disk: the last round stays in memory.
    if (round < 2) await reopen();
  }
}, 60_000);

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function reopen(options: { readonly queryMemoryBytes?: number } = {}): Promise<void> {
  await database.close();
  database = await Database.open(directory, options);
}

function time(round: number): string {
  if (random.below(30) === 0) return `${random.pick(TIMES)}::timestamptz`;
  const minute = round * 60 + random.below(150);
  return `'2024-01-01Z'::timestamptz + interval '${minute} min ${random.pick([0, 0, 1])} us'`;
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.query(text)).rows;
}

function texts(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => Object.values(row).map(String).join(' | '));
}

/** In some order. */
async function rowsOf(text: string): Promise<string[]> {
  return texts(await query(text)).sort();
}

async function explained(text: string): Promise<string> {
  return texts(await query(`EXPLAIN ${text}`)).join('\n');
}

/** The same, in words that the optimizer does not take for the first row alone. */
function plain(text: string): string {
  return text.replaceAll('LIMIT 1', 'LIMIT (SELECT 1)');
}

/** Over random shapes: every one of them names one row, or the same one whichever it takes of equal ones. */
function randomQuery(): string {
  const table = random.pick(['keyed', 'keyless', 'plain']);
  const isLatest = random.below(2) === 0;
  const bound = random.pick(['t.time', 't.time', 't.due', "t.time + interval '5 min'"]);
  const operator = random.pick(isLatest ? ['<=', '<'] : ['>=', '>']);
  const conditions = [
    random.pick([
      'q.sym = t.sym',
      'q.sym = t.sym',
      't.sym = q.sym AND q.venue = $$x$$',
      'q.venue = t.sym',
      'q.n % 3 = t.id % 3',
    ]),
    random.pick([
      `q.time ${operator} ${bound}`,
      `${bound} ${operator.replace(/[<>]/, (sign) => (sign === '<' ? '>' : '<'))} q.time`,
    ]),
  ];
  const width = random.pick(['1 min', '20 min', '2 days']);
  const isWithin = random.below(3) === 0;
  if (isWithin)
    conditions.push(isLatest ? `q.time > t.time - interval '${width}'` : `q.time <= t.time + interval '${width}'`);
  if (random.below(3) === 0)
    conditions.push(random.pick(['q.bid IS NOT NULL', 'q.bid < 5', "q.time < '2024-01-01 02:00Z'", 'q.sym <> $$b$$']));
  const direction = isLatest ? 'DESC' : 'ASC';
  const ties = random.pick(['q.n', 'q.n DESC', 'q.venue DESC NULLS LAST, q.bid, q.n', 'q.bid DESC, q.n']);
  const type = random.pick(['LEFT', 'INNER']);
  const on = random.pick(['true', 'true', 'b.bid > 3', 'b.n % 2 = t.id % 2']);
  const where = random.pick([
    '',
    '',
    "WHERE t.time >= '2024-01-01 03:00Z'",
    'WHERE t.id % 50 = 7',
    'WHERE b.bid IS NULL',
    'WHERE false',
  ]);
  const values = random.pick(['*', 'q.bid, q.n, q.time', 'coalesce(q.bid, 0) AS bid, q.n, q.bid - t.id AS spread']);
  return `SELECT t.id, t.time AS at, b.* FROM trades t ${type} JOIN LATERAL
    (SELECT ${values} FROM ${table} q WHERE ${conditions.join(' AND ')} ORDER BY q.time ${direction}, ${ties} LIMIT 1) b
    ON ${on} ${where}`;
}

describe('an as-of join gives what the subquery gives for each row', () => {
  const queries = Array.from({ length: 40 }, randomQuery);
  const expected = new Map<string, string[]>();

  test('with all of it in memory', async () => {
    let joined = 0;
    for (const text of queries) {
      expected.set(text, await rowsOf(plain(text)));
      expect(await rowsOf(text), text).toEqual(expected.get(text));
      if ((await explained(text)).includes('As-Of')) joined++;
    }
    expect(joined).toBeGreaterThan(queries.length * 0.7);
  }, 120_000);

  test('with what the transaction itself has written', async () => {
    await query('BEGIN');
    for (const table of ['keyed', 'keyless', 'plain']) {
      const time = "'2024-01-01 01:00:00.5Z'";
      await query(`INSERT INTO ${table} VALUES (${time}, 'a', 'own', 4, 5000), (${time}, 'new', 'own', 4, 5001)`);
      await query(`DELETE FROM ${table} WHERE n % 7 = 3`);
    }
    await query("INSERT INTO trades VALUES ('2024-01-01 01:01Z', 'new', 9000, NULL)");
    for (const text of queries.slice(0, 15)) expect(await rowsOf(text), text).toEqual(await rowsOf(plain(text)));
    await query('ROLLBACK');
  }, 120_000);
});

test('sides that memory has no room for are sorted on disk, and give the same', async () => {
  const columns = "(g * 7919) % 6007 AS second, nullif('k' || g % 11, 'k3') AS key, g AS id";
  await query(`CREATE TABLE many AS SELECT ${columns} FROM generate_series(1, 20000) AS g`);
  await query(`CREATE TABLE others AS SELECT ${columns}, g % 5 AS extra FROM generate_series(1, 9000) AS g`);
  await query('INSERT INTO many SELECT NULL, key, -id FROM many WHERE id < 50');
  const queries = [
    ['LEFT', 'q.second <= t.second', 'DESC', 'true'],
    ['INNER', 'q.second < t.second - 100 AND q.second > t.second - 2000', 'DESC', 'true'],
    ['LEFT', 'q.second > t.second', 'ASC', 'q.id % 2 = t.extra % 2'],
    ['INNER', 'q.second >= t.second AND q.second <= t.second + t.extra', 'ASC', 'true'],
  ].map(
    ([type, bounds, direction, on]) => `SELECT t.id, q.id AS found, q.second FROM others t ${type} JOIN LATERAL
      (SELECT * FROM many q WHERE q.key = t.key AND ${bounds} ORDER BY q.second ${direction}, q.id LIMIT 1) q ON ${on}`,
  );
  const expected: string[][] = [];
  for (const text of queries) expected.push(await rowsOf(text));
  expect(expected.every((rows) => rows.length > 500)).toBe(true);
  await reopen({ queryMemoryBytes: 800 * 1024 });
  try {
    for (const [at, text] of queries.entries()) {
      expect(await rowsOf(text), text).toEqual(expected[at]);
      const sums = `SELECT count(*), sum(id), sum(found) FROM (${text}) x`;
      const lines = texts(await query(`EXPLAIN (ANALYZE, COSTS off, TIMING off) ${sums}`));
      expect(lines.join('\n')).toMatch(/As-Of(?:(?!->)[\s\S])*Disk Usage: \d+kB/);
    }
  } finally {
    await reopen();
  }
}, 120_000);

test('of several rows at one time it is the nearest by nanoseconds, then the newest, wherever they are stored', async () => {
  const noon = 1_704_110_400_000_000_000n;
  const point = (venue: string, nanoseconds: number, n: number): string =>
    `fine,sym=a,venue=${venue} n=${n}i ${noon + BigInt(nanoseconds)}`;
  await database.write([point('x', 700, 1), point('y', 100, 2), point('x', 1200, 3)].join('\n'));
  await query(
    "INSERT INTO keyless VALUES ('2024-01-01 12:00Z', 'tie', 'x', 1, 1), ('2024-01-01 12:00Z', 'tie', 'y', 1, 2)",
  );
  const nearest = async (table: string, sym: string, conditions: string, order: string): Promise<unknown> => {
    const rows =
      await query(`SELECT b.n FROM (VALUES ('${sym}', '2024-01-01 12:00Z'::timestamptz)) AS t (sym, time) JOIN LATERAL
      (SELECT n FROM ${table} q WHERE q.sym = t.sym AND ${conditions} ORDER BY q.time ${order} LIMIT 1) b ON true`);
    return Number(Object.values(rows[0] ?? {})[0]);
  };
  const check = async (newest: number): Promise<void> => {
    expect(await nearest('fine', 'a', 'q.time <= t.time', 'DESC')).toBe(5);
    expect(await nearest('fine', 'a', 'q.time >= t.time', 'ASC')).toBe(2);
    expect(await nearest('fine', 'a', 'true', 'DESC')).toBe(3);
    expect(await nearest('keyless', 'tie', 'q.time <= t.time', 'DESC')).toBe(newest);
    expect(await nearest('keyless', 'tie', 'q.time >= t.time', 'ASC')).toBe(newest);
    expect(await nearest('keyless', 'tie', 'true', 'DESC')).toBe(newest);
  };
  await database.write([point('y', 600, 4), point('z', 800, 5)].join('\n'));
  await check(2);
  await reopen();
  await query("INSERT INTO keyless VALUES ('2024-01-01 12:00Z', 'tie', 'x', 1, 7)");
  await check(7);
  await reopen();
  await check(7);
  await query('BEGIN');
  await query("INSERT INTO keyless VALUES ('2024-01-01 12:00Z', 'tie', 'v', 1, 8)");
  await check(8);
  await query('ROLLBACK');
  await check(7);
});

test('rows of a time-series table may be ordered by another column than their time', async () => {
  const text = `SELECT t.id, b.n FROM trades t LEFT JOIN LATERAL
    (SELECT n FROM keyed q WHERE q.sym = t.sym AND q.n <= t.id * 2 ORDER BY q.n DESC LIMIT 1) b ON true`;
  expect(await explained(text)).toContain('As-Of');
  expect(await rowsOf(text)).toEqual(await rowsOf(plain(text)));
});

test('a row may look for all times', async () => {
  const text = `SELECT t.at, b.n FROM (VALUES ('infinity'::timestamptz), ('-infinity'), ('0001-01-02Z'), (NULL)) t (at) LEFT JOIN LATERAL
    (SELECT n FROM keyed q WHERE q.sym = 'b' AND q.time <= t.at ORDER BY q.time DESC, q.n LIMIT 1) b ON true`;
  expect(await rowsOf(text)).toEqual(await rowsOf(plain(text)));
});
