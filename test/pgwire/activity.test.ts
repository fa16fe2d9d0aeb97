import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type WireServer, wireServer } from './wire-server.ts';

let world: WireServer;
const clients: pg.Client[] = [];

beforeAll(async () => {
  world = await wireServer();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => {});
});
afterAll(() => world.server.stop({ graceMs: 0 }));

async function connect(name: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: world.port,
    user: 'postgres',
    database: 'tidewire',
    application_name: name,
  });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

async function activity(client: pg.Client, name: string): Promise<Record<string, unknown>> {
  const { rows } = await client.query(
    `SELECT pid, usename, datname, client_addr::text, client_port > 0 AS has_port, state, query, xact_start IS NOT NULL AS
      has_transaction, wait_event_type, backend_start <= query_start AS is_ordered FROM pg_stat_activity
      WHERE application_name = $1`,
    [name],
  );
  return rows[0] as Record<string, unknown>;
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come about');
}

describe('pg_stat_activity', () => {
  test('a session is active, idle, in a transaction, or in a failed one', async () => {
    const watcher = await connect('watcher');
    const client = await connect('watched');
    await client.query('SELECT 1');
    const idle = {
      usename: 'postgres',
      datname: 'tidewire',
      client_addr: '127.0.0.1/32',
      has_port: true,
      is_ordered: true,
    };
    expect(await activity(watcher, 'watched')).toMatchObject({
      ...idle,
      state: 'idle',
      query: 'SELECT 1',
      has_transaction: false,
      wait_event_type: 'Client',
    });
    await client.query('BEGIN');
    expect(await activity(watcher, 'watched')).toMatchObject({ state: 'idle in transaction', has_transaction: true });
    await client.query('SELECT 1 / 0').catch(() => {});
    expect(await activity(watcher, 'watched')).toMatchObject({ state: 'idle in transaction (aborted)' });
    await client.query('ROLLBACK');
    const sleeping = client.query('SELECT pg_sleep($1)', [10]).catch((error: unknown) => error);
    await until(async () => (await activity(watcher, 'watched')).state === 'active');
    const { pid, query } = await activity(watcher, 'watched');
    expect(query).toBe('SELECT pg_sleep($1)');
    expect((await watcher.query('SELECT pg_cancel_backend($1) AS sent', [pid])).rows).toEqual([{ sent: true }]);
    expect(await sleeping).toMatchObject({ code: '57014', message: 'canceling statement due to user request' });
    expect(await activity(watcher, 'watched')).toMatchObject({ state: 'idle' });
  });

  test('a terminated session hears why, and is gone with its locks', async () => {
    const watcher = await connect('watcher');
    const client = await connect('doomed');
    await client.query('SELECT pg_advisory_lock(42)');
    const ended = new Promise<unknown>((resolve) => client.once('error', resolve));
    const { pid } = await activity(watcher, 'doomed');
    expect((await watcher.query('SELECT pg_terminate_backend($1) AS sent', [pid])).rows).toEqual([{ sent: true }]);
    expect(await ended).toMatchObject({ code: '57P01' });
    await until(async () => (await activity(watcher, 'doomed')) === undefined);
    expect((await watcher.query('SELECT pg_try_advisory_lock(42) AS locked')).rows).toEqual([{ locked: true }]);
  });

  test('for a session that does not exist there is a warning', async () => {
    const watcher = await connect('watcher');
    const notices: unknown[] = [];
    watcher.on('notice', ({ severity, message }) => notices.push([severity, message]));
    const { rows } = await watcher.query('SELECT pg_terminate_backend(2147483647) AS sent');
    expect(rows).toEqual([{ sent: false }]);
    expect(notices).toEqual([['WARNING', 'PID 2147483647 is not a PostgreSQL backend process']]);
  });
});

