import { describe, expect, test } from 'vitest';
import { type Catalogue, restrictCatalogue } from './generator/catalogue.ts';
import { FEATURES } from './generator/expressions.ts';
import { generateRound } from './generator/statements.ts';
import { render } from './sql-tree.ts';

const TYPES = ['bool', 'int2', 'int4', 'int8', 'float8', 'numeric', 'text', 'date', 'timestamptz', '_int4', '_text'];

/** A small piece of what PostgreSQL's catalogs say. */
const CATALOGUE: Catalogue = {
  types: TYPES.map((name, index) => ({
    oid: index + 1,
    name,
    element: name.startsWith('_') ? name.slice(1) : undefined,
  })),
  functions: [
    { oid: 1, name: 'lower', kind: 'scalar', arguments: ['text'], result: 'text', isVariadic: false, defaultCount: 0 },
    { oid: 2, name: 'abs', kind: 'scalar', arguments: ['int4'], result: 'int4', isVariadic: false, defaultCount: 0 },
    {
      oid: 3,
      name: 'count',
      kind: 'aggregate',
      arguments: ['any'],
      result: 'int8',
      isVariadic: false,
      defaultCount: 0,
    },
    {
      oid: 4,
      name: 'array_agg',
      kind: 'aggregate',
      arguments: ['anynonarray'],
      result: 'anyarray',
      isVariadic: false,
      defaultCount: 0,
    },
    { oid: 5, name: 'row_number', kind: 'window', arguments: [], result: 'int8', isVariadic: false, defaultCount: 0 },
    {
      oid: 6,
      name: 'random_thing',
      kind: 'scalar',
      arguments: ['cstring'],
      result: 'text',
      isVariadic: false,
      defaultCount: 0,
    },
  ],
  operators: [
    { oid: 1, name: '+', left: 'int4', right: 'int4', result: 'int4' },
    { oid: 2, name: '||', left: 'anyarray', right: 'anyelement', result: 'anyarray' },
    { oid: 3, name: '-', left: undefined, right: 'int4', result: 'int4' },
  ],
  casts: [{ source: 'int4', target: 'int8' }],
};

function statements(seed: number, count: number, without: ReadonlySet<string> = new Set()): string[] {
  const { next } = generateRound(seed, 0, CATALOGUE, undefined, without);
  return Array.from({ length: count }, () => render(next().tree));
}

describe('the generator', () => {
  test('gives the same statements for the same seed, and others for another', () => {
    expect(statements(7, 300)).toEqual(statements(7, 300));
    expect(statements(7, 300)).not.toEqual(statements(8, 300));
  });

  test('gives the same tables for the same seed, each engine its own way to make them', () => {
    const tables = (round: number) => generateRound(3, round, CATALOGUE, undefined).tables;
    expect(tables(0)).toEqual(tables(0));
    expect(tables(0)).not.toEqual(tables(1));
    const hostile = tables(0).filter(({ isOrdinary }) => !isOrdinary);
    expect(hostile).toHaveLength(3);
    for (const { create } of hostile) {
      expect(create.tidewire.join()).toContain('tidewire.time');
      expect(create.postgresql.join()).not.toContain('tidewire');
    }
  });

  test('reaches every kind of query', () => {
    const all = statements(1, 4000).join('\n');
    const wanted =
      /LEFT JOIN|RIGHT JOIN|FULL JOIN|NATURAL|USING \(|CROSS JOIN|LATERAL|EXISTS|\bIN \(|ANY|WITH |RECURSIVE|UNION|INTERSECT|EXCEPT|DISTINCT ON|GROUP BY|ROLLUP|CUBE|GROUPING SETS|HAVING|OVER \(|FILTER|LIMIT|WITH TIES|VALUES|CASE|COALESCE|NULLIF|BETWEEN|LIKE|IS DISTINCT FROM|INSERT|UPDATE|DELETE|ON CONFLICT|RETURNING|TRUNCATE|CREATE VIEW|ALTER TABLE|nope/;
    const missing = wanted.source.split('|').filter((word) => !new RegExp(word).test(all));
    expect(missing).toEqual([]);
  });

  test('leaves out what it is told to', () => {
    const words = {
      window: / OVER /,
      with: /\bWITH w\d/,
      'set-operation': /\) (INTERSECT|EXCEPT)/,
      lateral: /LATERAL/,
    };
    for (const [feature, word] of Object.entries(words)) {
      expect(FEATURES).toContain(feature);
      const { next } = generateRound(1, 0, CATALOGUE, undefined, new Set([feature]));
      // What is wrong on purpose may be wrong like that.
      const cases = Array.from({ length: 2000 }, next).filter(({ kind }) => kind !== 'mistake');
      expect(statements(1, 2000).filter((text) => word.test(text)).length).toBeGreaterThan(0);
      expect(cases.map(({ tree }) => render(tree)).filter((text) => word.test(text))).toEqual([]);
    }
  });

  test('calls nothing but what is supported, and nothing whose types it cannot write', () => {
    const supported = { types: new Set(TYPES.keys()), functions: new Set([2, 6]), operators: new Set([1]) };
    const { functions, operators, types } = restrictCatalogue(CATALOGUE, supported);
    expect(functions.map(({ name }) => name)).toEqual(['abs']);
    expect(operators.map(({ name }) => name)).toEqual(['+']);
    expect(types.map(({ oid }) => oid)).not.toContain(TYPES.length);
  });
});
