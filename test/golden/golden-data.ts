import type { Database } from '../../src/database/database.ts';
import { Instance, type InstanceOptions } from '../../src/database/instance.ts';
import { addColumn } from '../../src/database/schema-change/add-column.ts';
import { dropColumn } from '../../src/database/schema-change/drop-column.ts';
import { addEnumLabel, enumLabels } from '../../src/database/schema-change/enum-labels.ts';
import { int8 } from '../../src/types/int8.ts';
import { neutralContext } from '../../src/types/neutral-context.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';
import {
  batchOf,
  DAY,
  databaseOf,
  HOUR,
  insert,
  makeTable,
  newTable,
  type Point,
  readTable,
  tableNamed,
} from '../database/scratch-instance.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { SeededRandom } from '../support/seeded-random.ts';

/** Rows as text by column; NULL is null. In no order. */
export type GoldenRows = Readonly<Record<string, readonly Readonly<Record<string, string | null>>[]>>;

/** Each type with the values that have gone wrong in other databases. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  int2: ['0', '-32768', '32767'],
  int4: ['1', '-2147483648', '2147483647'],
  int8: ['7', '9007199254740993', '-9223372036854775808', '9223372036854775807'],
  oid: ['0', '4294967295'],
  float4: ['1.5', '-0', 'NaN', 'Infinity', '1e-45'],
  float8: ['0.1', '-0', 'NaN', '-Infinity', '5e-324', '1.7976931348623157e+308'],
  numeric: ['0.00', '-12345678901234567890.123456789', 'NaN', 'Infinity', '1e-20'],
  text: ['', 'plain', 'Zürich 🌡️', "quote ' and \\ and tab\t"],
  varchar: ['', 'word'],
  bpchar: ['x', 'padded   '],
  name: ['pg_class', 'ü'],
  char: ['a', 'Z'],
  bytea: ['\\x', '\\x00ff7f80'],
  date: ['2000-01-01', '0001-01-01', '9999-12-31', 'infinity'],
  time: ['00:00:00', '24:00:00', '12:34:56.789012'],
  timestamp: ['1999-12-31 23:59:59.999999', '0001-01-01 00:00:00', '-infinity', '294276-12-31 23:59:59.999999'],
  timestamptz: ['2026-03-29 01:30:00+00', '4713-01-01 00:00:00+00 BC', 'infinity'],
  interval: ['1 mon -2 days 03:04:05.678', '00:00:00', '-178000000 years'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  json: ['{"a": [1, null, "é"]}', '[]'],
  _int4: ['{}', '{1,NULL,-3}', '[0:1]={5,6}'],
  _int8: ['{9223372036854775807}'],
  _text: ['{a,"b c",NULL,""}'],
  _float8: ['{NaN,-0,1.5}'],
};

const TYPE_NAMES = Object.keys(SAMPLES);

function parse(typeName: string, text: string): Value {
  return typeByName(typeName)!.parse(text, neutralContext, -1);
}

/** Rows of `everything` from `from` to `to`: each type's samples in turn, every third value NULL. */
function everythingRows(from: number, to: number): Value[][] {
  const rows: Value[][] = [];
  for (let row = from; row < to; row++) {
    const fields = TYPE_NAMES.map((typeName, column) => {
      const samples = SAMPLES[typeName]!;
      return (row + column) % 3 === 0 ? null : parse(typeName, samples[(row + column) % samples.length]!);
    });
    const host = row % 5 === 0 ? null : `host-${row % 3}`;
    rows.push([(row % 7) * 5 * HOUR, host, row % 2 === 0 ? null : row % 4, ...fields]);
  }
  return rows;
}

