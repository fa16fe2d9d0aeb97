import type { IngestFieldType } from '../../src/database/ingest-batch.ts';
import { SeededRandom } from './seeded-random.ts';

/** A value of a field, as its type has it: integers as bigint, unsigned as bigint, floats as number. */
export type HostileValue = number | bigint | string | boolean;

export interface HostilePoint {
  /** A tag that is missing is NULL. */
  readonly tags: ReadonlyMap<string, string>;
  /** A field that is missing is NULL. */
  readonly fields: ReadonlyMap<string, HostileValue>;
  /** µs since 2000-01-01 UTC, floored; some lie past ±2^53. */
  readonly micros: bigint;
  /** The 0 … 999 ns past `micros`. */
  readonly nanoseconds: number;
}

export interface HostileTable {
  readonly name: string;
  readonly tagNames: readonly string[];
  readonly fields: readonly { readonly name: string; readonly type: IngestFieldType }[];
  /** In the order in which they are written; some are late, some are there twice. */
  readonly points: readonly HostilePoint[];
}

/** A row as plain data: µs, ns, then tags and fields in the order of the table; what is missing is null. */
export type HostileRow = readonly (HostileValue | null)[];

const UNIX_TO_2000_MICROS = 946_684_800_000_000n;
const MIN_LINE_MICROS = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_LINE_MICROS = 9_223_372_036_854_775n - UNIX_TO_2000_MICROS;
const SECOND = 1_000_000n;
const HOUR = 3600n * SECOND;

const SQL_TYPES: Record<IngestFieldType, string> = {
  float: 'double precision',
  integer: 'bigint',
  unsigned: 'numeric',
  boolean: 'boolean',
  string: 'text',
};

/** Names that break what they can: quoting, prototypes of JavaScript objects, case, escapes, the order of UTF-8. */
export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'UPPER lower',
  'a"b\'c',
  'comma,equals=space ',
  '温度',
  '🌡️',
  'ﬁ￿𐀀',
  'toString',
  'select',
] as const;

/** Strings that differ in what some layer may take for nothing, for an end or for an escape. */
export const HOSTILE_TEXTS = [
  '',
  ' ',
  'NULL',
  '\\',
  '"',
  "''",
  'two\nlines',
  '🌡️ 21 °C',
  'é',
  'e\u0301',
  'x'.repeat(3000),
] as const;

