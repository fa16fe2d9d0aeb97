import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_TIME, type ScanRequest, type TimeRange } from '../../src/catalog/scan-request.ts';
import type { ScanCounters, Snapshot, Table } from '../../src/catalog/table.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { LargestValues } from '../../src/columnar/largest-values.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import type { Value } from '../../src/types/value.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  deleteWhere,
  HOUR,
  killed,
  makeTable,
  newTable,
  openScratch,
  type Point,
  patience,
  rowsOf,
  tableNamed,
  tagEquals,
  updateWhere,
} from './scratch-instance.ts';

/** By line protocol, so that points have versions. */
const KEYED = 'Keyed "__proto__"';
/** Of SQL, so that every row stands for itself. */
const KEYLESS = 'keyless';
const HOSTS = ['a', 'b', '__proto__', '🌡️', 'c'];

interface Read {
  readonly rows: Record<string, Value>[];
  readonly counters: ScanCounters;
}

function columnsOf(table: Table): { names: string[]; columns: number[] } {
  const { columns } = table.descriptor;
  const wanted = columns.filter(({ name }) => name !== 'time_ns' && name !== 'tableoid');
  return { names: wanted.map(({ name }) => name), columns: wanted.map((column) => columns.indexOf(column)) };
}

async function read(table: Table, snapshot: Snapshot, request: Partial<ScanRequest>): Promise<Read> {
  const { names, columns } = columnsOf(table);
  const tableScan = table.scan(
    { columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], ...request },
    snapshot,
  );
  const rows: Record<string, Value>[] = [];
  await tableScan.prepare?.(patience);
  for (const morsel of tableScan.morsels()) {
    for await (const batch of tableScan.read(morsel, patience)) {
      for (let row = 0; row < batch.rowCount; row++) {
        rows.push(Object.fromEntries(names.map((name, index) => [name, valueAt(batch.columns[index]!, row)])));
      }
    }
  }
  return { rows, counters: tableScan.counters };
}

function text(row: Record<string, Value>): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** What last rows are by definition, of all rows that a plain scan gives. */
function lastOf(rows: readonly Record<string, Value>[]): string[] {
  const last = new Map<Value, Record<string, Value>[]>();
  for (const row of rows) {
    const series = row['tidewire.series']!;
    const known = last.get(series);
    const order = known === undefined ? 1 : compare(row, known[0]!);
    if (order > 0) last.set(series, [row]);
    else if (order === 0) known!.push(row);
  }
  return [...last.values()].flat().map(text).sort();
}

function compare(left: Record<string, Value>, right: Record<string, Value>): number {
  const times = Number(left.time) - Number(right.time);
  return times !== 0 ? times : Number(left['tidewire.remainder']) - Number(right['tidewire.remainder']);
}

async function checkLastRows(table: Table, snapshot: Snapshot, range: TimeRange, host: string | null | undefined) {
  const request = {
    timeRange: range,
    seriesPredicates: host === undefined ? [] : [tagEquals(table, 'host', host)],
  };
  const all = await read(table, snapshot, request);
  const last = await read(table, snapshot, { ...request, lastPerSeries: true });
  expect(last.rows.map(text).sort()).toEqual(lastOf(all.rows));
}

/** As a top-n above it would read, raising the bound as it goes. */
async function checkNewestRows(table: Table, snapshot: Snapshot, range: TimeRange, count: number) {
  const request: ScanRequest = {
    columns: [table.descriptor.columns.findIndex(({ name }) => name === 'time')],
    timeRange: range,
    seriesPredicates: [],
    fieldRanges: [],
  };
  const timesOf = async (isInOrder: boolean): Promise<number[]> => {
    const tableScan = table.scan(isInOrder ? { ...request, order: 'newest-first' } : request, snapshot);
    await tableScan.prepare?.(patience);
    if (isInOrder) tableScan.needNewest?.(count);
    const times: number[] = [];
    const largest = new LargestValues(count);
    for (const morsel of tableScan.morsels()) {
      for await (const batch of tableScan.read(morsel, patience)) {
        for (let row = 0; row < batch.rowCount; row++) {
          times.push(Number(valueAt(batch.columns[0]!, row)));
          largest.add(times.at(-1)!);
        }
      }
      if (isInOrder && largest.isFull) tableScan.skipBefore?.(largest.smallest, { isInclusive: count % 2 === 0 });
    }
    return times.sort((a, b) => b - a).slice(0, count);
  };
  expect(await timesOf(true)).toEqual(await timesOf(false));
}

