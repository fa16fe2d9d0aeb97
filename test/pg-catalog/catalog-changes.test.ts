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

  test('xmin grows where something is changed, and not elsewhere', async () => {
    const xmin = async (name: string): Promise<number> => {
      const [value] = await texts(client, `SELECT xmin::text FROM pg_class WHERE oid = '${name}'::regclass`);
      return Number(value);
    };
    await client.ask('CREATE TABLE xm (a int)');
    const [system, own] = [await xmin('pg_class'), await xmin('xm')];
    expect(await xmin('xm')).toBe(own);
    await client.ask('ALTER TABLE xm ADD COLUMN b int');
    const altered = await xmin('xm');
    expect(altered).toBeGreaterThan(own);
    expect(await xmin('pg_class')).toBe(system);
    expect(await texts(client, `SELECT (txid_current() >= ${altered})::text`)).toEqual(['true']);
  });

  test('what a transaction has looked at before it was committed is new to those who look afterwards', async () => {
    const xmin = "SELECT xmin::text FROM pg_class WHERE relname = 'late'";
    await client.ask('BEGIN');
    await client.ask('CREATE TABLE late (a int)');
    await texts(client, xmin);
    await texts(other, xmin);
    const [known] = await texts(other, 'SELECT txid_current()::text');
    await client.ask('COMMIT');
    const [committed] = await texts(other, xmin);
    expect(Number(committed)).toBeGreaterThan(Number(known));
  });

  test('names of types, sequences and schemas are those that things have now', async () => {
    const described = `SELECT concat_ws(' ', column_name, column_default, udt_name, identity_start) FROM information_schema.columns
      WHERE table_schema = 'nm' ORDER BY table_name, ordinal_position`;
    await client.ask(`CREATE SCHEMA nm; CREATE TYPE nm.mood AS ENUM ('a'); CREATE SEQUENCE nm.sq;
      CREATE TABLE nm.t (a int DEFAULT nextval('nm.sq'), m nm.mood DEFAULT 'a', g int GENERATED ALWAYS AS IDENTITY);
      CREATE VIEW nm.v AS SELECT m FROM nm.t`);
    expect(await texts(client, described)).toEqual([
      "a nextval('nm.sq'::regclass) int4",
      "m 'a'::nm.mood mood",
      'g int4 1',
      'm mood',
    ]);
    await other.ask('ALTER TYPE nm.mood RENAME TO humor');
    await other.ask('ALTER SEQUENCE nm.sq RENAME TO sq2');
    await other.ask('ALTER TABLE nm.t ALTER g SET START WITH 7');
    expect(await texts(client, described)).toEqual([
      "a nextval('nm.sq2'::regclass) int4",
      "m 'a'::nm.humor humor",
      'g int4 7',
      'm humor',
    ]);
    await client.ask('SET search_path = nm');
    expect((await texts(client, described)).slice(0, 2)).toEqual([
      "a nextval('sq2'::regclass) int4",
      "m 'a'::humor humor",
    ]);
    await client.ask('RESET search_path');
  });

  test('who may see a column sees it at once', async () => {
    const seen = "SELECT column_name FROM information_schema.columns WHERE table_name = 'gr' ORDER BY ordinal_position";
    await client.ask('CREATE TABLE gr (a int, b int); CREATE ROLE gr_reader; GRANT SELECT (b) ON gr TO gr_reader');
    await other.ask('SET ROLE gr_reader');
    expect(await texts(other, seen)).toEqual(['b']);
    await client.ask('GRANT SELECT ON gr TO gr_reader');
    expect(await texts(other, seen)).toEqual(['a', 'b']);
    await client.ask('REVOKE ALL ON gr FROM gr_reader; REVOKE ALL (b) ON gr FROM gr_reader');
    expect(await texts(other, seen)).toEqual([]);
    await other.ask('RESET ROLE');
    expect(await texts(other, seen)).toEqual(['a', 'b']);
  });

  test('a prepared catalog query sees what came after it was prepared', async () => {
    await client.ask("PREPARE tables AS SELECT relname FROM pg_class WHERE relname LIKE 'pq%'");
    expect(await texts(client, 'EXECUTE tables')).toEqual([]);
    await other.ask('CREATE TABLE pq1 (a int)');
    expect(await texts(client, 'EXECUTE tables')).toEqual(['pq1']);
  });
});
