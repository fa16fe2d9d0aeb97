import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import type { Database } from '../../src/database/database.ts';
import type { Value } from '../../src/types/value.ts';
import { InProcessEncoders } from '../support/in-process-encoders.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  databaseOf,
  deleteWhere,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  scan,
  tableNamed,
} from './scratch-instance.ts';

const SMALL = { stagingBytes: 4000, memtableBytes: 40_000 };
const COLUMNS = ['time timestamptz not null', 'host text', 'usage float8', 'count int8', 'note text', 'price numeric'];

function rows(from: number, to: number): Value[][] {
  return Array.from({ length: to - from }, (_, at): Value[] => {
    const row = from + at;
    const note = row % 3 === 0 ? null : `note ${row % 7}`;
    return [row * 1e9, `h${row % 4}`, row % 5 === 0 ? null : row / 3, row, note, null];
  });
}

async function contents(database: Database): Promise<number[]> {
  return (await readTable(database, 'm')).map(({ count }) => count as number).sort((a, b) => a - b);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, row) => row);

describe('segments that other threads encode', () => {
  for (const key of [undefined, ['host', 'time']]) {
    test(`hold what is staged, flushed and merged, ${key === undefined ? 'without' : 'with'} a key`, async () => {
      const fileSystem = new MemoryFileSystem();
      const encoders = await new InProcessEncoders({ minRows: 1, fileSystem }).start();
      const instance = await openScratch(fileSystem, { ...SMALL, encoders });
      const database = databaseOf(instance);
      await makeTable(database, newTable('m', COLUMNS, { time: 'time', tags: ['host'], ...(key && { key }) }));
      const transaction = database.begin();
      const { oid } = tableNamed(transaction, 'm').descriptor;
      for (let from = 0; from < 2000; from += 100) {
        await transaction.append(oid, rowsOf(tableNamed(transaction, 'm'), rows(from, from + 100)));
      }
      await transaction.commit();
      const staged = encoders.begun;
      expect(staged).toBeGreaterThan(5);
      for (let from = 2000; from < 4000; from += 200) {
        await insert(database, 'm', rows(from, from + 200));
        await instance.flush();
      }
      expect(encoders.begun).toBeGreaterThan(staged);
      const merges: number[] = [];
      const control = { check: () => {} };
      await database.vacuum(oid, { isFull: true, control, noteMerge: () => merges.push(encoders.begun) });
      expect(merges.length).toBeGreaterThan(0);
      expect(encoders.merges).toBeGreaterThan(0);
      expect(await contents(database)).toEqual(upTo(4000));
      await instance.close();
      expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
    });
  }

  test('that ends while rows are staged fails the statement alone', async () => {
    for (let dropsAfter = 1; dropsAfter < 12; dropsAfter += 2) {
      const fileSystem = new MemoryFileSystem();
      const encoders = await new InProcessEncoders({ minRows: 1, dropsAfter }).start();
      const instance = await openScratch(fileSystem, { ...SMALL, encoders });
      const database = databaseOf(instance);
      await makeTable(database, newTable('m', COLUMNS, { time: 'time', tags: ['host'] }));
      await insert(database, 'm', rows(0, 10));
      const transaction = database.begin();
      const { oid } = tableNamed(transaction, 'm').descriptor;
      const writing = (async () => {
        for (let from = 10; from < 3000; from += 100) {
          await transaction.append(oid, rowsOf(tableNamed(transaction, 'm'), rows(from, from + 100)));
        }
      })();
      await expect(writing).rejects.toThrow('a worker thread ended');
      transaction.rollback();
      expect(await contents(database)).toEqual(upTo(10));
      await insert(database, 'm', rows(10, 3000));
      const reopened = await openScratch(await killed(fileSystem), SMALL);
      expect(await contents(databaseOf(reopened))).toEqual(upTo(3000));
      await reopened.close();
      await instance.close();
    }
  });

  test('that ends while a memtable is flushed is tried again', async () => {
    const fileSystem = new MemoryFileSystem();
    const encoders = await new InProcessEncoders({ minRows: 1, dropsAfter: 2 }).start();
    const instance = await openScratch(fileSystem, { memtableBytes: 40_000, encoders });
    const database = databaseOf(instance);
    await makeTable(database, newTable('m', COLUMNS, { time: 'time', tags: ['host'] }));
    await insert(database, 'm', rows(0, 500));
    await expect(instance.flush()).rejects.toThrow('a worker thread ended');
    await instance.flush();
    expect(await contents(database)).toEqual(upTo(500));
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
  });
});

