import { describe, expect, test } from 'vitest';
import { errorOf, parseOne, withoutPositions } from './parse-helper.ts';

const named = (name: string, schema?: string) => ({ database: undefined, schema, name });
const int4 = { schema: 'pg_catalog', name: 'int4', modifiers: [], arrayDimensions: 0 };
const column = (name: string, constraints: unknown[] = []) => ({ name, type: int4, constraints });
const key = (columns: string[], changes: object = {}) => ({
  kind: 'key',
  name: undefined,
  isPrimary: false,
  columns,
  nullsNotDistinct: false,
  usingIndex: undefined,
  isDeferrable: false,
  isInitiallyDeferred: false,
  ...changes,
});
const reference = (columns: string[], changes: object = {}) => ({
  kind: 'foreign-key',
  name: undefined,
  columns,
  referenced: named('u'),
  referencedColumns: [],
  match: 'simple',
  onUpdate: 'no action',
  onDelete: 'no action',
  deleteSetColumns: [],
  isNotValid: false,
  isDeferrable: false,
  isInitiallyDeferred: false,
  ...changes,
});
const positive = { kind: 'operator', schema: undefined, name: '>' };
const alter = (actions: unknown[], changes: object = {}) => ({
  kind: 'alter-table',
  relationKind: 'table',
  relation: named('t'),
  ifExists: false,
  actions,
  ...changes,
});
const drop = (object: string, names: unknown[], changes: object = {}) => ({
  kind: 'drop',
  object,
  names,
  ifExists: false,
  isCascade: false,
  isConcurrent: false,
  ...changes,
});
const rename = (object: string, changes: object = {}) => ({
  kind: 'rename',
  object,
  relation: named('t'),
  part: undefined,
  newName: 'x',
  ifExists: false,
  ...changes,
});

