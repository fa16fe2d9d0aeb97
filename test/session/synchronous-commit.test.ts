import { beforeEach, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { runScript } from '../../src/session/run-script.ts';
import type { Session } from '../../src/session/session.ts';
import { type SessionWorld, sessionWorld } from './session-world.ts';

let world: SessionWorld;
let session: Session;

beforeEach(async () => {
  world = await sessionWorld();
  const client = { userName: 'postgres', databaseName: 'tidewire', remoteAddress: 'test', cancelKeyBytes: 4 };
  session = world.registry.open(client).session;
});

/** Runs a text; gives the first value of the last row, if there are any. */
async function run(text: string): Promise<unknown> {
  let last: unknown;
  await runScript(session, text, {
    begin() {},
    rows(batch) {
      if (batch.rowCount > 0) last = valueAt(batch.columns[0]!, batch.rowCount - 1);
      return undefined;
    },
    complete() {},
    empty() {},
  });
  return last;
}

const commits = () => world.database.events.filter((event) => event.startsWith('commit'));

test('off lets the commits of a session not wait, until it is set back', async () => {
  await run('SELECT 1');
  await run('SET synchronous_commit = off');
  expect(await run('SHOW synchronous_commit')).toBe('off');
  await run('SELECT 1');
  await run('BEGIN; SELECT 1; COMMIT');
  await run('RESET synchronous_commit');
  await run('SELECT 1');
  expect(commits()).toEqual(['commit', 'commit without waiting', 'commit without waiting', 'commit']);
});

test('SET LOCAL is for one transaction', async () => {
  await run('BEGIN; SET LOCAL synchronous_commit TO off; SELECT 1; COMMIT');
  expect(await run('SHOW synchronous_commit')).toBe('on');
  await run('BEGIN; SELECT 1; COMMIT');
  await run('BEGIN; SAVEPOINT s; SET LOCAL synchronous_commit TO off; SELECT 1; ROLLBACK TO s; COMMIT');
  expect(commits()).toEqual(['commit without waiting', 'commit', 'commit']);
});

test.each(['on', 'local', 'remote_write', 'remote_apply'])('%s waits for the disk', async (value) => {
  await run(`SET synchronous_commit = ${value}`);
  expect(await run('SHOW synchronous_commit')).toBe(value);
  await run('SELECT 1');
  expect(commits()).toEqual(['commit']);
});
