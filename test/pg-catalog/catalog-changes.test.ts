import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StatementClient } from '../support/statement-client.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

/** Rows are kept between statements, so what changes must be seen. */
describe('the catalogs after a change', () => {
  let server: TidewireServer;
  let client: StatementClient;
  let other: StatementClient;

  beforeAll(async () => {
    server = await startTidewireServer();
    client = await StatementClient.connect(server.url);
    other = await StatementClient.connect(server.url);
  });
  afterAll(async () => {
    await client.end();
    await other.end();
    await server.stop();
  });

  async function texts(asked: StatementClient, sql: string): Promise<(string | undefined)[]> {
    const { results, error } = await asked.ask(sql);
    if (error !== undefined) throw new Error(error.get('M'));
    return results.flatMap(({ rows }) => rows.map(([value]) => value?.toString()));
  }

  const columns =
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'cc' ORDER BY ordinal_position";

  test('a new table is there for all, and gone when it is dropped', async () => {
    expect(await texts(client, columns)).toEqual([]);
    await client.ask('CREATE TABLE cc (a int, b text)');
    expect(await texts(client, columns)).toEqual(['a', 'b']);
    expect(await texts(other, columns)).toEqual(['a', 'b']);
    await other.ask('ALTER TABLE cc ADD COLUMN c date');
    expect(await texts(client, columns)).toEqual(['a', 'b', 'c']);
    await client.ask('DROP TABLE cc');
    expect(await texts(other, columns)).toEqual([]);
  });

  test('what a transaction has made, it alone sees', async () => {
    const found = "SELECT relname FROM pg_class WHERE relname = 'tx'";
    await client.ask('BEGIN');
    await client.ask('CREATE TABLE tx (a int)');
    expect(await texts(client, found)).toEqual(['tx']);
    expect(await texts(other, found)).toEqual([]);
    await client.ask('ROLLBACK');
    expect(await texts(client, found)).toEqual([]);
  });

  test('ANALYZE shows in reltuples and pg_stats', async () => {
    await client.ask('CREATE TABLE an (a int); INSERT INTO an SELECT n % 10 FROM generate_series(1, 100) n');
    const rows = "SELECT reltuples::int::text FROM pg_class WHERE relname = 'an'";
    expect(await texts(client, rows)).toEqual(['-1']);
    await client.ask('ANALYZE an');
    expect(await texts(client, rows)).toEqual(['100']);
    expect(await texts(client, "SELECT attname FROM pg_stats WHERE tablename = 'an'")).toEqual(['a']);
  });

  test('xmin grows when something is changed, and not otherwise', async () => {
    const xmin = 'SELECT xmin::text FROM pg_class WHERE oid = 1259';
    const [before] = await texts(client, xmin);
    expect(await texts(client, xmin)).toEqual([before]);
    await client.ask('CREATE TABLE xm (a int)');
    const [after] = await texts(client, xmin);
    expect(Number(after)).toBeGreaterThan(Number(before));
    expect(await texts(client, `SELECT (txid_current() >= ${after})::text`)).toEqual(['true']);
  });

  test('a prepared catalog query sees what came after it was prepared', async () => {
    await client.ask("PREPARE tables AS SELECT relname FROM pg_class WHERE relname LIKE 'pq%'");
    expect(await texts(client, 'EXECUTE tables')).toEqual([]);
    await other.ask('CREATE TABLE pq1 (a int)');
    expect(await texts(client, 'EXECUTE tables')).toEqual(['pq1']);
  });
});
