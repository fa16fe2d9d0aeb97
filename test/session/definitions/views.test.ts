import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, isWaiting, type TestSession } from './definition-session.ts';

const world = new DefinitionWorld();
let one: TestSession;
let two: TestSession;

beforeEach(async () => {
  await world.start();
  one = world.connect();
  two = world.connect();
  await one.run('DROP TABLE IF EXISTS t, u CASCADE; CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, $$x$$)');
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
    test('a view is there as it was left', async () => {
      await one.run('CREATE VIEW v AS SELECT a, b FROM t; CREATE VIEW w AS SELECT a FROM v');
      await one.run('ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO z; ALTER VIEW v RENAME COLUMN b TO c');
      await end();
      one = world.connect();
      expect(await one.rows('SELECT a, c FROM v')).toEqual([[1, 'x']]);
      expect(await one.rows('SELECT a FROM w')).toEqual([[1]]);
      expect((await one.error('DROP TABLE u')).code).toBe('2BP01');
    });

    test('a view that was dropped is gone', async () => {
      await one.run('CREATE VIEW v AS SELECT a FROM t; DROP VIEW v');
      await end();
      one = world.connect();
      expect((await one.error('SELECT * FROM v')).code).toBe('42P01');
      await one.run('DROP TABLE t; CREATE TABLE v (a int)');
      await one.run('DROP TABLE v');
    });

    test('nothing is left of a temporary view', async () => {
      await one.run('CREATE TEMP VIEW v AS SELECT a FROM t');
      await end();
      one = world.connect();
      expect(await one.rows("SELECT relname FROM pg_class WHERE relkind = 'v' AND relname = 'v'")).toEqual([]);
      await one.run('DROP TABLE t');
    });
  });
}

describe('several sessions', () => {
  test('what a view is made of waits for the transaction that makes it', async () => {
    await one.run('BEGIN; CREATE VIEW v AS SELECT a FROM t');
    const dropping = two.error('DROP TABLE t');
    expect(await isWaiting(dropping)).toBe(true);
    await one.run('COMMIT');
    expect((await dropping).code).toBe('2BP01');
  });

  test('a view and a table of one name do not get past each other', async () => {
    await one.run('BEGIN; CREATE VIEW v AS SELECT a FROM t');
    await two.run('BEGIN; CREATE TABLE v (a int)');
    await one.run('COMMIT');
    expect((await two.error('COMMIT')).code).toBe('42P07');
  });

  test('a session sees the new version of a view at once, in what it has planned too', async () => {
    await one.run('CREATE VIEW v AS SELECT a FROM t; PREPARE p AS SELECT * FROM v');
    expect(await one.rows('EXECUTE p')).toEqual([[1]]);
    await two.run('CREATE OR REPLACE VIEW v AS SELECT a + 10 AS a FROM t');
    expect(await one.rows('EXECUTE p')).toEqual([[11]]);
    await one.run('DEALLOCATE p');
  });

  test('a view of another session that is earlier in the path is the one that is meant', async () => {
    await one.run('CREATE VIEW v AS SELECT a FROM t; PREPARE p AS SELECT * FROM v');
    expect(await one.rows('EXECUTE p')).toEqual([[1]]);
    await one.run('CREATE TEMP TABLE v (a int); INSERT INTO v VALUES (5)');
    expect(await one.rows('EXECUTE p')).toEqual([[5]]);
    await one.run('DROP TABLE pg_temp.v; DEALLOCATE p');
  });

  test('a name means the same to a session with another path', async () => {
    await one.run('CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW v AS SELECT a FROM t');
    await two.run('SET search_path = s, public');
    expect(await two.rows('SELECT a FROM v')).toEqual([[1]]);
    await one.run('ALTER SCHEMA s RENAME TO s2; DROP SCHEMA s2 CASCADE');
    expect(await two.rows('SELECT a FROM public.v')).toEqual([[1]]);
  });
});
