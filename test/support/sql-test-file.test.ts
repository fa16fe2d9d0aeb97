import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findSqlTestFiles } from './find-sql-tests.ts';
import { formatRow, formatSqlTestFile, parseSqlTestFile } from './sql-test-file.ts';

const TEXT = `# A comment.
statement ok
CREATE TABLE t (
  a int
)

onlyif tidewire
statement error 42703 @8 column "x" does not exist
SELECT x

statement count 3
INSERT INTO t VALUES (1), (2), (3)

bind a\\nb
bind NULL
bind (empty)
query TTT rowsort
SELECT $1, $2, $3
----
a\\nb  NULL  (empty)

describe
SELECT 1
----
?column?  int4

connection other
background
extended
binary
notice NOTICE 42P07 relation "t" already exists, skipping
query IT valuesort columns
SELECT 1, 'a'
----
?column? int4  text text
0x00000001
0x61

notice none
query I hash
SELECT 1
----
1 rows hash to 6b86b273ff34fce19d6b804eff5a3f57

statement tag CREATE TABLE
CREATE TABLE u ()

statement error 23505 @- duplicate key
INSERT INTO t VALUES (1)
----
DETAIL: Key (a)=(1) already exists.

statement error X
SELECT nope
`;

test('reads the records of a file', () => {
  const records = parseSqlTestFile('x.slt', TEXT).parts.filter((part) => part.kind !== 'passage');
  expect(records).toMatchObject([
    { kind: 'ok', line: 2, sql: 'CREATE TABLE t (\n  a int\n)', bindings: [], condition: undefined },
    {
      kind: 'error',
      line: 7,
      condition: { kind: 'onlyif', engine: 'tidewire' },
      code: '42703',
      position: 8,
      message: 'column "x" does not exist',
    },
    { kind: 'count', count: 3 },
    { kind: 'query', types: 'TTT', sort: 'rowsort', bindings: ['a\nb', null, ''], rows: ['a\\nb  NULL  (empty)'] },
    { kind: 'describe', columns: ['?column?  int4'], connection: undefined, notices: undefined, isBinary: false },
    {
      kind: 'query',
      connection: 'other',
      isBackground: true,
      isExtended: true,
      isBinary: true,
      notices: ['NOTICE 42P07 relation "t" already exists, skipping'],
      sort: 'valuesort',
      columns: '?column? int4  text text',
      rows: ['0x00000001', '0x61'],
    },
    { kind: 'query', notices: [], isHashed: true, rows: ['1 rows hash to 6b86b273ff34fce19d6b804eff5a3f57'] },
    { kind: 'tag', tag: 'CREATE TABLE' },
    { kind: 'error', code: '23505', position: 'none', fields: ['DETAIL: Key (a)=(1) already exists.'] },
    { kind: 'error', code: '', position: undefined, message: undefined, fields: undefined },
  ]);
});

test('writes a file back as it was', () => {
  expect(formatSqlTestFile(parseSqlTestFile('x.slt', TEXT).parts)).toBe(TEXT);
});

test('shows in a row what could not be seen', () => {
  expect(formatRow(['a', null, '', 'b\nc', '\\'])).toBe('a  NULL  (empty)  b\\nc  \\\\');
  expect(formatRow([])).toBe('(no columns)');
});

test('names the line of a record that it does not understand', () => {
  expect(() => parseSqlTestFile('x.slt', '\n\nstatement perhaps\nSELECT 1')).toThrow('x.slt:3: unknown');
  expect(() => parseSqlTestFile('x.slt', 'query I')).toThrow('x.slt:1: a record needs a statement');
});

test('finds files, every one of which keeps its text', async () => {
  const files = await findSqlTestFiles();
  expect(files.length).toBeGreaterThan(10);
  for (const path of files) {
    const text = readFileSync(path, 'utf8');
    expect(formatSqlTestFile(parseSqlTestFile(path, text).parts)).toBe(text);
  }
});
