import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { SqlState } from '../../src/errors/sql-state.ts';
import { hostileTables } from '../support/hostile-data.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { contents, expectSound, holdAt, segmentFiles, settle, storeSegments, vacuum } from './compaction-helpers.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  type Point,
  readTable,
  scan,
  tableNamed,
  updateWhere,
} from './scratch-instance.ts';

let fileSystem: MemoryFileSystem;
let instance: Instance;
let database: Database;

async function open(options: Parameters<typeof openScratch>[1] = {}): Promise<void> {
  instance = await openScratch(fileSystem, options);
  database = databaseOf(instance);
}

beforeEach(async () => {
  fileSystem = new MemoryFileSystem();
  await open();
});

afterEach(async () => {
  fileSystem.beforeOperation = undefined;
  await instance.close();
});

const isDraftWrite = (operation: string, path: string) => operation === 'write' && path.includes('/drafts/');

function points(from: number, count: number, host = 'a'): Point[] {
  return Array.from({ length: count }, (_, index) => ({
    tags: { host },
    fields: { x: from + index },
    time: from + index,
  }));
}

async function remove(name: string, filter: Parameters<typeof deleteWhere>[2]): Promise<void> {
  const transaction = database.begin();
  await deleteWhere(transaction, name, filter);
  await transaction.commit();
}

describe('in the background', () => {
  test('segments are merged as they come, and their files go', async () => {
    await storeSegments(
      instance,
      'm',
      Array.from({ length: 20 }, (_, index) => points(index * 10, 10)),
    );
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem).length).toBeLessThan(8);
    const { counts, last, running, problem } = instance.compactions;
    expect(counts.merges).toBeGreaterThanOrEqual(4);
    expect(counts.outputRows).toBe(counts.inputRows);
    expect(last).toMatchObject({ tableName: 'm', partition: 0, reason: 'size' });
    expect([running, problem]).toEqual([undefined, undefined]);
    expect((await readTable(database, 'm')).map((row) => row.x)).toEqual(Array.from({ length: 200 }, (_, x) => x));
    await expectSound(fileSystem);
  });

  test('what was left before a restart is merged after it', async () => {
    await storeSegments(instance, 'm', [points(0, 9), points(10, 9), points(20, 9)]);
    fileSystem.fail({ operation: 'open', path: '/drafts/', code: 'EIO', after: 1, isLasting: true });
    await storeSegments(instance, 'm', [points(30, 9)]);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 0, failures: 1 });
    expect(instance.compactions.problem).toContain('EIO');
    fileSystem.clearFaults();
    await instance.close();
    await open();
    await settle(fileSystem, instance);
    expect(instance.compactions.counts.merges).toBe(1);
    expect(segmentFiles(fileSystem).length).toBe(1);
  });

  test('a segment of which much was deleted is written anew, and its deletes leave memory and disk', async () => {
    await storeSegments(instance, 'm', [points(0, 100)]);
    await remove('m', (row) => Number(row.x) % 3 === 0);
    await instance.flush();
    await settle(fileSystem, instance);
    expect(instance.compactions.last).toMatchObject({ reason: 'deletes', inputRows: 100, outputRows: 66 });
    expect(fileSystem.allFiles().filter((path) => path.endsWith('.deletes'))).toEqual([]);
    expect((await readTable(database, 'm')).length).toBe(66);
    await expectSound(fileSystem);
  });

  test('a segment of which nothing is left goes', async () => {
    await storeSegments(instance, 'm', [points(0, 100)]);
    await remove('m', () => true);
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem)).toEqual([]);
    await expectSound(fileSystem);
  });

  test('many small partitions are merged into one pack', async () => {
    const days = Array.from({ length: 12 }, (_, day) => day * DAY);
    const batches = [0, 1, 2, 3].map((time) => days.map((day) => ({ fields: { x: day + time }, time: day + time })));
    await storeSegments(instance, 'm', batches);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 12, inputSegments: 48, outputRows: 48 });
    expect(segmentFiles(fileSystem).length).toBeLessThanOrEqual(2);
    expect((await readTable(database, 'm')).length).toBe(48);
    await expectSound(fileSystem);
  });

  test('nothing is merged while the disk is full', async () => {
    await storeSegments(instance, 'm', [points(0, 9), points(10, 9), points(20, 9)]);
    fileSystem.fail({ operation: 'open', path: '/drafts/', code: 'EIO', after: 1, isLasting: true });
    await storeSegments(instance, 'm', [points(30, 9)]);
    await instance.close();
    fileSystem.clearFaults();
    fileSystem.fail({ operation: 'write', path: 'reserve', code: 'ENOSPC', isLasting: true });
    await open({ reserveBytes: 8192 });
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 0, failures: 0, abandoned: 0 });
    fileSystem.clearFaults();
  });

  test('where rows are not logged, deletes have to be on disk first', async () => {
    await instance.close();
    await open({ durability: 'none' });
    await storeSegments(instance, 'm', [points(0, 100)]);
    await remove('m', (row) => Number(row.x) % 2 === 0);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts.merges).toBe(0);
    await instance.flush();
    await settle(fileSystem, instance);
    expect(instance.compactions.counts).toMatchObject({ merges: 1, outputRows: 50 });
    await expectSound(fileSystem);
  });

  test('after a failure it waits, and says why', async () => {
    await storeSegments(instance, 'm', [points(0, 9), points(10, 9), points(20, 9)]);
    fileSystem.fail({ operation: 'sync', path: '/drafts/', code: 'EIO', after: 1, isLasting: true });
    await storeSegments(instance, 'm', [points(30, 9)]);
    await settle(fileSystem, instance);
    expect(instance.compactions.counts.failures).toBe(1);
    expect(fileSystem.allFiles().some((path) => path.includes('/drafts/'))).toBe(false);
    fileSystem.clearFaults();
    expect((await readTable(database, 'm')).length).toBe(36);
  });
});

