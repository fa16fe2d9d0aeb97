import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

let server: TidewireServer;
let sql: postgres.Sql;

beforeAll(async () => {
  server = await startTidewireServer();
  sql = postgres({
    host: '127.0.0.1',
    port: server.pgPort,
    user: 'postgres',
    database: 'tidewire',
    onnotice: () => {},
  });
});
afterAll(async () => {
  await sql.end();
  await server.stop();
});

test('it connects with its defaults, which ask pg_type for the array types', async () => {
  expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  // Known only from that query: without it the array comes back as text.
  expect(await sql`SELECT ARRAY[1, 2, 3] AS list`).toEqual([{ list: [1, 2, 3] }]);
});

test('parameters, arrays and transactions', async () => {
  await sql`CREATE TABLE pj (time timestamptz NOT NULL, host text NOT NULL, v double precision, PRIMARY KEY (host, time))
    WITH (tidewire.time = 'time', tidewire.tags = 'host')`;
  const time = new Date('2024-01-01T00:00:00Z');
  await sql.begin(async (transaction) => {
    await transaction`INSERT INTO pj ${transaction([
      { time, host: 'a', v: 1.5 },
      { time, host: 'b', v: 2.5 },
    ])}`;
  });
  const hosts = ['a', 'b', 'c'];
  expect(await sql`SELECT host, v FROM pj WHERE host = ANY(${hosts}) AND time >= ${time} ORDER BY host`).toEqual([
    { host: 'a', v: 1.5 },
    { host: 'b', v: 2.5 },
  ]);
  await expect(
    sql.begin(async (transaction) => {
      await transaction`INSERT INTO pj (time, host) VALUES (${time}, 'c')`;
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await sql`SELECT count(*)::int AS n FROM pj`).toEqual([{ n: 2 }]);
});

test('a cursor takes rows in portions', async () => {
  const portions: number[] = [];
  await sql`SELECT * FROM generate_series(1, 250) AS n`.cursor(100, (rows) => {
    portions.push(rows.length);
  });
  expect(portions).toEqual([100, 100, 50]);
});

test('errors carry PostgreSQL’s fields', async () => {
  await expect(sql`SELECT * FROM missing_table`).rejects.toMatchObject({ code: '42P01', position: '15' });
});
