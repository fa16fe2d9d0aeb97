import type { SeededRandom } from '../../support/seeded-random.ts';
import { choice, expression, list, optional, type Sql, sql } from '../sql-tree.ts';
import { AggregateGenerator } from './aggregates.ts';
import type { Catalogue } from './catalogue.ts';
import {
  EMPTY_SCOPE,
  type ExpressionGenerator,
  type Feature,
  type Relation,
  type Scope,
  type Subqueries,
} from './expressions.ts';
import { type GeneratedColumn, type GeneratedTable, shuffled } from './schema.ts';
import { isComparable, isIdenticalWhenEqual, literal, typeSql } from './values.ts';

export interface GeneratedQuery {
  readonly tree: Sql;
  readonly columns: readonly GeneratedColumn[];
  /** The rows come in one order only. */
  readonly isOrdered: boolean;
}

interface QueryRequest {
  /** Types of the columns; undefined leaves them to chance. */
  readonly types?: readonly string[];
  readonly outer?: Scope;
  readonly depth: number;
  /** Names of columns matter only at the top, where they are compared. */
  readonly isTop?: boolean;
  /** Stands right behind a WITH, and cannot have another one. */
  readonly isInWith?: boolean;
}

interface From {
  readonly tree: Sql;
  readonly relations: readonly Relation[];
  /** What ON of a further JOIN may mention: nothing before the last comma. */
  readonly joined: readonly Relation[];
}

const column = (name: string, type: string): GeneratedColumn => ({ name, type });

/** Calls in FROM, and what they give. */
const TABLE_FUNCTIONS: readonly (readonly [call: string, columns: readonly GeneratedColumn[]])[] = [
  [`jsonb_each('{"a": 1, "b": [1, 2], "k": null}'::jsonb)`, [column('k', 'text'), column('v', 'jsonb')]],
  [`jsonb_each_text('{"a": 1, "b": [1, 2], "k": null}'::jsonb)`, [column('k', 'text'), column('v', 'text')]],
  [`json_each_text('{"a": 1, "b": [1, 2], "k": null}'::json)`, [column('k', 'text'), column('v', 'text')]],
  [`jsonb_array_elements('[1, "x", null, {"a": 2}]'::jsonb)`, [column('n', 'jsonb')]],
  [`jsonb_array_elements_text('[1, "x", null, {"a": 2}]'::jsonb)`, [column('n', 'text')]],
  [`jsonb_object_keys('{"a": 1, "b": 2}'::jsonb)`, [column('n', 'text')]],
  [`regexp_split_to_table('a1b22c', '\\d+')`, [column('n', 'text')]],
  [`regexp_matches('a1b22c', '([a-z])(\\d+)', 'g')`, [column('n', '_text')]],
  [`string_to_table('a,b,,c', ',', '')`, [column('n', 'text')]],
  [
    `generate_series('2024-03-30 00:00:00+00'::timestamptz, '2024-04-01 00:00:00+00', '12:00:00')`,
    [column('n', 'timestamptz')],
  ],
  [`generate_series('2024-01-31'::timestamp, '2024-06-30', '1 mon')`, [column('n', 'timestamp')]],
  [`generate_subscripts('{a,b,c}'::text[], 1)`, [column('n', 'int4')]],
  [`ROWS FROM (generate_series(1, 3), unnest('{a,b}'::text[]))`, [column('n', 'int4'), column('v', 'text')]],
  [`unnest('{1,2,3}'::int4[], '{a,b}'::text[])`, [column('n', 'int4'), column('v', 'text')]],
];

const JOINS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'INNER JOIN', 'LEFT OUTER JOIN'] as const;

/** Queries of every kind over the tables of a round. */
export class QueryGenerator implements Subqueries {
  readonly #random: SeededRandom;
  readonly #expressions: ExpressionGenerator;
  readonly #aggregates: AggregateGenerator;
  readonly #tables: readonly GeneratedTable[];
  /** Common table expressions in scope. */
  #withs: { readonly name: string; readonly columns: readonly GeneratedColumn[] }[] = [];
  #lastAlias = 0;
  readonly #hasUnnest: boolean;

