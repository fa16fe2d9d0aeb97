import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  HOUR,
  insert,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  scan,
  tableNamed,
  tagEquals,
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

const cpu = newTable('cpu', ['time timestamptz', 'host text', 'usage float8'], {
  time: 'time',
  tags: ['host'],
  key: ['host', 'time'],
});

async function append(transaction: Transaction, name: string, rows: readonly (readonly Value[])[]): Promise<number> {
  const table = tableNamed(transaction, name);
  return transaction.append(table.descriptor.oid, rowsOf(table, rows));
}

async function read(transaction: Transaction, name: string): Promise<Record<string, Value>[]> {
  const snapshot = transaction.snapshot();
  const { rows } = await scan(tableNamed(transaction, name), snapshot);
  snapshot.release();
  return rows;
}

describe('visibility', () => {
  test('a transaction sees its own rows, others see them after the commit', async () => {
    await makeTable(database, cpu);
    await insert(database, 'cpu', [[1, 'a', 0.1]]);
    const writer = database.begin();
    expect(
      await append(writer, 'cpu', [
        [2, 'a', 0.2],
        [1, 'b', 0.3],
        [DAY, 'a', 0.4],
      ]),
    ).toBe(3);
    const own = [
      { time: 1, host: 'a', usage: 0.1 },
      { time: 2, host: 'a', usage: 0.2 },
      { time: 1, host: 'b', usage: 0.3 },
      { time: DAY, host: 'a', usage: 0.4 },
    ];
    const inOrder = (rows: Record<string, Value>[]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(inOrder(await read(writer, 'cpu'))).toEqual(inOrder(own));
    expect(await readTable(database, 'cpu')).toEqual([{ time: 1, host: 'a', usage: 0.1 }]);
    await writer.commit();
    expect(inOrder(await readTable(database, 'cpu'))).toEqual(inOrder(own));
  });

  test('predicates on tags find own rows of series that are new and of those that exist', async () => {
    await makeTable(database, cpu);
    await insert(database, 'cpu', [[1, 'a', 1]]);
    const writer = database.begin();
    await append(writer, 'cpu', [
      [2, 'a', 2],
      [2, 'new', 3],
    ]);
    const table = tableNamed(writer, 'cpu');
    const snapshot = writer.snapshot();
    const find = async (host: string) =>
      (await scan(table, snapshot, { names: ['usage'], seriesPredicates: [tagEquals(table, 'host', host)] })).rows;
    expect(await find('a')).toEqual([{ usage: 1 }, { usage: 2 }]);
    expect(await find('new')).toEqual([{ usage: 3 }]);
    expect(await find('none')).toEqual([]);
    // The series is made by somebody else meanwhile: it is one and the same.
    await insert(database, 'cpu', [[3, 'new', 4]]);
    const later = writer.snapshot();
    const rows = (await scan(table, later, { names: ['usage'], seriesPredicates: [tagEquals(table, 'host', 'new')] }))
      .rows;
    expect(rows).toEqual([{ usage: 3 }, { usage: 4 }]);
    snapshot.release();
    later.release();
    await writer.commit();
    expect((await readTable(database, 'cpu')).length).toBe(4);
  });

  test('a statement does not see its own rows', async () => {
    await makeTable(database, cpu);
    const writer = database.begin();
    const snapshot = writer.snapshot();
    await append(writer, 'cpu', [[1, 'a', 1]]);
    expect((await scan(tableNamed(writer, 'cpu'), snapshot)).rows).toEqual([]);
    snapshot.release();
    writer.rollback();
  });

  test('READ COMMITTED sees later commits with its next statement, REPEATABLE READ never', async () => {
    await makeTable(database, cpu);
    await insert(database, 'cpu', [[1, 'a', 1]]);
    const committed = database.begin();
    const repeatable = database.begin({ isolation: 'repeatable read' });
    expect((await read(committed, 'cpu')).length).toBe(1);
    expect((await read(repeatable, 'cpu')).length).toBe(1);
    await insert(database, 'cpu', [[2, 'a', 2]]);
    await makeTable(database, newTable('other', ['x int4']));
    await instance.flush();
    await insert(database, 'cpu', [[3, 'a', 3]]);
    expect((await read(committed, 'cpu')).length).toBe(3);
    expect((await read(repeatable, 'cpu')).length).toBe(1);
    expect(committed.catalog().table('public', 'other')).toBeDefined();
    expect(repeatable.catalog().table('public', 'other')).toBeUndefined();
    await append(repeatable, 'cpu', [[9, 'a', 9]]);
    expect((await read(repeatable, 'cpu')).map((row) => row.usage)).toEqual([1, 9]);
    committed.rollback();
    repeatable.rollback();
  });

  test('what is rolled back, whole or from a mark, is gone', async () => {
    await makeTable(database, cpu);
    const writer = database.begin();
    await append(writer, 'cpu', [[1, 'a', 1]]);
    const mark = writer.markStatement();
    await append(writer, 'cpu', [
      [2, 'a', 2],
      [1, 'b', 2],
    ]);
    writer.schema.createTable(newTable('other', ['x int4']));
    writer.rollbackStatement(mark);
    expect(writer.catalog().table('public', 'other')).toBeUndefined();
    expect(await read(writer, 'cpu')).toEqual([{ time: 1, host: 'a', usage: 1 }]);
    // The key that was rolled back is free again.
    await append(writer, 'cpu', [[2, 'a', 3]]);
    await writer.commit();
    expect((await readTable(database, 'cpu')).map((row) => row.usage)).toEqual([1, 3]);

    const other = database.begin();
    await append(other, 'cpu', [[5, 'a', 5]]);
    other.rollback();
    expect((await readTable(database, 'cpu')).length).toBe(2);
  });
});

describe('keys', () => {
  beforeEach(() => makeTable(database, cpu));

  const duplicate = {
    code: '23505',
    message: 'duplicate key value violates unique constraint "cpu_pkey"',
    fields: {
      detail: 'Key (host, time)=(a, 2000-01-01 01:00:00+00) already exists.',
      tableName: 'cpu',
      constraintName: 'cpu_pkey',
    },
  };

  test('a row that stands in memory is found', async () => {
    await insert(database, 'cpu', [
      [HOUR, 'a', 1],
      [2 * HOUR, 'a', 2],
    ]);
    await expect(insert(database, 'cpu', [[HOUR, 'a', 3]])).rejects.toMatchObject(duplicate);
    await insert(database, 'cpu', [
      [HOUR, 'b', 3],
      [HOUR + 1, 'a', 3],
    ]);
  });

  test('a row that stands in a segment is found, at the edges of units and between them', async () => {
    const rows = Array.from({ length: 3000 }, (_, index): Value[] => [index * 1000, 'a', index]);
    await insert(database, 'cpu', [...rows, [HOUR, 'a', 1]]);
    await instance.flush();
    for (const index of [0, 1, 1023, 1024, 2047, 2048, 2999]) {
      await expect(insert(database, 'cpu', [[index * 1000, 'a', 0]])).rejects.toMatchObject({ code: '23505' });
      await insert(database, 'cpu', [[index * 1000 + 1, 'a', 0]]);
    }
    await expect(insert(database, 'cpu', [[HOUR, 'a', 3]])).rejects.toMatchObject(duplicate);
  });

  test('two equal rows of one statement or one transaction conflict', async () => {
    await expect(
      insert(database, 'cpu', [
        [HOUR, 'a', 1],
        [HOUR, 'a', 2],
      ]),
    ).rejects.toMatchObject(duplicate);
    expect(await readTable(database, 'cpu')).toEqual([]);
    const writer = database.begin();
    await append(writer, 'cpu', [[HOUR, 'a', 1]]);
    await expect(
      append(writer, 'cpu', [
        [2 * HOUR, 'a', 2],
        [HOUR, 'a', 2],
      ]),
    ).rejects.toMatchObject(duplicate);
    expect(await read(writer, 'cpu')).toEqual([{ time: HOUR, host: 'a', usage: 1 }]);
    await writer.commit();
  });

  test('of two transactions with one key the second to commit fails', async () => {
    for (const isFlushedBetween of [false, true]) {
      const time = isFlushedBetween ? 2 * HOUR : HOUR;
      const [first, second] = [database.begin(), database.begin()];
      await append(first, 'cpu', [
        [time, 'a', 1],
        [time, 'c', 1],
      ]);
      await append(second, 'cpu', [
        [time, 'a', 2],
        [time, 'b', 2],
      ]);
      await first.commit();
      if (isFlushedBetween) await instance.flush();
      await expect(second.commit()).rejects.toMatchObject({ code: '23505' });
      expect((await readTable(database, 'cpu')).filter((row) => row.time === time).map((row) => row.usage)).toEqual([
        1, 1,
      ]);
    }
  });

  test('commits at the same time are checked against those that are not durable yet', async () => {
    const transactions = Array.from({ length: 8 }, () => database.begin());
    for (const transaction of transactions) await append(transaction, 'cpu', [[HOUR, 'a', 1]]);
    const results = await Promise.allSettled(transactions.map((transaction) => transaction.commit()));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
    expect((await readTable(database, 'cpu')).length).toBe(1);
  });

  test('a plain table with a primary key is checked, after a restart too', async () => {
    await makeTable(database, newTable('device', ['id int4', 'name text'], { key: ['id'] }));
    await insert(database, 'device', [
      [1, 'one'],
      [2, 'two'],
    ]);
    await instance.flush();
    await insert(database, 'device', [[3, 'three']]);
    await instance.close();
    instance = await openScratch(fileSystem);
    database = databaseOf(instance);
    for (const id of [1, 3]) {
      await expect(insert(database, 'device', [[id, 'again']])).rejects.toMatchObject({
        code: '23505',
        fields: { detail: `Key (id)=(${id}) already exists.` },
      });
    }
    await expect(
      insert(database, 'device', [
        [4, 'x'],
        [4, 'y'],
      ]),
    ).rejects.toMatchObject({ code: '23505' });
    const [first, second] = [database.begin(), database.begin()];
    await append(first, 'device', [[5, 'five']]);
    const refused = expect(append(second, 'device', [[5, 'cinq']])).rejects.toMatchObject({ code: '23505' });
    await first.commit();
    await refused;
    second.rollback();
    expect((await readTable(database, 'device')).map((row) => row.id)).toEqual([1, 2, 3, 5]);
  });
});

describe('rows that do not fit', () => {
  test('a NULL in a NOT NULL column', async () => {
    await makeTable(database, cpu);
    await expect(
      insert(database, 'cpu', [
        [HOUR, 'a', 1],
        [HOUR, null, 0.5],
      ]),
    ).rejects.toMatchObject({
      code: '23502',
      message: 'null value in column "host" of relation "cpu" violates not-null constraint',
      fields: { detail: 'Failing row contains (2000-01-01 01:00:00+00, null, 0.5).', columnName: 'host' },
    });
  });

  for (const infinity of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    test(`a time of ${infinity}, beside narrow and beside wide ones`, async () => {
      await makeTable(database, cpu);
      for (const other of [HOUR, 2n ** 60n]) {
        await expect(
          insert(database, 'cpu', [
            [other, 'a', 1],
            [infinity, 'a', 1],
          ]),
        ).rejects.toMatchObject({
          code: '22008',
        });
      }
    });
  }

  test('a key that does not name the points', () => {
    const transaction = database.begin();
    const columns = ['time timestamptz', 'host text', 'rack text'];
    const create = (key: string[]) => () =>
      transaction.schema.createTable(newTable('t', columns, { time: 'time', tags: ['host'], key }));
    expect(create(['host'])).toThrow('a primary key without the time column "time" is not supported');
    expect(create(['time'])).toThrow('over other columns than its tags and its time column');
    expect(create(['time', 'host', 'rack'])).toThrow('over other columns than its tags and its time column');
    transaction.rollback();
  });

  test('any write in a read-only transaction', async () => {
    await makeTable(database, cpu);
    const reader = database.begin({ isReadOnly: true });
    await expect(append(reader, 'cpu', [[1, 'a', 1]])).rejects.toMatchObject({ code: '25006' });
    reader.rollback();
  });
});

describe('tables', () => {
  test('a table made and filled in one transaction is there as a whole, or not at all', async () => {
    const maker = database.begin();
    maker.schema.createTable(cpu);
    await append(maker, 'cpu', [
      [1, 'a', 1],
      [2, 'b', 2],
    ]);
    expect((await read(maker, 'cpu')).length).toBe(2);
    expect(database.begin().catalog().table('public', 'cpu')).toBeUndefined();
    await maker.commit();
    expect((await readTable(database, 'cpu')).length).toBe(2);

    const loser = database.begin();
    loser.schema.createTable(newTable('lost', ['x int4']));
    loser.rollback();
    expect(database.begin().catalog().table('public', 'lost')).toBeUndefined();
  });

  test('a name is given once, whoever commits first', async () => {
    const [first, second] = [database.begin(), database.begin()];
    first.schema.createTable(newTable('t', ['x int4']));
    second.schema.createTable(newTable('t', ['y int4']));
    await first.commit();
    await expect(second.commit()).rejects.toMatchObject({ code: '42P07', message: 'relation "t" already exists' });
    expect(() => database.begin().schema.createTable(newTable('t', ['x int4']))).toThrow('relation "t" already exists');
  });

  test('a dropped table is gone, and its files go when the last snapshot does', async () => {
    await makeTable(database, cpu);
    await insert(database, 'cpu', [[1, 'a', 1]]);
    await instance.flush();
    await insert(database, 'cpu', [[2, 'a', 2]]);
    const files = () => fileSystem.allFiles().filter((path) => /\.(segment|series)$/.test(path));
    expect(files().length).toBeGreaterThan(0);
    const reader = database.begin({ isolation: 'repeatable read' });
    const table = tableNamed(reader, 'cpu');
    const snapshot = reader.snapshot();

    const dropper = database.begin();
    dropper.schema.dropTable(table.descriptor.oid);
    expect(dropper.catalog().table('public', 'cpu')).toBeUndefined();
    await dropper.commit();
    expect(database.begin().catalog().table('public', 'cpu')).toBeUndefined();
    await instance.flush();
    expect((await scan(table, snapshot)).rows.length).toBe(2);
    snapshot.release();
    reader.rollback();
    await instance.flush();
    expect(files()).toEqual([]);

    await makeTable(database, cpu);
    expect(await readTable(database, 'cpu')).toEqual([]);
  });

  test('rows for a table that was dropped meanwhile are refused', async () => {
    await makeTable(database, cpu);
    const writer = database.begin();
    await append(writer, 'cpu', [[1, 'a', 1]]);
    const dropper = database.begin();
    dropper.schema.dropTable(tableNamed(dropper, 'cpu').descriptor.oid);
    await dropper.commit();
    await expect(writer.commit()).rejects.toMatchObject({ code: '42P01', message: 'relation "cpu" does not exist' });
  });

  test('OIDs are not given again, not even those of dropped tables after a restart', async () => {
    await makeTable(database, newTable('t', ['x int4']));
    const dropper = database.begin();
    const { oid, rowTypeOid } = tableNamed(dropper, 't').descriptor;
    expect(oid).toBeGreaterThanOrEqual(16_384);
    dropper.schema.dropTable(oid);
    await dropper.commit();
    await instance.close();
    instance = await openScratch(fileSystem);
    const maker = databaseOf(instance).begin();
    const again = maker.schema.createTable(newTable('t', ['x int4']));
    expect(again.oid).toBeGreaterThan(Math.max(oid, rowTypeOid));
    maker.rollback();
  });

  test('databases are apart', async () => {
    await makeTable(database, newTable('t', ['x int4']));
    expect(instance.database('postgres')!.begin().catalog().table('public', 't')).toBeUndefined();
  });

  test('a plain table keeps rows in the order of insertion, through flush and restart', async () => {
    await makeTable(database, newTable('t', ['x int4', 'note text']));
    const expected: Record<string, Value>[] = [];
    for (let round = 0; round < 4; round++) {
      const rows = Array.from({ length: 700 }, (_, index): Value[] => [
        (index * 7919) % 100,
        index % 3 ? `n${index}` : null,
      ]);
      await insert(database, 't', rows);
      for (const [x, note] of rows) expected.push({ x: x!, note: note! });
      if (round % 2 === 0) await instance.flush();
    }
    expect(await readTable(database, 't')).toEqual(expected);
    await instance.close();
    instance = await openScratch(fileSystem);
    database = databaseOf(instance);
    await insert(database, 't', [[-1, 'last']]);
    const { oid } = database.begin().catalog().table('public', 't')!;
    expect(await readTable(database, 't', { names: ['x', 'note', 'tableoid'] })).toEqual(
      [...expected, { x: -1, note: 'last' }].map((row) => ({ ...row, tableoid: oid })),
    );
  });
});

describe('unusual values', () => {
  const wide = [
    -211_813_488_000_000_000n,
    -(2n ** 53n) - 1n,
    -(2 ** 53),
    0,
    2 ** 53,
    2n ** 53n + 1n,
    252_455_615_999_999_999n,
  ];

  for (const isFlushed of [false, true]) {
    test(`times from 4714 BC to the year 9999, ${isFlushed ? 'in segments' : 'in memory'}`, async () => {
      await makeTable(database, cpu);
      await insert(
        database,
        'cpu',
        wide.map((time, index) => [time, 'a', index]),
      );
      if (isFlushed) await instance.flush();
      expect((await readTable(database, 'cpu')).map((row) => row.time)).toEqual(wide);
      for (const [index, from] of wide.entries()) {
        const timeRange = { from, to: wide.at(-1)! };
        expect((await readTable(database, 'cpu', { timeRange })).map((row) => row.time)).toEqual(wide.slice(index, -1));
      }
      await expect(insert(database, 'cpu', [[wide[1]!, 'a', 0]])).rejects.toMatchObject({ code: '23505' });
      await insert(database, 'cpu', [[2n ** 53n + 2n, 'a', 0]]);
    });
  }

  test('integers beyond 2^53 in some rows of a column', async () => {
    await makeTable(database, newTable('t', ['x int8']));
    const values: Value[] = [1, null, 2n ** 63n - 1n, -(2n ** 63n), 2 ** 53, 2n ** 53n + 1n, -5];
    await insert(database, 't', [[7], ...values.map((value) => [value])]);
    await instance.flush();
    await insert(
      database,
      't',
      values.map((value) => [value]),
    );
    expect((await readTable(database, 't')).map((row) => row.x)).toEqual([7, ...values, ...values]);
  });

  test('a time column of type date, and a tag that is a number', async () => {
    const days = newTable('days', ['day date', 'sensor int4', 'x float8'], {
      time: 'day',
      tags: ['sensor'],
      key: ['sensor', 'day'],
    });
    await makeTable(database, days);
    const rows: Value[][] = [
      [-3, 1, 1],
      [0, 1, 2],
      [9000, 1, 3],
      [104_900_000, 1, 4],
      [0, 2, 5],
    ];
    await insert(database, 'days', rows);
    const expected = [...rows]
      .sort()
      .map(([day, sensor, x]) => `${day} ${sensor} ${x}`)
      .sort();
    const found = async () =>
      (await readTable(database, 'days')).map((row) => `${row.day} ${row.sensor} ${row.x}`).sort();
    expect(await found()).toEqual(expected);
    await instance.flush();
    await instance.close();
    instance = await openScratch(fileSystem);
    database = databaseOf(instance);
    expect(await found()).toEqual(expected);
    await expect(insert(database, 'days', [[9000, 1, 0]])).rejects.toMatchObject({
      fields: { detail: 'Key (sensor, day)=(1, 2024-08-22) already exists.' },
    });
    await expect(insert(database, 'days', [[2_000_000_000, 1, 0]])).rejects.toMatchObject({ code: '22008' });
  });

  test('line protocol and SQL beside each other: nanoseconds are another point', async () => {
    await database.ingest([batchOf('m', [{ tags: { host: 'a' }, fields: { x: 1 }, time: 5, nanoseconds: 1 }])]);
    const order = database
      .begin()
      .catalog()
      .table('public', 'm')!
      .columns.filter((column) => column.isHidden !== true);
    const row = (x: number) => order.map(({ name }): Value => (name === 'time' ? 5 : name === 'host' ? 'a' : x));
    await insert(database, 'm', [row(2)]);
    await expect(insert(database, 'm', [row(3)])).rejects.toMatchObject({
      code: '23505',
      message: 'duplicate key value violates unique constraint "m_key"',
    });
    expect((await readTable(database, 'm')).map((found) => found.x)).toEqual([2, 1]);
  });
});
