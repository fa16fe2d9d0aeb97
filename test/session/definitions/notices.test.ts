import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, type TestSession } from './definition-session.ts';

const world = new DefinitionWorld();
let session: TestSession;

beforeEach(async () => {
  await world.start();
  session = world.connect();
});

afterEach(async () => {
  await session.run('DROP TABLE IF EXISTS a, b, c CASCADE; DROP TYPE IF EXISTS mood; DROP SEQUENCE IF EXISTS s');
  await world.stop();
});

const SKIPPED: Record<string, string> = {
  'CREATE TABLE IF NOT EXISTS a (x int)': 'relation "a" already exists, skipping',
  'CREATE SEQUENCE IF NOT EXISTS a': 'relation "a" already exists, skipping',
  'CREATE INDEX IF NOT EXISTS a ON a (x)': 'relation "a" already exists, skipping',
  'ALTER TABLE a ADD COLUMN IF NOT EXISTS x int': 'column "x" of relation "a" already exists, skipping',
  'ALTER TABLE a DROP COLUMN IF EXISTS nope': 'column "nope" of relation "a" does not exist, skipping',
  'ALTER TABLE a DROP CONSTRAINT IF EXISTS nope': 'constraint "nope" of relation "a" does not exist, skipping',
  'ALTER TABLE a ALTER x DROP IDENTITY IF EXISTS': 'column "x" of relation "a" is not an identity column, skipping',
  'ALTER TABLE IF EXISTS nope ADD COLUMN x int': 'relation "nope" does not exist, skipping',
  'ALTER TABLE IF EXISTS nope RENAME TO b': 'relation "nope" does not exist, skipping',
  'ALTER SEQUENCE IF EXISTS nope RESTART': 'relation "nope" does not exist, skipping',
  'DROP TABLE IF EXISTS nope': 'table "nope" does not exist, skipping',
  'DROP INDEX IF EXISTS nope': 'index "nope" does not exist, skipping',
  'DROP SEQUENCE IF EXISTS nope.s': 'schema "nope" does not exist, skipping',
  'DROP TYPE IF EXISTS nope': 'type "nope" does not exist, skipping',
  "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'x'": 'enum label "x" already exists, skipping',
};

describe('what is not there to be done is skipped with a notice', () => {
  test.each(Object.entries(SKIPPED))('%s', async (text, notice) => {
    await session.run("CREATE TABLE a (x int); CREATE TYPE mood AS ENUM ('x')");
    const [tag] = await session.run(text);
    expect(text.startsWith(String(tag))).toBe(true);
    expect(session.notices()).toEqual([notice]);
  });
});

describe('CASCADE says what went along', () => {
  beforeEach(() =>
    session.run(`CREATE TABLE a (id int PRIMARY KEY, x int UNIQUE);
      CREATE TABLE b (id serial, a int REFERENCES a);
      CREATE TABLE c (x int REFERENCES a (x), s int)`),
  );

  test('in one line when it is one thing', async () => {
    await session.run('ALTER TABLE a DROP COLUMN x CASCADE');
    expect(session.notices()).toEqual(['drop cascades to constraint c_x_fkey on table c']);
  });

  test('in the detail when they are several, oldest first', async () => {
    await session.run('DROP TABLE a CASCADE');
    expect(session.notices()).toEqual([
      'drop cascades to 2 other objects',
      'drop cascades to constraint b_a_fkey on table b',
      'drop cascades to constraint c_x_fkey on table c',
    ]);
  });

  test('but not of what belongs to the object', async () => {
    await session.run('DROP TABLE b CASCADE');
    expect(session.notices()).toEqual([]);
  });

  test('of a default that loses its sequence', async () => {
    await session.run('DROP SEQUENCE b_id_seq CASCADE');
    expect(session.notices()).toEqual(['drop cascades to default value for column id of table b']);
  });

  test('of columns that lose their type', async () => {
    await session.run(`CREATE TYPE mood AS ENUM ('x');
      ALTER TABLE b ADD m mood DEFAULT 'x' CHECK (m > 'x'); ALTER TABLE c ADD m mood; DROP TYPE mood CASCADE`);
    expect(session.notices()).toEqual([
      'drop cascades to 2 other objects',
      'drop cascades to column m of table b',
      'drop cascades to column m of table c',
    ]);
  });
});

describe('without CASCADE the error names what stands in the way', () => {
  beforeEach(() =>
    session.run(`CREATE TABLE a (id int PRIMARY KEY, x int UNIQUE); CREATE TABLE b (a int REFERENCES a);
      CREATE SEQUENCE s; CREATE TABLE c (x int REFERENCES a (x) DEFERRABLE, n int DEFAULT nextval('s') CHECK (n < 99))`),
  );

  const HINT = 'Use DROP ... CASCADE to drop the dependent objects too.';
  const cases: Record<string, { message: string; detail?: string; hint: string }> = {
    'DROP TABLE a': {
      message: 'cannot drop table a because other objects depend on it',
      detail: 'constraint b_a_fkey on table b depends on table a\nconstraint c_x_fkey on table c depends on table a',
      hint: HINT,
    },
    'DROP TABLE a, b': {
      message: 'cannot drop desired object(s) because other objects depend on them',
      detail: 'constraint c_x_fkey on table c depends on table a',
      hint: HINT,
    },
    'ALTER TABLE a DROP COLUMN x': {
      message: 'cannot drop column x of table a because other objects depend on it',
      detail: 'constraint c_x_fkey on table c depends on column x of table a',
      hint: HINT,
    },
    'ALTER TABLE a DROP CONSTRAINT a_pkey': {
      message: 'cannot drop constraint a_pkey on table a because other objects depend on it',
      detail: 'constraint b_a_fkey on table b depends on index a_pkey',
      hint: HINT,
    },
    'DROP SEQUENCE s': {
      message: 'cannot drop sequence s because other objects depend on it',
      detail: 'default value for column n of table c depends on sequence s',
      hint: HINT,
    },
    'DROP INDEX a_pkey': {
      message: 'cannot drop index a_pkey because constraint a_pkey on table a requires it',
      hint: 'You can drop constraint a_pkey on table a instead.',
    },
    'DROP TABLE a_pkey': { message: '"a_pkey" is not a table', hint: 'Use DROP INDEX to remove an index.' },
  };

  test.each(Object.entries(cases))('%s', async (text, { message, detail, hint }) => {
    const error = await session.error(text);
    expect({ message: error.message, detail: error.fields.detail, hint: error.fields.hint }).toEqual({
      message,
      detail,
      hint,
    });
    expect(await session.rows('SELECT count(*) FROM a, b, c')).toEqual([[0]]);
  });
});

test('errors over rows name table, column and constraint', async () => {
  await session.run('CREATE TABLE a (x int); INSERT INTO a VALUES (1), (NULL), (1)');
  expect((await session.error('ALTER TABLE a ALTER x SET NOT NULL')).fields).toMatchObject({
    schemaName: 'public',
    tableName: 'a',
    columnName: 'x',
  });
  expect((await session.error('ALTER TABLE a ADD CONSTRAINT big CHECK (x > 1)')).fields).toMatchObject({
    tableName: 'a',
    constraintName: 'big',
  });
  expect((await session.error('ALTER TABLE a ADD UNIQUE (x)')).fields).toMatchObject({
    constraintName: 'a_x_key',
    detail: 'Key (x)=(1) is duplicated.',
  });
  await session.run('CREATE TABLE b (y int PRIMARY KEY)');
  expect((await session.error('ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b')).fields).toMatchObject({
    constraintName: 'a_x_fkey',
    detail: 'Key (x)=(1) is not present in table "b".',
  });
});
