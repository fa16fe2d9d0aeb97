import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

const ROWS = 200_000;

let server: TidewireServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startTidewireServer({ arguments: ['--worker-threads', '1', '--staging-size', '2MB'] });
  client = new pg.Client({ connectionString: server.url.replace(/postgres$/, 'tidewire') });
  await client.connect();
}, 120_000);

afterAll(async () => {
  await client?.end();
  await server?.stop();
});

test('rows of large transactions are the same, whichever thread has encoded them', async () => {
  const made = `timestamptz '2024-01-01Z' + k * interval '1 s', 'h' || k % 5, nullif(k % 97, 5) / 4.0, k * 40000000000, 's' || k % 50`;
  const totals = 'count(*), sum(n), min(time), max(time), count(DISTINCT host), count(v), max(s)';
  // The first one finds no thread yet.
  for (const table of ['first', 'second', 'third']) {
    await client.query(`CREATE TABLE ${table} (time timestamptz NOT NULL, host text, v float8, n bigint, s text)
      WITH (tidewire.time = 'time', tidewire.tags = 'host', tidewire.partition = '1 day')`);
    await client.query(`INSERT INTO ${table} SELECT ${made} FROM generate_series(1, ${ROWS}) k`);
  }
  const answers = [];
  for (const table of ['first', 'second', 'third']) {
    await client.query(`VACUUM ${table}`);
    answers.push((await client.query({ text: `SELECT ${totals} FROM ${table}`, rowMode: 'array' })).rows[0]);
  }
  expect(answers[0]?.[0]).toBe(String(ROWS));
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
}, 120_000);
