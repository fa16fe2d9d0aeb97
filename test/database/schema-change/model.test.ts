import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnDescriptor, TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { BatchStream } from '../../../src/columnar/batch.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Instance } from '../../../src/database/instance.ts';
import { addColumn } from '../../../src/database/schema-change/add-column.ts';
import { changeColumnType } from '../../../src/database/schema-change/column-properties.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import { addEnumLabel, enumLabels } from '../../../src/database/schema-change/enum-labels.ts';
import { renameColumn, renameTable } from '../../../src/database/schema-change/rename.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { descriptorToJson } from '../../../src/storage/commit/descriptor-json.ts';
import { enumToJson } from '../../../src/storage/commit/enum-json.ts';
import { sequenceToJson } from '../../../src/storage/commit/sequence-json.ts';
import { visibleColumns } from '../../../src/storage/table-identity.ts';
import { int8 } from '../../../src/types/int8.ts';
import { neutralContext } from '../../../src/types/neutral-context.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  killed,
  newTable,
  openScratch,
  rowsOf,
  scan,
  tableNamed,
  typeNamed,
} from '../scratch-instance.ts';

/** Types of added columns, with values that have gone wrong elsewhere. */
const VALUES: Record<string, readonly Value[]> = {
  int4: [0, -2147483648, 7],
  int8: [1, 9007199254740993n, -9223372036854775808n],
  float8: [0.5, Number.NaN, Number.NEGATIVE_INFINITY, -0],
  bool: [true, false],
  text: HOSTILE_TEXTS,
  mood: [1, 2],
};
const TYPE_NAMES = Object.keys(VALUES);

interface ModelColumn {
  name: string;
  typeName: string;
}

/** A table as lists: what it must hold. */
interface ModelTable {
  columns: ModelColumn[];
  /** A value per column; of `points` the first is the time. */
  rows: Value[][];
}

type Model = Map<string, ModelTable>;

type Step =
  | {
      readonly kind:
        | 'begin'
        | 'commit'
        | 'rollback'
        | 'savepoint'
        | 'rollback-to'
        | 'flush'
        | 'vacuum'
        | 'add-label'
        | 'next';
    }
  | { readonly kind: 'crash'; readonly seed: number; readonly isPowerCut: boolean }
  | { readonly kind: 'insert' | 'ingest'; readonly table: number; readonly pick: number; readonly count: number }
  | {
      readonly kind: 'add-column' | 'drop-column' | 'rename-column' | 'to-text' | 'rename' | 'recreate';
      readonly table: number;
      readonly pick: number;
      readonly isFilled: boolean;
    };

const nat = fc.nat({ max: 1000 });
const ofKind = <K extends string>(...kinds: K[]) => fc.constantFrom(...kinds);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: ofKind('insert', 'ingest'),
      table: nat,
      pick: nat,
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: ofKind('add-column', 'add-column', 'drop-column', 'rename-column', 'to-text', 'rename', 'recreate'),
      table: nat,
      pick: nat,
      isFilled: fc.boolean(),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: ofKind(
        'begin',
        'commit',
        'commit',
        'rollback',
        'savepoint',
        'rollback-to',
        'flush',
        'vacuum',
        'add-label',
        'next',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: ofKind('crash'), seed: fc.nat(), isPowerCut: fc.boolean() }) },
);

class Run {
  #fileSystem = new MemoryFileSystem();
  #instance!: Instance;
  #database!: Database;
  #committed: Model = new Map();
  /** What the open transaction sees. */
  #own: { transaction: Transaction; model: Model; savepoints: { mark: number; model: Model }[] } | undefined;
  #nextTime = 1;
  #nextName = 0;
  /** The last value of the sequence that somebody was told of. */
  #lastValue = 0;
  readonly #options: { readonly stagingBytes: number };

