import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { InstanceOptions } from '../../src/database/instance.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  batchOf,
  databaseOf,
  deleteWhere,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  tableNamed,
} from './scratch-instance.ts';

const WIDEN: Partial<InstanceOptions> = { ingest: { fieldConflict: 'widen' } };
const BIG = 2 ** 53;

async function open(fileSystem = new MemoryFileSystem(), options = WIDEN) {
  const instance = await openScratch(fileSystem, options);
  return { fileSystem, instance, database: databaseOf(instance) };
}

const integers = (database: Database, ...values: (number | bigint)[]) =>
  database.ingest([
    batchOf(
      'm',
      values.map((n, time) => ({ fields: { n }, time })),
      { n: 'integer' },
    ),
  ]);
const floats = (database: Database, ...values: number[]) =>
  database.ingest([
    batchOf(
      'm',
      values.map((n, index) => ({ fields: { n }, time: 1000 + index })),
    ),
  ]);

const typeOf = (database: Database) =>
  tableNamed(database.begin(), 'm').descriptor.columns.find(({ name }) => name === 'n')!.type.definition.name;

async function values(database: Database): Promise<Value[]> {
  return (await readTable(database, 'm')).sort((a, b) => Number(a.time) - Number(b.time)).map((row) => row.n!);
}

describe('a float for an integer field', () => {
  test('is refused where nothing else is said, and nothing of the request is stored', async () => {
    const { database } = await open(undefined, {});
    await integers(database, 1);
    await expect(floats(database, 1.5)).rejects.toMatchObject({
      code: '22P02',
      message: expect.stringContaining('field type conflict'),
    });
    expect(await values(database)).toEqual([1]);
    expect(typeOf(database)).toBe('int8');
  });

  test.each(['in memory', 'in a segment', 'in both'] as const)(
    'makes the column double precision where that is asked for, its integers %s',
    async (where) => {
      const { database, instance, fileSystem } = await open();
      await integers(database, 1, -BIG, BIG);
      if (where !== 'in memory') await instance.flush();
      if (where === 'in both') {
        await database.ingest([batchOf('m', [{ fields: { n: 7 }, time: 3 }], { n: 'integer' })]);
      }
      await floats(database, 1.5, Number.MAX_VALUE);
      const expected = [1, -BIG, BIG, ...(where === 'in both' ? [7] : []), 1.5, Number.MAX_VALUE];
      expect(typeOf(database)).toBe('float8');
      expect(await values(database)).toEqual(expected);
      const replayed = await open(await killed(fileSystem));
      expect(await values(replayed.database)).toEqual(expected);
      await instance.flush();
      expect(await values(database)).toEqual(expected);
      const again = await open(await killed(fileSystem));
      expect(await values(again.database)).toEqual(expected);
      expect(typeOf(again.database)).toBe('float8');
    },
  );

  test('merges with the integers of the same point, field by field', async () => {
    const { database, instance } = await open();
    const write = (fields: Record<string, number>, types: Record<string, 'integer'>) =>
      database.ingest([batchOf('m', [{ fields, time: 5 }], types)]);
    await write({ n: 1, k: 2 }, { n: 'integer', k: 'integer' });
    await instance.flush();
    await write({ k: 2.5 }, {});
    await write({ n: 3.5 }, {});
    const expected = [{ time: 5, n: 3.5, k: 2.5 }];
    expect(await readTable(database, 'm')).toEqual(expected);
    await instance.flush();
    expect(await readTable(database, 'm')).toEqual(expected);
  });

  test.each(['in memory', 'in a segment'] as const)(
    'is refused while an integer beyond 2^53 stands there, %s',
    async (where) => {
      const { database, instance } = await open();
      await integers(database, 1, BigInt(BIG) + 1n);
      if (where === 'in a segment') await instance.flush();
      await expect(floats(database, 1.5)).rejects.toMatchObject({
        code: '22003',
        message: expect.stringContaining('beyond 2^53'),
        tableName: 'm',
        row: 0,
      });
      expect(typeOf(database)).toBe('int8');
      expect(await values(database)).toEqual([1, BigInt(BIG) + 1n]);
      // Statistics still know of it once it is gone; the rows themselves tell.
      const transaction = database.begin();
      await deleteWhere(transaction, 'm', (row) => typeof row.n === 'bigint');
      await transaction.commit();
      await floats(database, 1.5);
      expect(await values(database)).toEqual([1, 1.5]);
    },
  );

  test('is seen by whoever looks later, and by nobody else', async () => {
    const { database } = await open();
    await integers(database, 1);
    const older = database.begin({ isolation: 'repeatable read' });
    const snapshot = older.snapshot();
    await floats(database, 2.5);
    const table = tableNamed(older, 'm');
    expect(table.descriptor.columns.find(({ name }) => name === 'n')!.type.definition.name).toBe('int8');
    snapshot.release();
    older.rollback();
    expect(await values(database)).toEqual([1, 2.5]);
  });

  test('waits for a transaction that is writing integers to the table', async () => {
    const { database } = await open();
    await integers(database, 1);
    const transaction = database.begin();
    const table = tableNamed(transaction, 'm');
    await transaction.append(table.descriptor.oid, rowsOf(table, [[50, 2]]));
    let isDone = false;
    const widening = floats(database, 2.5).then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isDone).toBe(false);
    await transaction.commit();
    await widening;
    expect(await values(database)).toEqual([1, 2, 2.5]);
    await insert(database, 'm', [[60, 7.25]]);
    expect(await values(database)).toEqual([1, 2, 7.25, 2.5]);
  });

  test('is a matter of the table, where the table says so', async () => {
    const { database } = await open();
    const columns = ['time timestamptz not null', 'n int8'];
    await makeTable(database, { ...newTable('m', columns, { time: 'time' }), fieldConflict: 'strict' });
    await integers(database, 1);
    await expect(floats(database, 1.5)).rejects.toMatchObject({ code: '22P02' });
    const other = await open(undefined, {});
    await makeTable(other.database, { ...newTable('m', columns, { time: 'time' }), fieldConflict: 'widen' });
    await integers(other.database, 1);
    await floats(other.database, 1.5);
    expect(typeOf(other.database)).toBe('float8');
  });
});

describe('an integer for a field of floats', () => {
  test('is refused where nothing else is said', async () => {
    const { database } = await open(undefined, {});
    await floats(database, 1.5);
    await expect(integers(database, 1)).rejects.toMatchObject({ code: '22P02' });
  });

  test('becomes a float where columns are widened, unless it would lose digits', async () => {
    const { database } = await open();
    await floats(database, 1.5);
    await integers(database, 1, BIG);
    expect(await values(database)).toEqual([1, BIG, 1.5]);
    await expect(integers(database, 2, BigInt(BIG) + 1n)).rejects.toMatchObject({ code: '22003', row: 1 });
    expect(await values(database)).toEqual([1, BIG, 1.5]);
  });
});
