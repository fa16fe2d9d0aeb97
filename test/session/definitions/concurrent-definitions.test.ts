import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, isWaiting, type TestSession } from './definition-session.ts';

const world = new DefinitionWorld();
let one: TestSession;
let two: TestSession;

beforeEach(async () => {
  await world.start();
  one = world.connect();
  two = world.connect();
  await one.run('DROP TABLE IF EXISTS t, u, c, p CASCADE; CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
});

afterEach(() => world.stop());

describe('a definition waits for those who write', () => {
  test('and sees what they wrote', async () => {
    await one.run('BEGIN; INSERT INTO t VALUES (NULL)');
    const altering = two.error('ALTER TABLE t ALTER a SET NOT NULL');
    expect(await isWaiting(altering)).toBe(true);
    await one.run('COMMIT');
    expect((await altering).message).toBe('column "a" of relation "t" contains null values');
  });

  test('and rewrites it', async () => {
    await one.run('BEGIN; INSERT INTO t VALUES (2)');
    const altering = two.run("ALTER TABLE t ALTER a TYPE text USING 'n' || a");
    expect(await isWaiting(altering)).toBe(true);
    await one.run('COMMIT');
    await altering;
    expect(await one.rows('SELECT a FROM t ORDER BY a')).toEqual([['n1'], ['n2']]);
  });

  test('until its lock_timeout', async () => {
    await one.run('BEGIN; INSERT INTO t VALUES (2)');
    await two.run("SET lock_timeout = '50ms'");
    expect((await two.error('DROP TABLE t')).code).toBe('55P03');
    await one.run('ROLLBACK');
  });
});

describe('those who write wait for a definition', () => {
  test('and bind their statement to what it made', async () => {
    await one.run('BEGIN; ALTER TABLE t ADD COLUMN b int DEFAULT 7');
    const inserting = two.run('INSERT INTO t (a) VALUES (2)');
    expect(await isWaiting(inserting)).toBe(true);
    await one.run('COMMIT');
    await inserting;
    expect(await one.rows('SELECT a, b FROM t ORDER BY a')).toEqual([
      [1, 7],
      [2, 7],
    ]);
  });

  test('and go on as if nothing was when it is rolled back', async () => {
    await one.run('BEGIN; ALTER TABLE t DROP COLUMN a, ADD COLUMN b int');
    const inserting = two.run('INSERT INTO t (a) VALUES (2)');
    expect(await isWaiting(inserting)).toBe(true);
    await one.run('ROLLBACK');
    await inserting;
    expect(await one.rows('SELECT a FROM t ORDER BY a')).toEqual([[1], [2]]);
  });

  test('while those who read go on', async () => {
    await one.run("BEGIN; ALTER TABLE t ALTER a TYPE text USING 'n' || a");
    expect(await two.rows('SELECT a FROM t')).toEqual([[1]]);
    await one.run('COMMIT');
    expect(await two.rows('SELECT a FROM t')).toEqual([['n1']]);
  });
});

describe('definitions wait for each other', () => {
  test('and the later one looks for its table again', async () => {
    await one.run('BEGIN; ALTER TABLE t RENAME TO u');
    const altering = two.error('ALTER TABLE t ADD COLUMN b int');
    expect(await isWaiting(altering)).toBe(true);
    await one.run('COMMIT');
    expect((await altering).message).toBe('relation "t" does not exist');
    await one.run('DROP TABLE u');
  });

  test('a foreign key keeps writers from the table that it refers to', async () => {
    await one.run('CREATE TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (1)');
    await one.run('BEGIN; ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u');
    const deleting = two.error('DELETE FROM u');
    expect(await isWaiting(deleting)).toBe(true);
    await one.run('COMMIT');
    expect((await deleting).code).toBe('23503');
  });
});

test('REPEATABLE READ rewrites rows that it does not see', async () => {
  await one.run('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM t');
  await two.run('INSERT INTO t VALUES (2)');
  await one.run('ALTER TABLE t ALTER a TYPE bigint; COMMIT');
  expect(await two.rows('SELECT a FROM t ORDER BY a')).toEqual([[1], [2]]);
});

test('REPEATABLE READ does not alter a table that has changed since', async () => {
  await one.run('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM t');
  await two.run('ALTER TABLE t ADD COLUMN b int');
  expect((await one.error('ALTER TABLE t ADD COLUMN c int')).code).toBe('40001');
  await one.run('ROLLBACK');
});

test('a plan that names an enum is made anew when the enum changes', async () => {
  await one.run("DROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('a', 'b')");
  const text = "SELECT 'a'::mood < 'b'::mood";
  expect(await two.rows(text)).toEqual([[true]]);
  await one.run("ALTER TYPE mood RENAME VALUE 'a' TO 'c'");
  expect((await two.error(text)).code).toBe('22P02');
});

test('definitions are there after a restart', async () => {
  await one.run(`CREATE TYPE state AS ENUM ('on', 'off');
    CREATE TABLE u (id serial PRIMARY KEY, s state DEFAULT 'off' CHECK (s <> 'on'), n int UNIQUE, t int REFERENCES u);
    CREATE INDEX u_sn ON u (s, n); INSERT INTO u (n) VALUES (5);
    ALTER TABLE u ADD COLUMN x text DEFAULT 'later'; ALTER TYPE state RENAME VALUE 'off' TO 'down'`);
  await world.stop();
  await world.start();
  one = world.connect();
  expect(await one.rows('SELECT id, n, x FROM u WHERE n = 5')).toEqual([[1, 5, 'later']]);
  const [[first], [second]] = await one.rows('INSERT INTO u (n) VALUES (6), (7) RETURNING id');
  expect(Number(first)).toBeGreaterThan(1);
  expect(Number(second)).toBe(Number(first) + 1);
  expect((await one.error('INSERT INTO u (n) VALUES (5)')).fields.constraintName).toBe('u_n_key');
  expect((await one.error("INSERT INTO u (s) VALUES ('on')")).code).toBe('23514');
  expect((await one.error('INSERT INTO u (t) VALUES (99)')).code).toBe('23503');
  expect(await one.rows("SELECT count(*) FROM u WHERE s = 'down'")).toEqual([[3]]);
  await one.run('DROP TABLE u; DROP TYPE state');
});

test('CASCADE finds what came to depend on a table while its lock was waited for', async () => {
  await one.run('CREATE TABLE u (id int PRIMARY KEY)');
  await one.run('BEGIN; CREATE TABLE v (u int REFERENCES u)');
  const dropping = two.run('DROP TABLE u CASCADE');
  expect(await isWaiting(dropping)).toBe(true);
  await one.run('COMMIT');
  await dropping;
  expect(two.notices()).toEqual(['drop cascades to constraint v_u_fkey on table v']);
  await one.run('INSERT INTO v VALUES (1); DROP TABLE v');
});

describe('a foreign key whose columns get another type', () => {
  beforeEach(async () => {
    await one.run('CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p)');
    await one.run('INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (2)');
  });

  test('waits for those who delete what its new values would refer to', async () => {
    await one.run('BEGIN; DELETE FROM p WHERE id = 1');
    const altering = two.error('ALTER TABLE c ALTER p TYPE bigint USING p - 1');
    expect(await isWaiting(altering)).toBe(true);
    await one.run('COMMIT');
    expect((await altering).message).toBe('insert or update on table "c" violates foreign key constraint "c_p_fkey"');
  });

  test('keeps others from deleting it meanwhile', async () => {
    await one.run('BEGIN; ALTER TABLE c ALTER p TYPE bigint USING p - 1');
    const deleting = two.error('DELETE FROM p WHERE id = 1');
    expect(await isWaiting(deleting)).toBe(true);
    await one.run('COMMIT');
    expect((await deleting).code).toBe('23503');
  });
});
