import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/index.ts';

let directory: string;
let database: Database;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-long-lists-'));
  database = await Database.open(directory, { durability: 'os_default' });
  await database.query(`CREATE TABLE things (
    small smallint, number int, large bigint, real float8, exact numeric, name text, code char(4), short varchar(6),
    id uuid, day date, data bytea, flag boolean)`);
  await database.query(`INSERT INTO things
    SELECT g, g, CASE WHEN g = 7 THEN 9223372036854775807 ELSE g * 3000000000 END, g / 2.0, g / 4.0, 'name ' || g, 'c' || g,
      's' || g, lpad(to_hex(g), 32, '0')::uuid, date '2024-01-01' + g, decode(lpad(to_hex(g), 4, '0'), 'hex'), g % 2 = 0
    FROM generate_series(0, 900) g`);
  await database.query('INSERT INTO things DEFAULT VALUES');
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const refusal = async (sql: string): Promise<unknown> => {
  try {
    await database.query(sql);
    return undefined;
  } catch (error) {
    const { code, message, fields } = error as { code: string; message: string; fields: { position?: number } };
    return { code, message, at: sql.slice((fields.position ?? 0) - 1).slice(0, 12) };
  }
};

const range = (count: number, make: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => make(at));
const uuid = (at: number): string => `'${at.toString(16).padStart(8, '0')}-0000-0000-0000-000000000000'`;
const sortable = (at: number): string => `'00000000-0000-0000-0000-${at.toString(16).padStart(12, '0')}'`;

const LISTS: Readonly<Record<string, { readonly column: string; readonly items: string[] }>> = {
  'whole numbers': { column: 'number', items: range(400, (at) => String(at * 2 - 100)) },
  'whole numbers for smallint': { column: 'small', items: range(400, (at) => String(at * 300)) },
  'whole numbers for bigint, some of them large': {
    column: 'large',
    items: range(400, (at) => String(at * 1_500_000_000)),
  },
  'numbers past what a double holds': {
    column: 'large',
    items: [...range(300, (at) => String(at)), '9223372036854775807'],
  },
  'whole numbers for double precision': { column: 'real', items: range(300, (at) => String(at)) },
  'whole numbers for numeric': { column: 'exact', items: range(300, (at) => String(at)) },
  'numbers as strings': { column: 'number', items: range(300, (at) => `'${at} '`) },
  decimals: { column: 'exact', items: range(300, (at) => `${at}.50`) },
  'texts, some of them twice': { column: 'name', items: range(600, (at) => `'name ${at % 350}'`) },
  'texts for char(n)': { column: 'code', items: range(300, (at) => `'c${at}  '`) },
  'texts for varchar(n)': { column: 'short', items: range(300, (at) => `'s${at * 2}'`) },
  'uuids in capitals': { column: 'id', items: range(300, (at) => sortable(at).toUpperCase()) },
  'uuids that are not there': { column: 'id', items: range(300, uuid) },
  dates: { column: 'day', items: range(300, (at) => `'2024-02-${String((at % 28) + 1).padStart(2, '0')}'`) },
  bytes: { column: 'data', items: range(300, (at) => `'\\x${at.toString(16).padStart(4, '0')}'`) },
  'numbers and a NULL': { column: 'number', items: [...range(300, (at) => String(at)), 'NULL'] },
  'expressions among numbers': { column: 'number', items: [...range(300, (at) => String(at)), '500 + 1'] },
  'a column among numbers': { column: 'number', items: [...range(300, (at) => String(at)), 'small'] },
};

describe('a long list gives what its parts give one by one', () => {
  for (const [name, { column, items }] of Object.entries(LISTS)) {
    test(name, async () => {
      const parts: string[] = [];
      for (let at = 0; at < items.length; at += 20) parts.push(`${column} IN (${items.slice(at, at + 20).join(', ')})`);
      const { rows } = await database.query(`SELECT count(*) AS count,
          count(*) FILTER (WHERE (${column} IN (${items.join(', ')})) IS DISTINCT FROM (${parts.join(' OR ')})) AS wrong,
          count(*) FILTER (WHERE (${column} NOT IN (${items.join(', ')})) IS DISTINCT FROM NOT (${parts.join(' OR ')})) AS wrong_not
        FROM things`);
      expect(rows[0]).toEqual({ count: 902n, wrong: 0n, wrong_not: 0n });
    });
  }
});

describe('what is wrong in a long list is said as in a short one', () => {
  test.each([
    ['number', range(400, (at) => (at === 390 ? "'x390'" : `'${at}'`))],
    ['id', range(400, (at) => (at === 390 ? "'no uuid'" : sortable(at)))],
    ['day', range(400, (at) => (at === 390 ? "'2024-02-30'" : "'2024-02-01'"))],
    ['flag', range(400, String)],
    ['name', range(400, String)],
    ['data', range(400, (at) => (at === 390 ? "'\\xz'" : "'\\x00'"))],
  ])('%s', async (column, items) => {
    const sql = (list: readonly string[]): string =>
      `SELECT count(*) FROM things WHERE ${column} IN (${list.join(',')})`;
    const long = await refusal(sql(items));
    expect(long).toBeDefined();
    const short = await refusal(sql(items.slice(388, 392)));
    // What stands behind the place differs where the list begins elsewhere.
    const shown = (refused: unknown): unknown => ({
      ...(refused as object),
      at: (refused as { at: string }).at.slice(0, 4),
    });
    expect(shown(long)).toEqual(shown(short));
  });
});

