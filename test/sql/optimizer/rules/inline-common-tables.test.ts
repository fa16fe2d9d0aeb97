import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

function linesOf(sql: string): string[] {
  return explainSql(sql).split('\n');
}

describe('common tables', () => {
  test('one that is read once is a subquery, into which conditions sink', () => {
    expect(linesOf('with c as (select a, b from t) select b from c where a = 1')).toEqual([
      'Seq Scan on t',
      '  Filter: (a = 1)',
    ]);
  });

  test('one that is read twice is kept', () => {
    expect(linesOf('with c as (select a from t) select 1 from c x, c y')).toContain('  CTE c');
  });

  test('NOT MATERIALIZED puts it wherever it is read', () => {
    const lines = linesOf('with c as not materialized (select a from t) select 1 from c x, c y where x.a = y.a');
    expect(lines.filter((line) => line.includes('CTE'))).toEqual([]);
    expect(lines.filter((line) => line.includes('Seq Scan on t'))).toHaveLength(2);
  });

  test('MATERIALIZED keeps it, conditions and all', () => {
    const lines = linesOf('with c as materialized (select a from t) select a from c where a = 1');
    expect(lines[0]).toBe('CTE Scan on c');
    expect(lines).toContain('  CTE c');
    expect(lines).toContain('  Filter: (c.a = 1)');
  });

  test('a volatile function keeps it', () => {
    expect(linesOf('with c as (select random() as r from t) select r from c')[0]).toBe('CTE Scan on c');
  });

  test('what nobody reads goes, and what only that reads', () => {
    expect(linesOf('with c as (select a from t), d as (select a from c) select x from u')).toEqual(['Seq Scan on u']);
  });

  test('each in turn, where one reads another', () => {
    expect(linesOf('with c as (select a from t), d as (select a + 1 as a from c) select a from d')).toEqual([
      'Seq Scan on t',
    ]);
  });

  test('a recursive one stays', () => {
    expect(
      linesOf('with recursive c(n) as (select 1 union all select n + 1 from c where n < 3) select n from c'),
    ).toContain('    ->  Recursive Union');
  });

  test('one that is read in an expression is computed once', () => {
    expect(
      linesOf('with c as (select max(x) as m from u) select a from t where a > (select m from c)').join('\n'),
    ).toContain('CTE c');
  });
});