const STATEMENTS: Record<string, object> = {
  'CREATE TABLE IF NOT EXISTS s.t (a int NOT NULL, b int NULL)': {
    kind: 'create-table',
    relation: named('t', 's'),
    persistence: 'permanent',
    ifNotExists: true,
    columns: [column('a', [{ kind: 'not-null' }]), column('b', [{ kind: 'null' }])],
    constraints: [],
    options: [],
  },
  'CREATE UNLOGGED TABLE t (a int CONSTRAINT n NOT NULL DEFAULT 1 CHECK (a > 0), CONSTRAINT c CHECK (a > 1)) USING heap':
    {
      persistence: 'unlogged',
      columns: [
        column('a', [
          { kind: 'not-null' },
          { kind: 'default', expression: { kind: 'literal', type: 'integer', value: '1' } },
          { kind: 'check', name: undefined, expression: expect.objectContaining(positive), isNotValid: false },
        ]),
      ],
      constraints: [{ kind: 'check', name: 'c', expression: expect.objectContaining(positive), isNotValid: false }],
    },
  'CREATE TABLE t (a int PRIMARY KEY, b int CONSTRAINT k UNIQUE NULLS NOT DISTINCT, UNIQUE (a, b) DEFERRABLE)': {
    columns: [
      column('a', [key(['a'], { isPrimary: true })]),
      column('b', [key(['b'], { name: 'k', nullsNotDistinct: true })]),
    ],
    constraints: [key(['a', 'b'], { isDeferrable: true })],
  },
  'CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED, b int UNIQUE INITIALLY DEFERRED, c int UNIQUE NOT DEFERRABLE)':
    {
      columns: [
        column('a', [key(['a'], { isDeferrable: true, isInitiallyDeferred: true })]),
        column('b', [key(['b'], { isDeferrable: true, isInitiallyDeferred: true })]),
        column('c', [key(['c'])]),
      ],
    },
  'CREATE TABLE t (a int CONSTRAINT f REFERENCES s.u (x) MATCH FULL ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE)': {
    columns: [
      column('a', [
        reference(['a'], {
          name: 'f',
          referenced: named('u', 's'),
          referencedColumns: ['x'],
          match: 'full',
          onDelete: 'cascade',
          onUpdate: 'restrict',
          isDeferrable: true,
        }),
      ]),
    ],
  },
  'CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES u ON DELETE SET NULL (b) ON UPDATE SET DEFAULT NOT VALID)':
    {
      constraints: [
        reference(['a', 'b'], {
          onDelete: 'set null',
          onUpdate: 'set default',
          deleteSetColumns: ['b'],
          isNotValid: true,
        }),
      ],
    },
  'CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT -2 NO MAXVALUE CYCLE SEQUENCE NAME s.q))':
    {
      columns: [
        column('a', [
          {
            kind: 'identity',
            mode: 'always',
            options: [
              { name: 'start', value: '5' },
              { name: 'increment', value: '-2' },
              { name: 'maxvalue', value: undefined },
              { name: 'cycle', isCycled: true },
              { name: 'sequence_name', sequence: named('q', 's') },
            ],
          },
        ]),
      ],
    },
  'CREATE TABLE t (a int COLLATE "C")': { columns: [column('a')] },
  'ALTER TABLE IF EXISTS ONLY s.t ADD COLUMN IF NOT EXISTS a int DEFAULT 1, DROP COLUMN IF EXISTS b CASCADE': alter(
    [
      {
        kind: 'add-column',
        column: column('a', [{ kind: 'default', expression: { kind: 'literal', type: 'integer', value: '1' } }]),
        ifNotExists: true,
      },
      { kind: 'drop-column', name: 'b', ifExists: true, isCascade: true },
    ],
    { relation: named('t', 's'), ifExists: true },
  ),
  'ALTER TABLE t ALTER a TYPE int USING b, ALTER a SET NOT NULL, ALTER a DROP NOT NULL, ALTER a SET DEFAULT 5, ALTER a DROP DEFAULT':
    alter([
      { kind: 'set-type', column: 'a', type: int4, using: { kind: 'column', qualifier: [], name: 'b' } },
      { kind: 'set-not-null', column: 'a' },
      { kind: 'drop-not-null', column: 'a' },
      { kind: 'set-default', column: 'a', expression: { kind: 'literal', type: 'integer', value: '5' } },
      { kind: 'drop-default', column: 'a' },
    ]),
  'ALTER TABLE t ALTER a ADD GENERATED BY DEFAULT AS IDENTITY (CACHE 3), ALTER a SET GENERATED ALWAYS SET START 4 RESTART, ALTER a DROP IDENTITY IF EXISTS':
    alter([
      { kind: 'add-identity', column: 'a', mode: 'by default', options: [{ name: 'cache', value: '3' }] },
      {
        kind: 'set-identity',
        column: 'a',
        mode: 'always',
        options: [
          { name: 'start', value: '4' },
          { name: 'restart', value: undefined },
        ],
      },
      { kind: 'drop-identity', column: 'a', ifExists: true },
    ]),
  'ALTER TABLE t ADD UNIQUE (a), ADD CONSTRAINT p PRIMARY KEY USING INDEX i, DROP CONSTRAINT IF EXISTS c CASCADE, VALIDATE CONSTRAINT d, ALTER CONSTRAINT f DEFERRABLE INITIALLY DEFERRED':
    alter([
      { kind: 'add-constraint', constraint: key(['a']) },
      { kind: 'add-constraint', constraint: key([], { name: 'p', isPrimary: true, usingIndex: 'i' }) },
      { kind: 'drop-constraint', name: 'c', ifExists: true, isCascade: true },
      { kind: 'validate-constraint', name: 'd' },
      { kind: 'alter-constraint', name: 'f', isDeferrable: true, isInitiallyDeferred: true },
    ]),
  'ALTER TABLE t OWNER TO bob, SET LOGGED, SET UNLOGGED': alter([
    { kind: 'change-owner', owner: { name: 'bob' } },
    { kind: 'set-persistence', persistence: 'permanent' },
    { kind: 'set-persistence', persistence: 'unlogged' },
  ]),
  'ALTER SEQUENCE t OWNER TO CURRENT_USER': alter([{ kind: 'change-owner', owner: { name: undefined } }], {
    relationKind: 'sequence',
  }),
  'ALTER TABLE t RENAME TO x': rename('table'),
  'ALTER TABLE IF EXISTS t RENAME COLUMN a TO x': rename('column', { part: 'a', ifExists: true }),
  'ALTER TABLE t RENAME CONSTRAINT a TO x': rename('constraint', { part: 'a' }),
  'ALTER INDEX s.t RENAME TO x': rename('index', { relation: named('t', 's') }),
  'ALTER SEQUENCE t RENAME TO x': rename('sequence'),
  'ALTER TYPE s.t RENAME TO x': rename('type', { relation: named('t', 's') }),
  'CREATE INDEX ON t (a)': {
    kind: 'create-index',
    name: undefined,
    relation: named('t'),
    method: 'btree',
    columns: [{ name: 'a', isDescending: false, nulls: 'default' }],
    isUnique: false,
    nullsNotDistinct: false,
    isConcurrent: false,
    ifNotExists: false,
  },
  'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING hash (a DESC NULLS LAST, b COLLATE "C" text_pattern_ops ASC) NULLS NOT DISTINCT':
    {
      name: 'i',
      method: 'hash',
      columns: [
        { name: 'a', isDescending: true, nulls: 'last' },
        { name: 'b', isDescending: false, nulls: 'default' },
      ],
      isUnique: true,
      nullsNotDistinct: true,
      isConcurrent: true,
      ifNotExists: true,
    },
  'CREATE SEQUENCE IF NOT EXISTS s.q AS smallint MINVALUE -99999999999 OWNED BY t.a': {
    kind: 'create-sequence',
    relation: named('q', 's'),
    persistence: 'permanent',
    options: [
      { name: 'as', type: { ...int4, name: 'int2' } },
      { name: 'minvalue', value: '-99999999999' },
      { name: 'owned_by', parts: ['t', 'a'] },
    ],
    ifNotExists: true,
  },
  'ALTER SEQUENCE IF EXISTS q RESTART WITH 7 NO CYCLE OWNED BY NONE': {
    kind: 'alter-sequence',
    relation: named('q'),
    options: [
      { name: 'restart', value: '7' },
      { name: 'cycle', isCycled: false },
      { name: 'owned_by', parts: ['none'] },
    ],
    ifExists: true,
  },
  "CREATE TYPE s.mood AS ENUM ('a', '')": { kind: 'create-enum', type: named('mood', 's'), labels: ['a', ''] },
  "ALTER TYPE t ADD VALUE IF NOT EXISTS 'x' BEFORE 'y'": {
    kind: 'add-enum-value',
    type: named('t'),
    label: 'x',
    neighbour: { label: 'y', isAfter: false },
    ifNotExists: true,
  },
  "ALTER TYPE t ADD VALUE 'x' AFTER 'y'": { label: 'x', neighbour: { label: 'y', isAfter: true } },
  "ALTER TYPE t ADD VALUE 'x'": { kind: 'add-enum-value', label: 'x', neighbour: undefined },
  "ALTER TYPE t RENAME VALUE 'x' TO 'y'": {
    kind: 'rename-enum-value',
    type: named('t'),
    label: 'x',
    newLabel: 'y',
  },
  "ALTER TYPE t RENAME VALUE '' TO 'y'": { kind: 'rename-enum-value', label: '', newLabel: 'y' },
  'ALTER TYPE t OWNER TO bob': { kind: 'change-owner', object: 'type', name: named('t'), owner: { name: 'bob' } },
  'DROP TABLE a': drop('table', [named('a')]),
  'DROP TABLE IF EXISTS s.a, b CASCADE': drop('table', [named('a', 's'), named('b')], {
    ifExists: true,
    isCascade: true,
  }),
  'DROP INDEX CONCURRENTLY a': drop('index', [named('a')], { isConcurrent: true }),
  'DROP SEQUENCE a RESTRICT': drop('sequence', [named('a')]),
  'DROP TYPE s.a, b': drop('type', [named('a', 's'), named('b')]),
  'TRUNCATE a, ONLY b RESTART IDENTITY CASCADE': {
    kind: 'truncate',
    relations: [named('a'), named('b')],
    restartsIdentity: true,
    isCascade: true,
  },
  'SET CONSTRAINTS ALL DEFERRED': { kind: 'set-constraints', names: undefined, isDeferred: true },
  'SET CONSTRAINTS a, s.b IMMEDIATE': {
    kind: 'set-constraints',
    names: [named('a'), named('b', 's')],
    isDeferred: false,
  },
};

