import type { SeededRandom } from '../../support/seeded-random.ts';
import { list, optional, type Sql, sql } from '../sql-tree.ts';
import { type Catalogue, type FunctionSignature, POLYMORPHIC } from './catalogue.ts';
import type { ExpressionGenerator, Scope } from './expressions.ts';
import { hasValues, isComparable, isIdenticalWhenEqual } from './values.ts';

/** Their results show the order of their inputs. */
const ORDER_SENSITIVE = /^(array_agg|string_agg|json_agg|jsonb_agg|json_object_agg|jsonb_object_agg|xmlagg)$/;
/** Window functions whose results depend on the order among peers. */
const PEER_SENSITIVE = /^(row_number|ntile|lag|lead|first_value|last_value|nth_value)$/;
const SMALL_WINDOW_ARGUMENT: Readonly<Record<string, number>> = { ntile: 0, lag: 1, lead: 1, nth_value: 1 };

const SPANS = ["'1 day'::interval", "'1 mon'::interval", "'0'::interval", "'36:00:00'::interval", "'-1 day'::interval"];
/** How far RANGE goes, by the type that is sorted by. */
const RANGE_OFFSETS: Readonly<Record<string, readonly string[]>> = {
  int2: ['1', '0', '100::int8', '-1'],
  int4: ['1', '2', '0', '100000::int8', '2147483647', '-1'],
  int8: ['1', '0', '9223372036854775807', '5::int8'],
  float8: ['1', '0.5::float8', "'Infinity'::float8", "'NaN'::float8", '0'],
  numeric: ['1', '0.5', '0', "'Infinity'::numeric"],
  date: SPANS,
  timestamp: SPANS,
  timestamptz: SPANS,
  time: SPANS,
  interval: SPANS,
};

/** Calls of aggregates and window functions by the type of their result. */
export class AggregateGenerator {
  readonly #random: SeededRandom;
  readonly #expressions: ExpressionGenerator;
  readonly #aggregates: FunctionSignature[] = [];
  readonly #windows: FunctionSignature[] = [];

  constructor(random: SeededRandom, expressions: ExpressionGenerator, catalogue: Catalogue) {
    this.#random = random;
    this.#expressions = expressions;
    for (const signature of catalogue.functions) {
      if (signature.kind === 'window') this.#windows.push(signature);
      else if (signature.kind !== 'scalar' && signature.kind !== 'table') this.#aggregates.push(signature);
    }
  }

  /** An aggregate over rows of the scope that gives the type; undefined where there is none. */
  call(type: string, scope: Scope, depth: number): Sql | undefined {
    const signature = this.#pick(this.#aggregates, type);
    return signature === undefined ? undefined : this.#aggregateCall(signature, type, scope, depth);
  }

  #aggregateCall(signature: FunctionSignature, type: string, scope: Scope, depth: number): Sql | undefined {
    const random = this.#random;
    const { name } = signature;
    const filter = random.below(6) === 0 ? optional(sql` FILTER (WHERE ${this.#expressions.condition(scope, 1)})`) : '';
    if (signature.kind === 'ordered-set' || signature.kind === 'hypothetical-set') {
      return this.#withinGroup(signature, type, scope, filter);
    }
    if (signature.arguments.length === 0) return sql`${name}(*)${filter}`;
    const types = this.#argumentTypes(signature, type);
    if (types === undefined) return undefined;
    const values = types.map((argument) => this.#expressions.of(argument, scope, depth));
    const isSensitive = ORDER_SENSITIVE.test(name);
    const mayOrder = this.#expressions.allows('aggregate-order');
    if (isSensitive && !(mayOrder && types.every(isIdenticalWhenEqual))) return undefined;
    if (random.below(5) === 0 && types.length === 1 && isComparable(types[0])) {
      return sql`${name}(DISTINCT ${values[0]}${isSensitive ? sql` ORDER BY ${values[0]}` : ''})${filter}`;
    }
    const order = isSensitive || (mayOrder && random.below(10) === 0) ? this.#orderBy(values, types) : '';
    return sql`${name}(${list(values, { minimum: values.length })}${order})${filter}`;
  }

