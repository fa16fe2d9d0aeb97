import { expect, test } from 'vitest';
import { IngestError } from '../../src/database/ingest-batch.ts';
import { Numeric } from '../../src/types/numeric.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  HOUR,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
} from './scratch-instance.ts';

test('the first write makes a table, with a column for each tag and field', async () => {
  const instance = await openScratch();
  const database = databaseOf(instance);
  await database.ingest([
    batchOf(
      'cpu',
      [
        {
          tags: { host: 'a' },
          fields: { usage: 0.5, cores: 4, up: true, model: 'x', total: Numeric.parse('18446744073709551615') },
          time: HOUR,
        },
      ],
      { cores: 'integer', up: 'boolean', model: 'string', total: 'unsigned' },
    ),
  ]);
  const transaction = database.begin();
  const table = transaction.catalog().table('public', 'cpu')!;
  transaction.rollback();
  expect(table.columns.map(({ name, type, role }) => [name, type.definition.name, role])).toEqual([
    ['time', 'timestamptz', 'time'],
    ['host', 'text', 'tag'],
    ['usage', 'float8', 'field'],
    ['cores', 'int8', 'field'],
    ['up', 'bool', 'field'],
    ['model', 'text', 'field'],
    ['total', 'numeric', 'field'],
    ['time_ns', 'int8', 'field'],
    ['tableoid', 'oid', 'field'],
    ['cmax', 'cid', 'field'],
    ['xmax', 'xid', 'field'],
    ['cmin', 'cid', 'field'],
    ['tidewire.series', 'int8', 'field'],
    ['tidewire.remainder', 'int8', 'field'],
  ]);
  expect(table.uniqueKey).toMatchObject({ name: 'cpu_key', columnNumbers: [2, 1], nullsNotDistinct: true });
  const rows = await readTable(database, 'cpu');
  expect(rows).toEqual([
    { time: HOUR, host: 'a', usage: 0.5, cores: 4, up: true, model: 'x', total: Numeric.parse('18446744073709551615') },
  ]);
  await instance.close();
});

test('a point written again takes the new fields and keeps the others', async () => {
  const instance = await openScratch();
  const database = databaseOf(instance);
  await database.ingest([batchOf('cpu', [{ tags: { host: 'a' }, fields: { x: 1, y: 1 }, time: 5 }])]);
  await database.ingest([batchOf('cpu', [{ tags: { host: 'a' }, fields: { y: 2, z: 2 }, time: 5 }])]);
  const merged = [{ time: 5, host: 'a', x: 1, y: 2, z: 2 }];
  expect(await readTable(database, 'cpu')).toEqual(merged);
  await instance.flush();
  expect(await readTable(database, 'cpu')).toEqual(merged);
  await database.ingest([batchOf('cpu', [{ tags: { host: 'a' }, fields: { x: 3 }, time: 5 }])]);
  expect(await readTable(database, 'cpu')).toEqual([{ time: 5, host: 'a', x: 3, y: 2, z: 2 }]);
  await instance.close();
});

test('a missing tag is NULL, identifies like a value, and stays apart when the tag comes later', async () => {
  const instance = await openScratch();
  const database = databaseOf(instance);
  await database.ingest([batchOf('m', [{ fields: { x: 1 }, time: 1 }])]);
  await database.ingest([
    batchOf('m', [
      { tags: { host: 'a' }, fields: { x: 2 }, time: 1 },
      { fields: { x: 3 }, time: 1 },
      { fields: { x: 4 }, time: 2 },
    ]),
  ]);
  const expected = [
    { time: 1, x: 3, host: null },
    { time: 2, x: 4, host: null },
    { time: 1, x: 2, host: 'a' },
  ];
  expect(await readTable(database, 'm')).toEqual(expected);
  await instance.flush();
  expect(await readTable(database, 'm')).toEqual(expected);
  await instance.close();
});

test('nanoseconds are part of the identity and show in time_ns', async () => {
  const instance = await openScratch();
  const database = databaseOf(instance);
  await database.ingest([
    batchOf('m', [
      { fields: { x: 1 }, time: 0, nanoseconds: 7 },
      { fields: { x: 2 }, time: 0, nanoseconds: 999 },
      { fields: { x: 3 }, time: 0 },
    ]),
  ]);
  const epoch = 946_684_800_000_000_000n;
  const expected = [
    { time: 0, time_ns: epoch, x: 3 },
    { time: 0, time_ns: epoch + 7n, x: 1 },
    { time: 0, time_ns: epoch + 999n, x: 2 },
  ];
  const names = ['time', 'time_ns', 'x'];
  expect(await readTable(database, 'm', { names })).toEqual(expected);
  await instance.flush();
  expect(await readTable(database, 'm', { names })).toEqual(expected);
  await database.ingest([batchOf('m', [{ fields: { x: 4 }, time: 0, nanoseconds: 7 }])]);
  expect(await readTable(database, 'm', { names: ['x'] })).toEqual([{ x: 3 }, { x: 4 }, { x: 2 }]);
  await instance.close();
});

