import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import type { LogicalPlan } from '../../../src/sql/plan/logical-plan.ts';
import { planSql } from '../../sql/binder/bind-sql.ts';
import { rowsOf } from '../run-sql.ts';

/** Few different values, so that keys meet, repeat and are NULL. */
const cell = fc.oneof(fc.integer({ min: -1, max: 3 }), fc.constant(null));
const rows = (width: number) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 6 });

function relation(name: string, columns: string, values: readonly (readonly (number | null)[])[]): string {
  const width = columns.split(',').length;
  const none = `select ${Array(width).fill('null::int').join(', ')} where false`;
  const lists = values.map((row) => `(${row.map((value) => `${value ?? 'null'}::int`).join(', ')})`).join(', ');
  return `(${values.length === 0 ? none : `values ${lists}`}) as ${name}(${columns})`;
}

/** `T` (a, b), `U` (a, x) and `V` (a, y) stand for the relations. */
const QUERIES = [
  'select a from T where exists (select 1 from U where u.a = t.a)',
  'select a from T where not exists (select 1 from U where u.a = t.a and u.x > t.b)',
  'select a from T where exists (select 1 from U where u.a < t.a)',
  'select a from T where exists (select 1 from U where u.a = t.a and t.b = 1)',
  'select a from T where not exists (select 1 from U where u.a = t.a and t.b = 1)',
  'select a from T where exists (select 1 from U join V on v.a = u.a where u.x = t.b)',
  'select a from T where exists (select 1 from U where u.a = t.a and exists (select 1 from V where v.y = u.x))',
  'select a from T where exists (select 1 from U where u.a = t.a and not exists (select 1 from V where v.y = t.b))',
  'select a from T where a in (select u.a from U)',
  'select a from T where a not in (select u.a from U)',
  'select a from T where (a, b) in (select u.a, u.x from U)',
  'select a from T where (a, b) not in (select u.a, u.x from U)',
  'select a from T where a in (select u.a from U where u.x > t.b)',
  'select a, a in (select u.a from U), a not in (select u.x from U where u.a = t.b) from T',
  'select a, b > any (select u.x from U where u.a = t.a), b <= all (select u.x from U) from T',
  'select a, exists (select 1 from U where u.a = t.a) from T',
  'select a from T where exists (select 1 from U where u.a = t.a) or b = 2',
  'select a, (select max(x) from U where u.a = t.a) from T',
  'select a, (select count(*) from U where u.a = t.a and u.x = t.b) from T',
  'select a, (select count(x) + coalesce(sum(x), -5) + t.b from U where u.a = t.a) from T',
  'select a, (select min(x) from U where u.a > t.a) from T',
  'select a from T where (select count(*) from U where u.a = t.a) = (select count(*) from V where v.a = t.a)',
  'select a, (select x from U where u.a = t.a) from T',
  'select a, case when b = 1 then (select x from U where u.a = t.a) else 7 end from T',
  'select a, coalesce((select max(x) from U where u.a = t.a), (select x from U where u.a = t.b)) from T',
  'select b, (select count(*) from U where u.a = sum(t.a)) from T group by b',
  'select t.a, s.x from T, lateral (select x from U where u.a = t.a) s',
  'select t.a, s.x from T left join lateral (select x from U where u.a = t.a) s on s.x > 0',
  'select t.a, s.z from T left join lateral (select x + t.b as z from U where u.a = t.a) s on true',
  'select t.a, s.z from T, lateral (select x + t.b as z from U where u.a = t.a) s where z > 1',
  'select t.a, s.n, s.m from T left join lateral (select count(*) n, max(x) m from U where u.a = t.a) s on true',
  'select t.a, s.n from T join lateral (select count(*) n from U where u.a = t.a) s on s.n > t.b',
  'select t.a, s.x from T, lateral (select x from U where u.a = t.a order by x limit 1) s',
  'select t.a, u.x, v.y from T left join U on t.a = u.a left join V on v.a = u.x where v.y > 0',
  'select t.a, u.x from T full join U on t.a = u.a where u.x > 0',
  'select t.a, u.x from T full join U on t.a = u.a where t.b > 0 or u.x is not null',
  'select t.a, u.x, v.y from T right join U on t.a = u.a full join V on v.a = t.a where t.b is not null',
  'select t.a, u.x, v.y from T, V, U where t.a = u.a and u.x = v.a and t.b < v.y',
  'select t.a, u.x from T left join U on t.a = u.a and exists (select 1 from V where v.a = u.x and v.y = t.b)',
  'select t.a, g from T, generate_series(1, t.a) g',
];

/** The rows in any order, or the error's code. */
async function outcome(plan: LogicalPlan): Promise<readonly string[] | string> {
  try {
    return (await rowsOf(plan)).sort();
  } catch (error) {
    if (error instanceof SqlError) return error.code;
    throw error;
  }
}

describe('the optimizer changes how rows are found, and not which', () => {
  test.each(QUERIES)('%s', async (template) => {
    const check = fc.asyncProperty(rows(2), rows(2), rows(2), async (t, u, v) => {
      const sql = template
        .replace(/\bT\b/g, relation('t', 'a, b', t))
        .replace(/\bU\b/g, relation('u', 'a, x', u))
        .replace(/\bV\b/g, relation('v', 'a, y', v));
      const plan = planSql(sql);
      expect(await outcome(optimize(plan))).toEqual(await outcome(plan));
    });
    await fc.assert(check, { numRuns: 60 });
  });
});
