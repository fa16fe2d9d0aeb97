import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_TIME, type ScanRequest } from '../../../src/catalog/scan-request.ts';
import type { ScanSpan, Snapshot, Table } from '../../../src/catalog/table.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import type { Value } from '../../../src/types/value.ts';
import {
  batchOf,
  databaseOf,
  deleteWhere,
  makeTable,
  newTable,
  openScratch,
  patience,
  tableNamed,
  updateWhere,
} from '../../database/scratch-instance.ts';

const SECOND = 1_000_000;
const HOSTS = ['a', '__proto__', '🌡️'];
const FLOATS = [0, -0, 0.5, 5e-324, -7.25, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300];
const INTEGERS = [0, -1, 3, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TYPES = { n: 'integer', s: 'string' } as const;
/** A measurement, whose points have versions, and a table without a key, where every row is one. */
const TABLES = ['m', 'log'];

const host = fc.constantFrom(...HOSTS);
const point = fc.record({
  tags: fc.record({ host }),
  // Some sparse fields: what a late point does not set is left as it was.
  fields: fc.record(
    { x: fc.constantFrom(...FLOATS), n: fc.constantFrom(...INTEGERS), s: fc.constantFrom('', 'late', '🌡️') },
    { requiredKeys: [] },
  ),
  time: fc.oneof(
    { weight: 6, arbitrary: fc.nat(2600).map((second) => second * SECOND) },
    { weight: 1, arbitrary: fc.constantFrom(-(2 ** 53), 2 ** 53 - 2) },
  ),
  nanoseconds: fc.constantFrom(0, 0, 0, 1),
});
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('late' as const), points: fc.array(point, { maxLength: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('steady' as const), host, from: fc.nat(1500) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), divisor: fc.constantFrom(2, 7, 31, 97) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), divisor: fc.constantFrom(11, 53) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const request = fc.record({
  names: fc.constantFrom(['host'], ['n'], ['x'], ['time', 'x'], ['time', 'host', 'x', 'n', 's']),
  range: fc.constantFrom(
    ALL_TIME,
    { from: 300 * SECOND, to: 1700 * SECOND },
    { from: 1024 * SECOND, to: 1025 * SECOND },
  ),
});

const secondOf = ({ time }: Record<string, Value>): number => Math.abs(Math.floor(Number(time) / SECOND));

async function write(transaction: Transaction, divisor: number, isUpdate: boolean): Promise<void> {
  for (const name of TABLES) {
    const filter = (row: Record<string, Value>): boolean => secondOf(row) % divisor === 1;
    if (!isUpdate) await deleteWhere(transaction, name, filter);
    else await updateWhere(transaction, name, () => ({ x: null, n: 5 }), filter);
  }
}

async function take(database: Database, taken: Step): Promise<void> {
  if (taken.kind === 'late' && taken.points.length > 0) {
    const points = taken.points.map((each) => ({ ...each, fields: { x: 1, ...each.fields } }));
    const partial = taken.points.filter(({ fields }) => Object.keys(fields).length > 0);
    if (partial.length > 0) await database.ingest([batchOf('m', partial, TYPES)]);
    await database.ingest([batchOf('log', points, TYPES)]);
  } else if (taken.kind === 'steady') {
    const points = Array.from({ length: 1100 }, (_, index) => ({
      tags: { host: taken.host },
      fields: { x: index / 4, n: index, s: 'steady' },
      time: (taken.from + index) * SECOND,
    }));
    await database.ingest(TABLES.map((name) => batchOf(name, points, TYPES)));
  } else if (taken.kind === 'delete' || taken.kind === 'update') {
    const transaction = database.begin();
    await write(transaction, taken.divisor, taken.kind === 'update');
    await transaction.commit();
  }
}

function textOf(value: Value): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function openScan(table: Table, snapshot: Snapshot, names: readonly string[], rest: Partial<ScanRequest>) {
  const columns = names.map((name) => table.descriptor.columns.findIndex((column) => column.name === name));
  return table.scan({ columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], ...rest }, snapshot);
}

