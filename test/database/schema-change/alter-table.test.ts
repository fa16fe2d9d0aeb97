import { describe, expect, test, vi } from 'vitest';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../../../src/columnar/batch.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import type { Database } from '../../../src/database/database.ts';
import { addColumn } from '../../../src/database/schema-change/add-column.ts';
import { changeColumnType, setNotNull } from '../../../src/database/schema-change/column-properties.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import { renameColumn, renameTable } from '../../../src/database/schema-change/rename.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { WriteSet } from '../../../src/storage/versions/write-set.ts';
import type { Value } from '../../../src/types/value.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  HOUR,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  scan,
  tableNamed,
  typeNamed,
  updateWhere,
} from '../scratch-instance.ts';

/** ALTER TABLE: takes the lock, and puts what `change` makes of the table. */
async function alter(
  transaction: Transaction,
  name: string,
  change: (table: TableDescriptor) => TableDescriptor,
): Promise<TableDescriptor> {
  await transaction.lockTable(tableNamed(transaction, name).descriptor.oid, 'exclusive');
  return transaction.schema.alterTable(change(tableNamed(transaction, name).descriptor));
}

async function alterAndCommit(
  database: Database,
  name: string,
  change: (table: TableDescriptor) => TableDescriptor,
): Promise<void> {
  const transaction = database.begin();
  await alter(transaction, name, change);
  await transaction.commit();
}

function numberOf(table: TableDescriptor, name: string): number {
  return table.columns.find((column) => column.name === name)!.number;
}

const withColumn =
  (name: string, type: string, missing: Value = null) =>
  (table: TableDescriptor) =>
    addColumn(table, { name, type: typeNamed(type), isNotNull: false }, missing);

