import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_TIME, type ScanRequest } from '../../src/catalog/scan-request.ts';
import type { Snapshot, Table } from '../../src/catalog/table.ts';
import { valueAt } from '../../src/columnar/column.ts';
import type { Database } from '../../src/database/database.ts';
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
  killed,
  makeTable,
  newTable,
  openScratch,
  type Point,
  patience,
  rowsOf,
  scan,
  tableNamed,
  tagEquals,
  updateWhere,
} from './scratch-instance.ts';

/** A row of table `m`, as a plain object. */
interface Row {
  readonly host: string | null;
  readonly time: number;
  readonly ns: number;
  values: Record<string, Value>;
}

const FIELDS = ['x', 'y', 's', 'n', 'b'] as const;

/** What the table must hold: a list that is searched from end to end. */
class Model {
  rows: Row[] = [];
  /** By the transaction at hand: then what others commit meanwhile is gone with its commit. */
  isTruncated = false;
  readonly #isKeyed: boolean;

  constructor(isKeyed: boolean, rows: readonly Row[] = [], isTruncated = false) {
    this.#isKeyed = isKeyed;
    this.isTruncated = isTruncated;
    this.rows = rows.map((row) => ({ ...row, values: { ...row.values } }));
  }

  copy(): Model {
    return new Model(this.#isKeyed, this.rows, this.isTruncated);
  }

  find(host: string | null, time: number, ns: number): Row | undefined {
    return this.rows.find((row) => row.host === host && row.time === time && row.ns === ns);
  }

  ingest(points: readonly Point[]): void {
    for (const { tags, fields, time, nanoseconds: ns = 0 } of points) {
      const host = tags?.host ?? null;
      const known = this.#isKeyed ? this.find(host, time, ns) : undefined;
      if (known === undefined) this.rows.push({ host, time, ns, values: { ...fields } });
      else Object.assign(known.values, fields);
    }
  }

  delete(filter: Filter): number {
    const before = this.rows.length;
    this.rows = this.rows.filter((row) => !matches(row, filter));
    return before - this.rows.length;
  }

  /** False, with nothing changed, where two rows would have one key. */
  update(filter: Filter, { x, shift }: { x: number; shift: number }): boolean {
    const rows = this.rows.map((row) => {
      if (!matches(row, filter)) return row;
      const time = row.time + shift;
      return { ...row, time, ns: shift === 0 ? row.ns : 0, values: { ...row.values, x } };
    });
    if (this.#isKeyed && new Set(rows.map(({ host, time, ns }) => `${host} ${time} ${ns}`)).size < rows.length) {
      return false;
    }
    this.rows = rows;
    return true;
  }

  /** In no particular order of hosts; NULL where a field was never written. */
  expected(filter: (row: Row) => boolean): string[] {
    return this.rows
      .filter(filter)
      .map((row) => line(row))
      .sort();
  }
}

/** Which rows a statement means: some of a host, or of all. */
interface Filter {
  readonly host: string | null | undefined;
  readonly from: number;
  readonly to: number;
  /** Rows with a value of x above it; NULL is below. */
  readonly above: number | undefined;
}

function matches({ host, time, values }: Row, filter: Filter): boolean {
  if (filter.host !== undefined && host !== filter.host) return false;
  if (time < Math.min(filter.from, filter.to) || time > Math.max(filter.from, filter.to)) return false;
  return filter.above === undefined || Number(values.x ?? Number.NEGATIVE_INFINITY) > filter.above;
}

function line(row: Row): string {
  const values = FIELDS.map((field) => row.values[field] ?? null);
  return JSON.stringify([row.host, row.time, row.ns, ...values], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value,
  );
}

const times = fc.oneof(
  fc.integer({ min: 0, max: 8 }).map((step) => step * 15_000_000_000),
  fc.integer({ min: -1, max: 1 }).map((day) => day * DAY - 1),
);
const hosts = fc.constantFrom(undefined, 'a', 'a', 'b');
const point: fc.Arbitrary<Point> = fc
  .record({
    host: hosts,
    time: times,
    nanoseconds: fc.constantFrom(0, 0, 0, 500),
    x: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
    y: fc.option(fc.integer(), { nil: undefined }),
    s: fc.option(fc.constantFrom('', 'one', 'zwölf', 'x'.repeat(40)), { nil: undefined }),
    n: fc.option(fc.oneof(fc.integer(), fc.constant(2n ** 62n), fc.constant(-(2n ** 63n))), { nil: undefined }),
    b: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ host, time, nanoseconds, ...fields }) => ({
    ...(host === undefined ? {} : { tags: { host } }),
    time,
    nanoseconds,
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Point['fields'],
  }));

