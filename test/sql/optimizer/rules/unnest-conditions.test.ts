import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('joins in place of subqueries that are conditions', () => {
  test('EXISTS is a semi join', () => {
    expect(
      explainSql('select a from t where exists (select 1 from u where u.a = t.a and u.x > 10)').split('\n'),
    ).toEqual([
      'Hash Semi Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.x > 10)',
    ]);
  });

  test('NOT EXISTS is an anti join', () => {
    expect(
      explainSql('select a from t where not exists (select 1 from u where u.a = t.a and u.x > t.c)').split('\n'),
    ).toEqual([
      'Hash Anti Join',
      '  Hash Cond: (t.a = u.a)',
      '  Join Filter: ((u.x)::numeric > t.c)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('what only the outer rows decide is a condition on them', () => {
    expect(
      explainSql("select a from t where exists (select 1 from u where u.a = t.a and t.b = 'x')").split('\n'),
    ).toEqual([
      'Hash Semi Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      "        Filter: (t.b = 'x'::text)",
      '  ->  Seq Scan on u',
    ]);
  });

  test('rows are kept by an anti join for failing it', () => {
    expect(
      explainSql("select a from t where not exists (select 1 from u where u.a = t.a and t.b = 'x')").split('\n'),
    ).toEqual([
      'Hash Anti Join',
      '  Hash Cond: (t.a = u.a)',
      "  Join Filter: (t.b = 'x'::text)",
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('IN is a semi join, across types too', () => {
    expect(explainSql('select a from t where a in (select a from v where y is not null)').split('\n')).toEqual([
      'Hash Semi Join',
      '  Hash Cond: ((t.a)::bigint = v.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on v',
      '        Filter: (v.y IS NOT NULL)',
    ]);
  });

  test('rows are compared column by column', () => {
    expect(explainSql('select a from t where (a, c) in (select a, x + 0.5 from u)').split('\n')).toEqual([
      'Hash Semi Join',
      '  Hash Cond: ((t.a = u.a) AND (t.c = ((u.x)::numeric + 0.5)))',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('a join within is kept', () => {
    expect(
      explainSql('select a from t where exists (select 1 from u join v on v.a = u.a where u.a = t.a)').split('\n'),
    ).toEqual([
      'Hash Semi Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Hash Join',
      '        Hash Cond: ((u.a)::bigint = v.a)',
      '        ->  Seq Scan on u',
      '        ->  Seq Scan on v',
    ]);
  });

  test('EXISTS within EXISTS', () => {
    expect(
      explainSql(
        'select a from t where exists (select 1 from u where u.a = t.a and exists (select 1 from v where v.a = u.a))',
      ).split('\n'),
    ).toEqual([
      'Hash Semi Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Hash Semi Join',
      '        Hash Cond: ((u.a)::bigint = v.a)',
      '        ->  Seq Scan on u',
      '        ->  Seq Scan on v',
    ]);
  });

  test('NOT IN stays a hashed subplan, for the sake of NULL', () => {
    expect(explainSql('select a from t where a not in (select a from u)').split('\n')).toEqual([
      'Seq Scan on t',
      '  Filter: (NOT (hashed SubPlan 1))',
      '  SubPlan 1',
      '    ->  Seq Scan on u',
    ]);
  });

  test('what does not depend on the row runs once', () => {
    expect(explainSql('select a from t where exists (select 1 from u)').split('\n')).toEqual([
      'Seq Scan on t',
      '  Filter: $0',
      '  InitPlan 1 (returns $0)',
      '    ->  Seq Scan on u',
    ]);
  });

  test('a subquery that counts its rows is no join', () => {
    expect(explainSql('select a from t where exists (select 1 from u where u.a = t.a offset 1)').split('\n')).toEqual([
      'Seq Scan on t',
      '  Filter: (SubPlan 1)',
      '  SubPlan 1',
      '    ->  Limit',
      '          Offset: 1',
      '          ->  Seq Scan on u',
      '                Filter: (u.a = t.a)',
    ]);
  });

  test('a volatile subquery runs for each row', () => {
    expect(
      explainSql('select a from t where exists (select 1 from u where u.a = t.a and random() < 0.5)').split('\n'),
    ).toEqual([
      'Seq Scan on t',
      '  Filter: (SubPlan 1)',
      '  SubPlan 1',
      '    ->  Seq Scan on u',
      "          Filter: ((u.a = t.a) AND (random() < '0.5'::double precision))",
    ]);
  });
});