describe('a merge under way', () => {
  /** Runs `act` while a merge of the table has written nothing yet, and waits for its end. */
  async function during(name: string, act: () => Promise<void>): Promise<void> {
    const hold = holdAt(fileSystem, isDraftWrite);
    const merging = vacuum(database, name);
    await hold.reached;
    await act();
    hold.release();
    await merging;
    fileSystem.beforeOperation = undefined;
  }

  describe.each(['with a key', 'without a key', 'plain'] as const)('of rows: %s', (kind) => {
    const name = 't';
    beforeEach(async () => {
      const columns = ['time timestamptz', 'host text', 'x float8'];
      const settings = { time: 'time', tags: ['host'], ...(kind === 'with a key' ? { key: ['host', 'time'] } : {}) };
      await makeTable(database, newTable(name, columns, kind === 'plain' ? {} : settings));
      for (const from of [0, 50]) {
        await insert(
          database,
          name,
          Array.from({ length: 50 }, (_, index) => [from + index, index % 2 === 0 ? 'a' : 'b', from + index]),
        );
        await instance.flush();
      }
    });

    test('gets the deletes and updates that come meanwhile', async () => {
      const before = await contents(database, name);
      await during(name, async () => {
        await remove(name, (row) => Number(row.x) % 5 === 0);
        const transaction = database.begin();
        await updateWhere(
          transaction,
          name,
          () => ({ x: -1 }),
          (row) => row.x === 7 || row.x === 77,
        );
        await transaction.commit();
        expect(await contents(database, name)).not.toEqual(before);
      });
      const rows = await readTable(database, name);
      expect(rows.length).toBe(80);
      expect(rows.filter((row) => row.x === -1).length).toBe(2);
      const now = await contents(database, name);
      await expectSound(fileSystem);
      const again = await openScratch(await killed(fileSystem));
      expect(await contents(databaseOf(again), name)).toEqual(now);
      await again.close();
    });

    test('gets deletes that are flushed meanwhile', async () => {
      const flushing: Promise<void>[] = [];
      await during(name, async () => {
        await remove(name, (row) => row.x === 3 || row.x === 60);
        flushing.push(instance.flush());
        await flushing[0];
        await remove(name, (row) => row.x === 4);
      });
      expect((await readTable(database, name)).length).toBe(97);
      const again = await openScratch(await killed(fileSystem));
      expect((await readTable(databaseOf(again), name)).length).toBe(97);
      await again.close();
      // What was replayed goes to disk, and is there without the log.
      await instance.flush();
      await expectSound(fileSystem);
      expect((await readTable(database, name)).length).toBe(97);
    });

    test('is not seen by those who look', async () => {
      const transaction = database.begin({ isolation: 'repeatable read' });
      const snapshot = transaction.snapshot();
      await remove(name, (row) => row.x === 1);
      const reader = database.begin();
      const later = reader.snapshot();
      await during(name, async () => {
        await remove(name, (row) => row.x === 2);
        expect((await scan(tableNamed(transaction, name), snapshot)).rows.length).toBe(100);
        expect((await scan(tableNamed(reader, name), later)).rows.length).toBe(99);
      });
      await vacuum(database, name);
      expect((await scan(tableNamed(transaction, name), snapshot)).rows.length).toBe(100);
      expect((await scan(tableNamed(reader, name), later)).rows.length).toBe(99);
      expect((await readTable(database, name)).length).toBe(98);
      const filesBefore = segmentFiles(fileSystem).length;
      snapshot.release();
      later.release();
      transaction.rollback();
      await settle(fileSystem, instance);
      expect(segmentFiles(fileSystem).length).toBeLessThan(filesBefore);
      expect((await readTable(database, name)).length).toBe(98);
    });
  });

  test('does not hold up commits, reads and flushes of the same partition', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    await during('m', async () => {
      await database.ingest([batchOf('m', points(100, 5))]);
      // The new segment takes its place while the merge goes on.
      await instance.flush();
      expect((await readTable(database, 'm')).length).toBe(45);
    });
    expect((await readTable(database, 'm')).length).toBe(45);
  });

  test('stays older than what is flushed meanwhile', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(10, 20)]);
    await during('m', async () => {
      await database.ingest([batchOf('m', [{ tags: { host: 'a' }, fields: { x: -1 }, time: 15 }])]);
      await instance.flush();
    });
    const valueAt15 = async (of: Database) => (await readTable(of, 'm')).find((row) => row.time === 15)?.x;
    expect(await valueAt15(database)).toBe(-1);
    const again = await openScratch(await killed(fileSystem));
    expect(await valueAt15(databaseOf(again))).toBe(-1);
    await again.close();
  });

  test('waits with its result until a commit that takes several turns is applied', async () => {
    const days = 40;
    const ofDay = (day: number, count: number) => points(day * DAY, count);
    await storeSegments(instance, 'm', [
      Array.from({ length: days }, (_, day) => ofDay(day, 500)).flat(),
      [{ tags: { host: 'b' }, fields: { x: 0 }, time: (days - 1) * DAY + 1000 }],
    ]);
    const hold = holdAt(fileSystem, (operation, path) => operation === 'sync' && path.includes('/manifest/'));
    const merging = vacuum(database, 'm');
    await hold.reached;
    const transaction = database.begin();
    await deleteWhere(transaction, 'm', (row) => Number(row.time) % DAY !== 7);
    // Nothing else goes to the log any more.
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The commit has to do with each day; by the time it is written it has come to some of them.
    fileSystem.beforeOperation = (operation, path) => {
      if (operation === 'write' && path.includes('/wal/')) hold.release();
    };
    await transaction.commit();
    await merging;
    expect((await readTable(database, 'm')).length).toBe(days);
    const again = await openScratch(await killed(fileSystem));
    expect((await readTable(databaseOf(again), 'm')).length).toBe(days);
    await again.close();
  });

  test('is given up when the table is dropped, and leaves nothing', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    await during('m', async () => {
      const transaction = database.begin();
      transaction.schema.dropTable(tableNamed(transaction, 'm').descriptor.oid);
      await transaction.commit();
    });
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem)).toEqual([]);
    expect(fileSystem.allFiles().some((path) => path.includes('/drafts/'))).toBe(false);
    expect(instance.compactions.counts.abandoned).toBe(1);
    await expectSound(fileSystem);
  });

  test('is given up when the table is dropped while the manifest learns of it, and leaves nothing', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    const hold = holdAt(fileSystem, (operation, path) => operation === 'sync' && path.includes('/manifest/'));
    const merging = vacuum(database, 'm');
    await hold.reached;
    const transaction = database.begin();
    transaction.schema.dropTable(tableNamed(transaction, 'm').descriptor.oid);
    await transaction.commit();
    hold.release();
    await merging;
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem)).toEqual([]);
    await expectSound(fileSystem);
  });

  test('is given up when the table is emptied', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    await during('m', async () => {
      const transaction = database.begin();
      const { oid } = tableNamed(transaction, 'm').descriptor;
      await transaction.lockForWrite(oid);
      transaction.truncate(oid);
      await transaction.commit();
    });
    expect(await readTable(database, 'm')).toEqual([]);
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem)).toEqual([]);
    await expectSound(fileSystem);
  });

  test('does not lose a TRUNCATE that comes between the manifest and the layers', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    const hold = holdAt(fileSystem, (operation, path) => operation === 'sync' && path.includes('/manifest/'));
    const merging = vacuum(database, 'm');
    await hold.reached;
    const transaction = database.begin();
    const { oid } = tableNamed(transaction, 'm').descriptor;
    await transaction.lockForWrite(oid);
    transaction.truncate(oid);
    await transaction.commit();
    hold.release();
    await merging;
    expect(await readTable(database, 'm')).toEqual([]);
    const again = await openScratch(await killed(fileSystem));
    expect(await readTable(databaseOf(again), 'm')).toEqual([]);
    await again.close();
  });

  test('ends with the server, and leaves nothing', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    const files = segmentFiles(fileSystem);
    const hold = holdAt(fileSystem, isDraftWrite);
    const merging = vacuum(database, 'm');
    await hold.reached;
    const closing = instance.close();
    hold.release();
    await expect(merging).rejects.toMatchObject({ code: '57P01' });
    await closing;
    expect(segmentFiles(fileSystem)).toEqual(files);
    expect(fileSystem.allFiles().some((path) => path.includes('/drafts/'))).toBe(false);
    await open();
    expect((await readTable(database, 'm')).length).toBe(40);
  });

  test('ends when the statement that waits for it is canceled', async () => {
    await storeSegments(instance, 'm', [points(0, 20), points(20, 20)]);
    const files = segmentFiles(fileSystem);
    let isCanceled = false;
    const check = (): void => {
      if (isCanceled) throw new SqlError(SqlState.QueryCanceled, 'canceling statement due to user request');
    };
    const hold = holdAt(fileSystem, isDraftWrite);
    const merging = vacuum(database, 'm', { check });
    await hold.reached;
    isCanceled = true;
    hold.release();
    await expect(merging).rejects.toMatchObject({ code: '57014' });
    await settle(fileSystem, instance);
    expect(segmentFiles(fileSystem)).toEqual(files);
    expect((await vacuum(database, 'm')).length).toBe(1);
  });
});

