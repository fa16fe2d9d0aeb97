import { expect, test } from 'vitest';
import { parseSql } from '../../../src/sql/syntax/parse-sql.ts';
import { StatementCache } from '../../../src/sql/syntax/statement-cache.ts';
import { errorOf } from './parse-helper.ts';

test('a repeated text gives the same tree', () => {
  const cache = new StatementCache();
  expect(cache.parse('SELECT 1')).toBe(cache.parse('SELECT 1'));
  expect(cache.parse('SELECT 1')).not.toBe(cache.parse('SELECT  1'));
});

test('the text used least recently goes first', () => {
  const cache = new StatementCache({ maxEntries: 2 });
  const first = cache.parse('SELECT 1');
  const second = cache.parse('SELECT 2');
  cache.parse('SELECT 1');
  cache.parse('SELECT 3');
  expect(cache.size).toBe(2);
  expect(cache.parse('SELECT 1')).toBe(first);
  expect(cache.parse('SELECT 2')).not.toBe(second);
});

test('the texts stay within their budget', () => {
  const cache = new StatementCache({ maxTotalLength: 30 });
  for (let i = 10; i < 20; i++) cache.parse(`SELECT ${i}`);
  expect(cache.size).toBe(3);
});

test('a long text is kept from the second time on', () => {
  const cache = new StatementCache();
  const text = `SELECT '${'x'.repeat(20_000)}'`;
  expect(cache.parse(text)).toHaveLength(1);
  expect(cache.size).toBe(0);
  const second = cache.parse(text);
  expect(cache.size).toBe(1);
  expect(cache.parse(text)).toBe(second);
});

test('long texts that have come once are forgotten when others have come since', () => {
  const cache = new StatementCache();
  const text = (letter: string) => `SELECT '${letter.repeat(900_000)}'`;
  for (const letter of ['a', 'b', 'c', 'a', 'c']) cache.parse(text(letter));
  expect(cache.has(text('a'))).toBe(false);
  expect(cache.has(text('c'))).toBe(true);
});

test('the longest texts are never kept', () => {
  const cache = new StatementCache();
  for (let round = 0; round < 3; round++) cache.parse(`SELECT '${'x'.repeat(1_100_000)}'`);
  expect(cache.size).toBe(0);
});

test('a text that is parsed elsewhere is kept as well', async () => {
  const elsewhere = { parse: (text: string) => Promise.resolve(parseSql(text)) };
  const cache = new StatementCache({ elsewhere });
  const text = `SELECT '${'x'.repeat(80_000)}'`;
  await Promise.all([cache.parse(text), cache.parse(text), cache.parse(text)]);
  const kept = cache.parse(text);
  expect(kept).not.toBeInstanceOf(Promise);
  expect(cache.size).toBe(1);
});

test('an error is not kept', () => {
  const cache = new StatementCache();
  expect(errorOf('selec')).toMatch(/^42601/);
  expect(() => cache.parse('selec')).toThrow('syntax error');
  expect(cache.size).toBe(0);
});