  constructor(options: { readonly stagingBytes: number }) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#open();
    const transaction = this.#database.begin();
    const takeOid = () => transaction.takeOid();
    transaction.schema.createEnum({
      oid: takeOid(),
      arrayOid: takeOid(),
      schemaOid: 2200,
      schemaName: 'public',
      name: 'mood',
      ownerOid: 10,
      labels: enumLabels(['sad', 'happy'], takeOid),
    });
    transaction.sequences.create({
      oid: takeOid(),
      schemaOid: 2200,
      schemaName: 'public',
      name: 's',
      ownerOid: 10,
      type: int8,
      start: 1,
      increment: 1,
      min: 1,
      max: 9223372036854775807n,
      cache: 1,
      isCycled: false,
      owner: undefined,
    });
    for (const name of ['a', 'b']) {
      transaction.schema.createTable(newTable(name, ['k int4']));
      this.#committed.set(name, { columns: [{ name: 'k', typeName: 'int4' }], rows: [] });
    }
    await transaction.commit();
    await this.#database.ingest([batchOf('points', [{ fields: { f: 0 }, time: 0 }])]);
    this.#committed.set('points', {
      columns: [
        { name: 'time', typeName: 'timestamptz' },
        { name: 'f', typeName: 'float8' },
      ],
      rows: [[0, 0]],
    });
  }

  async end(): Promise<void> {
    this.#own?.transaction.rollback();
    this.#own = undefined;
    await this.#instance.close();
    expect((await checkDirectory({ directory: '/data', fileSystem: this.#fileSystem })).problems).toEqual([]);
    await this.#open();
    await this.#compare();
    await this.#instance.close();
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'begin':
        this.#own ??= { transaction: this.#database.begin(), model: copyOf(this.#committed), savepoints: [] };
        return;
      case 'commit': {
        const own = this.#own;
        if (own === undefined) return;
        await own.transaction.commit();
        this.#committed = own.model;
        this.#own = undefined;
        break;
      }
      case 'rollback':
        this.#own?.transaction.rollback();
        this.#own = undefined;
        break;
      case 'savepoint':
        this.#own?.savepoints.push({ mark: this.#own.transaction.markStatement(), model: copyOf(this.#own.model) });
        return;
      case 'rollback-to': {
        const savepoint = this.#own?.savepoints.at(-1);
        if (savepoint === undefined) return;
        this.#own!.transaction.rollbackStatement(savepoint.mark);
        this.#own!.model = copyOf(savepoint.model);
        break;
      }
      case 'flush':
        await this.#instance.flush();
        break;
      case 'vacuum':
        for (const name of this.#committed.keys()) await this.#vacuum(name);
        break;
      case 'add-label':
        await this.#write((transaction) => {
          const mood = [...transaction.catalog().enums()][0]!;
          const name = `label ${this.#nextName++}`;
          transaction.schema.alterEnum(addEnumLabel(mood, { name, oid: transaction.takeOid() }));
        });
        break;
      case 'next':
        await this.#next();
        return;
      case 'crash':
        await this.#crash(step);
        break;
      case 'insert':
        await this.#insert(step);
        break;
      case 'ingest':
        await this.#ingest(step);
        break;
      default:
        await this.#alter(step);
    }
    await this.#compare();
  }

  async #open(): Promise<void> {
    this.#instance = await openScratch(this.#fileSystem, this.#options);
    this.#database = databaseOf(this.#instance);
  }

  /** In the open transaction, or in one of its own. */
  async #write(action: (transaction: Transaction, model: Model) => Promise<void> | void): Promise<void> {
    if (this.#own !== undefined) {
      await action(this.#own.transaction, this.#own.model);
      return;
    }
    const transaction = this.#database.begin();
    const model = copyOf(this.#committed);
    await action(transaction, model);
    await transaction.commit();
    this.#committed = model;
  }

  async #vacuum(name: string): Promise<void> {
    const { oid } = tableNamed(this.#database.begin(), name).descriptor;
    await this.#database.vacuum(oid, { isFull: true, control: { check: () => {} }, noteMerge: () => {} });
  }

  async #next(): Promise<void> {
    const own = this.#own?.transaction;
    const transaction = own ?? this.#database.begin();
    const { oid } = transaction.catalog().sequence('public', 's')!;
    const value = Number(transaction.sequences.next(oid));
    expect(value).toBeGreaterThan(this.#lastValue);
    if (own !== undefined) return;
    await transaction.commit();
    this.#lastValue = value;
  }

  async #insert({ table, pick, count }: { table: number; pick: number; count: number }): Promise<void> {
    await this.#write(async (transaction, model) => {
      const [name, target] = nth(model, table);
      const rows = Array.from({ length: count }, (_, row) =>
        target.columns.map(({ typeName }, at) => {
          if (typeName === 'timestamptz') return this.#nextTime++ * (DAY / 3);
          return (pick + row + at) % 4 === 0 ? null : sampleOf(typeName, pick + row * 7 + at);
        }),
      );
      const stored = tableNamed(transaction, name);
      await transaction.append(stored.descriptor.oid, rowsOf(stored, rows));
      target.rows.push(...rows);
    });
  }

  /** Line protocol: the points that are there get another field, or new ones come. It has no part in the transaction. */
  async #ingest({ pick, count }: { pick: number; count: number }): Promise<void> {
    if (this.#own !== undefined) return;
    const found = [...this.#committed].find(([, { columns }]) => columns[0]?.typeName === 'timestamptz');
    if (found === undefined) return;
    const [name, target] = found;
    const floats = target.columns.filter(({ typeName }) => typeName === 'float8');
    const isNew = pick % 3 === 0 || floats.length === 0;
    const field = isNew ? `field ${this.#nextName++}` : floats[pick % floats.length]!.name;
    if (isNew) {
      target.columns.push({ name: field, typeName: 'float8' });
      for (const row of target.rows) row.push(null);
    }
    const at = target.columns.findIndex((column) => column.name === field);
    const points = Array.from({ length: count }, (_, index) => {
      const known = target.rows[(pick + index) % (target.rows.length + 1)];
      const time = known === undefined ? this.#nextTime++ * (DAY / 3) : Number(known[0]);
      const row = known ?? target.columns.map((_, column) => (column === 0 ? time : null));
      if (known === undefined) target.rows.push(row);
      row[at] = pick + index + 0.5;
      return { fields: { [field]: row[at]! }, time };
    });
    await this.#database.ingest([batchOf(name, points)]);
  }

  async #alter(step: Extract<Step, { isFilled: boolean }>): Promise<void> {
    await this.#write(async (transaction, model) => {
      const [name, target] = nth(model, step.table);
      const stored = tableNamed(transaction, name);
      const { descriptor } = stored;
      const at = step.pick % target.columns.length;
      const isTime = target.columns[at]!.typeName === 'timestamptz';
      await transaction.lockTable(descriptor.oid, 'exclusive');
      switch (step.kind) {
        case 'add-column': {
          const typeName = TYPE_NAMES[step.pick % TYPE_NAMES.length]!;
          const columnName = `${HOSTILE_NAMES[step.pick % HOSTILE_NAMES.length]} ${this.#nextName++}`;
          const value = step.isFilled ? sampleOf(typeName, step.pick) : null;
          const type = typeName === 'mood' ? sqlType([...transaction.catalog().enums()][0]!.type) : typeNamed(typeName);
          transaction.schema.alterTable(addColumn(descriptor, { name: columnName, type, isNotNull: false }, value));
          target.columns.push({ name: columnName, typeName });
          for (const row of target.rows) row.push(value);
          return;
        }
        case 'drop-column':
          if (isTime || target.columns.length < 2) return;
          transaction.schema.alterTable(dropColumn(descriptor, visibleColumns(descriptor)[at]!.number));
          target.columns.splice(at, 1);
          for (const row of target.rows) row.splice(at, 1);
          return;
        case 'rename-column': {
          const columnName = `renamed ${this.#nextName++}`;
          transaction.schema.alterTable(
            renameColumn(descriptor, visibleColumns(descriptor)[at]!.number, columnName, (text) => text),
          );
          target.columns[at]!.name = columnName;
          return;
        }
        case 'to-text': {
          if (isTime) return;
          const column = visibleColumns(descriptor)[at]!;
          const asText = (value: Value) =>
            value === null ? null : column.type.definition.format(value, neutralContext);
          const snapshot = transaction.snapshot();
          const next = changeColumnType(descriptor, column.number, { type: typeNamed('text'), default: undefined });
          try {
            // Where nothing has to be written, the rows stay.
            if (column.type.definition.name === 'text') transaction.schema.alterTable(next);
            else await transaction.replaceRows(next, withChanged(stored, snapshot, at, asText));
          } finally {
            snapshot.release();
          }
          target.columns[at]!.typeName = 'text';
          for (const row of target.rows) row[at] = asText(row[at]!);
          return;
        }
        case 'rename': {
          const newName = `table ${this.#nextName++}`;
          transaction.schema.alterTable(renameTable(descriptor, newName));
          model.delete(name);
          model.set(newName, target);
          return;
        }
        default:
          // There must be one for line protocol.
          if (target.columns[0]!.typeName === 'timestamptz') return;
          transaction.schema.dropTable(descriptor.oid);
          transaction.schema.createTable(newTable(name, ['k int4']));
          model.set(name, { columns: [{ name: 'k', typeName: 'int4' }], rows: [] });
      }
    });
  }

  async #crash({ seed, isPowerCut }: { seed: number; isPowerCut: boolean }): Promise<void> {
    this.#own?.transaction.rollback();
    this.#own = undefined;
    const live = await stateOf(this.#database);
    const left = isPowerCut ? this.#fileSystem.afterPowerCut(new SeededRandom(seed)) : this.#fileSystem.clone();
    await this.#instance.close();
    if (await left.exists('/data/tidewire.lock')) await left.remove('/data/tidewire.lock');
    this.#fileSystem = left;
    await this.#open();
    expect(await stateOf(this.#database)).toEqual(live);
  }

  /** Every table: as the transaction sees it, and as others do. */
  async #compare(): Promise<void> {
    if (this.#own !== undefined) await compare(this.#own.transaction, this.#own.model);
    const reader = this.#database.begin();
    await compare(reader, this.#committed);
    reader.rollback();
  }
}

function copyOf(model: Model): Model {
  return new Map(
    Array.from(model, ([name, { columns, rows }]) => [
      name,
      { columns: columns.map((column) => ({ ...column })), rows: rows.map((row) => [...row]) },
    ]),
  );
}

function nth(model: Model, index: number): [string, ModelTable] {
  return [...model][index % model.size]!;
}

function sampleOf(typeName: string, pick: number): Value {
  const values = VALUES[typeName]!;
  return values[pick % values.length]!;
}

async function* withChanged(
  table: ReturnType<typeof tableNamed>,
  snapshot: ReturnType<Transaction['snapshot']>,
  at: number,
  change: (value: Value) => Value,
): BatchStream {
  const { columns } = table.descriptor;
  const visible = visibleColumns(table.descriptor);
  const remainderAt = columns.findIndex(({ name }) => name === 'tidewire.remainder');
  const places = [...visible.keys(), ...(remainderAt < 0 ? [] : [remainderAt])];
  const found = table.scan(
    {
      columns: places,
      timeRange: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
      seriesPredicates: [],
      fieldRanges: [],
    },
    snapshot,
  );
  for (const morsel of found.morsels()) {
    for await (const batch of found.read(morsel, { yieldIfDue: () => undefined })) {
      const values = Array.from({ length: batch.rowCount }, (_, row) => change(valueAt(batch.columns[at]!, row)));
      const changed = columnOf('text', values);
      yield { ...batch, columns: batch.columns.map((column, index) => (index === at ? changed : column)) };
    }
  }
}

function lineOf(values: readonly Value[]): string {
  return values
    .map((value) => (Object.is(value, -0) ? '-0' : typeof value === 'string' ? JSON.stringify(value) : String(value)))
    .join(' | ');
}

async function compare(transaction: Transaction, model: Model): Promise<void> {
  const names = [...transaction.catalog().tables()].map(({ name }) => name).sort();
  expect(names).toEqual([...model.keys()].sort());
  const snapshot = transaction.snapshot();
  try {
    for (const [name, { columns, rows }] of model) {
      const table = tableNamed(transaction, name);
      expect(visibleColumns(table.descriptor).map((column) => [column.name, column.type.definition.name])).toEqual(
        columns.map((column) => [column.name, column.typeName]),
      );
      const found = await scan(table, snapshot);
      const lines = found.rows.map((row) => lineOf(columns.map((column) => row[column.name]!)));
      expect(lines.sort(), name).toEqual(rows.map(lineOf).sort());
    }
  } finally {
    snapshot.release();
  }
}

/** All that a restart must bring back: catalog and rows, the hidden ids of rows among them. */
async function stateOf(database: Database): Promise<unknown> {
  const transaction = database.begin();
  const catalog = transaction.catalog();
  const snapshot = transaction.snapshot();
  const rows: Record<string, string[]> = {};
  const json = (table: TableDescriptor) => JSON.stringify(descriptorToJson(table));
  const isRead = ({ name }: ColumnDescriptor) => name !== 'time_ns' && name !== 'tidewire.series';
  for (const { name, columns } of catalog.tables()) {
    const names = columns.filter(isRead).map((column) => column.name);
    const found = await scan(tableNamed(transaction, name), snapshot, { names });
    rows[name] = found.rows.map((row) => lineOf(names.map((column) => row[column]!))).sort();
  }
  snapshot.release();
  transaction.rollback();
  return {
    tables: [...catalog.tables()].map(json).sort(),
    sequences: [...catalog.sequences()].map((sequence) => JSON.stringify(sequenceToJson(sequence))),
    enums: [...catalog.enums()].map((found) => JSON.stringify(enumToJson(found))),
    rows,
  };
}

const ROUNDS = Number(process.env.TIDEWIRE_MODEL_RUNS ?? 60);

test('tables are what a plain list says, whatever is done to their columns, and a restart changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 5, maxLength: 45 }),
      fc.constantFrom(16 << 20, 1),
      async (actions, stagingBytes) => {
        const run = new Run({ stagingBytes });
        await run.start();
        for (const action of actions) await run.step(action);
        await run.end();
      },
    ),
    { numRuns: ROUNDS },
  );
}, 300_000);

