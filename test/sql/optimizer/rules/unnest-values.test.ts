import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('joins in place of correlated subqueries that are values', () => {
  test('an aggregate is computed for all groups at once', () => {
    expect(explainSql('select a, (select max(x) from u where u.a = t.a) from t').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  HashAggregate',
      '        Group Key: u.a',
      '        ->  Seq Scan on u',
    ]);
  });

  test('conditions on it come after the join', () => {
    expect(explainSql('select a from t where (select count(*) from u where u.a = t.a) = 0').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      "  Filter: (COALESCE(count(*), '0'::bigint) = 0)",
      '  ->  Seq Scan on t',
      '  ->  HashAggregate',
      '        Group Key: u.a',
      '        ->  Seq Scan on u',
    ]);
  });

  test('two subqueries are two joins', () => {
    expect(
      explainSql(
        'select (select sum(x) from u where u.a = t.a) + (select count(*) from v where v.a = t.a) from t',
      ).split('\n'),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: ((t.a)::bigint = v.a)',
      '  ->  Hash Left Join',
      '        Hash Cond: (t.a = u.a)',
      '        ->  Seq Scan on t',
      '        ->  HashAggregate',
      '              Group Key: u.a',
      '              ->  Seq Scan on u',
      '  ->  HashAggregate',
      '        Group Key: v.a',
      '        ->  Seq Scan on v',
    ]);
  });

  test('a single row is a join that fails at a second match', () => {
    expect(explainSql('select a, (select x from u where u.a = t.a) from t').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('such a row is not asked for where no one may come to it', () => {
    expect(
      explainSql("select case when b = 'x' then (select x from u where u.a = t.a) end from t").split('\n'),
    ).toEqual(['Seq Scan on t', '  SubPlan 1', '    ->  Seq Scan on u', '          Filter: (u.a = t.a)']);
  });

  test('but where a key says that there is one at most', () => {
    expect(
      explainSql("select case when b = 'x' then (select day from orders o where o.id = t.a) end from t").split('\n'),
    ).toEqual(['Hash Left Join', '  Hash Cond: (t.a = o.id)', '  ->  Seq Scan on t', '  ->  Seq Scan on orders o']);
  });

  test('what may fail is computed of the joined row', () => {
    expect(explainSql('select a, (select 1 / x from u where u.a = t.a) from t').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
    expect(explainSql('select a from t where (select 1 / x from u where u.a = t.a) = 2')).toContain(
      '  Filter: (CASE WHEN (u.a IS NOT NULL) THEN (1 / u.x) END = 2)',
    );
  });

  test('conditions that do not tie it are tested with the join, unless they may fail', () => {
    expect(explainSql("select a, (select x from u where u.a = t.a and t.b = 'x') from t").split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      "  Join Filter: (t.b = 'x'::text)",
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
    expect(explainSql('select a, (select x from u where u.a = t.a and 1 / t.a > u.x) from t')).toContain('SubPlan');
  });

  test('EXISTS by a key is a join with the table', () => {
    expect(
      explainSql("select a from t where exists (select 1 from orders o where o.id = t.a) or b = 'x'").split('\n'),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = o.id)',
      "  Filter: ((o.id IS NOT NULL) OR (t.b = 'x'::text))",
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on orders o',
    ]);
  });

  test('EXISTS beside other things is a join of keys', () => {
    expect(explainSql("select a from t where exists (select 1 from u where u.a = t.a) or b = 'x'").split('\n')).toEqual(
      [
        'Hash Left Join',
        '  Hash Cond: (t.a = u.a)',
        "  Filter: ((u.a IS NOT NULL) OR (t.b = 'x'::text))",
        '  ->  Seq Scan on t',
        '  ->  HashAggregate',
        '        Group Key: u.a',
        '        ->  Seq Scan on u',
      ],
    );
  });

  test('what is tied by more than equality runs for each value', () => {
    expect(explainSql('select a, (select max(x) from u where u.a < t.a) from t').split('\n')).toEqual([
      'Seq Scan on t',
      '  SubPlan 1',
      '    ->  Aggregate',
      '          ->  Seq Scan on u',
      '                Filter: (u.a < t.a)',
    ]);
  });

  test('what may fail for rows that nobody asks for runs for each value', () => {
    expect(explainSql('select a, (select max(1 / x) from u where u.a = t.a) from t').split('\n')).toEqual([
      'Seq Scan on t',
      '  SubPlan 1',
      '    ->  Aggregate',
      '          ->  Seq Scan on u',
      '                Filter: (u.a = t.a)',
    ]);
  });
});
