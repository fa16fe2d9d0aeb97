import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import { MemoryFileSystem, type Operation } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { contents, expectSound, storeSegments, vacuum } from './compaction-helpers.ts';
import { DAY, databaseOf, deleteWhere, killed, openScratch, type Point } from './scratch-instance.ts';

/** Each batch is so much smaller than the one before that nothing is merged in the background. */
const BATCH_ROWS = [240, 60, 20];

const TYPES = { s: 'string' } as const;

/** Points that write again what earlier batches have, in part, in two partitions; each third of a batch is new. */
function batch(index: number): Point[] {
  const random = new SeededRandom(index);
  return Array.from({ length: BATCH_ROWS[index]! }, (_, row) => ({
    tags: { host: row % 2 === 0 ? 'a' : 'b' },
    fields:
      row % 3 === 0
        ? { x: index * 100 + row }
        : { y: row, s: Array.from({ length: 8 }, () => random.fraction()).join(' ') },
    time: (row % 5 === 4 ? DAY : 0) + row * 10 + (row % 3 === 0 ? index : 0),
    nanoseconds: row % 7 === 6 ? 500 : 0,
  }));
}

async function remove(database: Database, host: string, below: number): Promise<void> {
  const transaction = database.begin();
  try {
    await deleteWhere(transaction, 'm', (row) => row.host === host && Number(row.time) % DAY < below);
    await transaction.commit();
  } finally {
    transaction.rollback();
  }
}

/** Three segments in each of two partitions; some of their rows are deleted, on disk and in memory alone. */
async function prepare(fileSystem: MemoryFileSystem): Promise<Instance> {
  const instance = await openScratch(fileSystem, { logFileBytes: 32_768 });
  await storeSegments(instance, 'm', [batch(0), batch(1)], TYPES);
  await remove(databaseOf(instance), 'a', 15);
  await storeSegments(instance, 'm', [batch(2)], TYPES);
  await remove(databaseOf(instance), 'b', 15);
  expect(instance.compactions.counts.merges).toBe(0);
  return instance;
}

/** What happens while the fault is to come; what it changed for good once it is acknowledged. */
async function act(instance: Instance): Promise<{ isAcknowledged: boolean; errors: unknown[] }> {
  const database = databaseOf(instance);
  const errors: unknown[] = [];
  const note = (error: unknown): void => {
    errors.push(error);
  };
  let isAcknowledged = false;
  const merging = vacuum(database, 'm').catch(note);
  await remove(database, 'a', 25).then(() => {
    isAcknowledged = true;
  }, note);
  await merging;
  return { isAcknowledged, errors };
}

/** What a reader finds before `act`, and after it. */
async function outcomes(): Promise<{ before: string[]; after: string[] }> {
  const instance = await prepare(new MemoryFileSystem());
  const before = await contents(databaseOf(instance), 'm');
  await remove(databaseOf(instance), 'a', 25);
  const after = await contents(databaseOf(instance), 'm');
  await instance.close();
  expect(after.length).toBeLessThan(before.length);
  return { before, after };
}

/** The disk that is left comes up with all that was acknowledged, and can be merged. */
async function expectRecovered(
  disk: MemoryFileSystem,
  wanted: { before: string[]; after: string[] },
  isAcknowledged: boolean,
): Promise<void> {
  const reports: string[] = [];
  const instance = await openScratch(disk, {
    logFileBytes: 32_768,
    log: (level, message) => {
      if (level !== 'info') reports.push(message);
    },
  });
  const found = await contents(databaseOf(instance), 'm');
  // What was not acknowledged may be there all the same.
  if (isAcknowledged || JSON.stringify(found) !== JSON.stringify(wanted.before)) expect(found).toEqual(wanted.after);
  expect(reports).toEqual([]);
  await vacuum(databaseOf(instance), 'm');
  expect(await contents(databaseOf(instance), 'm')).toEqual(found);
  await instance.close();
  await expectSound(disk);
}

describe('a merge', () => {
  test('that the power fails in, at any operation, leaves its inputs or its result', async () => {
    const wanted = await outcomes();
    let count = 0;
    for (; ; count++) {
      const fileSystem = new MemoryFileSystem();
      const instance = await prepare(fileSystem);
      fileSystem.cutPowerAfter(count);
      const { isAcknowledged } = await act(instance);
      const isOver = !fileSystem.isPowerOff;
      for (const seed of [1, 2]) {
        const disk = fileSystem.afterPowerCut(new SeededRandom(seed * 1000 + count));
        await disk.remove('/data/tidewire.lock');
        await expectRecovered(disk, wanted, isAcknowledged);
      }
      fileSystem.isPowerOff = true;
      await instance.close().catch(() => {});
      if (isOver) break;
    }
    expect(count).toBeGreaterThan(30);
  });

  test('that is killed at any operation leaves its inputs or its result', async () => {
    const wanted = await outcomes();
    for (let count = 0; ; count++) {
      const fileSystem = new MemoryFileSystem();
      const instance = await prepare(fileSystem);
      fileSystem.cutPowerAfter(count);
      const { isAcknowledged } = await act(instance);
      const isOver = !fileSystem.isPowerOff;
      await expectRecovered(await killed(fileSystem), wanted, isAcknowledged);
      fileSystem.isPowerOff = true;
      await instance.close().catch(() => {});
      if (isOver) break;
    }
  });

  const faults: readonly (readonly [operation: Operation, code: string])[] = [
    ['open', 'EMFILE'],
    ['read', 'EIO'],
    ['write', 'EIO'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
    ['rename', 'EIO'],
    ['syncDirectory', 'EIO'],
    ['remove', 'EIO'],
  ];
  for (const [operation, code] of faults) {
    test(`that a failing ${operation} (${code}) ends, whichever it is, leaves the table as it was`, async () => {
      const wanted = await outcomes();
      for (let after = 0; ; after++) {
        const fileSystem = new MemoryFileSystem();
        const instance = await prepare(fileSystem);
        const countBefore = fileSystem.counts.get(operation) ?? 0;
        fileSystem.fail({ operation, code, after, path: '/data/', writtenBytes: 7 });
        const { isAcknowledged } = await act(instance);
        const isOver = (fileSystem.counts.get(operation) ?? 0) - countBefore <= after;
        fileSystem.clearFaults();
        const found = await contents(databaseOf(instance), 'm');
        if (isAcknowledged || JSON.stringify(found) !== JSON.stringify(wanted.before)) {
          expect(found).toEqual(wanted.after);
        }
        await expectRecovered(await killed(fileSystem), wanted, isAcknowledged);
        await instance.close().catch(() => {});
        if (isOver) break;
      }
    });
  }

  test('on a full disk is refused with 53100, and comes about when there is room', async () => {
    const wanted = await outcomes();
    const fileSystem = new MemoryFileSystem();
    const instance = await prepare(fileSystem);
    await instance.flush();
    fileSystem.fail({ operation: 'write', path: '/drafts/', code: 'ENOSPC', isLasting: true });
    await expect(vacuum(databaseOf(instance), 'm')).rejects.toMatchObject({ code: '53100' });
    expect(await contents(databaseOf(instance), 'm')).toEqual(wanted.before);
    fileSystem.clearFaults();
    expect((await vacuum(databaseOf(instance), 'm')).length).toBe(2);
    expect(await contents(databaseOf(instance), 'm')).toEqual(wanted.before);
    await instance.close();
    await expectSound(fileSystem);
  });
});
