import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('outer joins whose added rows are turned away', () => {
  test('a left join becomes an inner one', () => {
    expect(explainSql('select * from t left join u on t.a = u.a where u.x > 10').split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.x > 10)',
    ]);
  });

  test('not where NULL passes', () => {
    expect(explainSql('select * from t left join u on t.a = u.a where coalesce(u.x, 0) = 0').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  Filter: (COALESCE(u.x, 0) = 0)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('a full join becomes a left one', () => {
    expect(explainSql("select * from t full join u on t.a = u.a where t.b = 'x'").split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      "        Filter: (t.b = 'x'::text)",
      '  ->  Seq Scan on u',
    ]);
  });

  test('or a right one', () => {
    expect(explainSql('select * from t full join u on t.a = u.a where u.x > 1').split('\n')).toEqual([
      'Hash Right Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.x > 1)',
    ]);
  });

  test('or an inner one', () => {
    expect(explainSql("select * from t full join u on t.a = u.a where u.x > 1 and t.b = 'x'").split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      "        Filter: (t.b = 'x'::text)",
      '  ->  Seq Scan on u',
      '        Filter: (u.x > 1)',
    ]);
  });

  test('a condition of one join tells of another', () => {
    expect(
      explainSql("select * from t left join u on t.a = u.a left join v on v.a = u.x where v.y = 'x'").split('\n'),
    ).toEqual([
      'Hash Join',
      '  Hash Cond: ((u.x)::bigint = v.a)',
      '  ->  Hash Join',
      '        Hash Cond: (t.a = u.a)',
      '        ->  Seq Scan on t',
      '        ->  Seq Scan on u',
      '  ->  Seq Scan on v',
      "        Filter: (v.y = 'x'::text)",
    ]);
  });

  test('both sides of OR must say so', () => {
    expect(explainSql('select * from t left join u on t.a = u.a where u.x > 1 or t.a = 3').split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  Filter: ((u.x > 1) OR (t.a = 3))',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('IS NOT NULL says so', () => {
    expect(explainSql('select * from t right join u on t.a = u.a where t.b is not null').split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '        Filter: (t.b IS NOT NULL)',
      '  ->  Seq Scan on u',
    ]);
  });
});