  constructor(
    random: SeededRandom,
    expressions: ExpressionGenerator,
    catalogue: Catalogue,
    tables: readonly GeneratedTable[],
  ) {
    this.#random = random;
    this.#expressions = expressions;
    this.#aggregates = new AggregateGenerator(random, expressions, catalogue);
    this.#tables = tables;
    this.#hasUnnest = catalogue.functions.some(({ name }) => name === 'unnest');
    expressions.subqueries = this;
  }

  /** Aliases start anew, so that a statement does not depend on those before it. */
  top(depth = 3): GeneratedQuery {
    this.#lastAlias = 0;
    this.#withs = [];
    return this.query({ depth, isTop: true });
  }

  /** A query that reads what a statement in WITH returns, among others. */
  over(name: string, columns: readonly GeneratedColumn[], depth: number): GeneratedQuery {
    this.#withs = [{ name, columns }];
    const query = this.query({ depth, isTop: true, isInWith: true });
    this.#withs = [];
    return query;
  }

  scalar(type: string, scope: Scope, depth: number): Sql {
    const kind = this.#random.below(3);
    if (kind === 0) return this.#aggregateOfAll(type, scope, depth);
    const { tree } = this.query({ types: [type], outer: scope, depth: depth - 1 });
    // More than one row is an error; that this one is asked for says LIMIT, where the order is total.
    return this.#isLimitable([type]) ? sql`SELECT * FROM (${tree}) AS ${this.#alias()} ORDER BY 1 LIMIT 1` : tree;
  }

  array(type: string, scope: Scope, depth: number): Sql {
    const { tree } = this.query({ types: [type], outer: scope, depth: depth - 1 });
    return sql`SELECT * FROM (${tree}) AS ${this.#alias()} ORDER BY 1`;
  }

  column(type: string, scope: Scope, depth: number): Sql {
    return this.query({ types: [type], outer: scope, depth: depth - 1 }).tree;
  }

  query(request: QueryRequest): GeneratedQuery {
    const random = this.#random;
    if (request.depth > 0) {
      if (random.below(12) === 0 && this.#allows('set-operation')) return this.#setOperation(request);
      if (request.isInWith !== true && this.#withs.length < 3 && this.#allows('with')) {
        if (random.below(12) === 0) return this.#with(request);
        if (random.below(40) === 0) return this.#recursive(request);
      }
    }
    if (random.below(25) === 0 && this.#allows('values')) return this.#valuesQuery(request);
    return this.#select(request);
  }

  #allows(feature: Feature): boolean {
    return this.#expressions.allows(feature);
  }

  get #joins(): readonly string[] {
    return this.#allows('right-join') ? JOINS : JOINS.filter((join) => !/RIGHT|FULL/.test(join));
  }

