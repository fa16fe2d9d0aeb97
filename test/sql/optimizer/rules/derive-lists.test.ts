import { describe, expect, test } from 'vitest';
import { explainSql } from '../explain-sql.ts';

function plan(sql: string): string[] {
  return explainSql(sql).split('\n');
}

describe('alternatives that all say what a column is equal to', () => {
  test('leave each table of a join rows of these values', () => {
    const lines = plan(
      "select * from orders o join people p on p.id = o.person where (p.name = 'x' and o.id = 1) or (p.name = 'y' and o.id = 2)",
    );
    expect(lines).toContain("        Filter: (p.name IN ('x'::text, 'y'::text))");
    expect(lines).toContain('        Index Cond: (o.id IN (1, 2))');
    expect(lines.filter((line) => line.includes('Join Filter'))).toHaveLength(1);
  });

  test('of one value give a list of one', () => {
    expect(plan('select * from orders where (id = 1 and person = 2) or (id = 1 and person = 3)')[1]).toBe(
      '  Index Cond: (id IN (1))',
    );
  });

  test('say nothing when one of them says nothing of it, or something else', () => {
    expect(plan('select * from orders where id = 1 or person = 3')[0]).toBe('Seq Scan on orders');
    expect(plan('select * from orders where id = 1 or id > 7')[0]).toBe('Seq Scan on orders');
    expect(plan('select * from orders where id = 1 or id = person')[0]).toBe('Seq Scan on orders');
    expect(plan('select * from orders where id = 1 or id = 5000000000')[0]).toBe('Seq Scan on orders');
  });
});
