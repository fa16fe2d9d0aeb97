import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../support/seeded-random.ts';
import { fewest, shrink } from './shrink.ts';
import { choice, expression, list, optional, render, type Sql, simplifications, sql } from './sql-tree.ts';

const QUERY = sql`SELECT ${list([
  expression(
    'int4',
    sql`(${expression('int4', 'a')} + ${expression('int4', sql`abs(${expression('int4', 'culprit')})`)})`,
  ),
  expression('text', sql`lower(${expression('text', "'X'")})`),
  expression('bool', 'b'),
])}${optional(sql` FROM ${choice(sql`t JOIN u ON ${expression('bool', 'c')}`, 't', 'u')}`)}${optional(' LIMIT 1')}`;

describe('shrink', () => {
  test('leaves what matters and takes away the rest', async () => {
    const smallest = await shrink(QUERY, async (candidate) => render(candidate).includes('culprit'));
    expect(render(smallest)).toBe('SELECT culprit');
  });

  test('keeps what only together makes the difference', async () => {
    const smallest = await shrink(QUERY, async (candidate) => /abs.* FROM u/.test(render(candidate)));
    expect(render(smallest)).toMatch(/^SELECT (a \+ )?\(?abs\(1\)\)? FROM u$/);
  });

  test('gives back what cannot be made simpler', async () => {
    expect(await shrink(QUERY, async () => false)).toBe(QUERY);
  });

  test('only tries what is shorter, so that it comes to an end', () => {
    const seen: Sql[] = [QUERY];
    const random = new SeededRandom(5);
    for (let current: Sql = QUERY; ; ) {
      const candidates: Sql[] = [...simplifications(current)];
      for (const candidate of candidates) expect(render(candidate).length).toBeLessThan(render(current).length);
      if (candidates.length === 0) break;
      current = random.pick(candidates);
      seen.push(current);
    }
    expect(seen.length).toBeGreaterThan(1);
  });
});

describe('fewest', () => {
  test('finds the items that are needed', async () => {
    const items = Array.from({ length: 40 }, (_, index) => index);
    expect(await fewest(items, async (kept) => kept.includes(3) && kept.includes(31))).toEqual([3, 31]);
    expect(await fewest(items, async () => true)).toEqual([]);
    expect(await fewest([], async () => true)).toEqual([]);
  });
});