  #orderBy(values: readonly Sql[], types: readonly string[]): Sql {
    const keys = values.filter((_, index) => isComparable(types[index]));
    const direction = () => this.#random.pick(['', ' DESC', ' NULLS FIRST']);
    return keys.length === 0
      ? ''
      : sql` ORDER BY ${list(
          keys.map((key) => sql`${key}${direction()}`),
          { minimum: keys.length },
        )}`;
  }

  #withinGroup(signature: FunctionSignature, type: string, scope: Scope, filter: Sql): Sql | undefined {
    const random = this.#random;
    const { name } = signature;
    if (signature.kind === 'hypothetical-set') {
      const of = random.pick(['int4', 'text', 'float8', 'date']);
      if (!this.#expressions.types.includes(of)) return undefined;
      const key = this.#expressions.of(of, scope, 1);
      return sql`${name}(${this.#expressions.of(of, { ...scope, relations: [] }, 0)}) WITHIN GROUP (ORDER BY ${key})${filter}`;
    }
    const types = this.#argumentTypes(signature, type);
    const ordered = types?.at(-1);
    if (types === undefined || ordered === undefined || !isComparable(ordered)) return undefined;
    const fraction = types[0] === '_float8' ? `'{0,0.25,1}'::float8[]` : random.pick(['0.5', '0', '1', '0.25', '1.5']);
    const direct = types.length === 1 ? '' : fraction;
    return sql`${name}(${direct}) WITHIN GROUP (ORDER BY ${this.#expressions.of(ordered, scope, 1)})${filter}`;
  }

  /** A call with OVER. `keys` name one row each; without them only what peers cannot tell apart is called. */
  windowCall(type: string, scope: Scope, keys: readonly string[] | undefined): Sql | undefined {
    const random = this.#random;
    const isAggregate = random.below(2) === 0;
    const signature = this.#pick(isAggregate ? this.#aggregates : this.#windows, type);
    if (signature === undefined || signature.kind.endsWith('-set')) return undefined;
    const isSensitive = PEER_SENSITIVE.test(signature.name) || ORDER_SENSITIVE.test(signature.name);
    if (isSensitive && keys === undefined) return undefined;
    const types = this.#argumentTypes(signature, type);
    if (types === undefined) return undefined;
    const smallAt = SMALL_WINDOW_ARGUMENT[signature.name];
    const values = types.map((argument, place) =>
      place === smallAt ? String(1 + random.below(3)) : this.#expressions.of(argument, scope, 1),
    );
    const call =
      isAggregate && values.length === 0
        ? sql`${signature.name}(*)`
        : sql`${signature.name}(${list(values, { minimum: values.length })})`;
    const partition = random.below(2) === 0 ? this.#partition(scope) : '';
    const isTotal = keys !== undefined && keys.length > 0 && (isSensitive || random.below(2) === 0);
    const order = isTotal ? this.#totalOrder(scope, keys) : isSensitive ? undefined : this.#partialOrder(scope);
    if (order === undefined) return undefined;
    if (!isSensitive && random.below(4) === 0) {
      const ranged = this.#rangeFrame(scope);
      if (ranged !== undefined) return sql`${call} OVER (${partition}${ranged})`;
    }
    const frame = order === '' || random.below(2) === 0 ? '' : optional(` ${this.#frame(isTotal)}`);
    return sql`${call} OVER (${partition}${order}${frame})`;
  }

  #partition(scope: Scope): Sql {
    const type = this.#expressions.anyType();
    const column = isComparable(type) ? this.#expressions.column(type, scope) : undefined;
    return column === undefined ? '' : optional(sql`PARTITION BY ${column} `);
  }

  #totalOrder(scope: Scope, keys: readonly string[]): Sql {
    const first = this.#partialOrder(scope);
    const rest = keys.join(', ');
    return first === '' ? `ORDER BY ${rest}` : sql`${first}, ${rest}`;
  }

  #partialOrder(scope: Scope): Sql {
    const type = this.#expressions.anyType();
    const column = isComparable(type) ? this.#expressions.column(type, scope) : undefined;
    if (column === undefined || typeof column !== 'string') return '';
    return `ORDER BY ${column}${this.#random.pick(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}`;
  }

  /** ORDER BY one column and so far from its value; the frame ends between peers. */
  #rangeFrame(scope: Scope): Sql | undefined {
    const random = this.#random;
    const type = random.pick(Object.keys(RANGE_OFFSETS));
    const column = this.#expressions.column(type, scope);
    if (column === undefined || typeof column !== 'string') return undefined;
    const offset = () => `${random.pick(RANGE_OFFSETS[type])}`;
    const start = random.pick(['UNBOUNDED PRECEDING', `${offset()} PRECEDING`, `${offset()} FOLLOWING`, 'CURRENT ROW']);
    const end = random.pick(['UNBOUNDED FOLLOWING', `${offset()} FOLLOWING`, `${offset()} PRECEDING`, 'CURRENT ROW']);
    const direction = random.pick(['', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST']);
    return sql`ORDER BY ${column}${direction} RANGE BETWEEN ${start} AND ${end}`;
  }

  /** ROWS cuts between peers, which only a total order allows. */
  #frame(isTotal: boolean): string {
    const random = this.#random;
    const unit = random.pick(isTotal ? ['ROWS', 'RANGE', 'GROUPS'] : ['RANGE', 'GROUPS']);
    const offset = unit === 'RANGE' ? 'UNBOUNDED' : String(random.below(3));
    const start = random.pick(['UNBOUNDED PRECEDING', `${offset} PRECEDING`, 'CURRENT ROW']);
    const end = random.pick(['UNBOUNDED FOLLOWING', `${offset} FOLLOWING`, 'CURRENT ROW']);
    const exclusion = isTotal
      ? random.pick(['', '', ' EXCLUDE CURRENT ROW', ' EXCLUDE TIES', ' EXCLUDE GROUP', ' EXCLUDE NO OTHERS'])
      : random.pick(['', ' EXCLUDE GROUP']);
    return random.below(3) === 0 ? `${unit} ${start}` : `${unit} BETWEEN ${start} AND ${end}${exclusion}`;
  }

  #pick(signatures: readonly FunctionSignature[], type: string): FunctionSignature | undefined {
    const found = signatures.filter(({ result }) => result === type || (POLYMORPHIC.has(result) && fits(result, type)));
    const names = [...new Set(found.map(({ name }) => name))];
    if (names.length === 0) return undefined;
    const name = this.#random.pick(names);
    return this.#random.pick(found.filter((signature) => signature.name === name));
  }

  #argumentTypes(signature: FunctionSignature, type: string): string[] | undefined {
    const declared = signature.result;
    const isArray = declared.endsWith('array') && POLYMORPHIC.has(declared);
    const element = POLYMORPHIC.has(declared) ? (isArray ? type.slice(1) : type) : this.#expressions.anyType();
    const types = signature.arguments.map((argument) => {
      if (argument === 'any') return this.#expressions.anyType();
      if (!POLYMORPHIC.has(argument)) return argument;
      return argument.endsWith('array') ? `_${element}` : element;
    });
    return types.every((argument) => hasValues(argument) && this.#expressions.types.includes(argument))
      ? types
      : undefined;
  }
}

function fits(polymorphic: string, type: string): boolean {
  const isArray = type.startsWith('_');
  if (polymorphic.endsWith('nonarray')) return !isArray;
  return polymorphic.endsWith('array') ? isArray : true;
}