const filter: fc.Arbitrary<Filter> = fc.record({
  host: fc.constantFrom(undefined, null, 'a', 'b'),
  from: times,
  to: times,
  above: fc.option(fc.constantFrom(0, 1e-9, -1), { nil: undefined }),
});

/** A statement that changes rows, alone or within a transaction. */
type Statement =
  | { readonly kind: 'insert'; readonly host: string | null; readonly time: number; readonly x: number }
  | { readonly kind: 'delete'; readonly filter: Filter }
  | { readonly kind: 'update'; readonly filter: Filter; readonly x: number; readonly shift: number }
  | { readonly kind: 'truncate' };

const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      host: hosts.map((host) => host ?? null),
      time: times,
      x: fc.double({ noNaN: true }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), filter }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      filter,
      x: fc.integer(),
      shift: fc.constantFrom(0, 0, 1, 15_000_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'truncate' as const }) },
);

type Within =
  | Statement
  | { readonly kind: 'flush' | 'begin-flush' | 'vacuum' | 'begin-vacuum' | 'mark' | 'undo' | 'ingest' | 'look' };

type Step =
  | { readonly kind: 'ingest'; readonly points: readonly Point[] }
  | Statement
  | {
      readonly kind: 'transaction';
      readonly isolation: 'read committed' | 'repeatable read';
      readonly steps: readonly Within[];
      readonly commits: boolean;
    }
  | {
      readonly kind:
        | 'flush'
        | 'begin-flush'
        | 'vacuum'
        | 'begin-vacuum'
        | 'reopen'
        | 'kill'
        | 'power'
        | 'hold'
        | 'check';
    }
  | { readonly kind: 'search'; readonly host: string | null; readonly from: number; readonly to: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(point, { minLength: 1, maxLength: 30 }).map((points) => ({ kind: 'ingest' as const, points })),
  },
  { weight: 6, arbitrary: statement },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      isolation: fc.constantFrom('read committed' as const, 'repeatable read' as const),
      steps: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: statement },
          {
            weight: 3,
            arbitrary: fc
              .constantFrom(
                'flush',
                'begin-flush',
                'begin-flush',
                'vacuum',
                'begin-vacuum',
                'mark',
                'undo',
                'ingest',
                'look',
              )
              .map((kind) => ({ kind }) as Within),
          },
        ),
        { minLength: 1, maxLength: 10 },
      ),
      commits: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(
        'flush',
        'begin-flush',
        'begin-flush',
        'vacuum',
        'begin-vacuum',
        'reopen',
        'kill',
        'power',
        'hold',
        'check',
      )
      .map((kind) => ({ kind }) as Step),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      host: hosts.map((host) => host ?? null),
      from: times,
      to: times,
    }),
  },
);

const TYPES = { s: 'string', n: 'integer', b: 'boolean' } as const;

