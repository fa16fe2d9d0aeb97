import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

let server: TidewireServer;
let pool: pg.Pool;

beforeAll(async () => {
  server = await startTidewireServer();
  pool = new pg.Pool({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire', max: 4 });
  await pool.query(`CREATE TABLE np (time timestamptz NOT NULL, host text NOT NULL, v double precision, n bigint,
    ok boolean, big numeric, PRIMARY KEY (host, time)) WITH (tidewire.time = 'time', tidewire.tags = 'host')`);
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});

test('parameters of every basic type go in and come back', async () => {
  const time = new Date('2024-05-06T07:08:09.123Z');
  const inserted = await pool.query('INSERT INTO np VALUES ($1, $2, $3, $4, $5, $6)', [
    time,
    "O'Brien 🌊",
    -0.1,
    '9007199254740993',
    true,
    '123456789012345678901234567890.5',
  ]);
  expect([inserted.command, inserted.rowCount]).toEqual(['INSERT', 1]);
  const { rows } = await pool.query('SELECT * FROM np WHERE host = $1 AND time = $2 AND v < $3', [
    "O'Brien 🌊",
    time,
    1,
  ]);
  expect(rows).toEqual([
    { time, host: "O'Brien 🌊", v: -0.1, n: '9007199254740993', ok: true, big: '123456789012345678901234567890.5' },
  ]);
});

test('= ANY with an array parameter', async () => {
  await pool.query("INSERT INTO np (time, host, v) VALUES ('2024-01-01', 'any-1', 1), ('2024-01-01', 'any-2', 2)");
  const { rows } = await pool.query('SELECT host FROM np WHERE host = ANY($1) ORDER BY host', [
    ['any-2', 'any-1', 'x'],
  ]);
  expect(rows.map((row) => row.host)).toEqual(['any-1', 'any-2']);
});

test('named prepared statements run again with other values', async () => {
  const answer = async (host: string) =>
    (await pool.query({ name: 'by-host', text: 'SELECT count(*)::int AS n FROM np WHERE host = $1', values: [host] }))
      .rows;
  expect(await answer('any-1')).toEqual([{ n: 1 }]);
  expect(await answer('nobody')).toEqual([{ n: 0 }]);
});

test('an error carries code, position, detail and constraint, and the connection lives on', async () => {
  await expect(pool.query('SELECT nope FROM np')).rejects.toMatchObject({ code: '42703', position: '8' });
  await pool.query("INSERT INTO np (time, host) VALUES ('2024-02-02', 'dup')");
  await expect(pool.query("INSERT INTO np (time, host) VALUES ('2024-02-02', 'dup')")).rejects.toMatchObject({
    code: '23505',
    constraint: 'np_pkey',
    table: 'np',
  });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('a transaction is seen by itself at once, by others after COMMIT, by nobody after ROLLBACK', async () => {
  const writer = await pool.connect();
  const count = async (by: pg.Pool | pg.PoolClient) =>
    (await by.query("SELECT count(*)::int AS n FROM np WHERE host LIKE 'tx-%'")).rows[0].n;
  try {
    await writer.query('BEGIN');
    await writer.query("INSERT INTO np (time, host) VALUES (now(), 'tx-1')");
    expect([await count(writer), await count(pool)]).toEqual([1, 0]);
    await writer.query('COMMIT');
    expect(await count(pool)).toBe(1);
    await writer.query('BEGIN');
    await writer.query("INSERT INTO np (time, host) VALUES (now(), 'tx-2')");
    await writer.query('ROLLBACK');
    expect(await count(pool)).toBe(1);
  } finally {
    writer.release();
  }
});

test('a multi-statement query is one transaction', async () => {
  await expect(
    pool.query("INSERT INTO np (time, host) VALUES ('2024-03-03', 'multi'); SELECT 1 / 0"),
  ).rejects.toMatchObject({ code: '22012' });
  expect((await pool.query("SELECT count(*)::int AS n FROM np WHERE host = 'multi'")).rows).toEqual([{ n: 0 }]);
});

test('types come as node-postgres knows them', async () => {
  const { rows } = await pool.query(
    "SELECT 1::smallint AS s, 2 AS i, 3::bigint AS b, 1.50 AS n, 2.5::real AS r, 'x' AS t, true AS o, null AS z, '2024-01-02'::timestamptz AS ts, '1 day 02:00'::interval AS iv",
  );
  expect(rows[0]).toMatchObject({ s: 1, i: 2, b: '3', n: '1.50', r: 2.5, t: 'x', o: true, z: null });
  expect(rows[0].ts).toEqual(new Date('2024-01-02T00:00:00Z'));
  expect(rows[0].iv).toMatchObject({ days: 1, hours: 2 });
});

test('ten thousand rows stream through', async () => {
  const { rows } = await pool.query('SELECT n, n::text AS t FROM generate_series(1, 10000) AS n');
  expect(rows.length).toBe(10_000);
  expect(rows[9999]).toEqual({ n: 10_000, t: '10000' });
});

test('a pool that discards all between two users hands out connections as good as new', async () => {
  const own = new pg.Pool({
    host: '127.0.0.1',
    port: server.pgPort,
    user: 'postgres',
    database: 'tidewire',
    max: 1,
  });
  try {
    const processIds: unknown[] = [];
    for (const zone of ['Asia/Tokyo', 'Europe/Paris']) {
      const user = await own.connect();
      expect((await user.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'UTC' }]);
      await user.query(`SET timezone = '${zone}'`);
      await user.query('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY');
      processIds.push((await user.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
      await user.query('UNLISTEN *');
      expect((await user.query('DISCARD ALL')).command).toBe('DISCARD');
      expect((await user.query('SHOW default_transaction_read_only')).rows).toEqual([
        { default_transaction_read_only: 'off' },
      ]);
      user.release();
    }
    expect(processIds[0]).toBe(processIds[1]);
  } finally {
    await own.end();
  }
});

test('a savepoint saves the transaction from an error, and RETURNING gives the rows', async () => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const first = await client.query("INSERT INTO np (time, host, v) VALUES ('2024-07-01', 'sp', 1) RETURNING v, host");
    expect([first.command, first.rowCount, first.rows]).toEqual(['INSERT', 1, [{ v: 1, host: 'sp' }]]);
    await client.query('SAVEPOINT attempt');
    await expect(client.query("INSERT INTO np (time, host) VALUES ('2024-07-01', 'sp')")).rejects.toMatchObject({
      code: '23505',
    });
    await client.query('ROLLBACK TO attempt');
    await client.query("INSERT INTO np (time, host, v) VALUES ('2024-07-02', 'sp', 2)");
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  expect((await pool.query("SELECT v FROM np WHERE host = 'sp' ORDER BY v")).rows).toEqual([{ v: 1 }, { v: 2 }]);
});
