import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import type { Database } from '../../../src/database/database.ts';
import type { NewTable } from '../../../src/database/new-table.ts';
import type { Transaction } from '../../../src/database/transaction.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { parseBody } from '../../../src/http/line-protocol/parse-body.ts';
import type { Value } from '../../../src/types/value.ts';
import { DAY, newTable, rowsOf } from '../../database/scratch-instance.ts';
import { type HostileValue, toLine } from '../../support/hostile-data.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { describeEffects, type Mark, SimulationFailure } from './ledger.ts';
import { assertTables } from './match-state.ts';
import {
  type Effect,
  type ModelColumn,
  type ModelPoint,
  ModelRefusal,
  type ModelRow,
  type TableShape,
  valueText,
} from './model.ts';
import { View } from './read-tables.ts';
import { trace } from './trace.ts';
import { DATABASE_NAMES, type World } from './world.ts';

const LINE_TABLES = ['m', '__proto__', 'T🌡️ "q", x'];
const FIELD_TYPES = {
  x: 'float',
  n: 'integer',
  s: 'string',
  b: 'boolean',
  u: 'unsigned',
  constructor: 'float',
  __proto__x: 'float',
} as const;
const TYPE_NAMES = { float: 'float8', integer: 'int8', string: 'text', boolean: 'bool', unsigned: 'numeric' } as const;
type FieldType = keyof typeof TYPE_NAMES;

const HOSTS = ['a', 'b', 'c', '__proto__', '=, 🌡️'];
const FLOATS = [0, -0, 0.1, 1 / 3, 5e-324, -1e300, 42, 43.5, 1e16 + 2];
const SQL_FLOATS = [...FLOATS, Number.NaN, Number.POSITIVE_INFINITY];
const INTEGERS = [0n, 1n, -1n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = ['', 'one', 'zwölf 🌡️', 'two\nlines', 'x'.repeat(60), 'NULL'];

/** Tables that clients make by CREATE TABLE. */
const DECLARED: Record<string, { columns: string[]; time?: string; tags?: string[]; key?: string[] }> = {
  keyed: {
    columns: ['time timestamptz not null', 'host text not null', 'x float8', 'n int8', 's text'],
    time: 'time',
    tags: ['host'],
    key: ['host', 'time'],
  },
  free: { columns: ['host text', 'time timestamptz not null', 'x float8', 'b bool'], time: 'time', tags: ['host'] },
  lone: { columns: ['time timestamptz not null', 'n int8'], time: 'time' },
  plain: { columns: ['id int8', 's text', 'x float8', 'b bool'] },
  plain_keyed: { columns: ['id int8 not null', 's text', 'n int8'], key: ['id'] },
};

/** Goes on until the world stops: one program after the other, each a random one. */
export async function runClient(world: World, random: SeededRandom): Promise<void> {
  try {
    while (!world.isStopping) {
      await world.turn();
      const database = world.instance.database(random.fraction() < 0.85 ? DATABASE_NAMES[0] : DATABASE_NAMES[1])!;
      const die = random.fraction();
      if (die < 0.45) await writeLines(world, random, database);
      else if (die < 0.75) await runTransaction(world, random, database);
      else if (die < 0.93) await readAndReadAgain(world, random, database);
      else await flush(world);
    }
  } catch (error) {
    if (!world.isOver) world.fail(error);
  }
}

/** One request of line protocol: one commit, of one to three tables. */
export async function writeLines(world: World, random: SeededRandom, database: Database): Promise<void> {
  const effects: Effect[] = [];
  const lines: string[] = [];
  const names = [...LINE_TABLES, ...LINE_TABLES, 'keyed', 'free', 'plain'];
  const tables = new Set(Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(names)));
  for (const name of tables) {
    const points: ModelPoint[] = [];
    // A field that comes as a string although it is none: of the whole request, as its lines have to agree.
    const misfit = random.fraction() < 0.03 ? random.pick(['x', 'n', 'b']) : undefined;
    for (let index = random.pick([1, 1, 3, 10, 30]); index > 0; index--) {
      const { point, line } = randomPoint(random, name, misfit);
      points.push(point);
      lines.push(line);
    }
    effects.push({ kind: 'write-points', tableName: name, points });
  }
  const batches = parseBody(Buffer.from(lines.join('\n')), { precision: 'ns', defaultMicros: 0 }).map((table) =>
    table.finish(),
  );
  const mark = world.ledger.mark();
  await world.write(database.descriptor.name, effects, mark, () => database.ingest(batches));
}

