import { describe, expect, test } from 'vitest';
import { hasFilterBelowJoin } from './evaluation.ts';

function lines(plan: string): readonly string[] {
  return plan.split('\n').filter((line) => line.trim() !== '');
}

describe('a condition that PostgreSQL looks at before a join', () => {
  test('is one of a join within a join', () => {
    const plan = `
 Merge Join  (cost=250373.59..544299.34 rows=19594200 width=24)
   Merge Cond: (r3.t = r1.e)
   ->  Sort  (cost=179.78..186.16 rows=2550 width=4)
         Sort Key: r3.t
         ->  Seq Scan on h2 r3  (cost=0.00..35.50 rows=2550 width=4)
   ->  Sort  (cost=250193.81..254035.81 rows=1536800 width=20)
         Sort Key: r1.e
         ->  Nested Loop  (cost=0.00..92276.10 rows=1536800 width=20)
               Join Filter: (r2.n < int84div((r2.n)::bigint, r1.c))
               ->  Seq Scan on h1 r2  (cost=0.00..32.60 rows=2260 width=8)`;
    expect(hasFilterBelowJoin(lines(plan))).toBe(true);
  });

  test('is one of a table in a join', () => {
    const plan = `
 Hash Left Join  (cost=40.72..82.93 rows=113 width=20)
   Hash Cond: (h1.n = t1.id)
   ->  Hash  (cost=40.60..40.60 rows=10 width=12)
         ->  Seq Scan on t1  (cost=0.00..40.60 rows=10 width=12)
               Filter: ((c / e) = 2)`;
    expect(hasFilterBelowJoin(lines(plan))).toBe(true);
  });

  test('is not that of the only join', () => {
    const plan = `
 Aggregate  (cost=1..2 rows=1 width=8)
   Filter: (count(*) > 1)
   ->  Merge Join  (cost=301.05..772.29 rows=115 width=20)
         Merge Cond: (t1.id = h1.n)
         Join Filter: ((t1.c / h1.x) = 2)
         ->  Sort  (cost=142.54..147.64 rows=2040 width=12)
               Sort Key: t1.id
               ->  Seq Scan on t1  (cost=0.00..30.40 rows=2040 width=12)`;
    expect(hasFilterBelowJoin(lines(plan))).toBe(false);
  });

  test('is not that of a table behind a join', () => {
    const plan = `
 Append  (cost=1..2 rows=1 width=8)
   ->  Nested Loop  (cost=301.05..772.29 rows=115 width=20)
         ->  Seq Scan on t1  (cost=0.00..30.40 rows=2040 width=12)
         ->  Seq Scan on t2  (cost=0.00..30.40 rows=2040 width=12)
   ->  Seq Scan on t3  (cost=0.00..30.40 rows=2040 width=12)
         Filter: ((c / e) = 2)`;
    expect(hasFilterBelowJoin(lines(plan))).toBe(false);
  });
});
