import { describe, expect, test } from 'vitest';
import { ALL_TIME } from '../../src/catalog/scan-request.ts';
import { valueAt } from '../../src/columnar/column.ts';
import type { Value } from '../../src/types/value.ts';
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
  patience,
  readTable,
  rowsOf,
  tableNamed,
} from './scratch-instance.ts';

describe('a power cut in a relaxed mode', () => {
  for (const durability of ['periodic', 'os_default'] as const) {
    test(`leaves no half of a commit behind when one of its tables was flushed (${durability})`, async () => {
      for (let seed = 0; seed < 20; seed++) {
        const fileSystem = new MemoryFileSystem();
        const instance = await openScratch(fileSystem, { durability, memtableBytes: 3000 });
        const points = Array.from({ length: 100 }, (_, time) => ({ fields: { x: time }, time }));
        // Only the large table fills its memtable.
        await databaseOf(instance).ingest([batchOf('large', points), batchOf('small', points.slice(0, 1))]);
        while (!fileSystem.allFiles().some((path) => path.endsWith('.segment'))) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        const disk = fileSystem.afterPowerCut(new SeededRandom(seed));
        for (const path of disk.allFiles()) if (path.includes('tidewire.lock')) await disk.remove(path);
        const again = await openScratch(disk, { durability });
        const catalog = databaseOf(again).begin().catalog();
        const names = Array.from(catalog.tables(), ({ name }) => name).sort();
        if (names.length > 0) {
          expect(names).toEqual(['large', 'small']);
          expect((await readTable(databaseOf(again), 'large')).length).toBe(100);
          expect((await readTable(databaseOf(again), 'small')).length).toBe(1);
        }
        await again.close();
        await instance.close();
      }
    });
  }
});

describe('a flush', () => {
  test('says that it did not succeed as long as the disk is full', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    await databaseOf(instance).ingest([batchOf('m', [{ fields: { x: 1 }, time: 1 }])]);
    fileSystem.fail({ operation: 'write', path: '/db/', code: 'ENOSPC', isLasting: true });
    await expect(instance.flush()).rejects.toMatchObject({ code: '53100' });
    // Nothing is left to freeze, and the background work rests until its next attempt.
    await expect(instance.flush()).rejects.toMatchObject({ code: '53100' });
    fileSystem.clearFaults();
    await instance.flush();
    expect(fileSystem.allFiles().some((path) => path.endsWith('.segment'))).toBe(true);
    await instance.close();
  });
});

describe('a log that cannot be shortened after a flush', () => {
  test('does not bring the rows of the flush twice', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 4096 });
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 's text'], { time: 'time' }));
    const rows = Array.from({ length: 40 }, (_, time) => [time, 'x'.repeat(500)]);
    for (const row of rows) await insert(database, 't', [row]);
    fileSystem.fail({ operation: 'remove', path: '/wal', code: 'EIO' });
    await instance.flush();
    expect((await readTable(database, 't')).length).toBe(rows.length);
    await instance.flush();
    const again = await openScratch(await killed(fileSystem), { logFileBytes: 4096 });
    expect((await readTable(databaseOf(again), 't')).length).toBe(rows.length);
    await again.close();
    await instance.close();
  });
});

describe('a table that is dropped while another is flushed', () => {
  test('does not have the server look for a part of the log that is gone', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 4096 });
    const database = databaseOf(instance);
    for (const name of ['t', 'dropped']) {
      await makeTable(database, newTable(name, ['time timestamptz', 's text'], { time: 'time' }));
    }
    await insert(database, 'dropped', [[0, 'early']]);
    await instance.flush();
    const rows = Array.from({ length: 40 }, (_, time) => [time, 'x'.repeat(500)]);
    for (const row of rows) await insert(database, 't', [row]);
    let goOn = (): void => {};
    let isHeld = false;
    fileSystem.beforeOperation = (operation, path) => {
      if (isHeld || operation !== 'sync' || !path.includes('/manifest/')) return;
      isHeld = true;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    };
    const flushing = instance.flush();
    while (!isHeld) await new Promise((resolve) => setImmediate(resolve));
    const transaction = database.begin();
    transaction.schema.dropTable(tableNamed(transaction, 'dropped').descriptor.oid);
    await transaction.commit();
    goOn();
    await flushing;
    const again = await openScratch(await killed(fileSystem), { logFileBytes: 4096 });
    expect((await readTable(databaseOf(again), 't')).length).toBe(rows.length);
    await again.close();
    await instance.close();
  });
});

