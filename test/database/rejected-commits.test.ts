import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { Memtable } from '../../src/storage/memtable/memtable.ts';
import type { RowBlock } from '../../src/storage/memtable/row-block.ts';
import { AppliedStaging } from '../../src/storage/staging/apply-staged.ts';
import { StorageEngine } from '../../src/storage/storage-engine.ts';
import { CommitGate } from '../../src/storage/versions/commit-gate.ts';
import { AppendGroup } from '../../src/storage/wal/append-group.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { expectSound, holdAt } from './compaction-helpers.ts';
import {
  DAY,
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

/** A transaction has a few dozen rows in memory at most. */
const SMALL = { stagingBytes: 200, memtableBytes: 40_000 };
const KEYED = newTable('m', ['time timestamptz not null', 'host text not null', 'x float8'], {
  time: 'time',
  tags: ['host'],
  key: ['host', 'time'],
});

/** Lets what was begun come to its end: all of it is promises of memory. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function rowsOfHosts(hosts: readonly string[], count: number, from = 0): Value[][] {
  return Array.from({ length: count }, (_, row) => [from + row * 1000, hosts[row % hosts.length]!, row]);
}

/** In statements of a few rows, so that a large transaction leaves memory on its way. */
async function append(transaction: Transaction, rows: readonly (readonly Value[])[], size = 20): Promise<void> {
  const table = tableNamed(transaction, 'm');
  for (let from = 0; from < rows.length; from += size) {
    await transaction.append(table.descriptor.oid, rowsOf(table, rows.slice(from, from + size)));
  }
}

async function countByHost(database: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { host } of await readTable(database, 'm')) counts[String(host)] = (counts[String(host)] ?? 0) + 1;
  return counts;
}

/** A commit with the series `doomed` that is appended, and which the disk will refuse once it is let go. */
async function beginDoomed(fileSystem: MemoryFileSystem, database: Database) {
  const held = holdAt(fileSystem, (operation, path) => operation === 'write' && path.includes('/wal/'));
  fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
  const refused = expect(insert(database, 'm', [[1, 'doomed', 1]])).rejects.toMatchObject({ code: '53100' });
  await held.reached;
  return { release: held.release, refused };
}

