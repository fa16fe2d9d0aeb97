import { describe, expect, test } from 'vitest';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { bindSql, errorOf, typeNamed } from './bind-sql.ts';

/** Statement, and the types that PostgreSQL 15 infers for its parameters, or the error that it gives. */
const cases: readonly (readonly [string, string])[] = [
  ['select $1', 'text'],
  ['select $1, $1::int', '42P08 inconsistent types deduced for parameter $1'],
  ['select $1::int, $1', 'integer'],
  [
    'select * from cpu where host = $1 and usage > $2 and cores = $3 and time > $4',
    'text, double precision, integer, timestamp with time zone',
  ],
  ['select * from cpu where cores > $1 and usage < $1', 'integer'],
  ['select * from cpu limit $1 offset $2', 'bigint, bigint'],
  ['insert into trips values ($1, $2)', 'integer, double precision'],
  [
    "insert into devices (code, price, attributes, born, is_up) values ($1, $2, $3, $4, $5), ('a', $6, null, $7, true)",
    'character varying, numeric, json, date, boolean, numeric, date',
  ],
  ['insert into trips select $1, $2', 'integer, double precision'],
  ['insert into trips select $1, fare from trips', 'integer'],
  ['insert into trips (fare) values ($1 + 1)', 'integer'],
  ["select $1 + 1, $2 || 'a', $3 + $4", '42725 operator is not unique: unknown + unknown'],
  ['select $1 = $2', 'text, text'],
  ['select $1 is null', '42P18 could not determine data type of parameter $1'],
  ['select * from cpu where $1 is null or host = $1', '42P08 could not determine data type of parameter $1'],
  ['select * from cpu where host = $1 or $1 is null', 'text'],
  ['select * from cpu where $1::text is null or host = $1', 'text'],
  ['select * from cpu where host in ($1, $2)', 'text, text'],
  ['select * from cpu where cores in (1, $1)', 'integer'],
  ['select * from cpu where host = any($1)', 'text[]'],
  ['select * from cpu where cores = any($1::int[])', 'integer[]'],
  ['select case when $1 then 1 else 2 end', 'boolean'],
  [
    'select case when true then $1 else 2 end, coalesce($2, 1.5), coalesce($3, $4), nullif($5, 1), greatest($6, cores) from cpu',
    'integer, numeric, text, text, integer, integer',
  ],
  [
    "select lower($1), date_trunc($2, time), date_trunc('day', $3::timestamptz), abs($4) from cpu",
    'text, text, timestamp with time zone, double precision',
  ],
  ['select time_bucket from (select $1 as time_bucket) x', 'text'],
  ['select * from cpu where time between $1 and $2', 'timestamp with time zone, timestamp with time zone'],
  ['select * from cpu where time > now() - $1', '42883 operator does not exist: timestamp with time zone > interval'],
  ['select * from cpu where time > now() - $1::interval', 'interval'],
  ['select sum($1), count($2) from cpu', '42725 function sum(unknown) is not unique'],
  ['select array[$1, 1], array[$2]', 'integer, text'],
  ['values ($1), (1)', 'integer'],
  ['values ($1)', 'text'],
  ['values ($1, $2), (now(), $3)', 'timestamp with time zone, text, text'],
  ['select $2::int', '42P18 could not determine data type of parameter $1'],
  ['select $3 is null', '42P18 could not determine data type of parameter $1'],
  ['select $1::int, $1::text', 'integer'],
  ['select * from cpu where not $1', 'boolean'],
  ['select * from cpu where $1 and $2', 'boolean, boolean'],
  ['select * from cpu where host like $1', 'text'],
  ['select * from cpu where host = $1::varchar', 'character varying'],
  ['select distinct $1', 'text'],
  ['select 1 order by $1', 'text'],
  ['select host from cpu order by $1', 'text'],
  ['select host, $1 from cpu group by host', 'text'],
  ['select host from cpu group by $1, host', 'text'],
  ['select * from cpu where lower(host) = lower($1)', 'text'],
  ['select $1 from generate_series($2, $3)', '42725 function generate_series(unknown, unknown) is not unique'],
  ['select * from generate_series(1, $1)', 'integer'],
  ['select $1::varchar(3)', 'character varying'],
  ["select * from cpu where $1 = 'x'", 'text'],
  ['select * from cpu where host = $1 and cores = $1', '42883 operator does not exist: integer = text'],
  [
    'select exists_x from (select $1 as exists_x) s where exists_x = 5',
    '42883 operator does not exist: text = integer',
  ],
  ["select $1 between 1 and 2, $2 in ('a', 'b'), $3 = any(array[1,2])", 'integer, text, integer'],
  ['select cores is distinct from $1 from cpu', 'integer'],
  ["select $1 like 'a', - $2", '42725 operator is not unique: - unknown'],
  ['select * from cpu where usage > $1 * 2', 'integer'],
  [
    "select * from cpu where time > $1 + interval '1 day'",
    '42883 operator does not exist: timestamp with time zone > interval',
  ],
  ['select * from devices where price = $1 and code = $2 and seen > $3', 'numeric, text, timestamp without time zone'],
  ['select $1 collate "C"', 'text'],
];

function inferred(sql: string): string {
  try {
    return bindSql(sql)
      .parameterTypes.map((type) => type.sqlName)
      .join(', ');
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message}`;
    throw error;
  }
}

describe('parameters get their types from where they stand', () => {
  test.each(cases)('%s', (sql, types) => expect(inferred(sql)).toBe(types));
});

test('declared types are kept and cast as values of those types are', () => {
  const parameterTypes = [typeNamed('int8'), undefined];
  const { parameterTypes: types } = bindSql('select * from cpu where usage > $1 and host = $2', { parameterTypes });
  expect(types.map((type) => type.name)).toEqual(['int8', 'text']);
});

test('a declared type that does not fit is an error of the operator', () => {
  const error = errorOf(() => bindSql('select * from cpu where host = $1', { parameterTypes: [typeNamed('int4')] }));
  expect(error).toMatchObject({ code: '42883', message: 'operator does not exist: text = integer' });
});

test('a simple query has no parameters', () => {
  const error = errorOf(() => bindSql('select $1', { allowsParameters: false }));
  expect(error).toMatchObject({ code: '42P02', message: 'there is no parameter $1', fields: { position: 8 } });
});

test('a declared parameter that is not used keeps its type, an undeclared one between others has none', () => {
  expect(bindSql('select 1', { parameterTypes: [typeNamed('text')] }).parameterTypes).toHaveLength(1);
  expect(errorOf(() => bindSql('select $2::int'))).toMatchObject({
    code: '42P18',
    message: 'could not determine data type of parameter $1',
  });
});
