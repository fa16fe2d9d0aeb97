import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('joins in place of LATERAL', () => {
  test('conditions alone tie the sides', () => {
    expect(explainSql('select * from t, lateral (select x from u where u.a = t.a) s').split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('likewise of a left join', () => {
    expect(
      explainSql('select * from t left join lateral (select x from u where u.a = t.a) s on s.x > 1').split('\n'),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.x > 1)',
    ]);
  });

  test('the select list of an inner one reads both sides', () => {
    expect(explainSql('select * from t, lateral (select u.x + t.a as z from u where u.a = t.a) s').split('\n')).toEqual(
      ['Hash Join', '  Hash Cond: (t.a = u.a)', '  ->  Seq Scan on t', '  ->  Seq Scan on u'],
    );
  });

  test('one row of aggregates is a join of groups', () => {
    expect(
      explainSql('select * from t left join lateral (select sum(x) from u where u.a = t.a) s on true').split('\n'),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  HashAggregate',
      '        Group Key: u.a',
      '        ->  Seq Scan on u',
    ]);
  });

  test('a limit counts for each row', () => {
    expect(
      explainSql('select * from t, lateral (select x from u where u.a = t.a order by x limit 1) s').split('\n'),
    ).toEqual([
      'Nested Loop',
      '  ->  Seq Scan on t',
      '  ->  Limit',
      '        Rows: 1',
      '        ->  Sort',
      '              Sort Key: u.x',
      '              Sort Method: top-N heapsort',
      '              ->  Seq Scan on u',
      '                    Filter: (u.a = t.a)',
    ]);
  });

  test('a function is called for each row', () => {
    expect(explainSql('select * from t, generate_series(1, t.a) g').split('\n')).toEqual([
      'Nested Loop',
      '  ->  Seq Scan on t',
      '  ->  Function Scan on generate_series',
      '        Function Call: generate_series(1, t.a)',
    ]);
  });
});