async function openKeyed(fileSystem: MemoryFileSystem, options: Parameters<typeof openScratch>[1] = SMALL) {
  const instance = await openScratch(fileSystem, options);
  const database = databaseOf(instance);
  await makeTable(database, KEYED);
  await insert(database, 'm', [[0, 'first', 1]]);
  return { instance, database };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('series of a commit that the disk refuses', () => {
  test('are not those of rows that were staged meanwhile', async () => {
    const fileSystem = new MemoryFileSystem();
    const { instance, database } = await openKeyed(fileSystem);
    const doomed = await beginDoomed(fileSystem, database);
    const transaction = database.begin();
    const appending = append(transaction, rowsOfHosts(['doomed'], 100, 5000));
    await settle();
    doomed.release();
    await doomed.refused;
    await settle();
    await insert(database, 'm', [[2, 'next', 1]]);
    await appending;
    await transaction.commit();
    const expected = { first: 1, next: 1, doomed: 100 };
    expect(await countByHost(database)).toEqual(expected);
    expect(await countByHost(databaseOf(await openScratch(await killed(fileSystem), SMALL)))).toEqual(expected);
    await instance.close();
    await expectSound(fileSystem);
  });

  test('are not built upon by who stages in the very turn in which it is refused', async () => {
    const fileSystem = new MemoryFileSystem();
    const { database } = await openKeyed(fileSystem);
    const doomed = await beginDoomed(fileSystem, database);
    let open = (): void => {};
    let closed: Promise<void> | undefined = new Promise((resolve) => {
      open = resolve;
    });
    vi.spyOn(CommitGate.prototype, 'whenOpen').mockImplementation(() => closed);
    const transaction = database.begin();
    const appending = append(transaction, rowsOfHosts(['doomed', 'other'], 100, 5000));
    await settle();
    const reject = AppendGroup.prototype.reject;
    vi.spyOn(AppendGroup.prototype, 'reject').mockImplementation(function (this: AppendGroup, error) {
      // Who waits for the gate goes on before those who wait for the log.
      closed = undefined;
      open();
      reject.call(this, error);
    });
    doomed.release();
    await doomed.refused;
    await appending;
    await transaction.commit();
    const expected = { first: 1, doomed: 50, other: 50 };
    expect(await countByHost(database)).toEqual(expected);
    expect(await countByHost(databaseOf(await openScratch(await killed(fileSystem), SMALL)))).toEqual(expected);
  });

  test('are not built upon by a large commit that is made ready meanwhile', async () => {
    const fileSystem = new MemoryFileSystem();
    const { database } = await openKeyed(fileSystem, { logFileBytes: 8 << 20 });
    const transaction = database.begin();
    await append(transaction, rowsOfHosts(['doomed', 'other'], 17_000, 5000), 17_000);
    const doomed = await beginDoomed(fileSystem, database);
    const encode = StorageEngine.prototype.encode;
    vi.spyOn(StorageEngine.prototype, 'encode').mockImplementationOnce(async function (
      this: StorageEngine,
      ...operations
    ) {
      doomed.release();
      await doomed.refused;
      return encode.apply(this, operations);
    });
    await transaction.commit();
    const expected = { first: 1, doomed: 8500, other: 8500 };
    expect(await countByHost(database)).toEqual(expected);
    const again = await openScratch(await killed(fileSystem), { logFileBytes: 8 << 20 });
    expect(await countByHost(databaseOf(again))).toEqual(expected);
  });
});

describe('a commit that is in the log and cannot be applied', () => {
  test('leaves nothing of it in memory and refuses further writes; the next start has it', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['x int4']));
    await makeTable(database, newTable('u', ['x int4']));
    const transaction = database.begin();
    for (const name of ['t', 'u']) {
      const table = tableNamed(transaction, name);
      await transaction.append(table.descriptor.oid, rowsOf(table, [[1]]));
    }
    const appendRows = Memtable.prototype.append;
    let count = 0;
    vi.spyOn(Memtable.prototype, 'append').mockImplementation(function (this: Memtable, block: RowBlock) {
      if (++count === 2) throw new RangeError('Array buffer allocation failed');
      appendRows.call(this, block);
    });
    await expect(transaction.commit()).rejects.toThrow('Array buffer allocation failed');
    vi.restoreAllMocks();
    expect(instance.failure?.message).toContain('Array buffer allocation failed');
    await expect(insert(database, 't', [[2]])).rejects.toMatchObject({
      code: '58030',
      message: 'the server is read-only since a commit could not be applied',
    });
    for (const name of ['t', 'u']) expect(await readTable(database, name)).toEqual([]);
    await instance.close();
    const again = databaseOf(await openScratch(fileSystem));
    for (const name of ['t', 'u']) expect(await readTable(again, name)).toEqual([{ x: 1 }]);
  });

  test('keeps the files that its record names', async () => {
    const fileSystem = new MemoryFileSystem();
    const { instance, database } = await openKeyed(fileSystem);
    const transaction = database.begin();
    await append(transaction, rowsOfHosts(['a', 'b'], 100, 5000));
    vi.spyOn(AppliedStaging.prototype, 'apply').mockImplementationOnce(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    await expect(transaction.commit()).rejects.toThrow('Array buffer allocation failed');
    expect(await countByHost(database)).toEqual({ first: 1 });
    await expect(insert(database, 'm', [[2, 'next', 1]])).rejects.toMatchObject({ code: '58030' });
    await instance.close();
    const again = await openScratch(fileSystem, SMALL);
    expect(await countByHost(databaseOf(again))).toEqual({ first: 1, a: 50, b: 50 });
    await again.close();
    await expectSound(fileSystem);
  });
});

describe('staging that fails', () => {
  test('when its segments are opened leaves no file behind', async () => {
    const files = (disk: MemoryFileSystem) => disk.allFiles().filter((path) => /\.(segment|pack)$/.test(path));
    for (const partitions of [3, 8]) {
      for (let after = 0; after < partitions; after++) {
        const fileSystem = new MemoryFileSystem();
        const { database } = await openKeyed(fileSystem);
        const before = files(fileSystem);
        const rows = Array.from({ length: partitions * 60 }, (_, row) => [
          (row % partitions) * DAY + row + 5000,
          'first',
          row,
        ]);
        let opened = 0;
        fileSystem.beforeOperation = (operation, path) => {
          const isRead = operation === 'read' && files(fileSystem).includes(path.replace(/^\//, ''));
          // The first read of each new segment.
          if (isRead && opened++ === after) fileSystem.fail({ operation, path, code: 'EIO' });
        };
        const transaction = database.begin();
        await expect(append(transaction, rows, rows.length)).resolves.toBeUndefined();
        await expect(append(transaction, [[1, 'first', 1]])).rejects.toThrow();
        await settle();
        expect(files(fileSystem)).toEqual(before);
        transaction.rollback();
      }
    }
  });
});