describe('pg_locks', () => {
  test('shows who has a lock and who waits for it', async () => {
    const watcher = await connect('watcher');
    const holder = await connect('holder');
    const waiter = await connect('waiter');
    await holder.query('BEGIN');
    await holder.query('SELECT pg_advisory_xact_lock(-2)');
    const waiting = waiter.query('SELECT pg_advisory_lock(-2)');
    const pidOf = async (name: string) => (await activity(watcher, name)).pid as number;
    const [held, wanted] = [await pidOf('holder'), await pidOf('waiter')];
    await until(async () => (await activity(watcher, 'waiter')).wait_event_type === 'Lock');
    const { rows } = await watcher.query(
      `SELECT pid, mode, granted, classid, objid, objsubid FROM pg_locks WHERE locktype = 'advisory' ORDER BY granted DESC`,
    );
    const lock = { mode: 'ExclusiveLock', classid: 4_294_967_295, objid: 4_294_967_294, objsubid: 1 };
    expect(rows).toEqual([
      { pid: held, granted: true, ...lock },
      { pid: wanted, granted: false, ...lock },
    ]);
    expect((await watcher.query('SELECT pg_blocking_pids($1) AS pids', [wanted])).rows).toEqual([{ pids: [held] }]);
    await holder.query('COMMIT');
    await waiting;
    expect((await watcher.query('SELECT pg_blocking_pids($1) AS pids', [wanted])).rows).toEqual([{ pids: [] }]);
  });
});

describe('pg_stat_statements', () => {
  test('counts calls and rows of a statement, prepared or not', async () => {
    const client = await connect('counted');
    await client.query('SELECT pg_stat_statements_reset()');
    for (const count of [3, 4]) await client.query(`SELECT * FROM generate_series(1, ${count})`);
    for (const count of [5, 6, 7]) await client.query('SELECT g FROM generate_series(1, $1) g', [count]);
    await client.query('SELECT 1 / 0').catch(() => {});
    const { rows } = await client.query(
      `SELECT query, calls, rows, total_exec_time >= max_exec_time AS is_total, queryid IS NOT NULL AS has_id
        FROM pg_stat_statements WHERE query LIKE '%generate_series%' OR query LIKE '%/%' ORDER BY calls`,
    );
    const rest = { is_total: true, has_id: true };
    expect(rows).toEqual([
      { query: 'SELECT * FROM generate_series($1, $2)', calls: '2', rows: '7', ...rest },
      { query: 'SELECT g FROM generate_series($2, $1) g', calls: '3', rows: '18', ...rest },
    ]);
  });
});

describe('log_min_duration_statement', () => {
  test('slow statements are logged without what users put into them, unless that is wanted', async () => {
    const client = await connect('slow');
    // On a busy machine anything may be slow: only what sleeps is looked at.
    const slow = () =>
      world.log
        .filter(({ message }) => message === 'slow statement')
        .map(({ fields }) => fields)
        .filter((fields) => String(fields?.statement).includes('pg_sleep'));
    await client.query("SELECT pg_sleep(0.02), 'private'");
    expect(slow()).toEqual([]);
    await client.query("SET log_min_duration_statement = '15ms'");
    await client.query("SELECT pg_sleep(0.02), 'private'");
    await client.query('SELECT pg_sleep($1)', [0.02]);
    expect(slow()).toMatchObject([
      { user: 'postgres', database: 'tidewire', statement: 'SELECT pg_sleep($1), $2' },
      { statement: 'SELECT pg_sleep($1)' },
    ]);
    await client.query('SET log_parameter_max_length = -1');
    await client.query("SELECT pg_sleep(0.02), 'public'");
    expect(slow().at(-1)).toMatchObject({ statement: "SELECT pg_sleep(0.02), 'public'" });
  });
});

describe('the log of connections', () => {
  test('names who comes and who goes', async () => {
    const lines = () => world.log.filter(({ message }) => message.startsWith('session ')).slice(-2);
    const client = await connect('visitor');
    await client.end();
    await until(async () => lines().at(-1)?.message === 'session closed');
    const facts = { user: 'postgres', database: 'tidewire', remoteAddress: '127.0.0.1' };
    expect(lines()).toMatchObject([
      { level: 'debug', message: 'session opened', fields: facts },
      { level: 'debug', message: 'session closed', fields: { ...facts, seconds: expect.any(Number) } },
    ]);
  });
});
