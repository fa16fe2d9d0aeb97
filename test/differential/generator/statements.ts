import { SeededRandom } from '../../support/seeded-random.ts';
import { choice, expressionsIn, list, optional, render, replaceNode, type Sql, sql } from '../sql-tree.ts';
import { type Catalogue, restrictCatalogue, type Supported } from './catalogue.ts';
import { EMPTY_SCOPE, ExpressionGenerator, type Scope } from './expressions.ts';
import { QueryGenerator } from './queries.ts';
import { type GeneratedColumn, type GeneratedTable, generateSchema, shuffled } from './schema.ts';
import { badText, literal, quote, typeSql } from './values.ts';

/** One thing to try on both servers. */
export interface GeneratedCase {
  /** `query`, `write`, `definition` or `mistake`. */
  readonly kind: string;
  readonly tree: Sql;
  /** Set for what changes something: it is run in a block that is rolled back, and this shows what it did before. */
  readonly look: string | undefined;
  /** Run before it in the same block; the shrinker takes rows away like this. */
  readonly before?: readonly string[];
  /** The rows come in one order only. */
  readonly isOrdered: boolean;
  /** Texts of $1, $2, … */
  readonly values?: readonly (string | null)[];
  readonly protocol: 'simple' | 'extended';
}

/** The tables of a round and what is tried on them: the same for the same seed, catalogue and number. */
export interface GeneratedRound {
  /** SET statements that come first. */
  readonly settings: readonly string[];
  readonly tables: readonly GeneratedTable[];
  next(): GeneratedCase;
}

export function generateRound(
  seed: number,
  round: number,
  catalogue: Catalogue,
  supported: Supported | undefined,
  without: ReadonlySet<string> = new Set(),
): GeneratedRound {
  const random = new SeededRandom((seed * 1_000_003 + round) >>> 0);
  const usable = restrictCatalogue(catalogue, supported);
  const expressions = new ExpressionGenerator(random, usable, without);
  const tables = generateSchema(random, expressions.types).filter(
    ({ isOrdinary }) => isOrdinary || !without.has('hostile'),
  );
  const queries = new QueryGenerator(random, expressions, usable, tables);
  const statements = new StatementGenerator(random, expressions, queries, tables);
  return { settings: generateSettings(random), tables, next: () => statements.next() };
}

/** How values are read and written; mostly as is usual. */
function generateSettings(random: SeededRandom): readonly string[] {
  const values: Readonly<Record<string, readonly string[]>> = {
    TimeZone: ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'],
    DateStyle: ['ISO, MDY', 'ISO, MDY', 'ISO, DMY', 'SQL, DMY', 'German, DMY', 'Postgres, MDY'],
    IntervalStyle: ['postgres', 'postgres', 'iso_8601', 'sql_standard', 'postgres_verbose'],
    extra_float_digits: ['1', '1', '0', '3', '-5'],
    bytea_output: ['hex', 'hex', 'escape'],
  };
  return Object.entries(values).map(([name, choices]) => `SET ${name} TO '${random.pick(choices)}'`);
}

class StatementGenerator {
  readonly #random: SeededRandom;
  readonly #expressions: ExpressionGenerator;
  readonly #queries: QueryGenerator;
  readonly #tables: readonly GeneratedTable[];

  constructor(
    random: SeededRandom,
    expressions: ExpressionGenerator,
    queries: QueryGenerator,
    tables: readonly GeneratedTable[],
  ) {
    this.#random = random;
    this.#expressions = expressions;
    this.#queries = queries;
    this.#tables = tables;
  }