async function rowsOf(...scanned: Parameters<typeof openScan>): Promise<string[]> {
  const scan = openScan(...scanned);
  const rows: string[] = [];
  for (const morsel of scan.morsels()) {
    for await (const { rowCount, columns } of scan.read(morsel, patience)) {
      for (let row = 0; row < rowCount; row++) {
        rows.push(columns.map((column) => textOf(valueAt(column, row))).join('|'));
      }
    }
  }
  return rows.sort();
}

/** What spans say of the rows that are there, and of what has them. */
async function expectTrueSpans(...scanned: Parameters<typeof openScan>): Promise<void> {
  const scan = openScan(...scanned);
  const places = [...scanned[2].keys()];
  for (const morsel of scan.morsels()) {
    const spans = scan.spans!(morsel, patience);
    for (;;) {
      const span = await spans.next();
      if (span === undefined) break;
      await span.load(places);
      for (const place of places) expectTrueStatistics(span, place, scanned[2][place]);
    }
    spans.close();
  }
}

function expectTrueStatistics(span: ScanSpan, place: number, name: string): void {
  const rows = Array.from({ length: span.rowCount }, (_, row) => row).filter((row) => span.live?.[row] !== 0);
  expect(rows.length).toBe(span.liveCount);
  const values = rows.map((row) => valueAt(span.column(place), row)).filter((value) => value !== null);
  const statistics = span.statistics(place);
  if (statistics !== undefined) expect(statistics.rowCount - statistics.nullCount).toBe(values.length);
  if (statistics?.kind === 'float64' || statistics?.kind === 'int64') {
    expect([statistics.first, statistics.last].map(textOf)).toEqual(
      [values[0] ?? Number.NaN, values.at(-1) ?? Number.NaN].map(textOf),
    );
    // Times have no sum.
    if (name === 'time') expect(statistics.sum).toBe(0);
    else if (statistics.kind === 'int64') expect(BigInt(statistics.sum)).toBe(sumOf(values as (number | bigint)[]));
    else expect(statistics.sum).toBe((values as number[]).reduce((sum, value) => sum + value, 0));
  }
  const bounds = span.bounds(place);
  if (bounds?.kind !== 'float64' && bounds?.kind !== 'int64') return;
  for (const value of values as (number | bigint)[]) {
    if (!Number.isNaN(value)) expect(value >= bounds.min && value <= bounds.max).toBe(true);
    else expect(bounds).toMatchObject({ hasNaN: true });
  }
}

function sumOf(values: readonly (number | bigint)[]): bigint {
  return values.reduce((sum: bigint, value) => sum + BigInt(value), 0n);
}

test('a scan in no order gives the rows of one in order, whatever was written, corrected and deleted', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 4, maxLength: 14 }),
    request,
    fc.nat(60),
    async (steps, { names, range }, ownDivisor) => {
      const instance = await openScratch();
      const database = databaseOf(instance);
      const held: { transaction: Transaction; snapshot: Snapshot }[] = [];
      const hold = (transaction: Transaction): void => {
        held.push({ transaction, snapshot: transaction.snapshot() });
      };
      try {
        const columns = ['time timestamptz not null', 'host text', 'x float8', 'n int8', 's text'];
        await makeTable(database, newTable('log', columns, { time: 'time', tags: ['host'] }));
        await take(database, { kind: 'steady', host: 'a', from: 0 });
        for (const taken of steps) {
          if (taken.kind === 'flush') await instance.flush();
          else if (taken.kind === 'hold') hold(database.begin());
          else await take(database, taken);
        }
        hold(database.begin());
        const own = database.begin();
        await write(own, ownDivisor + 2, ownDivisor % 2 === 0);
        hold(own);
        for (const { transaction, snapshot } of held) {
          for (const name of TABLES) {
            const table = tableNamed(transaction, name);
            const inOrder = await rowsOf(table, snapshot, names, { timeRange: range });
            expect(await rowsOf(table, snapshot, names, { timeRange: range, isUnordered: true })).toEqual(inOrder);
            await expectTrueSpans(table, snapshot, names, { timeRange: range, isUnordered: true });
          }
        }
      } finally {
        for (const { transaction, snapshot } of held) {
          snapshot.release();
          transaction.rollback();
        }
        await instance.close();
      }
    },
  );
  await fc.assert(property, { numRuns: 25 });
}, 120_000);