/** Rows in what order they come. */
function sorted(rows: readonly Record<string, Value>[]): Record<string, Value>[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function* streamOf(...batches: Batch[]): BatchStream {
  yield* batches;
}

describe('ADD COLUMN with a value for the rows that are there', () => {
  test('is seen in rows in memory, in segments and after a crash, and not in later ones', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    await insert(database, 't', [[1]]);
    await instance.flush();
    await insert(database, 't', [[2]]);
    await alterAndCommit(database, 't', withColumn('b', 'text', 'old'));
    await insert(database, 't', [
      [3, null],
      [4, 'new'],
    ]);
    const expected = [
      { a: 1, b: 'old' },
      { a: 2, b: 'old' },
      { a: 3, b: null },
      { a: 4, b: 'new' },
    ];
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    const crashed = await openScratch(await killed(fileSystem));
    expect(sorted(await readTable(databaseOf(crashed), 't'))).toEqual(expected);
    await instance.flush();
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(sorted(await readTable(databaseOf(again), 't'))).toEqual(expected);
    await again.close();
    await crashed.close();
  });

  test('leaves no row twice when the disk fills between the flushes of earlier and later rows', async () => {
    // Before each of the first sixteen segments the disk is full for good, in one run each.
    for (let after = 0; after < 16; after++) {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem, { memtableBytes: 4096 });
      const database = databaseOf(instance);
      await makeTable(database, newTable('t', ['a int4']));
      await insert(database, 't', [[-1]]);
      await alterAndCommit(database, 't', withColumn('b', 'text', 'old'));
      fileSystem.fail({ operation: 'write', path: '/db/', after, code: 'ENOSPC', isLasting: true });
      // More than a memtable holds: it freezes the one with the row before, and is frozen itself.
      await insert(
        database,
        't',
        Array.from({ length: 2000 }, (_, a) => [a, 'new']),
      ).catch(() => {});
      await instance.flush().catch(() => {});
      const crashed = await openScratch(await killed(fileSystem));
      const rows = await readTable(databaseOf(crashed), 't');
      expect(rows.filter(({ a }) => a === -1)).toHaveLength(1);
      expect(rows, `after ${after} writes`).toHaveLength(2001);
      await crashed.close();
      fileSystem.clearFaults();
      await instance.close();
    }
  });

  test('does not skip units by their statistics', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    await insert(database, 't', [[1]]);
    await instance.flush();
    await alterAndCommit(database, 't', withColumn('b', 'int4', 7));
    const rowsWith = async (min: number, max: number) =>
      (await readTable(database, 't', { fieldRanges: [{ column: 1, min, max }] })).length;
    expect(await rowsWith(5, 9)).toBe(1);
    expect(await rowsWith(8, 9)).toBe(0);
    await instance.close();
  });

  test('belongs to what the same transaction wrote before, in memory or staged', async () => {
    for (const stagingBytes of [16 << 20, 1]) {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem, { stagingBytes });
      const database = databaseOf(instance);
      await makeTable(database, newTable('t', ['a int4']));
      const transaction = database.begin();
      const append = (rows: Value[][]) => {
        const table = tableNamed(transaction, 't');
        return transaction.append(table.descriptor.oid, rowsOf(table, rows));
      };
      await append([[1], [2]]);
      const mark = transaction.markStatement();
      await alter(transaction, 't', withColumn('gone', 'float8', 1.5));
      await append([[3, null]]);
      transaction.rollbackStatement(mark);
      await alter(transaction, 't', (table) => withColumn('b', 'text', 'old')(withColumn('x', 'int4')(table)));
      await append([[4, 1, null]]);
      const snapshot = transaction.snapshot();
      const expected = [
        { a: 1, x: null, b: 'old' },
        { a: 2, x: null, b: 'old' },
        { a: 4, x: 1, b: null },
      ];
      expect(sorted((await scan(tableNamed(transaction, 't'), snapshot)).rows)).toEqual(expected);
      snapshot.release();
      await transaction.commit();
      expect(sorted(await readTable(database, 't'))).toEqual(expected);
      const crashed = await openScratch(await killed(fileSystem));
      expect(sorted(await readTable(databaseOf(crashed), 't'))).toEqual(expected);
      await crashed.close();
      await instance.close();
    }
  });

  test('is what points of line protocol have, until a field is written', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await database.ingest([batchOf('cpu', [{ fields: { f: 1 }, time: HOUR }])]);
    await alterAndCommit(database, 'cpu', withColumn('g', 'float8', 5));
    // The point from before is written again, by another field; and there is a new one.
    await database.ingest([
      batchOf('cpu', [
        { fields: { f: 2 }, time: HOUR },
        { fields: { f: 3 }, time: 2 * HOUR },
      ]),
    ]);
    const read = async () =>
      (await readTable(database, 'cpu', { names: ['f', 'g'] })).sort((a, b) => Number(a.f) - Number(b.f));
    const expected = [
      { f: 2, g: 5 },
      { f: 3, g: null },
    ];
    expect(await read()).toEqual(expected);
    await instance.flush();
    expect(await read()).toEqual(expected);
    await database.ingest([batchOf('cpu', [{ fields: { g: 6 }, time: HOUR }])]);
    expect(await read()).toEqual([{ f: 2, g: 6 }, expected[1]]);
    await instance.close();
  });

  test('stays when segments from before and after are merged', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    for (const [round, column] of ['b', 'c', 'd'].entries()) {
      await insert(database, 't', [[round, ...Array.from({ length: round }, () => null)]]);
      await instance.flush();
      await alterAndCommit(database, 't', withColumn(column, 'int4', round + 10));
    }
    await insert(database, 't', [[3, 1, 2, 3]]);
    await instance.flush();
    const expected = [
      { a: 0, b: 10, c: 11, d: 12 },
      { a: 1, b: null, c: 11, d: 12 },
      { a: 2, b: null, c: null, d: 12 },
      { a: 3, b: 1, c: 2, d: 3 },
    ];
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    const { oid } = tableNamed(database.begin(), 't').descriptor;
    await database.vacuum(oid, { isFull: true, control: { check: () => {} }, noteMerge: () => {} });
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    await instance.close();
  });
});

