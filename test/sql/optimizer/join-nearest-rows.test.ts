import { describe, expect, test } from 'vitest';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { planSql } from '../binder/bind-sql.ts';

/** `cpu` and `mem` are time-series tables with the tag `host`, `devices` is a plain one. */
function explained(sql: string, rows: Readonly<Record<string, number>> = {}): string {
  const facts = { estimateRows: ({ name }: TableDescriptor) => rows[name] };
  return explainPlan(optimize(planSql(sql), facts)).join('\n');
}

const lateral = (query: string, left = 'mem m', type = 'left join'): string =>
  `select * from ${left} ${type} lateral (${query} limit 1) q on true`;

test('the latest row that is not later', () => {
  const query = 'select usage from cpu c where c.host = m.host and c.time <= m.time order by c.time desc';
  expect(explained(lateral(query))).toBe(
    `As-Of Left Join
  Join Cond: ((m.host = c.host) AND (c.time <= m.time))
  First By: c.time DESC
  ->  Seq Scan on mem m
  ->  Seq Scan on cpu c`,
  );
});

test('the earliest row that is not earlier, within a minute, of those with a value', () => {
  const query = `select usage from cpu c where m.host = c.host and c.time > m.time and m.time + interval '1 min' >= c.time
    and c.usage is not null and c.region = 'eu' order by c.host, c.time, c.usage desc nulls last`;
  expect(explained(lateral(query, 'mem m', 'cross join').replace(' on true', ''))).toBe(
    `As-Of Join
  Join Cond: ((m.host = c.host) AND (c.time > m.time) AND (c.time <= (m.time + '00:01:00'::interval)))
  First By: c.time, c.usage DESC NULLS LAST
  ->  Seq Scan on mem m
  ->  Seq Scan on cpu c
        Tag Filter: (c.region = 'eu'::text)
        Filter: (c.usage IS NOT NULL)`,
  );
});

test("TSBS' last point", () => {
  const query = 'select * from cpu c where c.host = d.host order by time desc';
  const sql = lateral(query, 'devices d', 'inner join');
  expect(explained(sql.replace('*', 'distinct on (d.host) *').concat(' order by d.host, q.time desc'))).toBe(
    `Unique
  Key: d.host
  ->  Sort
        Sort Key: d.host, c.time DESC
        ->  Last Row Join
              Join Cond: (d.host = c.host)
              First By: c.time DESC
              ->  Seq Scan on devices d
              ->  Last Row Scan on cpu c`,
  );
});

describe('the subquery runs for each row where it asks for something else', () => {
  const queries = {
    'another order': 'select * from cpu c where c.host = m.host and c.time <= m.time order by c.usage',
    'the wrong end': 'select * from cpu c where c.host = m.host and c.time <= m.time order by c.time',
    'the oldest of all': 'select * from cpu c where c.host = m.host order by c.time',
    'the newest with a value': 'select * from cpu c where c.host = m.host and usage > 1 order by c.time desc',
    'a comparison of something else':
      'select * from cpu c where c.host = m.host and c.total < m.free order by c.time desc',
    'two limits': 'select * from cpu c where c.time <= m.time and c.time < m.time order by c.time desc',
    'another number of rows': 'select * from cpu c where c.host = m.host order by c.time desc offset 1',
    'rows to be grouped': 'select max(usage) from cpu c where c.host = m.host and c.time <= m.time order by 1 desc',
    'no rows of a table': 'select * from generate_series(1, m.free) as time order by time desc',
    'a random one': 'select *, random() from cpu c where c.host = m.host and c.time <= m.time order by c.time desc',
    'nearest on either side':
      'select * from cpu c where c.host = m.host order by abs(extract(epoch from c.time - m.time))',
  };
  for (const [name, query] of Object.entries(queries)) {
    test(name, () => expect(explained(lateral(query))).toMatch(/Nested Loop|Aggregate/));
  }
});

test('few rows look for theirs one by one where the whole table would have to be read', () => {
  const query = 'select usage from cpu c where c.host = d.host and c.time <= d.seen and usage > 1 order by time desc';
  const sql = lateral(query, 'devices d');
  expect(explained(sql, { devices: 10, cpu: 1_000_000 })).toContain('Nested Loop');
  expect(explained(sql, { devices: 10_000, cpu: 1_000_000 })).toContain('As-Of');
  // Of series as a whole no more is read than is needed.
  expect(explained(sql.replace('and usage > 1', ''), { devices: 10, cpu: 1_000_000 })).toContain('As-Of');
});

test('what is asked of the row that was found comes after it', () => {
  const sql = `select m.free, q.u from mem m left join lateral
    (select c.usage + m.free as u from cpu c where c.host = m.host and c.time <= m.time order by time desc limit 1) q
    on q.u > 3 where q.u is null`;
  expect(explained(sql)).toBe(
    `As-Of Left Join
  Join Cond: ((m.host = c.host) AND (c.time <= m.time))
  First By: c.time DESC
  Join Filter: ((c.usage + (m.free)::double precision) > '3'::double precision)
  Filter: (CASE WHEN (c.time IS NOT NULL) THEN (c.usage + (m.free)::double precision) END IS NULL)
  ->  Seq Scan on mem m
  ->  Seq Scan on cpu c`,
  );
});

test('a value that such a query gives is joined as well, unless not every row asks for it', () => {
  const value = '(select usage from cpu c where c.host = m.host and c.time <= m.time order by c.time desc limit 1)';
  expect(explained(`select free, ${value} from mem m`)).toBe(
    `As-Of Left Join
  Join Cond: ((m.host = c.host) AND (c.time <= m.time))
  First By: c.time DESC
  ->  Seq Scan on mem m
  ->  Seq Scan on cpu c`,
  );
  expect(explained(`select free from mem m where ${value} > 3`)).toContain('As-Of Left Join');
  expect(explained(`select case when free > 3 then ${value} end from mem m`)).not.toContain('As-Of');
  expect(
    explained('select (select seen from devices d where d.host = m.host order by seen limit 1) from mem m'),
  ).toContain('SubPlan');
});