describe('a merge in another thread', () => {
  async function prepared(dropsAfter?: number) {
    const fileSystem = new MemoryFileSystem();
    // Flushes are not for the thread.
    const options = { minRows: 1e9, fileSystem, ...(dropsAfter === undefined ? {} : { dropsAfter }) };
    const encoders = new InProcessEncoders(options);
    const instance = await openScratch(fileSystem, { encoders });
    const database = databaseOf(instance);
    await makeTable(database, newTable('m', COLUMNS, { time: 'time', tags: ['host'], key: ['host', 'time'] }));
    const { oid } = tableNamed(database.begin(), 'm').descriptor;
    for (let from = 0; from < 1200; from += 400) {
      await insert(database, 'm', rows(from, from + 400));
      await instance.flush();
    }
    Object.assign(await encoders.start(), { minRows: 1 });
    const vacuum = (): Promise<unknown> =>
      database.vacuum(oid, { isFull: true, control: { check: () => {} }, noteMerge: () => {} });
    return { fileSystem, encoders, instance, database, vacuum };
  }

  test('whose thread ends fails the statement, leaves nothing behind and is made up for', async () => {
    for (let dropsAfter = 1; dropsAfter <= 3; dropsAfter++) {
      const { fileSystem, encoders, instance, database, vacuum } = await prepared(dropsAfter);
      await vacuum().catch((error: Error) => expect(error.message).toContain('a worker thread ended'));
      expect(await contents(database)).toEqual(upTo(1200));
      await encoders.start();
      await vacuum();
      expect(await contents(database)).toEqual(upTo(1200));
      await instance.close();
      expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
    }
  });

  test('has what is deleted while it runs deleted in its result', async () => {
    const { encoders, instance, database, vacuum } = await prepared();
    const merging = vacuum();
    while (encoders.merges === 0) await new Promise((resolve) => setImmediate(resolve));
    const transaction = database.begin();
    await deleteWhere(transaction, 'm', ({ count }) => (count as number) >= 10);
    await transaction.commit();
    await merging;
    expect(await contents(database)).toEqual(upTo(10));
    await instance.close();
  });

  test('that a full disk or a crash ends leaves the rows as they were', async () => {
    for (const isCrash of [false, true]) {
      const { fileSystem, encoders, instance, database, vacuum } = await prepared();
      let hasFailed = false;
      fileSystem.beforeOperation = (operation, path) => {
        if (encoders.merges === 0 || operation !== 'write' || !path.includes('drafts')) return;
        hasFailed = true;
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      };
      await expect(vacuum()).rejects.toThrow('no space left');
      expect(hasFailed).toBe(true);
      fileSystem.beforeOperation = undefined;
      if (isCrash) {
        const reopened = await openScratch(await killed(fileSystem));
        expect(await contents(databaseOf(reopened))).toEqual(upTo(1200));
        await reopened.close();
      } else {
        await vacuum();
        expect(await contents(database)).toEqual(upTo(1200));
      }
      await instance.close();
    }
  });
});

describe('memory of rows that were staged', () => {
  test('is used again, but not while an earlier view may read it', async () => {
    const instance = await openScratch(new MemoryFileSystem(), { stagingBytes: 500_000 });
    const database = databaseOf(instance);
    await makeTable(database, newTable('m', COLUMNS, { time: 'time', tags: ['host'] }));
    const transaction = database.begin();
    const table = tableNamed(transaction, 'm');
    await transaction.append(table.descriptor.oid, rowsOf(table, rows(0, 16_384)));
    const snapshot = transaction.snapshot();
    // Much later times, and other partitions: they take whatever buffers are free.
    for (let from = 100_000; from < 200_000; from += 16_384) {
      await transaction.append(table.descriptor.oid, rowsOf(table, rows(from, from + 16_384)));
    }
    const seen = (await scan(table, snapshot)).rows.map(({ count }) => count as number).sort((a, b) => a - b);
    expect(seen).toEqual(upTo(16_384));
    snapshot.release();
    await transaction.commit();
    const counts = await contents(database);
    expect(counts).toHaveLength(16_384 * 8);
    expect(new Set(counts).size).toBe(counts.length);
    await instance.close();
  });
});
