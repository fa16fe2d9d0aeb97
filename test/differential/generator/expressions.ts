import type { SeededRandom } from '../../support/seeded-random.ts';
import { expression, list, optional, type Sql, sql } from '../sql-tree.ts';
import { type Catalogue, type FunctionSignature, type OperatorSignature, POLYMORPHIC } from './catalogue.ts';
import type { GeneratedColumn } from './schema.ts';
import { dateTemplate, numberTemplate, regularExpression } from './templates.ts';
import {
  badText,
  hasValues,
  isComparable,
  isIdenticalWhenEqual,
  literal,
  quote,
  typeSql,
  VALUE_TYPES,
} from './values.ts';

/** Something in FROM, as expressions see it. */
export interface Relation {
  readonly alias: string;
  readonly columns: readonly GeneratedColumn[];
  /** Columns that together name a row, never NULL. */
  readonly key: readonly string[] | undefined;
}

/** What may be left out of generated statements, so that what is in them is not refused for it. */
export const FEATURES = [
  'subquery',
  'subscript',
  'row',
  'similar',
  'with',
  'set-operation',
  'window',
  'grouping-sets',
  'lateral',
  'right-join',
  'values',
  'aggregate-order',
  'on-conflict',
  'definition',
  'hostile',
] as const;
export type Feature = (typeof FEATURES)[number];

/** What an expression may mention where it stands. */
export interface Scope {
  readonly relations: readonly Relation[];
  /** Of the query around this one. */
  readonly outer: Scope | undefined;
  /** Values that are not columns and come ready made: grouped expressions, aggregates, window functions. */
  readonly leaves?: (type: string, depth: number) => Sql | undefined;
  /** Columns may not be named as such: in a grouped query only `leaves` may. */
  readonly onlyLeaves?: boolean;
}

export const EMPTY_SCOPE: Scope = { relations: [], outer: undefined };

/** A scalar subquery of a type, an EXISTS or an IN list; given by the generator of queries. */
export interface Subqueries {
  scalar(type: string, scope: Scope, depth: number): Sql;
  /** A query of one column, in an order that leaves no choice. */
  array(type: string, scope: Scope, depth: number): Sql;
  /** A query of one column. */
  column(type: string, scope: Scope, depth: number): Sql;
}

/** Arguments that decide how large the result gets, by function and place; others would fill the memory. */
const SMALL_ARGUMENTS: Readonly<Record<string, readonly (number | 'float' | undefined)[]>> = {
  repeat: [undefined, 3],
  lpad: [undefined, 8],
  rpad: [undefined, 8],
  factorial: [20],
  array_fill: [undefined, 3],
  power: ['float', 5],
  pow: ['float', 5],
  numeric_power: ['float', 5],
  dpow: ['float', 5],
  '^': ['float', 5],
  exp: [5],
  round: [undefined, 6],
  trunc: [undefined, 6],
  generate_series: [3, 9, 2],
  div: [undefined, undefined],
  scale: [undefined],
  lcm: [undefined, undefined],
  width_bucket: [undefined, undefined, undefined, 9],
  chr: [200],
  make_interval: [9, 9, 9, 9, 9, 9, 9],
  to_char: [undefined, undefined],
};

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Tokyo',
  '+02',
  'CEST',
  'EST5EDT,M3.2.0,M11.1.0',
  'CET-1CEST,M3.5.0,M10.5.0/3',
  'foo-3:30bar',
  'Nowhere/City',
];

