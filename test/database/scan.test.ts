import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALL_TIME } from '../../src/catalog/scan-request.ts';
import type { Column } from '../../src/columnar/column.ts';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Value } from '../../src/types/value.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  insert,
  makeTable,
  newTable,
  openScratch,
  patience,
  readTable,
  scan,
  tableNamed,
} from './scratch-instance.ts';

let instance: Instance;
let database: Database;

beforeEach(async () => {
  instance = await openScratch();
  database = databaseOf(instance);
});

afterEach(() => instance.close());

const SECOND = 1_000_000;

/** `count` points a second apart, with value = index. */
function points(host: string, count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    tags: { host },
    fields: { x: from + index },
    time: (from + index) * SECOND,
  }));
}

async function scanOf(name: string, request: Parameters<typeof scan>[2] = {}) {
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  const result = await scan(tableNamed(transaction, name), snapshot, request);
  snapshot.release();
  transaction.rollback();
  return result;
}

/** The batches themselves, copied column kinds and buffers as they come. */
async function batchesOf(name: string, columnNames: readonly string[]) {
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  const table = tableNamed(transaction, name);
  const columns = columnNames.map((column) => table.descriptor.columns.findIndex((other) => other.name === column));
  const tableScan = table.scan({ columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] }, snapshot);
  const batches: { rowCount: number; columns: readonly Column[] }[] = [];
  for (const morsel of tableScan.morsels()) {
    for await (const batch of tableScan.read(morsel, patience)) batches.push(batch);
  }
  snapshot.release();
  transaction.rollback();
  return batches;
}

test('units of sole runs are skipped by time and by value, without a look at the data', async () => {
  await database.ingest([batchOf('m', points('a', 10_240))]);
  await instance.flush();
  const all = await scanOf('m', { names: ['x'] });
  expect(all.counters).toEqual({ seriesScanned: 1, unitsRead: 10, unitsSkipped: 0, soleRows: 10_240, mergedRows: 0 });

  const timeRange = { from: 1500 * SECOND, to: 2048 * SECOND };
  const byTime = await scanOf('m', { names: ['x'], timeRange });
  expect(byTime.rows.map((row) => row.x)).toEqual(Array.from({ length: 548 }, (_, index) => 1500 + index));
  expect(byTime.counters).toMatchObject({ unitsRead: 2, unitsSkipped: 18 });

  const x = database
    .begin()
    .catalog()
    .table('public', 'm')!
    .columns.findIndex(({ name }) => name === 'x');
  const byValue = await scanOf('m', { names: ['x'], fieldRanges: [{ column: x, min: 5000, max: 5200 }] });
  expect(byValue.counters).toMatchObject({ unitsRead: 2, unitsSkipped: 8 });
  expect(byValue.rows.filter((row) => (row.x as number) >= 5000 && (row.x as number) <= 5200).length).toBe(201);
  expect((await scanOf('m', { names: ['x'], fieldRanges: [{ column: x, min: 1e9, max: 2e9 }] })).rows).toEqual([]);
});

test('an old version does not come back because the newer one was skipped by its value', async () => {
  await database.ingest([batchOf('m', points('a', 2048))]);
  await instance.flush();
  await database.ingest([batchOf('m', [{ tags: { host: 'a' }, fields: { x: -1 }, time: 5 * SECOND }])]);
  await instance.flush();
  const { columns } = database.begin().catalog().table('public', 'm')!;
  const fieldRanges = [{ column: columns.findIndex(({ name }) => name === 'x'), min: 0, max: 1e9 }];
  const { rows, counters } = await scanOf('m', { names: ['time', 'x'], fieldRanges });
  expect(rows.find((row) => row.time === 5 * SECOND)).toEqual({ time: 5 * SECOND, x: -1 });
  expect(counters.soleRows).toBe(0);
  expect(counters.mergedRows).toBe(2049);
});

test('units with NaN are not skipped, units of NULLs are', async () => {
  await makeTable(database, newTable('k', ['time timestamptz', 'x float8', 'y float8'], { time: 'time' }));
  const rows = Array.from({ length: 3072 }, (_, index): Value[] => [
    index,
    index < 1024 ? Number.NaN : index < 2048 ? null : 1,
    null,
  ]);
  await insert(database, 'k', rows);
  await instance.flush();
  const above = { column: 1, min: 5, max: Number.POSITIVE_INFINITY };
  const { rows: found, counters } = await scanOf('k', { names: ['x'], fieldRanges: [above] });
  expect(counters).toMatchObject({ unitsRead: 1, unitsSkipped: 2 });
  expect(found.every((row) => Number.isNaN(row.x))).toBe(true);
  // A column that no row of the segment has is NULL in all of them.
  expect((await scanOf('k', { names: ['time'], fieldRanges: [{ ...above, column: 2 }] })).rows).toEqual([]);
});

test('pieces that do not overlap in time are sole, those that do are merged', async () => {
  await database.ingest([batchOf('m', [...points('a', 100), ...points('b', 100)])]);
  await instance.flush();
  await database.ingest([batchOf('m', [...points('a', 50, 100), ...points('b', 50, 99)])]);
  const { counters } = await scanOf('m');
  expect(counters).toMatchObject({ seriesScanned: 2, soleRows: 150, mergedRows: 150 });
});

