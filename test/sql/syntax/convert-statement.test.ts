import { describe, expect, test } from 'vitest';
import { parseOne, parseSelect, withoutPositions } from './parse-helper.ts';

const relation = (name: string, schema?: string) => ({ database: undefined, schema, name });

describe('SELECT', () => {
  test('keeps every clause', () => {
    const statement = parseSelect(
      `SELECT DISTINCT a AS x, b FROM t WHERE c GROUP BY a, (b, d), ((e)) HAVING f
       ORDER BY a DESC NULLS LAST, 2 LIMIT 5 OFFSET $1`,
    );
    expect(statement).toMatchObject({
      distinct: 'all',
      targets: [{ alias: 'x' }, { alias: undefined }],
      where: { name: 'c' },
      groupBy: [{ name: 'a' }, { name: 'b' }, { name: 'd' }, { name: 'e' }],
      having: { name: 'f' },
      orderBy: [
        { direction: 'desc', nulls: 'last' },
        { expression: { value: '2' }, direction: 'asc', nulls: 'default' },
      ],
      limit: { value: '5' },
      offset: { kind: 'parameter', number: 1 },
      values: undefined,
    });
  });

  test('takes DISTINCT ON, FETCH FIRST, LIMIT ALL, no targets and TABLE', () => {
    expect(parseSelect('SELECT DISTINCT ON (a, b) c FROM t').distinct).toMatchObject({
      on: [{ name: 'a' }, { name: 'b' }],
    });
    expect(parseSelect('SELECT 1 FETCH FIRST ROW ONLY').limit).toMatchObject({ value: '1' });
    expect(parseSelect('SELECT 1 LIMIT ALL').limit).toMatchObject({ type: 'null' });
    expect(parseSelect('SELECT FROM t').targets).toEqual([]);
    expect(withoutPositions(parseSelect('TABLE t'))).toEqual(withoutPositions(parseSelect('SELECT * FROM t')));
  });

  test('takes VALUES with ORDER BY', () => {
    expect(parseSelect('VALUES (1, $1), (2, 3) ORDER BY 1')).toMatchObject({
      targets: [],
      values: [
        [{ value: '1' }, { kind: 'parameter' }],
        [{ value: '2' }, { value: '3' }],
      ],
      orderBy: [{ direction: 'asc' }],
    });
  });

  const items: Record<string, unknown> = {
    t: { kind: 'table', relation: relation('t'), alias: undefined },
    'S."T" AS x (a, b)': { kind: 'table', relation: relation('T', 's'), alias: { name: 'x', columns: ['a', 'b'] } },
    'ONLY t': { kind: 'table', relation: relation('t'), alias: undefined },
    'd.s.t': { kind: 'table', relation: { database: 'd', schema: 's', name: 't' }, alias: undefined },
    '(SELECT 1) q': { kind: 'subquery', query: { kind: 'select' }, alias: { name: 'q', columns: [] } },
    '(VALUES (1)) v (a)': { kind: 'subquery', query: { targets: [] }, alias: { name: 'v', columns: ['a'] } },
    'f(1) g (x)': {
      kind: 'function',
      items: [{ call: { name: 'f', arguments: [{ value: '1' }] }, columns: undefined }],
      alias: { name: 'g', columns: ['x'] },
      hasOrdinality: false,
    },
    'f(1) WITH ORDINALITY': { kind: 'function', hasOrdinality: true, isRowsFrom: false },
    'f(1) AS x (a int)': { kind: 'function', items: [{ columns: [{ name: 'a', type: { name: 'int4' } }] }] },
    'ROWS FROM (f(1), g(2) AS (b text)) x': {
      kind: 'function',
      isRowsFrom: true,
      items: [{ columns: undefined }, { call: { name: 'g' }, columns: [{ name: 'b' }] }],
    },
    'LATERAL (SELECT 1) b': { kind: 'subquery', isLateral: true },
    't RIGHT JOIN u ON a': { kind: 'join', type: 'right' },
    't FULL JOIN u USING (c) AS x': { kind: 'join', type: 'full', usingAlias: { name: 'x' }, alias: undefined },
    '(t JOIN u ON true) AS x (a)': { kind: 'join', alias: { name: 'x', columns: ['a'] } },
    't JOIN u ON a': { kind: 'join', type: 'inner', on: { name: 'a' }, using: undefined, isNatural: false },
    't LEFT OUTER JOIN u USING (a, b)': { kind: 'join', type: 'left', on: undefined, using: ['a', 'b'] },
    't NATURAL JOIN u': { kind: 'join', type: 'inner', isNatural: true, using: undefined },
    't CROSS JOIN u': { kind: 'join', type: 'cross', on: undefined },
    't JOIN u ON true LEFT JOIN v ON false': {
      kind: 'join',
      type: 'left',
      left: { kind: 'join', left: { relation: { name: 't' } }, right: { relation: { name: 'u' } } },
      right: { relation: { name: 'v' } },
    },
  };
  for (const [text, item] of Object.entries(items)) {
    test(`takes FROM ${text}`, () => expect(parseSelect(`SELECT 1 FROM ${text}`).from).toMatchObject([item as object]));
  }
});

describe('INSERT', () => {
  test('keeps columns and rows, with DEFAULT', () => {
    expect(parseOne('INSERT INTO s.t AS x (a, "B") VALUES (1, DEFAULT)')).toMatchObject({
      kind: 'insert',
      relation: { schema: 's', name: 't', position: 13 },
      columns: [
        { name: 'a', position: 23 },
        { name: 'B', position: 26 },
      ],
      source: { values: [[{ value: '1' }, { kind: 'default' }]] },
    });
  });

  test('takes a query, all columns, and DEFAULT VALUES', () => {
    expect(parseOne('INSERT INTO t SELECT 1')).toMatchObject({ columns: undefined, source: { kind: 'select' } });
    expect(parseOne('INSERT INTO t DEFAULT VALUES')).toMatchObject({ columns: undefined, source: undefined });
  });
});

