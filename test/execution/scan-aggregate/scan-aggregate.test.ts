import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/index.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

/** Exact in binary, so that a sum does not depend on the order of its addends. */
const DOUBLES = ['NULL', "'NaN'", '0', "'-0'", '1.5', '-2.25', '1024', "'Infinity'", "'-Infinity'", '1e200', '-1e155'];
const BIGINTS = [
  'NULL',
  '0',
  '-7',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '4611686018427387904',
];
const HOSTS = ["'a'", "'b'", "''", "'__proto__'", "'🌡️'", 'NULL'];
const TABLES = ['keyed', 'keyless', 'mixed', 'regular', 'regular', 'plain'];

let directory: string;
let database: Database;
const random = new SeededRandom(31);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-fused-'));
  database = await Database.open(directory);
  const columns =
    'time timestamptz NOT NULL, host text, rack int, v float8, n bigint, i int, r real, s text, at timestamptz, d numeric';
  const series = `WITH (tidewire.time = 'time', tidewire.tags = 'host, rack', tidewire.partition = '12 hours')`;
  await run(`CREATE TABLE keyed (${columns}, UNIQUE NULLS NOT DISTINCT (host, rack, time)) ${series}`);
  await run(`CREATE TABLE keyless (${columns}) ${series}`);
  await run(`CREATE TABLE regular (${columns}) ${series}`);
  await run(`CREATE TABLE plain (${columns})`);
  for (let round = 0; round < 3; round++) {
    for (const table of ['keyed', 'keyless']) await run(insertHostile(table, round));
    // Series of several units each, and times in order.
    await run(`INSERT INTO regular SELECT timestamptz '2024-03-30 00:00Z' + k * interval '5 s',
      chr(97 + (k % 3)), k % 3, (k % 37) / 4.0, k * 3 - 5000, k % 11, (k % 5) / 2.0,
      repeat('x', k % 4), timestamptz '2024-01-01Z' + k * interval '1 min', (k % 9) / 10.0
      FROM generate_series(${round * 5000}, ${round * 5000 + 4999}) k`);
    await run(`DELETE FROM regular WHERE i = 7 AND v > 8 AND n > ${round * 15_000}`);
    await run(`UPDATE regular SET v = NULL WHERE n = ${round * 15_000}`);
    // The last round stays in memory.
    if (round < 2) await run('VACUUM');
  }
  await run('INSERT INTO plain SELECT * FROM keyless');
  for (const table of ['mixed', 'whole']) {
    await run(`CREATE TABLE ${table} (${columns}) ${series}`);
    await run(`INSERT INTO ${table} SELECT * FROM regular`);
  }
  await run('VACUUM mixed, whole');
  await run(insertHostile('mixed', 9));
  await database.write(
    Array.from(
      { length: 60 },
      (_, n) => `fine,host=${'ab'[n % 2]} v=${n % 7},n=${n}i ${1704067200_000000000n + BigInt(n % 20) * 500n}`,
    ).join('\n'),
  );
}, 120_000);

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function reopen(options: { readonly queryMemoryBytes?: number } = {}): Promise<void> {
  await database.close();
  database = await Database.open(directory, options);
}

async function run(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.query(text)).rows;
}

function insertHostile(table: string, round: number): string {
  const rows = new Map<string, string>();
  for (let n = 0; n < 700; n++) {
    const at = `timestamptz '2024-03-30 00:00Z' + interval '${random.below(4000)} min ${random.pick([0, 0, 1])} us'`;
    const time =
      random.below(40) === 0 ? `timestamptz '${random.pick(['0001-01-01Z', '1999-12-31 23:59:59.999999Z'])}'` : at;
    const key = `${time}, ${random.pick(HOSTS)}, ${random.pick(['1', '2', 'NULL'])}`;
    const values = [
      random.pick(DOUBLES),
      random.pick(BIGINTS),
      random.pick(['NULL', String(random.below(12))]),
      random.pick(['NULL', '0.5', "'NaN'"]),
      random.pick(['NULL', "'x'", "''", "'ü'"]),
      random.pick(['NULL', "'infinity'", "'-infinity'", "'2024-01-01Z'"]),
      random.pick(['NULL', '1.10', '1.1', "'NaN'", '12345678901234567890.5']),
    ];
    rows.set(table === 'keyed' ? key : `${key} ${n}`, `(${key}, ${values.join(', ')})`);
  }
  return `INSERT INTO ${table} VALUES ${[...rows.values()].join(', ')} ${table === 'keyed' ? 'ON CONFLICT DO NOTHING' : ''}`.replaceAll(
    `$round`,
    String(round),
  );
}

