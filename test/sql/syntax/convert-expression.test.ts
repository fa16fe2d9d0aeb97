import { describe, expect, test } from 'vitest';
import { parseExpression, withoutPositions } from './parse-helper.ts';

const column = (name: string) => ({ kind: 'column', qualifier: [], name });
const integer = (value: number) => ({ kind: 'literal', type: 'integer', value: String(value) });
const string = (value: string) => ({ kind: 'literal', type: 'string', value });
const type = (schema: string | undefined, name: string, modifiers: number[] = [], arrayDimensions = 0) => ({
  schema,
  name,
  modifiers,
  arrayDimensions,
});
const call = (schema: string | undefined, name: string, ...values: unknown[]) => ({
  kind: 'call',
  schema,
  name,
  arguments: values,
  isStar: false,
  isDistinct: false,
  filter: undefined,
});

const words = (...parts: Parameters<typeof call>) => ({ ...call(...parts), isInWords: true });

const cases: Record<string, unknown> = {
  // constants
  '0': integer(0),
  '-5': integer(-5),
  '- 5': integer(-5),
  '- -5': { kind: 'literal', type: 'integer', value: '5' },
  '-2147483648': { kind: 'literal', type: 'integer', value: '-2147483648' },
  '99999999999999999999': { kind: 'literal', type: 'integer', value: '99999999999999999999' },
  '0xff': integer(255),
  '0xFFFFFFFFFF': { kind: 'literal', type: 'integer', value: '1099511627775' },
  '-0xFFFFFFFFFF': { kind: 'literal', type: 'integer', value: '-1099511627775' },
  '1_000_000_000_000': { kind: 'literal', type: 'integer', value: '1000000000000' },
  '.5': { kind: 'literal', type: 'decimal', value: '.5' },
  '-1.50': { kind: 'literal', type: 'decimal', value: '-1.50' },
  '1e5': { kind: 'literal', type: 'decimal', value: '1e5' },
  true: { kind: 'literal', type: 'boolean', value: 'true' },
  false: { kind: 'literal', type: 'boolean', value: 'false' },
  null: { kind: 'literal', type: 'null', value: '' },
  "''": string(''),
  "'it''s'": string("it's"),
  "E'a\\nb'": string('a\nb'),
  // names
  a: column('a'),
  'S."T".a': { kind: 'column', qualifier: ['s', 'T'], name: 'a' },
  '*': { kind: 'star', qualifier: [] },
  't.*': { kind: 'star', qualifier: ['t'] },
  $3: { kind: 'parameter', number: 3 },
  // operators
  'a + 1': { kind: 'operator', schema: undefined, name: '+', left: column('a'), right: integer(1) },
  '-a': { kind: 'operator', schema: undefined, name: '-', left: undefined, right: column('a') },
  '+5': { kind: 'operator', schema: undefined, name: '+', left: undefined, right: integer(5) },
  'a OPERATOR(pg_catalog.~) b': {
    kind: 'operator',
    schema: 'pg_catalog',
    name: '~',
    left: column('a'),
    right: column('b'),
  },
  'a != b': { kind: 'operator', schema: undefined, name: '<>', left: column('a'), right: column('b') },
  'a = ANY (b)': { kind: 'quantified', name: '=', isAll: false, left: column('a'), array: column('b') },
  'a OPERATOR(pg_catalog.<>) ALL (b)': {
    kind: 'quantified',
    name: '<>',
    isAll: true,
    left: column('a'),
    array: column('b'),
  },
  'NOT a OR b AND c': {
    kind: 'or',
    arguments: [
      { kind: 'not', argument: column('a') },
      { kind: 'and', arguments: [column('b'), column('c')] },
    ],
  },
  'a IS NULL': { kind: 'null-test', argument: column('a'), isNegated: false },
  'a NOTNULL': { kind: 'null-test', argument: column('a'), isNegated: true },
  'a IS NOT TRUE': { kind: 'boolean-test', argument: column('a'), test: 'true', isNegated: true },
  'a IS UNKNOWN': { kind: 'boolean-test', argument: column('a'), test: 'unknown', isNegated: false },
  'a IS DISTINCT FROM b': { kind: 'distinct-test', left: column('a'), right: column('b'), isNegated: false },
  'a IS NOT DISTINCT FROM b': { kind: 'distinct-test', left: column('a'), right: column('b'), isNegated: true },
  'a IN (1, 2)': { kind: 'in', argument: column('a'), list: [integer(1), integer(2)], isNegated: false },
  'a NOT IN (1)': { kind: 'in', argument: column('a'), list: [integer(1)], isNegated: true },
  'a BETWEEN 1 AND 2': {
    kind: 'between',
    argument: column('a'),
    low: integer(1),
    high: integer(2),
    isSymmetric: false,
    isNegated: false,
  },
  'a NOT BETWEEN SYMMETRIC 1 AND 2': {
    kind: 'between',
    argument: column('a'),
    low: integer(1),
    high: integer(2),
    isSymmetric: true,
    isNegated: true,
  },
  "a LIKE 'b'": {
    kind: 'like',
    argument: column('a'),
    pattern: string('b'),
    escape: undefined,
    isCaseInsensitive: false,
    isNegated: false,
  },
  "a NOT ILIKE 'b' ESCAPE 'c'": {
    kind: 'like',
    argument: column('a'),
    pattern: string('b'),
    escape: string('c'),
    isCaseInsensitive: true,
    isNegated: true,
  },
  'CASE WHEN a THEN 1 END': {
    kind: 'case',
    operand: undefined,
    branches: [{ when: column('a'), then: integer(1) }],
    otherwise: undefined,
  },
  'CASE a WHEN 1 THEN 2 ELSE 3 END': {
    kind: 'case',
    operand: column('a'),
    branches: [{ when: integer(1), then: integer(2) }],
    otherwise: integer(3),
  },
  'COALESCE(a, 1)': { kind: 'coalesce', arguments: [column('a'), integer(1)] },
  'NULLIF(a, 1)': { kind: 'nullif', left: column('a'), right: integer(1) },
  'LEAST(a, 1)': { kind: 'least', arguments: [column('a'), integer(1)] },
  'GREATEST(a)': { kind: 'greatest', arguments: [column('a')] },
  'ARRAY[1, a]': { kind: 'array', elements: [integer(1), column('a')] },
  'a COLLATE "C"': { kind: 'collate', argument: column('a'), collation: 'C' },
  // types
  'a::int': { kind: 'cast', argument: column('a'), type: type('pg_catalog', 'int4') },
  'CAST(a AS varchar(5)[])': { kind: 'cast', argument: column('a'), type: type('pg_catalog', 'varchar', [5], 1) },
  'a::numeric(10, -2)': { kind: 'cast', argument: column('a'), type: type('pg_catalog', 'numeric', [10, -2]) },
  'a::char': { kind: 'cast', argument: column('a'), type: type('pg_catalog', 'bpchar', [1]) },
  'a::"char"': { kind: 'cast', argument: column('a'), type: type(undefined, 'char') },
  'a::s.t': { kind: 'cast', argument: column('a'), type: type('s', 't') },
  "date '2020-01-01'": { kind: 'cast', argument: string('2020-01-01'), type: type(undefined, 'date') },
  "timestamptz(3) 'x'": { kind: 'cast', argument: string('x'), type: type(undefined, 'timestamptz', [3]) },
  "interval '1' hour": { kind: 'cast', argument: string('1'), type: type('pg_catalog', 'interval', [1024]) },
  "interval(3) '1'": { kind: 'cast', argument: string('1'), type: type('pg_catalog', 'interval', [32767, 3]) },
  // calls
  'f(a, 1)': call(undefined, 'f', column('a'), integer(1)),
  'pg_catalog.f()': call('pg_catalog', 'f'),
  'count(*)': { ...call(undefined, 'count'), isStar: true },
  'count(DISTINCT a)': { ...call(undefined, 'count', column('a')), isDistinct: true },
  'sum(a) FILTER (WHERE b)': { ...call(undefined, 'sum', column('a')), filter: column('b') },
  "a AT TIME ZONE 'UTC'": words('pg_catalog', 'timezone', string('UTC'), column('a')),
  'EXTRACT(YEAR FROM a)': words('pg_catalog', 'extract', string('year'), column('a')),
  'SUBSTRING(a FROM 1 FOR 2)': words('pg_catalog', 'substring', column('a'), integer(1), integer(2)),
  "TRIM(BOTH 'x' FROM a)": words('pg_catalog', 'btrim', column('a'), string('x')),
  'TRIM(LEADING FROM a)': words('pg_catalog', 'ltrim', column('a')),
  "POSITION('x' IN a)": words('pg_catalog', 'position', column('a'), string('x')),
  'OVERLAY(a PLACING b FROM 1)': words('pg_catalog', 'overlay', column('a'), column('b'), integer(1)),
  // keywords
  current_timestamp: { kind: 'keyword-value', name: 'current_timestamp' },
  current_date: { kind: 'keyword-value', name: 'current_date' },
  localtimestamp: { kind: 'keyword-value', name: 'localtimestamp' },
  current_user: { kind: 'keyword-value', name: 'current_user' },
  user: { kind: 'keyword-value', name: 'user' },
  current_schema: { kind: 'keyword-value', name: 'current_schema' },
  current_catalog: { kind: 'keyword-value', name: 'current_catalog' },
  'current_timestamp(3)': {
    kind: 'cast',
    argument: { kind: 'keyword-value', name: 'current_timestamp' },
    type: type('pg_catalog', 'timestamptz', [3]),
  },
  'localtime(0)': {
    kind: 'cast',
    argument: { kind: 'keyword-value', name: 'localtime' },
    type: type('pg_catalog', 'time', [0]),
  },
};
describe('an expression', () => {
  for (const [text, tree] of Object.entries(cases)) {
    test(text, () => expect(withoutPositions(parseExpression(text))).toEqual(tree));
  }

  test('knows the place of its operator, and its operands theirs', () => {
    expect(parseExpression('ä + b')).toMatchObject({ position: 10, left: { position: 8 }, right: { position: 12 } });
  });

  test('of a cast written as a literal stands at its type', () => {
    expect(parseExpression("date 'x'")).toMatchObject({ kind: 'cast', position: 8, argument: { position: 13 } });
  });

  test('chains thousands of operators', () => {
    let depth = 0;
    let expression = parseExpression(Array(2000).fill('1').join('+'));
    while (expression.kind === 'operator' && expression.left !== undefined) {
      depth++;
      expression = expression.left;
    }
    expect(depth).toBe(1999);
  });
});