/** Points of a table made by line protocol: late ones, doubles, partial rows, two a nanosecond apart. */
function points(from: number, to: number): Point[] {
  const made: Point[] = [];
  for (let index = from; index < to; index++) {
    const fields: Record<string, Value> = {};
    if (index % 2 === 0) fields.f = index / 10;
    if (index % 3 === 0) fields.n = parse('int8', ['-1', '9007199254740995'][index % 2]!);
    if (index % 5 === 0) fields.u = parse('numeric', '18446744073709551615');
    if (index % 7 !== 0) fields.s = `text ${index % 4}`;
    if (index % 4 === 1) fields.b = index % 8 === 1;
    made.push({
      tags: index % 6 === 5 ? {} : { host: `h${index % 3}`, ...(index % 2 === 0 ? { rack: '🗄️' } : {}) },
      fields,
      time: (index % 11) * DAY * 0.3,
      nanoseconds: index % 4 === 2 ? 999 : 0,
    });
  }
  return made;
}

const POINT_TYPES = { n: 'integer', u: 'unsigned', s: 'string', b: 'boolean' } as const;
const SETTINGS = ['time zone', 'lock_timeout', 'a "quoted" name', ''];

/** Fills a new directory, step by step: rows in segments, rows in the log, a table that was dropped. Closes it. */
export async function writeGolden(options: Pick<InstanceOptions, 'directory' | 'fileSystem'>): Promise<void> {
  const instance = await Instance.open({
    ...options,
    clock: { nowMicros: () => 26 * 365 * DAY, monotonicMillis: () => 0 },
    random: new SeededRandom(1),
    timers: new ManualTimers(),
    logFileBytes: 32_768,
    reserveBytes: 0,
  });
  const database = databaseOf(instance);
  const typed = TYPE_NAMES.map((name) => `f_${name} ${name}`);
  await makeTable(
    database,
    newTable('everything', ['time timestamptz', 'host text', 'zone int4', ...typed], {
      time: 'time',
      tags: ['host', 'zone'],
    }),
  );
  await makeTable(database, newTable('settings', ['key text not null', 'n int8', 'x numeric'], { key: ['key'] }));
  await makeTable(database, newTable('dropped', ['x int4']));
  await makeChanged(database);
  await insert(database, 'dropped', [[1]]);
  await insert(database, 'everything', everythingRows(0, 20));
  await database.ingest([batchOf('points', points(0, 40), POINT_TYPES)]);
  await insert(database, 'settings', [settingsRow(0), settingsRow(1)]);
  await instance.flush();
  await database.ingest([batchOf('points', points(20, 60), POINT_TYPES)]);
  await insert(database, 'settings', [settingsRow(2)]);
  await instance.flush();
  const transaction = database.begin();
  transaction.schema.dropTable(tableNamed(transaction, 'dropped').descriptor.oid);
  await transaction.commit();
  await changeChanged(database);
  await insert(database, 'everything', everythingRows(20, 26));
  await database.ingest([batchOf('points', points(50, 66), POINT_TYPES)]);
  await insert(database, 'settings', [settingsRow(3)]);
  await instance.close();
}

/** A table whose columns change: a sequence, an enum, and rows from before and after. */
async function makeChanged(database: Database): Promise<void> {
  const transaction = database.begin();
  const takeOid = () => transaction.takeOid();
  const { type } = transaction.schema.createEnum({
    ...IN_PUBLIC,
    oid: takeOid(),
    arrayOid: takeOid(),
    name: 'mood',
    labels: enumLabels(['sad', '🙂'], takeOid),
  });
  const definition = newTable('changed', ['id int8', 'gone text', 'mood text'], {});
  const columns = definition.columns.map((column) =>
    column.name === 'mood' ? { ...column, type: sqlType(type) } : column,
  );
  const { oid } = transaction.schema.createTable({ ...definition, columns });
  transaction.sequences.create({
    ...IN_PUBLIC,
    oid: takeOid(),
    name: 'changed_id_seq',
    type: int8,
    start: 100,
    increment: 5,
    min: 1,
    max: 9223372036854775807n,
    cache: 1,
    isCycled: false,
    owner: { tableOid: oid, columnNumber: 1, kind: 'owned' },
  });
  await transaction.commit();
  await insert(database, 'changed', [[await nextId(database), 'x', 1]]);
}