/** Rows as texts, in some order; doubles to twelve digits. */
async function rowsOf(text: string): Promise<string[]> {
  const rows = await run(text);
  return rows.map((row) => Object.values(row).map(valueText).join(' | ')).sort();
}

function valueText(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value)) return value.toPrecision(12);
  return Object.is(value, -0) ? '0' : String(value);
}

/** The outcome of a query: its rows or its SQLSTATE. */
async function outcome(text: string): Promise<readonly string[]> {
  try {
    return await rowsOf(text);
  } catch (error) {
    return [`error ${(error as { sqlState?: string }).sqlState}`];
  }
}

/** The same over a subquery that the scan cannot be fused with. */
function unfused(text: string): string {
  return text.replace(/FROM (\w+)/, 'FROM (SELECT * FROM $1 OFFSET 0) q');
}

const BUCKETS = [
  "time_bucket('1 hour', time)",
  "time_bucket('7 min', time, '3 min'::interval)",
  "time_bucket('1 month', time)",
  "time_bucket('1 day', time, 'Europe/Berlin')",
  "time_bucket('2 hours', time, 'Australia/Lord_Howe')",
  "date_trunc('day', time, 'Asia/Kathmandu')",
  "date_bin('15 min', time, '2024-01-01 00:01Z')",
];
const TAG_KEYS = ['host', 'rack', 'rack + 0', 'coalesce(host, $$none$$)', 'upper(host)'];
const FIELD_KEYS = [
  'i',
  'i',
  'n',
  'v',
  's',
  's',
  'r',
  'at',
  'd',
  'time',
  'i % 3',
  '10 / i',
  'v > 1',
  'i IS NULL',
  'host || s',
  'CASE WHEN i > 4 THEN host ELSE s END',
  "date_part('hour', time)",
  "date_trunc('month', at)",
  "time_bucket('1 hour', time)",
];
const AGGREGATES = [
  'count(*)',
  'count(v)',
  'count(s)',
  'sum(i)',
  'avg(i)',
  'sum(n)',
  'avg(n)',
  'min(n)',
  'max(n)',
  'min(v)',
  'max(v)',
  'min(i)',
  'max(i)',
  'min(s)',
  'max(at)',
  'min(time)',
  'max(time)',
  'sum(d)',
  'min(round(d, 2))',
  'sum(i * 2)',
  'sum(10 / i)',
  'count(*) FILTER (WHERE i > 4)',
  'sum(i) FILTER (WHERE v > 1)',
  'count(DISTINCT i)',
  'sum(DISTINCT i)',
  'max(DISTINCT v)',
  'count(DISTINCT v)',
  'count(DISTINCT n)',
  'count(DISTINCT s)',
  'count(DISTINCT host)',
  'count(DISTINCT rack)',
  'sum(DISTINCT rack)',
  'count(DISTINCT upper(host))',
  'count(DISTINCT time)',
  "count(DISTINCT i) FILTER (WHERE s = 'x')",
  'array_agg(i ORDER BY i)',
  'percentile_disc(0.5) WITHIN GROUP (ORDER BY i)',
  'bool_or(v > 3)',
  'max(r)',
  'count(host)',
];
/** Where no value is huge: otherwise it depends on the order whether a sum overflows. */
const SUMS = ['sum(v)', 'avg(v)', 'stddev(v)', 'var_pop(v)', 'sum(r)', 'avg(r)', 'sum(v + 1)'];
const FILTERS = [
  'v > 1',
  'v >= 0',
  'v < 2',
  '3 > v',
  "v = 'NaN'",
  'v <> 1.5',
  'n > 0',
  'n <= 9007199254740993',
  'i = 3',
  'i BETWEEN 2 AND 9',
  "s = 'x'",
  "s IN ('x', 'xx')",
  "s <> 'xx'",
  "coalesce(s, 'xxx') >= 'xx'",
  "s IS DISTINCT FROM 'x'",
  's IS NOT NULL',
  'v IS NULL',
  "at >= '2024-01-01Z'",
  'i % 2 = 0',
  'i > 0 AND 10 / i > 1',
  "host = 'a'",
  'rack = 1',
  "host > 'a' OR rack = 2",
  'i > NULL',
  'r < 1',
  'd > 1',
  'false',
  'i < 1000',
  'n > -100000',
];
const TIMES = [
  '',
  '',
  "time >= '2024-03-30 06:00Z'",
  "time < '2024-03-31 01:30Z' AND time > '2024-03-30Z'",
  "time = '2024-03-30 00:20Z'",
];