/** A table under test beside its model, and the views that are held on to. */
class Trial {
  readonly isKeyed: boolean;
  model: Model;
  #fileSystem = new MemoryFileSystem();
  #otherCount = 0;
  #vacuumCount = 0;
  #instance!: Instance;
  #held: {
    readonly transaction: Transaction;
    readonly snapshot: Snapshot;
    readonly table: Table;
    readonly model: Model;
  }[] = [];

  readonly #stagingBytes: number;

  constructor(isKeyed: boolean, stagingBytes: number) {
    this.isKeyed = isKeyed;
    this.#stagingBytes = stagingBytes;
    this.model = new Model(isKeyed);
  }

  get #database(): Database {
    return databaseOf(this.#instance);
  }

  async open(): Promise<void> {
    // So small that commits freeze memtables by themselves.
    this.#instance = await openScratch(this.#fileSystem, {
      memtableBytes: 24_000,
      stagingBytes: this.#stagingBytes,
    });
  }

  async begin(): Promise<void> {
    await this.open();
    if (this.isKeyed) await this.#ingest([{ fields: { x: 0, y: 0, s: '', n: 0, b: false }, time: -1 }]);
    else {
      const columns = ['time timestamptz', 'host text', 'x float8', 'y float8', 's text', 'n int8', 'b bool'];
      await makeTable(this.#database, newTable('m', columns, { time: 'time', tags: ['host'] }));
    }
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'ingest':
        await this.#ingest(step.points);
        return;
      case 'insert':
      case 'delete':
      case 'update':
      case 'truncate': {
        const transaction = this.#database.begin();
        await this.#change(transaction, this.model, step);
        await transaction.commit();
        this.model.isTruncated = false;
        return;
      }
      case 'transaction':
        await this.#transact(step);
        return;
      case 'power': {
        await this.#checkHeld();
        this.#fileSystem = this.#fileSystem.afterPowerCut(new SeededRandom(this.model.rows.length));
        await this.#fileSystem.remove('/data/tidewire.lock');
        await this.open();
        return;
      }
      case 'flush':
        await this.#instance.flush();
        return;
      case 'begin-flush':
        this.#beginFlush();
        return;
      case 'vacuum':
        await this.#vacuum();
        return;
      case 'begin-vacuum':
        this.#vacuum().catch(() => {});
        return;
      case 'reopen':
        await this.end();
        await this.open();
        return;
      case 'kill':
        await this.#checkHeld();
        this.#fileSystem = await killed(this.#fileSystem);
        await this.open();
        return;
      case 'hold': {
        const transaction = this.#database.begin({ isolation: 'repeatable read' });
        const table = tableNamed(transaction, 'm');
        this.#held.push({ transaction, snapshot: transaction.snapshot(), table, model: this.model.copy() });
        return;
      }
      case 'check':
        await this.check();
        return;
      case 'search': {
        const [from, to] = [Math.min(step.from, step.to), Math.max(step.from, step.to)];
        await this.check({ host: step.host, from, to });
        return;
      }
    }
  }

  async check(filter?: { host: string | null; from: number; to: number }): Promise<void> {
    const transaction = this.#database.begin();
    const snapshot = transaction.snapshot();
    await compare(tableNamed(transaction, 'm'), snapshot, this.model, filter);
    snapshot.release();
    transaction.rollback();
  }

  async end(): Promise<void> {
    await this.#checkHeld();
    await this.#instance.close();
  }

  async #checkHeld(): Promise<void> {
    for (const { transaction, snapshot, table, model } of this.#held.splice(0)) {
      await compare(table, snapshot, model);
      snapshot.release();
      transaction.rollback();
    }
  }

  async #ingest(points: readonly Point[]): Promise<void> {
    await this.#database.ingest([batchOf('m', points, TYPES)]);
    this.model.ingest(points);
  }

  /** One segment for each partition is left, every other time; and then no deleted row. */
  async #vacuum(): Promise<void> {
    const transaction = this.#database.begin();
    const { oid } = tableNamed(transaction, 'm').descriptor;
    transaction.rollback();
    const isFull = this.#vacuumCount++ % 2 === 0;
    await this.#database.vacuum(oid, { isFull, control: { check: () => {} }, noteMerge: () => {} });
  }

  /** Runs beside what follows, which may be the end of it. */
  #beginFlush(): void {
    this.#instance.flush().catch(() => {});
  }

  async #transact({ isolation, steps, commits }: Extract<Step, { kind: 'transaction' }>): Promise<void> {
    const transaction = this.#database.begin({ isolation });
    // The first look makes the view of REPEATABLE READ.
    transaction.snapshot().release();
    let model = this.model.copy();
    const marks: { mark: number; model: Model }[] = [];
    const unseen: Point[] = [];
    for (const step of steps) {
      switch (step.kind) {
        case 'flush':
          await this.#instance.flush();
          break;
        case 'begin-flush':
          this.#beginFlush();
          break;
        case 'vacuum':
          await this.#vacuum();
          break;
        case 'begin-vacuum':
          this.#vacuum().catch(() => {});
          break;
        case 'mark':
          marks.push({ mark: transaction.markStatement(), model: model.copy() });
          break;
        case 'undo': {
          const last = marks.at(-1);
          if (last === undefined) break;
          transaction.rollbackStatement(last.mark);
          model = last.model.copy();
          break;
        }
        case 'ingest': {
          // What somebody else commits meanwhile; of a series of its own, so that it is in nobody's way.
          const points = [{ tags: { host: 'other' }, fields: { x: 1 }, time: 500 + 1000 * this.#otherCount++ }];
          await this.#ingest(points);
          if (isolation === 'repeatable read') unseen.push(...points);
          else
            for (const copy of [model, ...marks.map((each) => each.model)]) if (!copy.isTruncated) copy.ingest(points);
          break;
        }
        case 'look':
          await this.#look(transaction, model);
          break;
        default:
          await this.#change(transaction, model, step);
      }
    }
    await this.#look(transaction, model);
    if (!commits) {
      transaction.rollback();
      return;
    }
    await transaction.commit();
    if (!model.isTruncated) model.ingest(unseen);
    model.isTruncated = false;
    this.model = model;
  }

  async #look(transaction: Transaction, model: Model): Promise<void> {
    const snapshot = transaction.snapshot();
    await compare(tableNamed(transaction, 'm'), snapshot, model);
    snapshot.release();
  }

  async #change(transaction: Transaction, model: Model, statement: Statement): Promise<void> {
    switch (statement.kind) {
      case 'insert':
        await this.#insert(transaction, model, statement);
        return;
      case 'delete': {
        const { filter } = statement;
        const deleted = await deleteWhere(transaction, 'm', (row) => matches(asRow(row), filter));
        expect(deleted).toBe(model.delete(filter));
        return;
      }
      case 'update': {
        const { filter, x, shift } = statement;
        const change = (row: Record<string, Value>) => ({ x, time: (row.time as number) + shift });
        const updating = updateWhere(transaction, 'm', change, (row) => matches(asRow(row), filter));
        if (model.update(filter, { x, shift })) await updating;
        else await expect(updating).rejects.toMatchObject({ code: '23505' });
        return;
      }
      case 'truncate': {
        const { oid } = tableNamed(transaction, 'm').descriptor;
        await transaction.lockForWrite(oid);
        transaction.truncate(oid);
        model.rows = [];
        model.isTruncated = true;
        return;
      }
    }
  }

  async #insert(
    transaction: Transaction,
    model: Model,
    { host, time, x }: { host: string | null; time: number; x: number },
  ): Promise<void> {
    const table = tableNamed(transaction, 'm');
    const names = table.descriptor.columns.filter((column) => column.isHidden !== true);
    const row = names.map(
      ({ name }): Value => (name === 'host' ? host : name === 'time' ? time : name === 'x' ? x : null),
    );
    const hasHost = names.some(({ name }) => name === 'host');
    if (host !== null && !hasHost) return;
    const inserting = transaction.append(table.descriptor.oid, rowsOf(table, [row]));
    if (this.isKeyed && model.find(host, time, 0) !== undefined) {
      await expect(inserting).rejects.toMatchObject({ code: '23505' });
      return;
    }
    await inserting;
    model.rows.push({ host, time, ns: 0, values: { x } });
  }
}

