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

const STATE = [
  'SELECT setdatabase, setrole, setconfig::text FROM pg_db_role_setting ORDER BY 1, 2',
  'SELECT classoid, description FROM pg_shdescription ORDER BY 1, 2',
  'SELECT oid, extname, extversion FROM pg_extension ORDER BY 1',
  'SELECT objoid, description FROM pg_description WHERE classoid = 3079 ORDER BY 1',
  'SELECT oid, proacl::text FROM pg_proc WHERE proacl IS NOT NULL ORDER BY 1',
  'SELECT lanname::text, lanacl::text FROM pg_language WHERE lanacl IS NOT NULL',
  'SELECT typname::text, typacl::text FROM pg_type WHERE typacl IS NOT NULL ORDER BY 1',
];

async function state(): Promise<unknown> {
  const reader = world.connect();
  const found: unknown[] = [];
  for (const query of STATE) found.push(await reader.rows(query));
  await reader.close();
  return found;
}

async function make(): Promise<void> {
  await session.run(`CREATE ROLE ada LOGIN; ALTER ROLE ada SET lock_timeout = '3s'; ALTER ROLE ALL SET lock_timeout = '1s';
    ALTER DATABASE tidewire SET lock_timeout = '2s'; ALTER ROLE ada SET my.own = 'ü';
    ALTER ROLE ada IN DATABASE tidewire SET lock_timeout = '4s'; COMMENT ON ROLE ada IS 'countess';
    COMMENT ON DATABASE tidewire IS 'the one'; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION pgcrypto;
    REVOKE EXECUTE ON FUNCTION lower(text) FROM PUBLIC; GRANT USAGE ON LANGUAGE sql TO ada; GRANT USAGE ON TYPE int8 TO ada`);
}

async function lockTimeout(userName: string): Promise<unknown> {
  const login = world.connect(userName);
  login.begin();
  const [[shown]] = await login.rows('SHOW lock_timeout');
  await login.close();
  return shown;
}

describe('settings, comments, extensions and rights on functions', () => {
  test('are there after a crash, out of the log', async () => {
    await make();
    const before = await state();
    await world.crash(1);
    expect(await state()).toEqual(before);
    expect(await lockTimeout('ada')).toBe('4s');
  });

  test('are there after a flush and a restart, out of the manifest', async () => {
    await make();
    const before = await state();
    await world.flush();
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
    expect(await state()).toEqual(before);
  });

  test('that were changed and dropped after a flush are so after a crash', async () => {
    await make();
    await world.flush();
    await session.run(`ALTER ROLE ada RESET ALL; ALTER ROLE ALL SET search_path = a, b; DROP EXTENSION pgcrypto;
      COMMENT ON ROLE ada IS NULL; GRANT EXECUTE ON FUNCTION lower(text) TO PUBLIC; ALTER DATABASE tidewire RESET ALL`);
    const before = await state();
    await world.crash(2);
    expect(await state()).toEqual(before);
    await world.stop();
    expect(await world.problems()).toEqual([]);
    await world.start();
  });

  test('go with their role and their database', async () => {
    await make();
    await session.run('DROP OWNED BY ada; DROP ROLE ada');
    await session.run('CREATE DATABASE aside');
    await session.run("ALTER DATABASE aside SET lock_timeout = '9s'; COMMENT ON DATABASE aside IS 'x'");
    await session.run('DROP DATABASE aside');
    const rows = await session.rows('SELECT setconfig::text FROM pg_db_role_setting ORDER BY 1');
    expect(rows).toEqual([['{lock_timeout=1s}'], ['{lock_timeout=2s}']]);
    expect(await session.rows('SELECT description FROM pg_shdescription')).toEqual([['the one']]);
  });
});

describe('what a session begins with', () => {
  test('is what is said of the fewest sessions', async () => {
    await make();
    expect(await lockTimeout('postgres')).toBe('2s');
    expect(await lockTimeout('ada')).toBe('4s');
    await session.run('ALTER ROLE ada IN DATABASE tidewire RESET lock_timeout');
    expect(await lockTimeout('ada')).toBe('3s');
    await session.run('ALTER ROLE ada RESET lock_timeout; ALTER DATABASE tidewire RESET lock_timeout');
    expect(await lockTimeout('ada')).toBe('1s');
    await session.run('ALTER ROLE ALL RESET ALL');
    expect(await lockTimeout('ada')).toBe('0');
  });

  test('gives way to what the client asks for, and is what RESET goes back to', async () => {
    await make();
    const login = world.connect('ada');
    login.begin([['DateStyle', 'german']]);
    await session.run("ALTER ROLE ada SET DateStyle = 'sql'");
    expect(await login.rows('SHOW DateStyle')).toEqual([['German, DMY']]);
    await login.run("SET lock_timeout = '7s'; RESET lock_timeout");
    expect(await login.rows('SHOW lock_timeout')).toEqual([['4s']]);
    const sources = await login.rows(
      "SELECT name, source FROM pg_settings WHERE name IN ('lock_timeout', 'DateStyle') ORDER BY 1",
    );
    expect(sources).toEqual([
      ['DateStyle', 'client'],
      ['lock_timeout', 'database user'],
    ]);
  });

  test('is left out where it cannot be used any more, with a warning', async () => {
    await session.run("CREATE ROLE ada LOGIN; ALTER ROLE ada SET role = 'nobody'; ALTER ROLE ada SET my.own = 'a'");
    const login = world.connect('ada');
    login.begin();
    expect(login.notices()).toEqual(['role "nobody" does not exist']);
    expect(await login.rows('SHOW my.own')).toEqual([['a']]);
  });
});

test('of two that set at once the second is refused, and loses nothing of the first', async () => {
  await session.run('CREATE ROLE ada LOGIN');
  const other = world.connect();
  await session.run("BEGIN; ALTER ROLE ada SET lock_timeout = '1s'");
  await other.run("BEGIN; ALTER ROLE ada SET statement_timeout = '1s'");
  await session.run('COMMIT');
  await expect(other.run('COMMIT')).rejects.toMatchObject({ code: '40001' });
  expect(await session.rows('SELECT setconfig::text FROM pg_db_role_setting')).toEqual([['{lock_timeout=1s}']]);
});

test('a plan is made anew when a right to a function is taken', async () => {
  await session.run('CREATE ROLE ada LOGIN; SET ROLE ada; PREPARE shout AS SELECT upper($1::text)');
  expect(await session.rows("EXECUTE shout('a')")).toEqual([['A']]);
  const other = world.connect();
  await other.run('REVOKE EXECUTE ON FUNCTION upper(text) FROM PUBLIC');
  await expect(session.run("EXECUTE shout('a')")).rejects.toMatchObject({ code: '42501' });
  await other.run('GRANT EXECUTE ON FUNCTION upper(text) TO ada');
  expect(await session.rows("EXECUTE shout('a')")).toEqual([['A']]);
});
