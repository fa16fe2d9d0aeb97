import { describe, expect, test } from 'vitest';
import { MAX_SQL_BYTES, parseSql } from '../../../src/sql/syntax/parse-sql.ts';
import { errorOf } from './parse-helper.ts';

describe('the statements of a text', () => {
  for (const text of ['', ' \n\t', ';', ' ; ;\n', '-- nothing', '/* nothing */ ; -- at all']) {
    test(`are none in ${JSON.stringify(text)}`, () => expect(parseSql(text)).toEqual([]));
  }

  test('have their own text and start, counted in characters', () => {
    const parsed = parseSql(`  -- ä\n SELECT 'ä€😀' ; ;/* x */ SELECT $2, $1 ; -- end`);
    expect(parsed.map(({ text, start, parameterCount }) => ({ text, start, parameterCount }))).toEqual([
      { text: `SELECT 'ä€😀'`, start: 8, parameterCount: 0 },
      { text: 'SELECT $2, $1', start: 32, parameterCount: 2 },
    ]);
  });

  test('place their nodes in the whole text', () => {
    const [, second] = parseSql(`SELECT '😀'; SELECT a`);
    expect(second.statement).toMatchObject({ targets: [{ expression: { kind: 'column', position: 20 } }] });
  });

  test('place nodes rightly however long the text before them is', () => {
    for (const length of [0, 1, 20, 31, 32, 33, 63, 64, 65, 1000]) {
      const text = `SELECT '${'ä'.repeat(length)}', a`;
      const [{ statement }] = parseSql(text);
      expect(statement).toMatchObject({ targets: [{}, { expression: { position: text.indexOf('a', 8) + 1 } }] });
    }
  });
});

describe('the grammar refuses with PostgreSQL’s words', () => {
  const errors: Record<string, string> = {
    selec: '42601 syntax error at or near "selec" @1',
    'SELECT 1 +': '42601 syntax error at end of input @11',
    "SELECT 'é', é é é": '42601 syntax error at or near "é" @17',
    "SELECT 'abc": `42601 unterminated quoted string at or near "'abc" @8`,
    'SELECT "': '42601 unterminated quoted identifier at or near """ @8',
    'SELECT 1a': '42601 trailing junk after numeric literal at or near "1a" @8',
    'SELECT a.*.b': '42601 improper use of "*" at end of input @13',
    'SELECT 1 LIMIT 1, 2': '42601 LIMIT #,# syntax is not supported @10',
    "SELECT E'\\u12'": '22025 invalid Unicode escape @10',
    "SELECT U&'\\zzzz'": '42601 invalid Unicode escape @11',
    "SELECT E'\\xff'": '22021 invalid byte sequence for encoding "UTF8": 0xff',
    "SELECT E'\\u0000'": '42601 invalid Unicode escape value at or near "\\u0000" @10',
    'SELECT a::float(0)': '22023 precision for type float must be at least 1 bit @17',
    'CREATE ASSERTION x CHECK (true)': '0A000 CREATE ASSERTION is not yet implemented @1',
    'SELECT sum(a) OVER (ROWS UNBOUNDED FOLLOWING)': '42P20 frame start cannot be UNBOUNDED FOLLOWING @26',
    // what the library takes and PostgreSQL does not
    'SELECT $1a': '42601 trailing junk after parameter at or near "$1a" @8',
    'SELECT $12_x, 2': '42601 trailing junk after parameter at or near "$12_x" @8',
    "SELECT 'é', $1é": '42601 trailing junk after parameter at or near "$1é" @13',
    'SELECT interval $1': '42601 syntax error at or near "$1" @17',
    'SELECT date $2': '42601 syntax error at or near "$2" @13',
    'SELECT EXTRACT($1 FROM a)': '42601 syntax error at or near "$1" @16',
    'SELECT $0': '42P02 there is no parameter $0 @8',
    'SELECT $70000': '42P02 there is no parameter $70000 @8',
    // characters that the parser would misread
    'SELECT 1\0 nonsense': '22021 invalid byte sequence for encoding "UTF8": 0x00',
    "SELECT '\ud800'": '22021 invalid byte sequence for encoding "UTF8": unpaired surrogate',
  };
  for (const [text, error] of Object.entries(errors)) {
    test(JSON.stringify(text), () => expect(errorOf(text)).toBe(error));
  }

  test('takes a parameter before an operator, a cast, a semicolon', () => {
    expect(parseSql('SELECT $1+$2, $3::int, CAST($4 AS date);')[0].parameterCount).toBe(4);
  });
});

