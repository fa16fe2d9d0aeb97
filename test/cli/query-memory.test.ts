import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

let server: TidewireServer | undefined;
let client: pg.Client | undefined;

afterEach(async () => {
  await client?.end();
  await server?.stop();
});

async function connect(options: readonly string[]): Promise<pg.Client> {
  server = await startTidewireServer({ arguments: options });
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
  return client;
}

/** A million rows of some ten megabytes, in an order that no input has. */
const SORTED = `SELECT a.g * 1000 + b.g AS v, 'text ' || b.g AS t
  FROM generate_series(0, 999) a(g) CROSS JOIN generate_series(0, 999) b(g) ORDER BY (b.g * 7919) % 1000, a.g DESC`;

test('what does not fit into a statement’s memory is sorted, joined and grouped on disk', async () => {
  const database = await connect(['--query-memory', '4MB']);
  const { rows } = await database.query(
    `SELECT count(*) AS n, sum(v) AS total, (array_agg(v))[1] AS first FROM (${SORTED} OFFSET 0) s WHERE v % 100000 < 1000`,
  );
  expect(rows).toEqual([{ n: '10000', total: '4504995000', first: 900000 }]);
  const joined = await database.query(
    `SELECT count(*) AS n, sum(x.v - y.v) AS d FROM (${SORTED}) x JOIN (${SORTED}) y USING (v, t)`,
  );
  expect(joined.rows).toEqual([{ n: '1000000', d: '0' }]);
  const grouped = await database.query(
    `SELECT count(*) AS n, max(c) AS most FROM (SELECT v % 300000, count(*) AS c FROM (${SORTED}) s GROUP BY 1) g`,
  );
  expect(grouped.rows).toEqual([{ n: '300000', most: '4' }]);
  expect(await readdir(join(server!.directory, 'tmp'))).toEqual([]);
}, 120_000);

test('past the room on disk, and without any, the statement fails and the session lives on', async () => {
  const database = await connect(['--query-memory', '4MB', '--query-disk', '8MB']);
  await expect(database.query(SORTED)).rejects.toMatchObject({ code: '53400' });
  expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client?.end();
  await server?.stop();
  const inMemory = await connect(['--query-memory', '4MB', '--query-disk', '0']);
  await expect(inMemory.query(SORTED)).rejects.toMatchObject({ code: '53200' });
  expect((await inMemory.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
}, 120_000);

test('a sort on disk can be cancelled', async () => {
  const database = await connect(['--query-memory', '4MB']);
  await database.query('SET statement_timeout = 500');
  await expect(database.query(`SELECT * FROM (${SORTED}) x, (${SORTED}) y ORDER BY x.t, y.v`)).rejects.toMatchObject({
    code: '57014',
  });
  expect(await readdir(join(server!.directory, 'tmp'))).toEqual([]);
}, 120_000);
