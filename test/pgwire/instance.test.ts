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

describe('RETURNING', () => {
  const { parse, bind, describe: describeMessage, execute, sync } = serialize;
  const insert = 'INSERT INTO cpu VALUES ($1, $2, $3) RETURNING host, usage * 2 AS twice';
  const values = ['2024-01-01', 'a', '1.5'];

  beforeEach(async () => {
    await client.query(createCpu);
  });

  test('is described as a result before anything runs, and NoData where there is none', async () => {
    client.send(
      parse({ name: 'i', text: insert }),
      describeMessage({ type: 'S', name: 'i' }),
      bind({ statement: 'i', values }),
      describeMessage({ type: 'P', name: '' }),
      execute({}),
      parse({ text: 'UPDATE cpu SET usage = $1' }),
      describeMessage({ type: 'S', name: '' }),
      parse({ text: 'DELETE FROM cpu WHERE usage > $1 RETURNING *' }),
      describeMessage({ type: 'S', name: '' }),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'ParameterDescription 1184 25 701',
      'RowDescription host:25:text twice:701:text',
      'bindComplete',
      'RowDescription host:25:text twice:701:text',
      'DataRow a|3',
      'CommandComplete INSERT 0 1',
      'parseComplete',
      'ParameterDescription 701',
      'noData',
      'parseComplete',
      'ParameterDescription 701',
      'RowDescription time:1184:text host:25:text usage:701:text',
      'ReadyForQuery I',
    ]);
  });

  test('has written everything when its first rows are fetched', async () => {
    const text = `INSERT INTO cpu SELECT timestamptz '2024-01-01' + n * interval '1 s', 'a', n FROM generate_series(1, 3) s(n)
      RETURNING usage`;
    client.send(
      parse({ text }),
      bind({ portal: 'p' }),
      execute({ portal: 'p', rows: 2 }),
      parse({ name: 'c', text: 'SELECT count(*) FROM cpu' }),
      bind({ portal: 'q', statement: 'c' }),
      execute({ portal: 'q' }),
      execute({ portal: 'p', rows: 2 }),
      execute({ portal: 'p' }),
      sync(),
    );
    expect(await client.untilReady()).toEqual([
      'parseComplete',
      'bindComplete',
      'DataRow 1',
      'DataRow 2',
      'portalSuspended',
      'parseComplete',
      'bindComplete',
      'DataRow 3',
      'CommandComplete SELECT 1',
      'DataRow 3',
      'CommandComplete INSERT 0 1',
      'CommandComplete INSERT 0 0',
      'ReadyForQuery I',
    ]);
  });
});

describe('two sessions that change one table', () => {
  let other: WireClient;

  beforeEach(async () => {
    await client.query(createCpu);
    await client.query("INSERT INTO cpu VALUES ('2024-01-01', 'a', 1), ('2024-01-01', 'b', 2)");
    other = await WireClient.login(port);
    return () => other.close();
  });

  test('follow one another: the second sees what the first has written', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE cpu SET usage = usage + 10');
    const waiting = other.query('UPDATE cpu SET usage = usage * 2 RETURNING usage');
    await client.query("DELETE FROM cpu WHERE host = 'b'");
    await client.query('COMMIT');
    expect(await waiting).toEqual([
      'RowDescription usage:701:text',
      'DataRow 22',
      'CommandComplete UPDATE 1',
      'ReadyForQuery I',
    ]);
  });

  test('do not wait longer than lock_timeout, and not beyond a cancel', async () => {
    await client.query('BEGIN');
    await client.query('DELETE FROM cpu');
    await other.query("SET lock_timeout = '20ms'");
    expect(await other.query('DELETE FROM cpu')).toEqual(['ErrorResponse ERROR 55P03', 'ReadyForQuery I']);
    await other.query("SET lock_timeout = 0; SET statement_timeout = '20ms'");
    expect(await other.query('UPDATE cpu SET usage = 0')).toEqual(['ErrorResponse ERROR 57014', 'ReadyForQuery I']);
    await client.query('ROLLBACK');
    expect(await other.query('DELETE FROM cpu')).toEqual(['CommandComplete DELETE 2', 'ReadyForQuery I']);
  });

  test('one of which drops it: the other finds no table when its turn comes', async () => {
    await client.query('BEGIN');
    await client.query('UPDATE cpu SET usage = 0');
    const waiting = other.query('DELETE FROM cpu');
    await client.query('DROP TABLE cpu');
    await client.query('COMMIT');
    expect(await waiting).toEqual(['ErrorResponse ERROR 42P01', 'ReadyForQuery I']);
  });

  test('under REPEATABLE READ the second fails', async () => {
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await other.query('SELECT * FROM cpu');
    await client.query("UPDATE cpu SET usage = 5 WHERE host = 'a'");
    expect(await other.query("UPDATE cpu SET usage = 6 WHERE host = 'a'")).toEqual([
      'ErrorResponse ERROR 40001',
      'ReadyForQuery E',
    ]);
    await other.query('ROLLBACK');
    expect(await client.query("SELECT usage FROM cpu WHERE host = 'a'")).toContain('DataRow 5');
  });
});

test('a portal goes on over the rows that it began with, whatever is taken back to a savepoint meanwhile', async () => {
  const { parse, bind, execute, flush } = serialize;
  await client.query(createCpu);
  await client.query('BEGIN');
  await client.query(
    "INSERT INTO cpu SELECT timestamptz '2024-01-01' + n * interval '1 s', 'a', n FROM generate_series(1, 3000) s(n)",
  );
  client.send(
    parse({ name: 'all', text: 'SELECT usage FROM cpu' }),
    bind({ portal: 'p', statement: 'all' }),
    execute({ portal: 'p', rows: 1500 }),
    flush(),
  );
  const first = await client.until('s');
  await client.query('SAVEPOINT s');
  await client.query('DELETE FROM cpu WHERE usage > 10');
  await client.query('UPDATE cpu SET usage = -1');
  await client.query("INSERT INTO cpu VALUES ('2030-01-01', 'z', 0)");
  await client.query('ROLLBACK TO s');
  client.send(execute({ portal: 'p' }), flush());
  const second = await client.until('C');
  const values = [...first, ...second]
    .filter((line) => line.startsWith('DataRow'))
    .map((line) => Number(line.slice(8)));
  expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  await client.query('ROLLBACK');
});