/** A few statements of one transaction, each perhaps taken back, and its end. */
async function runTransaction(world: World, random: SeededRandom, database: Database): Promise<void> {
  const { ledger } = world;
  const databaseName = database.descriptor.name;
  const since = ledger.mark();
  const isolation = random.fraction() < 0.7 ? 'read committed' : 'repeatable read';
  const transaction = database.begin({ isolation });
  const effects: Effect[] = [];
  for (let statement = random.pick([1, 1, 2, 3, 5]); statement > 0; statement--) {
    const mark = transaction.markStatement();
    const kept = effects.length;
    try {
      await runStatement(random, transaction, effects);
    } catch (error) {
      if (world.isOver) return;
      transaction.rollbackStatement(mark);
      const refused = ledger.begin(databaseName, effects.slice());
      ledger.noteRejected(refused, 'rejected');
      effects.length = kept;
      if (!(error instanceof SqlError)) throw error;
      world.count(`statement refused ${error.code}`);
      const isOfDisk = ['53100', '58030'].includes(error.code);
      if (!(isOfDisk && world.hasFaults)) world.checkRefusal(refused, error, since);
    }
    // What a savepoint takes back.
    if (random.fraction() < 0.15) {
      transaction.rollbackStatement(mark);
      effects.length = kept;
    }
    trace('statement', isolation, databaseName, describeEffects(effects));
    await world.turn();
    if (random.fraction() < 0.25) await readOwn(world, transaction, { databaseName, effects, since });
  }
  if (random.fraction() < 0.15) {
    transaction.rollback();
    return;
  }
  // What a transaction itself made and dropped comes to nothing.
  await world.write(databaseName, netEffects(effects), since, () => transaction.commit());
}

async function runStatement(random: SeededRandom, transaction: Transaction, effects: Effect[]): Promise<void> {
  const name = random.pick([...Object.keys(DECLARED), LINE_TABLES[0]!]);
  const descriptor = transaction.catalog().table('public', name);
  if (descriptor === undefined) {
    const declared = DECLARED[name];
    if (declared === undefined) return;
    const definition = newTable(name, declared.columns, declared);
    effects.push({ kind: 'create-table', table: shapeOf(definition) });
    transaction.createTable(definition);
    return;
  }
  if (random.fraction() < 0.08) {
    effects.push({ kind: 'drop-table', tableName: name });
    transaction.dropTable(descriptor.oid);
    return;
  }
  const rows = Array.from({ length: random.pick([1, 1, 2, 8, 20]) }, () => randomRow(random, descriptor));
  effects.push({ kind: 'insert-rows', tableName: name, rows: rows.map(({ row }) => row) });
  const table = transaction.table(descriptor.oid)!;
  await transaction.append(
    descriptor.oid,
    rowsOf(
      table,
      rows.map(({ values }) => values),
    ),
  );
}

/** A transaction sees its snapshot and on top what it wrote itself. */
async function readOwn(
  world: World,
  transaction: Transaction,
  own: { readonly databaseName: string; readonly effects: readonly Effect[]; readonly since: Mark },
): Promise<void> {
  const { databaseName, effects, since } = own;
  // When others make or drop a table of the same name, the commit will be refused: until then the view is of no use.
  if (world.ledger.isDisturbed(own, since, { byDefinitionsOnly: true })) return;
  const view = new View(databaseName, transaction);
  const { snapshot } = view;
  const expected = world.ledger.stateAt(snapshot.lsn).copy();
  try {
    expected.apply(databaseName, effects, -1);
  } catch (error) {
    snapshot.release();
    // Others were faster: the commit will be refused.
    if (error instanceof ModelRefusal) return;
    throw error;
  }
  for (const id of expected.tables.keys()) if (!id.startsWith(`${databaseName}.`)) expected.tables.delete(id);
  try {
    assertTables(await view.readTables(), expected, `a transaction's own view at LSN ${snapshot.lsn}`);
    world.count('read own');
  } finally {
    snapshot.release();
  }
}

/** A view that is held on to while others write: it shows the same again and again. */
async function readAndReadAgain(world: World, random: SeededRandom, database: Database): Promise<void> {
  const { ledger } = world;
  const databaseName = database.descriptor.name;
  const transaction = database.begin({ isolation: 'repeatable read' });
  const view = new View(databaseName, transaction);
  const { lsn } = view.snapshot;
  if (lsn < ledger.acknowledgedLsn && !world.isOver) {
    throw new SimulationFailure(
      `a snapshot at LSN ${lsn} does not show the acknowledged LSN ${ledger.acknowledgedLsn}`,
    );
  }
  ledger.noteSeen(lsn);
  try {
    for (let times = random.pick([1, 1, 2, 3]); times > 0; times--) {
      const found = await view.readTables();
      if (world.isOver) return;
      const expected = ledger.stateAt(lsn).copy();
      for (const id of expected.tables.keys()) if (!id.startsWith(`${databaseName}.`)) expected.tables.delete(id);
      assertTables(found, expected, `a snapshot at LSN ${lsn}`);
      world.count('read');
      for (let turns = random.below(12); turns > 0; turns--) await world.turn();
    }
  } finally {
    view.snapshot.release();
    transaction.rollback();
  }
}

async function flush(world: World): Promise<void> {
  const { ledger } = world;
  const acknowledged = ledger.acknowledgedLsn;
  try {
    await world.instance.flush();
    if (!world.isOver) ledger.noteFlushed(acknowledged);
  } catch (error) {
    if (world.isOver) return;
    world.count('flush refused');
    const isOfDisk = error instanceof SqlError && ['53100', '58030'].includes(error.code);
    if (!(isOfDisk && world.hasFaults)) throw error;
  }
}