function asRow(row: Record<string, Value>): Row {
  return { host: (row.host ?? null) as string | null, time: row.time as number, ns: 0, values: row };
}

async function compare(
  table: Table,
  snapshot: Snapshot,
  model: Model,
  filter?: { host: string | null; from: number; to: number },
): Promise<void> {
  const hasHost = table.descriptor.columns.some((column) => column.name === 'host');
  const request: Partial<ScanRequest> =
    filter === undefined
      ? {}
      : {
          timeRange: { from: filter.from, to: filter.to },
          seriesPredicates: hasHost ? [tagEquals(table, 'host', filter.host)] : [],
        };
  const names = table.descriptor.columns
    .map((column) => column.name)
    .filter((name) => !/^(tableoid|[cx]max|[cx]min|ctid)$/.test(name) && !name.startsWith('tidewire.'));
  const { rows } = await scan(table, snapshot, { ...request, names });
  const found = rows.map((row) => {
    const nanoseconds = row.time_ns as bigint;
    const ns = Number(((nanoseconds % 1000n) + 1000n) % 1000n);
    return line({ host: (row.host ?? null) as string | null, time: row.time as number, ns, values: row });
  });
  const expected = model.expected(
    (row) =>
      filter === undefined ||
      (row.time >= filter.from && row.time < filter.to && (!hasHost || row.host === filter.host)),
  );
  expect(found.slice().sort()).toEqual(expected);
  await checkRuns(table, snapshot);
}

/** Each run by itself gives rows of one series, in the order of time. */
async function checkRuns(table: Table, snapshot: Snapshot): Promise<void> {
  const names = ['host', 'time_ns'].map((name) => table.descriptor.columns.findIndex((column) => column.name === name));
  const columns = names.filter((position) => position >= 0);
  const tableScan = table.scan({ columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [] }, snapshot);
  for (const { partition, runs } of tableScan.morsels()) {
    for (const run of runs) {
      const rows: Value[][] = [];
      for await (const batch of tableScan.read({ partition, runs: [run] }, patience)) {
        for (let row = 0; row < batch.rowCount; row++) rows.push(batch.columns.map((column) => valueAt(column, row)));
      }
      for (let row = 1; row < rows.length; row++) {
        const [previous, current] = [rows[row - 1]!, rows[row]!];
        expect(current.slice(0, -1)).toEqual(previous.slice(0, -1));
        expect((current.at(-1) as bigint) >= (previous.at(-1) as bigint)).toBe(true);
      }
    }
  }
}

for (const [name, isKeyed, stagingBytes] of [
  ['a table with a key', true, 16 << 20],
  ['a table without a key', false, 16 << 20],
  ['a table with a key, of which transactions stage every row,', true, 1],
  ['a table without a key, of which transactions stage every row,', false, 1],
] as const) {
  test(`${name} holds what was written, through flushes, restarts and crashes`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
        const trial = new Trial(isKeyed, stagingBytes);
        await trial.begin();
        for (const next of steps) await trial.run(next);
        await trial.check();
        await trial.end();
      }),
      { numRuns: 120 },
    );
  });
}