test('many small series of a unit come in one batch, with their tags', async () => {
  const hosts = Array.from({ length: 300 }, (_, index) => `h${index}`);
  await database.ingest([
    batchOf(
      'm',
      hosts.flatMap((host) => points(host, 5)),
    ),
  ]);
  for (const isFlushed of [false, true]) {
    if (isFlushed) await instance.flush();
    const batches = await batchesOf('m', ['host', 'x']);
    expect(batches.map((batch) => batch.rowCount)).toEqual([1024, 476]);
    expect(batches.every((batch) => batch.columns[0]!.kind === 'dictionary')).toBe(true);
    const rows = await readTable(database, 'm', { names: ['host', 'x'] });
    expect(rows).toEqual(hosts.flatMap((host) => [0, 1, 2, 3, 4].map((x) => ({ host, x }))));
  }
  const timeRange = { from: 2 * SECOND, to: 4 * SECOND };
  const cut = await readTable(database, 'm', { names: ['host', 'x'], timeRange });
  expect(cut).toEqual(hosts.flatMap((host) => [2, 3].map((x) => ({ host, x }))));
});

test('columns of whole units are views into the cache', async () => {
  await database.ingest([batchOf('m', points('a', 2048))]);
  await instance.flush();
  const buffersOf = async () =>
    (await batchesOf('m', ['x'])).map(({ columns: [column] }) =>
      column!.kind === 'number' ? column!.values : undefined,
    );
  const [first, second] = [await buffersOf(), await buffersOf()];
  expect(first[0]!.buffer).toBe(second[0]!.buffer);
  expect(first[0]!.byteOffset).toBe(second[0]!.byteOffset);
});

test('a reader that stops early lets its units go', async () => {
  // Frames for ten units or so: were some of them still pinned, units would be decoded beside the cache in the end.
  await instance.close();
  instance = await openScratch(undefined, { cacheBytes: 128 * 1024 });
  database = databaseOf(instance);
  await database.ingest([batchOf('m', points('a', 20_480))]);
  await instance.flush();
  const transaction = database.begin();
  const table = tableNamed(transaction, 'm');
  for (let round = 0; round < 20; round++) {
    const snapshot = transaction.snapshot();
    const timeRange = { from: round * 1024 * SECOND, to: Number.POSITIVE_INFINITY };
    const tableScan = table.scan({ columns: [0, 2], timeRange, seriesPredicates: [], fieldRanges: [] }, snapshot);
    for (const morsel of tableScan.morsels()) {
      for await (const batch of tableScan.read(morsel, patience)) {
        expect(batch.rowCount).toBe(1024);
        break;
      }
    }
    snapshot.release();
  }
  transaction.rollback();
  for (const {
    columns: [column],
  } of await batchesOf('m', ['x'])) {
    expect(column!.kind === 'number' && column!.values.buffer instanceof SharedArrayBuffer).toBe(true);
  }
});

test('a cancelled statement ends its scan', async () => {
  await database.ingest([batchOf('m', points('a', 5000))]);
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  const table = tableNamed(transaction, 'm');
  for (const isFlushed of [false, true]) {
    if (isFlushed) await instance.flush();
    const tableScan = table.scan(
      { columns: [0], timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] },
      snapshot,
    );
    let turns = 0;
    const control = {
      yieldIfDue: () => {
        if (++turns === 3) throw new Error('cancelled');
        return undefined;
      },
    };
    const drain = async () => {
      for (const morsel of tableScan.morsels()) {
        for await (const batch of tableScan.read(morsel, control)) expect(batch.rowCount).toBeGreaterThan(0);
      }
    };
    await expect(drain()).rejects.toThrow('cancelled');
  }
  snapshot.release();
  transaction.rollback();
});

test('readers see whole commits, in order, while writers and flushes go on', async () => {
  await instance.close();
  instance = await openScratch(undefined, { memtableBytes: 60_000 });
  database = databaseOf(instance);
  const commits = 150;
  let isDone = false;
  const commit = (index: number) =>
    database.ingest([
      batchOf('m', [
        { tags: { host: `h${index % 9}` }, fields: { n: index }, time: index * SECOND },
        { tags: { host: 'late' }, fields: { n: index }, time: (commits - index) * SECOND },
        { tags: { host: 'other' }, fields: { n: index }, time: DAY + index },
      ]),
    ]);
  await commit(0);
  const write = async () => {
    for (let index = 1; index < commits; index += 3)
      await Promise.all([commit(index), commit(index + 1), commit(index + 2)]);
    isDone = true;
  };
  const read = async () => {
    let seen = 0;
    while (!isDone) {
      const rows = await readTable(database, 'm', { names: ['n'] });
      const highest = Math.max(...rows.map((row) => row.n as number));
      expect(rows.length).toBe((highest + 1) * 3);
      expect(highest).toBeGreaterThanOrEqual(seen);
      seen = highest;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([write(), read(), read()]);
  expect((await readTable(database, 'm')).length).toBe((commits + 1) * 3);
});