describe('a text that is too much', () => {
  test('in bytes is refused with 54000', () => {
    expect(errorOf(`SELECT '${'x'.repeat(MAX_SQL_BYTES)}'`)).toMatch(/^54000 /);
  });

  test('in depth of nesting is refused with 54001, and the next statement parses', async () => {
    const chain = `SELECT ${Array(50_000).fill('1').join('+')}`;
    for (let round = 0; round < 5; round++) {
      expect(errorOf(chain)).toMatch(/^(54001 stack depth limit exceeded|53000 the parser is being restarted)/);
    }
    // A fresh parser takes the place of the one that overflowed.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let round = 0; round < 3; round++) expect(parseSql('SELECT 1')).toHaveLength(1);
  });

  test('in parentheses is refused as PostgreSQL refuses it', () => {
    expect(errorOf(`SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`)).toMatch(
      /^42601 memory exhausted at or near "\("/,
    );
    expect(parseSql('SELECT 1')).toHaveLength(1);
  });

  // The parser's lexer takes quadratic time for these: a minute for 200 kB, in which nobody else is served.
  test('in comments inside comments is refused with 54001', { timeout: 5_000 }, () => {
    const comment = `${'/*'.repeat(100_000)}${'*/'.repeat(100_000)}`;
    expect(errorOf(`${comment} SELECT 1`)).toBe('54001 comments nest more than 100 deep @201');
    expect(errorOf(`SELECT 'é' +${comment} 1`)).toBe('54001 comments nest more than 100 deep @213');
    expect(parseSql(`${'/*'.repeat(100)}${'*/'.repeat(100)} SELECT 1`)).toHaveLength(1);
  });

  test('in signs in a row is refused with 42601', { timeout: 5_000 }, () => {
    expect(errorOf(`SELECT ${'+'.repeat(1_000_000)}1`)).toBe('42601 operator too long @8');
    expect(errorOf(`SELECT 1 ${'-+'.repeat(1_000_000)}1`)).toBe('42601 operator too long @10');
  });

  test('is none where such characters are no operators', () => {
    const runs = [`${'/*'.repeat(5_000)}`, '+'.repeat(5_000), '='.repeat(5_000)];
    for (const run of runs) {
      for (const text of [`'${run}'`, `E'\\'${run}'`, `$$${run}$$`, `$a$ $$ ${run} $a$`, `1 --${run}\n`]) {
        expect(parseSql(`SELECT ${text}; SELECT 2`), text.slice(0, 20)).toHaveLength(2);
      }
    }
    expect(parseSql(`/*${'*'.repeat(5_000)}*/ SELECT 1 AS "${'*'.repeat(63)}"`)).toHaveLength(1);
    expect(parseSql(`--${'='.repeat(5_000)}\nSELECT 1 /*${'-'.repeat(5_000)}*/, 2`)).toHaveLength(1);
    expect(parseSql(`SELECT a$b$c FROM t -- ${'='.repeat(5_000)} $b$`)).toHaveLength(1);
  });

  test('does not mind many conditions side by side', () => {
    const [{ statement }] = parseSql(`SELECT 1 WHERE ${Array(20_000).fill('a = 1').join(' AND ')}`);
    expect(statement).toMatchObject({ where: { kind: 'and' } });
  });
});