/** The words that a text argument must be to mean something, by function and place. */
const WORDS: Readonly<Record<string, readonly (readonly string[] | undefined)[]>> = {
  date_trunc: [
    ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', 'decade', 'millennium', 'nonsense'],
    undefined,
    ['UTC', 'Europe/Berlin', 'America/New_York', 'Nowhere'],
  ],
  date_part: [
    [
      'second',
      'epoch',
      'hour',
      'day',
      'dow',
      'isodow',
      'doy',
      'week',
      'isoyear',
      'month',
      'quarter',
      'year',
      'timezone',
      'nonsense',
      'julian',
      'century',
    ],
  ],
  extract: [
    [
      'second',
      'epoch',
      'hour',
      'day',
      'dow',
      'isodow',
      'doy',
      'week',
      'isoyear',
      'month',
      'quarter',
      'year',
      'timezone',
      'nonsense',
      'julian',
      'century',
    ],
  ],
  timezone: [ZONES],
  to_char: [
    undefined,
    [
      'YYYY-MM-DD HH24:MI:SS.US',
      'Day, DD Mon YYYY',
      '999,999.99',
      'FM9990.00',
      'IYYY-IW-ID',
      'RN',
      'S999',
      'HH12:MI AM TZ',
      'Q CC J',
    ],
  ],
  to_date: [undefined, ['YYYY-MM-DD', 'DD Mon YYYY', 'YYYYMMDD']],
  to_timestamp: [undefined, ['YYYY-MM-DD HH24:MI:SS', 'DD Mon YYYY']],
  to_number: [undefined, ['999.99', '9G999D99', 'S9999']],
  encode: [undefined, ['hex', 'base64', 'escape', 'nonsense']],
  decode: [undefined, ['hex', 'base64', 'escape', 'nonsense']],
  digest: [undefined, ['md5']],
  normalize: [undefined, ['NFC', 'NFD', 'NFKC']],
  set_config: [],
};

const PATTERNS = [
  'a%',
  '%b%',
  '_',
  '%',
  '',
  'a\\_c',
  '%\\',
  'A%',
  '(a|b)+',
  '^a',
  '[a-c]+',
  'x*',
  '\\d+',
  'a{2,3}',
  '(',
  'b$',
];
const PATTERN_OPERATORS = new Set(['~~', '!~~', '~~*', '!~~*', '~', '!~', '~*', '!~*']);

/** Typed expressions over a catalogue of functions and operators, each marked so that it can be simplified. */
export class ExpressionGenerator {
  readonly #random: SeededRandom;
  readonly #functions = new Map<string, FunctionSignature[]>();
  readonly #operators = new Map<string, OperatorSignature[]>();
  readonly #casts = new Map<string, string[]>();
  /** What results and arguments may be. */
  readonly types: readonly string[];
  subqueries: Subqueries | undefined;
  readonly #without: ReadonlySet<string>;

  /** `without` names what is not generated at all; see FEATURES. */
  constructor(random: SeededRandom, catalogue: Catalogue, without: ReadonlySet<string> = new Set()) {
    this.#random = random;
    this.#without = without;
    const known = new Set(catalogue.types.map(({ name }) => name));
    this.types = VALUE_TYPES.filter((type) => known.has(type));
    for (const signature of catalogue.functions) {
      if (signature.kind === 'scalar') this.#index(this.#functions, signature, signature.arguments, signature.result);
    }
    for (const signature of catalogue.operators) {
      const operands = signature.left === undefined ? [signature.right] : [signature.left, signature.right];
      this.#index(this.#operators, signature, operands, signature.result);
    }
    for (const { source, target } of catalogue.casts) {
      if (hasValues(source) && hasValues(target) && known.has(source)) push(this.#casts, target, source);
    }
  }

  #index<T>(map: Map<string, T[]>, signature: T, operands: readonly string[], result: string): void {
    const isUsable = operands.every((type) => hasValues(type) || POLYMORPHIC.has(type));
    if (!isUsable) return;
    if (POLYMORPHIC.has(result)) {
      for (const type of this.types) if (fits(result, type)) push(map, type, signature);
    } else {
      push(map, result, signature);
    }
  }

  allows(feature: Feature): boolean {
    return !this.#without.has(feature);
  }

