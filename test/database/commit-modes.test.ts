import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  batchOf,
  databaseOf,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  tableNamed,
} from './scratch-instance.ts';

const TABLE = newTable('t', ['time timestamptz not null', 'x float8'], { time: 'time' });

async function insertLater(database: Database, x: number): Promise<void> {
  const transaction = database.begin();
  const table = tableNamed(transaction, 't');
  await transaction.append(table.descriptor.oid, rowsOf(table, [[x, x]]));
  await transaction.commit({ isSynchronous: false });
}

const valuesIn = async (database: Database) => (await readTable(database, 't')).map((row) => row.x);

describe('a commit that does not wait for the disk', () => {
  test('is visible when it returns, and needs no sync of its own', async () => {
    const fileSystem = new MemoryFileSystem();
    const timers = new ManualTimers();
    const instance = await openScratch(fileSystem, { timers });
    const database = databaseOf(instance);
    await makeTable(database, TABLE);
    const syncs = fileSystem.syncCount;
    for (let x = 0; x < 5; x++) {
      await insertLater(database, x);
      expect(await valuesIn(database)).toHaveLength(x + 1);
    }
    expect(fileSystem.syncCount).toBe(syncs);
    timers.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fileSystem.syncCount).toBeGreaterThan(syncs);
    const again = await openScratch(await withoutLock(fileSystem.afterPowerCut(new SeededRandom(1))));
    expect(await valuesIn(databaseOf(again))).toEqual([0, 1, 2, 3, 4]);
  });

  test('may be lost by a power cut, but nothing that was acknowledged as durable is', async () => {
    for (let seed = 0; seed < 25; seed++) {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem, { timers: new ManualTimers() });
      const database = databaseOf(instance);
      await makeTable(database, TABLE);
      await insertLater(database, 1);
      await insert(database, 't', [[2, 2]]);
      await insertLater(database, 3);
      await insertLater(database, 4);
      const again = await openScratch(await withoutLock(fileSystem.afterPowerCut(new SeededRandom(seed))));
      const found = await valuesIn(databaseOf(again));
      expect([
        [1, 2],
        [1, 2, 3],
        [1, 2, 3, 4],
      ]).toContainEqual(found);
    }
  });

  test('that was made visible is not taken back when a later sync fails', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, TABLE);
    await insertLater(database, 1);
    fileSystem.fail({ operation: 'sync', path: '/wal/', code: 'EIO' });
    await expect(insert(database, 't', [[2, 2]])).rejects.toMatchObject({ code: '58030' });
    expect(await valuesIn(database)).toEqual([1]);
  });
});

async function withoutLock(disk: MemoryFileSystem): Promise<MemoryFileSystem> {
  if (await disk.exists('/data/tidewire.lock')) await disk.remove('/data/tidewire.lock');
  return disk;
}

describe('an unlogged table', () => {
  const UNLOGGED = { ...TABLE, persistence: 'unlogged' as const };

  test('keeps its rows over an orderly end', async () => {
    const fileSystem = new MemoryFileSystem();
    let instance = await openScratch(fileSystem);
    await makeTable(databaseOf(instance), UNLOGGED);
    await insert(databaseOf(instance), 't', [[1, 1]]);
    await instance.flush();
    await insert(databaseOf(instance), 't', [[2, 2]]);
    for (let restart = 0; restart < 3; restart++) {
      await instance.close();
      instance = await openScratch(fileSystem);
      expect(await valuesIn(databaseOf(instance))).toEqual([1, 2]);
    }
    expect(tableNamed(databaseOf(instance).begin(), 't').descriptor.persistence).toBe('unlogged');
  });

  test.each(['never flushed', 'flushed', 'restarted', 'restarted and written'] as const)(
    'is empty after a crash, %s',
    async (history) => {
      const fileSystem = new MemoryFileSystem();
      let instance = await openScratch(fileSystem);
      await makeTable(databaseOf(instance), UNLOGGED);
      await makeTable(databaseOf(instance), { ...TABLE, name: 'logged' });
      await insert(databaseOf(instance), 't', [[1, 1]]);
      await insert(databaseOf(instance), 'logged', [[1, 1]]);
      if (history !== 'never flushed') await instance.flush();
      if (history.startsWith('restarted')) {
        await instance.close();
        instance = await openScratch(fileSystem);
        expect(await valuesIn(databaseOf(instance))).toEqual([1]);
      }
      if (history === 'restarted and written') await insert(databaseOf(instance), 't', [[2, 2]]);
      const left = await killed(fileSystem);
      const again = await openScratch(left);
      // Nothing was written since the orderly end: then there is nothing that a crash could have left in part.
      expect(await valuesIn(databaseOf(again))).toEqual(history === 'restarted' ? [1] : []);
      expect(await readTable(databaseOf(again), 'logged')).toHaveLength(1);
      await insert(databaseOf(again), 't', [[3, 3]]);
      await again.close();
      const last = await openScratch(left);
      expect(await valuesIn(databaseOf(last))).toEqual(history === 'restarted' ? [1, 3] : [3]);
    },
  );

  test('takes no room in the log, and does not keep it from being cut', async () => {
    const sizes: number[] = [];
    for (const table of [TABLE, UNLOGGED]) {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem, { logFileBytes: 4096 });
      const database = databaseOf(instance);
      await makeTable(database, table);
      for (let x = 0; x < 50; x++)
        await insert(
          database,
          't',
          Array.from({ length: 40 }, (_, row) => [x * 100 + row, x / 3]),
        );
      sizes.push(fileSystem.allFiles().filter((path) => path.includes('/wal/')).length);
    }
    expect(sizes[1]).toBeLessThan(sizes[0]! / 2);
  });

  test('takes line protocol', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    await makeTable(databaseOf(instance), UNLOGGED);
    await databaseOf(instance).ingest([batchOf('t', [{ fields: { x: 1, y: 2 }, time: 1 }])]);
    expect(await valuesIn(databaseOf(instance))).toEqual([1]);
    const again = await openScratch(await killed(fileSystem));
    expect(await readTable(databaseOf(again), 't')).toEqual([]);
    expect(tableNamed(databaseOf(again).begin(), 't').descriptor.columns.some(({ name }) => name === 'y')).toBe(true);
  });
});