type Step =
  | { readonly kind: 'ingest' | 'insert' | 'late' | 'again'; readonly seed: number; readonly rows: number }
  /** Thousands of rows of one series, some of them late. */
  | { readonly kind: 'long'; readonly seed: number; readonly rows: number }
  | { readonly kind: 'delete'; readonly host: string | null; readonly from: number; readonly to: number }
  | { readonly kind: 'delete-last' | 'update'; readonly seed: number }
  | { readonly kind: 'truncate' | 'flush' | 'reopen' | 'snapshot' };

const seeds = fc.integer({ min: 0, max: 10_000 });
const times = fc.integer({ min: -10, max: 60 }).map((hours) => hours * HOUR);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('ingest', 'insert'),
      seed: seeds,
      rows: fc.constantFrom(1, 7, 60, 2500),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('again', 'long'), seed: seeds, rows: fc.constantFrom(3000, 6000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('late'), seed: seeds, rows: fc.constantFrom(1, 5, 1100) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete'),
      host: fc.constantFrom(...HOSTS, null),
      from: times,
      to: times,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('delete-last', 'update'), seed: seeds }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('truncate', 'reopen') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('flush', 'snapshot') }) },
) as fc.Arbitrary<Step>;

/** Two tables that live through the steps, on a disk in memory. */
class World {
  instance: Instance;
  #fileSystem: MemoryFileSystem;
  #clock = 0;
  #moves = 0;
  readonly kept: { transaction: Transaction; snapshot: Snapshot; expected: Map<string, string[]> }[] = [];

  private constructor(instance: Instance, fileSystem: MemoryFileSystem) {
    this.instance = instance;
    this.#fileSystem = fileSystem;
  }

  static async open(): Promise<World> {
    const fileSystem = new MemoryFileSystem();
    const world = new World(await openScratch(fileSystem), fileSystem);
    await world.ingest([{ tags: { host: 'a' }, fields: { x: 0 }, time: -HOUR }]);
    const columns = ['time timestamptz not null', 'host text', 'port int4', 'x float8', 's text'];
    await makeTable(databaseOf(world.instance), newTable(KEYLESS, columns, { time: 'time', tags: ['host', 'port'] }));
    return world;
  }

  ingest(points: readonly Point[]): Promise<void> {
    return databaseOf(this.instance).ingest([batchOf(KEYED, points)]);
  }

