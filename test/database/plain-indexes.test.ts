import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_TIME, type IndexCondition } from '../../src/catalog/scan-request.ts';
import type { Snapshot, Table } from '../../src/catalog/table.ts';
import type { Batch } from '../../src/columnar/batch.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import type { Database } from '../../src/database/database.ts';
import type { Instance } from '../../src/database/instance.ts';
import type { Transaction } from '../../src/database/transaction.ts';
import { Numeric } from '../../src/types/numeric.ts';
import type { Value } from '../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../support/hostile-data.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import {
  databaseOf,
  deleteWhere,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  patience,
  rowsOf,
  tableNamed,
  updateWhere,
} from './scratch-instance.ts';

/** id, text, number: by id the key; the others may be NULL. */
type Row = readonly [id: number, text: string | null, number: number | null];
type Model = ReadonlyMap<number, Row>;

const COLUMNS = { id: 1, text: 2, number: 3 } as const;
const TEXTS = [null, ...HOSTILE_TEXTS.slice(0, 10), ...HOSTILE_NAMES] as const;

async function makeIndexed(database: Database): Promise<void> {
  await makeTable(database, newTable('p', ['id int8', 'text text', 'number numeric'], { key: ['id'] }));
  const transaction = database.begin();
  const table = tableNamed(transaction, 'p').descriptor;
  await transaction.lockTable(table.oid, 'share');
  const index = (name: string, method: 'btree' | 'hash', columns: readonly (keyof typeof COLUMNS)[]) => ({
    oid: transaction.takeOid(),
    name,
    method,
    columns: columns.map((column) => ({ columnNumber: COLUMNS[column], isDescending: false, nullsFirst: false })),
    isUnique: false,
    nullsNotDistinct: false,
  });
  transaction.schema.alterTable({
    ...table,
    indexes: [
      ...table.indexes,
      index('p_number_id', 'btree', ['number', 'id']),
      index('p_text', 'hash', ['text']),
      index('p_text_number', 'btree', ['text', 'number']),
    ],
  });
  await transaction.commit();
}

function stored([id, text, number]: Row): Value[] {
  return [id, text, number === null ? null : Numeric.fromInt64(number)];
}

function plainRow(values: readonly Value[]): Row {
  const [id, text, number] = values;
  return [Number(id), text as string | null, number === null ? null : (number as Numeric).toNumber()];
}

/** How often rows were had without waiting. */
let readAtOnce = 0;

async function rowsBy(table: Table, snapshot: Snapshot, index?: IndexCondition): Promise<Row[]> {
  const request = {
    columns: [0, 1, 2],
    timeRange: ALL_TIME,
    seriesPredicates: [],
    fieldRanges: [],
    ...(index === undefined ? {} : { index }),
  };
  const scan = table.scan(request, snapshot);
  const rows: Row[] = [];
  for (const morsel of scan.morsels()) {
    for await (const batch of scan.read(morsel, patience)) rows.push(...rowsOfBatch(batch));
  }
  const atOnce = index === undefined ? undefined : table.scan(request, snapshot).rowsNow?.();
  if (atOnce !== undefined) {
    readAtOnce++;
    expect(atOnce.flatMap(rowsOfBatch)).toEqual(rows);
  }
  return rows;
}

function rowsOfBatch({ rowCount, columns }: Batch): Row[] {
  return Array.from({ length: rowCount }, (_, row) => plainRow(columns.map((column) => valueAt(column, row))));
}

function sorted(rows: Iterable<Row>): Row[] {
  return [...rows].sort((a, b) => a[0] - b[0]);
}

function indexNamed({ descriptor }: Table, name: string): number {
  return descriptor.indexes.find((index) => index.name === name)!.oid;
}

