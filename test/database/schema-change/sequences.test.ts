import { describe, expect, test } from 'vitest';
import type { SequenceDescriptor } from '../../../src/catalog/sequence-descriptor.ts';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import type { Database } from '../../../src/database/database.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import type { NewSequence } from '../../../src/database/schema-change/sequence-writes.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { int8 } from '../../../src/types/int8.ts';
import type { Int64 } from '../../../src/types/value.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import {
  batchOf,
  databaseOf,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  tableNamed,
} from '../scratch-instance.ts';

function newSequence(transaction: Transaction, name: string, options: Partial<NewSequence> = {}): NewSequence {
  return {
    oid: transaction.takeOid(),
    schemaOid: 2200,
    schemaName: 'public',
    name,
    ownerOid: 10,
    type: int8,
    start: 1,
    increment: 1,
    min: 1,
    max: 9223372036854775807n,
    cache: 1,
    isCycled: false,
    owner: undefined,
    ...options,
  };
}

async function makeSequence(database: Database, name: string, options: Partial<NewSequence> = {}): Promise<number> {
  const transaction = database.begin();
  const { oid } = transaction.sequences.create(newSequence(transaction, name, options));
  await transaction.commit();
  return oid;
}

/** SELECT nextval(…) on its own. */
async function next(database: Database, oid: number): Promise<Int64> {
  const transaction = database.begin();
  const value = transaction.sequences.next(oid);
  await transaction.commit();
  return value;
}

function find(database: Database, name: string): SequenceDescriptor | undefined {
  return database.begin().catalog().sequence('public', name);
}

