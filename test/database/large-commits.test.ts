import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import {
  batchOf,
  databaseOf,
  findRows,
  insert,
  killed,
  makeTable,
  namesBatch,
  newTable,
  openScratch,
  patience,
  readTable,
  tableNamed,
} from './scratch-instance.ts';

const ROWS = 40_000;
const COLUMNS = ['time timestamptz not null', 'host text', 'x float8'];
const KEYED = newTable('m', ['time timestamptz not null', 'host text not null', 'x float8'], {
  time: 'time',
  tags: ['host'],
  key: ['host', 'time'],
});
const KEYLESS = newTable('m', COLUMNS, { time: 'time', tags: ['host'] });
const PLAIN = newTable('m', COLUMNS);

/** Appends rows in batches, as an INSERT … SELECT does; more than one turn can apply. */
async function appendMany(database: Database, count = ROWS, from = 0) {
  const transaction = database.begin();
  const { oid } = tableNamed(transaction, 'm').descriptor;
  for (let at = 0; at < count; at += 1000) {
    const numbers = Float64Array.from({ length: 1000 }, (_, row) => from + at + row);
    const number = (values: Float64Array) => ({ kind: 'number', values, validity: undefined }) as const;
    const hosts = Array.from({ length: 1000 }, (_, row) => `h${row % 5}`);
    const host = { kind: 'value', values: hosts, validity: undefined } as const;
    await transaction.append(oid, {
      rowCount: 1000,
      columns: [number(numbers), host, number(numbers.map((n) => n / 2))],
    });
  }
  return transaction;
}

async function countRows(database: Database): Promise<number> {
  const transaction = database.begin();
  const table = tableNamed(transaction, 'm');
  const snapshot = transaction.snapshot();
  const scan = table.scan(
    { columns: [0], timeRange: { from: -Infinity, to: Infinity }, seriesPredicates: [], fieldRanges: [] },
    snapshot,
  );
  let count = 0;
  for (const morsel of scan.morsels()) for await (const batch of scan.read(morsel, patience)) count += batch.rowCount;
  snapshot.release();
  transaction.rollback();
  return count;
}

/** How many turns of the event loop pass until the promise is settled. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  promise.then(
    () => {
      isSettled = true;
    },
    () => {
      isSettled = true;
    },
  );
  let turns = 0;
  for (; !isSettled; turns++) await new Promise((resolve) => setImmediate(resolve));
  return turns;
}

const open = (fileSystem = new MemoryFileSystem()) => openScratch(fileSystem, { memtableBytes: 64 << 20 });

describe.each([
  ['a table with a key', KEYED],
  ['a table without a key', KEYLESS],
  ['a plain table', PLAIN],
] as const)('a large commit to %s', (_, definition) => {
  test('takes many turns, of which readers see nothing until it is whole', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await open(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, definition);
    const commit = (await appendMany(database)).commit();
    const seen = new Set<number>();
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        seen.add(await countRows(database));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    expect(await turnsUntil(commit)).toBeGreaterThan(4);
    isDone = true;
    await watching;
    expect([...seen].every((count) => count === 0 || count === ROWS)).toBe(true);
    expect(await countRows(database)).toBe(ROWS);
    const again = await open(await killed(fileSystem));
    expect(await countRows(databaseOf(again))).toBe(ROWS);
  });

  test('is in order with commits that come while it is on its way, and with flushes', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await open(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, definition);
    await insert(database, 'm', [[-1, 'h0', 0]]);
    const commit = (await appendMany(database)).commit();
    const others: Promise<void>[] = [];
    for (let index = 0; index < 6; index++) {
      await new Promise((resolve) => setImmediate(resolve));
      others.push(insert(database, 'm', [[ROWS + index, 'h1', 0]]));
      if (index === 2) void instance.flush();
    }
    await Promise.all([commit, ...others]);
    expect(await countRows(database)).toBe(ROWS + 7);
    await instance.flush();
    expect(await countRows(database)).toBe(ROWS + 7);
    const again = await open(await killed(fileSystem));
    expect(await countRows(databaseOf(again))).toBe(ROWS + 7);
  });

  test('that the log refuses leaves nothing, whenever that is', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await open(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, definition);
    await insert(database, 'm', [[-1, 'h0', 0]]);
    for (const delay of [0, 1, 3]) {
      let held = delay;
      fileSystem.beforeOperation = async (operation, path) => {
        if (operation !== 'write' || !path.includes('/wal/')) return;
        for (; held > 0; held--) await new Promise((resolve) => setImmediate(resolve));
      };
      fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
      await expect((await appendMany(database)).commit()).rejects.toMatchObject({ code: '53100' });
      fileSystem.beforeOperation = undefined;
      fileSystem.clearFaults();
      expect(await countRows(database)).toBe(1);
    }
    await (await appendMany(database)).commit();
    expect(await countRows(database)).toBe(ROWS + 1);
    const again = await open(await killed(fileSystem));
    expect(await countRows(databaseOf(again))).toBe(ROWS + 1);
  });

  test('may delete all that it finds, in memory and in segments', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await open(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, definition);
    await (await appendMany(database)).commit();
    await instance.flush();
    await (await appendMany(database, 20_000, ROWS)).commit();
    const transaction = database.begin();
    const { names } = await findRows(transaction, 'm', (row) => row.host !== 'h4');
    const table = tableNamed(transaction, 'm');
    for (let from = 0; from < names.length; from += 4096) {
      await transaction.delete(table.descriptor.oid, namesBatch(table, names.slice(from, from + 4096)));
    }
    const commit = transaction.commit();
    void instance.flush();
    expect(await turnsUntil(commit)).toBeGreaterThan(4);
    await commit;
    expect(await countRows(database)).toBe(12_000);
    const again = await open(await killed(fileSystem));
    expect(await countRows(databaseOf(again))).toBe(12_000);
    await instance.flush();
    expect(await countRows(database)).toBe(12_000);
  });
});

test('a large request of line protocol is applied in turns too, and others wait for it', async () => {
  const fileSystem = new MemoryFileSystem();
  const instance = await open(fileSystem);
  const database = databaseOf(instance);
  const points = Array.from({ length: 50_000 }, (_, time) => ({
    tags: { host: `h${time % 3}` },
    fields: { x: time },
    time,
  }));
  const large = database.ingest([batchOf('m', points)]);
  const small = Promise.resolve().then(() =>
    database.ingest([batchOf('m', [{ tags: { host: 'h0' }, fields: { x: -1 }, time: 0 }])]),
  );
  expect(await turnsUntil(large)).toBeGreaterThan(2);
  await small;
  expect(await countRows(database)).toBe(50_000);
  expect((await readTable(database, 'm')).find((row) => row.time === 0)!.x).toBe(-1);
  const again = await open(await killed(fileSystem));
  expect((await readTable(databaseOf(again), 'm')).find((row) => row.time === 0)!.x).toBe(-1);
});
