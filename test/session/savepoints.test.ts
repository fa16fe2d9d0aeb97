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

beforeEach(async () => {
  world = await sessionWorld();
  session = world.registry.open({
    userName: 'postgres',
    databaseName: 'tidewire',
    remoteAddress: 'test',
    cancelKeyBytes: 4,
  }).session;
  notices = [];
  session.onNotice((notice) => notices.push(notice));
  await run('CREATE TABLE t (a int)');
});

/** Runs a text as a door would, and gives tags and first columns; an error ends in `fail`. */
async function run(text: string): Promise<Value[]> {
  const results: Value[] = [];
  try {
    await runScript(session, text, {
      begin() {},
      rows(batch) {
        for (let row = 0; row < batch.rowCount; row++) results.push(valueAt(batch.columns[0]!, row));
        return undefined;
      },
      complete: (tag) => results.push(tag),
      empty() {},
    });
  } catch (error) {
    await session.fail();
    throw error;
  }
  return results;
}

const codeOf = (text: string) =>
  run(text).then(
    () => 'no error',
    (error) => error.code,
  );
const rows = async () => (await run('SELECT a FROM t ORDER BY a')).slice(0, -1);

describe('a savepoint', () => {
  test('is gone back to as often as one likes', async () => {
    expect(await run('BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s')).toEqual(['BEGIN', 'INSERT 0 1', 'SAVEPOINT']);
    for (const value of [2, 3]) {
      await run(`INSERT INTO t VALUES (${value})`);
      expect(await rows()).toEqual([1, value]);
      expect(await run('ROLLBACK TO s')).toEqual(['ROLLBACK']);
      expect(await rows()).toEqual([1]);
    }
    expect(await run('RELEASE s; COMMIT')).toEqual(['RELEASE', 'COMMIT']);
    expect(await rows()).toEqual([1]);
  });

  test('makes a failed block usable again', async () => {
    await run('BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2)');
    expect(await codeOf('SELECT 1 / 0')).toBe('22012');
    expect(session.transactionStatus).toBe('failed');
    expect(await codeOf('SELECT 1')).toBe('25P02');
    expect(await codeOf('SAVEPOINT other')).toBe('25P02');
    expect(await codeOf('RELEASE s')).toBe('25P02');
    expect(await codeOf('ROLLBACK TO nope')).toBe('3B001');
    expect(session.transactionStatus).toBe('failed');
    await run('ROLLBACK TO s');
    expect(session.transactionStatus).toBe('in-block');
    await run('INSERT INTO t VALUES (3); COMMIT');
    expect(await rows()).toEqual([1, 3]);
  });

  test('hides an earlier one of its name until it is released', async () => {
    await run('BEGIN; SAVEPOINT s; INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2)');
    await run('ROLLBACK TO s');
    expect(await rows()).toEqual([1]);
    await run('RELEASE s; ROLLBACK TO s');
    expect(await rows()).toEqual([]);
    await run('RELEASE s');
    expect(await codeOf('ROLLBACK TO s')).toBe('3B001');
  });

  test('takes those after it along', async () => {
    await run('BEGIN; SAVEPOINT a; SAVEPOINT b; SAVEPOINT c; ROLLBACK TO b');
    expect(await codeOf('RELEASE c')).toBe('3B001');
    await run('ROLLBACK TO b; RELEASE a');
    expect(await codeOf('ROLLBACK TO b')).toBe('3B001');
  });

  test.each(['SAVEPOINT s', 'RELEASE s', 'ROLLBACK TO s', 'SELECT 1; SAVEPOINT s'])(
    'stands in a block only: %s',
    async (text) => {
      await expect(run(text)).rejects.toMatchObject({
        code: '25P01',
        message: expect.stringContaining('can only be used in transaction blocks'),
      });
      expect(session.transactionStatus).toBe('idle');
    },
  );

  test('goes with its block', async () => {
    await run('BEGIN; SAVEPOINT s; COMMIT; BEGIN');
    expect(await codeOf('ROLLBACK TO s')).toBe('3B001');
  });

  test('of a block that failed after it does not save the block', async () => {
    await run('BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s');
    await codeOf('SELECT 1 / 0');
    expect(await run('COMMIT')).toEqual(['ROLLBACK']);
    expect(await rows()).toEqual([]);
  });

  test('keeps the settings', async () => {
    await run("SET timezone = 'UTC'; BEGIN; SET timezone = 'Asia/Tokyo'; SAVEPOINT s; SET timezone = 'Europe/Paris'");
    await run('ROLLBACK TO s');
    expect(await run('SHOW timezone')).toEqual(['Asia/Tokyo', 'SHOW']);
    await run("SET timezone = 'Europe/Rome'; RELEASE s; ROLLBACK");
    expect(await run('SHOW timezone')).toEqual(['UTC', 'SHOW']);
  });
});

describe('portals', () => {
  const fetch = async (name: string) => {
    const values: Value[] = [];
    await session.execute(session.portal(name), {
      maxRows: 2,
      onRows(batch) {
        for (let row = 0; row < batch.rowCount; row++) values.push(valueAt(batch.columns[0]!, row));
        return undefined;
      },
    });
    return values;
  };

  test('that were open before a savepoint can be fetched from after ROLLBACK TO, later ones cannot', async () => {
    await run('BEGIN');
    const statement = await session.prepare('series', 'SELECT n FROM generate_series(1, 9) s(n)', []);
    await session.bind('before', statement, []);
    expect(await fetch('before')).toEqual([1, 2]);
    await run('SAVEPOINT s');
    await session.bind('after', statement, []);
    await codeOf('SELECT 1 / 0');
    await run('ROLLBACK TO s');
    expect(await fetch('before')).toEqual([3, 4]);
    expect(() => session.portal('after')).toThrow('portal "after" does not exist');
    await run('ROLLBACK');
    expect(world.database.openSnapshots).toBe(0);
  });
});

describe('DISCARD ALL', () => {
  test('makes the session as good as new', async () => {
    await run("SET timezone = 'Asia/Tokyo'; SET my.own = 'x'");
    await session.prepare('p', 'SELECT 1', []);
    expect(await run('DISCARD ALL')).toEqual(['DISCARD ALL']);
    expect(await run('SHOW timezone')).toEqual(['UTC', 'SHOW']);
    expect(() => session.preparedStatement('p')).toThrow('does not exist');
  });

  test.each(['BEGIN; DISCARD ALL', 'SELECT 1; DISCARD ALL', 'DISCARD ALL; SELECT 1'])(
    'stands alone: %s',
    async (text) => {
      await expect(run(text)).rejects.toMatchObject({
        code: '25001',
        message: 'DISCARD ALL cannot run inside a transaction block',
      });
    },
  );
});

test('SET TRANSACTION warns outside a block, and not within a script', async () => {
  await run('SET TRANSACTION READ ONLY');
  expect(notices.map((notice) => notice.message)).toEqual(['SET TRANSACTION can only be used in transaction blocks']);
  await run('SET TRANSACTION READ ONLY; SHOW transaction_read_only');
  expect(notices).toHaveLength(1);
});
