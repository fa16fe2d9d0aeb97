import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { descriptorFromJson, descriptorToJson } from '../../src/storage/commit/descriptor-json.ts';
import { rowNameColumns } from '../../src/storage/undeclared-columns.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  findRows,
  HOUR,
  insert,
  killed,
  makeTable,
  namesBatch,
  newTable,
  openScratch,
  type Point,
  readTable,
  rowsOf,
  scan,
  tableNamed,
  updateWhere,
} from './scratch-instance.ts';

let fileSystem: MemoryFileSystem;
let instance: Instance;
let database: Database;

beforeEach(async () => {
  fileSystem = new MemoryFileSystem();
  instance = await openScratch(fileSystem);
  database = databaseOf(instance);
});

afterEach(() => instance.close());

async function restart(how: 'killed' | 'closed' = 'killed'): Promise<void> {
  if (how === 'closed') await instance.close();
  else fileSystem = await killed(fileSystem);
  instance = await openScratch(fileSystem);
  database = databaseOf(instance);
}

type Row = Record<string, Value>;
type Filter = (row: Row) => boolean;

/** One transaction that is committed. */
async function run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const transaction = database.begin();
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    transaction.rollback();
    throw error;
  }
}

const remove = (table: string, filter?: Filter) => run((transaction) => deleteWhere(transaction, table, filter));
const update = (table: string, change: (row: Row) => Row, filter?: Filter) =>
  run((transaction) => updateWhere(transaction, table, change, filter));
const store = (points: readonly Point[]) => database.ingest([batchOf('m', points)]);

async function append(transaction: Transaction, name: string, rows: readonly (readonly Value[])[]): Promise<number> {
  const table = tableNamed(transaction, name);
  return transaction.append(table.descriptor.oid, rowsOf(table, rows));
}

async function readIn(transaction: Transaction, name: string): Promise<Row[]> {
  const snapshot = transaction.snapshot();
  const { rows } = await scan(tableNamed(transaction, name), snapshot);
  snapshot.release();
  return rows;
}

const keyed = newTable('cpu', ['time timestamptz', 'host text', 'usage float8'], {
  time: 'time',
  tags: ['host'],
  key: ['host', 'time'],
});
const keyless = newTable('log', ['time timestamptz', 'host text', 'line text'], { time: 'time', tags: ['host'] });
const plain = newTable('users', ['id int8', 'name text'], { key: ['id'] });