describe('a sequence', () => {
  test('counts on over transactions, rolled back or not', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's', { start: 10, increment: 5 });
    const first = database.begin();
    const second = database.begin();
    expect([first.sequences.next(oid), second.sequences.next(oid), first.sequences.next(oid)]).toEqual([10, 15, 20]);
    expect(second.sequences.state(oid)).toEqual({ lastValue: 20, isCalled: true });
    first.rollback();
    await second.commit();
    expect(await next(database, oid)).toBe(25);
    expect(database.begin().sequences.take(oid, 3)).toEqual([30, 35, 40]);
    await instance.close();
  });

  test('repeats no value after a crash, and skips none after an orderly end', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's');
    for (let value = 1; value <= 40; value++) expect(await next(database, oid)).toBe(value);
    const crashed = await openScratch(await killed(fileSystem));
    const afterCrash = await next(databaseOf(crashed), oid);
    expect(afterCrash).toBeGreaterThan(40);
    expect(afterCrash).toBeLessThanOrEqual(40 + 33);
    await instance.flush();
    const afterFlush = await openScratch(await killed(fileSystem));
    expect(await next(databaseOf(afterFlush), oid)).toBeGreaterThan(40);
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(await next(databaseOf(again), oid)).toBe(41);
    await again.close();
    const third = await openScratch(fileSystem);
    expect(await next(databaseOf(third), oid)).toBe(42);
    await third.close();
    await crashed.close();
    await afterFlush.close();
    expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
  });

  test('is known to the manifest, state and all, when the log is gone', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const kept = await makeSequence(database, 'kept', {
      start: 9007199254740993n,
      increment: -3,
      max: 9007199254740993n,
    });
    const gone = await makeSequence(database, 'gone');
    expect(await next(database, kept)).toBe(9007199254740993n);
    const dropping = database.begin();
    dropping.sequences.drop(gone);
    await dropping.commit();
    await makeTable(database, newTable('t', ['a int4']));
    for (let round = 0; round < 3; round++) {
      await insert(database, 't', [[round]]);
      await instance.flush();
    }
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(await next(databaseOf(again), kept)).toBe(9007199254740990);
    expect(find(databaseOf(again), 'gone')).toBeUndefined();
    const { oid, ...before } = find(databaseOf(again), 'kept')!;
    expect({ oid, ...before }).toMatchObject({ oid: kept, increment: -3, max: 9007199254740993n, version: 1 });
    // No OID comes again, be it that of a sequence that is gone.
    expect(again.database('tidewire')!.begin().takeOid()).toBeGreaterThan(gone);
    await again.close();
  });

  test('that a transaction makes counts within it, and not without it', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const transaction = database.begin();
    const made = transaction.sequences.create(newSequence(transaction, 's', { start: 3 }));
    expect(transaction.sequences.next(made.oid)).toBe(3);
    expect(transaction.sequences.next(made.oid)).toBe(4);
    expect(() => database.begin().sequences.next(made.oid)).toThrow(expect.objectContaining({ code: '42P01' }));
    const mark = transaction.markStatement();
    transaction.sequences.create(newSequence(transaction, 'undone'));
    transaction.rollbackStatement(mark);
    expect(() => transaction.schema.createTable(newTable('s', ['a int4']))).toThrow(
      expect.objectContaining({ code: '42P07' }),
    );
    await transaction.commit();
    expect(await next(database, made.oid)).toBe(5);
    expect(find(database, 'undone')).toBeUndefined();
    await instance.close();
  });

  test('is set at once, and restarted with the transaction', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's');
    for (let value = 1; value <= 5; value++) await next(database, oid);
    const setting = database.begin();
    setting.sequences.set(oid, 100, true);
    expect(() => setting.sequences.set(oid, 0, true)).toThrow(
      expect.objectContaining({
        code: '22003',
        message: 'setval: value 0 is out of bounds for sequence "s" (1..9223372036854775807)',
      }),
    );
    setting.rollback();
    expect(await next(database, oid)).toBe(101);

    const { version: _, ...definition } = find(database, 's')!;
    const undone = database.begin();
    undone.sequences.alter(definition, { lastValue: 7, isCalled: false });
    expect(undone.sequences.next(oid)).toBe(7);
    expect(await next(database, oid)).toBe(102);
    undone.rollback();
    expect(await next(database, oid)).toBe(103);

    const restarting = database.begin();
    restarting.sequences.alter(definition, { lastValue: 7, isCalled: false });
    const mark = restarting.markStatement();
    restarting.sequences.alter(definition, { lastValue: 70, isCalled: false });
    expect(restarting.sequences.next(oid)).toBe(70);
    restarting.rollbackStatement(mark);
    expect(restarting.sequences.next(oid)).toBe(7);
    await restarting.commit();
    expect(await next(database, oid)).toBe(8);
    const crashed = await openScratch(await killed(fileSystem));
    const afterCrash = await next(databaseOf(crashed), oid);
    expect(afterCrash).toBeGreaterThan(8);
    expect(afterCrash).toBeLessThan(50);
    await crashed.close();
    await instance.close();
  });

  test('that is altered repeats nothing that others have taken meanwhile', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's');
    await next(database, oid);
    const { version: _, ...definition } = find(database, 's')!;
    const altering = database.begin();
    altering.sequences.alter({ ...definition, increment: 10, name: 'renamed' });
    expect(altering.sequences.next(oid)).toBe(11);
    expect(await next(database, oid)).toBe(2);
    expect(find(database, 's')).toMatchObject({ increment: 1 });
    await altering.commit();
    expect(find(database, 's')).toBeUndefined();
    expect(find(database, 'renamed')).toMatchObject({ increment: 10, version: 2 });
    expect(await next(database, oid)).toBe(21);
    // Of two who alter it, the second must look again.
    const first = database.begin();
    const second = database.begin();
    const { version: __, ...renamed } = find(database, 'renamed')!;
    first.sequences.alter({ ...renamed, increment: 2 });
    second.sequences.alter({ ...renamed, increment: 3 });
    await first.commit();
    await expect(second.commit()).rejects.toMatchObject({ code: '40001' });
    await instance.close();
  });

  test('goes with the column that it belongs to', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int8', 'b int8']));
    const { oid: tableOid } = tableNamed(database.begin(), 't').descriptor;
    const owner = (columnNumber: number) => ({ owner: { tableOid, columnNumber, kind: 'owned' } as const });
    await makeSequence(database, 't_a_seq', owner(1));
    await makeSequence(database, 't_b_seq', owner(2));
    await makeSequence(database, 'free');
    const transaction = database.begin();
    await transaction.lockTable(tableOid, 'exclusive');
    const mark = transaction.markStatement();
    transaction.schema.alterTable(dropColumn(tableNamed(transaction, 't').descriptor, 1));
    expect([...transaction.catalog().sequences()].map(({ name }) => name)).toEqual(['t_b_seq', 'free']);
    transaction.rollbackStatement(mark);
    transaction.schema.dropTable(tableOid);
    await transaction.commit();
    expect([...database.begin().catalog().sequences()].map(({ name }) => name)).toEqual(['free']);
    await instance.close();
  });

  test('keeps its name from a measurement', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeSequence(database, 's');
    await makeTable(database, newTable('t', ['a int4'], { key: ['a'] }));
    for (const name of ['s', 't_pkey']) {
      const written = database.ingest([batchOf(name, [{ fields: { f: 1 }, time: 1 }])]);
      await expect(written).rejects.toMatchObject({ code: '42809', message: `"${name}" is not a table` });
    }
    await instance.close();
  });

  test('does not count in a read-only transaction', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's');
    const transaction = database.begin({ isReadOnly: true });
    expect(() => transaction.sequences.next(oid)).toThrow(
      expect.objectContaining({ code: '25006', message: 'cannot execute nextval() in a read-only transaction' }),
    );
    expect(transaction.sequences.state(oid)).toEqual({ lastValue: 1, isCalled: false });
    await instance.close();
  });

  test('repeats no value that a commit holds, though the log refused the record of it', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int8']));
    const oid = await makeSequence(database, 's');
    const transaction = database.begin();
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    const value = transaction.sequences.next(oid);
    // Until the log has found out.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { insertInto } = rowsInto(transaction);
    await insertInto('t', value);
    await transaction.commit();
    expect(await readTable(database, 't')).toEqual([{ a: value }]);
    const crashed = await openScratch(await killed(fileSystem));
    expect(await next(databaseOf(crashed), oid)).toBeGreaterThan(Number(value));
    await crashed.close();
    await instance.close();
  });

  test('a commit that has only drawn a number waits for the record, though another transaction wrote it', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const oid = await makeSequence(database, 's');
    const [first, second] = [database.begin(), database.begin()];
    fileSystem.fail({ operation: 'sync', path: '/wal/', code: 'EIO' });
    // The record of the first number covers the second one.
    first.sequences.next(oid);
    second.sequences.next(oid);
    await expect(second.commit()).rejects.toMatchObject({ code: '58030' });
    await expect(first.commit()).rejects.toMatchObject({ code: '58030' });
    await instance.close().catch(() => {});
  });
});

function rowsInto(transaction: Transaction) {
  return {
    insertInto: async (name: string, value: Int64) => {
      const table = tableNamed(transaction, name);
      await transaction.append(table.descriptor.oid, {
        rowCount: 1,
        columns: [{ kind: 'number', values: Float64Array.of(Number(value)), validity: undefined }],
      });
    },
  };
}