test('a directory that was killed in the middle of a commit opens with all of it or nothing', async () => {
  const fileSystem = new MemoryFileSystem();
  const instance = await openScratch(fileSystem);
  const database = databaseOf(instance);
  const first = database.begin();
  first.schema.createTable(newTable('a', ['k int4']));
  await first.commit();
  for (let cut = 0; cut < 12; cut++) {
    const transaction = database.begin();
    const { descriptor } = tableNamed(transaction, 'a');
    await transaction.lockTable(descriptor.oid, 'exclusive');
    transaction.schema.alterTable(
      addColumn(descriptor, { name: `c${cut}`, type: typeNamed('int4'), isNotNull: false }, cut),
    );
    const table = tableNamed(transaction, 'a');
    await transaction.append(table.descriptor.oid, rowsOf(table, [[cut]]));
    const committing = transaction.commit();
    for (let turn = 0; turn < cut; turn++) await Promise.resolve();
    const left = await openScratch(await killed(fileSystem));
    const reader = databaseOf(left).begin();
    const found = tableNamed(reader, 'a');
    const snapshot = reader.snapshot();
    const { rows } = await scan(found, snapshot);
    const isThere = visibleColumns(found.descriptor).some(({ name }) => name === `c${cut}`);
    expect(rows).toHaveLength(isThere ? cut + 1 : cut);
    snapshot.release();
    await committing;
    await left.close();
  }
  await instance.close();
}, 60_000);