describe('a point that was deleted', () => {
  test('is gone with all its versions, in memory and on disk, and what is written later stands alone', async () => {
    await store([{ tags: { host: 'a' }, fields: { x: 1, y: 1 }, time: 5 }]);
    await instance.flush();
    await store([
      { tags: { host: 'a' }, fields: { y: 2 }, time: 5 },
      { tags: { host: 'a' }, fields: { x: 9 }, time: 6 },
    ]);
    expect(await remove('m', (row) => row.time === 5)).toBe(1);
    const rest = { time: 6, host: 'a', x: 9, y: null };
    expect(await readTable(database, 'm')).toEqual([rest]);
    await store([{ tags: { host: 'a' }, fields: { y: 3 }, time: 5 }]);
    const expected = [{ time: 5, host: 'a', x: null, y: 3 }, rest];
    expect(await readTable(database, 'm')).toEqual(expected);
    await instance.flush();
    expect(await readTable(database, 'm')).toEqual(expected);
    await restart();
    expect(await readTable(database, 'm')).toEqual(expected);
  });

  test('can be inserted again, in the same transaction and later, wherever the old one stood', async () => {
    await makeTable(database, keyed);
    await insert(database, 'cpu', [
      [1, 'a', 1],
      [2, 'a', 1],
    ]);
    for (let round = 2; round < 8; round++) {
      if (round % 3 === 0) await instance.flush();
      if (round === 5) await restart();
      await expect(insert(database, 'cpu', [[1, 'a', round]])).rejects.toMatchObject({ code: '23505' });
      await run(async (transaction) => {
        expect(await deleteWhere(transaction, 'cpu', (row) => row.time === 1)).toBe(1);
        await append(transaction, 'cpu', [[1, 'a', round]]);
        await expect(append(transaction, 'cpu', [[1, 'a', round]])).rejects.toMatchObject({ code: '23505' });
        expect(await readIn(transaction, 'cpu')).toContainEqual({ time: 1, host: 'a', usage: round });
      });
      expect(await remove('cpu', (row) => row.time === 2)).toBe(1);
      await insert(database, 'cpu', [[2, 'a', round]]);
      expect(await readTable(database, 'cpu')).toEqual([
        { time: 1, host: 'a', usage: round },
        { time: 2, host: 'a', usage: round },
      ]);
    }
  });

  test('is named with its NULL tag and to the nanosecond', async () => {
    const point = (host: string | undefined, nanoseconds: number): Point => ({
      ...(host === undefined ? {} : { tags: { host } }),
      fields: { x: nanoseconds },
      time: 7,
      nanoseconds,
    });
    await store([point('a', 0), point('a', 1), point(undefined, 1), point(undefined, 2)]);
    for (const flushes of [false, true]) {
      if (flushes) await instance.flush();
      const before = await readTable(database, 'm', { names: ['host', 'x', 'time_ns'] });
      expect(await remove('m', (row) => row.host === null && row.x === (flushes ? 2 : 1))).toBe(1);
      const after = await readTable(database, 'm', { names: ['host', 'x', 'time_ns'] });
      expect(after).toEqual(before.filter((row) => row.host !== null || row.x !== (flushes ? 2 : 1)));
    }
    // An update which leaves the time alone leaves the nanosecond alone.
    const names = await readTable(database, 'm', { names: ['time_ns'] });
    expect(await update('m', () => ({ x: 5 }))).toBe(2);
    expect(await readTable(database, 'm', { names: ['time_ns'] })).toEqual(names);
    expect((await readTable(database, 'm')).map((row) => row.x)).toEqual([5, 5]);
  });

  test('in the year 9999 is found', async () => {
    await makeTable(database, keyed);
    const far = 252_455_616_000_000_001n;
    await insert(database, 'cpu', [
      [far, 'a', 1],
      [far + 1n, 'a', 2],
    ]);
    expect(await remove('cpu', (row) => row.usage === 1)).toBe(1);
    await instance.flush();
    expect(await remove('cpu', (row) => row.usage === 1)).toBe(0);
    expect(await readTable(database, 'cpu')).toEqual([{ time: far + 1n, host: 'a', usage: 2 }]);
    expect(await remove('cpu')).toBe(1);
    expect(await readTable(database, 'cpu')).toEqual([]);
  });

  test('counts once, however often it is named', async () => {
    await makeTable(database, keyed);
    await insert(database, 'cpu', [
      [1, 'a', 1],
      [2, 'a', 2],
    ]);
    await run(async (transaction) => {
      const { names } = await findRows(transaction, 'cpu');
      const table = tableNamed(transaction, 'cpu');
      const twice = namesBatch(table, [names[0]!, names[0]!, names[1]!]);
      expect(await transaction.delete(table.descriptor.oid, twice)).toBe(2);
      expect(await transaction.delete(table.descriptor.oid, twice)).toBe(0);
    });
    expect(await readTable(database, 'cpu')).toEqual([]);
  });
});

describe('rows without a key', () => {
  test('are deleted one by one among equals', async () => {
    await makeTable(database, keyless);
    await insert(
      database,
      'log',
      [1, 2, 3, 4].map(() => [1, 'a', 'same']),
    );
    for (let left = 4; left > 0; left--) {
      if (left % 2 === 1) await instance.flush();
      await run(async (transaction) => {
        const { names } = await findRows(transaction, 'log');
        expect(names.length).toBe(left);
        const table = tableNamed(transaction, 'log');
        expect(await transaction.delete(table.descriptor.oid, namesBatch(table, names.slice(1, 2)))).toBe(
          left > 1 ? 1 : 0,
        );
      });
      if (left === 1) await remove('log');
      expect((await readTable(database, 'log')).length).toBe(left - 1);
      await restart();
    }
  });

  test('that a transaction has just written are changed by it', async () => {
    await makeTable(database, keyless);
    await insert(database, 'log', [[1, 'a', 'old']]);
    await run(async (transaction) => {
      await append(transaction, 'log', [
        [1, 'a', 'new'],
        [1, 'b', 'new'],
        [DAY, 'a', 'new'],
      ]);
      expect(
        await updateWhere(
          transaction,
          'log',
          (row) => ({ line: `${row.line}er` }),
          (row) => row.host === 'a',
        ),
      ).toBe(3);
      expect(await deleteWhere(transaction, 'log', (row) => row.time === DAY)).toBe(1);
      expect((await readIn(transaction, 'log')).map((row) => row.line).sort()).toEqual(['new', 'newer', 'older']);
    });
    expect((await readTable(database, 'log')).map((row) => row.line).sort()).toEqual(['new', 'newer', 'older']);
  });
});

