import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CTID_INDEX } from '../../src/catalog/ctid-index.ts';
import type { Database } from '../../src/database/database.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { vacuum } from './compaction-helpers.ts';
import {
  databaseOf,
  deleteWhere,
  HOUR,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  scan,
  tableNamed,
  updateWhere,
} from './scratch-instance.ts';

const NAMES = ['id', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax'] as const;

/** Where each row is, and who has written it. */
interface Version {
  readonly ctid: number;
  readonly xmin: number;
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), count: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('update' as const, 'delete' as const),
      modulus: fc.integer({ min: 2, max: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('flush' as const, 'merge' as const, 'restart' as const, 'crash' as const),
    }),
  },
);

const tables = {
  'a plain table': newTable('t', ['id int8', 'note text']),
  'a plain table with a key': newTable('t', ['id int8', 'note text'], { key: ['id'] }),
  'a time-series table without a key': newTable('t', ['id int8', 'note text', 'time timestamptz not null'], {
    time: 'time',
  }),
};

describe('ctid and xmin', () => {
  for (const [what, definition] of Object.entries(tables)) {
    test(`in ${what}, whatever happens to a row that is not changed, it stays where it is`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
          let fileSystem = new MemoryFileSystem();
          let instance = await openScratch(fileSystem);
          let database = databaseOf(instance);
          await makeTable(database, definition);
          let known = new Map<number, Version>();
          const stale = new Set<number>();
          let nextId = 0;
          for (const { kind, ...options } of steps) {
            const changed = new Set<number>();
            const isMeant = ({ id }: Record<string, Value>) =>
              Number(id) % (options as { modulus: number }).modulus === 0;
            if (kind === 'insert') {
              const { count } = options as { count: number };
              const rows = Array.from({ length: count }, () => [nextId++, 'new', (nextId % 50) * HOUR]);
              await insert(database, 't', rows);
            } else if (kind === 'update' || kind === 'delete') {
              for (const id of known.keys()) if (isMeant({ id })) changed.add(id);
              const transaction = database.begin();
              if (kind === 'update') await updateWhere(transaction, 't', () => ({ note: 'changed' }), isMeant);
              else await deleteWhere(transaction, 't', isMeant);
              await transaction.commit();
            } else if (kind === 'flush') await instance.flush();
            else if (kind === 'merge') await vacuum(database, 't', { isFull: true });
            else {
              if (kind === 'restart') await instance.close();
              else fileSystem = await killed(fileSystem);
              instance = await openScratch(fileSystem);
              database = databaseOf(instance);
            }
            const found = await versionsOf(database);
            for (const [id, { ctid, xmin }] of known) {
              if (changed.has(id)) {
                stale.add(ctid);
                expect(found.get(id)?.ctid).not.toBe(ctid);
                expect(found.get(id)?.xmin).not.toBe(xmin);
              } else expect(found.get(id)).toEqual({ ctid, xmin });
            }
            expect(new Set([...found.values()].map(({ ctid }) => ctid)).size).toBe(found.size);
            known = found;
          }
          if (definition.timeSeries === undefined) {
            const places = [...known.values()].map(({ ctid }) => ctid);
            expect((await idsAt(database, [...places, ...stale])).sort()).toEqual([...known.keys()].sort());
          }
          await instance.close();
        }),
        { numRuns: 12 },
      );
    });
  }

  test('what is not a place of any row finds nothing', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, tables['a plain table']);
    await insert(database, 't', [
      [1, 'a'],
      [2, 'b'],
    ]);
    const last = 2 ** 48 - 1;
    expect(await idsAt(database, [0, 1, 2, 3, 65_535, 65_536, 65_537, 2 ** 47, 2 ** 47 + 1, last])).toEqual([1, 2]);
    await instance.close();
  });

  test('a transaction finds its own rows by their places, and tells before the commit who has written them', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeTable(database, tables['a plain table']);
    await insert(database, 't', [[1, 'a']]);
    const transaction = database.begin();
    await updateWhere(transaction, 't', () => ({ note: 'b' }));
    const table = tableNamed(transaction, 't');
    const { rows } = await scan(table, transaction.snapshot(), { names: ['xmin', 'ctid'] });
    expect(rows.map(({ xmin }) => xmin)).toEqual([transaction.writerNumber]);
    const index = { indexOid: CTID_INDEX.oid, equalTo: rows.map(({ ctid }) => [ctid]) };
    const own = await scan(table, transaction.snapshot(), { names: ['id', 'note'], index });
    expect(own.rows).toEqual([{ id: 1, note: 'b' }]);
    const writer = transaction.writerNumber;
    await transaction.commit();
    expect((await versionsOf(database)).get(1)?.xmin).toBe(writer);
    await instance.close();
  });

  test('a point that is written again is the same row', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const table = newTable('t', ['id int8', 'time timestamptz not null'], { time: 'time', key: ['time'] });
    await makeTable(database, table);
    const names = tableNamed(database.begin(), 't').descriptor.columns.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['tableoid', 'xmax', 'cmin', 'cmax']));
    expect(names).not.toContain('ctid');
    expect(names).not.toContain('xmin');
    await instance.close();
  });
});

async function versionsOf(database: Database): Promise<Map<number, Version>> {
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  const { rows } = await scan(tableNamed(transaction, 't'), snapshot, { names: NAMES });
  snapshot.release();
  transaction.rollback();
  const versions = new Map<number, Version>();
  for (const row of rows) {
    const [id, ctid, xmin, ...rest] = NAMES.map((name) => Number(row[name]));
    expect(rest).toEqual([0, 0, 0]);
    versions.set(id, { ctid, xmin });
  }
  return versions;
}

async function idsAt(database: Database, tids: readonly number[]): Promise<number[]> {
  const transaction = database.begin();
  const snapshot = transaction.snapshot();
  const index = { indexOid: CTID_INDEX.oid, equalTo: tids.map((tid) => [tid]) };
  const { rows } = await scan(tableNamed(transaction, 't'), snapshot, { names: ['id'], index });
  snapshot.release();
  transaction.rollback();
  return rows.map(({ id }) => Number(id));
}