function randomPoint(
  random: SeededRandom,
  name: string,
  misfit: string | undefined,
): { point: ModelPoint; line: string } {
  const tags = new Map<string, string>();
  if (random.fraction() < (name === 'keyed' ? 0.99 : 0.85)) tags.set('host', random.pick(HOSTS));
  if (random.fraction() < 0.1 && name !== 'keyed') tags.set(random.pick(['rack', '__proto__']), random.pick(HOSTS));
  const { micros, nanoseconds } = randomTime(random);
  const written = new Map<string, HostileValue>();
  const fields: { name: string; type: FieldType }[] = [];
  for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
    const fieldName =
      random.fraction() < 0.9 ? random.pick(['x', 'n', 's', 'b']) : random.pick(['u', 'constructor', '__proto__x']);
    if (written.has(fieldName)) continue;
    const usual = FIELD_TYPES[fieldName as keyof typeof FIELD_TYPES];
    const type = fieldName === misfit ? 'string' : usual;
    fields.push({ name: fieldName, type });
    written.set(fieldName, randomField(random, type));
  }
  const line = toLine({ name, fields }, { tags, fields: written, micros: BigInt(micros), nanoseconds });
  const typed = fields.map(({ name: fieldName, type }) => {
    const value = written.get(fieldName)!;
    return [fieldName, { typeName: TYPE_NAMES[type], value: valueText(value) }] as const;
  });
  return { point: { tags, fields: new Map(typed), micros, nanoseconds }, line };
}

function randomField(random: SeededRandom, type: FieldType): HostileValue {
  switch (type) {
    case 'float':
      return random.fraction() < 0.5 ? random.pick(FLOATS) : random.below(1000) / 8;
    case 'integer':
      return random.pick(INTEGERS);
    case 'unsigned':
      return random.pick([0n, 2n ** 64n - 1n]);
    case 'boolean':
      return random.fraction() < 0.5;
    case 'string':
      return random.pick(TEXTS);
  }
}

/** Few enough to meet again; in three partitions, at their edges too; late as often as not. */
function randomTime(random: SeededRandom): { micros: number; nanoseconds: number } {
  const micros =
    random.pick([-1, 0, 1]) * DAY + random.pick([-1, 0, 1, 2, 3, 5, 8, 1_000_000]) * random.pick([1, 60_000_000]);
  return { micros, nanoseconds: random.pick([0, 0, 0, 0, 1, 999]) };
}

/** A full row for INSERT, as values and as the model has it. */
function randomRow(random: SeededRandom, { columns, timeSeries }: TableDescriptor): { values: Value[]; row: ModelRow } {
  const visible = columns.filter(({ isHidden }) => isHidden !== true);
  let micros = 0;
  const values = visible.map(({ role, isNotNull, type, name }): Value => {
    if (role === 'time') {
      micros = random.fraction() < 0.5 ? randomTime(random).micros : random.below(1_000_000);
      return micros;
    }
    if (name === 'id') return random.below(200);
    if (!isNotNull && random.fraction() < 0.25) return null;
    if (role === 'tag') return random.pick(HOSTS);
    return randomSqlValue(random, type.definition.name);
  });
  const present = visible.flatMap(({ name }, index) => {
    const value = values[index]!;
    return value === null ? [] : [[name, valueText(value)] as const];
  });
  return { values, row: { values: new Map(present), micros: timeSeries === undefined ? 0 : micros, nanoseconds: 0 } };
}

function randomSqlValue(random: SeededRandom, typeName: string): Value {
  switch (typeName) {
    case 'float8':
      return random.pick(SQL_FLOATS);
    case 'int8': {
      const value = random.pick(INTEGERS);
      return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
    }
    case 'bool':
      return random.fraction() < 0.5;
    case 'text':
      return random.pick(TEXTS);
    default:
      return null;
  }
}

function shapeOf({ name, columns, timeSeries, primaryKey }: NewTable): TableShape {
  return {
    name,
    kind: timeSeries === undefined ? 'plain' : 'series',
    columns: columns.map(({ name: columnName, type }, position): ModelColumn => {
      const isTag = timeSeries?.tagColumns.includes(position) === true;
      const role = position === timeSeries?.timeColumn ? 'time' : isTag ? 'tag' : 'field';
      return { name: columnName, typeName: type.definition.name, role };
    }),
    primaryKey: primaryKey?.columns.map((position) => columns[position]!.name),
  };
}

/** Without tables that the same transaction makes and drops, and what was written to those that it drops. */
function netEffects(effects: readonly Effect[]): Effect[] {
  const net: Effect[] = [];
  for (const effect of effects) {
    if (effect.kind === 'drop-table') {
      const isOfTable = (other: Effect): boolean =>
        (other.kind === 'create-table' ? other.table.name : other.tableName) === effect.tableName;
      const lastDrop = net.findLastIndex((other) => other.kind === 'drop-table' && isOfTable(other));
      const created = net.findLastIndex((other) => other.kind === 'create-table' && isOfTable(other));
      for (let index = net.length - 1; index > lastDrop; index--) if (isOfTable(net[index]!)) net.splice(index, 1);
      if (created > lastDrop) continue;
    }
    net.push(effect);
  }
  return net;
}