const INTEGERS = [0n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const UNSIGNED = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const FLOATS = [0, -0, 0.1, 1 / 3, 5e-324, 2.225073858507201e-308, Number.MAX_VALUE, -1e300, 1e16 + 2, 123456.789];
/** What line protocol has no way to write. */
const SQL_FLOATS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Both sides of the nights when Berlin's and New York's clocks change, year 1, the ends of InfluxDB's time, 9999. */
const TIMES = [
  instant('2024-03-31T00:59:59.999999Z'),
  instant('2024-03-31T01:00:00Z'),
  instant('2024-10-27T00:30:00Z'),
  instant('2024-10-27T01:30:00Z'),
  instant('2024-11-03T05:59:59Z'),
  instant('2024-11-03T06:00:00Z'),
  instant('1969-12-31T23:59:59.999999Z'),
  instant('1999-12-31T23:59:59.999999Z'),
  0n,
  instant('2024-02-29T12:00:00Z'),
];
const FAR_TIMES = [instant('0001-01-01T00:00:00Z'), instant('9999-12-31T23:59:59.999999Z')];

/** A line that does not fit a table that `hostileTables` has made, and what the refusal says. */
export interface HostileRefusal {
  readonly line: string;
  readonly reason: string;
}

/**
 * The small hostile data set, the same for the same seed: NULL tags, late and duplicate points, two points a nanosecond
 * apart, nights of daylight saving time, NaN and infinities, integers past 2^53, years 1 and 9999, empty strings beside
 * NULL, a series with one row and one with `longSeriesRows`, and names that nobody should choose.
 */
export function hostileTables(seed: number, { longSeriesRows = 2500 } = {}): HostileTable[] {
  const random = new SeededRandom(seed);
  return [strangeNames(random), strangeValues(random), longAndShortSeries(random, longSeriesRows)];
}

/** A field whose type changes: what comes after its first line is refused. */
export const TYPE_CHANGES: readonly HostileRefusal[] = [
  { line: 'values n=1.5 1', reason: 'field type conflict: input field "n" on measurement "values" is type float' },
  { line: 'values n="1" 1', reason: 'field type conflict: input field "n" on measurement "values" is type string' },
  { line: 'values b=1i 1', reason: 'field type conflict: input field "b" on measurement "values" is type integer' },
  { line: 'values s=t 1', reason: 'field type conflict: input field "s" on measurement "values" is type boolean' },
];

/** The table that TYPE_CHANGES is about. */
export const TYPE_CHANGE_TABLE = 'values';

function strangeNames(random: SeededRandom): HostileTable {
  const [proto, constructorName, ...others] = HOSTILE_NAMES;
  const tagNames = [proto, others[1]!, others[5]!];
  const fields = [constructorName, others[0]!, others[2]!, others[3]!, others[6]!, others[7]!].map((name) => ({
    name,
    type: 'float' as const,
  }));
  const points: HostilePoint[] = [];
  for (let index = 0; index < 120; index++) {
    const tags = new Map<string, string>();
    for (const name of tagNames) {
      if (random.fraction() < 0.6) tags.set(name, random.pick(['a', 'b', '__proto__', 'A b', 'a\\b=, c', '🌡️']));
    }
    const present = fields.filter(() => random.fraction() < 0.5);
    const chosen = present.length === 0 ? fields.slice(0, 1) : present;
    points.push({
      tags,
      fields: new Map(chosen.map(({ name }) => [name, random.pick(FLOATS)])),
      micros: BigInt(random.below(20)) * SECOND,
      nanoseconds: 0,
    });
  }
  return { name: 'T🌡️ "quoted", __proto__', tagNames, fields, points };
}

function strangeValues(random: SeededRandom): HostileTable {
  const points: HostilePoint[] = [];
  for (let index = 0; index < 160; index++) {
    const isFar = random.fraction() < 0.05;
    const fields = new Map<string, HostileValue>([['n', random.pick(INTEGERS)]]);
    if (random.fraction() < 0.7) fields.set('x', random.pick(random.fraction() < 0.2 ? SQL_FLOATS : FLOATS));
    if (random.fraction() < 0.5) fields.set('u', random.pick(UNSIGNED));
    if (random.fraction() < 0.5) fields.set('s', random.pick(HOSTILE_TEXTS));
    if (random.fraction() < 0.5) fields.set('b', random.fraction() < 0.5);
    points.push({
      tags: new Map(random.fraction() < 0.3 ? [] : [['host', random.pick(['a', 'b', 'B'])]]),
      fields,
      micros: random.pick(isFar ? FAR_TIMES : TIMES) + BigInt(random.below(3)),
      nanoseconds: isFar ? 0 : random.pick([0, 0, 0, 1, 999]),
    });
  }
  return {
    name: TYPE_CHANGE_TABLE,
    tagNames: ['host'],
    fields: [
      { name: 'n', type: 'integer' },
      { name: 'x', type: 'float' },
      { name: 'u', type: 'unsigned' },
      { name: 's', type: 'string' },
      { name: 'b', type: 'boolean' },
    ],
    points: points.filter(({ micros }) => micros <= FAR_TIMES[1]!),
  };
}

function longAndShortSeries(random: SeededRandom, longSeriesRows: number): HostileTable {
  const point = (host: string, micros: bigint, nanoseconds: number, v: number): HostilePoint => ({
    tags: new Map([['host', host]]),
    fields: new Map([['v', v]]),
    micros,
    nanoseconds,
  });
  const points: HostilePoint[] = [];
  for (let index = 0; index < longSeriesRows; index++) {
    points.push(point('long', BigInt(index) * 60n * SECOND, 0, index));
    // Late by a day, and the one before once more with another value.
    if (index % 97 === 0) points.push(point('long', BigInt(index) * 60n * SECOND - 24n * HOUR - 1n, 0, -index));
    if (index % 101 === 100) points.push(point('long', BigInt(index - 1) * 60n * SECOND, 0, random.fraction()));
  }
  points.push(point('short', 0n, 0, 1));
  points.push(point('pair', 0n, 0, 1), point('pair', 0n, 1, 2));
  return { name: 'Long And Short', tagNames: ['host'], fields: [{ name: 'v', type: 'float' }], points };
}

/** Whether line protocol can say this point: finite floats, the years 1715 to 2262, no tag that is empty. */
export function fitsLine({ tags, fields, micros }: HostilePoint): boolean {
  if (micros < MIN_LINE_MICROS || micros >= MAX_LINE_MICROS) return false;
  for (const value of tags.values()) if (value === '') return false;
  for (const value of fields.values()) if (typeof value === 'number' && !Number.isFinite(value)) return false;
  return true;
}

/** Whether SQL can say this point: its literals end at the microsecond. */
export function fitsSql({ nanoseconds }: HostilePoint): boolean {
  return nanoseconds === 0;
}

/** The points that line protocol can say, in ns. */
export function toLines(table: HostileTable): string {
  return table.points
    .filter(fitsLine)
    .map((point) => toLine(table, point))
    .join('\n');
}

/** One line, with a timestamp in ns. */
export function toLine({ name, fields }: Pick<HostileTable, 'name' | 'fields'>, point: HostilePoint): string {
  let line = escapeName(name, /[, ]/g);
  for (const [tag, value] of point.tags) line += `,${escapeName(tag)}=${escapeName(value)}`;
  const written: string[] = [];
  for (const field of fields) {
    const value = point.fields.get(field.name);
    if (value !== undefined) written.push(`${escapeName(field.name)}=${lineValue(field.type, value)}`);
  }
  return `${line} ${written.join(',')} ${(point.micros + UNIX_TO_2000_MICROS) * 1000n + BigInt(point.nanoseconds)}`;
}

function lineValue(type: IngestFieldType, value: HostileValue): string {
  switch (type) {
    case 'integer':
      return `${value}i`;
    case 'unsigned':
      return `${value}u`;
    case 'float':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return value === true ? 't' : 'f';
    case 'string':
      return `"${String(value).replace(/["\\]/g, '\\$&')}"`;
  }
}

/** A backslash before one of these is dropped; any other backslash is itself. */
function escapeName(text: string, special = /[,= ]/g): string {
  return text.replace(special, '\\$&');
}

/** CREATE TABLE for a time-series table without a key: every row stands for itself. */
export function toCreateTable({ name, tagNames, fields }: HostileTable): string {
  const columns = [
    'time timestamptz NOT NULL',
    ...tagNames.map((tag) => `${quoteName(tag)} text`),
    ...fields.map((field) => `${quoteName(field.name)} ${SQL_TYPES[field.type]}`),
  ];
  const tags = quoteText(tagNames.join(', '));
  return `CREATE TABLE ${quoteName(name)} (${columns.join(', ')}) WITH (tidewire.time = 'time', tidewire.tags = ${tags})`;
}

/** INSERT statements of at most `rowsPerStatement` rows for the points that SQL can say. */
export function toInserts(table: HostileTable, rowsPerStatement = 50): string[] {
  const rows = table.points.filter(fitsSql).map((point) => `(${sqlRow(table, point).join(', ')})`);
  const statements: string[] = [];
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    statements.push(
      `INSERT INTO ${quoteName(table.name)} VALUES ${rows.slice(from, from + rowsPerStatement).join(', ')}`,
    );
  }
  return statements;
}