describe('a plain table with a key', () => {
  beforeEach(async () => {
    await makeTable(database, plain);
    await insert(database, 'users', [
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
  });

  test('lets keys move up among themselves, and refuses those that are taken', async () => {
    for (const flushes of [false, true]) {
      if (flushes) await instance.flush();
      expect(await update('users', (row) => ({ id: Number(row.id) + 1 }))).toBe(3);
      await expect(
        update(
          'users',
          (row) => ({ id: Number(row.id) + 1 }),
          (row) => row.name === 'one',
        ),
      ).rejects.toMatchObject({ code: '23505' });
      await expect(
        update(
          'users',
          () => ({ id: 9 }),
          (row) => row.name !== 'one',
        ),
      ).rejects.toMatchObject({ code: '23505' });
      await expect(update('users', () => ({ id: null }))).rejects.toMatchObject({ code: '23502' });
    }
    expect((await readTable(database, 'users')).map((row) => row.id)).toEqual([3, 4, 5]);
    await insert(database, 'users', [
      [1, 'uno'],
      [2, 'due'],
    ]);
    await restart();
    await expect(insert(database, 'users', [[5, 'five']])).rejects.toMatchObject({ code: '23505' });
    expect(await remove('users', (row) => row.id === 5)).toBe(1);
    await insert(database, 'users', [[5, 'five']]);
    await restart();
    expect((await readTable(database, 'users')).map((row) => row.name)).toEqual(['one', 'two', 'uno', 'due', 'five']);
  });

  test('has the keys of a transaction back after a savepoint', async () => {
    await run(async (transaction) => {
      const mark = transaction.markStatement();
      await deleteWhere(transaction, 'users', (row) => row.id === 2);
      await append(transaction, 'users', [[2, 'second']]);
      await deleteWhere(transaction, 'users', (row) => row.name === 'second');
      await append(transaction, 'users', [[2, 'third']]);
      transaction.rollbackStatement(mark);
      await expect(append(transaction, 'users', [[2, 'again']])).rejects.toMatchObject({ code: '23505' });
      await lockAndTruncate(transaction, 'users');
      await append(transaction, 'users', [[2, 'only']]);
      const inner = transaction.markStatement();
      await lockAndTruncate(transaction, 'users');
      transaction.rollbackStatement(inner);
      await expect(append(transaction, 'users', [[2, 'again']])).rejects.toMatchObject({ code: '23505' });
      expect(await readIn(transaction, 'users')).toEqual([{ id: 2, name: 'only' }]);
    });
    expect(await readTable(database, 'users')).toEqual([{ id: 2, name: 'only' }]);
  });

  test('frees a key for others once the delete is committed, not before', async () => {
    const deleting = database.begin();
    expect(await deleteWhere(deleting, 'users', (row) => row.id === 1)).toBe(1);
    const late = insert(database, 'users', [[1, 'late']]);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await readTable(database, 'users')).map((row) => row.name)).toEqual(['one', 'two', 'three']);
    await deleting.commit();
    await late;
    const undone = database.begin();
    expect(await deleteWhere(undone, 'users', (row) => row.id === 2)).toBe(1);
    const refused = expect(insert(database, 'users', [[2, 'never']])).rejects.toMatchObject({ code: '23505' });
    await new Promise((resolve) => setImmediate(resolve));
    undone.rollback();
    await refused;
    expect((await readTable(database, 'users')).map((row) => row.name)).toEqual(['two', 'three', 'late']);
  });

  test('keeps few deleted keys in mind', async () => {
    await insert(
      database,
      'users',
      Array.from({ length: 3000 }, (_, index) => [10 + index, '']),
    );
    for (let round = 0; round < 4; round++)
      expect(await update('users', (row) => ({ id: Number(row.id) + 5000 }))).toBe(3003);
    await insert(database, 'users', [[1, 'free']]);
    await expect(insert(database, 'users', [[20_001, 'taken']])).rejects.toMatchObject({ code: '23505' });
  });
});

async function lockAndTruncate(transaction: Transaction, name: string): Promise<void> {
  const { oid } = tableNamed(transaction, name).descriptor;
  await transaction.lockForWrite(oid);
  transaction.truncate(oid);
}