async function changeChanged(database: Database): Promise<void> {
  await insert(database, 'changed', [[await nextId(database), 'y', null]]);
  const transaction = database.begin();
  const mood = [...transaction.catalog().enums()][0]!;
  transaction.schema.alterEnum(
    addEnumLabel(mood, { name: 'ok', oid: transaction.takeOid(), place: { side: 'after', label: 'sad' } }),
  );
  const { oid } = tableNamed(transaction, 'changed').descriptor;
  await transaction.lockTable(oid, 'exclusive');
  const table = dropColumn(tableNamed(transaction, 'changed').descriptor, 2);
  transaction.schema.alterTable(
    addColumn(table, { name: 'late', type: sqlType(int8), isNotNull: true }, 9007199254740993n),
  );
  await transaction.commit();
  await insert(database, 'changed', [[await nextId(database), 1.5, 7]]);
}

const IN_PUBLIC = { schemaOid: 2200, schemaName: 'public', ownerOid: 10 } as const;

/** The next value of the sequence of `changed`. */
export async function nextId(database: Database): Promise<Value> {
  const transaction = database.begin();
  const value = transaction.sequences.next(transaction.catalog().sequence('public', 'changed_id_seq')!.oid);
  await transaction.commit();
  return value;
}

function settingsRow(index: number): Value[] {
  return [SETTINGS[index]!, index % 2 === 0 ? null : index, parse('numeric', `${index}.50`)];
}

/** What `writeGolden` has written, worked out without the database. */
export function goldenRows(): GoldenRows {
  const text = (typeName: string, value: Value) =>
    value === null ? null : typeByName(typeName)!.format(value, neutralContext);
  const everything = everythingRows(0, 26).map(([time, host, zone, ...fields]) => ({
    time: text('timestamptz', time!),
    host: text('text', host!),
    zone: text('int4', zone!),
    ...Object.fromEntries(fields.map((value, index) => [`f_${TYPE_NAMES[index]}`, text(TYPE_NAMES[index]!, value)])),
  }));
  const merged = new Map<string, Point>();
  for (const point of [...points(0, 40), ...points(20, 60), ...points(50, 66)]) {
    const key = JSON.stringify([point.tags?.host, point.tags?.rack, point.time, point.nanoseconds]);
    merged.set(key, { ...point, fields: { ...merged.get(key)?.fields, ...point.fields } });
  }
  return {
    everything,
    points: [...merged.values()].map(({ tags, fields, time, nanoseconds }) => ({
      time: text('timestamptz', time),
      time_ns: String((BigInt(time) + 946_684_800_000_000n) * 1000n + BigInt(nanoseconds ?? 0)),
      host: tags?.host ?? null,
      rack: tags?.rack ?? null,
      f: text('float8', fields.f ?? null),
      n: text('int8', fields.n ?? null),
      u: text('numeric', fields.u ?? null),
      s: text('text', fields.s ?? null),
      b: text('bool', fields.b ?? null),
    })),
    changed: [
      { id: '100', mood: 'sad', late: '9007199254740993' },
      { id: '105', mood: null, late: '9007199254740993' },
      { id: '110', mood: 'ok', late: '7' },
    ],
    settings: [0, 1, 2, 3].map((index) => {
      const [key, n, x] = settingsRow(index);
      return { key: text('text', key!), n: text('int8', n!), x: text('numeric', x!) };
    }),
  };
}

export const GOLDEN_TABLES = ['everything', 'points', 'changed', 'settings'] as const;

/** A table of an instance as `goldenRows` tells it. */
export async function readGoldenTable(database: Database, name: string): Promise<GoldenRows[string]> {
  const transaction = database.begin();
  const { columns } = tableNamed(transaction, name).descriptor;
  transaction.rollback();
  const read = columns.filter((column) => column.isHidden !== true || (column.name === 'time_ns' && name === 'points'));
  const rows = await readTable(database, name, { names: read.map((column) => column.name) });
  return rows.map((row) =>
    Object.fromEntries(
      read.map((column) => {
        const value = row[column.name] ?? null;
        return [column.name, value === null ? null : column.type.definition.format(value, neutralContext)];
      }),
    ),
  );
}

/** Rows in an order of their own, so that two readings can be compared. */
export function inOrder(rows: GoldenRows[string]): readonly string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
}