function sqlRow({ tagNames, fields }: HostileTable, point: HostilePoint): string[] {
  const sqlTag = (name: string): string => {
    const value = point.tags.get(name);
    return value === undefined ? 'NULL' : quoteText(value);
  };
  return [
    quoteText(timestampText(point.micros)),
    ...tagNames.map(sqlTag),
    ...fields.map((field) => sqlValue(point.fields.get(field.name))),
  ];
}

function sqlValue(value: HostileValue | undefined): string {
  if (value === undefined) return 'NULL';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value !== 'number') return typeof value === 'bigint' ? `'${value}'` : String(value);
  return `'${Object.is(value, -0) ? '-0' : value}'`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** ISO 8601 with six decimals; the years 1 to 9999 need no era. */
function timestampText(micros: bigint): string {
  const unix = micros + UNIX_TO_2000_MICROS;
  const millis = unix >= 0n ? unix / 1000n : -((999n - unix) / 1000n);
  const rest = String(unix - millis * 1000n).padStart(3, '0');
  return new Date(Number(millis)).toISOString().replace(/^\+00/, '').replace('Z', `${rest}Z`);
}

/** What a table made by line protocol holds afterwards: versions of a point merged, the last value of a field wins. */
export function rowsAfterLines(table: HostileTable): HostileRow[] {
  const merged = new Map<string, HostilePoint>();
  for (const point of table.points.filter(fitsLine)) {
    const tags = table.tagNames.map((name) => point.tags.get(name) ?? null);
    const key = JSON.stringify([...tags, String(point.micros), point.nanoseconds]);
    const fields = new Map([...(merged.get(key)?.fields ?? []), ...point.fields]);
    merged.set(key, { ...point, fields });
  }
  return [...merged.values()].map((point) => toRow(table, point));
}

/** What a table without a key holds after the INSERTs: every row. */
export function rowsAfterInserts(table: HostileTable): HostileRow[] {
  return table.points.filter(fitsSql).map((point) => toRow(table, point));
}

function toRow({ tagNames, fields }: HostileTable, point: HostilePoint): HostileRow {
  return [
    point.micros,
    point.nanoseconds,
    ...tagNames.map((name) => point.tags.get(name) ?? null),
    ...fields.map((field) => point.fields.get(field.name) ?? null),
  ];
}

function instant(text: string): bigint {
  const match = /^(.*?)(?:\.(\d{6}))?Z$/.exec(text)!;
  return BigInt(Date.parse(`${match[1]}Z`)) * 1000n + BigInt(match[2] ?? 0) - UNIX_TO_2000_MICROS;
}