function randomQuery(): string {
  const table = random.pick(TABLES);
  const isTame = table === 'regular';
  const keys: string[] = [];
  if (random.below(2) === 0) keys.push(random.pick(BUCKETS));
  for (let count = random.below(3); count > 0; count--) keys.push(random.pick(TAG_KEYS));
  for (let count = Math.max(random.below(5) - 2, 0); count > 0; count--) keys.push(random.pick(FIELD_KEYS));
  const pool = isTame ? [...AGGREGATES, ...SUMS] : AGGREGATES;
  const aggregates = Array.from({ length: 1 + random.below(4) }, () => random.pick(pool));
  const conditions = Array.from({ length: random.below(3) }, () => random.pick(FILTERS));
  const within = random.pick(TIMES);
  if (within !== '') conditions.push(within);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const having = random.below(4) === 0 ? ' HAVING count(*) > 2' : '';
  const numbers = keys.map((_, at) => at + 1).join(', ');
  return `SELECT ${[...keys, ...aggregates].map((item, at) => `${item} AS c${at}`).join(', ')} FROM ${table}${where}${
    keys.length === 0 ? '' : ` GROUP BY ${numbers}`
  }${having}`;
}

describe('aggregation within a scan', () => {
  test.each(Array.from({ length: 8 }, (_, round) => round))('gives what the rows one by one give (%i)', async () => {
    for (let query = 0; query < 40; query++) {
      const text = randomQuery();
      expect(await outcome(text), text).toEqual(await outcome(unfused(text)));
    }
  });

  test('takes part in a transaction that has written itself', async () => {
    await run('BEGIN');
    await run("INSERT INTO regular (time, host, v) VALUES ('2030-01-01', 'mine', 4), ('2030-01-01 00:01', 'a', 5)");
    await run("DELETE FROM regular WHERE host = 'c'");
    const text = 'SELECT host, count(*), sum(i) FROM regular WHERE v < 100 GROUP BY host';
    const own = await rowsOf(text);
    expect(own).toEqual(await rowsOf(unfused(text)));
    expect(own).toContain('mine | 1 | null');
    await run('ROLLBACK');
    expect(await rowsOf(text)).not.toContain('mine | 1 | null');
  });

  test('is what EXPLAIN shows, and reads no unit that statistics stand for', async () => {
    const explained = async (text: string): Promise<string> =>
      (await run(`EXPLAIN (ANALYZE, TIMING OFF) ${text}`)).map((row) => Object.values(row).join()).join('\n');
    const buckets = await explained("SELECT time_bucket('1 h', time), host, max(n) FROM regular GROUP BY 1, 2");
    expect(buckets).toContain('Fused Scan: series, time buckets');
    const fields = await explained("SELECT i, host, time_bucket('1 h', time), max(n) FROM regular GROUP BY 1, 2, 3");
    expect(fields).toContain('Fused Scan: series, time buckets, fields');
    expect(await explained('SELECT i, max(n) FROM plain GROUP BY 1')).not.toContain('Fused Scan');
    expect(await explained("SELECT host, sum(i) FROM regular WHERE time < '2024-03-31' GROUP BY 1")).toMatch(
      /units? read/i,
    );
  });

  test('takes whole runs from their statistics, where these suffice', async () => {
    const aggregates = [
      'count(*)',
      'count(v)',
      'sum(v)',
      'avg(v)',
      'min(n)',
      'max(n)',
      'avg(n)',
      'sum(i)',
      'max(time)',
      'stddev(r)',
    ];
    for (let query = 0; query < 40; query++) {
      const list = Array.from({ length: 1 + random.below(4) }, () => random.pick(aggregates)).join(', ');
      const keys = random.pick([
        '',
        'host',
        'host, rack',
        "time_bucket('1 month', time)",
        "time_bucket('6 hours', time), rack",
      ]);
      const where = random.pick([
        '',
        '',
        "WHERE rack = 0 OR host = 'c'",
        "WHERE time >= '2024-03-30 09:00Z'",
        'WHERE n > -9000',
      ]);
      const select = keys === '' ? list : `${keys}, ${list}`;
      const numbers = keys.split(/, (?!time)/).map((_, at) => at + 1);
      const text = `SELECT ${select} FROM whole ${where} ${keys === '' ? '' : `GROUP BY ${numbers.join(', ')}`}`;
      expect(await outcome(text), text).toEqual(await outcome(unfused(text)));
    }
    const plan = await run(
      'EXPLAIN (ANALYZE, TIMING OFF) SELECT host, count(v), sum(n), max(v) FROM whole GROUP BY host',
    );
    expect(plan.map((row) => Object.values(row).join()).join()).toContain(' 0 units read');
  });

  test('stops behind the first buckets that are asked for, in either direction', async () => {
    for (let query = 0; query < 60; query++) {
      const bucket = random.pick(BUCKETS);
      const condition = random.pick(FILTERS);
      const direction = random.pick(['ASC', 'DESC']);
      const text = `SELECT ${bucket} AS b, host, count(*) AS n, max(i) FROM ${random.pick(TABLES)} WHERE ${condition}
        GROUP BY 1, 2 ORDER BY 1 ${direction}, 2, 3 LIMIT ${1 + random.below(9)} OFFSET ${random.below(3)}`;
      expect(await outcome(text), text).toEqual(await outcome(unfused(text)));
    }
  });

  test('parts rows by keys of which there are more and more, as an array, as a table of numbers and as one of anything', async () => {
    const texts = [
      'SELECT n / $, count(*), sum(n), min(v), max(v), avg(i), count(s) FROM mixed GROUP BY 1',
      'SELECT rack, n / $, i, count(*), avg(n), sum(i) FROM regular WHERE i <> 5 GROUP BY 1, 2, 3',
      "SELECT time_bucket('3 hours', time), s, n / $, count(*), max(n) FROM keyless WHERE v > -5 GROUP BY 1, 2, 3",
      'SELECT i, s, count(DISTINCT n / $), sum(DISTINCT i) FROM regular GROUP BY 1, 2',
      'SELECT host, i, percentile_cont(0.3) WITHIN GROUP (ORDER BY n / $), array_agg(n / $ ORDER BY n) FROM regular GROUP BY 1, 2',
      "SELECT i, n / $, count(*) FILTER (WHERE v > 3), sum(i) FROM regular WHERE s = 'x' GROUP BY 1, 2",
    ];
    for (const divisor of [1, 3, 70, 1000, 100_000]) {
      for (const text of texts) {
        const query = text.replaceAll('$', String(divisor));
        expect(await outcome(query), query).toEqual(await outcome(unfused(query)));
      }
    }
  });

  test('counts the different tags of those series alone of which a row passes', async () => {
    await run(`CREATE TABLE tiny (time timestamptz NOT NULL, host text, n bigint)
      WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
    await run(`INSERT INTO tiny SELECT timestamptz '2024-03-30 00:00Z' + k * interval '1 s', chr(97 + (k % 8)), k
      FROM generate_series(0, 159) k`);
    await run('VACUUM tiny');
    for (let k = 0; k < 8; k++) {
      const text = `SELECT count(DISTINCT host) AS hosts, count(*) FROM tiny WHERE n IN (${k}, ${k + 40}, ${k + 80})`;
      expect(await rowsOf(text)).toEqual(['1 | 3']);
      expect(await rowsOf(`${text} OR n < ${k}`)).toEqual([`${k + 1} | ${k + 3}`]);
    }
  });

  test('tells enum labels apart that were added between others', async () => {
    await run("CREATE TYPE mood AS ENUM ('low', 'high')");
    await run("ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high'");
    await run(`CREATE TABLE moods (time timestamptz NOT NULL, host text, m mood, small smallint, day date)
      WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
    await run(`INSERT INTO moods SELECT timestamptz '2024-03-30 00:00Z' + k * interval '1 s', chr(97 + (k % 2)),
      (ARRAY['low', 'middle', 'high', NULL])[1 + k % 4]::mood, k % 5 - 2, date '2024-01-01' + k % 3
      FROM generate_series(1, 6000) k`);
    await run('VACUUM moods');
    for (const text of [
      'SELECT m, count(*), min(small), sum(small) FROM moods GROUP BY m',
      'SELECT m, small, day, count(*) FROM moods WHERE small <> 1 GROUP BY 1, 2, 3',
      'SELECT count(DISTINCT m), count(DISTINCT small), count(DISTINCT day), sum(DISTINCT small) FROM moods',
      "SELECT host, day, count(*), avg(small) FROM moods WHERE m >= 'middle' GROUP BY 1, 2",
    ]) {
      expect(await outcome(text), text).toEqual(await outcome(unfused(text)));
    }
    expect(await rowsOf('SELECT m, count(*) FROM moods GROUP BY m')).toHaveLength(4);
  });

  test('counts what lies between two microseconds', async () => {
    expect(await rowsOf('SELECT host, count(*), sum(n) FROM fine GROUP BY host')).toEqual(
      await rowsOf(unfused('SELECT host, count(*), sum(n) FROM fine GROUP BY host')),
    );
  });

  test('is computed row by row where memory has no room for all groups', async () => {
    const texts = [
      "SELECT time_bucket('1 us', time) AS b, host, count(*), sum(i) FROM regular GROUP BY 1, 2",
      'SELECT n, host, count(*), sum(i), avg(v) FROM regular GROUP BY 1, 2',
    ];
    const expected = [await rowsOf(texts[0]!), await rowsOf(texts[1]!)];
    await reopen({ queryMemoryBytes: 256 * 1024 });
    expect([await rowsOf(texts[0]!), await rowsOf(texts[1]!)]).toEqual(expected);
    await reopen();
  });
});
