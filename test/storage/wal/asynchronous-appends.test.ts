import { expect, test } from 'vitest';
import { ManualTimers } from '../../support/manual-timers.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { bytesOf, openLog, readTexts, settle } from '../../support/open-write-log.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const LATER = { isSynchronous: false };

/** A log with a record that is durable, so that no seal is due. */
async function started(fileSystem: MemoryFileSystem, timers = new ManualTimers()) {
  const log = await openLog(fileSystem, { timers });
  await log.append(bytesOf('first')).durable;
  return { log, timers };
}

test('an append that need not be synced is durable once it is written, and synced within 100 ms', async () => {
  const fileSystem = new MemoryFileSystem();
  const { log, timers } = await started(fileSystem);
  const syncs = fileSystem.syncCount;
  await log.append(bytesOf('a'), LATER).durable;
  await log.append(bytesOf('b'), LATER).durable;
  expect(fileSystem.syncCount).toBe(syncs);
  expect(log.durableLsn).toBe(1);
  timers.advance(100);
  await settle();
  expect(log.durableLsn).toBe(3);
  expect(fileSystem.syncCount).toBe(syncs + 1);
});

test('of one group, those in front of the first that is synced do not wait for it', async () => {
  const fileSystem = new MemoryFileSystem();
  const { log } = await started(fileSystem);
  let release = () => {};
  fileSystem.beforeOperation = (operation) =>
    operation === 'sync' ? new Promise((resolve) => (release = resolve)) : undefined;
  const done: string[] = [];
  const append = (name: string, options?: { isSynchronous: boolean }) =>
    void log.append(bytesOf(name), options).durable.then(() => done.push(name));
  append('early', LATER);
  append('synced');
  append('late', LATER);
  await settle();
  await settle();
  expect(done).toEqual(['early']);
  fileSystem.beforeOperation = undefined;
  release();
  await settle();
  await settle();
  expect(done.sort()).toEqual(['early', 'late', 'synced']);
});

test('a sync that fails later finishes the log; what was acknowledged before is not rejected', async () => {
  const fileSystem = new MemoryFileSystem();
  const { log, timers } = await started(fileSystem);
  await log.append(bytesOf('a'), LATER).durable;
  fileSystem.fail({ operation: 'sync', code: 'EIO' });
  timers.advance(100);
  await settle();
  expect(log.failure).toMatchObject({ code: '58030' });
  expect(log.rejection).toMatchObject({ after: 2 });
  await expect(log.append(bytesOf('b'), LATER).durable).rejects.toMatchObject({ code: '58030' });
});

test('a full disk refuses them like any other', async () => {
  const fileSystem = new MemoryFileSystem();
  const { log } = await started(fileSystem);
  fileSystem.fail({ operation: 'write', code: 'ENOSPC' });
  await expect(log.append(bytesOf('a'), LATER).durable).rejects.toMatchObject({ code: '53100' });
  await log.append(bytesOf('b')).durable;
  expect(await readTexts(log)).toEqual([
    [1, 'first'],
    [3, 'b'],
  ]);
});

test('a close makes them durable', async () => {
  const fileSystem = new MemoryFileSystem();
  const { log } = await started(fileSystem);
  await log.append(bytesOf('a'), LATER).durable;
  await log.close();
  const again = await openLog(fileSystem.afterPowerCut(new SeededRandom(7)));
  expect(await readTexts(again)).toEqual([
    [1, 'first'],
    [2, 'a'],
  ]);
});

test('a power cut takes the last of them at most, and nothing that was synced after them', async () => {
  for (let seed = 0; seed < 40; seed++) {
    const fileSystem = new MemoryFileSystem();
    const { log } = await started(fileSystem);
    await log.append(bytesOf('a'), LATER).durable;
    await log.append(bytesOf('b')).durable;
    await log.append(bytesOf('c'), LATER).durable;
    const again = await openLog(fileSystem.afterPowerCut(new SeededRandom(seed)));
    const found = (await readTexts(again)).map(([, text]) => text);
    expect(['first,a,b', 'first,a,b,c']).toContain(found.join());
  }
});
