import { type HostileTable, hostileTables, quoteName, toCreateTable, toInserts } from '../../support/hostile-data.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { isComparable, literal, quote, randomText, typeSql } from './values.ts';

export interface GeneratedColumn {
  /** As it is written, quotes and all. */
  readonly name: string;
  readonly type: string;
}

export interface GeneratedTable {
  readonly name: string;
  readonly columns: readonly GeneratedColumn[];
  /** Columns that no two rows share and that are never NULL; undefined where there are none. */
  readonly key: readonly string[] | undefined;
  /** Rows may be inserted, changed and deleted by generated statements. */
  readonly isOrdinary: boolean;
  /** What each engine needs to have it, before the rows. */
  readonly create: { readonly tidewire: readonly string[]; readonly postgresql: readonly string[] };
  /** One INSERT a row, so that rows can be left out. */
  readonly rows: readonly string[];
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'val', 'name', 'value', 'kind', '"Mixed"', '"select"', '"two words"'] as const;

/** The tables of one round: ordinary ones of all types, and the hostile data set as time-series tables. */
export function generateSchema(random: SeededRandom, types: readonly string[]): readonly GeneratedTable[] {
  const tables: GeneratedTable[] = [];
  for (let index = 0; index < 3; index++) tables.push(ordinaryTable(random, `t${index}`, types, tables));
  const hostile = hostileTables(random.uint32(), { longSeriesRows: 12 });
  return [...tables, ...hostile.map((table, index) => hostileTable(table, `h${index}`))];
}

function ordinaryTable(
  random: SeededRandom,
  name: string,
  types: readonly string[],
  earlier: readonly GeneratedTable[],
): GeneratedTable {
  const common = ['int4', 'text', 'float8', 'numeric', 'timestamptz', 'int8', 'bool'].filter((t) => types.includes(t));
  const names = shuffled(NAMES, random).slice(0, 4 + random.below(5));
  const columns: GeneratedColumn[] = [
    { name: 'id', type: 'int4' },
    ...names.map((columnName) => ({ name: columnName, type: random.pick(random.below(2) === 0 ? common : types) })),
  ];
  const definitions = ['id int4 PRIMARY KEY'];
  const filled = new Set<string>();
  for (const column of columns.slice(1)) {
    const isNotNull = random.below(6) === 0;
    if (isNotNull) filled.add(column.name);
    const fallback = random.below(4) === 0 ? ` DEFAULT ${literalOf(column.type, random)}` : '';
    definitions.push(`${column.name} ${typeSql(column.type)}${fallback}${isNotNull ? ' NOT NULL' : ''}`);
  }
  const referenced = random.pick([undefined, ...earlier]);
  if (referenced !== undefined) {
    columns.push({ name: 'ref', type: 'int4' });
    definitions.push(`ref int4 REFERENCES ${referenced.name}`);
  }
  const rowCount = random.pick([0, 1, 3, 8, 14, 20]);
  const rows: string[] = [];
  for (let id = 1; id <= rowCount; id++) {
    const values = columns.map((column) => {
      if (column.name === 'id') return String(id);
      if (column.name === 'ref') return referenced !== undefined && id <= referenced.rows.length ? String(id) : 'NULL';
      if (!filled.has(column.name) && random.below(5) === 0) return 'NULL';
      return quote(randomText(column.type, random));
    });
    rows.push(`INSERT INTO ${name} VALUES (${values.join(', ')})`);
  }
  const create = [`CREATE TABLE ${name} (${definitions.join(', ')})`];
  const indexed = columns.slice(1).filter(({ type }) => isComparable(type) && INDEXABLE.has(type));
  if (indexed.length > 0 && random.below(2) === 0)
    create.push(`CREATE INDEX ON ${name} (${random.pick(indexed).name})`);
  return { name, columns, key: ['id'], isOrdinary: true, create: { tidewire: create, postgresql: create }, rows };
}

const INDEXABLE = new Set([
  'int2',
  'int4',
  'int8',
  'text',
  'varchar',
  'date',
  'timestamp',
  'timestamptz',
  'float8',
  'uuid',
  'bool',
]);

/** A default is a value, never NULL with a cast, which some would print and some not. */
function literalOf(type: string, random: SeededRandom): string {
  for (;;) {
    const text = literal(type, random);
    if (!text.startsWith('NULL')) return text;
  }
}

/** The same rows in a time-series table on ours and in an ordinary one on PostgreSQL. */
function hostileTable(table: HostileTable, name: string): GeneratedTable {
  const types = { float: 'float8', integer: 'int8', unsigned: 'numeric', boolean: 'bool', string: 'text' } as const;
  const named = { ...table, name };
  const create = toCreateTable(named);
  return {
    name,
    columns: [
      { name: 'time', type: 'timestamptz' },
      ...table.tagNames.map((tag) => ({ name: quoteName(tag), type: 'text' })),
      ...table.fields.map((field) => ({ name: quoteName(field.name), type: types[field.type] })),
    ],
    key: undefined,
    isOrdinary: false,
    create: { tidewire: [create], postgresql: [create.replace(/ WITH \(tidewire\..*\)$/s, '')] },
    rows: toInserts({ ...named, points: table.points.slice(0, 30) }, 1),
  };
}

export function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}