describe('definitions', () => {
  test.each(Object.entries(STATEMENTS))('%s', (text, expected) =>
    expect(withoutPositions(parseOne(text))).toMatchObject(expected),
  );
});

test('constraints and options stand where they were written', () => {
  const table = parseOne('CREATE TABLE t (a int UNIQUE, CHECK (a > 1), b int REFERENCES u)');
  expect(table).toMatchObject({
    columns: [{ position: 17, constraints: [{ position: 23 }] }, { constraints: [{ position: 52 }] }],
    constraints: [{ position: 31 }],
  });
  expect(parseOne('CREATE SEQUENCE s START 5 CYCLE')).toMatchObject({ options: [{ position: 19 }, { position: 27 }] });
});

const MISTAKES: Record<string, string> = {
  'CREATE TABLE t (a int DEFERRABLE)': '42601 misplaced DEFERRABLE clause @23',
  'CREATE TABLE t (a int CHECK (a > 0) INITIALLY DEFERRED)': '42601 misplaced INITIALLY DEFERRED clause @37',
  'CREATE TABLE t (a int NOT NULL NOT DEFERRABLE)': '42601 misplaced NOT DEFERRABLE clause @32',
  'CREATE TABLE t (a int UNIQUE DEFERRABLE NOT DEFERRABLE)':
    '42601 multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed @41',
  'CREATE TABLE t (a int UNIQUE INITIALLY DEFERRED INITIALLY IMMEDIATE)':
    '42601 multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed @49',
  'CREATE TABLE t (a int UNIQUE NOT DEFERRABLE INITIALLY DEFERRED)':
    '42601 constraint declared INITIALLY DEFERRED must be DEFERRABLE @45',
  'CREATE TABLE t (a int, CHECK (a > 0) DEFERRABLE)': '0A000 CHECK constraints cannot be marked DEFERRABLE @38',
  'CREATE SEQUENCE s START 1 CACHE 2 START 3': '42601 conflicting or redundant options @35',
  'CREATE SEQUENCE s START 1.5': '22P02 invalid input syntax for type bigint: "1.5"',
  'CREATE TABLE t (a int REFERENCES u ON UPDATE SET NULL (a))':
    '0A000 a column list with SET NULL is only supported for ON DELETE actions @36',
};

describe('mistakes have the words and the place that PostgreSQL gives them', () => {
  test.each(Object.entries(MISTAKES))('%s', (text, error) => expect(errorOf(text)).toBe(error));
});
