import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DefinitionWorld, type TestSession } from '../definitions/definition-session.ts';

let world: DefinitionWorld;
let session: TestSession;

beforeEach(async () => {
  world = new DefinitionWorld();
  await world.start();
  session = world.connect();
});

afterEach(() => world.stop());

const ROLES = `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, rolvaliduntil
  FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY rolname`;
const MEMBERS = `SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members
  WHERE roleid >= 16384 ORDER BY 1, 2`;
const GRANTS = `SELECT relname::text, relacl::text FROM pg_class WHERE relacl IS NOT NULL AND oid >= 16384 ORDER BY 1`;

async function state(): Promise<unknown> {
  const reader = world.connect();
  const found = [await reader.rows(ROLES), await reader.rows(MEMBERS), await reader.rows(GRANTS)];
  await reader.close();
  return found;
}

async function makeRoles(): Promise<void> {
  await session.run(`CREATE ROLE readers; CREATE USER ada PASSWORD 'countess' CONNECTION LIMIT 4 IN ROLE readers;
    CREATE ROLE boss SUPERUSER LOGIN VALID UNTIL '2040-01-01 00:00:00+00' ADMIN ada; CREATE TABLE t (a int, b int);
    GRANT SELECT ON t TO readers; GRANT INSERT (a) ON t TO ada; GRANT CREATE ON DATABASE tidewire TO ada;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO readers; CREATE TABLE u (a int)`);
}

describe('roles and rights', () => {
  test('are there after a crash, out of the log', async () => {
    await makeRoles();
    const before = await state();
    await world.crash(1);
    expect(await state()).toEqual(before);
  });

  test('are there after a flush and a restart, out of the manifest', async () => {
    await makeRoles();
    const before = await state();
    await world.flush();
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
    expect(await state()).toEqual(before);
  });

  test('that were changed and dropped after a flush are so after a crash', async () => {
    await makeRoles();
    await world.flush();
    await session.run(`ALTER ROLE ada NOLOGIN CREATEDB; REVOKE readers FROM ada; REVOKE SELECT ON t FROM readers;
      DROP ROLE boss; ALTER ROLE readers RENAME TO lookers`);
    const before = await state();
    await world.crash(2);
    expect(await state()).toEqual(before);
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
  });

  test('come with the tables of their transaction, or not at all', async () => {
    await session.run('BEGIN; CREATE ROLE half; CREATE TABLE mine (a int); GRANT SELECT ON mine TO half; ROLLBACK');
    expect(await session.rows("SELECT 1 FROM pg_roles WHERE rolname = 'half'")).toEqual([]);
    await session.run('BEGIN; CREATE ROLE half; CREATE TABLE mine (a int); GRANT SELECT ON mine TO half');
    const other = world.connect();
    expect(await other.rows("SELECT 1 FROM pg_roles WHERE rolname = 'half'")).toEqual([]);
    await session.run('COMMIT');
    expect(await other.rows("SELECT 1 FROM pg_roles WHERE rolname = 'half'")).toHaveLength(1);
  });

  test('are taken back to a savepoint', async () => {
    await session.run('BEGIN; CREATE ROLE a_role; SAVEPOINT s; CREATE ROLE b_role; ROLLBACK TO s; COMMIT');
    expect(await session.rows("SELECT rolname::text FROM pg_roles WHERE rolname LIKE '_\\_role'")).toEqual([
      ['a_role'],
    ]);
  });

  test('of one name cannot be made by two transactions', async () => {
    const other = world.connect();
    await session.run('BEGIN; CREATE ROLE twice');
    await other.run('BEGIN; CREATE ROLE twice');
    await session.run('COMMIT');
    expect((await other.error('COMMIT')).code).toBe('42710');
    expect(await session.rows("SELECT count(*)::int FROM pg_roles WHERE rolname = 'twice'")).toEqual([[1]]);
  });

  test('that two transactions give at once are not lost: the second is told', async () => {
    await session.run('CREATE ROLE x; CREATE ROLE y; CREATE TABLE g (a int)');
    const other = world.connect();
    await session.run('BEGIN; GRANT SELECT ON g TO x');
    await other.run('BEGIN; GRANT SELECT ON g TO y');
    await session.run('COMMIT');
    expect((await other.error('COMMIT')).code).toBe('40001');
  });

  test('stay with a table that becomes a time-series table', async () => {
    await session.run(`CREATE ROLE x; CREATE ROLE y LOGIN; CREATE TABLE g (gone int, at timestamptz NOT NULL, v int);
      ALTER TABLE g DROP COLUMN gone; GRANT SELECT ON g TO x; GRANT UPDATE (v) ON g TO x`);
    const stranger = world.connect('y');
    expect((await stranger.error("SELECT create_hypertable('g', 'at')")).message).toBe('must be owner of table g');
    await session.run("SELECT create_hypertable('g', 'at')");
    const rights = `SELECT has_table_privilege('x', 'g', 'SELECT'), has_table_privilege('x', 'g', 'UPDATE'),
      has_column_privilege('x', 'g', 'v', 'UPDATE'), has_column_privilege('x', 'g', 'at', 'UPDATE')`;
    expect(await session.rows(rights)).toEqual([[true, false, true, false]]);
  });

  test('go with what they are on', async () => {
    await session.run(
      'CREATE ROLE x; CREATE TABLE g (a int, b int); GRANT SELECT ON g TO x; GRANT UPDATE (b) ON g TO x',
    );
    expect((await session.error('DROP ROLE x')).code).toBe('2BP01');
    await session.run('ALTER TABLE g DROP COLUMN b; DROP TABLE g; DROP ROLE x');
  });
});