  async run(step: Step, transaction?: Transaction): Promise<void> {
    const database = databaseOf(this.instance);
    if (step.kind === 'flush') return this.instance.flush();
    if (step.kind === 'reopen') {
      this.release();
      await this.instance.flush();
      this.#fileSystem = await killed(this.#fileSystem);
      await this.instance.close();
      this.instance = await openScratch(this.#fileSystem);
      return;
    }
    if (step.kind === 'snapshot') return this.keep();
    if (transaction === undefined) {
      if (step.kind === 'ingest') return this.ingest(this.#points(step.seed, step.rows));
      if (step.kind === 'long') await this.ingest(this.#longSeries(step.seed, step.rows));
      if (step.kind === 'again') await this.#ingestLastAgain(step.seed);
    }
    const writer = transaction ?? database.begin();
    const table = tableNamed(writer, KEYLESS);
    switch (step.kind) {
      case 'ingest':
      case 'insert':
      case 'again':
      case 'long':
      case 'late': {
        if (step.kind === 'late' && transaction === undefined) {
          this.#clock -= step.rows * HOUR;
          await this.ingest(this.#points(step.seed, Math.min(step.rows, 50)));
          this.#clock += step.rows * HOUR * 0.9;
        }
        const points =
          step.kind === 'long'
            ? this.#longSeries(step.seed, step.rows)
            : step.kind === 'again'
              ? await this.#lastAgain(KEYLESS, step.seed)
              : this.#points(step.seed, step.rows);
        const rows = points.map(({ tags, fields, time }) => [
          time,
          tags?.host ?? null,
          time % 2 === 0 ? null : (time % 3) - 1,
          fields.x ?? null,
          tags?.rack ?? null,
        ]);
        await writer.append(table.descriptor.oid, rowsOf(table, rows));
        break;
      }
      case 'delete':
        for (const name of [KEYED, KEYLESS]) {
          await deleteWhere(writer, name, ({ host, time }) => {
            return host === step.host && Number(time) >= step.from && Number(time) <= step.to;
          });
        }
        break;
      case 'delete-last':
      case 'update':
        for (const name of [KEYED, KEYLESS]) await this.#changeLast(writer, name, step);
        break;
      case 'truncate':
        await writer.lockForWrite(table.descriptor.oid);
        writer.truncate(table.descriptor.oid);
    }
    if (transaction === undefined) await writer.commit();
  }

  async keep(): Promise<void> {
    const transaction = databaseOf(this.instance).begin({ isolation: 'repeatable read' });
    const snapshot = transaction.snapshot();
    const expected = new Map<string, string[]>();
    for (const name of [KEYED, KEYLESS]) {
      expected.set(name, lastOf((await read(tableNamed(transaction, name), snapshot, {})).rows));
    }
    this.kept.push({ transaction, snapshot, expected });
  }

  async checkKept(): Promise<void> {
    for (const { transaction, snapshot, expected } of this.kept) {
      for (const [name, rows] of expected) {
        const last = await read(tableNamed(transaction, name), snapshot, { lastPerSeries: true });
        expect(last.rows.map(text).sort()).toEqual(rows);
        for (const count of [1, 4, 30]) {
          await checkNewestRows(tableNamed(transaction, name), snapshot, ALL_TIME, count);
        }
      }
    }
  }

  release(): void {
    for (const { transaction, snapshot } of this.kept.splice(0)) {
      snapshot.release();
      transaction.rollback();
    }
  }

  /** Points where series end now, with another field. */
  async #lastAgain(name: string, seed: number): Promise<Point[]> {
    const reader = databaseOf(this.instance).begin();
    const snapshot = reader.snapshot();
    const { rows } = await read(tableNamed(reader, name), snapshot, { lastPerSeries: true });
    snapshot.release();
    reader.rollback();
    const random = new SeededRandom(seed);
    const again = rows.filter(() => random.fraction() < 0.5);
    return again.map(({ host, rack, time, 'tidewire.remainder': nanoseconds }) => ({
      tags: { ...(typeof host === 'string' ? { host } : {}), ...(typeof rack === 'string' ? { rack } : {}) },
      fields: { z: random.below(10) },
      time: Number(time),
      nanoseconds: Number(nanoseconds),
    }));
  }

  async #ingestLastAgain(seed: number): Promise<void> {
    const points = await this.#lastAgain(KEYED, seed);
    if (points.length > 0) await this.ingest(points);
  }

  #longSeries(seed: number, rows: number): Point[] {
    const random = new SeededRandom(seed);
    const start = this.#clock - (random.fraction() < 0.5 ? (rows * 1_000_000) / 2 : 0);
    this.#clock = start + rows * 1_000_000;
    return Array.from({ length: rows }, (_, index) => ({
      tags: { host: 'a' },
      fields: { x: index },
      time: start + (seed % 5 === 0 ? 0 : index * 1_000_000),
    }));
  }

  /** The last row of some series goes, or moves. */
  async #changeLast(writer: Transaction, name: string, step: { readonly kind: string; readonly seed: number }) {
    const snapshot = writer.snapshot();
    const { rows } = await read(tableNamed(writer, name), snapshot, { lastPerSeries: true });
    snapshot.release();
    const random = new SeededRandom(step.seed);
    const keyOf = (row: Record<string, Value>) => `${row['tidewire.series']} ${row.time} ${row['tidewire.remainder']}`;
    const chosen = new Set(rows.filter(() => random.fraction() < 0.4).map(keyOf));
    const isChosen = (row: Record<string, Value>) => chosen.has(keyOf(row));
    if (step.kind === 'delete-last') await deleteWhere(writer, name, isChosen);
    else if (random.fraction() < 0.5) await updateWhere(writer, name, ({ x }) => ({ x: Number(x) + 1 }), isChosen);
    else {
      // Where no two rows ever meet.
      const by = (400 + 7 * ++this.#moves) * DAY + this.#moves;
      const isWhole = (row: Record<string, Value>) => row['tidewire.remainder'] === 0;
      await updateWhere(
        writer,
        name,
        ({ time }) => ({ time: Number(time) - by }),
        (row) => isChosen(row) && isWhole(row),
      );
    }
  }

  #points(seed: number, count: number): Point[] {
    const random = new SeededRandom(seed);
    return Array.from({ length: count }, () => {
      this.#clock += random.fraction() < 0.1 ? HOUR : random.below(3) * 1_000_000;
      const tags: Record<string, string> = {};
      if (random.fraction() < 0.8) tags.host = random.pick(HOSTS);
      if (random.fraction() < 0.3) tags.rack = random.pick(['', 'r1']) || 'r';
      const fields: Record<string, Value> =
        random.fraction() < 0.5 ? { x: random.below(100) } : { y: random.fraction() };
      const nanoseconds = random.pick([0, 0, 0, 1, 999]);
      return { tags, fields, time: this.#clock - (random.fraction() < 0.1 ? 2 * HOUR : 0), nanoseconds };
    });
  }
}

test('last and newest rows are those that a plain scan finds, through all that happens to a table', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 3, maxLength: 14 }),
      fc.array(steps, { maxLength: 3 }),
      fc.record({ from: times, to: times }),
      fc.constantFrom(undefined, null, ...HOSTS),
      fc.constantFrom(1, 2, 5, 40, 1500),
      async (life, own, range, host, count) => {
        const world = await World.open();
        for (const step of life) await world.run(step);
        await world.checkKept();
        const transaction = databaseOf(world.instance).begin();
        const isWriting = (step: Step) => step.kind !== 'flush' && step.kind !== 'reopen' && step.kind !== 'snapshot';
        for (const step of [undefined, ...own.filter(isWriting)]) {
          if (step !== undefined) await world.run(step, transaction);
          const snapshot = transaction.snapshot();
          for (const name of [KEYED, KEYLESS]) {
            const table = tableNamed(transaction, name);
            for (const timeRange of [ALL_TIME, range, { ...ALL_TIME, to: range.to }]) {
              await checkLastRows(table, snapshot, timeRange, host);
              await checkNewestRows(table, snapshot, timeRange, count);
            }
          }
          snapshot.release();
        }
        transaction.rollback();
        world.release();
        await world.instance.close();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

describe('reading last rows', () => {
  /** 50 series of 3,000 rows in order, all in one partition and one segment, two fields each. */
  async function longSeries(): Promise<Instance> {
    const instance = await openScratch();
    for (let from = 0; from < 3000; from += 500) {
      const points: Point[] = [];
      for (let index = from; index < from + 500; index++) {
        for (let host = 0; host < 50; host++) {
          points.push({ tags: { host: `h${host}` }, fields: { x: index, y: -index }, time: index * 1_000_000 });
        }
      }
      await databaseOf(instance).ingest([batchOf('cpu', points)]);
    }
    await instance.flush();
    return instance;
  }

  async function readIn(instance: Instance, request: Partial<ScanRequest>): Promise<Read> {
    const transaction = databaseOf(instance).begin();
    const snapshot = transaction.snapshot();
    try {
      return await read(tableNamed(transaction, 'cpu'), snapshot, request);
    } finally {
      snapshot.release();
      transaction.rollback();
    }
  }

  test('takes at most one unit for each field and series, and none of the time', async () => {
    const instance = await longSeries();
    const { rows, counters } = await readIn(instance, { lastPerSeries: true });
    expect(rows.map(({ x }) => x)).toEqual(Array(50).fill(2999));
    expect(counters).toMatchObject({ seriesScanned: 50, unitsRead: 100, mergedRows: 0, soleRows: 50 });
    await instance.close();
  });

  test('within a time range takes the unit that the range cuts', async () => {
    const instance = await longSeries();
    const to = 1_500_500_000;
    const { rows, counters } = await readIn(instance, { lastPerSeries: true, timeRange: { ...ALL_TIME, to } });
    expect(rows.map(({ x }) => x)).toEqual(Array(50).fill(1500));
    // Both fields and the time.
    expect(counters.unitsRead).toBe(150);
    const none = await readIn(instance, { lastPerSeries: true, timeRange: { from: to, to: to + 1 } });
    expect(none.rows).toEqual([]);
    await instance.close();
  });

  test('of series that end in other partitions goes to these at once', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    for (let day = 0; day < 20; day++) {
      const points = [`only${day}`, 'always'].map((host) => ({ tags: { host }, fields: { x: day }, time: day * DAY }));
      await database.ingest([batchOf('cpu', points)]);
    }
    await instance.flush();
    const { rows, counters } = await readIn(instance, { lastPerSeries: true });
    expect(rows).toHaveLength(21);
    expect(counters.unitsRead).toBe(20);
    await instance.close();
  });

  test('newest first stops where enough are known', async () => {
    const instance = await longSeries();
    const transaction = databaseOf(instance).begin();
    const snapshot = transaction.snapshot();
    const table = tableNamed(transaction, 'cpu');
    const time = table.descriptor.columns.findIndex(({ name }) => name === 'time');
    const tableScan = table.scan(
      { columns: [time], timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], order: 'newest-first' },
      snapshot,
    );
    const largest = new LargestValues(10);
    for (const morsel of tableScan.morsels()) {
      for await (const { columns, rowCount } of tableScan.read(morsel, patience)) {
        for (let row = 0; row < rowCount; row++) largest.add(Number(valueAt(columns[0]!, row)));
      }
      if (largest.isFull) tableScan.skipBefore?.(largest.smallest, { isInclusive: false });
    }
    expect(largest.smallest).toBe(2_999_000_000);
    expect(tableScan.counters.unitsRead).toBeLessThan(20);
    snapshot.release();
    transaction.rollback();
    await instance.close();
  });

  test('forgets rows of a commit that came to nothing', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const point = (host: string, time: number): Point => ({ tags: { host }, fields: { x: time }, time });
    await database.ingest([batchOf('cpu', [point('a', 1)])]);
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC', isLasting: true });
    await expect(database.ingest([batchOf('cpu', [point('a', 2)])])).rejects.toMatchObject({ code: '53100' });
    fileSystem.clearFaults();
    for (let time = -5; time <= 0; time++) await database.ingest([batchOf('cpu', [point('b', time)])]);
    const transaction = database.begin();
    const snapshot = transaction.snapshot();
    await checkNewestRows(tableNamed(transaction, 'cpu'), snapshot, ALL_TIME, 1);
    await checkLastRows(tableNamed(transaction, 'cpu'), snapshot, ALL_TIME, undefined);
    snapshot.release();
    transaction.rollback();
    await instance.close();
  });

  test('after a restart does not take a deleted row for the last one', async () => {
    const fileSystem = new MemoryFileSystem();
    let instance = await openScratch(fileSystem);
    const points = [1, 2, 3].map((time) => ({ tags: { host: 'a' }, fields: { x: time }, time }));
    await databaseOf(instance).ingest([batchOf('cpu', points)]);
    await instance.flush();
    const writer = databaseOf(instance).begin();
    await deleteWhere(writer, 'cpu', ({ time }) => time === 3);
    await writer.commit();
    await instance.flush();
    await instance.close();
    instance = await openScratch(fileSystem);
    const transaction = databaseOf(instance).begin();
    const snapshot = transaction.snapshot();
    const table = tableNamed(transaction, 'cpu');
    await checkNewestRows(table, snapshot, ALL_TIME, 1);
    expect((await read(table, snapshot, { lastPerSeries: true })).rows).toMatchObject([{ x: 2 }]);
    snapshot.release();
    transaction.rollback();
    await instance.close();
  });
});
