import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../src/database/check-directory.ts';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import type { Value } from '../../src/types/value.ts';
import { fitsSql, type HostileTable, hostileTables } from '../support/hostile-data.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  rowsOf,
  scan,
  tableNamed,
  updateWhere,
} from './scratch-instance.ts';

/** The limit is some kilobytes: a few dozen rows. */
const SMALL = { stagingBytes: 200, memtableBytes: 40_000 };
const TYPES = { float: 'float8', integer: 'int8', unsigned: 'numeric', boolean: 'bool', string: 'text' } as const;

function definitionOf({ name, tagNames, fields }: HostileTable) {
  const columns = [
    { name: 'time', type: 'timestamptz not null' },
    ...tagNames.map((tag) => ({ name: tag, type: 'text' })),
    ...fields.map((field) => ({ name: field.name, type: TYPES[field.type] })),
  ];
  const definition = newTable(
    name,
    columns.map(({ type }, index) => `c${index} ${type}`),
    { time: 'c0', tags: tagNames.map((_, index) => `c${index + 1}`) },
  );
  // Names with spaces cannot be given as text.
  return {
    ...definition,
    columns: definition.columns.map((column, index) => ({ ...column, name: columns[index]!.name })),
  };
}

function valuesOf({ tagNames, fields }: HostileTable, point: HostileTable['points'][number]): Value[] {
  const narrow = (value: bigint) => (value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value);
  return [
    narrow(point.micros),
    ...tagNames.map((tag) => point.tags.get(tag) ?? null),
    ...fields.map(({ name, type }): Value => {
      const value = point.fields.get(name);
      if (value === undefined) return null;
      // Numerics are compared elsewhere.
      if (type === 'unsigned') return null;
      return typeof value === 'bigint' ? narrow(value) : value;
    }),
  ];
}

function rendered(rows: readonly (readonly Value[])[]): string[] {
  const text = (value: Value) =>
    value === null ? 'null' : Object.is(value, -0) ? '-0' : `${typeof value === 'bigint' ? 'n' : ''}${String(value)}`;
  return rows.map((row) => row.map(text).join(' | ')).sort();
}

async function rowsIn(database: Database, name: string): Promise<string[]> {
  return rendered((await readTable(database, name)).map((row) => Object.values(row)));
}

async function rowsFor(transaction: Transaction, name: string): Promise<string[]> {
  const snapshot = transaction.snapshot();
  try {
    const { rows } = await scan(tableNamed(transaction, name), snapshot);
    return rendered(rows.map((row) => Object.values(row)));
  } finally {
    snapshot.release();
  }
}

async function append(transaction: Transaction, name: string, rows: readonly (readonly Value[])[], size = 7) {
  const table = tableNamed(transaction, name);
  for (let from = 0; from < rows.length; from += size) {
    await transaction.append(table.descriptor.oid, rowsOf(table, rows.slice(from, from + size)));
  }
}

const segmentFiles = (fileSystem: MemoryFileSystem) =>
  fileSystem.allFiles().filter((path) => /\/db\/.*\.(segment|deletes|pack)$/.test(`/${path}`));

const KEYED = newTable('m', ['time timestamptz not null', 'host text not null', 'x float8'], {
  time: 'time',
  tags: ['host'],
  key: ['host', 'time'],
});

/** Rows of three hosts in two partitions, late ones among them. */
function manyRows(count: number, from = 0): Value[][] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return [((at * 7919) % count) * 1_000_000 + (at % 2) * DAY + from * 1000, `h${at % 3}`, at / 4];
  });
}

async function keyedInstance(fileSystem = new MemoryFileSystem()): Promise<Instance> {
  const instance = await openScratch(fileSystem, SMALL);
  await makeTable(databaseOf(instance), KEYED);
  return instance;
}