describe('TRUNCATE', () => {
  test('leaves nothing, gives the files back, and is not seen by older snapshots', async () => {
    await store([0, 1, 2].map((day) => ({ tags: { host: 'a' }, fields: { x: day }, time: day * DAY })));
    await instance.flush();
    await store([{ tags: { host: 'b' }, fields: { x: 9 }, time: 0 }]);
    const reader = database.begin({ isolation: 'repeatable read' });
    const snapshot = reader.snapshot();
    const before = fileSystem.allFiles().filter((name) => name.endsWith('.segment'));
    expect(before.length).toBe(3);
    await run((transaction) => lockAndTruncate(transaction, 'm'));
    await store([{ tags: { host: 'a' }, fields: { x: 5 }, time: DAY }]);
    await instance.flush();
    const expected = [{ time: DAY, host: 'a', x: 5 }];
    expect(await readTable(database, 'm')).toEqual(expected);
    expect((await scan(tableNamed(reader, 'm'), snapshot)).rows.length).toBe(4);
    snapshot.release();
    reader.rollback();
    await instance.flush();
    const after = fileSystem.allFiles().filter((name) => name.endsWith('.segment'));
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    await restart();
    expect(await readTable(database, 'm')).toEqual(expected);
  });
});

describe('deletes while a flush is under way', () => {
  for (const definition of [keyed, keyless]) {
    test(`reach the segment that takes the place of ${definition.keys.length === 0 ? 'rows without' : 'rows with'} a key`, async () => {
      await makeTable(database, definition);
      const rows = Array.from({ length: 3000 }, (_, index) => [index * 1000, `h${index % 3}`, null]);
      await insert(database, definition.name, rows);
      let isFlushed = false;
      const flushing = instance.flush().then(() => {
        isFlushed = true;
      });
      const reader = database.begin({ isolation: 'repeatable read' });
      const early = reader.snapshot();
      let deleted = 0;
      for (let at = 0; !isFlushed || at < 20; at++) {
        await new Promise((resolve) => setImmediate(resolve));
        deleted += await remove(definition.name, (row) => row.time === at * 1000 || row.time === (2999 - at) * 1000);
      }
      await flushing;
      const times = (found: Row[]) => found.map((row) => Number(row.time)).sort((a, b) => a - b);
      const left = times(await readTable(database, definition.name));
      expect(left.length).toBe(3000 - deleted);
      expect(left[0]).toBe((deleted / 2) * 1000);
      expect((await scan(tableNamed(reader, definition.name), early)).rows.length).toBe(3000);
      early.release();
      reader.rollback();
      await instance.flush();
      expect(times(await readTable(database, definition.name))).toEqual(left);
      await restart();
      expect(times(await readTable(database, definition.name))).toEqual(left);
    });
  }
});

