import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
} from './scratch-instance.ts';

/** Commit `index`: three points in two series and two partitions, and every fifth time a table of its own. */
async function write(database: Database, index: number): Promise<void> {
  const points = [
    { tags: { host: 'a' }, fields: { n: index }, time: index },
    { tags: { host: `h${index % 7}`, rack: '1' }, fields: { n: index }, time: index + 0.5 },
    { fields: { n: index, [`f${index % 4}`]: index }, time: DAY + index },
  ];
  const batches = [batchOf('m', points)];
  if (index % 5 === 0) batches.push(batchOf(`t${index}`, points));
  await database.ingest(batches);
}

/** Which commits a database holds. Throws where one of them is there in part. */
async function commitsIn(database: Database): Promise<number[]> {
  if (database.begin().catalog().table('public', 'm') === undefined) return [];
  const counts = new Map<number, number>();
  for (const row of await readTable(database, 'm')) counts.set(row.n as number, (counts.get(row.n as number) ?? 0) + 1);
  for (const [index, count] of counts) {
    expect(count, `points of commit ${index}`).toBe(3);
    if (index % 5 === 0) expect((await readTable(database, `t${index}`)).length).toBe(3);
  }
  return [...counts.keys()].sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a power cut', () => {
  test('at any moment loses no acknowledged commit and shows none in part', async () => {
    for (let seed = 0; seed < 70; seed++) {
      const random = new SeededRandom(seed);
      const fileSystem = new MemoryFileSystem();
      let acknowledged = 0;
      const isCut = seed % 10 !== 0;
      try {
        const instance = await openScratch(fileSystem, { memtableBytes: 9000, random, logFileBytes: 16_384 });
        if (isCut) fileSystem.cutPowerAfter(5 + (random.uint32() % 260));
        for (let index = 0; index < 30; index++) {
          await write(databaseOf(instance), index);
          acknowledged = index + 1;
          if (index % 11 === 10) await instance.flush();
        }
      } catch (error) {
        expect(fileSystem.isPowerOff, String((error as Error).stack)).toBe(true);
      }
      const disk = fileSystem.afterPowerCut(random);
      if (await disk.exists('/data/tidewire.lock')) await disk.remove('/data/tidewire.lock');
      const again = await openScratch(disk, { memtableBytes: 9000, logFileBytes: 16_384 });
      const found = await commitsIn(databaseOf(again));
      expect(found).toEqual(upTo(found.length));
      expect(found.length, `seed ${seed}`).toBeGreaterThanOrEqual(acknowledged);
      await write(databaseOf(again), found.length);
      await again.flush();
      expect(await commitsIn(databaseOf(again))).toEqual(upTo(found.length + 1));
      await again.close();
    }
  });

  test('in the middle of recovery is recovered from', async () => {
    const fileSystem = new MemoryFileSystem();
    // Some memtables are flushed, others never: the manifest is ahead of where replay has to begin.
    const instance = await openScratch(fileSystem, { memtableBytes: 3000, logFileBytes: 4096 });
    for (let index = 0; index < 25; index++) await write(databaseOf(instance), index);
    const left = await killed(fileSystem);
    for (let operations = 0; operations < 250; operations += 12) {
      const disk = left.clone();
      disk.cutPowerAfter(operations);
      const random = new SeededRandom(operations);
      // With so little memory, recovery flushes as it goes; the log is slow enough for it to have flushed all so far.
      disk.beforeOperation = (operation, path) => {
        if (operation !== 'read' || !path.includes('/wal/')) return;
        return new Promise((resolve) => setTimeout(resolve, 4));
      };
      const attempt = openScratch(disk, { memtableBytes: 1000, logFileBytes: 4096 });
      await attempt.then((opened) => opened.flush()).catch(() => {});
      const after = disk.afterPowerCut(random);
      if (await after.exists('/data/tidewire.lock')) await after.remove('/data/tidewire.lock');
      const again = await openScratch(after);
      expect(await commitsIn(databaseOf(again))).toEqual(upTo(25));
      await again.close();
    }
  });
});