describe('a transaction that is larger than its memory', () => {
  test.each(hostileTables(20_261_120, { longSeriesRows: 900 }))(
    'holds $name, seen whole or not at all',
    async (table) => {
      const fileSystem = new MemoryFileSystem();
      let instance = await openScratch(fileSystem, SMALL);
      let database = databaseOf(instance);
      await makeTable(database, definitionOf(table));
      const values = table.points.filter(fitsSql).map((point) => valuesOf(table, point));
      const half = values.slice(0, values.length >> 1);
      const before = database.begin({ isolation: 'repeatable read' });
      await rowsFor(before, table.name);
      const transaction = database.begin();
      await append(transaction, table.name, half);
      expect(segmentFiles(fileSystem).length).toBeGreaterThan(2);
      // What a savepoint takes back is gone, on disk and in memory.
      const mark = transaction.markStatement();
      await append(transaction, table.name, values);
      const withAll = segmentFiles(fileSystem).length;
      transaction.rollbackStatement(mark);
      transaction.releaseMark(mark);
      expect(await rowsFor(transaction, table.name)).toEqual(rendered(half));
      await append(transaction, table.name, values.slice(half.length));
      expect(withAll).toBeGreaterThan(3);
      expect(await rowsFor(transaction, table.name)).toEqual(rendered(values));
      expect(await rowsIn(database, table.name)).toEqual([]);
      await transaction.commit();
      expect(await rowsFor(before, table.name)).toEqual([]);
      before.rollback();
      expect(await rowsIn(database, table.name)).toEqual(rendered(values));
      for (const restart of ['kill', 'close', 'flush and close'] as const) {
        if (restart === 'flush and close') await instance.flush();
        if (restart !== 'kill') await instance.close();
        const disk = restart === 'kill' ? await killed(fileSystem) : fileSystem;
        const again = await openScratch(disk, SMALL);
        expect(await rowsIn(databaseOf(again), table.name), restart).toEqual(rendered(values));
        if (restart === 'kill') await again.close();
        else {
          instance = again;
          database = databaseOf(again);
        }
      }
      await instance.close();
      const { problems } = await checkDirectory({ directory: '/data', fileSystem });
      expect(problems).toEqual([]);
    },
  );

  test('leaves nothing behind when it is rolled back', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await keyedInstance(fileSystem);
    const files = fileSystem.allFiles();
    const transaction = databaseOf(instance).begin();
    await append(transaction, 'm', manyRows(400));
    expect(segmentFiles(fileSystem).length).toBeGreaterThan(4);
    transaction.rollback();
    await insert(databaseOf(instance), 'm', [[1, 'h0', 1]]);
    expect(await readTable(databaseOf(instance), 'm')).toHaveLength(1);
    await instance.close();
    expect(segmentFiles(fileSystem)).toEqual(files.filter((path) => segmentFiles(fileSystem).includes(path)));
  });

  test('may make its table itself', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, SMALL);
    const transaction = databaseOf(instance).begin();
    transaction.schema.createTable(KEYED);
    await append(transaction, 'm', manyRows(300));
    expect(
      await updateWhere(
        transaction,
        'm',
        () => ({ x: -1 }),
        (row) => row.host === 'h1',
      ),
    ).toBe(100);
    expect(await deleteWhere(transaction, 'm', (row) => row.host === 'h2')).toBe(100);
    const expected = await rowsFor(transaction, 'm');
    expect(expected).toHaveLength(200);
    await transaction.commit();
    expect(await rowsIn(databaseOf(instance), 'm')).toEqual(expected);
    const again = await openScratch(await killed(fileSystem), SMALL);
    expect(await rowsIn(databaseOf(again), 'm')).toEqual(expected);
    await insert(databaseOf(again), 'm', [[5, 'new', 1]]);
    expect(await readTable(databaseOf(again), 'm')).toHaveLength(201);
  });

  test('stands between what was written before it and after it, field by field', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem, SMALL);
    const database = databaseOf(instance);
    const point = { tags: { host: 'p' }, time: 50 };
    await database.ingest([batchOf('m', [{ ...point, fields: { x: 1, y: 1, z: 1 } }])]);
    const transaction = database.begin();
    await append(
      transaction,
      'm',
      Array.from({ length: 200 }, (_, index) => [index, `h${index % 5}`, index, null, null]),
    );
    await updateWhere(
      transaction,
      'm',
      () => ({ x: 2, y: 2 }),
      (row) => row.host === 'p',
    );
    await append(
      transaction,
      'm',
      Array.from({ length: 200 }, (_, index) => [1000 + index, `h${index % 5}`, index, null, null]),
    );
    await transaction.commit();
    await database.ingest([batchOf('m', [{ ...point, fields: { y: 3 } }])]);
    const expected = [{ host: 'p', time: 50, x: 2, y: 3, z: 1 }];
    const found = async (of: Database) => (await readTable(of, 'm')).filter((row) => row.host === 'p');
    expect(await found(database)).toEqual(expected);
    const replayed = await openScratch(await killed(fileSystem), SMALL);
    expect(await found(databaseOf(replayed))).toEqual(expected);
    await replayed.close();
    await instance.flush();
    expect(await found(database)).toEqual(expected);
    const again = await openScratch(await killed(fileSystem), SMALL);
    expect(await found(databaseOf(again))).toEqual(expected);
  });

  test('shares one file among many partitions, which goes with the last of them', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await keyedInstance(fileSystem);
    const database = databaseOf(instance);
    const rows = Array.from({ length: 240 }, (_, index) => [(index % 8) * DAY + index, `h${index % 3}`, index]);
    const transaction = database.begin();
    await append(transaction, 'm', rows, 80);
    const mark = transaction.markStatement();
    await append(
      transaction,
      'm',
      rows.map(([time, host, x]) => [(time as number) + 5000, host!, x!]),
      80,
    );
    transaction.rollbackStatement(mark);
    expect(segmentFiles(fileSystem).filter((path) => path.endsWith('.pack')).length).toBeGreaterThan(0);
    await transaction.commit();
    const expected = await rowsIn(database, 'm');
    expect(expected).toHaveLength(240);
    const again = await openScratch(await killed(fileSystem), SMALL);
    expect(await rowsIn(databaseOf(again), 'm')).toEqual(expected);
    await again.close();
    // Merges take the segments of some partitions, and their deletes.
    const deleting = database.begin();
    expect(await deleteWhere(deleting, 'm', (row) => (row.time as number) % DAY < 100)).toBeGreaterThan(50);
    await deleting.commit();
    await database.vacuum(tableNamed(database.begin(), 'm').descriptor.oid, {
      isFull: true,
      control: { check() {} },
      noteMerge() {},
    });
    const rest = await rowsIn(database, 'm');
    await instance.close();
    const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem });
    expect(problems).toEqual([]);
    expect(harmless.filter(({ what }) => what.includes('nothing names it'))).toEqual([]);
    const last = await openScratch(fileSystem, SMALL);
    expect(await rowsIn(databaseOf(last), 'm')).toEqual(rest);
    const dropping = databaseOf(last).begin();
    await dropping.lockTable(tableNamed(dropping, 'm').descriptor.oid, 'exclusive');
    dropping.schema.dropTable(tableNamed(dropping, 'm').descriptor.oid);
    await dropping.commit();
    await last.close();
    expect(segmentFiles(fileSystem)).toEqual([]);
  });

  test('deletes a row in memory, and none of another series that stands staged at its time', async () => {
    const instance = await keyedInstance();
    const database = databaseOf(instance);
    const transaction = database.begin();
    // The first series of all is staged; `new` comes afterwards, and stays in memory.
    await append(transaction, 'm', [[1000, 'first', 1], ...manyRows(100)]);
    await append(transaction, 'm', [[1000, 'new', 2]]);
    expect(await deleteWhere(transaction, 'm', (row) => row.host === 'new')).toBe(1);
    expect((await rowsFor(transaction, 'm')).filter((row) => row.includes('first'))).toHaveLength(1);
    await transaction.commit();
    expect(await readTable(database, 'm')).toHaveLength(101);
    await instance.close();
  });

  test('is emptied and dropped like any other', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await keyedInstance(fileSystem);
    const database = databaseOf(instance);
    const fill = async () => {
      const transaction = database.begin();
      await append(transaction, 'm', manyRows(200));
      await transaction.commit();
    };
    await fill();
    const emptying = database.begin();
    await emptying.lockTable(tableNamed(emptying, 'm').descriptor.oid, 'exclusive');
    emptying.truncate(tableNamed(emptying, 'm').descriptor.oid);
    await emptying.commit();
    expect(await readTable(database, 'm')).toEqual([]);
    await fill();
    expect(await readTable(database, 'm')).toHaveLength(200);
    const dropping = database.begin();
    await dropping.lockTable(tableNamed(dropping, 'm').descriptor.oid, 'exclusive');
    dropping.schema.dropTable(tableNamed(dropping, 'm').descriptor.oid);
    await dropping.commit();
    await instance.flush();
    const reports: string[] = [];
    const again = await openScratch(await killed(fileSystem), { ...SMALL, log: (_, message) => reports.push(message) });
    expect(reports).toEqual([]);
    await again.close();
    await instance.close();
    expect(segmentFiles(fileSystem)).toEqual([]);
  });
});