describe('the log', () => {
  test('keeps deletes until they are on disk, replays them any number of times, and is let go then', async () => {
    await makeTable(database, keyed);
    await insert(
      database,
      'cpu',
      Array.from({ length: 50 }, (_, index) => [index, 'a', index]),
    );
    await instance.flush();
    expect(await remove('cpu', (row) => Number(row.time) % 2 === 0)).toBe(25);
    const left = (await readTable(database, 'cpu')).map((row) => row.time);
    // Other tables are flushed, and the log moves on.
    for (let round = 0; round < 3; round++) {
      await store([{ fields: { x: 1 }, time: round }]);
      await restart();
      expect((await readTable(database, 'cpu')).map((row) => row.time)).toEqual(left);
    }
    await instance.flush();
    expect(fileSystem.allFiles().filter((name) => name.endsWith('.deletes')).length).toBe(1);
    // Without the log they are there as well.
    await remove('cpu', (row) => row.time === 1);
    await instance.flush();
    expect(fileSystem.allFiles().filter((name) => name.endsWith('.deletes')).length).toBe(1);
    await restart('closed');
    expect((await readTable(database, 'cpu')).map((row) => row.time)).toEqual(left.slice(1));
    expect(await remove('cpu')).toBe(24);
    await restart();
    expect(await readTable(database, 'cpu')).toEqual([]);
  });

  test('that has no room takes deletes back, and the keys with them', async () => {
    await makeTable(database, plain);
    await insert(database, 'users', [
      [1, 'one'],
      [2, 'two'],
    ]);
    await instance.flush();
    await insert(database, 'users', [[3, 'three']]);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
    await expect(remove('users', (row) => row.id !== 2)).rejects.toMatchObject({ code: '53100' });
    await expect(update('users', (row) => ({ id: Number(row.id) + 1 }))).rejects.toMatchObject({ code: '53100' });
    await expect(run((transaction) => lockAndTruncate(transaction, 'users'))).rejects.toMatchObject({ code: '53100' });
    fileSystem.clearFaults();
    expect((await readTable(database, 'users')).map((row) => row.id)).toEqual([1, 2, 3]);
    await expect(insert(database, 'users', [[3, 'again']])).rejects.toMatchObject({ code: '23505' });
    await expect(insert(database, 'users', [[1, 'again']])).rejects.toMatchObject({ code: '23505' });
    await insert(database, 'users', [[4, 'four']]);
    await instance.flush();
    await restart();
    expect((await readTable(database, 'users')).map((row) => row.id)).toEqual([1, 2, 3, 4]);
  });

  test('that rejects is heard of by a commit that comes in the very next moment', async () => {
    await store([{ tags: { host: 'a' }, fields: { x: 0 }, time: 0 }]);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    const writes: Promise<number>[] = [];
    for (let time = 1; time <= 60; time++) {
      // Each makes a series, whose id the next one builds on.
      const point = { tags: { host: `h${time}` }, fields: { [`f${time % 3}`]: time }, time };
      writes.push(store([point]).then(() => time));
      await Promise.resolve();
    }
    const outcomes = await Promise.allSettled(writes);
    const acknowledged = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.length).toBeLessThan(60);
    const times = async () => (await readTable(database, 'm')).map((row) => Number(row.time)).sort((a, b) => a - b);
    expect(instance.failure).toBeUndefined();
    expect(await times()).toEqual([0, ...acknowledged]);
    await restart();
    expect(await times()).toEqual([0, ...acknowledged]);
  });
});

describe('two transactions', () => {
  beforeEach(async () => {
    await makeTable(database, keyed);
    await insert(database, 'cpu', [
      [1, 'a', 1],
      [2, 'a', 2],
    ]);
  });

  test('change a table one after the other, and the second sees what the first has done', async () => {
    const first = database.begin();
    expect(await updateWhere(first, 'cpu', (row) => ({ usage: Number(row.usage) + 10 }))).toBe(2);
    const second = run((transaction) => updateWhere(transaction, 'cpu', (row) => ({ usage: Number(row.usage) * 2 })));
    // Appends do not wait.
    await insert(database, 'cpu', [[3, 'a', 3]]);
    await first.commit();
    expect(await second).toBe(3);
    expect((await readTable(database, 'cpu')).map((row) => row.usage)).toEqual([22, 24, 6]);
  });

  test('in READ COMMITTED the second does not find what the first has deleted', async () => {
    const first = database.begin();
    await deleteWhere(first, 'cpu', (row) => row.time === 1);
    const second = remove('cpu');
    await first.commit();
    expect(await second).toBe(1);
  });

  for (const flushes of [false, true]) {
    test(`in REPEATABLE READ the second gets 40001${flushes ? ', also when the rows have moved to disk' : ''}`, async () => {
      const begin = () => {
        const transaction = database.begin({ isolation: 'repeatable read' });
        transaction.snapshot().release();
        return transaction;
      };
      const [updater, deleter, other] = [begin(), begin(), begin()];
      await update(
        'cpu',
        () => ({ usage: 5 }),
        (row) => row.time === 1,
      );
      if (flushes) await instance.flush();
      await expect(updateWhere(updater, 'cpu', () => ({ usage: 6 }))).rejects.toMatchObject({
        code: '40001',
        message: 'could not serialize access due to concurrent update',
      });
      updater.rollback();
      await remove('cpu', (row) => row.time === 1);
      if (flushes) await instance.flush();
      await expect(deleteWhere(deleter, 'cpu', (row) => row.time === 1)).rejects.toMatchObject({ code: '40001' });
      deleter.rollback();
      // A row that nobody has touched can be changed.
      expect(await deleteWhere(other, 'cpu', (row) => row.time === 2)).toBe(1);
      await other.commit();
      expect(await readTable(database, 'cpu')).toEqual([]);
    });

    test(`in REPEATABLE READ a deleted row is a concurrent delete${flushes ? ' on disk' : ''}`, async () => {
      if (flushes) await instance.flush();
      const late = database.begin({ isolation: 'repeatable read' });
      late.snapshot().release();
      await remove('cpu', (row) => row.time === 1);
      await expect(updateWhere(late, 'cpu', () => ({ usage: 6 }))).rejects.toMatchObject({
        message: 'could not serialize access due to concurrent delete',
      });
      late.rollback();
      const emptied = database.begin({ isolation: 'repeatable read' });
      emptied.snapshot().release();
      await run((transaction) => lockAndTruncate(transaction, 'cpu'));
      await instance.flush();
      await expect(deleteWhere(emptied, 'cpu')).rejects.toMatchObject({ code: '40001' });
      emptied.rollback();
    });
  }

  test('that lock two tables the other way round are told apart', async () => {
    await makeTable(database, plain);
    const oidOf = (name: string) => {
      const transaction = database.begin();
      const { oid } = tableNamed(transaction, name).descriptor;
      transaction.rollback();
      return oid;
    };
    const [cpu, users] = [oidOf('cpu'), oidOf('users')];
    const [left, right] = [database.begin(), database.begin()];
    await left.lockForWrite(cpu);
    await right.lockForWrite(users);
    const waiting = left.lockForWrite(users);
    await expect(right.lockForWrite(cpu)).rejects.toMatchObject({ code: '40P01' });
    await expect(database.begin().lockForWrite(cpu, { lockTimeoutMs: 5 })).rejects.toMatchObject({ code: '55P03' });
    right.rollback();
    await waiting;
    left.rollback();
    expect(await remove('cpu')).toBe(2);
  });
});

