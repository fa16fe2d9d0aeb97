import { describe, expect, test } from 'vitest';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { planSql } from '../binder/bind-sql.ts';

const explain = (sql: string): string[] => explainPlan(optimize(planSql(sql)));

/** The condition of a filter as EXPLAIN prints it. */
function conditionText(condition: string): string | undefined {
  return explain(`select 1 from devices where ${condition}`)
    .find((line) => line.includes('Filter: '))
    ?.replace(/^.*Filter: /, '');
}

describe('plans print as PostgreSQL prints its own', () => {
  test('a time-series query', () => {
    expect(
      explain(`select time_bucket('1 hour', time) as hour, host, avg(usage) from cpu
        where time >= '2024-01-01' and host in ('a', 'b') and idle < 5
        group by 1, 2 having count(*) > 3 order by hour desc, host nulls first limit 10 offset 2`),
    ).toEqual([
      'Limit',
      '  Rows: 10',
      '  Offset: 2',
      '  ->  Sort',
      "        Sort Key: time_bucket('01:00:00'::interval, time) DESC, host NULLS FIRST",
      '        Sort Method: top-N heapsort',
      '        ->  HashAggregate',
      "              Group Key: time_bucket('01:00:00'::interval, time), host",
      '              Fused Scan: series, time buckets',
      '              Filter: (count(*) > 3)',
      '              ->  Seq Scan on cpu',
      "                    Time Range: (time >= '2024-01-01 00:00:00+00'::timestamp with time zone)",
      "                    Tag Filter: (host IN ('a'::text, 'b'::text))",
      "                    Filter: (idle < '5'::double precision)",
    ]);
  });

  test('a join', () => {
    expect(explain('select 1 from cpu c left join devices d on c.host = d.host and c.cores < d.id')).toEqual([
      'Hash Left Join',
      '  Hash Cond: (c.host = d.host)',
      '  Join Filter: (c.cores < d.id)',
      '  ->  Seq Scan on cpu c',
      '  ->  Seq Scan on devices d',
    ]);
    expect(explain('select 1 from cpu, devices')).toEqual([
      'Nested Loop',
      '  ->  Seq Scan on cpu',
      '  ->  Seq Scan on devices',
    ]);
  });

  test('rows without a table', () => {
    expect(explain('select 1')).toEqual(['Result']);
    expect(explain('select 1 where false')).toEqual(['Result', '  One-Time Filter: false']);
    expect(explain('values (1), (2)')).toEqual(['Values Scan on "*VALUES*"']);
    expect(explain('select x from generate_series(1, 3) as g(x) where x > 1')).toEqual([
      'Function Scan on generate_series',
      '  Function Call: generate_series(1, 3)',
      '  Filter: (g > 1)',
    ]);
  });

  test('distinct rows, and a filter above a limit', () => {
    expect(explain('select distinct host from cpu')).toEqual([
      'HashAggregate',
      '  Group Key: host',
      '  ->  Last Row Scan on cpu',
    ]);
    expect(explain('select distinct on (host) host, usage from cpu order by host')).toEqual([
      'Unique',
      '  Key: host',
      '  ->  Sort',
      '        Sort Key: host',
      '        ->  Seq Scan on cpu',
    ]);
    expect(explain('select * from (select usage from cpu limit 5) x where usage > 1')).toEqual([
      'Subquery Scan',
      "  Filter: (usage > '1'::double precision)",
      '  ->  Limit',
      '        Rows: 5',
      '        ->  Seq Scan on cpu',
    ]);
  });
});

describe('expressions print as SQL', () => {
  test.each([
    ['id + 1 > 2 and not is_up', '((id + 1) > 2) AND (NOT is_up)'],
    ["host = 'it''s'", "host = 'it''s'::text"],
    ['is_up is not true or id is null', '((is_up IS NOT TRUE) OR (id IS NULL))'],
    ['id is distinct from $1', '(id IS DISTINCT FROM $1)'],
    ['coalesce(id, 0) = greatest(id, 1)', '(COALESCE(id, 0) = GREATEST(id, 1))'],
    ['case when is_up then id else 0 end > 1', '(CASE WHEN is_up THEN id ELSE 0 END > 1)'],
    ['nullif(id, 1) not in (1, 2)', '(NULLIF(id, 1) NOT IN (1, 2))'],
    ["code::text like 'a%'", "((code)::text ~~ 'a%'::text)"],
    ['id::numeric(10,2) > price', '((id)::numeric(10,2) > price)'],
    ['id::float8 > 1.5', "((id)::double precision > '1.5'::double precision)"],
    ['id = any($1)', '(id = ANY ($1))'],
    ['-id < -5', "((- id) < '-5'::integer)"],
    ["born > '2024-01-01'", "(born > '2024-01-01'::date)"],
    ['array[id] = array[1]', "(ARRAY[id] = '{1}'::integer[])"],
  ])('%s', (condition, text) => expect(conditionText(condition)).toContain(text));

  test('names that need quotes have them', () => {
    expect(explain('select 1 from trips where PULocationID > 1')[1]).toBe('  Filter: ("PULocationID" > 1)');
  });

  test('long lists are cut short', () => {
    const list = Array.from({ length: 100 }, (_, at) => at).join(', ');
    expect(conditionText(`id in (${list})`)).toMatch(/18, 19, … 80 more\)\)$/);
  });
});