describe('keys of a transaction that is larger than its memory', () => {
  test('are kept within it, wherever its rows are', async () => {
    const instance = await keyedInstance();
    const transaction = databaseOf(instance).begin();
    const rows = manyRows(400);
    await append(transaction, 'm', rows);
    for (const row of [rows[0]!, rows[200]!, rows[399]!]) {
      await expect(append(transaction, 'm', [row])).rejects.toMatchObject({ code: '23505' });
    }
    expect(await deleteWhere(transaction, 'm', (row) => row.time === rows[0]![0] && row.host === rows[0]![1])).toBe(1);
    await append(transaction, 'm', [rows[0]!]);
    await expect(append(transaction, 'm', [rows[0]!])).rejects.toMatchObject({ code: '23505' });
    await transaction.commit();
    expect(await readTable(databaseOf(instance), 'm')).toHaveLength(400);
    await expect(insert(databaseOf(instance), 'm', [rows[7]!])).rejects.toMatchObject({ code: '23505' });
  });

  test.each(['in memory', 'in a segment'] as const)(
    'are kept against what others commit meanwhile, %s',
    async (where) => {
      const instance = await keyedInstance();
      const database = databaseOf(instance);
      const rows = manyRows(300);
      const transaction = database.begin();
      await append(transaction, 'm', rows);
      await insert(database, 'm', [rows[120]!]);
      if (where === 'in a segment') await instance.flush();
      await expect(transaction.commit()).rejects.toMatchObject({
        code: '23505',
        fields: { detail: expect.stringContaining('Key (host, time)=(h0,') },
      });
      expect(await readTable(database, 'm')).toHaveLength(1);
      // Another point of the same series is in nobody's way.
      const second = database.begin();
      await append(second, 'm', rows.slice(0, 100));
      await insert(database, 'm', [[-5, 'h0', 0]]);
      if (where === 'in a segment') await instance.flush();
      await second.commit();
      expect(await readTable(database, 'm')).toHaveLength(102);
    },
  );
});