/** Through every index, what the model has; with `random` values to look for. */
async function checkIndexes(table: Table, snapshot: Snapshot, model: Model, random: SeededRandom): Promise<void> {
  const rows = [...model.values()];
  expect(sorted(await rowsBy(table, snapshot))).toEqual(sorted(rows));
  const number = (value: number) => Numeric.fromInt64(value);
  const id = random.below(80);
  const text = random.pick(TEXTS);
  const [low, high] = [random.below(6), random.below(6)];
  const isInclusive = random.below(2) === 0;
  const conditions: [IndexCondition, (row: Row) => boolean][] = [
    [{ indexOid: indexNamed(table, 'p_pkey'), equalTo: [[id]] }, (row) => row[0] === id],
    [
      { indexOid: indexNamed(table, 'p_pkey'), equalTo: [[id], [id + 1], [null], [id]] },
      (row) => row[0] === id || row[0] === id + 1,
    ],
    [
      { indexOid: indexNamed(table, 'p_pkey'), equalTo: [], from: { value: id, isInclusive } },
      (row) => row[0] > id || (isInclusive && row[0] === id),
    ],
    [{ indexOid: indexNamed(table, 'p_text'), equalTo: [[text]] }, (row) => text !== null && row[1] === text],
    [{ indexOid: indexNamed(table, 'p_text_number'), equalTo: [[text]] }, (row) => text !== null && row[1] === text],
    [
      {
        indexOid: indexNamed(table, 'p_text_number'),
        equalTo: [[text], ['NULL']],
        from: { value: number(low), isInclusive },
        to: { value: number(high), isInclusive: !isInclusive },
      },
      (row) =>
        row[1] !== null &&
        (row[1] === text || row[1] === 'NULL') &&
        row[2] !== null &&
        (row[2] > low || (isInclusive && row[2] === low)) &&
        (row[2] < high || (!isInclusive && row[2] === high)),
    ],
    [
      { indexOid: indexNamed(table, 'p_number_id'), equalTo: [], to: { value: number(high), isInclusive } },
      (row) => row[2] !== null && (row[2] < high || (isInclusive && row[2] === high)),
    ],
    [
      { indexOid: indexNamed(table, 'p_number_id'), equalTo: [[number(low)]], from: { value: id, isInclusive } },
      (row) => row[2] === low && (row[0] > id || (isInclusive && row[0] === id)),
    ],
  ];
  for (const [condition, passes] of conditions) {
    // Each row once; others may come along, which execution would leave out.
    const found = await rowsBy(table, snapshot, condition);
    expect(new Set(found.map((row) => row[0])).size).toBe(found.length);
    expect(sorted(found.filter(passes))).toEqual(sorted(rows.filter(passes)));
  }
}

async function checkLookup(
  transaction: Transaction,
  model: Model,
  random: SeededRandom,
  view: 'current' | Snapshot,
): Promise<void> {
  const table = tableNamed(transaction, 'p');
  const ids = Array.from({ length: 5 }, () => random.below(80));
  const keys = { rowCount: 6, columns: [columnOf('int64', [...ids, null])] };
  const { keyRows } = await transaction.lookup(table.descriptor.oid, indexNamed(table, 'p_pkey'), keys, view);
  expect([...keyRows]).toEqual([...ids.keys()].filter((row) => model.has(ids[row]!)));
  const text = random.pick(TEXTS.slice(1))!;
  const texts = { rowCount: 1, columns: [columnOf('text', [text])] };
  for (const name of ['p_text']) {
    const found = await transaction.lookup(table.descriptor.oid, indexNamed(table, name), texts, view);
    expect(found.rowIds.length).toBe([...model.values()].filter((row) => row[1] === text).length);
    expect(new Set(found.rowIds).size).toBe(found.rowIds.length);
  }
}