describe('REPEATABLE READ after a merge', () => {
  const columns = ['time timestamptz', 'host text', 'x float8'];
  const settings = { time: 'time', tags: ['host'], key: ['host', 'time'] };

  test('still finds that rows were written again by what was flushed and merged since', async () => {
    await makeTable(database, newTable('t', columns, settings));
    await insert(database, 't', [
      [1, 'a', 1],
      [2, 'a', 2],
    ]);
    await instance.flush();
    const transaction = database.begin({ isolation: 'repeatable read' });
    transaction.snapshot().release();
    for (const x of [10, 11]) {
      const other = database.begin();
      await updateWhere(
        other,
        't',
        () => ({ x }),
        (row) => row.time === 1,
      );
      await other.commit();
      await instance.flush();
      await vacuum(database, 't');
    }
    await expect(
      updateWhere(
        transaction,
        't',
        () => ({ x: 5 }),
        (row) => row.time === 1,
      ),
    ).rejects.toMatchObject({ code: '40001' });
    transaction.rollback();
    const free = database.begin({ isolation: 'repeatable read' });
    await updateWhere(
      free,
      't',
      () => ({ x: 5 }),
      (row) => row.time === 2,
    );
    await free.commit();
    expect((await readTable(database, 't')).map((row) => row.x)).toEqual([11, 5]);
  });

  test('changes rows that nobody else has changed, wherever they stand by now', async () => {
    await makeTable(database, newTable('t', columns, settings));
    await insert(database, 't', [[1, 'a', 1]]);
    await instance.flush();
    const transaction = database.begin({ isolation: 'repeatable read' });
    transaction.snapshot().release();
    await insert(database, 't', [[2, 'a', 2]]);
    await instance.flush();
    await vacuum(database, 't');
    await updateWhere(
      transaction,
      't',
      () => ({ x: 5 }),
      (row) => row.time === 1,
    );
    await transaction.commit();
    expect((await readTable(database, 't')).map((row) => row.x)).toEqual([5, 2]);
  });
});