describe('a full disk', () => {
  test('refuses writes with 53100, keeps what there is, and goes on when there is space', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 16_384 });
    const database = databaseOf(instance);
    for (let index = 0; index < 3; index++) await write(database, index);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
    // All of them are in one group or follow it: new tables, columns, tags and series come to nothing with their rows.
    const failed = await Promise.allSettled([
      ...[3, 4, 5].map((index) => write(database, index)),
      database.ingest([batchOf('m', [{ tags: { shelf: '9' }, fields: { g: 1 }, time: 1 }])]),
      makeTable(database, newTable('late', ['x int4'])),
    ]);
    for (const result of failed) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: '53100' } });
    }
    expect(instance.failure).toBeUndefined();
    expect(await commitsIn(database)).toEqual([0, 1, 2]);
    expect(database.begin().catalog().table('public', 'late')).toBeUndefined();
    fileSystem.clearFaults();
    for (let index = 3; index < 9; index++) await write(database, index);
    await database.ingest([batchOf('m', [{ tags: { shelf: '9' }, fields: { n: 9 }, time: 9 }])]);
    await database.ingest([batchOf('m', [{ tags: { host: 'a' }, fields: { n: 9 }, time: 9 }])]);
    await database.ingest([batchOf('m', [{ fields: { n: 9 }, time: 9 }])]);
    await instance.flush();
    expect(await commitsIn(database)).toEqual(
      upTo(10)
        .filter((index) => index !== 9)
        .concat(9),
    );
    const again = await openScratch(await killed(fileSystem));
    expect(await readTable(databaseOf(again), 'm')).toEqual(await readTable(database, 'm'));
    await again.close();
    await instance.close();
  });

  test('takes new series back: they come again with the next commit that has them', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 16_384 });
    const database = databaseOf(instance);
    const store = (host: string, time: number) =>
      database.ingest([batchOf('m', [{ tags: { host }, fields: { n: time }, time }])]);
    await store('a', 1);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    await expect(Promise.all([store('b', 2), store('c', 2)])).rejects.toMatchObject({ code: '53100' });
    await store('c', 3);
    await store('b', 4);
    const expected = [
      { time: 1, host: 'a', n: 1 },
      { time: 3, host: 'c', n: 3 },
      { time: 4, host: 'b', n: 4 },
    ];
    expect(await readTable(database, 'm')).toEqual(expected);
    const again = await openScratch(await killed(fileSystem));
    expect(await readTable(databaseOf(again), 'm')).toEqual(expected);
    await again.close();
    await instance.close();
  });

  test('under a flush lets reads and writes go on from memory', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await write(database, 0);
    fileSystem.fail({ operation: 'write', path: '/db/', code: 'ENOSPC', isLasting: true });
    await expect(instance.flush()).rejects.toMatchObject({ code: '53100' });
    await write(database, 1);
    expect(await commitsIn(database)).toEqual([0, 1]);
    fileSystem.clearFaults();
    await instance.flush();
    expect(await commitsIn(database)).toEqual([0, 1]);
    await instance.close();
  });
});

describe('a disk that is full from the start', () => {
  test('does not keep the server from starting', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    for (let index = 0; index < 25; index++) await write(databaseOf(instance), index);
    const left = await killed(fileSystem);
    left.fail({ operation: 'write', path: '/db/', code: 'ENOSPC', isLasting: true });
    const again = await openScratch(left, { memtableBytes: 1000 });
    expect(await commitsIn(databaseOf(again))).toEqual(upTo(25));
    await expect(write(databaseOf(again), 25)).rejects.toMatchObject({ code: '53100' });
    left.clearFaults();
    await again.flush();
    await write(databaseOf(again), 25);
    expect(await commitsIn(databaseOf(again))).toEqual(upTo(26));
    await again.close();
  });
});

describe('a failed fsync', () => {
  test('acknowledges nothing of its group and leaves the server read-only', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await write(database, 0);
    fileSystem.fail({ operation: 'sync', path: '/wal/', code: 'EIO' });
    const failed = await Promise.allSettled([write(database, 1), write(database, 2)]);
    for (const result of failed) expect(result).toMatchObject({ status: 'rejected', reason: { code: '58030' } });
    expect(instance.failure).toBeDefined();
    await expect(write(database, 3)).rejects.toMatchObject({ code: '58030' });
    await expect(makeTable(database, newTable('t', ['x int4']))).rejects.toBeInstanceOf(SqlError);
    expect(await commitsIn(database)).toEqual([0]);
    await instance.close().catch(() => {});
  });
});

