import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { Database } from '../../../src/database/database.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { type FoundRows, findRows, namesBatch, rowsOf } from '../../database/scratch-instance.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { DECLARED_NAMES, declaredTable, shapeOf } from './declared-tables.ts';
import { describeEffects, type Mark, SimulationFailure, tableNameOf } from './ledger.ts';
import { assertTables } from './match-state.ts';
import {
  type ChangeRows,
  type Effect,
  ModelRefusal,
  type ModelRow,
  type ModelState,
  rowText,
  tableId,
} from './model.ts';
import { randomAlteration } from './random-alteration.ts';
import { changedValues, LINE_TABLES, modelRow, randomRow } from './random-rows.ts';
import { View } from './read-tables.ts';
import { trace } from './trace.ts';
import { SEQUENCE_NAME, type World } from './world.ts';

/** Refusals that come from what other transactions do. */
const CONFLICT_CODES = new Set(['40001', '40P01', '55P03']);

/** A few statements of one transaction, each perhaps taken back, and its end. */
export async function runTransaction(world: World, random: SeededRandom, database: Database): Promise<void> {
  const client = new ClientTransaction(world, random, database);
  await client.run();
}

class ClientTransaction {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #transaction: Transaction;
  readonly #databaseName: string;
  readonly #since: Mark;
  /** The last number of the sequence that it has. */
  #drawn = 0;
  /** What it has done so far. */
  readonly #effects: Effect[] = [];

  constructor(world: World, random: SeededRandom, database: Database) {
    this.#world = world;
    this.#random = random;
    this.#databaseName = database.descriptor.name;
    this.#since = world.ledger.mark();
    const isolation = random.fraction() < 0.7 ? 'read committed' : 'repeatable read';
    this.#transaction = database.begin({ isolation });
  }