describe('CREATE TABLE', () => {
  test('keeps options with their namespace; words, numbers and strings are all text', () => {
    const statement = parseOne(
      `CREATE TABLE t (a int) WITH (tidewire.time = 'ts', tidewire.tags = host, tsdb.hypertable, a = time,
       b = 70, c = -1.5, d = true, e = "X")`,
    );
    expect(withoutPositions(statement)).toMatchObject({
      options: [
        { namespace: 'tidewire', name: 'time', value: 'ts' },
        { namespace: 'tidewire', name: 'tags', value: 'host' },
        { namespace: 'tsdb', name: 'hypertable', value: undefined },
        { namespace: undefined, name: 'a', value: 'time' },
        { namespace: undefined, name: 'b', value: '70' },
        { namespace: undefined, name: 'c', value: '-1.5' },
        { namespace: undefined, name: 'd', value: 'true' },
        { namespace: undefined, name: 'e', value: 'X' },
      ],
    });
    expect(statement).toMatchObject({ options: [{ position: 30 }, {}, {}, {}, {}, {}, {}, {}] });
  });
});

const statements: Record<string, unknown> = {
  "SET a = 'b'": { kind: 'set', name: 'a', value: 'b', isLocal: false },
  'SET LOCAL Work_Mem TO 5': { kind: 'set', name: 'work_mem', value: '5', isLocal: true },
  'SET a.b = -1.5': { kind: 'set', name: 'a.b', value: '-1.5', isLocal: false },
  'SET a = on': { kind: 'set', name: 'a', value: 'on', isLocal: false },
  'SET a TO DEFAULT': { kind: 'set', name: 'a', value: undefined, isLocal: false },
  'RESET a': { kind: 'set', name: 'a', value: undefined, isLocal: false, isReset: true },
  'RESET ALL': { kind: 'set', name: 'all', value: undefined, isLocal: false, isReset: true },
  'SET datestyle TO iso, mdy': { kind: 'set', name: 'datestyle', value: 'iso, mdy', isLocal: false },
  'SET search_path TO a, "B c", \'d,e\'': {
    kind: 'set',
    name: 'search_path',
    value: 'a, "B c", "d,e"',
    isLocal: false,
  },
  "SET TIME ZONE 'Europe/Berlin'": { kind: 'set', name: 'timezone', value: 'Europe/Berlin', isLocal: false },
  'SET TIME ZONE -5': { kind: 'set', name: 'timezone', value: '-5', isLocal: false },
  'SET TIME ZONE LOCAL': { kind: 'set', name: 'timezone', value: undefined, isLocal: false },
  "SET NAMES 'utf8'": { kind: 'set', name: 'client_encoding', value: 'utf8', isLocal: false },
  'SHOW TimeZone': { kind: 'show', name: 'timezone' },
  'SHOW TIME ZONE': { kind: 'show', name: 'timezone' },
  'SHOW ALL': { kind: 'show', name: 'all' },
  'SHOW TABLES': { kind: 'show', name: 'tables' },
  'SHOW MEASUREMENTS': { kind: 'show', name: 'measurements' },
  'SHOW TRANSACTION ISOLATION LEVEL': { kind: 'show', name: 'transaction_isolation' },
  BEGIN: {
    kind: 'transaction',
    action: 'begin',
    tag: 'BEGIN',
    chains: false,
    isolation: undefined,
    isReadOnly: undefined,
  },
  'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE': {
    kind: 'transaction',
    action: 'begin',
    tag: 'BEGIN',
    chains: false,
    isolation: 'repeatable read',
    isReadOnly: true,
    isDeferrable: false,
  },
  'START TRANSACTION READ WRITE': {
    kind: 'transaction',
    action: 'begin',
    tag: 'START TRANSACTION',
    chains: false,
    isolation: undefined,
    isReadOnly: false,
  },
  ...Object.fromEntries(
    ['COMMIT', 'END', 'COMMIT WORK', 'COMMIT AND NO CHAIN'].map((text) => [
      text,
      {
        kind: 'transaction',
        action: 'commit',
        tag: 'COMMIT',
        chains: false,
        isolation: undefined,
        isReadOnly: undefined,
      },
    ]),
  ),
  ...Object.fromEntries(
    ['ROLLBACK', 'ABORT'].map((text) => [
      text,
      {
        kind: 'transaction',
        action: 'rollback',
        tag: 'ROLLBACK',
        chains: false,
        isolation: undefined,
        isReadOnly: undefined,
      },
    ]),
  ),
  'DEALLOCATE p': { kind: 'deallocate', name: 'p' },
  'DEALLOCATE PREPARE ALL': { kind: 'deallocate', name: undefined },
};
describe('a statement', () => {
  for (const [text, tree] of Object.entries(statements)) {
    test(text, () => expect(withoutPositions(parseOne(text))).toEqual(tree));
  }

  const explains: Record<string, boolean> = {
    'EXPLAIN SELECT 1': false,
    'EXPLAIN ANALYZE SELECT 1': true,
    'EXPLAIN (ANALYZE, FORMAT TEXT) SELECT 1': true,
    'EXPLAIN (ANALYZE off) SELECT 1': false,
    'EXPLAIN (ANALYZE 1) VALUES (1)': true,
  };
  for (const [text, analyze] of Object.entries(explains)) {
    test(text, () => {
      expect(parseOne(text)).toMatchObject({ kind: 'explain', analyze, statement: { kind: 'select' } });
    });
  }
});
