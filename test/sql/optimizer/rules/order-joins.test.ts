import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('the order of inner joins', () => {
  test('no cross join where an equality ties', () => {
    expect(explainSql('select * from t, v, u where t.a = u.a and u.x = v.a').split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: ((u.x)::bigint = v.a)',
      '  ->  Hash Join',
      '        Hash Cond: (t.a = u.a)',
      '        ->  Seq Scan on t',
      '        ->  Seq Scan on u',
      '  ->  Seq Scan on v',
    ]);
  });

  test('the larger side streams by', () => {
    expect(explainSql('select * from u join t on t.a = u.a', { t: 100000, u: 100 }).split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on u',
    ]);
  });

  test('the written order stays when sizes are alike', () => {
    expect(explainSql('select * from u join t on t.a = u.a', { t: 1000, u: 900 }).split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (u.a = t.a)',
      '  ->  Seq Scan on u',
      '  ->  Seq Scan on t',
    ]);
  });

  test('what leaves least is joined first', () => {
    expect(
      explainSql("select * from t join u on t.a = u.a join v on v.a = t.a where v.y = 'x'", {
        t: 100000,
        u: 5000,
        v: 5000,
      }).split('\n'),
    ).toEqual([
      'Hash Join',
      '  Hash Cond: (t.a = u.a)',
      '  ->  Hash Join',
      '        Hash Cond: ((t.a)::bigint = v.a)',
      '        ->  Seq Scan on t',
      '        ->  Seq Scan on v',
      "              Filter: (v.y = 'x'::text)",
      '  ->  Seq Scan on u',
    ]);
  });

  test('few rows come first where the others are looked up', () => {
    expect(
      explainSql(
        "select * from orders o, lines l, people p where l.order_id = o.id and p.id = o.person and p.name = 'x'",
        { orders: 100000, lines: 1000000, people: 1000 },
      ).split('\n'),
    ).toEqual([
      'Nested Loop',
      '  ->  Hash Join',
      '        Hash Cond: (o.person = p.id)',
      '        ->  Seq Scan on orders o',
      '        ->  Seq Scan on people p',
      "              Filter: (p.name = 'x'::text)",
      '  ->  Index Scan using lines_key on lines l',
      '        Index Cond: ((o.id)::bigint = l.order_id)',
    ]);
  });

  test('outer joins stay where they are', () => {
    expect(explainSql('select * from u left join t on t.a = u.a', { t: 100000, u: 100 }).split('\n')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (u.a = t.a)',
      '  ->  Seq Scan on u',
      '  ->  Seq Scan on t',
    ]);
  });
});
