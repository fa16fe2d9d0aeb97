import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Instance } from '../../src/database/instance.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTimers } from '../../src/platform/timers.ts';
import type { Notice } from '../../src/session/notice.ts';
import { runScript } from '../../src/session/run-script.ts';
import { serverIdentity } from '../../src/session/server-facts.ts';
import type { Session } from '../../src/session/session.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';

let fileSystem: MemoryFileSystem;
let instance: Instance;
let session: Session;
let notices: Notice[];

beforeEach(async () => {
  await loadParser();
  fileSystem = new MemoryFileSystem();
  instance = await Instance.open({
    directory: '/data',
    fileSystem,
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
  const facts = { userName: 'postgres', databaseName: 'tidewire', remoteAddress: 'test', cancelKeyBytes: 4 };
  session = registry.open(facts).session;
  notices = [];
  session.onNotice((notice) => notices.push(notice));
});

afterEach(async () => {
  fileSystem.beforeOperation = undefined;
  await instance.close();
});

/** The tags of the statements of a text. */
async function run(text: string): Promise<string[]> {
  const tags: string[] = [];
  try {
    await runScript(session, text, {
      begin() {},
      rows: () => undefined,
      complete: (tag) => tags.push(tag),
      empty() {},
    });
  } catch (error) {
    await session.fail();
    throw error;
  }
  return tags;
}

const segments = () => fileSystem.allFiles().filter((path) => path.endsWith('.segment'));

async function storeTwice(name: string): Promise<void> {
  await run(`CREATE TABLE ${name} (time timestamptz, x int) WITH (tidewire.time = 'time')`);
  for (const hour of [1, 2]) {
    await run(`INSERT INTO ${name} VALUES ('2024-01-01 0${hour}:00', ${hour})`);
    await instance.flush();
  }
}

describe('VACUUM', () => {
  test('FULL leaves one file of a table', async () => {
    await storeTwice('t');
    await storeTwice('u');
    expect(segments().length).toBe(4);
    expect(await run('VACUUM FULL t')).toEqual(['VACUUM']);
    expect(segments().length).toBe(3);
    expect(notices).toEqual([]);
  });

  test('of no table is of all', async () => {
    await storeTwice('t');
    await storeTwice('u');
    await run('VACUUM FULL');
    expect(segments().length).toBe(2);
  });

  test('brings to disk what is in memory, and leaves out what is deleted', async () => {
    await run('CREATE TABLE t (time timestamptz, x int) WITH (tidewire.time = $$time$$)');
    await run(`INSERT INTO t VALUES ('2024-01-01', 1), ('2024-01-02', 2)`);
    await run('VACUUM t');
    expect(segments().length).toBe(2);
    await run('DELETE FROM t WHERE x = 1');
    await run('VACUUM t');
    expect(segments().length).toBe(1);
    expect(fileSystem.allFiles().filter((path) => path.endsWith('.deletes'))).toEqual([]);
  });

  test('VERBOSE says what it did', async () => {
    await storeTwice('t');
    await run('VACUUM (FULL, VERBOSE) t');
    expect(notices.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'INFO vacuuming "tidewire.public.t"',
      expect.stringMatching(
        /^INFO finished vacuuming "tidewire.public.t": merges: 1\nsegments: 2 read, 1 written\nrows: 2 read, 2 written\nbytes: \d+ read, \d+ written$/,
      ),
    ]);
  });

  test('passes over system tables with a warning', async () => {
    expect(await run('VACUUM pg_class')).toEqual(['VACUUM']);
    expect(notices).toMatchObject([
      {
        severity: 'WARNING',
        code: '01000',
        message: 'skipping "pg_class" --- cannot vacuum non-tables or special system tables',
      },
    ]);
  });

  test('is part of no transaction, and of no script', async () => {
    await storeTwice('t');
    await expect(run('BEGIN; VACUUM t')).rejects.toMatchObject({ code: '25001' });
    await run('ROLLBACK');
    await expect(run('SELECT 1; VACUUM t')).rejects.toMatchObject({ code: '25001' });
    expect(await run('SET default_transaction_read_only = on')).toEqual(['SET']);
    expect(await run('VACUUM t')).toEqual(['VACUUM']);
  });

  test('ends at the time limit of a statement', async () => {
    await storeTwice('t');
    await run('SET statement_timeout = 30');
    fileSystem.beforeOperation = (operation, path) =>
      operation === 'write' && path.includes('/drafts/')
        ? new Promise((resolve) => setTimeout(resolve, 300))
        : undefined;
    await expect(run('VACUUM FULL t')).rejects.toMatchObject({ code: '57014' });
    fileSystem.beforeOperation = undefined;
    await run('SET statement_timeout = 0; SELECT 1');
    await run('VACUUM FULL t');
    expect(segments().length).toBe(1);
  });
});