/** One open transaction at a time, and readers that hold on to what they have seen. */
class World {
  readonly #random: SeededRandom;
  #fileSystem = new MemoryFileSystem();
  #instance!: Instance;
  #committed: Model = new Map();
  #model = new Map<number, Row>();
  #transaction: Transaction | undefined;
  #savepoints: { mark: number; model: Map<number, Row> }[] = [];
  readonly #readers: { transaction: Transaction; snapshot: Snapshot; model: Model }[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  async run(steps: number): Promise<void> {
    this.#instance = await openScratch(this.#fileSystem);
    await makeIndexed(this.#database);
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#end(true);
    this.#closeReaders();
    await this.#reopen();
    await this.#check();
    await this.#instance.close();
  }

  get #database(): Database {
    return databaseOf(this.#instance);
  }

  async #step(): Promise<void> {
    const random = this.#random;
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#insert(random.below(6) === 0 ? 300 : 1 + random.below(6));
      case 4:
      case 5:
        return this.#update();
      case 6:
      case 7:
        return this.#delete();
      case 8:
        return this.#savepoint();
      case 9:
      case 10:
        return this.#end(random.below(4) > 0);
      case 11:
        return random.below(4) === 0 ? this.#truncate() : undefined;
      case 12:
        return this.#instance.flush();
      case 13:
        return this.#openReader();
      case 14:
        if (random.below(4) > 0 || this.#transaction !== undefined) return this.#check();
        this.#closeReaders();
        return this.#reopen();
      default:
        return this.#check();
    }
  }

  #begin(): Transaction {
    if (this.#transaction === undefined) {
      this.#transaction = this.#database.begin();
      this.#model = new Map(this.#committed);
    }
    return this.#transaction;
  }

  async #insert(count: number): Promise<void> {
    const random = this.#random;
    const transaction = this.#begin();
    const first = count > 100 ? 1000 + random.below(3) * 200 : 0;
    const rows = Array.from({ length: count }, (_, at): Row => {
      const id = first > 0 ? first + at : random.below(80);
      return [id, random.pick(TEXTS), random.below(5) === 0 ? null : random.below(6)];
    });
    const ids = new Set(rows.map((row) => row[0]));
    const isFree = ids.size === rows.length && rows.every((row) => !this.#model.has(row[0]));
    const mark = transaction.markStatement();
    const table = tableNamed(transaction, 'p');
    const outcome = transaction.append(table.descriptor.oid, rowsOf(table, rows.map(stored)));
    if (isFree) {
      await outcome;
      for (const row of rows) this.#model.set(row[0], row);
    } else {
      await expect(outcome).rejects.toMatchObject({ code: '23505' });
      transaction.rollbackStatement(mark);
    }
    transaction.releaseMark(mark);
  }

  async #update(): Promise<void> {
    const random = this.#random;
    const transaction = this.#begin();
    const modulus = 1 + random.below(5);
    const rest = random.below(modulus);
    const shift = random.below(3) === 0 ? random.pick([1, -1, 7]) : 0;
    const text = random.pick(TEXTS);
    const passes = (row: Row) => row[0] % modulus === rest;
    const next = new Map([...this.#model].filter(([, row]) => !passes(row)));
    let isFree = true;
    for (const row of [...this.#model.values()].filter(passes)) {
      const changed: Row = [row[0] + shift, text, row[2]];
      isFree &&= !next.has(changed[0]);
      next.set(changed[0], changed);
    }
    const outcome = updateWhere(
      transaction,
      'p',
      (row) => ({ id: Number(row.id) + shift, text }),
      (row) => Number(row.id) % modulus === rest,
    );
    if (isFree) {
      await outcome;
      this.#model = next;
    } else await expect(outcome).rejects.toMatchObject({ code: '23505' });
  }

  async #delete(): Promise<void> {
    const transaction = this.#begin();
    const modulus = 1 + this.#random.below(4);
    const passes = (id: number) => id % modulus === 0;
    await deleteWhere(transaction, 'p', (row) => passes(Number(row.id)));
    for (const id of [...this.#model.keys()]) if (passes(id)) this.#model.delete(id);
  }

  async #truncate(): Promise<void> {
    const transaction = this.#begin();
    const { oid } = tableNamed(transaction, 'p').descriptor;
    await transaction.lockTable(oid, 'exclusive');
    transaction.truncate(oid);
    this.#model.clear();
  }

  async #savepoint(): Promise<void> {
    const transaction = this.#begin();
    const last = this.#savepoints.at(-1);
    if (last !== undefined && this.#random.below(2) === 0) {
      transaction.rollbackStatement(last.mark);
      this.#model = new Map(last.model);
    } else this.#savepoints.push({ mark: transaction.markStatement(), model: new Map(this.#model) });
  }

  async #end(isCommitted: boolean): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    this.#transaction = undefined;
    this.#savepoints = [];
    if (isCommitted) {
      await transaction.commit();
      this.#committed = new Map(this.#model);
    } else transaction.rollback();
  }

  #openReader(): void {
    if (this.#readers.length >= 3) {
      const [oldest] = this.#readers.splice(this.#random.below(3), 1);
      oldest!.snapshot.release();
      oldest!.transaction.rollback();
    }
    const transaction = this.#database.begin({ isolation: 'repeatable read' });
    this.#readers.push({ transaction, snapshot: transaction.snapshot(), model: this.#committed });
  }

  #closeReaders(): void {
    for (const { transaction, snapshot } of this.#readers.splice(0)) {
      snapshot.release();
      transaction.rollback();
    }
  }

  async #check(): Promise<void> {
    if (this.#readers.length > 0 && this.#random.below(2) === 0) {
      const { transaction, snapshot, model } = this.#random.pick(this.#readers);
      await checkIndexes(tableNamed(transaction, 'p'), snapshot, model, this.#random);
      await checkLookup(transaction, model, this.#random, snapshot);
      return;
    }
    const isOpen = this.#transaction !== undefined;
    const transaction = this.#begin();
    const snapshot = transaction.snapshot();
    await checkIndexes(tableNamed(transaction, 'p'), snapshot, this.#model, this.#random);
    await checkLookup(transaction, this.#model, this.#random, 'current');
    snapshot.release();
    if (!isOpen) await this.#end(false);
  }

  /** Half of the time by the death of the process. */
  async #reopen(): Promise<void> {
    if (this.#random.below(2) === 0) {
      const left = await killed(this.#fileSystem);
      await this.#instance.close();
      this.#fileSystem = left;
    } else await this.#instance.close();
    this.#instance = await openScratch(this.#fileSystem);
  }
}

describe('indexes of a plain table', () => {
  test('find what is there for every snapshot, whatever is written, flushed, taken back and restarted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => new World(seed).run(90)),
      { numRuns: 40, interruptAfterTimeLimit: 50_000 },
    );
    expect(readAtOnce).toBeGreaterThan(100);
  });

  test('forget the keys of rows that nobody can see any more', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeIndexed(database);
    const used = async (): Promise<number> => {
      const transaction = database.begin();
      const table = tableNamed(transaction, 'p');
      const snapshot = transaction.snapshot();
      const scan = table.scan(
        {
          columns: [0],
          timeRange: ALL_TIME,
          seriesPredicates: [],
          fieldRanges: [],
          index: { indexOid: indexNamed(table, 'p_text'), equalTo: [['x']] },
        },
        snapshot,
      );
      for (const morsel of scan.morsels()) for await (const batch of scan.read(morsel, patience)) batch.rowCount;
      snapshot.release();
      transaction.rollback();
      return scan.counters.indexRows!;
    };
    await insert(
      database,
      'p',
      Array.from({ length: 500 }, (_, id) => stored([id, 'x', id])),
    );
    for (let round = 1; round <= 40; round++) {
      const transaction = database.begin();
      await updateWhere(transaction, 'p', (row) => ({ number: Numeric.fromInt64(Number(row.id) + round) }));
      await transaction.commit();
    }
    expect(await used()).toBeLessThan(6000);
    await instance.close();
  });

  test('give nothing to a commit that the log rejects: who has waited for its keys and rows goes on', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeIndexed(database);
    await insert(database, 'p', [stored([1, 'one', 1]), stored([2, 'two', 2])]);
    const first = database.begin();
    const { oid } = tableNamed(first, 'p').descriptor;
    await first.append(oid, rowsOf(tableNamed(first, 'p'), [stored([3, 'three', 3])]));
    await deleteWhere(first, 'p', (row) => Number(row.id) === 2);
    const second = database.begin();
    const added = second.append(oid, rowsOf(tableNamed(second, 'p'), [stored([3, 'drei', 3])]));
    const third = database.begin();
    const refused = expect(
      third.append(oid, rowsOf(tableNamed(third, 'p'), [stored([2, 'zwei', 2])])),
    ).rejects.toMatchObject({ code: '23505' });
    fileSystem.fail({ operation: 'write', path: '/wal/', code: 'ENOSPC' });
    await expect(first.commit()).rejects.toMatchObject({ code: '53100' });
    await added;
    await refused;
    third.rollback();
    await second.commit();
    const model = new Map<number, Row>([
      [1, [1, 'one', 1]],
      [2, [2, 'two', 2]],
      [3, [3, 'drei', 3]],
    ]);
    const random = new SeededRandom(1);
    for (const reader of [database.begin(), database.begin({ isolation: 'repeatable read' })]) {
      const snapshot = reader.snapshot();
      await checkIndexes(tableNamed(reader, 'p'), snapshot, model, random);
      await checkLookup(reader, model, random, 'current');
      snapshot.release();
      reader.rollback();
    }
    await instance.close();
  });

  test('are refused more keys than they have memory for, and readers and deletes go on', async () => {
    const instance = await openScratch(new MemoryFileSystem(), { indexBytes: 200_000 });
    const database = databaseOf(instance);
    await makeIndexed(database);
    const fill = async (): Promise<number> => {
      for (let from = 0; ; from += 100) {
        const rows = Array.from({ length: 100 }, (_, at) => stored([from + at, `text ${from + at}`, at]));
        try {
          await insert(database, 'p', rows);
        } catch (error) {
          expect(error).toMatchObject({ code: '53200' });
          return from;
        }
      }
    };
    const count = await fill();
    expect(count).toBeGreaterThan(500);
    const transaction = database.begin();
    expect(await deleteWhere(transaction, 'p', (row) => Number(row.id) < 100)).toBe(100);
    await transaction.commit();
    await instance.close();
  });

  test('are built over rows that the transaction has moved to disk, and follow what it does to them', async () => {
    const fileSystem = new MemoryFileSystem();
    const options = { stagingBytes: 32 * 1024 };
    let instance = await openScratch(fileSystem, options);
    let database = databaseOf(instance);
    await makeTable(database, newTable('p', ['id int8', 'text text', 'number numeric']));
    await insert(database, 'p', [stored([1, 'one', 1]), stored([2, 'two', 2])]);
    const transaction = database.begin();
    const { oid } = tableNamed(transaction, 'p').descriptor;
    const append = (ids: readonly number[]) =>
      transaction.append(
        oid,
        rowsOf(
          tableNamed(transaction, 'p'),
          ids.map((id) => stored([id, `t${id}`, null])),
        ),
      );
    const unique = () => {
      const index = { oid: transaction.takeOid(), name: 'p_id', isUnique: true, nullsNotDistinct: false };
      const columns = [{ columnNumber: COLUMNS.id, isDescending: false, nullsFirst: false }];
      const table = tableNamed(transaction, 'p').descriptor;
      transaction.schema.alterTable({ ...table, indexes: [...table.indexes, { ...index, method: 'btree', columns }] });
    };
    for (let from = 10; from < 4010; from += 500) await append(Array.from({ length: 500 }, (_, at) => from + at));
    expect(fileSystem.allFiles().some((name) => name.endsWith('.segment'))).toBe(true);
    await transaction.lockTable(oid, 'share');
    const mark = transaction.markStatement();
    await append([700]);
    unique();
    await expect(transaction.buildIndexes(oid, patience)).rejects.toMatchObject({
      code: '23505',
      message: 'could not create unique index "p_id"',
      fields: { detail: 'Key (id)=(700) is duplicated.', constraintName: 'p_id' },
    });
    transaction.rollbackStatement(mark);
    unique();
    await transaction.buildIndexes(oid, patience);
    await expect(append([1])).rejects.toMatchObject({ code: '23505' });
    await expect(append([900])).rejects.toMatchObject({ code: '23505' });
    const before = transaction.markStatement();
    expect(await deleteWhere(transaction, 'p', (row) => Number(row.id) % 100 === 0)).toBe(40);
    await append([900]);
    await expect(append([900])).rejects.toMatchObject({ code: '23505' });
    transaction.rollbackStatement(before);
    await expect(append([900])).rejects.toMatchObject({ code: '23505' });
    expect(await deleteWhere(transaction, 'p', (row) => Number(row.id) % 1000 === 0)).toBe(4);
    await append([1000, 9000]);
    const check = async (reader: Transaction) => {
      const index = indexNamed(tableNamed(reader, 'p'), 'p_id');
      const keys = { rowCount: 6, columns: [columnOf('int64', [1, 10, 900, 1000, 2000, 9000])] };
      const { keyRows } = await reader.lookup(oid, index, keys, 'current');
      expect([...keyRows]).toEqual([0, 1, 2, 3, 5]);
    };
    await check(transaction);
    await transaction.commit();
    for (const restarts of [false, true]) {
      if (restarts) {
        await instance.close();
        instance = await openScratch(fileSystem, options);
        database = databaseOf(instance);
      }
      const reader = database.begin();
      await check(reader);
      await expect(
        reader.append(oid, rowsOf(tableNamed(reader, 'p'), [stored([4009, 'again', null])])),
      ).rejects.toMatchObject({ code: '23505' });
      reader.rollback();
    }
    await instance.close();
  });

  test('are built for the rows that the transaction has put in the place of all others', async () => {
    const instance = await openScratch(new MemoryFileSystem(), { stagingBytes: 32 * 1024 });
    const database = databaseOf(instance);
    await makeTable(database, newTable('p', ['id int8', 'text text', 'number numeric']));
    await insert(database, 'p', [stored([1, 'one', 1]), stored([5000, 'two', 2])]);
    const transaction = database.begin();
    const { oid } = tableNamed(transaction, 'p').descriptor;
    await transaction.lockTable(oid, 'exclusive');
    transaction.truncate(oid);
    for (let from = 0; from < 4000; from += 500) {
      const rows = Array.from({ length: 500 }, (_, at) => stored([from + at, null, null]));
      await transaction.append(oid, rowsOf(tableNamed(transaction, 'p'), rows));
    }
    const columns = [{ columnNumber: COLUMNS.id, isDescending: false, nullsFirst: false }];
    const index = { oid: transaction.takeOid(), name: 'p_id', isUnique: true, nullsNotDistinct: false, columns };
    const table = tableNamed(transaction, 'p').descriptor;
    transaction.schema.alterTable({ ...table, indexes: [{ ...index, method: 'hash' }] });
    await transaction.commit();
    const reader = database.begin();
    const keys = { rowCount: 3, columns: [columnOf('int64', [1, 5000, 3999])] };
    expect([...(await reader.lookup(oid, index.oid, keys, 'current')).keyRows]).toEqual([0, 2]);
    const again = reader.append(oid, rowsOf(tableNamed(reader, 'p'), [stored([3998, null, null])]));
    await expect(again).rejects.toMatchObject({ code: '23505' });
    reader.rollback();
    await instance.close();
  });
});
