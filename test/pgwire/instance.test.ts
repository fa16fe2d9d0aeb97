import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Instance } from '../../src/database/instance.ts';
import { PgWireServer } from '../../src/pgwire/server.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { WireClient } from './wire-client.ts';

let instance: Instance;
let server: PgWireServer;
let port: number;
let client: WireClient;

beforeAll(async () => {
  await loadParser();
  instance = await Instance.open({ directory: '/data', fileSystem: new MemoryFileSystem() });
  const registry = new SessionRegistry({
    backend: instance,
    server: serverIdentity('9.9.9', 0),
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: () => {},
    memoryLimitBytes: 256 * 1024 * 1024,
  });
  server = new PgWireServer({ registry, log: () => {} });
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
});
beforeEach(async () => {
  client = await WireClient.login(port);
  await client.query('DROP TABLE IF EXISTS cpu');
  return () => client.close();
});
afterAll(async () => {
  await server.stop({ graceMs: 0 });
  await instance.close();
});

const createCpu = `CREATE TABLE cpu (time timestamptz NOT NULL, host text, usage double precision, PRIMARY KEY (host, time))
  WITH (tidewire.time = 'time', tidewire.tags = 'host')`;

describe('over stored tables', () => {
  test('rows go in and come out', async () => {
    await client.query(createCpu);
    await client.query("INSERT INTO cpu VALUES ('2024-01-01', 'a', 1.5), ('2024-01-02', 'b', NULL)");
    expect(await client.query('SELECT time, host, usage FROM cpu ORDER BY time')).toEqual([
      'RowDescription time:1184:text host:25:text usage:701:text',
      'DataRow 2024-01-01 00:00:00+00|a|1.5',
      'DataRow 2024-01-02 00:00:00+00|b|NULL',
      'CommandComplete SELECT 2',
      'ReadyForQuery I',
    ]);
  });

  test('a violated key names schema, table and constraint', async () => {
    await client.query(createCpu);
    const insert = "INSERT INTO cpu VALUES ('2024-01-01', 'a', 1)";
    await client.query(insert);
    client.send(serialize.query(insert));
    while (client.received.at(-1)?.code !== 'Z') await new Promise((resolve) => setImmediate(resolve));
    expect(client.received.splice(0).find(({ code }) => code === 'E')?.message).toMatchObject({
      code: '23505',
      schema: 'public',
      table: 'cpu',
      constraint: 'cpu_pkey',
      detail: 'Key (host, time)=(a, 2024-01-01 00:00:00+00) already exists.',
    });
  });

  test('a block keeps its rows to itself until it commits', async () => {
    await client.query(createCpu);
    const other = await WireClient.login(port);
    await client.query('BEGIN');
    await client.query("INSERT INTO cpu VALUES ('2024-01-01', 'a', 1)");
    expect(await client.query('SELECT count(*) FROM cpu')).toContain('DataRow 1');
    expect(await other.query('SELECT count(*) FROM cpu')).toContain('DataRow 0');
    await client.query('COMMIT');
    expect(await other.query('SELECT count(*) FROM cpu')).toContain('DataRow 1');
    await other.close();
  });

  test('repeatable read sees one state, read committed the newest', async () => {
    await client.query(createCpu);
    const other = await WireClient.login(port);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    expect(await client.query('SELECT count(*) FROM cpu')).toContain('DataRow 0');
    await other.query("INSERT INTO cpu VALUES ('2024-01-01', 'a', 1)");
    expect(await client.query('SELECT count(*) FROM cpu')).toContain('DataRow 0');
    await client.query('COMMIT');
    expect(await client.query('SELECT count(*) FROM cpu')).toContain('DataRow 1');
    await other.close();
  });

  test('a table made and filled in a block is gone after a rollback', async () => {
    await client.query('BEGIN');
    await client.query(createCpu);
    await client.query("INSERT INTO cpu VALUES ('2024-01-01', 'a', 1)");
    await client.query('ROLLBACK');
    expect(await client.query('SELECT * FROM cpu')).toEqual(['ErrorResponse ERROR 42P01', 'ReadyForQuery I']);
  });

  test('a statement that fails in the middle leaves no row', async () => {
    await client.query(createCpu);
    expect(
      await client.query(
        "INSERT INTO cpu SELECT timestamptz '2024-01-01' + n * interval '1 second', 'a', 1 / (n - 4000) FROM generate_series(1, 5000) s(n)",
      ),
    ).toEqual(['ErrorResponse ERROR 22012', 'ReadyForQuery I']);
    expect(await client.query('SELECT count(*) FROM cpu')).toContain('DataRow 0');
  });

  test('the catalog shows what the transaction sees', async () => {
    await client.query('BEGIN');
    await client.query(createCpu);
    expect(await client.query("SELECT relname FROM pg_class WHERE relname = 'cpu'")).toContain('DataRow cpu');
    await client.query('ROLLBACK');
    expect(await client.query("SELECT relname FROM pg_class WHERE relname = 'cpu'")).toContain(
      'CommandComplete SELECT 0',
    );
  });
});