const misfits: Record<string, { batch: ReturnType<typeof batchOf>; message: string | RegExp; row: number }> = {
  'a field of another type': {
    batch: batchOf(
      'cpu',
      [
        { tags: { host: 'a' }, fields: { other: 1 }, time: 1 },
        { tags: { host: 'a' }, fields: { x: 1 }, time: 2 },
      ],
      { x: 'integer' },
    ),
    message: 'field type conflict: input field "x" on measurement "cpu" is type integer, already exists as type float',
    row: 1,
  },
  'a tag that is a field': {
    batch: batchOf('cpu', [{ tags: { x: 'a' }, fields: { y: 1 }, time: 1 }]),
    message: 'tag "x" is a field of table "cpu"',
    row: 0,
  },
  'a field that is a tag': {
    batch: batchOf('cpu', [{ fields: { host: 1 }, time: 1 }]),
    message: 'field "host" is a tag of table "cpu"',
    row: 0,
  },
  'a tag and a field of one name': {
    batch: batchOf('fresh', [{ tags: { y: 'a' }, fields: { y: 1 }, time: 1 }]),
    message: '"y" is both a tag and a field',
    row: 0,
  },
  'a field named time': {
    batch: batchOf('fresh', [{ fields: { time: 1 }, time: 1 }]),
    message: 'field "time" has the name of the time column',
    row: 0,
  },
  'a field named like a system column': {
    batch: batchOf('cpu', [{ fields: { tableoid: 1 }, time: 1 }]),
    message: 'field "tableoid" is a system column of table "cpu"',
    row: 0,
  },
  'a name of 64 bytes': {
    batch: batchOf('fresh', [{ fields: { [`${'é'.repeat(32)}`]: 1 }, time: 1 }]),
    message: /longer than 63 bytes/,
    row: 0,
  },
  'a NUL in a name': {
    batch: batchOf('fr\0esh', [{ fields: { y: 1 }, time: 1 }]),
    message: /holds a NUL/,
    row: 0,
  },
  'a plain table': {
    batch: batchOf('plain', [{ fields: { y: 1 }, time: 1 }]),
    message: 'table "plain" is not a time-series table',
    row: 0,
  },
  'a new tag where a primary key names the tags': {
    batch: batchOf('keyed', [{ tags: { host: 'a', rack: '1' }, fields: { y: 1 }, time: 1 }]),
    message: 'tag "rack" does not exist in table "keyed", whose primary key names its tags',
    row: 0,
  },
  'no value for a tag of the primary key': {
    batch: batchOf('keyed', [{ fields: { y: 1 }, time: 1 }]),
    message: 'null value in column "host" of relation "keyed" violates not-null constraint',
    row: 0,
  },
};
for (const [name, { batch, message, row }] of Object.entries(misfits)) {
  test(`refuses ${name}, and stores nothing of the request`, async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, newTable('plain', ['id int4']));
    await makeTable(
      database,
      newTable('keyed', ['time timestamptz', 'host text', 'y float8'], {
        time: 'time',
        tags: ['host'],
        key: ['host', 'time'],
      }),
    );
    await database.ingest([batchOf('cpu', [{ tags: { host: 'a' }, fields: { x: 1 }, time: 1 }])]);
    const good = batchOf('good', [{ fields: { x: 1 }, time: 1 }]);
    const error = await database.ingest([good, batch]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(IngestError);
    expect(error).toMatchObject({ tableName: batch.tableName, row });
    expect((error as IngestError).message).toMatch(message);
    const transaction = database.begin();
    expect(transaction.catalog().table('public', 'good')).toBeUndefined();
    expect(transaction.catalog().table('public', 'cpu')!.schemaVersion).toBe(1);
    transaction.rollback();
    await instance.close();
  });
}

test('line protocol merges into a table with a primary key and appends to one without', async () => {
  const instance = await openScratch();
  const database = databaseOf(instance);
  const columns = ['ts timestamptz', 'host text', 'usage float4', 'cores int2'];
  await makeTable(database, newTable('keyed', columns, { time: 'ts', tags: ['host'], key: ['host', 'ts'] }));
  await makeTable(database, newTable('keyless', columns, { time: 'ts', tags: ['host'] }));
  for (const name of ['keyed', 'keyless']) {
    await insert(database, name, [[DAY, 'a', 1.5, 2]]);
    await database.ingest([
      batchOf(name, [{ tags: { host: 'a' }, fields: { cores: 3 }, time: DAY }], { cores: 'integer' }),
    ]);
    await expect(
      database.ingest([
        batchOf(name, [{ tags: { host: 'a' }, fields: { cores: 40_000 }, time: DAY }], { cores: 'integer' }),
      ]),
    ).rejects.toThrow('field "cores": smallint out of range');
  }
  expect(await readTable(database, 'keyed')).toEqual([{ ts: DAY, host: 'a', usage: 1.5, cores: 3 }]);
  expect(await readTable(database, 'keyless')).toEqual([
    { ts: DAY, host: 'a', usage: 1.5, cores: 2 },
    { ts: DAY, host: 'a', usage: null, cores: 3 },
  ]);
  await instance.close();
});

test('everything is there after a crash, with and without segments', async () => {
  const fileSystem = new MemoryFileSystem();
  const database = databaseOf(await openScratch(fileSystem));
  await database.ingest([
    batchOf(
      'cpu',
      [
        { tags: { host: 'a' }, fields: { x: 1, name: 'one' }, time: HOUR },
        { tags: { host: 'b', rack: '1' }, fields: { x: 2 }, time: DAY + HOUR, nanoseconds: 3 },
      ],
      { name: 'string' },
    ),
  ]);
  const expected = await readTable(database, 'cpu');
  for (let round = 0; round < 3; round++) {
    const instance = await openScratch(await killed(fileSystem));
    expect(await readTable(databaseOf(instance), 'cpu')).toEqual(expected);
    await instance.flush();
    expect(await readTable(databaseOf(instance), 'cpu')).toEqual(expected);
    await instance.close();
  }
});