describe('DROP COLUMN', () => {
  test('leaves the others as they are, and its number is never used again', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4', 'b text', 'c int4']));
    await insert(database, 't', [[1, 'one', 10]]);
    await instance.flush();
    await insert(database, 't', [[2, 'two', 20]]);
    await alterAndCommit(database, 't', (table) => dropColumn(table, numberOf(table, 'b')));
    await insert(database, 't', [[3, 30]]);
    await alterAndCommit(database, 't', (table) => dropColumn(table, numberOf(table, 'c')));
    await alterAndCommit(database, 't', withColumn('b', 'float8'));
    expect(numberOf(tableNamed(database.begin(), 't').descriptor, 'b')).toBe(4);
    await insert(database, 't', [[4, 1.5]]);
    const expected = [
      { a: 1, b: null },
      { a: 2, b: null },
      { a: 3, b: null },
      { a: 4, b: 1.5 },
    ];
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    await instance.flush();
    expect(sorted(await readTable(database, 't'))).toEqual(expected);
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(sorted(await readTable(databaseOf(again), 't'))).toEqual(expected);
    await again.close();
  });

  test('of what the same transaction has written is not in its commit', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4', 'b text']));
    const transaction = database.begin();
    const table = tableNamed(transaction, 't');
    await transaction.append(table.descriptor.oid, rowsOf(table, [[1, 'one']]));
    await alter(transaction, 't', (before) => dropColumn(before, 2));
    await transaction.commit();
    expect(await readTable(database, 't')).toEqual([{ a: 1 }]);
    await instance.close();
  });
});

