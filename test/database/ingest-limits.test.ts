import { expect, test } from 'vitest';
import {
  batchOf,
  databaseOf,
  insert,
  makeTable,
  newTable,
  openScratch,
  readTable,
  tableNamed,
} from './scratch-instance.ts';

const fieldsFrom = (from: number, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${from + index}`, 1]));

test('a table gets 1600 columns at most, however many requests bring them', async () => {
  const database = databaseOf(await openScratch());
  for (let from = 0; from < 1500; from += 500) {
    await database.ingest([batchOf('m', [{ fields: fieldsFrom(from, 500), time: 1 }])]);
  }
  await expect(database.ingest([batchOf('m', [{ fields: fieldsFrom(1500, 100), time: 1 }])])).rejects.toMatchObject({
    code: '54011',
    message: 'tables can have at most 1600 columns',
    tableName: 'm',
  });
  await database.ingest([batchOf('m', [{ fields: fieldsFrom(1500, 99), time: 1 }])]);
  const { columns } = tableNamed(database.begin(), 'm').descriptor;
  expect(columns.filter((column) => column.isHidden !== true)).toHaveLength(1600);
  await expect(
    database.ingest([batchOf('m', [{ tags: { late: 'x' }, fields: { f0: 1 }, time: 1 }])]),
  ).rejects.toMatchObject({ code: '54011' });
});

test('a request names as many tables as the configuration allows', async () => {
  const database = databaseOf(await openScratch(undefined, { ingest: { maxTablesPerRequest: 3 } }));
  const tables = (count: number) =>
    Array.from({ length: count }, (_, index) => batchOf(`t${index}`, [{ fields: { x: 1 }, time: 1 }]));
  await expect(database.ingest(tables(4))).rejects.toMatchObject({ code: '53400' });
  expect([...database.begin().catalog().tables()]).toEqual([]);
  await database.ingest(tables(3));
});

test('a table gets as many series as the configuration allows, whoever writes', async () => {
  const instance = await openScratch(undefined, { maxSeriesPerTable: 3, stagingBytes: 1 });
  const database = databaseOf(instance);
  const point = (host: number) => ({ tags: { host: `h${host}` }, fields: { x: 1 }, time: 1 });
  await database.ingest([batchOf('m', [point(1), point(2)])]);
  await expect(database.ingest([batchOf('m', [point(3), point(4)])])).rejects.toMatchObject({ code: '53400' });
  await database.ingest([batchOf('m', [point(2), point(3)])]);
  await expect(database.ingest([batchOf('m', [point(4)])])).rejects.toMatchObject({
    code: '53400',
    message: 'table "m" cannot have more than 3 series',
  });
  expect(await readTable(database, 'm')).toHaveLength(3);
  await makeTable(
    database,
    newTable('s', ['time timestamptz not null', 'host text'], { time: 'time', tags: ['host'] }),
  );
  const rows = [1, 2, 3, 4].map((host) => [host, `h${host}`]);
  await expect(insert(database, 's', rows)).rejects.toMatchObject({ code: '53400' });
  await insert(database, 's', rows.slice(0, 3));
});