describe('a password', () => {
  test('is kept as a SCRAM verifier, and a ready one as it is', async () => {
    await session.run("CREATE ROLE p PASSWORD 'open sesame'");
    const [[kept]] = await session.rows("SELECT rolpassword FROM pg_authid WHERE rolname = 'p'");
    expect(kept).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
    await session.run(`CREATE ROLE q PASSWORD '${String(kept)}'; ALTER ROLE p PASSWORD NULL`);
    expect(
      await session.rows("SELECT rolname::text, rolpassword FROM pg_authid WHERE rolname IN ('p', 'q') ORDER BY 1"),
    ).toEqual([
      ['p', null],
      ['q', kept],
    ]);
  });

  test('in MD5 is refused', async () => {
    expect((await session.error("CREATE ROLE p PASSWORD 'md50123456789abcdef0123456789abcdef'")).code).toBe('0A000');
  });
});

describe('a database', () => {
  test('is made, used, altered, and there after a crash', async () => {
    await session.run('CREATE ROLE owner_x');
    await session.run('CREATE DATABASE shop OWNER owner_x CONNECTION LIMIT 5');
    const inside = world.connect('postgres', 'shop');
    await inside.run('CREATE TABLE goods (id int PRIMARY KEY, name text); INSERT INTO goods VALUES (1, $$tea$$)');
    await inside.close();
    await world.crash(3);
    session = world.connect();
    expect(
      await session.rows("SELECT datdba::regrole::text, datconnlimit FROM pg_database WHERE datname = 'shop'"),
    ).toEqual([['owner_x', 5]]);
    const again = world.connect('postgres', 'shop');
    expect(await again.rows('SELECT name FROM goods')).toEqual([['tea']]);
    await again.close();
    await session.run('ALTER DATABASE shop RENAME TO store; ALTER DATABASE store OWNER TO postgres');
    await world.flush();
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
    const third = world.connect('postgres', 'store');
    expect(await third.rows('SELECT name FROM goods')).toEqual([['tea']]);
    await third.run('DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE goods (id int)');
    await third.close();
    await world.crash(4);
  });

  test('goes with all that is in it, while nobody is there', async () => {
    await session.run('CREATE DATABASE gone');
    const inside = world.connect('postgres', 'gone');
    await inside.run('CREATE TABLE t (id serial PRIMARY KEY, name text); INSERT INTO t (name) VALUES ($$x$$)');
    await world.flush();
    await inside.run('INSERT INTO t (name) VALUES ($$y$$); CREATE TABLE w (a int); INSERT INTO w VALUES (1)');
    expect((await session.error('DROP DATABASE gone')).code).toBe('55006');
    await inside.close();
    await session.run('DROP DATABASE gone');
    expect(() => world.connect('postgres', 'gone')).toThrow(/does not exist/);
    await world.crash(5);
    expect(() => world.connect('postgres', 'gone')).toThrow(/does not exist/);
    session = world.connect();
    await session.run('CREATE DATABASE gone');
    const again = world.connect('postgres', 'gone');
    expect((await again.error('SELECT * FROM t')).code).toBe('42P01');
    await again.close();
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
  });

  test('is neither made nor dropped within a transaction', async () => {
    expect((await session.error('BEGIN; CREATE DATABASE d')).code).toBe('25001');
    await session.run('ROLLBACK');
    expect((await session.error('BEGIN; DROP DATABASE postgres')).code).toBe('25001');
    await session.run('ROLLBACK');
    expect((await session.error('DROP DATABASE tidewire')).code).toBe('55006');
  });

  test('lets in who may connect, and as many as it takes', async () => {
    await session.run('CREATE ROLE guest LOGIN CONNECTION LIMIT 1');
    await session.run('CREATE DATABASE closed');
    await session.run('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
    await session.run('CREATE DATABASE small CONNECTION LIMIT 0');
    expect(() => world.connect('guest', 'closed')).toThrow(/permission denied for database "closed"/);
    expect(() => world.connect('guest', 'small')).toThrow(/too many connections for database "small"/);
    const one = world.connect('guest');
    expect(() => world.connect('guest')).toThrow(/too many connections for role "guest"/);
    await one.close();
    await session.run('ALTER DATABASE closed ALLOW_CONNECTIONS false');
    expect(() => world.connect('postgres', 'closed')).toThrow(/not currently accepting connections/);
    await session.run('ALTER ROLE guest NOLOGIN');
    expect(() => world.connect('guest')).toThrow(/not permitted to log in/);
  });
});
