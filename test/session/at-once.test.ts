import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { Instance } from '../../src/database/instance.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import { runScript } from '../../src/session/run-script.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import type { Session } from '../../src/session/session.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';

let instance: Instance;
let session: Session;
const silent = { begin() {}, rows: () => undefined, complete() {}, empty() {} };

beforeEach(async () => {
  await loadParser();
  // Whoever takes long gives others a turn, which is a promise.
  vi.useFakeTimers({ toFake: ['performance'] });
  instance = await Instance.open({
    directory: '/data',
    fileSystem: new MemoryFileSystem(),
    cacheBytes: 1 << 20,
    logFileBytes: 1 << 18,
    reserveBytes: 0,
  });
  const registry = new SessionRegistry({
    backend: instance,
    server: serverIdentity('9.9.9', 0),
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    log: () => {},
    memoryLimitBytes: 1 << 28,
  });
  const login = { userName: 'postgres', databaseName: 'tidewire', remoteAddress: 'test', cancelKeyBytes: 4 };
  session = registry.open(login).session;
  await runScript(session, 'CREATE TABLE t (a int PRIMARY KEY, b text)', silent);
  await runScript(session, "INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 9) n", silent);
});

afterEach(async () => {
  vi.useRealTimers();
  await session.close();
  await instance.close();
});

/** A script's rows; `isAtOnce`: it was done when the call returned. */
async function run(text: string): Promise<{ isAtOnce: boolean; rows: unknown[][] }> {
  const rows: unknown[][] = [];
  const running = runScript(session, text, {
    ...silent,
    rows(batch) {
      for (let row = 0; row < batch.rowCount; row++) rows.push(batch.columns.map((column) => valueAt(column, row)));
      return undefined;
    },
  });
  await running;
  return { isAtOnce: running === undefined, rows };
}

describe('what needs not be waited for', () => {
  const texts = {
    'a row that is found by its key': ['SELECT b, a FROM t WHERE a = 3', [['name 3', 3]]],
    'a key that no row has': ['SELECT b FROM t WHERE a = 33', []],
    'a key with one more condition': ["SELECT b FROM t WHERE a = 3 AND b = 'name 4'", []],
    'something computed of the row': ['SELECT a * 2 FROM t WHERE a = 4', [[8]]],
    'a SELECT without FROM': ["SELECT 1, 'x' || 'y'", [[1, 'xy']]],
  } as const;
  for (const [name, [text, rows]] of Object.entries(texts)) {
    test(`${name} comes without a promise`, async () => {
      expect(await run(text)).toEqual({ isAtOnce: true, rows });
      expect(await run(text)).toEqual({ isAtOnce: true, rows });
    });
  }

  test('what has to be waited for has a promise, and the same rows', async () => {
    expect(await run('SELECT count(*) FROM t')).toEqual({ isAtOnce: false, rows: [[9]] });
  });

  test('what is slept is waited for, where the row itself is there', async () => {
    vi.useRealTimers();
    const start = performance.now();
    expect(await run('SELECT 2, pg_sleep(0.05) IS NULL')).toEqual({ isAtOnce: false, rows: [[2, false]] });
    expect(performance.now() - start).toBeGreaterThanOrEqual(49);
  });

  test('an INSERT is committed before it is done', async () => {
    expect(await run("INSERT INTO t VALUES (10, 'name 10')")).toMatchObject({ isAtOnce: false });
    expect(await run('SELECT b FROM t WHERE a = 10')).toEqual({ isAtOnce: true, rows: [['name 10']] });
  });

  test('a transaction that has counted a sequence waits for its commit', async () => {
    await run('CREATE SEQUENCE s');
    expect(await run("SELECT nextval('s')")).toEqual({ isAtOnce: false, rows: [[1]] });
  });

  test('an error of a row that is found at once leaves the session as it was', async () => {
    await expect(run('SELECT 1 / (a - a) FROM t WHERE a = 3')).rejects.toMatchObject({ code: '22012' });
    await session.fail();
    expect(await run('SELECT a FROM t WHERE a = 3')).toEqual({ isAtOnce: true, rows: [[3]] });
  });
});