describe('what a scan reads', () => {
  test('of a segment with deletes is one sole run, and is counted as what it gives', async () => {
    await makeTable(database, keyed);
    await insert(
      database,
      'cpu',
      Array.from({ length: 5000 }, (_, index) => [index, 'a', index]),
    );
    await instance.flush();
    await remove('cpu', (row) => row.time === 10 || row.time === 11 || row.time === 4000);
    const transaction = database.begin();
    const snapshot = transaction.snapshot();
    const table = tableNamed(transaction, 'cpu');
    const { rows, counters } = await scan(table, snapshot, { timeRange: { from: 5, to: 4500 } });
    expect(rows.length).toBe(4492);
    expect(counters).toMatchObject({ soleRows: 4492, mergedRows: 0, seriesScanned: 1 });
    const runs = [
      ...table
        .scan({ columns: [0], timeRange: { from: 0, to: HOUR }, seriesPredicates: [], fieldRanges: [] }, snapshot)
        .morsels(),
    ].flatMap((morsel) => morsel.runs);
    expect(runs.map((each) => [each.isSole, each.pieces[0]!.from, each.pieces[0]!.to])).toEqual([[true, 0, 5000]]);
    snapshot.release();
    transaction.rollback();
  });
});

test('tables that were stored without the columns which name rows have them when they are read', async () => {
  await makeTable(database, keyed);
  await makeTable(database, keyless);
  await makeTable(database, plain);
  const transaction = database.begin();
  const namesOf = (name: string) => {
    const { descriptor } = tableNamed(transaction, name);
    const older = descriptorToJson(descriptor);
    expect(older.columns.some((column) => column.isHidden === true)).toBe(false);
    const read = descriptorFromJson(older);
    expect(read.columns.map((column) => column.number)).toEqual(descriptor.columns.map((column) => column.number));
    return rowNameColumns(read).map((at) => read.columns[at]!.name);
  };
  expect(namesOf('cpu')).toEqual(['tidewire.series', 'time', 'tidewire.remainder']);
  expect(namesOf('log')).toEqual(['tidewire.series', 'time', 'tidewire.remainder', 'tidewire.row']);
  expect(namesOf('users')).toEqual(['tidewire.row']);
  transaction.rollback();
});

test('a flush goes on when the deletes and rows that it waits for come to nothing', async () => {
  await makeTable(database, keyed);
  await insert(database, 'cpu', [[1, 'a', 1]]);
  await instance.flush();
  fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
  const failing = [remove('cpu'), insert(database, 'cpu', [[2, 'a', 2]])];
  const flushing = instance.flush();
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fileSystem.clearFaults();
  await flushing;
  expect(await remove('cpu')).toBe(1);
  await instance.flush();
  expect(await readTable(database, 'cpu')).toEqual([]);
});