/** Half of the rows are there, and a large transaction brings the others, changes some and deletes some. */
async function writeLarge(database: Database): Promise<void> {
  const transaction = database.begin();
  try {
    await append(transaction, 'm', manyRows(120, 1), 60);
    await updateWhere(
      transaction,
      'm',
      () => ({ x: 1e6 }),
      (row) => row.host === 'h1',
    );
    await deleteWhere(transaction, 'm', (row) => row.host === 'h2');
    await append(transaction, 'm', [[9, 'last', 1]]);
  } catch (error) {
    transaction.rollback();
    throw error;
  }
  await transaction.commit();
}

async function prepared(): Promise<{ disk: MemoryFileSystem; before: string[]; after: string[] }> {
  const disk = new MemoryFileSystem();
  const instance = await keyedInstance(disk);
  await insert(databaseOf(instance), 'm', manyRows(40, 5000));
  const before = await rowsIn(databaseOf(instance), 'm');
  const copy = await killed(disk);
  const other = await openScratch(copy, SMALL);
  await writeLarge(databaseOf(other));
  const after = await rowsIn(databaseOf(other), 'm');
  return { disk: await killed(disk), before, after };
}

/** The table is as before or as after, and can be written to. */
async function expectWhole(
  disk: MemoryFileSystem,
  { before, after }: { before: string[]; after: string[] },
  isCommitted: boolean,
): Promise<void> {
  if (await disk.exists('/data/tidewire.lock')) await disk.remove('/data/tidewire.lock');
  const reports: string[] = [];
  const instance = await openScratch(disk, {
    ...SMALL,
    log: (level, message, fields) => {
      if (level === 'error') reports.push(`${message} ${JSON.stringify(fields)}`);
    },
  });
  const found = await rowsIn(databaseOf(instance), 'm');
  expect(reports).toEqual([]);
  if (isCommitted) expect(found).toEqual(after);
  else expect([before.length, after.length]).toContain(found.length);
  expect(found).toEqual(found.length === after.length ? after : before);
  await insert(databaseOf(instance), 'm', [[-7, 'more', 1]]);
  await instance.flush();
  expect(await readTable(databaseOf(instance), 'm')).toHaveLength(found.length + 1);
  await instance.close();
  const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem: disk });
  expect(problems).toEqual([]);
  expect(harmless.filter(({ what }) => what.includes('nothing names it'))).toEqual([]);
}

