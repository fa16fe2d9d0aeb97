import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

const ROWS = 300_000;
/** So much work that it is worth sharing. */
const SUMS = Array.from({ length: 16 }, (_, k) => `sum(v * ${k + 2}) AS s${k}`).join(', ');
const WORK = `SELECT host, count(*), sum(n), max(s), avg(d), ${SUMS} FROM m WHERE v > 3 GROUP BY host ORDER BY host`;

let server: TidewireServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startTidewireServer({ arguments: ['--worker-threads', '2'] });
  client = await connect();
  await client.query(`CREATE TABLE m (time timestamptz NOT NULL, host text, v float8, n bigint, s text, d numeric)
    WITH (tidewire.time = 'time', tidewire.tags = 'host', tidewire.partition = '1 day')`);
  await client.query(`INSERT INTO m SELECT timestamptz '2024-01-01Z' + k * interval '1 s', 'h' || k % 5, k % 97 / 4.0,
    k * 40000000000, 's' || k % 50, k % 1000 / 100.0 FROM generate_series(1, ${ROWS}) k`);
  await client.query('VACUUM');
}, 120_000);

afterAll(async () => {
  await client?.end();
  await server?.stop();
});

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: server.url.replace(/postgres$/, 'tidewire') });
  await connected.connect();
  return connected;
}

async function explained(): Promise<string> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, TIMING OFF) ${WORK}`);
  return rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n');
}

describe('worker threads of a server', () => {
  test('start when a large scan comes, help, and give what the server gives alone', async () => {
    const first = (await client.query(WORK)).rows;
    const deadline = Date.now() + 30_000;
    let plan = await explained();
    while (!plan.includes('Workers Launched: 2') && Date.now() < deadline) plan = await explained();
    expect(plan).toMatch(/Workers Planned: 2\n\s*Workers Launched: 2/);
    expect((await client.query(WORK)).rows).toEqual(first);
    // A subquery that nothing can be fused with is computed in one place.
    const alone = await client.query(WORK.replace('FROM m', 'FROM (SELECT * FROM m OFFSET 0) q'));
    expect((await client.query(WORK)).rows).toEqual(alone.rows);
  });

  test('see what was written, deleted and merged since they opened their files', async () => {
    const count = `SELECT count(*) FILTER (WHERE v >= 0), ${SUMS} FROM m`;
    const before = (await client.query(count)).rows[0];
    await client.query("DELETE FROM m WHERE host = 'h1'");
    await client.query("INSERT INTO m VALUES ('2024-01-02Z', 'h9', 1000, 1, 'x', 1)");
    const after = (await client.query(count)).rows[0];
    expect(Number(after.count)).toBe(Number(before.count) - ROWS / 5 + 1);
    await client.query('VACUUM');
    expect((await client.query(count)).rows[0]).toEqual(after);
  });

  test('let go of a statement that passes its time, and of one that its client cancels', async () => {
    const long = `SELECT ${Array.from({ length: 60 }, (_, k) => `sum(sqrt(v + ${k}) * sin(v))`).join(', ')} FROM m`;
    await client.query('SET statement_timeout = 20');
    await expect(client.query(long)).rejects.toMatchObject({ code: '57014' });
    await client.query('SET statement_timeout = 0');
    const other = await connect();
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    const running = expect(client.query(long)).rejects.toMatchObject({ code: '57014' });
    await other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
    await running;
    await other.end();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('fail with the error of the row that has one', async () => {
    await expect(client.query('SELECT sum(100 / (v - 5)) FROM m')).rejects.toMatchObject({ code: '22012' });
  });

  test('end with the server', async () => {
    await client.end();
    expect(await server.stop()).toBe(0);
  });
});
