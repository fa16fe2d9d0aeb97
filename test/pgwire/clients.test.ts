import { execFile, spawnSync } from 'node:child_process';
import pg from 'pg';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WireServer, wireServer } from './wire-server.ts';

let world: WireServer;

beforeAll(async () => {
  world = await wireServer();
});
afterAll(() => world.server.stop({ graceMs: 0 }));

describe('node-postgres', () => {
  test('queries, with and without parameters, by name and in arrays', async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: world.port, user: 'postgres', database: 'tidewire' });
    await client.connect();
    try {
      await client.query('CREATE TABLE pg_client (time timestamptz, host text, load float8, n bigint, ok boolean)');
      const insert = { name: 'insert', text: 'INSERT INTO pg_client VALUES ($1, $2, $3, $4, $5)' };
      const time = new Date('2024-02-29T12:00:00.123Z');
      const first = await client.query({ ...insert, values: [time, 'ü', 0.1, '9007199254740993', true] });
      expect(first).toMatchObject({ command: 'INSERT', rowCount: 1 });
      await client.query({ ...insert, values: [time, null, Number.NaN, -1, null] });
      const { rows, fields } = await client.query('SELECT * FROM pg_client WHERE time >= $1 ORDER BY n', [time]);
      expect(rows).toEqual([
        { time, host: null, load: Number.NaN, n: '-1', ok: null },
        { time, host: 'ü', load: 0.1, n: '9007199254740993', ok: true },
      ]);
      expect(fields.map((field) => [field.name, field.dataTypeID, field.columnID])).toEqual([
        ['time', 1184, 1],
        ['host', 25, 2],
        ['load', 701, 3],
        ['n', 20, 4],
        ['ok', 16, 5],
      ]);
      const arrays = await client.query({ text: 'SELECT $1::int[] AS a', values: [[1, 2]], rowMode: 'array' });
      expect(arrays.rows).toEqual([[[1, 2]]]);
      await expect(client.query('SELECT * FROM nope WHERE a = $1', [1])).rejects.toMatchObject({ code: '42P01' });
      expect((await client.query('SELECT 1 AS one; SELECT 2 AS two')) as unknown).toMatchObject([
        { rows: [{ one: 1 }] },
        { rows: [{ two: 2 }] },
      ]);
    } finally {
      await client.end();
    }
  });

  test('hears notices and cancels by statement_timeout', async () => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: world.port,
      user: 'postgres',
      database: 'tidewire',
      statement_timeout: 50,
    });
    const notices: (string | undefined)[] = [];
    client.on('notice', (notice) => notices.push(notice.message));
    await client.connect();
    try {
      await client.query('DROP TABLE IF EXISTS missing');
      expect(notices).toEqual(['table "missing" does not exist, skipping']);
      const endless = client.query('SELECT count(*) FROM generate_series(1, 1000000000)');
      await expect(endless).rejects.toMatchObject({ code: '57014' });
    } finally {
      await client.end();
    }
  });
});

describe('postgres.js', () => {
  test('connects with its question for array types, queries, pipelines and runs transactions', async () => {
    const sql = postgres({ host: '127.0.0.1', port: world.port, user: 'postgres', database: 'tidewire', max: 2 });
    try {
      await sql`CREATE TABLE postgres_js (a int, b text)`;
      await sql`INSERT INTO postgres_js ${sql([
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ])}`;
      expect([...(await sql`SELECT a, b FROM postgres_js WHERE a > ${0} ORDER BY a`)]).toEqual([
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ]);
      expect(await Promise.all([1, 2, 3].map((n) => sql`SELECT ${n}::int AS n`))).toMatchObject([
        [{ n: 1 }],
        [{ n: 2 }],
        [{ n: 3 }],
      ]);
      await expect(
        sql.begin(async (transaction) => {
          await transaction`INSERT INTO postgres_js VALUES (3, 'gone')`;
          throw new Error('on purpose');
        }),
      ).rejects.toThrow('on purpose');
      expect([...(await sql`SELECT count(*)::int AS count FROM postgres_js`)]).toEqual([{ count: 2 }]);
      expect([...(await sql`SELECT ARRAY['a', 'b c']::text[] AS list`)]).toEqual([{ list: ['a', 'b c'] }]);
    } finally {
      await sql.end();
    }
  });

  test('reads a cursor in pieces', async () => {
    const sql = postgres({ host: '127.0.0.1', port: world.port, user: 'postgres', database: 'tidewire', max: 1 });
    try {
      const sizes: number[] = [];
      await sql`SELECT n FROM generate_series(1, 25) AS s(n)`.cursor(10, (rows) => {
        sizes.push(rows.length);
      });
      expect(sizes).toEqual([10, 10, 5]);
      expect([...(await sql`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
    } finally {
      await sql.end();
    }
  });
});

const hasPsql = spawnSync('psql', ['--version']).status === 0;

describe.skipIf(!hasPsql)('psql', () => {
  /** A child process would block on a server in its own event loop: psql runs beside it. */
  async function psql(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        'psql',
        ['-X', '-h', '127.0.0.1', '-p', String(world.port), ...args],
        { env: { ...process.env, PGUSER: '', PGDATABASE: '' } },
        (error, stdout, stderr) => (error === null ? resolve(stdout + stderr) : reject(error)),
      );
    });
  }

  test('gets in without a word about user and database', async () => {
    expect(await psql('-Atc', 'SELECT current_database()')).toBe('tidewire\n');
  });

  test('shows rows, NULLs and errors with their place', async () => {
    expect(await psql('-At', '-c', "SELECT 1, NULL, 'ü'", '-c', 'SHOW server_version_num')).toBe('1||ü\n150000\n');
    await expect(psql('-c', 'SELECT nope')).rejects.toThrow(
      /column "nope" does not exist\nLINE 1: SELECT nope\n {15}\^/,
    );
  });
});