describe('replaced rows', () => {
  const toText = (table: TableDescriptor) =>
    changeColumnType(table, numberOf(table, 'a'), { type: typeNamed('text'), default: undefined });

  test('have another type, and an older snapshot goes on reading the old ones', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4', 'b int4']));
    await insert(database, 't', [[1, 10]]);
    await instance.flush();
    await insert(database, 't', [[2, 20]]);
    const reader = database.begin({ isolation: 'repeatable read' });
    const before = reader.snapshot();
    const transaction = database.begin();
    const { oid } = tableNamed(transaction, 't').descriptor;
    await transaction.lockTable(oid, 'exclusive');
    const next = toText(tableNamed(transaction, 't').descriptor);
    await transaction.replaceRows(
      next,
      streamOf(
        { rowCount: 1, columns: [columnOf('text', ['one']), columnOf('float64', [10])] },
        { rowCount: 1, columns: [columnOf('text', ['two']), columnOf('float64', [20])] },
      ),
    );
    const rows = [
      { a: 'one', b: 10 },
      { a: 'two', b: 20 },
    ];
    const own = transaction.snapshot();
    expect(sorted((await scan(tableNamed(transaction, 't'), own)).rows)).toEqual(rows);
    own.release();
    expect(sorted(await readTable(database, 't'))).toEqual([
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ]);
    await transaction.commit();
    await insert(database, 't', [['three', 30]]);
    rows.splice(1, 0, { a: 'three', b: 30 });
    expect(sorted(await readTable(database, 't'))).toEqual(rows);
    const readOld = async () => sorted((await scan(tableNamed(reader, 't'), before)).rows);
    const old = [
      { a: 1, b: 10 },
      { a: 2, b: 20 },
    ];
    expect(await readOld()).toEqual(old);
    const crashed = await openScratch(await killed(fileSystem));
    expect(sorted(await readTable(databaseOf(crashed), 't'))).toEqual(rows);
    await crashed.close();
    await instance.flush();
    expect(await readOld()).toEqual(old);
    before.release();
    reader.rollback();
    expect(sorted(await readTable(database, 't'))).toEqual(rows);
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(sorted(await readTable(databaseOf(again), 't'))).toEqual(rows);
    await again.close();
  });

  test('come to nothing when one of them does not fit, and what was written before stays', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4 not null']));
    await insert(database, 't', [[1]]);
    const transaction = database.begin();
    const table = tableNamed(transaction, 't');
    await transaction.lockTable(table.descriptor.oid, 'exclusive');
    await transaction.append(table.descriptor.oid, rowsOf(table, [[2]]));
    const rewriting = transaction.replaceRows(
      toText(table.descriptor),
      streamOf(
        { rowCount: 1, columns: [columnOf('text', ['x'])] },
        { rowCount: 1, columns: [columnOf('text', [null])] },
      ),
    );
    await expect(rewriting).rejects.toMatchObject({ code: '23502' });
    expect(tableNamed(transaction, 't').descriptor).toBe(table.descriptor);
    await transaction.append(table.descriptor.oid, rowsOf(table, [[3]]));
    await transaction.commit();
    expect(sorted(await readTable(database, 't'))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    await instance.close();
  });

  test('leave no mark behind that large transactions would keep files apart for', async () => {
    const mark = vi.spyOn(WriteSet.prototype, 'mark');
    const release = vi.spyOn(WriteSet.prototype, 'releaseMark');
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4 not null']));
    const transaction = database.begin();
    const table = tableNamed(transaction, 't');
    await transaction.lockTable(table.descriptor.oid, 'exclusive');
    for (const value of [null, 'x']) {
      const rows = streamOf({ rowCount: 1, columns: [columnOf('text', [value])] });
      await transaction.replaceRows(toText(table.descriptor), rows).catch(() => {});
    }
    expect(mark.mock.results.length).toBeGreaterThanOrEqual(2);
    expect(release.mock.calls.map(([released]) => released)).toEqual(mark.mock.results.map(({ value }) => value));
    vi.restoreAllMocks();
    await instance.close();
  });

  test('of a time-series table keep their nanoseconds when they are told them', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await database.ingest([
      batchOf('cpu', [
        { tags: { host: 'a' }, fields: { f: 1 }, time: HOUR, nanoseconds: 1 },
        { tags: { host: 'a' }, fields: { f: 2 }, time: HOUR, nanoseconds: 2 },
        { tags: { host: 'b' }, fields: { f: 3 }, time: 40 * DAY },
      ]),
    ]);
    const transaction = database.begin();
    const before = tableNamed(transaction, 'cpu');
    await transaction.lockTable(before.descriptor.oid, 'exclusive');
    const visible = before.descriptor.columns.filter((column) => column.isHidden !== true);
    const remainderAt = before.descriptor.columns.findIndex(({ name }) => name === 'tidewire.remainder');
    const snapshot = transaction.snapshot();
    const found = before.scan(
      {
        columns: [...visible.keys(), remainderAt],
        timeRange: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
        seriesPredicates: [],
        fieldRanges: [],
      },
      snapshot,
    );
    const fieldAt = visible.findIndex(({ name }) => name === 'f');
    async function* rewritten(): BatchStream {
      for (const morsel of found.morsels()) {
        for await (const { rowCount, columns } of found.read(morsel, { yieldIfDue: () => undefined })) {
          const field = columns[fieldAt]!;
          if (field.kind !== 'number') throw new Error('a number');
          const texts = columnOf(
            'text',
            Array.from(field.values.subarray(0, rowCount), (value) => `f${value}`),
          );
          yield { rowCount, columns: columns.map((column, index) => (index === fieldAt ? texts : column)) };
        }
      }
    }
    await transaction.replaceRows(
      changeColumnType(before.descriptor, visible[fieldAt]!.number, { type: typeNamed('text'), default: undefined }),
      rewritten(),
    );
    snapshot.release();
    await transaction.commit();
    const expected = [
      { host: 'a', f: 'f1', time_ns: 946_688_400_000_000_001n },
      { host: 'a', f: 'f2', time_ns: 946_688_400_000_000_002n },
      { host: 'b', f: 'f3', time_ns: 950_140_800_000_000_000n },
    ];
    const read = () => readTable(database, 'cpu', { names: ['host', 'f', 'time_ns'] });
    expect(await read()).toEqual(expected);
    await instance.flush();
    expect(await read()).toEqual(expected);
    // It goes on merging: the point is written again, to the nanosecond.
    const again = database.ingest([
      batchOf('cpu', [{ tags: { host: 'a' }, fields: { f: 'x' }, time: HOUR, nanoseconds: 2 }], { f: 'string' }),
    ]);
    await again;
    expect((await read())[1]).toEqual({ ...expected[1], f: 'x' });
    await instance.close();
  });
});

