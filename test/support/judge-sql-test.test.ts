import { describe, expect, test } from 'vitest';
import { judgeAnswer, withAnswer } from './judge-sql-test.ts';
import { formatRecord, parseSqlTestFile, type SqlTestRecord } from './sql-test-file.ts';
import type { Answer, ColumnDescription } from './statement-client.ts';

function record(text: string): SqlTestRecord {
  const [part] = parseSqlTestFile('x.slt', text).parts;
  if (part === undefined || part.kind === 'passage') throw new Error('no record');
  return part;
}

const INT: ColumnDescription = { name: 'a', typeOid: 23, typmod: -1 };
const TEXT: ColumnDescription = { name: 'b', typeOid: 25, typmod: -1 };
const DOUBLE: ColumnDescription = { name: 'c', typeOid: 701, typmod: -1 };

function rows(columns: readonly ColumnDescription[], ...values: readonly (readonly (string | null)[])[]): Answer {
  const bytes = values.map((row) => row.map((value) => (value === null ? null : Buffer.from(value))));
  const results = [{ columns, rows: bytes, tag: `SELECT ${values.length}` }];
  return { results, error: undefined, notices: [], transactionStatus: 'I', parameterTypes: [] };
}

function error(fields: Record<string, string>): Answer {
  return {
    results: [],
    error: new Map(Object.entries(fields)),
    notices: [],
    transactionStatus: 'I',
    parameterTypes: [],
  };
}

/** The record as `--rewrite` leaves it, and that it is then content with the answer. */
function rewritten(text: string, answer: Answer): string {
  const after = withAnswer(record(text), answer);
  expect(judgeAnswer(after, answer)).toBeUndefined();
  return formatRecord(after).join('\n');
}

describe('judgeAnswer', () => {
  test('finds other rows, types, names, order and number', () => {
    const asked = record('query IT columns\nSELECT\n----\na int4  b text\n1  x\n2  NULL');
    const columns = [INT, TEXT];
    expect(judgeAnswer(asked, rows(columns, ['1', 'x'], ['2', null]))).toBeUndefined();
    expect(judgeAnswer(asked, rows(columns, ['1', 'x'], ['2', '']))).toContain('(empty)');
    expect(judgeAnswer(asked, rows(columns, ['2', null], ['1', 'x']))).toContain('expected');
    expect(judgeAnswer(asked, rows(columns, ['1', 'x']))).toContain('expected');
    expect(judgeAnswer(asked, rows([INT, INT], ['1', 'x'], ['2', null]))).toBe('columns are II, not IT');
    expect(judgeAnswer(asked, rows([{ ...INT, name: 'z' }, TEXT], ['1', 'x'], ['2', null]))).toContain('z int4');
    expect(judgeAnswer(asked, error({ C: '42703', M: 'no', P: '8' }))).toBe('error 42703 @8: no');
  });

  test('lets doubles differ in the last digits and nothing else', () => {
    const asked = record('query R\nSELECT\n----\n0.3');
    expect(judgeAnswer(asked, rows([DOUBLE], ['0.30000000000000004']))).toBeUndefined();
    expect(judgeAnswer(asked, rows([DOUBLE], ['0.30']))).toContain('0.30');
    expect(judgeAnswer(asked, rows([DOUBLE], ['0.3000001']))).toContain('0.3000001');
  });

  test('sorts rows or values where the record says so', () => {
    const answer = rows([INT, INT], ['3', '1'], ['2', '4']);
    expect(judgeAnswer(record('query II rowsort\nSELECT\n----\n3  1\n2  4'), answer)).toBeUndefined();
    expect(judgeAnswer(record('query II valuesort\nSELECT\n----\n1\n2\n3\n4'), answer)).toBeUndefined();
    expect(judgeAnswer(record('query II\nSELECT\n----\n2  4\n3  1'), answer)).toContain('expected');
  });

  test('checks of an error what is written', () => {
    const answer = error({ C: '23505', M: 'duplicate key', D: 'Key (a)=(1)', n: 't_pkey' });
    const judge = (header: string, below = '') =>
      judgeAnswer(record(`statement error ${header}\nINSERT${below}`), answer);
    expect(judge('23505')).toBeUndefined();
    expect(judge('23505 @- duplicate key')).toBeUndefined();
    expect(judge('23502')).toContain('expected 23502');
    expect(judge('23505 @4')).toContain('expected position 4');
    expect(judge('23505 another key')).toContain('expected: another key');
    expect(judge('23505', '\n----\nDETAIL: Key (a)=(1)')).toBeUndefined();
    expect(judge('23505', '\n----\nCONSTRAINT: t_pkey')).toContain('DETAIL');
    expect(judge('23505', '\n----\nDETAIL: Key (a)=(1)\nCONSTRAINT: other')).toContain('other');
    expect(judgeAnswer(record('statement error 1\nX'), rows([INT], ['1']))).toContain('no error');
  });

  test('checks notices only where the record speaks of them', () => {
    const notice = new Map([
      ['V', 'NOTICE'],
      ['C', '00000'],
      ['M', 'hello'],
    ]);
    const answer: Answer = { ...rows([INT]), notices: [notice] };
    expect(judgeAnswer(record('statement ok\nX'), answer)).toBeUndefined();
    expect(judgeAnswer(record('notice NOTICE 00000 hello\nstatement ok\nX'), answer)).toBeUndefined();
    expect(judgeAnswer(record('notice none\nstatement ok\nX'), answer)).toContain('hello');
  });
});

describe('withAnswer', () => {
  test('fills in a new record', () => {
    const answer = rows([INT, TEXT], ['2', 'x\ny'], ['1', null]);
    expect(rewritten('query T rowsort columns\nSELECT\n----', answer)).toBe(
      'query IT rowsort columns\nSELECT\n----\na int4  b text\n1  NULL\n2  x\\ny',
    );
    expect(rewritten('query T hash\nSELECT\n----', answer)).toMatch(
      /^query IT hash\nSELECT\n----\n2 rows hash to \w{32}$/,
    );
    expect(rewritten('binary\nquery T\nSELECT\n----', rows([INT], ['\0']))).toContain('\n0x00');
    expect(rewritten('statement tag ?\nSELECT', answer)).toBe('statement tag SELECT 2\nSELECT');
  });

  test('gives a new error all there is, and an old one what it had', () => {
    const answer = error({ C: '42703', M: 'no column', P: '8', H: 'Perhaps.' });
    const full = 'statement error 42703 @8 no column\nSELECT nope\n----\nHINT: Perhaps.';
    expect(rewritten('statement error X\nSELECT nope', answer)).toBe(full);
    expect(rewritten('query T\nSELECT nope\n----', answer)).toBe(full);
    expect(rewritten('statement error 1\nSELECT nope', answer)).toBe('statement error 42703 no column\nSELECT nope');
  });
});
