import { beforeEach, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { runScript } from '../../src/session/run-script.ts';
import type { Session } from '../../src/session/session.ts';
import type { Value } from '../../src/types/value.ts';
import { type SessionWorld, sessionWorld } from './session-world.ts';

let world: SessionWorld;
let session: Session;

beforeEach(async () => {
  world = await sessionWorld();
  session = world.registry.open({
    userName: 'postgres',
    databaseName: 'tidewire',
    remoteAddress: 'test',
    cancelKeyBytes: 4,
  }).session;
  await run("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)");
  world.database.events.length = 0;
});

async function run(text: string): Promise<(string | Value[])[]> {
  const results: (string | Value[])[] = [];
  try {
    await runScript(session, text, {
      begin() {},
      rows(batch) {
        for (let row = 0; row < batch.rowCount; row++) {
          results.push(batch.columns.map((column) => valueAt(column, row)));
        }
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

const rows = async () => (await run('SELECT a, b FROM t ORDER BY a, b')).slice(0, -1);

describe('UPDATE', () => {
  test('writes full rows, with what was not named as it was', async () => {
    expect(await run('UPDATE t SET a = a * 10 WHERE b IS NOT NULL')).toEqual(['UPDATE 2']);
    expect(await rows()).toEqual([
      [3, null],
      [10, 'one'],
      [20, 'two'],
    ]);
  });

  test('finds all its rows before it writes any', async () => {
    await run('INSERT INTO t SELECT n, NULL FROM generate_series(4, 10000) s(n)');
    world.database.events.length = 0;
    expect(await run('UPDATE t SET a = a + 1')).toEqual(['UPDATE 10000']);
    expect(world.database.events.filter((event) => event.startsWith('delete'))).toEqual([
      'delete 4096',
      'delete 4096',
      'delete 1808',
    ]);
    expect(await run('SELECT min(a), max(a), count(*) FROM t')).toEqual([[2, 10_001, 10_000], 'SELECT 1']);
  });

  test('takes one of several matches, once', async () => {
    const [row, tag] = await run(
      "UPDATE t SET b = v.x FROM (VALUES (1, 'x'), (1, 'y'), (9, 'z')) v(a, x) WHERE v.a = t.a RETURNING t.a, b, v.x = b",
    );
    expect([row, tag]).toEqual([[1, expect.stringMatching(/^[xy]$/), true], 'UPDATE 1']);
  });

  test('computes what RETURNING shows from the very values that it writes', async () => {
    const [row] = await run('UPDATE t SET a = (random() * 1000000)::int WHERE a = 1 RETURNING a, a + 1, b');
    const [a, next, b] = row as [number, number, string];
    expect([next, b]).toEqual([a + 1, 'one']);
    expect(await run("SELECT a FROM t WHERE b = 'one'")).toEqual([[a], 'SELECT 1']);
  });
});

describe('DELETE', () => {
  test('shows the old rows', async () => {
    expect(await run('DELETE FROM t WHERE a > 1 RETURNING *, a + 1')).toEqual([
      [2, 'two', 3],
      [3, null, 4],
      'DELETE 2',
    ]);
    expect(await rows()).toEqual([[1, 'one']]);
    expect(await run('DELETE FROM t; DELETE FROM t RETURNING b')).toEqual(['DELETE 1', 'DELETE 0']);
  });

  test('counts a row once, however many rows of USING it matches', async () => {
    expect(await run('DELETE FROM t USING generate_series(1, 5) g(n) WHERE t.a < 3')).toEqual(['DELETE 2']);
  });
});

describe('a statement that fails', () => {
  test('leaves nothing of itself, nor of its block', async () => {
    await expect(run('UPDATE t SET a = 1 / (a - 3)')).rejects.toMatchObject({ code: '22012' });
    await expect(run('BEGIN; DELETE FROM t; SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await run('ROLLBACK');
    expect((await rows()).length).toBe(3);
    expect(world.database.openSnapshots).toBe(0);
  });

  test('for want of memory says so', async () => {
    const small = await sessionWorld({ memoryLimitBytes: 100_000 });
    session = small.registry.open({
      userName: 'postgres',
      databaseName: 'tidewire',
      remoteAddress: 'test',
      cancelKeyBytes: 4,
    }).session;
    await run('CREATE TABLE t (a int); INSERT INTO t SELECT n FROM generate_series(1, 20000) s(n)');
    await expect(run('UPDATE t SET a = a + 1')).rejects.toMatchObject({ code: '53200' });
    expect(await run('UPDATE t SET a = 0 WHERE a < 10')).toEqual(['UPDATE 9']);
  });
});

test.each(["INSERT INTO t VALUES (4, 'x')", 'UPDATE t SET a = 1', 'DELETE FROM t', 'TRUNCATE t'])(
  'a read-only transaction refuses %s',
  async (text) => {
    await expect(run(`BEGIN READ ONLY; ${text}`)).rejects.toMatchObject({ code: '25006' });
  },
);

test('TRUNCATE empties a table, until it is rolled back', async () => {
  expect(await run('BEGIN; TRUNCATE t')).toEqual(['BEGIN', 'TRUNCATE TABLE']);
  expect(await rows()).toEqual([]);
  await run('ROLLBACK');
  expect((await rows()).length).toBe(3);
});

describe('EXPLAIN', () => {
  test('shows what is written, and writes nothing', async () => {
    expect(await run('EXPLAIN (COSTS OFF) UPDATE t SET a = 1 WHERE a = 2')).toEqual([
      ['Update on t'],
      ['  ->  Seq Scan on t'],
      ['        Filter: (a = 2)'],
      'EXPLAIN',
    ]);
    expect((await run('EXPLAIN (COSTS OFF) INSERT INTO t VALUES (1)'))[0]).toEqual(['Insert on t']);
    expect((await rows()).length).toBe(3);
  });

  test('with ANALYZE executes', async () => {
    const lines = (await run('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) DELETE FROM t WHERE a = 2')).flat();
    expect(lines.slice(0, 3)).toEqual([
      'Delete on t (actual rows=0 loops=1)',
      '  ->  Seq Scan on t (actual rows=1 loops=1)',
      '        Filter: (a = 2)',
    ]);
    expect((await rows()).length).toBe(2);
  });
});