  async run(): Promise<void> {
    const random = this.#random;
    const transaction = this.#transaction;
    for (let statement = random.pick([1, 1, 2, 3, 5]); statement > 0; statement--) {
      const mark = transaction.markStatement();
      const kept = this.#effects.length;
      try {
        await this.#runStatement();
      } catch (error) {
        if (this.#world.isOver) return;
        transaction.rollbackStatement(mark);
        const isDoomed = this.#noteRefusal(error, kept);
        if (isDoomed) {
          transaction.rollback();
          return;
        }
      }
      if (this.#world.isOver) return;
      // What a savepoint takes back.
      if (random.fraction() < 0.15) {
        transaction.rollbackStatement(mark);
        this.#effects.length = kept;
      }
      trace('statement', transaction.isolation, this.#databaseName, describeEffects(this.#effects));
      await this.#world.turn();
      if (random.fraction() < 0.25) await this.#readOwn();
    }
    if (random.fraction() < 0.15) {
      transaction.rollback();
      return;
    }
    // What a transaction itself made and dropped comes to nothing.
    const effects = netEffects(this.#effects);
    const isSynchronous = !this.#world.hasAsynchronousCommits || random.fraction() < 0.5;
    const commit = await this.#world.write(
      this.#databaseName,
      effects,
      this.#since,
      () => transaction.commit({ isSynchronous }),
      { isSynchronous },
    );
    if (isSynchronous && commit.outcome === 'acknowledged') {
      this.#world.noteDrawnForGood(this.#databaseName, this.#drawn);
    }
  }

  async #runStatement(): Promise<void> {
    const random = this.#random;
    const transaction = this.#transaction;
    const name = random.pick([...DECLARED_NAMES, LINE_TABLES[0]!]);
    const descriptor = transaction.catalog().table('public', name);
    if (descriptor === undefined) {
      const definition = declaredTable(name);
      if (definition === undefined) return;
      this.#effects.push({ kind: 'create-table', table: shapeOf(definition) });
      transaction.schema.createTable(definition);
      return;
    }
    const die = random.fraction();
    if (die < 0.05) {
      const locked = await this.#lock(name, 'exclusive');
      if (locked === undefined) return;
      this.#effects.push({ kind: 'drop-table', tableName: name });
      transaction.schema.dropTable(locked.oid);
    } else if (die < 0.08) {
      const locked = await this.#lock(name, 'exclusive');
      if (locked === undefined) return;
      this.#effects.push({ kind: 'truncate-table', tableName: name });
      transaction.truncate(locked.oid);
    } else if (die < 0.18 && this.#world.durability !== 'none') {
      // Without a log of rows nothing is promised of rows that are written anew.
      const locked = await this.#lock(name, 'exclusive');
      if (locked === undefined) return;
      const alteration = randomAlteration(random, locked);
      if (alteration === undefined) return;
      // Rows are written anew as they are by now, which the view of REPEATABLE READ does not show.
      if (alteration.change.what === 'change-type' && transaction.isolation === 'repeatable read') return;
      this.#effects.push({ kind: 'alter-table', tableName: name, change: alteration.change });
      await alteration.run(transaction);
    } else if (die < 0.22) this.#draw();
    else if (die < 0.5) await this.#changeRows(name, die < 0.3 ? 'delete-rows' : 'update-rows');
    else await this.#insert(descriptor);
  }

  /** The catalog of REPEATABLE READ may be an old one, in which columns have other names. */
  #isAlteredByOthers(tableName: string): boolean {
    if (this.#transaction.isolation !== 'repeatable read') return false;
    const write = { databaseName: this.#databaseName, effects: [{ kind: 'truncate-table', tableName } as const] };
    return this.#world.ledger.isDisturbed(write, this.#since, { byDefinitionsOnly: true });
  }

  async #insert({ name }: TableDescriptor): Promise<void> {
    const random = this.#random;
    const descriptor = await this.#lock(name, 'append');
    if (descriptor === undefined || this.#isAlteredByOthers(name)) return;
    const rows = Array.from({ length: random.pick([1, 1, 2, 8, 20]) }, () => randomRow(random, descriptor));
    this.#effects.push({ kind: 'insert-rows', tableName: descriptor.name, rows: rows.map(({ row }) => row) });
    const table = this.#transaction.table(descriptor.oid)!;
    await this.#transaction.append(
      descriptor.oid,
      rowsOf(
        table,
        rows.map(({ values }) => values),
      ),
    );
  }

  /** DELETE or UPDATE of some rows that a snapshot shows. */
  async #changeRows(name: string, kind: ChangeRows['kind']): Promise<void> {
    const random = this.#random;
    const transaction = this.#transaction;
    if ((await this.#lock(name, 'write')) === undefined || this.#isAlteredByOthers(name)) return;
    const at = this.#effects.push({ kind, tableName: name, old: [], new: [] }) - 1;
    const found = await findRows(transaction, name);
    if (this.#world.isOver) return;
    const { table } = found;
    const { descriptor } = table;
    const share = random.pick([0.1, 0.3, 0.3, 1]);
    const chosen = found.rows.flatMap((_, row) => (random.fraction() < share ? [row] : []));
    const old = this.#modelRows(found, chosen);
    const names = namesBatch(
      table,
      chosen.map((row) => found.names[row]!),
    );
    if (kind === 'delete-rows') {
      this.#effects[at] = { kind, tableName: name, old, new: [] };
      await transaction.delete(descriptor.oid, names);
      return;
    }
    const values = chosen.map((row) => changedValues(random, descriptor, found.rows[row]!));
    const added = values.map((row, index) => {
      const { micros, nanoseconds } = old[index]!;
      const changed = modelRow(descriptor, row, 0);
      return changed.micros === micros ? { ...changed, nanoseconds } : changed;
    });
    this.#effects[at] = { kind, tableName: name, old, new: added };
    await transaction.update(descriptor.oid, names, rowsOf(table, values));
  }

  /** Locks the table of that name, which may be another one when the wait is over; undefined when there is none by then. */
  async #lock(name: string, mode: 'append' | 'write' | 'exclusive'): Promise<TableDescriptor | undefined> {
    for (let locked = -1; ; ) {
      const descriptor = this.#transaction.catalog().table('public', name);
      if (descriptor === undefined || descriptor.oid === locked) return descriptor;
      await this.#transaction.lockTable(descriptor.oid, mode);
      locked = descriptor.oid;
    }
  }

  /** Numbers of a sequence are gone for good, whatever becomes of the transaction. */
  #draw(): void {
    const sequence = this.#transaction.catalog().sequence('public', SEQUENCE_NAME);
    if (sequence === undefined) return;
    const value = Number(this.#transaction.sequences.next(sequence.oid));
    this.#world.noteDrawn(this.#databaseName, value);
    this.#drawn = value;
  }

  /** The rows of the model that were found. Throws when a row was found that should not be there. */
  #modelRows(found: FoundRows, chosen: readonly number[]): ModelRow[] {
    const { descriptor } = found.table;
    const expected = this.#expectedState(found.lsn);
    const table = expected.tables.get(tableId(this.#databaseName, descriptor.name));
    const byText = new Map<string, ModelRow[]>();
    for (const row of table?.rows ?? []) {
      const text = rowText(table!.shape, row);
      const rows = byText.get(text);
      if (rows === undefined) byText.set(text, [row]);
      else rows.push(row);
    }
    // Of rows that are all alike each transaction must mean the same one: they stand in the order of their row ids.
    const texts = found.rows.map((values, index) => {
      const nanoseconds = descriptor.timeSeries === undefined ? 0 : (found.names[index]![2] as number);
      return rowText(table!.shape, modelRow(descriptor, values, nanoseconds));
    });
    const rowIdOf = (index: number): number => Number(found.names[index]!.at(-1));
    return chosen.map((index) => {
      const text = texts[index]!;
      const rank = texts.filter((other, at) => other === text && rowIdOf(at) < rowIdOf(index)).length;
      const row = byText.get(text)?.[rank];
      if (row === undefined) {
        throw new SimulationFailure(`at LSN ${found.lsn} ${descriptor.name} has a row that nobody wrote: ${text}`);
      }
      return row;
    });
  }

  /** What the transaction sees at an LSN. Throws ModelRefusal where others were faster, so that it cannot commit. */
  #expectedState(lsn: number): ModelState {
    const state = this.#world.ledger.stateAt(lsn).ofDatabase(this.#databaseName).copy();
    state.apply(this.#databaseName, this.#effects, -1);
    return state;
  }

  /** A transaction sees its snapshot and on top what it wrote itself. */
  async #readOwn(): Promise<void> {
    const own = { databaseName: this.#databaseName, effects: this.#effects };
    // When others make or drop a table of the same name, the commit will be refused: until then the view is of no use.
    if (this.#world.ledger.isDisturbed(own, this.#since, { byDefinitionsOnly: true })) return;
    const view = new View(this.#databaseName, this.#transaction);
    const { snapshot } = view;
    try {
      const expected = this.#expectedState(snapshot.lsn);
      assertTables(await view.readTables(), expected, `a transaction's own view at LSN ${snapshot.lsn}`);
      this.#world.count('read own');
    } catch (error) {
      if (!(error instanceof ModelRefusal)) throw error;
    } finally {
      snapshot.release();
    }
  }

  /** Whether the transaction cannot go on. Throws when the statement should not have been refused. */
  #noteRefusal(error: unknown, kept: number): boolean {
    const { ledger } = this.#world;
    const refused = ledger.begin(this.#databaseName, this.#effects.slice());
    ledger.noteRejected(refused, 'rejected');
    this.#effects.length = kept;
    if (error instanceof ModelRefusal) return true;
    if (!(error instanceof SqlError)) throw error;
    this.#world.count(`statement refused ${error.code}`);
    const isOfDisk = ['53100', '58030'].includes(error.code);
    if (!(isOfDisk && this.#world.hasFaults)) this.#world.checkRefusal(refused, error, this.#since);
    return CONFLICT_CODES.has(error.code);
  }
}

/**
 * Without tables that the same transaction makes and drops, what was written to those that it drops, rows that it brings
 * and takes away again, and changes of no row.
 */
function netEffects(effects: readonly Effect[]): Effect[] {
  let net: Effect[] = [];
  for (const effect of effects) {
    if (effect.kind === 'drop-table') {
      const isOfTable = (other: Effect): boolean => tableNameOf(other) === effect.tableName;
      const lastDrop = net.findLastIndex((other) => other.kind === 'drop-table' && isOfTable(other));
      const created = net.findLastIndex((other) => other.kind === 'create-table' && isOfTable(other));
      net = net.filter((other, index) => index <= lastDrop || !isOfTable(other));
      if (created > lastDrop) continue;
    }
    // What the transaction had brought until then is nobody's business, whatever keys it has.
    if (effect.kind === 'truncate-table') {
      net = net
        .map((other) => (tableNameOf(other) === effect.tableName ? withoutRows(other, idsOf(other)) : other))
        .filter((other) => other.kind !== 'insert-rows' || other.rows.length > 0);
    }
    if (effect.kind === 'delete-rows' || effect.kind === 'update-rows') {
      const own = new Set(net.flatMap(rowsBrought).map(({ id }) => id));
      const gone = new Set(effect.old.map(({ id }) => id).filter((id) => own.has(id)));
      net = net.map((other) => withoutRows(other, gone));
      net.push({ ...effect, old: effect.old.filter(({ id }) => !gone.has(id)) });
    } else net.push(effect);
  }
  return net.filter(
    (effect) =>
      !(effect.kind === 'delete-rows' || effect.kind === 'update-rows') || effect.old.length + effect.new.length > 0,
  );
}

function rowsBrought(effect: Effect): readonly ModelRow[] {
  if (effect.kind === 'insert-rows') return effect.rows;
  return effect.kind === 'update-rows' ? effect.new : [];
}

function idsOf(effect: Effect): ReadonlySet<number> {
  return new Set(rowsBrought(effect).map(({ id }) => id));
}

function withoutRows(effect: Effect, gone: ReadonlySet<number>): Effect {
  if (effect.kind === 'insert-rows') return { ...effect, rows: effect.rows.filter(({ id }) => !gone.has(id)) };
  return effect.kind === 'update-rows' ? { ...effect, new: effect.new.filter(({ id }) => !gone.has(id)) } : effect;
}