describe('a restart', () => {
  test('removes files that no manifest names, and keeps the others', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    await write(databaseOf(instance), 0);
    await instance.flush();
    await instance.close();
    const pack = fileSystem.allFiles().find((path) => path.endsWith('.pack'))!;
    const orphan = pack.replace(/\d+\.pack$/, '999.pack');
    const handle = await fileSystem.open(orphan, 'create');
    await handle.write(new Uint8Array(10), 0, 10, 0);
    await handle.close();
    const again = await openScratch(fileSystem);
    expect(await fileSystem.exists(orphan)).toBe(false);
    expect(await commitsIn(databaseOf(again))).toEqual([0]);
    await again.close();
  });

  test('serves what is whole beside a damaged segment, whose rows are an error', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 'x int4'], { time: 'time' }));
    await makeTable(database, newTable('u', ['x int4']));
    await insert(database, 't', [[0, 1]]);
    await instance.flush();
    const segment = fileSystem.allFiles().find((path) => path.endsWith('.segment'))!;
    await insert(database, 't', [[2 * DAY, 2]]);
    await insert(database, 'u', [[3]]);
    await instance.flush();
    await instance.close();
    fileSystem.truncateNow(segment, 40);
    const reports: string[] = [];
    const again = await openScratch(fileSystem, { log: (level, message) => reports.push(`${level}: ${message}`) });
    expect(reports).toEqual(['error: a segment is damaged; its rows cannot be read']);
    expect(await readTable(databaseOf(again), 'u')).toEqual([{ x: 3 }]);
    const timeRange = { from: DAY, to: 3 * DAY };
    expect(await readTable(databaseOf(again), 't', { timeRange })).toEqual([{ time: 2 * DAY, x: 2 }]);
    await expect(readTable(databaseOf(again), 't')).rejects.toMatchObject({ code: 'XX001' });
    await again.close();
  });

  test('trims the log by what segments hold', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 4096 });
    const database = databaseOf(instance);
    const logFiles = () => fileSystem.allFiles().filter((path) => path.includes('/wal/')).length;
    for (let index = 0; index < 60; index++) await write(database, index);
    const before = logFiles();
    await instance.flush();
    expect(logFiles()).toBeLessThan(before / 2);
    await write(database, 60);
    const again = await openScratch(await killed(fileSystem), { logFileBytes: 4096 });
    expect(await commitsIn(databaseOf(again))).toEqual(upTo(61));
    await again.close();
    await instance.close();
  });

  for (const durability of ['periodic', 'os_default', 'none'] as const) {
    test(`after a clean close keeps everything in the mode ${durability}`, async () => {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem, { durability });
      await write(databaseOf(instance), 0);
      await instance.flush();
      await write(databaseOf(instance), 1);
      await instance.close();
      const again = await openScratch(fileSystem, { durability });
      expect(await commitsIn(databaseOf(again))).toEqual([0, 1]);
      expect(
        databaseOf(again)
          .begin()
          .catalog()
          .table('public', 'm')!
          .columns.some(({ name }) => name === 'f1'),
      ).toBe(true);
      await write(databaseOf(again), 2);
      await again.flush();
      expect((await commitsIn(databaseOf(again))).at(-1)).toBe(2);
      await again.close();
    });
  }
});

describe('the data directory', () => {
  test('is refused when it holds something else', async () => {
    const fileSystem = new MemoryFileSystem();
    for (const path of ['/data', '/data/photos']) await fileSystem.makeDirectory(path);
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await (await fileSystem.open(`/data/${name}`, 'create')).close();
    await expect(openScratch(fileSystem)).rejects.toThrow(
      '"/data" is not a Tidewire data directory: it holds a.jpg, b.jpg, c.jpg and 1 more; choose another --data-dir',
    );
    expect(fileSystem.allFiles().length).toBe(3);
  });

  test('may exist, empty', async () => {
    const fileSystem = new MemoryFileSystem();
    await fileSystem.makeDirectory('/data');
    const instance = await openScratch(fileSystem);
    expect(instance.databases().map(({ name, oid }) => [name, oid])).toEqual([
      ['postgres', 5],
      ['tidewire', 16_384],
    ]);
    expect(instance.shared().roleByName('postgres')).toMatchObject({ oid: 10, isSuperuser: true, canLogin: true });
    const { systemIdentifier } = instance;
    expect(systemIdentifier).toMatch(/^\d+$/);
    await expect(openScratch(fileSystem)).rejects.toMatchObject({ code: '55006' });
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(again.systemIdentifier).toBe(systemIdentifier);
    await again.close();
  });

  test('is refused when a later version wrote it', async () => {
    const fileSystem = new MemoryFileSystem();
    await (await openScratch(fileSystem)).close();
    const { LocalMetaStore } = await import('../../src/storage/manifest/local-meta-store.ts');
    const store = await LocalMetaStore.open({ fileSystem, directory: '/data/manifest' });
    const { checkpoint } = await store.load();
    const content = JSON.parse(new TextDecoder().decode(checkpoint)) as object;
    await store.replace(new TextEncoder().encode(JSON.stringify({ ...content, format: 2 })));
    await store.close();
    await expect(openScratch(fileSystem)).rejects.toThrow(/format 2, and this version of Tidewire reads up to 1/);
    // The lock was given back.
    await expect(openScratch(fileSystem)).rejects.toMatchObject({ code: '0A000' });
  });
});
