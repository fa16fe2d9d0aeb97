import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import { CorruptionError } from '../../src/errors/corruption-error.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  killed,
  openScratch,
  readTable,
  scan,
  tableNamed,
} from './scratch-instance.ts';

/** Two rows of a series of its own in each of `tables`, on one day. */
async function store(database: Database, tables: readonly string[], x: number, day = 0): Promise<void> {
  const points = [0, 1].map((second) => ({ tags: { host: `h${x}` }, fields: { x }, time: day * DAY + second }));
  await database.ingest(tables.map((name) => batchOf(name, points)));
}

async function rowsOf(database: Database, tables: readonly string[]): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const name of tables) rows[name] = (await readTable(database, name)).map((row) => row.x);
  return rows;
}

async function drop(database: Database, name: string): Promise<void> {
  const transaction = database.begin();
  transaction.schema.dropTable(tableNamed(transaction, name).descriptor.oid);
  await transaction.commit();
}

function named(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${index}`);
}

function objects(disk: MemoryFileSystem, suffix = ''): string[] {
  return disk.allFiles().filter((path) => path.includes('/db/') && path.endsWith(suffix));
}

async function problemsOf(disk: MemoryFileSystem): Promise<string[]> {
  const { problems } = await checkDirectory({ directory: '/data', fileSystem: disk });
  return problems.map(({ file, offset, what }) => `${file}${offset === undefined ? '' : `:${offset}`}: ${what}`);
}

async function restarted(instance: Instance, disk: MemoryFileSystem): Promise<Instance> {
  await instance.close();
  return openScratch(disk);
}

describe('a flush', () => {
  test('of many small tables makes two files and a handful of syncs, and all rows come back', async () => {
    const disk = new MemoryFileSystem();
    let instance = await openScratch(disk);
    const tables = named(60);
    await store(databaseOf(instance), tables, 1);
    const syncsBefore = disk.syncCount + (disk.counts.get('syncDirectory') ?? 0);
    await instance.flush();
    expect(objects(disk)).toEqual([
      expect.stringMatching(/16384\/packs\/\d+\.pack$/),
      expect.stringMatching(/\.pack$/),
    ]);
    expect(disk.syncCount + (disk.counts.get('syncDirectory') ?? 0) - syncsBefore).toBeLessThan(15);
    instance = await restarted(instance, disk);
    expect(await rowsOf(databaseOf(instance), tables)).toEqual(
      Object.fromEntries(tables.map((name) => [name, [1, 1]])),
    );
    await instance.close();
    expect(await problemsOf(disk)).toEqual([]);
  });

  test('of many small partitions of one table packs them too', async () => {
    const disk = new MemoryFileSystem();
    let instance = await openScratch(disk);
    for (let day = 0; day < 40; day++) await store(databaseOf(instance), ['t'], day, day);
    await instance.flush();
    expect(objects(disk, '.segment')).toEqual([]);
    expect(objects(disk, '.pack').length).toBe(1);
    instance = await restarted(instance, disk);
    expect((await rowsOf(databaseOf(instance), ['t'])).t!.length).toBe(80);
    await instance.close();
  });

  test('of few tables gives each a file of its own', async () => {
    const disk = new MemoryFileSystem();
    const instance = await openScratch(disk);
    await store(databaseOf(instance), named(3), 1);
    await instance.flush();
    expect(objects(disk, '.segment').length).toBe(3);
    expect(objects(disk, '.pack')).toEqual([]);
    await instance.close();
  });

  test('puts the deletes of many segments into the pack, and later ones take their place', async () => {
    const disk = new MemoryFileSystem();
    let instance = await openScratch(disk);
    const tables = named(6);
    await store(databaseOf(instance), tables, 1);
    await instance.flush();
    for (const second of [0, 1]) {
      for (const name of tables) {
        const transaction = databaseOf(instance).begin();
        await deleteWhere(transaction, name, (row) => row.time === second);
        await transaction.commit();
      }
      await store(databaseOf(instance), tables, 2 + second, 1);
      await instance.flush();
      expect(objects(disk, '.deletes')).toEqual([]);
      instance = await restarted(instance, disk);
    }
    expect(await rowsOf(databaseOf(instance), tables)).toEqual(
      Object.fromEntries(tables.map((name) => [name, [2, 2, 3, 3]])),
    );
    await instance.close();
    expect(await problemsOf(disk)).toEqual([]);
  });
});

describe('a pack', () => {
  test('goes with the last table that has something in it', async () => {
    const disk = new MemoryFileSystem();
    let instance = await openScratch(disk);
    const tables = named(8);
    await store(databaseOf(instance), tables, 1);
    await instance.flush();
    const packs = objects(disk, '.pack');
    for (const name of tables.slice(0, 4)) await drop(databaseOf(instance), name);
    await instance.flush();
    expect(objects(disk, '.pack')).toEqual(packs);
    instance = await restarted(instance, disk);
    expect(objects(disk, '.pack')).toEqual(packs);
    expect((await rowsOf(databaseOf(instance), ['t5'])).t5).toEqual([1, 1]);
    for (const name of tables.slice(4)) await drop(databaseOf(instance), name);
    await instance.flush();
    await instance.close();
    expect(objects(disk)).toEqual([]);
  });

  test('stays while a snapshot reads a table that is gone', async () => {
    const disk = new MemoryFileSystem();
    const instance = await openScratch(disk);
    const tables = named(5);
    await store(databaseOf(instance), tables, 1);
    await instance.flush();
    const reader = databaseOf(instance).begin({ isolation: 'repeatable read' });
    const snapshot = reader.snapshot();
    for (const name of tables) await drop(databaseOf(instance), name);
    await instance.flush();
    expect((await scan(tableNamed(reader, 't3'), snapshot)).rows.length).toBe(2);
    snapshot.release();
    reader.rollback();
    await instance.flush();
    await instance.close();
    expect(objects(disk)).toEqual([]);
  });

  test('that is damaged harms the tables whose bytes are damaged, and no others', async () => {
    const disk = new MemoryFileSystem();
    const instance = await openScratch(disk);
    const tables = named(8);
    await store(databaseOf(instance), tables, 1);
    await instance.flush();
    await instance.close();
    const harmedSomewhere = new Set<string>();
    for (const pack of objects(disk, '.pack')) {
      for (let offset = 5; offset < disk.bytesOf(pack).length; offset += 211) {
        const damaged = disk.clone();
        damaged.bytesOf(pack)[offset]! ^= 0x40;
        const problems = await problemsOf(damaged);
        expect(problems.join('\n')).toContain(pack.replace(/^data\//, ''));
        const again = await openScratch(damaged);
        const harmed: string[] = [];
        for (const name of tables) {
          try {
            expect((await rowsOf(databaseOf(again), [name]))[name]).toEqual([1, 1]);
          } catch (error) {
            if (!(error instanceof CorruptionError)) expect(error).toMatchObject({ code: 'XX001' });
            harmed.push(name);
          }
        }
        // A unit that a query does not need may be damaged unseen; the check sees it.
        expect(harmed.length, `offset ${offset} of ${pack}`).toBeLessThanOrEqual(1);
        for (const name of harmed) harmedSomewhere.add(name);
        await again.close();
      }
    }
    expect(harmedSomewhere.size).toBeGreaterThan(4);
  });

  test('that nothing names goes at the next start, and one that is half dead stays', async () => {
    const disk = new MemoryFileSystem();
    const instance = await openScratch(disk);
    await store(databaseOf(instance), named(5), 1);
    await instance.flush();
    await drop(databaseOf(instance), 't1');
    await instance.close();
    const orphan = 'data/db/16384/packs/77.pack';
    await (await disk.open(`/${orphan}`, 'create')).close();
    const again = await openScratch(disk);
    expect(await disk.exists(`/${orphan}`)).toBe(false);
    expect((await rowsOf(databaseOf(again), ['t4'])).t4).toEqual([1, 1]);
    // No number is given out twice.
    await store(databaseOf(again), named(9).slice(5), 1);
    await again.flush();
    expect(Math.max(...objects(disk, '.pack').map((path) => Number(/(\d+)\.pack/.exec(path)![1])))).toBeGreaterThan(77);
    await again.close();
  });
});

describe('while a pack is written', () => {
  const tables = named(7);
  const both = Object.fromEntries(tables.map((name) => [name, [1, 1, 2, 2]]));

  /** One pack on disk, and as many rows again in memory, with deletes of older rows. */
  async function halfFlushed(disk: MemoryFileSystem): Promise<Instance> {
    const instance = await openScratch(disk, { logFileBytes: 32_768 });
    await store(databaseOf(instance), tables, 1);
    await instance.flush();
    await store(databaseOf(instance), tables, 2, 1);
    return instance;
  }

  async function operationsOfFlush(): Promise<number> {
    const disk = new MemoryFileSystem();
    const instance = await halfFlushed(disk);
    let count = 0;
    disk.beforeOperation = () => {
      count++;
    };
    await instance.flush();
    await instance.close();
    return count;
  }

  test('a power cut at any operation loses nothing and leaves nothing', async () => {
    const operations = await operationsOfFlush();
    expect(operations).toBeGreaterThan(10);
    for (let cut = 0; cut <= operations; cut++) {
      for (let seed = 0; seed < 3; seed++) {
        const disk = new MemoryFileSystem();
        const instance = await halfFlushed(disk);
        disk.cutPowerAfter(cut);
        await instance.flush().catch(() => {});
        const left = disk.afterPowerCut(new SeededRandom(cut * 3 + seed));
        if (await left.exists('/data/tidewire.lock')) await left.remove('/data/tidewire.lock');
        expect(await problemsOf(left), `cut ${cut}`).toEqual([]);
        const again = await openScratch(left, { logFileBytes: 32_768 });
        expect(await rowsOf(databaseOf(again), tables), `cut ${cut}`).toEqual(both);
        await again.flush();
        await again.close();
        expect(await problemsOf(left), `cut ${cut}, after a flush`).toEqual([]);
        const { harmless } = await checkDirectory({ directory: '/data', fileSystem: left });
        expect(harmless.filter(({ file }) => file.includes('/packs/'))).toEqual([]);
      }
    }
  });

  test('a write that fails for want of space at any point is repeated, and leaves nothing', async () => {
    for (let after = 0; after < 8; after++) {
      const disk = new MemoryFileSystem();
      const instance = await halfFlushed(disk);
      disk.fail({ operation: 'write', path: '/d', after, code: 'ENOSPC', isLasting: true, writtenBytes: 7 });
      await instance.flush().catch((error: unknown) => expect(error).toMatchObject({ code: '53100' }));
      expect(await rowsOf(databaseOf(instance), tables)).toEqual(both);
      disk.clearFaults();
      await instance.flush();
      expect(await rowsOf(databaseOf(instance), tables)).toEqual(both);
      await instance.close();
      const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem: disk });
      expect(problems).toEqual([]);
      expect(harmless.filter(({ file }) => file.startsWith('db/'))).toEqual([]);
      const again = await openScratch(disk);
      expect(await rowsOf(databaseOf(again), tables)).toEqual(both);
      await again.close();
    }
  });

  test.each(['sync', 'rename', 'syncDirectory', 'open'] as const)(
    'a failed %s is an error, and nothing is lost',
    async (operation) => {
      for (let after = 0; after < 6; after++) {
        const disk = new MemoryFileSystem();
        const instance = await halfFlushed(disk);
        disk.fail({ operation, path: '/d', after, code: 'EIO' });
        const problem = await instance.flush().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (problem !== undefined) expect(problem).toBeInstanceOf(SqlError);
        disk.clearFaults();
        expect(await rowsOf(databaseOf(instance), tables)).toEqual(both);
        const again = await openScratch(await killed(disk));
        expect(await rowsOf(databaseOf(again), tables)).toEqual(both);
        await again.flush();
        await again.close();
        await instance.close().catch(() => {});
      }
    },
  );

  test('a table that is dropped leaves no trace of itself', async () => {
    const disk = new MemoryFileSystem();
    const instance = await halfFlushed(disk);
    let isDropped = false;
    disk.beforeOperation = async (operation, path) => {
      if (isDropped || operation !== 'write' || !path.includes('/drafts/')) return;
      isDropped = true;
      for (const name of tables.slice(0, 6)) await drop(databaseOf(instance), name);
    };
    await instance.flush();
    expect(isDropped).toBe(true);
    expect((await rowsOf(databaseOf(instance), ['t6'])).t6).toEqual(both.t6);
    await drop(databaseOf(instance), 't6');
    await instance.flush();
    await instance.close();
    expect(objects(disk)).toEqual([]);
  });
});
