import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

const rows = { t: 10, u: 20000, orders: 100000, lines: 1000000, people: 1000 };

function plan(sql: string, sizes: Readonly<Record<string, number>> = rows): string[] {
  return explainSql(sql, sizes).split('\n');
}

describe('keys of few rows are what a larger side of a join is asked for', () => {
  test('through grouping', () => {
    expect(
      plan('select * from t join (select order_id, sum(amount) from lines group by order_id) s on s.order_id = t.a'),
    ).toEqual([
      'Hash Join',
      '  Hash Cond: ((t.a)::bigint = lines.order_id)',
      '  ->  Seq Scan on t',
      '  ->  HashAggregate',
      '        Group Key: lines.order_id',
      '        ->  Index Scan using lines_key on lines',
      '              Index Cond: (lines.order_id = ANY (t.a))',
    ]);
  });

  test('of a correlated aggregate', () => {
    expect(plan('select (select sum(amount) from lines where order_id = t.a) from t').slice(-2)).toEqual([
      '        ->  Index Scan using lines_key on lines',
      '              Index Cond: (lines.order_id = ANY (t.a))',
    ]);
  });

  test('from table to table, whose order follows from the keys', () => {
    expect(
      plan(
        'select * from t left join (select o.id, l.amount from lines l join orders o on o.id = l.order_id) v on v.id = t.a',
      ),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = o.id)',
      '  ->  Seq Scan on t',
      '  ->  Nested Loop',
      '        ->  Index Scan using orders_pkey on orders o',
      '              Index Cond: (o.id = ANY (t.a))',
      '        ->  Index Scan using lines_key on lines l',
      '              Index Cond: ((o.id)::bigint = l.order_id)',
    ]);
  });

  test('in each arm of UNION ALL, if all arms can be asked', () => {
    const union = (second: string): string =>
      `select * from t join (select id, person from orders union all ${second}) v on v.id = t.a`;
    expect(
      plan(union('select id, 1 from people'), { ...rows, people: 50000 }).filter((line) => /ANY/.test(line)),
    ).toEqual([
      '              Index Cond: (orders.id = ANY (t.a))',
      '              Index Cond: (people.id = ANY (t.a))',
    ]);
    expect(plan(union('select a, x from u')).join()).not.toMatch(/ANY/);
  });

  test('not of a full join, nor past LIMIT, nor where rows are other ones each time', () => {
    const view = '(select o.id, p.name from orders o join people p on p.id = o.person)';
    expect(plan(`select * from t left join ${view} v on v.id = t.a`).join()).toMatch(/ANY/);
    expect(plan(`select * from t full join ${view} v on v.id = t.a`).join()).not.toMatch(/ANY/);
    expect(plan('select * from t join (select id from orders limit 9000) v on v.id = t.a').join()).not.toMatch(/ANY/);
    expect(plan('select * from t join (select id, random() from orders) v on v.id = t.a').join()).not.toMatch(/ANY/);
  });

  test('not of many rows', () => {
    const view = '(select o.id, p.name from orders o join people p on p.id = o.person)';
    expect(plan(`select * from t left join ${view} v on v.id = t.a`, { ...rows, t: 5000 }).join()).not.toMatch(/ANY/);
  });
});