describe('what happens to the disk under a large transaction', () => {
  test('a start keeps the files of a dropped table until the manifest knows of the drop', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await keyedInstance(fileSystem);
    const database = databaseOf(instance);
    const transaction = database.begin();
    await append(transaction, 'm', manyRows(200));
    const stopManifest = (disk: MemoryFileSystem) => {
      disk.beforeOperation = (operation, path) =>
        operation === 'write' && path.includes('manifest/') ? new Promise(() => {}) : undefined;
    };
    stopManifest(fileSystem);
    await transaction.commit();
    const dropping = database.begin();
    await dropping.lockTable(tableNamed(dropping, 'm').descriptor.oid, 'exclusive');
    dropping.schema.dropTable(tableNamed(dropping, 'm').descriptor.oid);
    await dropping.commit();
    // Two starts, the first of which ends before the manifest has heard of anything.
    const first = await killed(fileSystem);
    stopManifest(first);
    await openScratch(first, SMALL);
    const second = await killed(first);
    const reports: string[] = [];
    const again = await openScratch(second, { ...SMALL, log: (_, message) => reports.push(message) });
    expect(reports).toEqual([]);
    await again.close();
    expect(segmentFiles(second)).toEqual([]);
  });

  test('files that only the log names are in order for who checks the directory', async () => {
    const { disk, after } = await prepared();
    const instance = await openScratch(disk, SMALL);
    await writeLarge(databaseOf(instance));
    const left = await killed(disk);
    const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem: left });
    expect(problems).toEqual([]);
    expect(harmless.filter(({ what }) => what.includes('nothing names it'))).toEqual([]);
    expect(await rowsIn(databaseOf(await openScratch(left, SMALL)), 'm')).toEqual(after);
  });

  test('a power cut at any operation leaves all of it or nothing', async () => {
    const expected = await prepared();
    let isDone = false;
    for (let operations = 0; !isDone; operations += 2) {
      const disk = expected.disk.clone();
      const instance = await openScratch(disk, SMALL);
      disk.cutPowerAfter(operations);
      await writeLarge(databaseOf(instance)).then(
        () => {
          isDone = true;
        },
        () => {},
      );
      const left = disk.afterPowerCut(new SeededRandom(operations));
      await expectWhole(left, expected, isDone);
    }
  }, 60_000);

  test.each(['write', 'sync', 'rename', 'open', 'syncDirectory'] as const)(
    'a %s that fails costs the transaction, and nothing else',
    async (operation) => {
      const expected = await prepared();
      let failed = 0;
      for (let after = 0; ; after++) {
        const disk = expected.disk.clone();
        const instance = await openScratch(disk, SMALL);
        disk.fail({ operation, path: '/db/', after, code: operation === 'write' ? 'ENOSPC' : 'EIO' });
        const error = await writeLarge(databaseOf(instance)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        disk.clearFaults();
        if (error === undefined) break;
        failed++;
        expect(await rowsIn(databaseOf(instance), 'm')).toEqual(expected.before);
        await writeLarge(databaseOf(instance));
        expect(await rowsIn(databaseOf(instance), 'm')).toEqual(expected.after);
        await expectWhole(await killed(disk), expected, true);
        await instance.close();
      }
      expect(failed).toBeGreaterThan(2);
    },
    60_000,
  );

  test('a log that is full refuses the commit, whose files go', async () => {
    const { disk, before } = await prepared();
    const instance = await openScratch(disk, SMALL);
    const database = databaseOf(instance);
    const transaction = database.begin();
    await append(transaction, 'm', manyRows(120, 1));
    disk.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
    await expect(transaction.commit()).rejects.toMatchObject({ code: '53100' });
    expect(await rowsIn(database, 'm')).toEqual(before);
    disk.clearFaults();
    await writeLarge(database);
    await instance.close();
    const { problems, harmless } = await checkDirectory({ directory: '/data', fileSystem: disk });
    expect(problems).toEqual([]);
    expect(harmless.filter(({ what }) => what.includes('nothing names it'))).toEqual([]);
  });

  test('a failed sync of the log leaves the commit in doubt, and the next start decides for all of it', async () => {
    const expected = await prepared();
    for (const ignored of [0, 1, 2]) {
      const disk = expected.disk.clone();
      const instance = await openScratch(disk, SMALL);
      disk.fail({ operation: 'sync', path: '/wal/', code: 'EIO', after: ignored });
      await writeLarge(databaseOf(instance)).catch((error) => expect(error).toMatchObject({ code: '58030' }));
      await expectWhole(await killed(disk), expected, instance.failure === undefined);
    }
  });
});
