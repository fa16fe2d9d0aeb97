import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IngestError } from '../../../src/database/ingest-batch.ts';
import { type MemoryServer, startMemoryServer } from './memory-server.ts';

const KEYED = "WITH (tidewire.time = 'time', tidewire.tags = 'host,region')";

let server: MemoryServer;
let client: pg.Client;

beforeAll(async () => {
  server = await startMemoryServer();
  client = new pg.Client(server.connection);
  await client.connect();
  await client.query("SET TimeZone TO 'UTC'");
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

beforeEach(async () => {
  await client.query('DROP TABLE IF EXISTS m; DROP SEQUENCE IF EXISTS numbers');
});

async function rows(sql: string): Promise<unknown[][]> {
  const { rows: found } = await client.query({ text: sql, rowMode: 'array' });
  return found as unknown[][];
}

/** `SQLSTATE row: message` of what was refused. */
async function refusalOf(lines: string): Promise<string> {
  return server.write(lines).then(
    () => 'stored',
    (error) => {
      if (!(error instanceof IngestError)) throw error;
      return `${error.code} row ${error.row}: ${error.message}`;
    },
  );
}

describe('line protocol into a table that SQL has made', () => {
  test('is refused as a whole where a CHECK refuses a line', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz, host text, region text, a double precision CHECK (a > 0), b bigint, CHECK (b <> a)) ${KEYED}`,
    );
    const refusal = await refusalOf('m,host=x a=1 1\nm,host=x a=2,b=3i 2\nm,host=x a=-1 3\nm,host=y a=-2 4');
    expect(refusal).toBe('23514 row 2: new row for relation "m" violates check constraint "m_a_check"');
    expect(await rows('SELECT count(*) FROM m')).toEqual([['0']]);
    expect(await refusalOf('m,host=x a=3,b=3i 2')).toBe(
      '23514 row 0: new row for relation "m" violates check constraint "m_check"',
    );
  });

  test('is checked by what a line says: a field that it leaves out is unknown', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz, host text, region text, a double precision, b double precision, CHECK (a < b)) ${KEYED}`,
    );
    expect(await refusalOf('m a=5 1')).toBe('stored');
    expect(await refusalOf('m b=1 1')).toBe('stored');
    expect(await refusalOf('m a=5,b=1 2')).toContain('23514');
  });

  test('is checked with its tags and its time', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz CHECK (time >= '2020-01-01 00:00+00'), host text CHECK (host <> 'bad'), region text, a bigint) ${KEYED}`,
    );
    expect(await refusalOf('m,host=bad a=1i 1600000000000000000')).toContain('m_host_check');
    expect(await refusalOf('m,host=good a=1i 1500000000000000000')).toContain('m_time_check');
    expect(await refusalOf('m,host=good a=1i 1600000000000000000')).toBe('stored');
  });

  test('belongs to the default of a tag that it leaves out', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz, host text DEFAULT 'nowhere', region text DEFAULT upper('eu'), a bigint) ${KEYED}`,
    );
    await server.write('m a=1i 1\nm,host=x a=2i 1\nm,host=x,region=us a=3i 1');
    expect(await rows('SELECT host, region, a FROM m ORDER BY a')).toEqual([
      ['nowhere', 'EU', '1'],
      ['x', 'EU', '2'],
      ['x', 'us', '3'],
    ]);
  });

  test('gets the defaults of fields where each line is a row of its own', async () => {
    await client.query('CREATE SEQUENCE numbers');
    await client.query(
      `CREATE TABLE m (time timestamptz, host text, a double precision DEFAULT 1.5, n bigint DEFAULT nextval('numbers'), at timestamptz NOT NULL DEFAULT '2024-01-01 00:00+00') WITH (tidewire.time = 'time', tidewire.tags = 'host')`,
    );
    await server.write('m,host=x a=7 1\nm,host=y n=100i 2\nm,host=z a=8 3');
    expect(await rows('SELECT host, a, n, at::text FROM m ORDER BY host')).toEqual([
      ['x', 7, '1', '2024-01-01 00:00:00+00'],
      ['y', 1.5, '100', '2024-01-01 00:00:00+00'],
      ['z', 8, '2', '2024-01-01 00:00:00+00'],
    ]);
  });

  test('leaves fields with a default alone where a key merges lines', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz, host text, region text, a bigint DEFAULT 7, b bigint, PRIMARY KEY (host, region, time)) ${KEYED}`,
    );
    await server.write('m,host=x,region=eu a=1i 1');
    await server.write('m,host=x,region=eu b=2i 1');
    expect(await rows('SELECT a, b FROM m')).toEqual([['1', '2']]);
  });

  test('still needs the fields that are NOT NULL', async () => {
    await client.query(
      `CREATE TABLE m (time timestamptz, host text, region text, a bigint NOT NULL DEFAULT 7, b bigint, PRIMARY KEY (host, region, time)) ${KEYED}`,
    );
    expect(await refusalOf('m,host=x,region=eu b=2i 1')).toBe(
      '23502 row 0: null value in column "a" of relation "m" violates not-null constraint',
    );
  });

  test('may bring new fields to a table with CHECKs', async () => {
    await client.query(`CREATE TABLE m (time timestamptz, host text, region text, a bigint CHECK (a > 0)) ${KEYED}`);
    expect(await refusalOf('m a=1i,fresh=2i 1')).toBe('stored');
    expect(await refusalOf('m a=-1i,fresh=2i 1')).toContain('23514');
    expect(await rows('SELECT a, fresh FROM m')).toEqual([['1', '2']]);
  });
});