describe('a table that is dropped while it is flushed', () => {
  test('keeps its segment as long as the manifest names it', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 'x float8'], { time: 'time' }));
    await insert(database, 't', [[1, 0.5]]);
    // The manifest's edit for the segment is held up until the table is dropped; the edit for that never gets through.
    let goOn = (): void => {};
    let isHeld = false;
    let writesToCome = 1; // the seal that follows the edit
    fileSystem.beforeOperation = (operation, path) => {
      if (!path.includes('/manifest/')) return;
      if (isHeld && operation === 'write' && writesToCome-- <= 0) return new Promise(() => {});
      if (operation !== 'sync' || isHeld) return;
      isHeld = true;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    };
    void instance.flush();
    while (!isHeld) await new Promise((resolve) => setImmediate(resolve));
    const transaction = database.begin();
    transaction.schema.dropTable(tableNamed(transaction, 't').descriptor.oid);
    await transaction.commit();
    goOn();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    const reports: string[] = [];
    const again = await openScratch(await killed(fileSystem), { log: (_, message) => reports.push(message) });
    expect(reports).toEqual([]);
    expect(databaseOf(again).begin().catalog().table('public', 't')).toBeUndefined();
    await again.close();
  });
});

describe('a commit that a full disk rejects', () => {
  test('gives the numbers of its columns free for columns of other types', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, { logFileBytes: 16_384 });
    const database = databaseOf(instance);
    await database.ingest([batchOf('m', [{ fields: { x: 1 }, time: 1 }])]);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    const rejected = database.ingest([batchOf('m', [{ fields: { n: 7 }, time: 2 }], { n: 'integer' })]);
    await expect(rejected).rejects.toMatchObject({ code: '53100' });
    await database.ingest([batchOf('m', [{ fields: { s: 'seven' }, time: 2 }], { s: 'string' })]);
    const expected = [
      { time: 1, x: 1, s: null },
      { time: 2, x: null, s: 'seven' },
    ];
    expect(await readTable(database, 'm')).toEqual(expected);
    await instance.flush();
    expect(await readTable(database, 'm')).toEqual(expected);
    await instance.close();
  });
});

describe('a transaction', () => {
  test('adds nothing to a table that it still sees and another has dropped', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 'host text'], { time: 'time', tags: ['host'] }));
    const transaction = database.begin({ isolation: 'repeatable read' });
    const table = tableNamed(transaction, 't');
    const other = database.begin();
    other.schema.dropTable(table.descriptor.oid);
    await other.commit();
    expect(transaction.catalog().table('public', 't')).toBeDefined();
    const inserting = transaction.append(table.descriptor.oid, rowsOf(table, [[1, 'a']]));
    await expect(inserting).rejects.toMatchObject({ code: '42P01' });
    transaction.rollback();
    await instance.close();
  });

  test('has NULL in the columns that came after its rows were made', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 'x float8'], { time: 'time' }));
    const transaction = database.begin();
    const table = tableNamed(transaction, 't');
    const rows = rowsOf(table, [[1, 0.5]]);
    await database.ingest([batchOf('t', [{ tags: { host: 'a' }, fields: { y: 2 }, time: 2 }])]);
    await transaction.append(table.descriptor.oid, rows);
    await transaction.commit();
    expect(await readTable(database, 't')).toEqual([
      { time: 1, x: 0.5, host: null, y: null },
      { time: 2, x: null, host: 'a', y: 2 },
    ]);
    await instance.close();
  });

  test('sees the tags of its own rows when others bring the same series while it reads', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz', 'host text'], { time: 'time', tags: ['host'] }));
    const transaction = database.begin();
    const table = tableNamed(transaction, 't');
    await transaction.append(table.descriptor.oid, rowsOf(table, [[1, 'mine']]));
    const snapshot = transaction.snapshot();
    const request = { columns: [0, 1], timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] };
    const scan = table.scan(request, snapshot);
    await database.ingest([batchOf('t', [{ tags: { host: 'mine' }, fields: { x: 1 }, time: 2 }])]);
    const read: Value[][] = [];
    for (const morsel of scan.morsels()) {
      for await (const batch of scan.read(morsel, patience)) {
        for (let row = 0; row < batch.rowCount; row++) read.push(batch.columns.map((column) => valueAt(column, row)));
      }
    }
    expect(read).toEqual([[1, 'mine']]);
    snapshot.release();
    transaction.rollback();
    await instance.close();
  });
});