test('a view with a long list is written out and read again', async () => {
  const items = range(300, String).join(', ');
  await database.query(`CREATE VIEW chosen AS SELECT number FROM things WHERE number IN (${items})`);
  expect((await database.query('SELECT count(*) AS count FROM chosen')).rows[0]).toEqual({ count: 300n });
  const { rows } = await database.query("SELECT pg_get_viewdef('chosen'::regclass) AS definition");
  expect(rows[0]?.definition).toContain('298, 299]');
});

test('a key is looked up under each of a long list', async () => {
  await database.query('CREATE TABLE keyed (id int PRIMARY KEY, name text)');
  await database.query("INSERT INTO keyed SELECT g, 'n' || g FROM generate_series(1, 3000) g");
  const items = range(600, (at) => String(at * 7)).join(', ');
  const plan = await database.query(`EXPLAIN SELECT * FROM keyed WHERE id IN (${items})`);
  expect(JSON.stringify(plan.rows)).toContain('keyed_pkey');
  const { rows } = await database.query(`SELECT count(*) AS count, sum(id) AS sum FROM keyed WHERE id IN (${items})`);
  expect(rows[0]).toEqual({ count: 428n, sum: BigInt((7 * 428 * 429) / 2) });
});

describe('INSERT of very many rows of literals', () => {
  const columns = "id serial, name varchar(8) NOT NULL, value float8, at timestamptz, kind text DEFAULT lower('K')";

  test('writes them in order, each with its defaults', async () => {
    await database.query(`CREATE TABLE many (${columns})`);
    const rows = range(
      5000,
      (at) => `('n${at}', ${at % 7 === 0 ? 'NULL' : `${at}.25`}, '2024-01-01 00:00:${at % 60}Z')`,
    );
    const { tag } = await database.query(`INSERT INTO many (name, value, at) VALUES ${rows.join(', ')}`);
    expect(tag).toBe('INSERT 0 5000');
    const found = await database.query(`SELECT count(*) AS count, count(value) AS valued, sum(value) AS sum,
      bool_and(name = 'n' || id - 1 AND kind = 'k' AND extract(second from at) = (id - 1) % 60) AS fits FROM many`);
    const values = Array.from({ length: 5000 }, (_, at) => (at % 7 === 0 ? 0 : at + 0.25));
    expect(found.rows[0]).toEqual({
      count: 5000n,
      valued: BigInt(values.filter((value) => value > 0).length),
      sum: values.reduce((sum, value) => sum + value, 0),
      fits: true,
    });
  });

  test.each([
    ["('ok', 'x', NULL)", '22P02', "'x', NULL)"],
    ["('ok', 1, '2024-13-01')", '22008', "'2024-13-01'"],
    ["('far too long', 1, NULL)", '22001', ''],
    ['(NULL, 1, NULL)', '23502', ''],
    ["('ok', 1)", '42601', "'ok', 1)"],
    ["('ok', 1, NULL), ('ok', DEFAULT, now() + 1)", '42883', '+ 1)'],
  ])('with %s as the last one writes nothing and says %s', async (last, code, at) => {
    await database.query('DROP TABLE IF EXISTS refused');
    await database.query(`CREATE TABLE refused (${columns})`);
    const rows = [...range(3000, (row) => `('n${row}', ${row}, NULL)`), last];
    const error = (await refusal(`INSERT INTO refused (name, value, at) VALUES ${rows.join(', ')}`)) as {
      code: string;
      at: string;
    };
    expect(error.code).toBe(code);
    if (at !== '') expect(error.at.startsWith(at.slice(0, 12))).toBe(true);
    expect((await database.query('SELECT count(*) AS count FROM refused')).rows[0]).toEqual({ count: 0n });
  });

  test('a literal that is wrong is named before a constraint that an earlier row violates', async () => {
    await database.query('CREATE TABLE ordered (id int PRIMARY KEY)');
    const rows = [...range(2000, (row) => `(${row === 5 ? 4 : row})`), "('x')"];
    expect(await refusal(`INSERT INTO ordered VALUES ${rows.join(', ')}`)).toMatchObject({ code: '22P02' });
  });

  test('gives what RETURNING asks for, and finds conflicts within itself', async () => {
    await database.query('CREATE TABLE upserted (id int PRIMARY KEY, name text)');
    const rows = range(3000, (row) => `(${row % 2000}, 'n${row}')`).join(', ');
    const { rows: returned } = await database.query(
      `INSERT INTO upserted VALUES ${rows} ON CONFLICT DO NOTHING RETURNING id, name`,
    );
    expect(returned).toEqual(Array.from({ length: 2000 }, (_, id) => ({ id, name: `n${id}` })));
    const again = `INSERT INTO upserted VALUES ${rows} ON CONFLICT (id) DO UPDATE SET name = excluded.name`;
    expect(await refusal(again)).toMatchObject({ code: '21000' });
  });
});
