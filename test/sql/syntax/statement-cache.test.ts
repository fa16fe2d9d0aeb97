import { expect, test } from 'vitest';
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

test('a very long text is parsed and not kept', () => {
  const cache = new StatementCache();
  expect(cache.parse(`SELECT '${'x'.repeat(20_000)}'`)).toHaveLength(1);
  expect(cache.size).toBe(0);
});

test('an error is not kept', () => {
  const cache = new StatementCache();
  expect(errorOf('selec')).toMatch(/^42601/);
  expect(() => cache.parse('selec')).toThrow('syntax error');
  expect(cache.size).toBe(0);
});