  next(): GeneratedCase {
    const random = this.#random;
    const protocol = random.below(3) === 0 ? 'simple' : 'extended';
    const kind = random.below(100);
    if (kind < 20) return this.#scalarQuery(protocol);
    if (kind < 62) {
      const { tree, isOrdered } = this.#queries.top(1 + random.below(3));
      const query = { kind: 'query', tree, isOrdered, look: undefined, protocol } as const;
      return random.below(4) === 0 ? this.#withParameters(query) : query;
    }
    if (kind < 78) return { kind: 'write', ...this.#write(), isOrdered: false, protocol };
    if (kind < 83 && this.#expressions.allows('definition'))
      return { kind: 'definition', ...this.#definition(), isOrdered: false, protocol };
    return this.#mistake(protocol);
  }

  /** Some literals given as parameters, with and without a type said. */
  #withParameters(query: GeneratedCase): GeneratedCase {
    const random = this.#random;
    const values: string[] = [];
    let { tree } = query;
    for (const place of [...expressionsIn(tree)]) {
      const literal = typeof place.body === 'string' ? /^'((?:[^']|'')*)'(::\S+)$/.exec(place.body) : null;
      if (literal === null || values.length === 3 || random.below(2) === 0) continue;
      values.push(literal[1].replaceAll("''", "'"));
      const parameter = `$${values.length}${random.below(3) === 0 ? '' : literal[2]}`;
      tree = replaceNode(tree, place, { ...place, body: parameter });
    }
    return values.length === 0 ? query : { ...query, tree, values, protocol: 'extended' };
  }

  /** Expressions alone, which need no table: most of the functions are met here. */
  #scalarQuery(protocol: GeneratedCase['protocol']): GeneratedCase {
    const random = this.#random;
    const table = random.below(2) === 0 ? random.pick(this.#tables) : undefined;
    const scope: Scope =
      table === undefined
        ? EMPTY_SCOPE
        : { relations: [{ alias: table.name, columns: table.columns, key: table.key }], outer: undefined };
    const before = this.#expressions.subqueries;
    this.#expressions.subqueries = undefined;
    const items = Array.from({ length: 1 + random.below(3) }, () =>
      this.#expressions.of(this.#expressions.anyType(), scope, 1 + random.below(3)),
    );
    this.#expressions.subqueries = before;
    const tree = sql`SELECT ${list(items)}${table === undefined ? '' : optional(` FROM ${table.name}`)}`;
    return { kind: 'query', tree, isOrdered: false, look: undefined, protocol };
  }

  #write(): Pick<GeneratedCase, 'tree' | 'look'> {
    const random = this.#random;
    const table = random.pick(this.#tables.filter(({ isOrdinary }) => isOrdinary || random.below(4) === 0));
    if (table === undefined) return this.#write();
    const look = `SELECT * FROM ${table.name}`;
    const kind = random.below(11);
    if (kind === 10 && this.#expressions.allows('with')) return { tree: this.#writeInWith(table), look };
    if (kind < 4) return { tree: this.#insert(table), look };
    if (kind < 7) return { tree: this.#update(table), look };
    if (kind < 9) return { tree: this.#delete(table), look };
    return {
      tree: `TRUNCATE ${random.pick(['', 'TABLE '])}${table.name}${random.pick(['', ' CASCADE', ' RESTRICT'])}`,
      look,
    };
  }

  /** What a write returns is read by a query, which sees the tables as they were. */
  #writeInWith(table: GeneratedTable): Sql {
    const random = this.#random;
    const write = random.pick<() => Sql>([
      () => this.#insert(table, ' RETURNING *'),
      () => this.#update(table, ' RETURNING u.*'),
      () => this.#delete(table, ' RETURNING u.*'),
    ])();
    const query = this.#queries.over('w1', table.columns, 1 + random.below(2));
    return sql`WITH w1 AS (${write}) ${choice(query.tree, 'SELECT * FROM w1', 'SELECT 1')}`;
  }

  #scopeOf(table: GeneratedTable, alias: string): Scope {
    return { relations: [{ alias, columns: table.columns, key: table.key }], outer: undefined };
  }

  #insert(table: GeneratedTable, returning?: string): Sql {
    const random = this.#random;
    if (random.below(12) === 0) return `INSERT INTO ${table.name} DEFAULT VALUES${returning ?? ''}`;
    const chosen = [
      ...table.columns.slice(0, 1),
      ...shuffled(table.columns.slice(1), random).slice(0, 1 + random.below(4)),
    ];
    const names = chosen.map(({ name }) => name).join(', ');
    const value = ({ name, type }: GeneratedColumn): Sql => {
      if (name === 'id') return String(1 + random.below(40));
      if (name === 'ref') return random.pick(['NULL', '1', '2', '99']);
      if (name === 'time') return quote(`2024-01-0${1 + random.below(9)} 00:00:00+00`);
      if (random.below(8) === 0) return 'DEFAULT';
      return random.below(3) === 0 ? literal(type, random) : this.#expressions.of(type, EMPTY_SCOPE, 1);
    };
    const rows = Array.from(
      { length: 1 + random.below(3) },
      () => sql`(${list(chosen.map(value), { minimum: chosen.length })})`,
    );
    const source =
      random.below(4) > 0
        ? sql`VALUES ${list(rows)}`
        : this.#queries.query({ depth: 1, types: chosen.map(({ type }) => type) }).tree;
    const conflict =
      random.below(3) === 0 && this.#expressions.allows('on-conflict') ? optional(this.#onConflict(table, chosen)) : '';
    return sql`INSERT INTO ${table.name} (${names}) ${source}${conflict}${returning ?? this.#returning(table, table.name)}`;
  }

  #onConflict(table: GeneratedTable, chosen: readonly GeneratedColumn[]): Sql {
    const random = this.#random;
    if (!table.isOrdinary || random.below(3) === 0) return ' ON CONFLICT DO NOTHING';
    if (random.below(2) === 0) return ' ON CONFLICT (id) DO NOTHING';
    const column = random.pick(chosen.slice(1));
    const value = random.pick<Sql>([
      `EXCLUDED.${column.name}`,
      this.#expressions.of(column.type, this.#scopeOf(table, table.name), 1),
    ]);
    const where =
      random.below(3) === 0
        ? optional(sql` WHERE ${this.#expressions.condition(this.#scopeOf(table, table.name), 1)}`)
        : '';
    return sql` ON CONFLICT (id) DO UPDATE SET ${column.name} = ${value}${where}`;
  }

  #returning(table: GeneratedTable, alias: string, all = '*'): Sql {
    const random = this.#random;
    if (random.below(2) === 0) return '';
    if (random.below(2) === 0) return optional(` RETURNING ${all}`);
    const type = this.#expressions.anyType();
    return optional(sql` RETURNING ${this.#expressions.of(type, this.#scopeOf(table, alias), 1)}`);
  }

  #update(table: GeneratedTable, returning?: string): Sql {
    const random = this.#random;
    const changed = shuffled(table.columns.slice(1), random).slice(0, 1 + random.below(2));
    const other = random.below(4) === 0 ? random.pick(this.#tables.filter(({ isOrdinary }) => isOrdinary)) : undefined;
    const relations = this.#scopeOf(table, 'u').relations;
    // Of several partners any one would do; by its key there is one at most.
    const scope: Scope =
      other === undefined
        ? { relations, outer: undefined }
        : { relations: [...relations, { alias: 's', columns: other.columns, key: other.key }], outer: undefined };
    const sets = changed.map(
      ({ name, type }) => sql`${name} = ${random.below(8) === 0 ? 'DEFAULT' : this.#expressions.of(type, scope, 2)}`,
    );
    const from = other === undefined ? '' : ` FROM ${other.name} AS s`;
    const joined = other === undefined ? '' : ` WHERE s.id = ${this.#numberOf(table, 'u')}`;
    const word = joined === '' ? ' WHERE' : ' AND';
    const where = random.below(3) === 0 ? '' : optional(sql`${word} ${this.#expressions.condition(scope, 2)}`);
    return sql`UPDATE ${table.name} AS u SET ${list(sets)}${from}${joined}${where}${returning ?? this.#returning(table, 'u')}`;
  }

  #numberOf(table: GeneratedTable, alias: string): string {
    const column = table.columns.find(({ type }) => type === 'int4' || type === 'int8');
    return column === undefined ? '1' : `${alias}.${column.name}`;
  }

  #delete(table: GeneratedTable, returning?: string): Sql {
    const random = this.#random;
    const other = random.below(4) === 0 ? random.pick(this.#tables) : undefined;
    const relations = this.#scopeOf(table, 'u').relations;
    const scope: Scope =
      other === undefined
        ? { relations, outer: undefined }
        : { relations: [...relations, { alias: 's', columns: other.columns, key: other.key }], outer: undefined };
    const using = other === undefined ? '' : optional(` USING ${other.name} AS s`);
    return sql`DELETE FROM ${table.name} AS u${using} WHERE ${this.#expressions.condition(scope, 2)}${returning ?? this.#returning(table, 'u', 'u.*')}`;
  }

  #definition(): Pick<GeneratedCase, 'tree' | 'look'> {
    const random = this.#random;
    const table = random.pick(this.#tables.filter(({ isOrdinary }) => isOrdinary));
    const look = `SELECT * FROM ${table.name}`;
    const column = random.pick(table.columns);
    const type = this.#expressions.anyType();
    const query = () => this.#queries.top(1).tree;
    switch (random.below(11)) {
      case 0:
        return { tree: sql`CREATE TABLE made AS ${query()}`, look: 'SELECT * FROM made' };
      case 1:
        return { tree: sql`CREATE VIEW seen AS ${query()}`, look: 'SELECT * FROM seen' };
      case 2:
        return {
          tree: sql`ALTER TABLE ${table.name} ADD COLUMN more ${typeSql(type)} DEFAULT ${this.#expressions.of(type, EMPTY_SCOPE, 1)}`,
          look,
        };
      case 3:
        return { tree: `ALTER TABLE ${table.name} DROP COLUMN ${column.name}${random.pick(['', ' CASCADE'])}`, look };
      case 4:
        return {
          tree: `ALTER TABLE ${table.name} ALTER COLUMN ${column.name} TYPE ${typeSql(type)} USING ${column.name}::text::${typeSql(type)}`,
          look,
        };
      case 5:
        return {
          tree: `ALTER TABLE ${table.name} ALTER COLUMN ${column.name} ${random.pick(['SET NOT NULL', 'DROP NOT NULL', 'DROP DEFAULT'])}`,
          look,
        };
      case 6:
        return {
          tree: sql`ALTER TABLE ${table.name} ADD CONSTRAINT checked CHECK (${this.#expressions.condition(this.#scopeOf(table, table.name), 1)})`,
          look,
        };
      case 7:
        return { tree: `CREATE ${random.pick(['', 'UNIQUE '])}INDEX ON ${table.name} (${column.name})`, look };
      case 8:
        return {
          tree: `ALTER TABLE ${table.name} RENAME COLUMN ${column.name} TO ${random.pick(['renamed', 'id', 'a'])}`,
          look,
        };
      case 9:
        return {
          tree: `DROP ${random.pick(['TABLE', 'VIEW', 'INDEX', 'SEQUENCE'])} ${random.pick(['', 'IF EXISTS '])}${random.pick([table.name, 'nothing'])}`,
          look,
        };
      default:
        return {
          tree: sql`CREATE TEMP TABLE made (x ${typeSql(type)} DEFAULT ${this.#expressions.of(type, EMPTY_SCOPE, 1)}, y int4 GENERATED ALWAYS AS IDENTITY)`,
          look: 'SELECT * FROM made',
        };
    }
  }

  /** A query with something wrong in it. */
  #mistake(protocol: GeneratedCase['protocol']): GeneratedCase {
    const random = this.#random;
    const { tree } = this.#queries.top(1 + random.below(2));
    const places = [...expressionsIn(tree)];
    const base = { kind: 'mistake', isOrdered: false, look: undefined, protocol } as const;
    if (places.length === 0 || random.below(6) === 0) return { ...base, tree: this.#brokenText(render(tree)) };
    const place = random.pick(places);
    return { ...base, tree: replaceNode(tree, place, this.#wrong(place.type)) };
  }

  #wrong(type: string): Sql {
    const random = this.#random;
    const table = random.pick(this.#tables);
    const column = random.pick(table.columns).name;
    const other = this.#expressions.anyType();
    const bad = badText(other, random);
    return random.pick<() => Sql>([
      () => this.#expressions.of(other, EMPTY_SCOPE, 2),
      () => this.#expressions.of(other, EMPTY_SCOPE, 1),
      () => 'nope',
      () => 'r1.nope',
      () => 'r99.id',
      () => column,
      () => `r1.${column}`,
      () => `${table.name}.${column}`,
      () => sql`nofunction(${this.#expressions.of(other, EMPTY_SCOPE, 0)})`,
      () =>
        random.pick(['abs()', 'abs(1, 2)', "abs('x'::text)", 'lower(1)', 'length(1)', 'round(true)', 'upper(a => 1)']),
      () =>
        random.pick([
          'count(*)',
          'sum(count(*))',
          'max(1)',
          'rank() OVER ()',
          'sum(1) OVER (ORDER BY 1 ROWS -1 PRECEDING)',
          'row_number()',
          'lower(DISTINCT $$x$$)',
          'abs(1) OVER ()',
          'abs(1) FILTER (WHERE true)',
        ]),
      () =>
        random.pick([
          '1 / 0',
          '1 % 0',
          '1.0 / 0',
          '1::float8 / 0',
          '2147483647 + 1',
          '(-32768)::int2 - 1::int2',
          '9223372036854775807 + 1',
          '1e308::float8 * 10',
          '32768::int2',
          'sqrt(-1)',
          'ln(0)',
          '0::numeric ^ -1',
          'factorial(-1)',
          'chr(-1)',
          '10 ^ 400',
        ]),
      () => (bad === undefined ? 'nope' : `${quote(bad)}::${typeSql(other)}`),
      () => (bad === undefined ? 'nope' : quote(bad)),
      () =>
        random.pick([
          '(SELECT 1, 2)',
          '(SELECT n FROM generate_series(1, 3) AS g(n))',
          '(SELECT 1 FROM nowhere)',
          'EXISTS (SELECT nope)',
          '(SELECT count(*) FROM t0 GROUP BY nope)',
        ]),
      () =>
        random.pick([
          '1 + true',
          "'a' + 1",
          '-true',
          'NOT 1',
          '1 || 2',
          'true AND 1',
          "'x' AND true",
          '1 = true',
          "1 LIKE 'a'",
          'now() + 1',
          'CASE WHEN 1 THEN 2 END',
          'CASE 1 WHEN true THEN 1 END',
          'COALESCE(1, true)',
          "ARRAY[1, 'x']",
          'ARRAY[1, true]',
          'GREATEST(1, true)',
          'ROW(1, 2) = ROW(1)',
          '1 IN (true)',
          '(1, 2) IN ((1, 2), (1))',
          '1 = ANY (1)',
          "1 BETWEEN 'a' AND 2",
          'NULLIF(1, true)',
          'ARRAY[]',
          '1[1]',
          '(1).x',
          'ARRAY[1] || true',
        ]),
      () =>
        random.pick([
          "'x'::nothing",
          '1::date',
          'true::numeric',
          "date '2024-01-01' + true",
          "'1'::int4(3)",
          'CAST(1 AS varchar(0))',
          "'a'::numeric(2000)",
          "interval '1' nothing",
          '1::text::nowhere.int4',
          'CAST(ARRAY[1] AS int4)',
          "'x'::regtype",
          '1.5::bool',
          "INTERVAL '1 day' * true",
          "timestamp '2024-01-01' AT TIME ZONE 'Nowhere/City'",
          "extract(nonsense FROM date '2024-01-01')",
          "'\\x1'::bytea",
        ]),
      () => sql`(${type === 'bool' ? '1' : 'true'})::${typeSql(random.pick(this.#expressions.types))}`,
    ])();
  }

  /** With a word missing, twice or changed. */
  #brokenText(text: string): string {
    const random = this.#random;
    const words = text.split(/(?<=[\s(),])/);
    const at = random.below(words.length);
    switch (random.below(4)) {
      case 0:
        return words.toSpliced(at, 1).join('');
      case 1:
        return words.toSpliced(at, 0, words[at]).join('');
      case 2:
        return words
          .toSpliced(
            at,
            1,
            random.pick([
              ') ',
              '( ',
              ', ',
              'SELECT ',
              'FROM ',
              "'",
              '; ',
              '$1 ',
              '"',
              '--',
              '/* ',
              'NULL ',
              '1e ',
              "E'\\u00zz' ",
            ]),
          )
          .join('');
      default:
        return text.slice(0, random.below(text.length));
    }
  }
}
