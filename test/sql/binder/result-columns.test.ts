import { expect, test } from 'vitest';
import { formatType } from '../../../src/types/format-type.ts';
import { cpu, planSql } from './bind-sql.ts';

/** Query, and the names and types of its columns, as PostgreSQL 15 gives them over the same tables. */
const cases: readonly (readonly [string, string])[] = [
  [
    'select * from cpu',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text',
  ],
  [
    'select *, cores + 1, cores + 1.5, usage * 2, -cores, total / cores, cores::float8 from cpu',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, ?column? integer, ?column? numeric, ?column? double precision, ?column? integer, ?column? bigint, cores double precision',
  ],
  [
    'select cpu.*, mem.free from cpu join mem using (time, host)',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, free bigint',
  ],
  [
    'select * from cpu natural join mem',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, free bigint',
  ],
  [
    'select * from cpu join mem using (host)',
    'host text, time timestamp with time zone, region text, usage double precision, idle double precision, cores integer, total bigint, note text, time timestamp with time zone, free bigint',
  ],
  [
    'select * from cpu left join mem on cpu.host = mem.host',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, time timestamp with time zone, host text, free bigint',
  ],
  [
    'select * from cpu cross join trips',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, PULocationID integer, fare double precision',
  ],
  [
    'select * from cpu, trips',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text, PULocationID integer, fare double precision',
  ],
  [
    'select a.* from cpu a, cpu b',
    'time timestamp with time zone, host text, region text, usage double precision, idle double precision, cores integer, total bigint, note text',
  ],
  [
    "select 1, 1.5, 'a', null, true, 3000000000, 99999999999999999999, 1e10, -5, -2147483648",
    '?column? integer, ?column? numeric, ?column? text, ?column? text, ?column? boolean, ?column? bigint, ?column? numeric, ?column? numeric, ?column? integer, ?column? integer',
  ],
  [
    'select current_date, current_timestamp, current_user, localtimestamp, session_user, current_catalog, current_schema, localtime',
    'current_date date, current_timestamp timestamp with time zone, current_user name, localtimestamp timestamp without time zone, session_user name, current_catalog name, current_schema name, localtime time without time zone',
  ],
  [
    "select now(), now()::date, now() - interval '1 hour', now() - now(), now()::timestamp, date '2024-01-01' + 1, date '2024-01-01' - date '2023-01-01'",
    'now timestamp with time zone, now date, ?column? timestamp with time zone, ?column? interval, now timestamp without time zone, ?column? date, ?column? integer',
  ],
  [
    "select '1'::int, '1'::int::text, cast('1' as float8), int '5', float8 '1.5', numeric '1.25', '1.255'::numeric(5,2), 'abcdef'::varchar(3), 'abc'::char(5)",
    'int4 integer, text text, float8 double precision, int4 integer, float8 double precision, numeric numeric, numeric numeric(5,2), varchar character varying(3), bpchar character(5)',
  ],
  [
    'select count(*), count(host), count(distinct host), sum(cores), sum(total), sum(usage), avg(cores), avg(total), avg(usage), min(host), max(time), min(cores) from cpu',
    'count bigint, count bigint, count bigint, sum bigint, sum numeric, sum double precision, avg numeric, avg numeric, avg double precision, min text, max timestamp with time zone, min integer',
  ],
  ['select host, avg(usage) from cpu group by host', 'host text, avg double precision'],
  ['select host, avg(usage) a from cpu group by 1 order by 2 desc', 'host text, a double precision'],
  ['select host as h from cpu group by h', 'h text'],
  ['select lower(host) from cpu group by lower(host)', 'lower text'],
  [
    'select upper(host), count(*) from cpu group by upper(host) having count(*) > 1 order by count(*) desc limit 3',
    'upper text, count bigint',
  ],
  [
    "select date_trunc('hour', time), avg(usage) from cpu group by 1 order by 1",
    'date_trunc timestamp with time zone, avg double precision',
  ],
  [
    "select date_trunc('hour', time) as host, count(*) from cpu group by 1",
    'host timestamp with time zone, count bigint',
  ],
  [
    "select case when cores > 1 then 'a' else host end, case cores when 1 then 2 else 2.5 end, case when true then null end from cpu",
    'host text, case numeric, case text',
  ],
  [
    "select coalesce(usage, 0), coalesce(null, host), coalesce(cores, total), nullif(cores, 1), nullif(1, 2.5), greatest(cores, total, 1.5), least(host, 'a') from cpu",
    'coalesce double precision, coalesce text, coalesce bigint, nullif integer, nullif numeric, greatest numeric, least text',
  ],
  [
    "select host from cpu where cores between 1 and 2.5 and not usage between symmetric 5 and 1 or host like 'a%' and host not ilike 'b_'",
    'host text',
  ],
  [
    "select array[1,2,3], array['a','b'], array[1, 2.5], array[]::int[], '{1,2}'::int[], array[host] from cpu",
    'array integer[], array text[], array numeric[], array integer[], int4 integer[], array text[]',
  ],
  [
    "select host || 'x', 'a' || 'b', cores || 'x', host || cores from cpu",
    '?column? text, ?column? text, ?column? text, ?column? text',
  ],
  [
    "select code, code || 'x', upper(code), code::text, price, price * 2, price::numeric(10,2), born, seen, attributes, is_up from devices",
    'code character varying(5), ?column? text, upper text, code text, price numeric, ?column? numeric, price numeric(10,2), born date, seen timestamp without time zone, attributes json, is_up boolean',
  ],
  ["select code from devices where code = 'abc' and code in ('a','b') and code <> host", 'code character varying(5)'],
  [
    "select case when true then code else code end, coalesce(code, 'x'), coalesce(code, code), nullif(code, 'a') from devices",
    'code character varying(5), coalesce character varying, coalesce character varying(5), nullif text',
  ],
  ['values (1), (2.5), (null)', 'column1 numeric'],
  ["values ('a', 1), ('b', null)", 'column1 text, column2 integer'],
  ["values (1, 'b'), (2, 'a') order by column2 limit 1", 'column1 integer, column2 text'],
  ["select * from (values (1, 'a'), (2, 'b')) as t(id, name)", 'id integer, name text'],
  ["select * from (values (1, 'a'), (2, 'b')) as t", 'column1 integer, column2 text'],
  ['select g from generate_series(1, 5) as g', 'g integer'],
  ['select g.x from generate_series(1, 5) as g(x)', 'x integer'],
  ['select * from generate_series(1, 5)', 'generate_series integer'],
  ['select generate_series from generate_series(1, 5::bigint)', 'generate_series bigint'],
  ['select * from now()', 'now timestamp with time zone'],
  ['select * from current_database() as d', 'd name'],
  ['select s.x, y from (select cores as x, usage as y from cpu) s where s.x > 1', 'x integer, y double precision'],
  ['select * from (select host, usage from cpu) as s(h)', 'h text, usage double precision'],
  ['select t.h, t.usage from (select host, usage from cpu) as t(h)', 'h text, usage double precision'],
  ['select a.h from cpu as a(t, h)', 'h text'],
  ['select distinct host from cpu order by host desc nulls last', 'host text'],
  [
    'select distinct on (host) host, time, usage from cpu order by host, time desc',
    'host text, time timestamp with time zone, usage double precision',
  ],
  ['select host from cpu order by usage, cores + 1, lower(note) limit 10 offset 5', 'host text'],
  ['select host h from cpu order by h', 'h text'],
  ["select host from cpu order by host || 'x'", 'host text'],
  ['select usage from cpu order by 1 desc limit 3.7', 'usage double precision'],
  ['select 1 as one where 1 = 1', 'one integer'],
  ["select 'a' as x order by 1", 'x text'],
  ["select 'a' as x group by x", 'x text'],
  ["select 'a', count(*) from cpu group by 1", '?column? text, count bigint'],
  [
    'select abs(-1), abs(-1.5), round(1.5), round(1.567, 2), floor(usage), sqrt(2), power(2, 3), mod(5, 2), 5 % 2, 2 ^ 3 from cpu',
    'abs integer, abs numeric, round numeric, round numeric, floor double precision, sqrt double precision, power double precision, mod integer, ?column? integer, ?column? double precision',
  ],
  [
    "select length('abc'), substring('abc' from 2), position('b' in 'abc'), trim(' a '), replace('a','b','c'), concat('a', 1, null), left('abc', 2), split_part('a,b', ',', 1)",
    'length integer, substring text, position integer, btrim text, replace text, concat text, left text, split_part text',
  ],
  [
    "select time at time zone 'UTC', time at time zone 'Europe/Berlin' from cpu",
    'timezone timestamp without time zone, timezone timestamp without time zone',
  ],
  [
    'select cores = total, cores < usage, cores + total, cores * usage, cores + price from cpu, devices where cpu.host = devices.host',
    '?column? boolean, ?column? boolean, ?column? bigint, ?column? double precision, ?column? numeric',
  ],
  ["select relname, oid from pg_class where relname = 'x' and oid = 5", 'relname name, oid oid'],
  ['select pg_class.relname from pg_catalog.pg_class', 'relname name'],
  [
    "select time > '2024-01-01', time >= date '2024-01-01', time = now(), born > '2024-01-01', seen < now() from cpu, devices where cpu.host = devices.host",
    '?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean',
  ],
  ["select time from cpu where time > '2024-01-01' and time < timestamp '2024-02-01'", 'time timestamp with time zone'],
  ['select 1 is distinct from 2, null is not distinct from 1', '?column? boolean, ?column? boolean'],
  [
    "select cores = any(array[1,2]), host = any('{a,b}'), cores = any('{1,2}'), cores <> all(array[1,2]), usage > any(array[1.5]) from cpu",
    '?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean, ?column? boolean',
  ],
  [
    "select sum(cores) filter (where host = 'a'), count(*) filter (where usage > 1) from cpu",
    'sum bigint, count bigint',
  ],
  [
    'select sum(cores) + 1, sum(cores) * avg(usage), round(avg(cores), 2), max(usage) - min(usage) from cpu',
    '?column? bigint, ?column? double precision, round numeric, ?column? double precision',
  ],
  [
    "select host, sum(cores) from cpu group by host having sum(cores) > 5 and host <> 'x' order by sum(cores), host",
    'host text, sum bigint',
  ],
  ['select host from cpu group by host order by count(*)', 'host text'],
  ['select count(*) from cpu having count(*) > 1', 'count bigint'],
  ['select count(*) from cpu order by 1', 'count bigint'],
  ['select 1 from cpu having true', '?column? integer'],
  [
    "select interval '1 day' * 2, interval '1 day' / 2, 2 * interval '1 day', now() + '1 day', now() - '1 day'::interval",
    '?column? interval, ?column? interval, ?column? interval, ?column? timestamp with time zone, ?column? timestamp with time zone',
  ],
  [
    "select host like 'a' escape '\\', host ~ 'x', host !~* 'y' from cpu",
    '?column? boolean, ?column? boolean, ?column? boolean',
  ],
  [
    "select 'x' = 'y', 'a' < 'b', null = null, null + 1, 'a' || null",
    '?column? boolean, ?column? boolean, ?column? boolean, ?column? integer, ?column? text',
  ],
  [
    'select coalesce(null, null), case when true then null else null end, greatest(null, 1), nullif(null, null)',
    'coalesce text, case text, greatest integer, nullif text',
  ],
  [
    "select is_up::int, is_up::text, 1::bool, 'yes'::bool, cores::bool from devices, cpu where cpu.host = devices.host",
    'is_up integer, is_up text, bool boolean, bool boolean, cores boolean',
  ],
  ['select exists_col from (select true as exists_col) s where exists_col', 'exists_col boolean'],
  ['select count(*) as c, host from cpu group by host order by c desc, host', 'c bigint, host text'],
  [
    "select bool_and(is_up), bool_or(is_up), string_agg(host, ','), array_agg(id), stddev(id), variance(price), var_pop(id) from devices",
    'bool_and boolean, bool_or boolean, string_agg text, array_agg integer[], stddev numeric, variance numeric, var_pop numeric',
  ],
  ['select host as "Weird Name", cores as select_ from cpu', 'Weird Name text, select_ integer'],
  [
    'select "PULocationID", t."PULocationID", fare from trips t',
    'PULocationID integer, PULocationID integer, fare double precision',
  ],
  [
    "select current_timestamp(3), '2024-01-01 10:11:12.3456'::timestamp(2), '1.5 hours'::interval hour",
    'current_timestamp timestamp(3) with time zone, timestamp timestamp(2) without time zone, interval interval hour',
  ],
  [
    "select pg_typeof(1), version(), pg_backend_pid(), current_setting('timezone')",
    'pg_typeof regtype, version text, pg_backend_pid integer, current_setting text',
  ],
  [
    'select 1::int2 + 1, 1::int2 + 1::int2, 1::int8 + 1, 1.5::float4 * 2, 1.5::float4 + 1.5::float8, 1.5::real, 5::oid',
    '?column? integer, ?column? smallint, ?column? bigint, ?column? double precision, ?column? double precision, float4 real, oid oid',
  ],
  [
    'select - - 5, +cores, @ -5, |/ 4.0 from cpu',
    '?column? integer, ?column? integer, ?column? integer, ?column? double precision',
  ],
  [
    'select cores::numeric / 3, total % 7, usage::int, usage::numeric, price::float8, price::int from cpu, devices where devices.host = cpu.host',
    '?column? numeric, ?column? bigint, usage integer, usage numeric, price double precision, price integer',
  ],
];

test.each(cases)('%s', (sql, columns) => {
  const { output } = planSql(sql);
  expect(output.map(({ name, type }) => `${name} ${formatType(type)}`).join(', ')).toBe(columns);
});

test('plain columns name the table column that they show, computed ones none', () => {
  const { output } = planSql(
    'select host h, usage + 1, max(usage) over_all, s from (select region s, cpu.* from cpu) x group by 1, 2, s',
  );
  expect(output.map((column) => [column.tableOid, column.columnNumber])).toEqual([
    [cpu.oid, 2],
    [0, 0],
    [0, 0],
    [cpu.oid, 3],
  ]);
});