describe('ALTER TABLE', () => {
  test('swaps names within a transaction', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('a', ['x int4']));
    await makeTable(database, newTable('b', ['y int4']));
    const transaction = database.begin();
    await alter(transaction, 'a', (table) => renameTable(table, 'c'));
    await alter(transaction, 'b', (table) => renameTable(table, 'a'));
    await alter(transaction, 'c', (table) => renameTable(table, 'b'));
    expect(() => transaction.schema.createTable(newTable('b', ['z int4']))).toThrow(
      expect.objectContaining({ code: '42P07' }),
    );
    await transaction.commit();
    const columnsOf = (name: string, from: Database) =>
      tableNamed(from.begin(), name)
        .descriptor.columns.filter(({ isHidden }) => isHidden !== true)
        .map((c) => c.name);
    for (const from of [database, databaseOf(await openScratch(await killed(fileSystem)))]) {
      expect(columnsOf('a', from)).toEqual(['y']);
      expect(columnsOf('b', from)).toEqual(['x']);
      expect(from.begin().catalog().table('public', 'c')).toBeUndefined();
    }
    await instance.close();
  });

  test('is undone by a return to a savepoint, and by a rollback', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    const transaction = database.begin();
    const mark = transaction.markStatement();
    await alter(transaction, 't', (table) => renameColumn(table, 1, 'z', (text) => text));
    expect(tableNamed(transaction, 't').descriptor.columns[0]!.name).toBe('z');
    transaction.rollbackStatement(mark);
    expect(tableNamed(transaction, 't').descriptor.columns[0]!.name).toBe('a');
    await alter(transaction, 't', withColumn('b', 'int4'));
    expect(tableNamed(transaction, 't').descriptor.schemaVersion).toBe(2);
    transaction.rollback();
    expect(tableNamed(database.begin(), 't').descriptor).toMatchObject({ schemaVersion: 1, nextColumnNumber: 2 });
    await instance.close();
  });

  test('takes the name of no other relation', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4'], { key: ['a'] }));
    await makeTable(database, newTable('u', ['a int4']));
    const transaction = database.begin();
    for (const name of ['u', 't_pkey']) {
      await expect(alter(transaction, 't', (table) => renameTable(table, name))).rejects.toMatchObject({
        code: '42P07',
        message: `relation "${name}" already exists`,
      });
    }
    // And where another transaction is faster, the commit says so.
    await alter(transaction, 't', (table) => renameTable(table, 'late'));
    await makeTable(database, newTable('late', ['b int4']));
    await expect(transaction.commit()).rejects.toMatchObject({ code: '42P07' });
    await instance.close();
  });

  test('waits for who writes to the table, and who writes waits for it', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    const order: string[] = [];
    const writer = database.begin();
    const table = tableNamed(writer, 't');
    const { oid } = table.descriptor;
    await writer.append(oid, rowsOf(table, [[1]]));
    const altering = (async () => {
      const transaction = database.begin();
      await alter(transaction, 't', (before) => setNotNull(before, 1, true));
      order.push('altered');
      await transaction.commit();
    })();
    const second = (async () => {
      const transaction = database.begin();
      await transaction.lockTable(oid, 'append');
      order.push('appends');
      const now = tableNamed(transaction, 't');
      await expect(transaction.append(oid, rowsOf(now, [[null]]))).rejects.toMatchObject({ code: '23502' });
      transaction.rollback();
    })();
    // Who was not locked in time binds to what is no longer there.
    const unaware = database.begin();
    const late = expect(unaware.append(oid, rowsOf(table, [[2]]))).rejects.toMatchObject({ code: '40001' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    await writer.commit();
    await altering;
    await second;
    await late;
    expect(order).toEqual(['altered', 'appends']);
    unaware.rollback();
    await instance.close();
  });

  test('keeps line protocol waiting, which then finds the table as it is', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await database.ingest([batchOf('cpu', [{ fields: { f: 1 }, time: 1 }])]);
    const transaction = database.begin();
    await alter(transaction, 'cpu', withColumn('g', 'text'));
    let isStored = false;
    const stored = database.ingest([batchOf('cpu', [{ fields: { f: 2, h: 1 }, time: 2 }])]).then(() => {
      isStored = true;
    });
    const refused = expect(database.ingest([batchOf('cpu', [{ fields: { g: 1 }, time: 3 }])])).rejects.toThrow(
      /already exists as type string/,
    );
    await database.ingest([batchOf('mem', [{ fields: { f: 1 }, time: 1 }])]);
    expect(isStored).toBe(false);
    await transaction.commit();
    await stored;
    await refused;
    expect(await readTable(database, 'cpu', { names: ['f', 'g', 'h'] })).toEqual([
      { f: 1, g: null, h: null },
      { f: 2, g: null, h: 1 },
    ]);
    await instance.close();
  });

  test('finds what line protocol has on its way, and goes on from there', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await database.ingest([batchOf('cpu', [{ fields: { f: 1 }, time: 1 }])]);
    const stored = database.ingest([batchOf('cpu', [{ fields: { g: 1 }, time: 2 }])]);
    await alterAndCommit(database, 'cpu', withColumn('h', 'text'));
    await stored;
    const { columns, schemaVersion } = tableNamed(database.begin(), 'cpu').descriptor;
    const names = columns.filter(({ isHidden }) => isHidden !== true).map(({ name }) => name);
    expect(names).toEqual(['time', 'f', 'g', 'h']);
    expect(schemaVersion).toBe(3);
    await instance.close();
  });

  test('of a REPEATABLE READ transaction needs the version that it sees', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    await database.ingest([batchOf('cpu', [{ fields: { f: 1 }, time: 1 }])]);
    const late = () => {
      const transaction = database.begin({ isolation: 'repeatable read' });
      transaction.snapshot().release();
      return transaction;
    };
    const altering = late();
    const appending = late();
    const fits = late();
    await alterAndCommit(database, 't', withColumn('b', 'text', 'x'));
    await database.ingest([batchOf('cpu', [{ fields: { g: 1 }, time: 2 }])]);
    const conflict = { code: '40001', message: 'could not serialize access due to concurrent update' };
    await expect(alter(altering, 't', withColumn('c', 'int4'))).rejects.toMatchObject(conflict);
    altering.rollback();
    const seen = tableNamed(appending, 't');
    await expect(appending.append(seen.descriptor.oid, rowsOf(seen, [[1]]))).rejects.toMatchObject(conflict);
    // Columns that line protocol has brought since are no reason.
    const cpu = tableNamed(fits, 'cpu');
    await fits.append(cpu.descriptor.oid, rowsOf(cpu, [[3, 3]]));
    await fits.commit();
    expect((await readTable(database, 'cpu', { names: ['f', 'g'] })).at(-1)).toEqual({ f: 3, g: null });
    appending.rollback();
    await instance.close();
  });

  test('that the log refuses has not happened, and can be done again', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['a int4']));
    await insert(database, 't', [[1]]);
    const catalogOf = (from: Database) => from.begin().catalog().table('public', 't');
    const before = catalogOf(database);
    // Each time another column has the number, and rows of before and after stand beside each other.
    for (const type of ['text', 'float8']) {
      fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
      const transaction = database.begin();
      await alter(transaction, 't', withColumn('b', type, type === 'text' ? 'x' : 1.5));
      const table = tableNamed(transaction, 't');
      await transaction.append(table.descriptor.oid, rowsOf(table, [[2, type === 'text' ? 'y' : 2.5]]));
      await expect(transaction.commit()).rejects.toMatchObject({ code: '53100' });
      expect(catalogOf(database)).toBe(before);
      expect(await readTable(database, 't')).toEqual([{ a: 1 }]);
    }
    await alterAndCommit(database, 't', withColumn('b', 'bool', true));
    await insert(database, 't', [[2, null]]);
    const rows = [
      { a: 1, b: true },
      { a: 2, b: null },
    ];
    expect(sorted(await readTable(database, 't'))).toEqual(rows);
    await instance.flush();
    expect(sorted(await readTable(database, 't'))).toEqual(rows);
    await instance.close();
    const again = await openScratch(fileSystem);
    expect(sorted(await readTable(databaseOf(again), 't'))).toEqual(rows);
    await again.close();
  });

  test('leaves deletes and updates of the rows possible', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['time timestamptz not null', 'a int4'], { time: 'time' }));
    await insert(database, 't', [
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    await instance.flush();
    await alterAndCommit(database, 't', withColumn('b', 'int4', 5));
    const transaction = database.begin();
    await updateWhere(
      transaction,
      't',
      () => ({ a: 10 }),
      (row) => row.a === 1,
    );
    await deleteWhere(transaction, 't', (row) => row.a === 2);
    await transaction.commit();
    expect(sorted(await readTable(database, 't', { names: ['a', 'b'] }))).toEqual([
      { a: 10, b: 5 },
      { a: 3, b: 5 },
    ]);
    await instance.close();
  });
});
