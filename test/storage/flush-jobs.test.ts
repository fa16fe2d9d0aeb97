import { describe, expect, test } from 'vitest';
import type { EngineState } from '../../src/storage/engine-state.ts';
import { type FlushJob, isSmall, nextJobs, oldestMemtables } from '../../src/storage/flush-jobs.ts';

const FULL = 1 << 20;

function job(
  table: number,
  options: { partition?: number; sizeBytes?: number; lastLsn?: number; database?: number } = {},
) {
  const { partition = 0, sizeBytes = 100, lastLsn = 1, database = 1 } = options;
  return {
    store: { oid: table, databaseOid: database },
    partition,
    memtable: { lastLsn },
    sizeBytes,
  } as unknown as FlushJob;
}

const PUBLISHED = 10;

describe('the jobs to be done next', () => {
  test('are all small ones, if the first is small', () => {
    const queue = [job(1), job(2, { sizeBytes: FULL }), job(3), job(1, { partition: 7 })];
    expect(nextJobs(queue, PUBLISHED, FULL)).toEqual([queue[0], queue[2], queue[3]]);
  });

  test('are the first alone, if it is large', () => {
    const queue = [job(1, { sizeBytes: FULL }), job(2)];
    expect(nextJobs(queue, PUBLISHED, FULL)).toEqual([queue[0]]);
    expect(nextJobs([], PUBLISHED, FULL)).toEqual([]);
  });

  test('are one of a partition: what came later waits for what came first', () => {
    const queue = [job(1), job(1), job(2, { sizeBytes: FULL }), job(2), job(3, { lastLsn: 11 }), job(3), job(4)];
    expect(nextJobs(queue, PUBLISHED, FULL)).toEqual([queue[0], queue[6]]);
  });

  test('leave out what is not published, of another database, or in the manifest already', () => {
    const recorded = { ...job(4), flush: {} } as FlushJob;
    const queue = [job(1), job(2, { lastLsn: 11 }), job(3, { database: 2 }), recorded, job(5)];
    expect(nextJobs(queue, PUBLISHED, FULL)).toEqual([queue[0], queue[4]]);
    expect(nextJobs([recorded, job(5)], PUBLISHED, FULL)).toEqual([recorded]);
  });

  test('come to no more than a full memtable', () => {
    const queue = Array.from({ length: 40 }, (_, table) => job(table, { sizeBytes: FULL / 16 }));
    expect(nextJobs(queue, PUBLISHED, FULL).length).toBe(16);
    const many = Array.from({ length: 5000 }, (_, table) => job(table));
    expect(nextJobs(many, PUBLISHED, FULL).length).toBe(4096);
  });
});

test('small is what is below a sixteenth of a full memtable', () => {
  expect(isSmall(FULL / 16, FULL)).toBe(true);
  expect(isSmall(FULL / 16 + 1, FULL)).toBe(false);
});

describe('the memtables to be flushed so that the log can be cut', () => {
  interface Fake {
    readonly table: number;
    readonly firstLsn?: number;
    readonly sizeBytes?: number;
    readonly firstDelete?: number;
  }

  function oldest(fakes: readonly Fake[], publishedLsn = 100): number[] {
    const tables = fakes.map(({ table, firstLsn, sizeBytes = 100, firstDelete = Number.POSITIVE_INFINITY }) => ({
      store: { oid: table, unflushedDeletes: { firstOf: () => firstDelete } },
      partitions: [{ partition: 0, active: firstLsn === undefined ? undefined : { rowCount: 1, firstLsn, sizeBytes } }],
    }));
    const state = { publishedLsn, layers: { tables: () => tables } } as unknown as EngineState;
    return oldestMemtables(state, FULL).map(({ store }) => store.oid);
  }

  test('are the oldest, and the small ones of the older half', () => {
    const fakes = [
      { table: 1, firstLsn: 30 },
      { table: 2, firstLsn: 20, sizeBytes: FULL },
      { table: 3, firstLsn: 60 },
      { table: 4, firstLsn: 61 },
      { table: 5, firstLsn: 25, sizeBytes: FULL },
    ];
    expect(oldest(fakes)).toEqual([1, 2, 3]);
  });

  test('are those with old deletes too, and none where there is nothing', () => {
    expect(oldest([{ table: 1, firstDelete: 5 }, { table: 2, firstLsn: 90 }, { table: 3 }])).toEqual([1]);
    expect(oldest([{ table: 1 }])).toEqual([]);
    expect(oldest([])).toEqual([]);
  });
});