describe('a full vacuum', () => {
  test('leaves of the hostile data set what it was, in one segment for each partition', async () => {
    for (const table of hostileTables(7, { longSeriesRows: 1500 })) {
      const types = Object.fromEntries(table.fields.map(({ name, type }) => [name, type]));
      const asPoints = table.points
        .filter(({ micros }) => micros > -(2n ** 53n) && micros < 2n ** 53n)
        .map(
          ({ tags, fields, micros, nanoseconds }): Point => ({
            tags: Object.fromEntries(tags),
            // The doors bring bigints into the form that storage has.
            fields: Object.fromEntries(
              [...fields].map(([name, value]) => [name, typeof value === 'bigint' ? narrow(value) : value]),
            ),
            time: Number(micros),
            nanoseconds,
          }),
        )
        .filter(({ fields }) => Object.values(fields).every((value) => typeof value !== 'object'));
      const chunk = Math.ceil(asPoints.length / 7);
      const unsigned = table.fields.filter(({ type }) => type === 'unsigned').map(({ name }) => name);
      for (let from = 0; from < asPoints.length; from += chunk) {
        const some = asPoints
          .slice(from, from + chunk)
          .map((point) => ({ ...point, fields: without(point.fields, unsigned) }));
        await database.ingest([
          batchOf(
            table.name,
            some.filter(({ fields }) => Object.keys(fields).length > 0),
            types,
          ),
        ]);
        await instance.flush();
      }
      const before = await contents(database, table.name);
      const held = database.begin({ isolation: 'repeatable read' });
      const snapshot = held.snapshot();
      await vacuum(database, table.name);
      expect(await contents(database, table.name)).toEqual(before);
      expect((await scan(tableNamed(held, table.name), snapshot)).rows.length).toBe(before.length);
      snapshot.release();
      held.rollback();
      expect(await vacuum(database, table.name)).toEqual([]);
      await expectSound(fileSystem);
    }
    await instance.close();
    await open();
    await expectSound(fileSystem);
  });

  test('merges on both sides of a damaged segment, which stays as it is', async () => {
    await storeSegments(
      instance,
      'm',
      [0, 1, 2].map((index) => points(index * 10, 10)),
    );
    const [, second] = segmentFiles(fileSystem);
    await instance.close();
    fileSystem.bytesOf(`/${second}`)[40] ^= 1;
    await open();
    await storeSegments(instance, 'm', [points(30, 10)]);
    await vacuum(database, 'm').catch(() => {});
    expect(fileSystem.allFiles()).toContain(second);
    const found = await readTable(database, 'm', { timeRange: { from: 20, to: 100 } });
    expect(found.map((row) => row.x)).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
    await expect(readTable(database, 'm')).rejects.toThrow();
  });
});

function narrow(value: bigint): number | bigint {
  return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
}

function without<T>(fields: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
