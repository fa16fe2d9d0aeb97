import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

function plan(sql: string): string[] {
  return explainSql(sql).split('\n');
}

describe('what a column is equal to, the column is equal to that a join makes equal to it', () => {
  test('of an inner join, whichever side it was said of', () => {
    const both = [
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '        Filter: (t.a = 1)',
      '  ->  Seq Scan on u',
      '        Filter: (u.a = 1)',
    ];
    expect(plan('select * from t join u on t.a = u.a where t.a = 1')).toEqual(both);
    expect(plan('select * from t join u on t.a = u.a where u.a = 1')).toEqual(both);
  });

  test('a list of values, from one join to the next', () => {
    expect(plan('select * from t, u, orders o where t.a = u.a and u.a = o.id and o.id in (1, 2)')).toEqual([
      'Hash Join',
      '  Hash Cond: (u.a = o.id)',
      '  ->  Hash Join',
      '        Hash Cond: (t.a = u.a)',
      '        ->  Seq Scan on t',
      '              Filter: (t.a IN (1, 2))',
      '        ->  Seq Scan on u',
      '              Filter: (u.a IN (1, 2))',
      '  ->  Index Scan using orders_pkey on orders o',
      '        Index Cond: (o.id IN (1, 2))',
    ]);
  });

  test('of a left join the side that may be missing, not the one whose rows all come', () => {
    expect(plan('select * from t left join u on t.a = u.a where t.a = 1')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '        Filter: (t.a = 1)',
      '  ->  Seq Scan on u',
      '        Filter: (u.a = 1)',
    ]);
    expect(plan('select * from t left join u on t.a = u.a and u.a = 1')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.a = 1)',
    ]);
  });

  test('of an anti join the rows that are looked for, not those that are kept for having none', () => {
    expect(plan('select * from t where not exists (select 1 from u where u.a = t.a and u.a = 1)')).toEqual([
      'Hash Anti Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
      '        Filter: (u.a = 1)',
    ]);
  });

  test('in each arm of UNION ALL, once', () => {
    expect(
      plan('select * from t join (select a from u union all select id from orders) v on v.a = t.a where t.a = 1'),
    ).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = a)',
      '  ->  Seq Scan on t',
      '        Filter: (t.a = 1)',
      '  ->  Append',
      '        ->  Seq Scan on u',
      '              Filter: (u.a = 1)',
      '        ->  Index Scan using orders_pkey on orders',
      '              Index Cond: (orders.id = 1)',
    ]);
  });

  test('no side of a full join', () => {
    expect(plan('select * from (select * from t where a = 1) t full join u on t.a = u.a')).toEqual([
      'Hash Full Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '        Filter: (t.a = 1)',
      '  ->  Seq Scan on u',
    ]);
  });

  test('not where the types differ, nor what is no equality, nor what is another value each time', () => {
    expect(plan('select * from t join v on t.a = v.a where t.a = 1').at(-1)).toBe('  ->  Seq Scan on v');
    expect(plan('select * from t join u on t.a = u.a where t.a > 1').at(-1)).toBe('  ->  Seq Scan on u');
    expect(plan('select * from t join u on t.a = u.a where t.a not in (1, 2)').at(-1)).toBe('  ->  Seq Scan on u');
    expect(plan('select * from t join u on t.a = u.a where t.a = (random() * 9)::int').at(-1)).toBe(
      '  ->  Seq Scan on u',
    );
  });
});
