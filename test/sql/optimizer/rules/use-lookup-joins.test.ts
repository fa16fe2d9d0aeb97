import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

describe('rows looked up by an index', () => {
  test('few rows on the left, a large table on the right', () => {
    expect(explainSql('select * from t join orders on orders.id = t.a', { t: 10, orders: 100000 }).split('\n')).toEqual(
      [
        'Nested Loop',
        '  ->  Seq Scan on t',
        '  ->  Index Scan using orders_pkey on orders',
        '        Index Cond: (t.a = orders.id)',
      ],
    );
  });

  test('likewise of a left join, integers of another width too', () => {
    expect(
      explainSql('select * from t left join lines on lines.order_id = t.a and amount > 5', {
        t: 10,
        lines: 100000,
      }).split('\n'),
    ).toEqual([
      'Nested Loop Left Join',
      '  ->  Seq Scan on t',
      '  ->  Index Scan using lines_key on lines',
      '        Index Cond: ((t.a)::bigint = lines.order_id)',
      '        Filter: (lines.amount > 5)',
    ]);
  });

  test('and of a semi join', () => {
    expect(
      explainSql('select * from t where exists (select 1 from lines where lines.order_id = t.a)', {
        t: 10,
        lines: 100000,
      }).split('\n'),
    ).toEqual([
      'Nested Loop Semi Join',
      '  ->  Seq Scan on t',
      '  ->  Index Scan using lines_key on lines',
      '        Index Cond: ((t.a)::bigint = lines.order_id)',
    ]);
  });

  test('a small table is read', () => {
    expect(explainSql('select * from t join orders on orders.id = t.a', { t: 10, orders: 1000 }).split('\n')).toEqual([
      'Hash Join',
      '  Hash Cond: (orders.id = t.a)',
      '  ->  Seq Scan on orders',
      '  ->  Seq Scan on t',
    ]);
  });

  test('so is one of which much is asked', () => {
    expect(
      explainSql('select * from t join orders on orders.id = t.a', { t: 90000, orders: 100000 }).split('\n'),
    ).toEqual(['Hash Join', '  Hash Cond: (t.a = orders.id)', '  ->  Seq Scan on t', '  ->  Seq Scan on orders']);
  });

  test('a column without an index is hashed', () => {
    expect(
      explainSql('select * from t left join orders on orders.person = t.a', { t: 10, orders: 100000 }).split('\n'),
    ).toEqual([
      'Hash Left Join',
      '  Hash Cond: (t.a = orders.person)',
      '  ->  Seq Scan on t',
      '  ->  Seq Scan on orders',
    ]);
  });

  test('a full join reads both', () => {
    expect(
      explainSql('select * from t full join orders on orders.id = t.a', { t: 10, orders: 100000 }).split('\n'),
    ).toEqual(['Hash Full Join', '  Hash Cond: (t.a = orders.id)', '  ->  Seq Scan on t', '  ->  Seq Scan on orders']);
  });
});