  get #inner(): Subqueries | undefined {
    return this.allows('subquery') ? this.subqueries : undefined;
  }

  anyType(): string {
    const random = this.#random;
    const common = ['int4', 'text', 'float8', 'numeric', 'bool', 'timestamptz', 'int8'];
    return random.below(3) > 0 ? random.pick(common) : random.pick(this.types);
  }

  /** An expression of a type. `depth` bounds how far it goes in. */
  of(type: string, scope: Scope, depth: number): Sql {
    return expression(type, this.#body(type, scope, depth));
  }

  /** What WHERE, ON and HAVING take. */
  condition(scope: Scope, depth: number): Sql {
    return this.of('bool', scope, depth);
  }

  /** A column of the type, of this scope or of one around it; undefined when there is none. */
  column(type: string, scope: Scope): Sql | undefined {
    const leaf = scope.leaves?.(type, 0);
    if (leaf !== undefined && (scope.onlyLeaves === true || this.#random.below(3) === 0)) return leaf;
    const found: string[] = [];
    if (scope.onlyLeaves !== true) {
      for (const { alias, columns } of scope.relations) {
        for (const column of columns) if (column.type === type) found.push(`${alias}.${column.name}`);
      }
    }
    if (scope.outer !== undefined && (found.length === 0 || this.#random.below(4) === 0)) {
      const outer = this.column(type, scope.outer);
      if (outer !== undefined) return outer;
    }
    return found.length === 0 ? undefined : this.#random.pick(found);
  }

  #leaf(type: string, scope: Scope): Sql {
    const column = this.#random.below(4) > 0 ? this.column(type, scope) : undefined;
    return column ?? this.#literal(type);
  }

  #literal(type: string): string {
    const random = this.#random;
    if (random.below(150) === 0) {
      const text = badText(type, random);
      if (text !== undefined) return `${quote(text)}::${typeSql(type)}`;
    }
    return literal(type, random);
  }

  #body(type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    if (depth <= 0 || random.below(6) === 0) return this.#leaf(type, scope);
    if (scope.leaves !== undefined && random.below(3) === 0) {
      const leaf = scope.leaves(type, depth - 1);
      if (leaf !== undefined) return leaf;
    }
    if (type === 'bool' && random.below(5) < 3) return this.#condition(scope, depth);
    const kind = random.below(20);
    if (kind < 7)
      return this.#operator(type, scope, depth) ?? this.#function(type, scope, depth) ?? this.#leaf(type, scope);
    if (kind < 13)
      return this.#function(type, scope, depth) ?? this.#operator(type, scope, depth) ?? this.#leaf(type, scope);
    if (kind < 15) return this.#cast(type, scope, depth);
    if (kind < 18) return this.#conditional(type, scope, depth);
    if (kind < 19 && this.#inner !== undefined && depth > 1) {
      return sql`(${this.#inner.scalar(type, scope, depth - 1)})`;
    }
    if (!this.allows('subscript')) return this.#leaf(type, scope);
    return type.startsWith('_') ? this.#array(type, scope, depth) : this.#subscript(type, scope, depth);
  }

  #operator(type: string, scope: Scope, depth: number): Sql | undefined {
    const signature = this.#pickByName(this.#operators.get(type));
    if (signature === undefined) return undefined;
    const { name } = signature;
    const random = this.#random;
    const operands = signature.left === undefined ? [signature.right] : [signature.left, signature.right];
    const types = this.#actual(operands, signature.result, type);
    if (types === undefined) return undefined;
    const parts = types.map((operand, place) => {
      if (place === 1 && PATTERN_OPERATORS.has(name)) return quote(random.pick(PATTERNS));
      return this.#argument(name, place, operand, scope, depth - 1);
    });
    return parts.length === 1 ? sql`(${name} ${parts[0]})` : sql`(${parts[0]} ${name} ${parts[1]})`;
  }

  #function(type: string, scope: Scope, depth: number): Sql | undefined {
    const signature = this.#pickByName(this.#functions.get(type));
    return signature === undefined ? undefined : this.call(signature, type, scope, depth);
  }

  /** A call with arguments of its types; undefined where a polymorphic type finds none. */
  call(signature: FunctionSignature, result: string, scope: Scope, depth: number): Sql | undefined {
    const random = this.#random;
    const wanted = [...signature.arguments];
    if (signature.defaultCount > 0) wanted.length -= random.below(signature.defaultCount + 1);
    if (signature.isVariadic && wanted.length > 0) {
      const last = wanted[wanted.length - 1].replace(/^anyarray$/, 'anyelement').replace(/^_/, '');
      wanted.splice(-1, 1, ...Array.from({ length: 1 + random.below(3) }, () => last));
    }
    const types = this.#actual(wanted, signature.result, result);
    if (types === undefined) return undefined;
    const parts = types.map((argument, place) => this.#argument(signature.name, place, argument, scope, depth - 1));
    if (/^to_(date|timestamp)$/.test(signature.name) && parts.length === 2 && random.below(2) === 0) {
      // A text of that form is read, most of the time.
      const template = quote(dateTemplate(random));
      return sql`${signature.name}(to_char(${this.of('timestamp', scope, 0)}, ${template}), ${template})`;
    }
    if (signature.name === 'timezone' && parts.length === 2 && random.below(2) === 0) {
      return sql`(${parts[1]} AT TIME ZONE ${parts[0]})`;
    }
    if (signature.name === 'extract') {
      return sql`extract(${random.pick(WORDS.extract[0] ?? [])} FROM ${parts[1] ?? this.#literal('timestamptz')})`;
    }
    return sql`${callName(signature.name)}(${list(parts, { minimum: parts.length })})`;
  }

  #argument(name: string, place: number, type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    // Where it leaves the call out of its plan PostgreSQL does not see that this is NULL.
    if (place === 2 && (name === 'varchar' || name === 'bpchar')) return random.pick(['true', 'false']);
    const small = SMALL_ARGUMENTS[name]?.[place];
    if (small !== undefined && NUMBERS.has(type)) {
      return small === 'float'
        ? `${random.pick(['2', '0.5', '-3', '10'])}::${type}`
        : `(${random.below(small + 2) - 1})::${type}`;
    }
    const made = type === 'text' && random.below(10) > 0 ? this.#template(name, place) : undefined;
    if (made !== undefined) return quote(made);
    const words = WORDS[name]?.[place];
    if (words !== undefined && type === 'text' && random.below(8) > 0) return quote(random.pick(words));
    return this.of(type, scope, depth);
  }

  /** A text that means something to the function at that place, made up anew. */
  #template(name: string, place: number): string | undefined {
    const random = this.#random;
    if (name === 'substring') return place === 1 ? regularExpression(random) : undefined;
    if (name.startsWith('regexp_')) {
      if (place === 0) return undefined;
      if (place === 1) return regularExpression(random);
      return name === 'regexp_replace' && place === 2 ? random.pick(REPLACEMENTS) : random.pick(REGEXP_FLAGS);
    }
    if (place !== 1 || !/^to_(char|date|timestamp|number)$/.test(name) || random.below(2) === 0) return undefined;
    if (name === 'to_number') return numberTemplate(random);
    return name === 'to_char' && random.below(2) === 0 ? numberTemplate(random) : dateTemplate(random);
  }

  /** Types for the arguments of a signature that is to give `result`; polymorphic ones agree with each other. */
  #actual(operands: readonly string[], declared: string, result: string): string[] | undefined {
    const random = this.#random;
    let element = '';
    if (POLYMORPHIC.has(declared)) element = declared.endsWith('array') ? result.slice(1) : result;
    if (element === '') element = random.pick(this.types.filter((type) => this.types.includes(`_${type}`)));
    const types = operands.map((operand) => {
      if (operand === 'any') return this.anyType();
      if (!POLYMORPHIC.has(operand)) return operand;
      return operand.endsWith('array') ? `_${element}` : element;
    });
    return types.every((type) => this.types.includes(type)) ? types : undefined;
  }

  #pickByName<T extends { readonly name: string }>(signatures: readonly T[] | undefined): T | undefined {
    if (signatures === undefined) return undefined;
    const random = this.#random;
    // Names with many overloads (=, <, +) would else be all there is.
    const names = [...new Set(signatures.map(({ name }) => name))];
    const many = names.filter((found) => OF_TEMPLATES.test(found));
    const name = random.pick(many.length > 0 && random.below(5) === 0 ? many : names);
    return random.pick(signatures.filter((signature) => signature.name === name));
  }

  #cast(type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    const sources = this.#casts.get(type) ?? [];
    const source = sources.length === 0 || random.below(5) === 0 ? 'text' : random.pick(sources);
    if (!this.types.includes(source)) return this.#leaf(type, scope);
    const modifier = random.below(4) === 0 ? (MODIFIERS[type] ?? ['']) : [''];
    const value = source === 'text' ? this.#convertibleText(type, scope) : this.of(source, scope, depth - 1);
    const target = `${typeSql(type)}${random.pick(modifier)}`;
    return random.below(3) === 0 ? sql`CAST(${value} AS ${target})` : sql`(${value})::${target}`;
  }

  /** Mostly a text that the cast can read. */
  #convertibleText(type: string, scope: Scope): Sql {
    const random = this.#random;
    // Of a text a "char" is the first byte, which may be half a character.
    if (random.below(8) === 0 && !BYTES.has(type)) return this.of('text', scope, 1);
    return sql`${this.of(type, scope, 0)}::text`;
  }

  #conditional(type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    const value = () => this.of(type, scope, depth - 1);
    switch (random.below(5)) {
      case 0:
        return sql`CASE WHEN ${this.condition(scope, depth - 1)} THEN ${value()}${optional(sql` ELSE ${value()}`)} END`;
      case 1: {
        const tested = this.#comparableType();
        const when = () => sql`WHEN ${this.of(tested, scope, 0)} THEN ${value()}`;
        const branches = list([when(), when()], { separator: ' ' });
        return sql`CASE ${this.of(tested, scope, depth - 1)} ${branches}${optional(sql` ELSE ${value()}`)} END`;
      }
      case 2:
        return sql`COALESCE(${list([value(), value(), this.of(type, scope, 0)])})`;
      case 3:
        return isComparable(type) ? sql`NULLIF(${value()}, ${value()})` : value();
      default:
        return isComparable(type) ? sql`${random.pick(['GREATEST', 'LEAST'])}(${list([value(), value()])})` : value();
    }
  }

  #comparableType(): string {
    for (;;) {
      const type = this.anyType();
      if (isComparable(type)) return type;
    }
  }

  #condition(scope: Scope, depth: number): Sql {
    const random = this.#random;
    const type = this.#comparableType();
    const value = (wanted = type) => this.of(wanted, scope, depth - 1);
    const not = random.below(3) === 0 ? 'NOT ' : '';
    switch (random.below(16)) {
      case 0:
        return sql`(${list([value('bool'), value('bool')], { separator: ' AND ' })})`;
      case 1:
        return sql`(${list([value('bool'), value('bool')], { separator: ' OR ' })})`;
      case 2:
        return sql`(NOT ${value('bool')})`;
      case 3:
        return sql`(${value()} IS ${not}NULL)`;
      case 4:
        return sql`(${value('bool')} IS ${not}${random.pick(['TRUE', 'FALSE', 'UNKNOWN'])})`;
      case 5:
        return sql`(${value()} ${not}BETWEEN ${random.below(4) === 0 ? 'SYMMETRIC ' : ''}${value()} AND ${value()})`;
      case 6:
        return sql`(${value()} ${not}IN (${list([this.of(type, scope, 0), this.of(type, scope, 0), value()])}))`;
      case 7:
        return sql`(${value()} IS ${not}DISTINCT FROM ${value()})`;
      case 8:
        return sql`(${value('text')} ${not}${random.pick(this.allows('similar') ? ['LIKE', 'ILIKE', 'SIMILAR TO'] : ['LIKE', 'ILIKE'])} ${quote(random.pick(PATTERNS))})`;
      case 9:
        return this.#quantified(type, scope, depth);
      case 10: {
        if (!this.allows('row')) break;
        const other = this.#comparableType();
        const row = () => sql`ROW(${this.of(type, scope, depth - 1)}, ${this.of(other, scope, 0)})`;
        return sql`(${row()} ${random.pick(['=', '<', '>=', '<>'])} ${row()})`;
      }
      case 11:
      case 12:
        if (this.#inner !== undefined && depth > 1) {
          const query = this.#inner.column(type, scope, depth - 1);
          return random.below(2) === 0 ? sql`(${not}EXISTS (${query}))` : sql`(${value()} ${not}IN (${query}))`;
        }
        break;
      default:
    }
    return sql`(${value()} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${value()})`;
  }

  #quantified(type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    const how = sql`${random.pick(['=', '<>', '<', '>='])} ${random.pick(['ANY', 'ALL'])}`;
    const value = this.of(type, scope, depth - 1);
    if (this.#inner !== undefined && depth > 1 && random.below(2) === 0) {
      return sql`(${value} ${how} (${this.#inner.column(type, scope, depth - 1)}))`;
    }
    const items = list([this.of(type, scope, 0), this.of(type, scope, 0)]);
    return type.startsWith('_') ? sql`(${value} = ${value})` : sql`(${value} ${how} (ARRAY[${items}]))`;
  }

  #array(type: string, scope: Scope, depth: number): Sql {
    const random = this.#random;
    const element = type.slice(1);
    if (!this.types.includes(element)) return this.#leaf(type, scope);
    if (this.#inner !== undefined && depth > 1 && random.below(3) === 0 && isIdenticalWhenEqual(element)) {
      return sql`ARRAY(${this.#inner.array(element, scope, depth - 1)})`;
    }
    if (random.below(4) === 0)
      return sql`(${this.of(type, scope, depth - 1)})[${String(random.below(3))}:${String(1 + random.below(3))}]`;
    const items = Array.from({ length: 1 + random.below(3) }, () => this.of(element, scope, depth - 1));
    return sql`ARRAY[${list(items)}]::${typeSql(type)}`;
  }

  #subscript(type: string, scope: Scope, depth: number): Sql {
    if (type === 'jsonb') return sql`(${this.of(type, scope, depth - 1)})[${this.#random.pick(JSON_KEYS)}]`;
    if (!this.types.includes(`_${type}`)) return this.#leaf(type, scope);
    return sql`(${this.of(`_${type}`, scope, depth - 1)})[${String(this.#random.below(4))}]`;
  }
}

