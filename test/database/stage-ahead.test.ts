import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import type { Value } from '../../src/types/value.ts';
import { InProcessEncoders } from '../support/in-process-encoders.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  databaseOf,
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
const COLUMNS = ['time timestamptz not null', 'host text', 'count int8'];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, row) => row);
/** Over several partitions, not in order, and with series that come later. */
const rowOf = (row: number): Value[] => [((row * 7) % 50) * 1e10, `h${row % (3 + Math.floor(row / 500))}`, row];

/** Appends rows `from` to `to` as COPY does; they may be on their way to disk when it resolves. */
async function appendAhead(transaction: Transaction, from: number, to: number): Promise<void> {
  const table = tableNamed(transaction, 'm');
  for (let row = from; row < to; row += 50) {
    const rows = rowsOf(
      table,
      upTo(50).map((at) => rowOf(row + at)),
    );
    await transaction.append(table.descriptor.oid, rows, { staysAhead: true });
  }
}

async function ownRows(transaction: Transaction): Promise<number[]> {
  const snapshot = transaction.snapshot();
  const { rows } = await scan(tableNamed(transaction, 'm'), snapshot);
  snapshot.release();
  return rows.map(({ count }) => count as number).sort((a, b) => a - b);
}

async function committed(instance: Instance): Promise<number[]> {
  const rows = await readTable(databaseOf(instance), 'm');
  return rows.map(({ count }) => count as number).sort((a, b) => a - b);
}

async function scratch(options = {}) {
  const fileSystem = new MemoryFileSystem();
  const instance = await openScratch(fileSystem, { ...SMALL, ...options });
  await makeTable(databaseOf(instance), newTable('m', COLUMNS, { time: 'time', tags: ['host'] }));
  return { fileSystem, instance };
}

describe('rows that go to disk while the next ones are appended', () => {
  test('are all there afterwards, for the transaction and for others, also after a crash', async () => {
    const { fileSystem, instance } = await scratch();
    const transaction = databaseOf(instance).begin();
    await appendAhead(transaction, 0, 50);
    await transaction.settle();
    expect(await ownRows(transaction)).toEqual(upTo(50));
    await appendAhead(transaction, 50, 3000);
    await transaction.settle();
    expect(await ownRows(transaction)).toEqual(upTo(3000));
    await appendAhead(transaction, 3000, 4000);
    // The commit waits for them.
    await transaction.commit();
    expect(await committed(instance)).toEqual(upTo(4000));
    const reopened = await openScratch(await killed(fileSystem), SMALL);
    expect(await committed(reopened)).toEqual(upTo(4000));
    await reopened.close();
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
  });

  test('go into a table that the transaction has made', async () => {
    const instance = await openScratch(new MemoryFileSystem(), SMALL);
    const transaction = databaseOf(instance).begin();
    transaction.schema.createTable(newTable('m', COLUMNS, { time: 'time', tags: ['host'] }));
    await appendAhead(transaction, 0, 2000);
    await transaction.settle();
    expect(await ownRows(transaction)).toEqual(upTo(2000));
    await transaction.commit();
    expect(await committed(instance)).toEqual(upTo(2000));
    await instance.close();
  });

  test('are not looked at on their way', async () => {
    const { instance } = await scratch();
    const transaction = databaseOf(instance).begin();
    let caught: unknown;
    for (let from = 0; from < 1000 && caught === undefined; from += 50) {
      await appendAhead(transaction, from, from + 50);
      try {
        transaction.snapshot().release();
      } catch (error) {
        caught = error;
      }
    }
    expect(String(caught)).toContain('nobody looks at rows that are on their way to disk');
    await transaction.settle();
    transaction.rollback();
    await instance.close();
  });

  test('are taken back with their statement, and those before it stay', async () => {
    const { instance, fileSystem } = await scratch();
    const transaction = databaseOf(instance).begin();
    await appendAhead(transaction, 0, 100);
    await transaction.settle();
    const mark = transaction.markStatement();
    await appendAhead(transaction, 100, 2000);
    await transaction.settle();
    transaction.rollbackStatement(mark);
    transaction.releaseMark(mark);
    expect(await ownRows(transaction)).toEqual(upTo(100));
    await appendAhead(transaction, 100, 300);
    await transaction.commit();
    expect(await committed(instance)).toEqual(upTo(300));
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
  });

  test('that cannot be written fail their statement, and those before it stay', async () => {
    for (let dropsAfter = 1; dropsAfter < 20; dropsAfter += 3) {
      const encoders = await new InProcessEncoders({ minRows: 1, dropsAfter }).start();
      const { instance } = await scratch({ encoders });
      const transaction = databaseOf(instance).begin();
      // Few enough to stay in memory.
      await appendAhead(transaction, 0, 50);
      await transaction.settle();
      const mark = transaction.markStatement();
      const writing = (async () => {
        await appendAhead(transaction, 50, 3000);
        await transaction.settle();
      })();
      await expect(writing).rejects.toThrow('a worker thread ended');
      await transaction.settle().catch(() => {});
      transaction.rollbackStatement(mark);
      transaction.releaseMark(mark);
      expect(await ownRows(transaction)).toEqual(upTo(50));
      await transaction.commit();
      expect(await committed(instance)).toEqual(upTo(50));
      await instance.close();
    }
  });

  test('leave nothing when the transaction ends meanwhile', async () => {
    const { instance, fileSystem } = await scratch();
    const transaction = databaseOf(instance).begin();
    for (let from = 0; from < 400; from += 50) await appendAhead(transaction, from, from + 50);
    const settled = transaction.settle().catch(() => {});
    transaction.rollback();
    await settled;
    expect(await committed(instance)).toEqual([]);
    await instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
  });
});
