import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('subqueries in what sorts and groups are computed before', () => {
  test('in an aggregate', () => {
    expect(explainSql('select sum((select max(x) from u where u.a < t.a)) from t').split('\n')).toEqual([
      'Aggregate',
      '  ->  Seq Scan on t',
      '  SubPlan 1',
      '    ->  Aggregate',
      '          ->  Seq Scan on u',
      '                Filter: (u.a < t.a)',
    ]);
  });

  test('in a key', () => {
    expect(explainSql('select count(*) from t group by (select max(x) from u where u.a < t.a)').split('\n')).toEqual([
      'HashAggregate',
      '  Group Key: (SubPlan 1)',
      '  ->  Seq Scan on t',
      '  SubPlan 1',
      '    ->  Aggregate',
      '          ->  Seq Scan on u',
      '                Filter: (u.a < t.a)',
    ]);
  });

  test('in a sort key, above which the limit stays', () => {
    expect(explainSql('select a from t order by (select max(x) from u where u.a < t.a) limit 3').split('\n')).toEqual([
      'Limit',
      '  Rows: 3',
      '  ->  Sort',
      '        Sort Key: (SubPlan 1)',
      '        Sort Method: top-N heapsort',
      '        ->  Seq Scan on t',
      '  SubPlan 1',
      '    ->  Aggregate',
      '          ->  Seq Scan on u',
      '                Filter: (u.a < t.a)',
    ]);
  });
});
