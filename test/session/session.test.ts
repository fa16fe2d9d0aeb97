import { beforeEach, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import type { Notice } from '../../src/session/notice.ts';
import { runScript } from '../../src/session/run-script.ts';
import type { Session } from '../../src/session/session.ts';
import type { Value } from '../../src/types/value.ts';
import { type SessionWorld, sessionWorld } from './session-world.ts';

let world: SessionWorld;
let session: Session;
let notices: Notice[];

function open(): Session {
  return world.registry.open({
    userName: 'postgres',
    databaseName: 'tidewire',
    remoteAddress: 'test',
    cancelKeyBytes: 4,
  }).session;
}

beforeEach(async () => {
  world = await sessionWorld();
  session = open();
  notices = [];
  session.onNotice((notice) => notices.push(notice));
});

/** Runs a text as a door would: rows and tags in order; an error ends in `fail`. */
async function run(text: string, on = session): Promise<(string | Value[])[]> {
  const results: (string | Value[])[] = [];
  try {
    await runScript(on, text, {
      begin() {},
      rows(batch) {
        for (let row = 0; row < batch.rowCount; row++) {
          results.push(batch.columns.map((column) => valueAt(column, row)));
        }
        return undefined;
      },
      complete: (tag) => results.push(tag),
      empty: () => results.push('empty'),
    });
  } catch (error) {
    await on.fail();
    throw error;
  }
  return results;
}

describe('a session', () => {
  test('gives rows and exact tags', async () => {
    expect(await run('CREATE TABLE t (a int, b text)')).toEqual(['CREATE TABLE']);
    expect(await run("INSERT INTO t VALUES (1, 'x'), (2, NULL)")).toEqual(['INSERT 0 2']);
    expect(await run('INSERT INTO t SELECT a + 10, b FROM t')).toEqual(['INSERT 0 2']);
    expect(await run('SELECT a, b FROM t ORDER BY a')).toEqual([
      [1, 'x'],
      [2, null],
      [11, 'x'],
      [12, null],
      'SELECT 4',
    ]);
    expect(await run('DROP TABLE t')).toEqual(['DROP TABLE']);
    expect(await run('START TRANSACTION; COMMIT')).toEqual(['START TRANSACTION', 'COMMIT']);
    expect(await run('BEGIN; ROLLBACK')).toEqual(['BEGIN', 'ROLLBACK']);
    expect(await run('SET extra_float_digits = 0; RESET ALL')).toEqual(['SET', 'RESET']);
    expect(await run('DEALLOCATE ALL')).toEqual(['DEALLOCATE ALL']);
    expect(await run('')).toEqual(['empty']);
  });

  test('begins one storage transaction for a message and ends it', async () => {
    await run('SELECT 1; SELECT 2');
    expect(world.database.events).toEqual(['begin read committed', 'commit']);
    expect(world.database.openSnapshots).toBe(0);
  });

  test('needs no storage transaction for SET and SHOW', async () => {
    await run('SET timezone = UTC; SHOW timezone');
    expect(world.database.events).toEqual([]);
  });

  test('hands isolation and read-only mode on', async () => {
    await run('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    expect(await run('SHOW transaction_isolation; SHOW transaction_read_only')).toEqual([
      ['repeatable read'],
      'SHOW',
      ['on'],
      'SHOW',
    ]);
    await run('SELECT 1; COMMIT');
    expect(world.database.events).toEqual(['begin repeatable read read only', 'commit']);
    await run("SET default_transaction_isolation = 'repeatable read'");
    await run('SELECT 1');
    expect(world.database.events.slice(-2)).toEqual(['begin repeatable read', 'commit']);
  });

  test('fixes isolation and read-write mode with the first query', async () => {
    await run('BEGIN');
    await run("SET transaction_isolation = 'repeatable read'");
    await run('SELECT 1');
    await expect(run("SET transaction_isolation = 'read committed'")).rejects.toMatchObject({ code: '25001' });
    await run('ROLLBACK; BEGIN READ ONLY; SELECT 1');
    await expect(run('SET transaction_read_only = off')).rejects.toMatchObject({ code: '25001' });
    await run('ROLLBACK; BEGIN; SELECT 1');
    await run('SET transaction_read_only = on');
    await run('ROLLBACK');
    expect(await run('BEGIN ISOLATION LEVEL SERIALIZABLE; SHOW transaction_isolation; ROLLBACK')).toContainEqual([
      'serializable',
    ]);
  });

  test('rolls back what it wrote when a later statement of the message fails', async () => {
    await run('CREATE TABLE t (a int)');
    await expect(run('INSERT INTO t VALUES (1); SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
    expect(session.transactionStatus).toBe('idle');
    expect(await run('SELECT count(*) FROM t')).toEqual([[0], 'SELECT 1']);
  });

  test('undoes a failed INSERT before the transaction is', async () => {
    await run('CREATE TABLE t (a int); BEGIN');
    await expect(run('INSERT INTO t SELECT 10 / (3 - n) FROM generate_series(1, 5) s(n)')).rejects.toMatchObject({
      code: '22012',
    });
    expect(world.database.events).toContain('rollback statement');
    expect(session.transactionStatus).toBe('failed');
    expect(world.database.openSnapshots).toBe(0);
  });

  test('leaves a block that cannot commit', async () => {
    await run('BEGIN; SELECT 1');
    world.database.commitError = new Error('no');
    await expect(run('COMMIT')).rejects.toThrow('no');
    expect(session.transactionStatus).toBe('idle');
    expect(await run('SELECT 1')).toEqual([[1], 'SELECT 1']);
  });

  test('gives notices where PostgreSQL does, as far as the client wants them', async () => {
    await run('CREATE TABLE IF NOT EXISTS t (a int)');
    await run('CREATE TABLE IF NOT EXISTS t (a int)');
    await run('DROP TABLE IF EXISTS nope');
    await run("SET LOCAL timezone = 'UTC'");
    expect(notices.map(({ severity, code, message }) => [severity, code, message])).toEqual([
      ['NOTICE', '42P07', 'relation "t" already exists, skipping'],
      ['NOTICE', '00000', 'table "nope" does not exist, skipping'],
      ['WARNING', '25P01', 'SET LOCAL can only be used in transaction blocks'],
    ]);
    notices.length = 0;
    await run('SET client_min_messages = warning');
    await run('DROP TABLE IF EXISTS nope');
    await run('COMMIT');
    expect(notices.map(({ code }) => code)).toEqual(['25P01']);
  });

  const refused: Record<string, string> = {
    'CREATE TABLE t (a int)': '42P07',
    'CREATE TABLE nope.t (a int)': '3F000',
    'DROP TABLE nope': '42P01',
    'SELECT * FROM nope': '42P01',
    'INSERT INTO nope VALUES (1)': '42P01',
    'SHOW nope': '42704',
    'DEALLOCATE nope': '26000',
    'DROP TABLE pg_class': '42501',
  };
  for (const [text, code] of Object.entries(refused)) {
    test(`refuses ${text} with ${code}`, async () => {
      await run('CREATE TABLE t (a int)');
      await expect(run(text)).rejects.toMatchObject({ code });
      expect(await run('SELECT 1')).toEqual([[1], 'SELECT 1']);
    });
  }

  test('knows who and where it is', async () => {
    expect(
      await run(
        'SELECT current_user::text, current_database()::text, pg_backend_pid() > 0, current_schemas(true)::text',
      ),
    ).toEqual([['postgres', 'tidewire', true, '{pg_catalog,public}'], 'SELECT 1']);
    expect(await run("SELECT version() LIKE 'PostgreSQL 15.0 (Tidewire 9.9.9) on %'")).toEqual([[true], 'SELECT 1']);
  });

  test('has one now() for a transaction and one statement time for a message', async () => {
    expect(await run('SELECT now() = transaction_timestamp(), now() <= statement_timestamp()')).toEqual([
      [true, true],
      'SELECT 1',
    ]);
    await run('BEGIN');
    const [first] = await run('SELECT now()');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [second] = await run('SELECT now()');
    expect(second).toEqual(first);
  });

  test('sees tables that other sessions commit, and no others', async () => {
    const other = open();
    await run('BEGIN; CREATE TABLE t (a int)');
    await expect(run('SELECT * FROM t', other)).rejects.toMatchObject({ code: '42P01' });
    await run('COMMIT');
    expect(await run('SELECT * FROM t', other)).toEqual(['SELECT 0']);
  });

  test('finishes a query whose table another session drops meanwhile', async () => {
    await run('CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)');
    const statement = await session.prepare('', 'SELECT a FROM t', []);
    const portal = await session.bind('', statement, []);
    await run('DROP TABLE t', open());
    const completion = await session.execute(portal, { maxRows: 10, onRows: () => undefined });
    expect(completion).toMatchObject({ rowCount: 2, tag: 'SELECT 2' });
  });

  test('notices before a command runs that its table has gone', async () => {
    await run('CREATE TABLE t (a int)');
    const statement = await session.prepare('', 'INSERT INTO t VALUES (1)', []);
    const portal = await session.bind('', statement, []);
    await run('DROP TABLE t', open());
    await expect(session.execute(portal, { maxRows: 10, onRows: () => undefined })).rejects.toMatchObject({
      code: '42P01',
    });
  });

  test('can be cancelled only while something runs', async () => {
    session.cancel('user');
    expect(await run('SELECT 1')).toEqual([[1], 'SELECT 1']);
    const running = run('SELECT count(*) FROM generate_series(1, 1000000000)');
    while (!session.isRunning) await new Promise((resolve) => setImmediate(resolve));
    session.cancel('user');
    await expect(running).rejects.toMatchObject({ code: '57014' });
    expect(session.isRunning).toBe(false);
  });

  test('rolls back and forgets everything when it closes', async () => {
    await run('BEGIN; SELECT 1');
    const portal = await session.bind('p', await session.prepare('s', 'SELECT 1', []), []);
    expect(world.database.openSnapshots).toBe(1);
    await world.registry.close(session);
    expect(world.database.openSnapshots).toBe(0);
    expect(world.database.events.at(-1)).toBe('rollback');
    expect(() => portal.requireRunnable()).toThrow(expect.objectContaining({ code: '55000' }));
    expect(world.registry.size).toBe(0);
  });
});
