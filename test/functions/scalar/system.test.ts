import { describe, expect, test } from 'vitest';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  ['version()', 'text: PostgreSQL 15.0 (Tidewire)'],
  ['current_database()', 'name: metrics'],
  ['current_catalog()', 'name: metrics'],
  ['current_schema()', 'name: public'],
  ["current_schemas(bool 't')", 'name[]: {pg_catalog,public}'],
  ['current_user()', 'name: ada'],
  ['user()', 'name: ada'],
  ['session_user()', 'name: grace'],
  ["pg_get_userbyid(oid '10')", 'name: ada'],
  ["pg_get_userbyid(oid '99')", 'name: unknown (OID=99)'],
  ["pg_table_is_visible(oid '16384')", 'boolean: t'],
  ["pg_type_is_visible(oid '23')", 'boolean: t'],
  ["pg_function_is_visible(oid '1')", 'boolean: f'],
  ["format_type(oid '23', null)", 'text: integer'],
  ["format_type(oid '1043', int4 '9')", 'text: character varying(5)'],
  ["format_type(oid '1007', int4 '-1')", 'text: integer[]'],
  ["format_type(oid '0', null)", 'text: -'],
  ["format_type(oid '999999', null)", 'text: ???'],
  ['format_type(null, null)', 'text: NULL'],
  ["current_setting('TimeZone')", 'text: Europe/Berlin'],
  ["current_setting('nonsense')", 'ERROR 42704: unrecognized configuration parameter "nonsense"'],
  ["current_setting('nonsense', bool 't')", 'text: NULL'],
  ["set_config('application_name', 'test', bool 'f')", 'text: test'],
  ["set_config(null, 'test', bool 'f')", 'ERROR 22004: SET requires parameter name'],
  ['pg_backend_pid()', 'integer: 4711'],
  ['pg_is_in_recovery()', 'boolean: f'],
  ["pg_encoding_to_char(int4 '6')", 'name: UTF8'],
  ["cast(text 'cpu' as regclass)", 'regclass: 16384'],
  ["cast(text 'nothing' as regclass)", 'ERROR 42P01: relation "nothing" does not exist'],
  ['random()', 'double precision: 0.25'],
];

describe('functions of the session', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});

describe('the clock, at 2024-05-06 07:08:09.5 UTC in Berlin', () => {
  const times: readonly (readonly [sql: string, answer: string])[] = [
    ['now()', 'timestamp with time zone: 2024-05-06 09:08:09.5+02'],
    ['current_timestamp()', 'timestamp with time zone: 2024-05-06 09:08:09.5+02'],
    ['transaction_timestamp()', 'timestamp with time zone: 2024-05-06 09:08:09.5+02'],
    ['statement_timestamp()', 'timestamp with time zone: 2024-05-06 09:08:09.501+02'],
    ['clock_timestamp()', 'timestamp with time zone: 2024-05-06 09:08:09.502+02'],
    ['current_date()', 'date: 2024-05-06'],
    ['localtimestamp()', 'timestamp without time zone: 2024-05-06 09:08:09.5'],
    ['localtime()', 'time without time zone: 09:08:09.5'],
    ["age(timestamp '2024-05-01')", 'interval: 5 days'],
    ["age(timestamptz '2024-05-01')", 'interval: 5 days'],
  ];
  for (const [sql, answer] of times) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});
