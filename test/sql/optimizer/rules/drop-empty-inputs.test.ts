import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

function plan(sql: string): string[] {
  return explainSql(sql).split('\n');
}

const kinds = "(select a, 'x' as kind from t union all select a, 'y' from u)";

describe('what no row can come of is not read', () => {
  test('an arm of UNION ALL that a condition turns away', () => {
    expect(plan(`select a from ${kinds} k where kind = 'y'`)).toEqual(['Seq Scan on u']);
    expect(plan(`select a from ${kinds} k where kind = 'z'`)).toEqual(['Result', '  One-Time Filter: false']);
  });

  test('both sides of an inner join', () => {
    expect(plan(`select * from ${kinds} k join v on v.a = k.a where kind = 'z'`)).toEqual([
      'Result',
      '  One-Time Filter: false',
    ]);
    expect(plan("select * from t join (select a, 'x' as kind from u) k on k.a = t.a and kind = 'z'")).toEqual([
      'Result',
      '  One-Time Filter: false',
    ]);
  });

  test('the right side of a left join, whose rows come alone', () => {
    expect(plan(`select * from t left join ${kinds} k on k.a = t.a and kind = 'z'`)).toEqual(['Seq Scan on t']);
    expect(plan("select * from t where not exists (select 1 from u where u.a = t.a and 'a' = 'b')")).toEqual([
      'Seq Scan on t',
    ]);
  });

  test('both sides of a full join are', () => {
    expect(plan(`select * from t full join (select * from ${kinds} s where kind = 'z') k on k.a = t.a`)[0]).toBe(
      'Hash Full Join',
    );
  });

  test('one group of no rows is one group', () => {
    expect(plan(`select count(*) from ${kinds} k where kind = 'z'`)[0]).toBe('Aggregate');
    expect(plan(`select kind, count(*) from ${kinds} k where kind = 'z' group by kind`)[0]).toBe('Result');
  });
});