  #alias(): string {
    return `r${++this.#lastAlias}`;
  }

  #typesFor(request: QueryRequest, { onlyIdentical = false } = {}): readonly string[] {
    if (request.types !== undefined) return request.types;
    const types: string[] = [];
    for (let left = 1 + this.#random.below(4); left > 0; ) {
      const type = this.#expressions.anyType();
      if (onlyIdentical && !isIdenticalWhenEqual(type)) continue;
      types.push(type);
      left--;
    }
    return types;
  }

  #isLimitable(types: readonly string[]): boolean {
    return types.length > 0 && types.every(isIdenticalWhenEqual);
  }

  #select(request: QueryRequest): GeneratedQuery {
    const random = this.#random;
    const { depth, outer } = request;
    const from = random.below(12) === 0 ? undefined : this.#from(outer, depth);
    const scope: Scope = { relations: from?.relations ?? [], outer };
    const tail = from === undefined ? '' : optional(sql` FROM ${from.tree}`);
    const where = random.below(2) === 0 ? '' : optional(sql` WHERE ${this.#expressions.condition(scope, depth)}`);
    if (from !== undefined) {
      const kind = random.below(10);
      if (kind < 2) return this.#grouped(request, scope, sql`${tail}${where}`);
      if (kind < 3 && this.#allows('window')) return this.#windowed(request, scope, sql`${tail}${where}`);
      if (kind < 4 && request.isTop === true && request.types === undefined)
        return this.#star(scope, sql`${tail}${where}`);
    }
    const isDistinct = random.below(7) === 0;
    const types = this.#typesFor(request, { onlyIdentical: isDistinct });
    const items = types.map((type) => this.#expressions.of(type, scope, depth));
    const distinct = isDistinct && this.#isLimitable(types) ? this.#distinct(types) : undefined;
    if (request.isTop === true && !isDistinct && random.below(15) === 0) {
      return this.#withSets(items, types, sql`${tail}${where}`, scope);
    }
    const { columns, tree } = this.#items(items, types, request);
    const head = sql`SELECT ${distinct?.words ?? ''}${tree}${tail}${where}`;
    if (distinct?.order !== undefined)
      return { tree: sql`${head} ORDER BY ${distinct.order}`, columns, isOrdered: true };
    return this.#ordered(head, columns, request);
  }

  /** DISTINCT ON has a row of its choice only where the order is total. */
  #distinct(types: readonly string[]): { readonly words: Sql; readonly order?: Sql } {
    const random = this.#random;
    if (random.below(2) === 0) return { words: optional('DISTINCT ') };
    const order = types.map(
      (_, index) => `${index + 1}${random.pick(['', ' DESC', ' ASC NULLS FIRST', ' DESC NULLS LAST'])}`,
    );
    const count = 1 + random.below(types.length);
    return { words: `DISTINCT ON (${types.slice(0, count).map((_, index) => index + 1)}) `, order: order.join(', ') };
  }

  /** Functions that give several rows in the select list: these go in step, and the shorter ones end in NULLs. */
  #withSets(items: readonly Sql[], types: readonly string[], tail: Sql, scope: Scope): GeneratedQuery {
    const random = this.#random;
    const sets = Array.from({ length: 1 + random.below(2) }, (): Sql => {
      const last = random.below(4);
      if (random.below(2) === 0 || !this.#hasUnnest) return `generate_series(1, ${last})`;
      const type = random.pick(
        ['int4', 'text', 'float8'].filter((name) => this.#expressions.types.includes(`_${name}`)),
      );
      return sql`unnest(${this.#expressions.of(`_${type}`, scope, 1)})`;
    });
    const all = shuffled([...items, ...sets], random);
    const columns = types.map((type, index) => ({ name: `c${index + 1}`, type }));
    return { tree: sql`SELECT ${list(all)}${tail}`, columns, isOrdered: false };
  }

  #star(scope: Scope, tail: Sql): GeneratedQuery {
    const relation = this.#random.pick(scope.relations);
    const what = this.#random.pick(['*', `${relation.alias}.*`, relation.alias]);
    // What the columns are called and what they are is for the servers to say.
    return { tree: sql`SELECT ${what}${tail}`, columns: [], isOrdered: false };
  }

  #items(
    items: readonly Sql[],
    types: readonly string[],
    { isTop }: QueryRequest,
  ): { columns: GeneratedColumn[]; tree: Sql } {
    const random = this.#random;
    const columns = types.map((type, index) => ({ name: `c${index + 1}`, type }));
    const isNamed = isTop !== true || random.below(3) === 0;
    const tree = list(
      items.map((item, index) => (isNamed ? sql`${item} AS ${columns[index].name}` : item)),
      // Inside another query the columns are counted on.
      { minimum: isTop === true ? 1 : items.length },
    );
    return { columns, tree };
  }

  /** With ORDER BY now and then, and with LIMIT where the order leaves no choice. */
  #ordered(head: Sql, columns: readonly GeneratedColumn[], { isTop }: QueryRequest): GeneratedQuery {
    const random = this.#random;
    if (random.below(3) > 0 || columns.length === 0) return { tree: head, columns, isOrdered: false };
    const types = columns.map(({ type }) => type);
    const sortable = columns.map((_, index) => index + 1).filter((ordinal) => isComparable(types[ordinal - 1]));
    if (sortable.length === 0) return { tree: head, columns, isOrdered: false };
    const keys = shuffled(sortable, random).map(
      (ordinal) => `${ordinal}${random.pick(['', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST', ' ASC'])}`,
    );
    const order = ` ORDER BY ${keys.join(', ')}`;
    if (!this.#isLimitable(types)) return { tree: sql`${head}${optional(order)}`, columns, isOrdered: false };
    const tree = sql`${head}${order}`;
    if (random.below(2) === 0) return { tree, columns, isOrdered: isTop === true };
    const limit = random.pick([
      `LIMIT ${random.below(6)}`,
      `OFFSET ${random.below(4)}`,
      `LIMIT ${random.below(6)} OFFSET ${random.below(4)}`,
      `FETCH FIRST ${1 + random.below(4)} ROWS ONLY`,
      `FETCH FIRST ${1 + random.below(4)} ROWS WITH TIES`,
      'LIMIT ALL',
      'LIMIT NULL',
    ]);
    return { tree: sql`${tree}${optional(` ${limit}`)}`, columns, isOrdered: true };
  }

  #grouped(request: QueryRequest, scope: Scope, tail: Sql): GeneratedQuery {
    const random = this.#random;
    const { depth } = request;
    const keys: { readonly type: string; readonly tree: Sql }[] = [];
    for (let left = random.below(4); left > 0; left--) {
      const type = this.#expressions.anyType();
      const column = isComparable(type) ? this.#expressions.column(type, { ...scope, outer: undefined }) : undefined;
      if (column !== undefined) keys.push({ type, tree: column });
      else if (isIdenticalWhenEqual(type))
        keys.push({ type, tree: this.#expressions.of(type, { ...scope, outer: undefined }, 1) });
    }
    // An expression over constants alone is not worth grouping by, and a bare number would be an ordinal.
    const grouping = keys.filter(({ tree }) => typeof tree === 'string' || /r\d+\./.test(JSON.stringify(tree)));
    const leaves = (type: string, leafDepth: number): Sql | undefined => {
      if (type === 'int4' && grouping.length > 0 && random.below(6) === 0) {
        return sql`GROUPING(${list(grouping.map(({ tree }) => tree))})`;
      }
      const key = grouping.filter((candidate) => candidate.type === type);
      if (key.length > 0 && random.below(2) === 0) return random.pick(key).tree;
      return (
        this.#aggregates.call(type, scope, Math.min(leafDepth, 1)) ??
        (key.length > 0 ? random.pick(key).tree : undefined)
      );
    };
    const inner: Scope = { relations: scope.relations, outer: scope.outer, leaves, onlyLeaves: true };
    const types = this.#typesFor(request);
    const items = types.map((type) => expression(type, leaves(type, depth) ?? this.#expressions.of(type, inner, 1)));
    const groupBy = grouping.length === 0 ? '' : this.#groupBy(grouping.map(({ tree }) => tree));
    const having = random.below(4) === 0 ? optional(sql` HAVING ${this.#expressions.condition(inner, 2)}`) : '';
    const { columns, tree } = this.#items(items, types, request);
    return this.#ordered(sql`SELECT ${tree}${tail}${groupBy}${having}`, columns, request);
  }

  #groupBy(keys: readonly Sql[]): Sql {
    const all = list(keys, { minimum: keys.length });
    switch (this.#allows('grouping-sets') ? this.#random.below(8) : 7) {
      case 0:
        return sql` GROUP BY ${choice(sql`ROLLUP (${all})`, all)}`;
      case 1:
        return sql` GROUP BY ${choice(sql`CUBE (${all})`, all)}`;
      case 2:
        return sql` GROUP BY ${choice(sql`GROUPING SETS ((${all}), (${keys[0]}), ())`, all)}`;
      case 3:
        return sql` GROUP BY ${choice(sql`DISTINCT ${all}, ROLLUP (${keys[0]})`, all)}`;
      default:
        return sql` GROUP BY ${all}`;
    }
  }

  #windowed(request: QueryRequest, scope: Scope, tail: Sql): GeneratedQuery {
    const { depth } = request;
    const keys = scope.relations.flatMap(({ alias, key }) => (key ?? []).map((column) => `${alias}.${column}`));
    const isKeyed = scope.relations.every(({ key }) => key !== undefined);
    const leaves = (type: string) =>
      this.#aggregates.windowCall(type, { ...scope, outer: undefined }, isKeyed ? keys : undefined);
    const inner: Scope = { ...scope, leaves };
    const types = this.#typesFor(request);
    const items = types.map((type) => expression(type, leaves(type) ?? this.#expressions.of(type, inner, depth)));
    const { columns, tree } = this.#items(items, types, request);
    return this.#ordered(sql`SELECT ${tree}${tail}`, columns, request);
  }

  #aggregateOfAll(type: string, outer: Scope, depth: number): Sql {
    const from = this.#from(outer, 0);
    const scope: Scope = { relations: from.relations, outer };
    const aggregate = this.#aggregates.call(type, scope, 1) ?? this.#expressions.of(type, { ...EMPTY_SCOPE, outer }, 0);
    const where = this.#random.below(2) === 0 ? '' : optional(sql` WHERE ${this.#expressions.condition(scope, depth)}`);
    const call = expression(type, aggregate);
    return sql`SELECT ${call} FROM ${from.tree}${where}`;
  }

  #setOperation(request: QueryRequest): GeneratedQuery {
    const random = this.#random;
    const types = this.#typesFor(request, { onlyIdentical: random.below(2) === 0 });
    const isExact = this.#isLimitable(types);
    const operators = isExact
      ? ['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL']
      : ['UNION ALL'];
    const part = () =>
      sql`(${this.query({ ...request, isTop: false, isInWith: false, types, depth: request.depth - 1 }).tree})`;
    const left = part();
    const right = part();
    const tree = choice(sql`${left} ${random.pick(operators)} ${right}`, left, right);
    const columns = types.map((type, index) => ({ name: `c${index + 1}`, type }));
    return this.#ordered(tree, columns, request);
  }

  #with(request: QueryRequest): GeneratedQuery {
    const random = this.#random;
    const name = `w${this.#withs.length + 1}`;
    const inner = this.query({ depth: request.depth - 1 });
    const before = this.#withs;
    this.#withs = [...before, { name, columns: inner.columns }];
    const outer = this.query({ ...request, isInWith: true, depth: request.depth - 1 });
    this.#withs = before;
    const how = random.pick(['AS', 'AS', 'AS MATERIALIZED', 'AS NOT MATERIALIZED']);
    return { ...outer, tree: sql`${optional(sql`WITH ${name} ${how} (${inner.tree}) `)}${outer.tree}` };
  }

  #recursive(request: QueryRequest): GeneratedQuery {
    const random = this.#random;
    const name = `w${this.#withs.length + 1}`;
    const end = 2 + random.below(5);
    const union = random.pick(['UNION ALL', 'UNION']);
    const start = sql`VALUES (1, ${this.#expressions.of('text', EMPTY_SCOPE, 1)})`;
    const tree = sql`WITH RECURSIVE ${name}(n, t) AS (${start} ${union} SELECT n + 1, t || 'x' FROM ${name} WHERE n < ${String(end)}) `;
    const before = this.#withs;
    this.#withs = [
      ...before,
      {
        name,
        columns: [
          { name: 'n', type: 'int4' },
          { name: 't', type: 'text' },
        ],
      },
    ];
    const outer = this.query({ ...request, depth: 0 });
    this.#withs = before;
    return { ...outer, tree: sql`${optional(tree)}${outer.tree}` };
  }

  #valuesQuery(request: QueryRequest): GeneratedQuery {
    const types = this.#typesFor(request);
    const scope: Scope = { relations: [], outer: request.outer };
    const columns = types.map((type, index) => ({ name: `column${index + 1}`, type }));
    const tree = this.#values(types, scope);
    return request.isTop === true
      ? this.#ordered(tree, columns, request)
      : { tree: sql`SELECT * FROM (${tree}) AS ${this.#alias()}`, columns, isOrdered: false };
  }

  #values(types: readonly string[], scope: Scope): Sql {
    const rows = Array.from(
      { length: 1 + this.#random.below(4) },
      () =>
        sql`(${list(
          types.map((type) => this.#expressions.of(type, scope, 1)),
          { minimum: types.length },
        )})`,
    );
    return sql`VALUES ${list(rows)}`;
  }

  #from(outer: Scope | undefined, depth: number): From {
    const random = this.#random;
    const first = this.#relation(outer, [], depth);
    let from: From = { tree: first.tree, relations: [first.relation], joined: [first.relation] };
    const count = random.pick([1, 1, 1, 2, 2, 3]);
    while (from.relations.length < count) from = this.#join(from, outer, depth);
    return from;
  }

  #join(left: From, outer: Scope | undefined, depth: number): From {
    const random = this.#random;
    const kind = random.below(12);
    const right = this.#relation(outer, kind < 3 && this.#allows('lateral') ? left.relations : [], depth);
    const relations = [...left.relations, right.relation];
    const joined = [...left.joined, right.relation];
    const scope: Scope = { relations: random.below(30) === 0 ? relations : joined, outer };
    const join = (tree: Sql): From => ({ tree: choice(tree, left.tree, right.tree), relations, joined });
    const comma = (): From => ({ ...join(sql`${left.tree}, ${right.tree}`), joined: [right.relation] });
    if (right.isLateral) {
      if (random.below(2) === 0) return comma();
      return join(sql`${left.tree} ${random.pick(['JOIN', 'LEFT JOIN'])} ${right.tree} ON true`);
    }
    const shared = this.#sharedColumns(left.joined, right.relation);
    if (kind === 3 && shared.length > 0) {
      const using = shuffled(shared, random).slice(0, 2).join(', ');
      return join(sql`${left.tree} ${random.pick(this.#joins)} ${right.tree} USING (${using})`);
    }
    if (kind === 4) return join(sql`${left.tree} NATURAL ${random.pick(this.#joins)} ${right.tree}`);
    if (kind === 5) return join(sql`${left.tree} CROSS JOIN ${right.tree}`);
    if (kind === 6) return comma();
    const on = kind < 10 ? this.#equalityOf(left.joined, right.relation) : undefined;
    const condition = on ?? this.#expressions.condition(scope, Math.min(depth, 2));
    const more = random.below(4) === 0 ? optional(sql` AND ${this.#expressions.condition(scope, 1)}`) : '';
    return join(sql`${left.tree} ${random.pick(this.#joins)} ${right.tree} ON ${condition}${more}`);
  }

  /** Names that the other side has once, and with the same type: what USING is for. */
  #sharedColumns(left: readonly Relation[], right: Relation): string[] {
    return right.columns
      .filter(
        ({ name, type }) =>
          isComparable(type) && left.flatMap(({ columns }) => columns).filter((c) => c.name === name).length === 1,
      )
      .map(({ name }) => name);
  }

  /** `a.x = b.y` of one type, which a hash join can take. */
  #equalityOf(left: readonly Relation[], right: Relation): Sql | undefined {
    const random = this.#random;
    for (const { name, type } of shuffled(right.columns, random)) {
      if (!isComparable(type)) continue;
      const other = this.#expressions.column(type, { relations: left, outer: undefined });
      if (other !== undefined) return expression('bool', sql`${other} = ${right.alias}.${name}`);
    }
    return undefined;
  }

  #relation(
    outer: Scope | undefined,
    lateralTo: readonly Relation[],
    depth: number,
  ): { readonly tree: Sql; readonly relation: Relation; readonly isLateral: boolean } {
    const random = this.#random;
    const alias = this.#alias();
    const isLateral = lateralTo.length > 0;
    const kind = random.below(14);
    if (depth > 0 && (kind < 2 || isLateral)) {
      const scope = isLateral ? { relations: lateralTo, outer } : outer;
      const { tree, columns } = this.query({ depth: depth - 1, ...(scope === undefined ? {} : { outer: scope }) });
      const lateral = isLateral ? 'LATERAL ' : '';
      return { tree: sql`${lateral}(${tree}) AS ${alias}`, relation: { alias, columns, key: undefined }, isLateral };
    }
    if (kind === 2 && this.#allows('values')) {
      const types = this.#typesFor({ depth: 0 });
      const columns = types.map((type, index) => ({ name: `v${index + 1}`, type }));
      const names = columns.map(({ name }) => name).join(', ');
      const tree = sql`(${this.#values(types, EMPTY_SCOPE)}) AS ${alias}(${names})`;
      return { tree, relation: { alias, columns, key: undefined }, isLateral: false };
    }
    if (kind === 3) return { ...this.#tableFunction(alias), isLateral: false };
    if (kind < 6 && this.#withs.length > 0) {
      const { name, columns } = random.pick(this.#withs);
      return { tree: `${name} AS ${alias}`, relation: { alias, columns, key: undefined }, isLateral: false };
    }
    const table = random.pick(this.#tables);
    return {
      tree: `${table.name} ${random.pick(['AS ', ''])}${alias}`,
      relation: { alias, columns: table.columns, key: table.key },
      isLateral: false,
    };
  }

  #tableFunction(alias: string): { readonly tree: Sql; readonly relation: Relation } {
    const random = this.#random;
    const hasOrdinality = random.below(3) === 0;
    const ordinality = hasOrdinality ? ' WITH ORDINALITY' : '';
    const more = hasOrdinality ? [{ name: 'o', type: 'int8' }] : [];
    const names = hasOrdinality ? '(n, o)' : '(n)';
    if (random.below(3) === 0 && this.#hasUnnest) {
      const [call, columns] = random.pick(TABLE_FUNCTIONS);
      const tree = `${call}${ordinality} AS ${alias}(${[...columns, ...more].map(({ name }) => name).join(', ')})`;
      return { tree, relation: { alias, columns: [...columns, ...more], key: hasOrdinality ? ['o'] : undefined } };
    }
    if (random.below(2) === 0 || !this.#hasUnnest) {
      const type = random.pick(['int4', 'int8', 'numeric']);
      const step = random.pick([1, 2, -1]);
      const tree = `generate_series(${random.below(3)}::${type}, ${random.below(7)}::${type}, ${step}::${type})`;
      const columns = [{ name: 'n', type }, ...more];
      return { tree: `${tree}${ordinality} AS ${alias}${names}`, relation: { alias, columns, key: ['n'] } };
    }
    const type = random.pick(['int4', 'text', 'float8']);
    const items = list(Array.from({ length: 1 + random.below(4) }, () => literal(type, random)));
    const tree = sql`unnest(ARRAY[${items}]::${typeSql(type)}[])${ordinality} AS ${alias}${names}`;
    return {
      tree,
      relation: { alias, columns: [{ name: 'n', type }, ...more], key: hasOrdinality ? ['o'] : undefined },
    };
  }
}
