import { describe, expect, test } from 'vitest';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainPlan } from '../../../src/sql/plan/explain-plan.ts';
import { planSql } from '../binder/bind-sql.ts';

function scanLine(sql: string): string {
  const lines = explainPlan(optimize(planSql(sql))).map((line) => line.replace('->', '').trim());
  return lines.find((line) => / Scan (?:on )?/.test(line))!;
}

const LAST = 'Last Row Scan on';
const NEWEST = 'Newest First Scan on';
const PLAIN = 'Seq Scan on';

describe('DISTINCT ON over tags, newest first, takes the last row of each series', () => {
  const queries: readonly (readonly [string, string])[] = [
    ['select distinct on (host, region) * from cpu order by host, region, time desc', LAST],
    ['select distinct on (host, region) usage from cpu order by region desc, host, time desc', LAST],
    ['select distinct on (host) host, usage from cpu order by host, time desc', LAST],
    ['select distinct on (host) host, usage * 2 from cpu order by host, time desc, usage', LAST],
    ["select distinct on (host) * from cpu where host like 'w%' and time < now() order by host, time desc", LAST],
    ['select h from (select host h, time t, usage from cpu) x order by h', PLAIN],
    ['select distinct on (h) h, usage from (select host h, time t, usage from cpu) x order by h, t desc', LAST],
    ['select * from (select distinct on (host) * from cpu order by host, time desc) x where usage > 90', LAST],
    ["select * from (select distinct on (host) * from cpu order by host, time desc) x where host = 'a'", LAST],
    ['select distinct on (place) * from daily order by place, day desc', LAST],
    // The oldest, and any.
    ['select distinct on (host) * from cpu order by host, time', PLAIN],
    ['select distinct on (host) * from cpu order by host', PLAIN],
    ['select distinct on (host) * from cpu', PLAIN],
    // The last of those that a condition on fields leaves.
    ['select distinct on (host) * from cpu where usage > 90 order by host, time desc', PLAIN],
    ["select distinct on (host) * from cpu where host = 'a' or usage > 90 order by host, time desc", PLAIN],
    ['select distinct on (host) * from cpu where random() < 0.5 order by host, time desc', PLAIN],
    // Groups that are not of whole series.
    ['select distinct on (host, cores) * from cpu order by host, cores, time desc', PLAIN],
    ['select distinct on (usage) * from cpu order by usage, time desc', PLAIN],
    ['select distinct on (upper(host)) * from cpu order by upper(host), time desc', PLAIN],
    // Another order.
    ['select distinct on (host) * from cpu order by host, usage, time desc', PLAIN],
    ["select distinct on (host) * from cpu order by host, time + interval '1 s' desc", PLAIN],
    ['select distinct on (host) *, random() from cpu order by host, time desc', PLAIN],
    ['select distinct on (host) * from devices order by host, born desc', PLAIN],
    // Rows that a limit or a join has chosen.
    ['select distinct on (host) * from (select * from cpu limit 10) x order by host, time desc', PLAIN],
    ['select distinct on (c.host) c.* from cpu c join mem m on m.host = c.host order by c.host, c.time desc', PLAIN],
  ];
  test.each(queries)('%s', (sql, title) => expect(scanLine(sql)).toContain(title));
});

describe('groups of whole series of which only the newest row matters take the last row of each series', () => {
  const queries: readonly (readonly [string, string])[] = [
    ['select host, max(time) from cpu group by host', LAST],
    ['select host, region, last(usage, time), max(time) from cpu group by region, host', LAST],
    ['select host, last(usage) from cpu group by host', LAST],
    ['select upper(host), last(usage * 2, time), max(region) from cpu group by upper(host)', LAST],
    ["select host, max(time) from cpu where host like 'w%' and time > now() - interval '1 day' group by host", LAST],
    ["select host, max(time) filter (where region = 'eu') from cpu group by host", LAST],
    ['select host, max(time) from cpu group by rollup (host)', LAST],
    ['select distinct host from cpu', LAST],
    ["select distinct region, host from cpu where time > '2024-01-01'", LAST],
    ['select host from cpu group by host', LAST],
    ['select h, max(t) from (select host h, time t from cpu) x group by h', LAST],
    ['select host, max(time), max(usage) from cpu group by host', PLAIN],
    ['select host, max(time), count(*) from cpu group by host', PLAIN],
    ['select host, first(usage, time) from cpu group by host', PLAIN],
    ['select host, last(usage, idle) from cpu group by host', PLAIN],
    ["select host, max(time + interval '1 s') from cpu group by host", PLAIN],
    ['select host, max(time) filter (where usage > 1) from cpu group by host', PLAIN],
    ['select host, max(time) from cpu where usage > 1 group by host', PLAIN],
    ['select cores, max(time) from cpu group by cores', PLAIN],
    ['select distinct host, cores from cpu', PLAIN],
    ['select distinct host from cpu where usage > 1', PLAIN],
    ['select distinct seen from devices', PLAIN],
    ['select max(time) from cpu', NEWEST],
    ["select last(usage, time), max(time) from cpu where usage > 3 and host = 'a'", NEWEST],
    ['select max(day) from daily', NEWEST],
    ['select max(time), min(time) from cpu', PLAIN],
  ];
  test.each(queries)('%s', (sql, title) => expect(scanLine(sql)).toContain(title));
});

describe('row_number() = 1 takes the first row of each partition', () => {
  const numbered = (order: string): string => `(select *, row_number() over (${order}) n from cpu) x`;
  const queries: readonly (readonly [string, string])[] = [
    [`select * from ${numbered('partition by host order by time desc')} where n = 1`, LAST],
    [`select usage from ${numbered('partition by host, region order by time desc')} where n < 2`, LAST],
    [`select * from ${numbered('partition by host order by time desc')} where 1 >= n and usage > 3`, LAST],
    [`select * from ${numbered('order by time desc')} where n <= 1`, NEWEST],
    [`select * from ${numbered('partition by host order by time')} where n = 1`, PLAIN],
    [`select * from ${numbered('partition by host order by time desc')} where n = 2`, PLAIN],
    [`select * from ${numbered('partition by host order by time desc')} where n <= 2`, PLAIN],
    [`select * from ${numbered('partition by cores order by time desc')} where n = 1`, PLAIN],
    [`select * from ${numbered('partition by host')} where n = 1`, PLAIN],
  ];
  test.each(queries)('%s', (sql, title) => expect(scanLine(sql)).toContain(title));
});

describe('the newest rows of all are read newest first', () => {
  const queries: readonly (readonly [string, string])[] = [
    ['select * from cpu order by time desc limit 10', NEWEST],
    ["select usage from cpu where host = 'a' and usage > 1 order by time desc, usage limit 5 offset 2", NEWEST],
    ['select upper(host) from cpu order by time desc limit $1', NEWEST],
    ['select t from (select time t from cpu) x order by t desc limit 1', NEWEST],
    ['select rain from daily order by day desc limit 1', NEWEST],
    ['select * from cpu order by time limit 10', PLAIN],
    ['select * from cpu order by host, time desc limit 10', PLAIN],
    ['select * from cpu order by time desc', PLAIN],
    ['select time, count(*) from cpu group by time order by time desc limit 1', PLAIN],
    ['select * from devices order by seen desc limit 1', PLAIN],
    ['select distinct on (host) * from cpu order by host, time desc limit 1', LAST],
  ];
  test.each(queries)('%s', (sql, title) => expect(scanLine(sql)).toContain(title));
});
