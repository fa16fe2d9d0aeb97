import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, type TestSession } from './definition-session.ts';

const world = new DefinitionWorld();
let session: TestSession;

beforeEach(async () => {
  await world.start();
  session = world.connect();
  await session.run('DROP SCHEMA IF EXISTS s, renamed CASCADE; DROP TABLE IF EXISTS t');
});

afterEach(() => world.stop());

const ends: Record<string, () => Promise<void>> = {
  'an orderly end': async () => {
    await world.stop();
    await world.start();
  },
  'a power cut': () => world.crash(7),
  'a flush and a power cut': async () => {
    await world.flush();
    await world.crash(8);
  },
};

for (const [name, end] of Object.entries(ends)) {
  describe(`after ${name}`, () => {
    test('a schema is there with all that is in it', async () => {
      await session.run(
        "CREATE SCHEMA s CREATE TABLE t (a serial, b text) CREATE SEQUENCE q START 9; CREATE TYPE s.mood AS ENUM ('low')",
      );
      await session.run("INSERT INTO s.t (b) VALUES ('x'); ALTER SCHEMA s RENAME TO renamed");
      await end();
      session = world.connect();
      expect(await session.rows('SELECT * FROM renamed.t')).toEqual([[1, 'x']]);
      await session.run("INSERT INTO renamed.t (b) VALUES ('y')");
      expect(await session.rows("SELECT nextval('renamed.q') = 9, 'low'::renamed.mood::text")).toEqual([[true, 'low']]);
      expect(await session.rows("SELECT nspname FROM pg_namespace WHERE nspname IN ('s', 'renamed')")).toEqual([
        ['renamed'],
      ]);
    });

    test('a schema that was dropped is gone, public too', async () => {
      await session.run('CREATE SCHEMA s; DROP SCHEMA s; DROP SCHEMA public CASCADE');
      await end();
      session = world.connect();
      expect(await session.rows("SELECT nspname FROM pg_namespace WHERE nspname IN ('s', 'public')")).toEqual([]);
      await session.run('CREATE SCHEMA public; CREATE TABLE public.t (a int)');
    });

    test('comments are there', async () => {
      await session.run("CREATE TABLE t (a int); COMMENT ON TABLE t IS 'one'; COMMENT ON COLUMN t.a IS 'two'");
      await session.run("COMMENT ON TABLE t IS 'three'; COMMENT ON SCHEMA public IS NULL");
      await end();
      session = world.connect();
      expect(await session.rows('SELECT description FROM pg_description ORDER BY 1')).toEqual([['three'], ['two']]);
      await session.run("DROP TABLE t; COMMENT ON SCHEMA public IS 'standard public schema'");
      expect(await session.rows('SELECT count(*) = 1 FROM pg_description')).toEqual([[true]]);
    });

    test('nothing is left of temporary objects', async () => {
      await session.run("CREATE TEMP TABLE tt (a serial PRIMARY KEY, b text); INSERT INTO tt (b) VALUES ('x')");
      await session.run("CREATE TEMP SEQUENCE ts; CREATE TYPE pg_temp.te AS ENUM ('x')");
      await end();
      session = world.connect();
      expect(await session.rows("SELECT relname FROM pg_class WHERE relpersistence = 't'")).toEqual([]);
      expect(await session.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg_temp%'")).toEqual([]);
      expect(await session.rows("SELECT typname FROM pg_type WHERE typname = 'te'")).toEqual([]);
    });
  });
}

describe('temporary objects', () => {
  test('go with their session, and are nothing to others', async () => {
    const other = world.connect();
    await session.run('CREATE TEMP TABLE tt (a int); INSERT INTO tt VALUES (1)');
    await other.run('CREATE TEMP TABLE tt (b text)');
    expect(await session.rows('SELECT a FROM tt')).toEqual([[1]]);
    expect(await other.rows('SELECT b FROM tt')).toEqual([]);
    const [[schema]] = await session.rows(
      "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'tt'::regclass",
    );
    expect((await other.error(`SELECT * FROM ${schema}.tt`)).code).toBe('42P01');
    await session.close();
    expect(await other.rows("SELECT count(*) = 1 FROM pg_class WHERE relname = 'tt'")).toEqual([[true]]);
    await other.close();
    const last = world.connect();
    expect(await last.rows("SELECT relname FROM pg_class WHERE relname = 'tt'")).toEqual([]);
    expect(await last.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pg_temp%'")).toEqual([]);
  });

  test('take the place of what a prepared statement means, and give it back', async () => {
    await session.run('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
    const query = 'SELECT * FROM t';
    expect(await session.rows(query)).toEqual([[1]]);
    await session.run('CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (2)');
    expect(await session.rows(query)).toEqual([[2]]);
    await session.run('DROP TABLE t');
    expect(await session.rows(query)).toEqual([[1]]);
  });

  test('do not wait for the disk of the log: their rows are not in it', async () => {
    await session.run('CREATE TEMP TABLE tt (a int) ON COMMIT DELETE ROWS');
    await session.run('BEGIN; INSERT INTO tt VALUES (1); COMMIT');
    expect(await session.rows('SELECT * FROM tt')).toEqual([]);
  });
});

describe('a schema', () => {
  test('is not dropped while something is being made in it', async () => {
    await session.run('CREATE SCHEMA s');
    await session.run('BEGIN; CREATE TABLE s.t (a int)');
    const other = world.connect();
    await other.run("SET lock_timeout = '50ms'");
    expect((await other.error('DROP SCHEMA s')).code).toBe('55P03');
    await session.run('COMMIT');
    expect((await other.error('DROP SCHEMA s')).code).toBe('2BP01');
  });
});