const JSON_KEYS = ["'a'", "'b'", "'k'", '0', '1', '-1', "'nothing'"];
const REPLACEMENTS = ['', 'x', '<\\1>', '\\&', '\\2\\1', '\\\\', '$1'];
const REGEXP_FLAGS = ['', 'g', 'i', 'gi', 'n', 's', 'x', 'w', 'p', 'c', 'q', 'z', 'ig'];

/** Much depends on what is written in a text: these are called more often than others. */
const OF_TEMPLATES = /^(to_(char|date|timestamp|number)|regexp_.*|timezone|substring|date_trunc|extract)$/;

const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']);

const MODIFIERS: Readonly<Record<string, readonly string[]>> = {
  varchar: ['(2)', '(10)'],
  bpchar: ['(1)', '(4)'],
  numeric: ['(10,2)', '(5)', '(20,10)', '(3,-1)'],
  timestamp: ['(0)', '(3)'],
  timestamptz: ['(0)', '(3)'],
  time: ['(0)', '(2)'],
  interval: ['(0)', '(3)', ' day', ' hour to minute', ' year to month'],
};

const BYTES: ReadonlySet<string> = new Set(['char', '_char']);

/** Functions whose names are words of the grammar are called as what they are in the catalog. */
const GRAMMAR_NAMES = new Set([
  'position',
  'overlay',
  'substring',
  'like',
  'notlike',
  'overlaps',
  'float4',
  'float8',
  'numeric',
  'interval',
  'time',
  'timestamp',
  'timestamptz',
  'timetz',
  'bool',
  'char',
  'varchar',
  'bpchar',
  'bit',
  'varbit',
  'text',
  'int2',
  'int4',
  'int8',
  'name',
  'normalize',
  'xmlexists',
  'date',
  'mod',
  'substr',
  'trim',
]);

export function callName(name: string): string {
  if (GRAMMAR_NAMES.has(name)) return `pg_catalog."${name}"`;
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name}"`;
}

function fits(polymorphic: string, type: string): boolean {
  if (polymorphic === 'any') return false;
  return polymorphic.endsWith('nonarray')
    ? !type.startsWith('_')
    : !polymorphic.endsWith('array') || type.startsWith('_');
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
