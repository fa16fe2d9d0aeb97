import { afterEach, expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { BackgroundParser } from '../../../src/sql/syntax/background-parser.ts';
import { loadParser, parseSql } from '../../../src/sql/syntax/parse-sql.ts';

/** The thread runs the built script. */
const parser = new BackgroundParser(new URL('../../../dist/sql/syntax/parse-worker.js', import.meta.url));
afterEach(() => parser.close());

test('a thread parses as this one does, long lists included', async () => {
  await loadParser();
  const list = Array.from({ length: 10_000 }, (_, value) => (value % 3 === 0 ? `'${value}'` : `-${value}`)).join(', ');
  const texts = ['', 'SELECT 1; SELECT $2', `SELECT a FROM t WHERE b IN (${list}) OR c IN (1, 2)`];
  const parsed = await Promise.all(texts.map((text) => parser.parse(text)));
  expect(parsed).toEqual(texts.map((text) => parseSql(text)));
});

test('what the grammar refuses is refused with code and position', async () => {
  await expect(parser.parse('SELECT 1 FROM WHERE')).rejects.toMatchObject({
    code: SqlState.SyntaxError,
    message: 'syntax error at or near "WHERE"',
    fields: { position: 15 },
  });
  await expect(parser.parse(`SELECT 1${' + 1'.repeat(100_000)}`)).rejects.toMatchObject({
    code: SqlState.StatementTooComplex,
  });
  // The thread lives on.
  expect(await parser.parse('SELECT 1')).toHaveLength(1);
});

test('this thread goes on while a long text is parsed', async () => {
  const rows = Array.from({ length: 60_000 }, (_, row) => `(${row}, 'text ${row}')`).join(', ');
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  const [parsed] = await parser.parse(`INSERT INTO t VALUES ${rows}`);
  clearInterval(counting);
  expect(parsed?.statement).toMatchObject({ kind: 'insert' });
  expect(turns).toBeGreaterThan(10);
});

test('a text that nests deeply arrives', async () => {
  await loadParser();
  const text = `SELECT 1${' UNION ALL SELECT 1'.repeat(3000)}`;
  const [parsed] = await parser.parse(text);
  expect(parsed?.statement.kind).toBe('set-operation');
  expect(parsed?.text).toBe(text);
});

test('closing refuses what waits, and a later text starts a new thread', async () => {
  const waiting = parser.parse(`SELECT ${Array.from({ length: 50_000 }, (_, at) => at).join(', ')}`);
  const refused = expect(waiting).rejects.toMatchObject({ code: SqlState.AdminShutdown });
  await parser.close();
  await refused;
  expect(await parser.parse('SELECT 1')).toHaveLength(1);
});
