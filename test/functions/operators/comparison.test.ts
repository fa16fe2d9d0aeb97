import { describe, expect, test } from 'vitest';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  ["int2 '1' = int8 '1'", 'boolean: t'],
  ["int8 '9007199254740993' = int8 '9007199254740993'", 'boolean: t'],
  ["int8 '9007199254740993' > int8 '9007199254740992'", 'boolean: t'],
  ["int4 '-1' < int8 '9223372036854775807'", 'boolean: t'],
  ["text 'a' < text 'b'", 'boolean: t'],
  ["text 'a' < text 'B'", 'boolean: f'],
  ["text 'ﬀ' < text '😀'", 'boolean: t'],
  ["text 'abc' = 'abc'", 'boolean: t'],
  ["name 'abc' = text 'abc'", 'boolean: t'],
  ["bpchar 'abc  ' = bpchar 'abc'", 'boolean: t'],
  ["bpchar 'abc  ' <> bpchar 'abd'", 'boolean: t'],
  ["varchar 'x' = text 'x'", 'boolean: t'],
  ["bool 't' > bool 'f'", 'boolean: t'],
  ["bytea '\\x01' < bytea '\\x0100'", 'boolean: t'],
  ["uuid '00000000-0000-0000-0000-000000000001' < uuid '10000000-0000-0000-0000-000000000000'", 'boolean: t'],
  ["oid '4294967295' > oid '1'", 'boolean: t'],
  ["date '2024-01-01' < timestamp '2024-01-01 00:00:01'", 'boolean: t'],
  ["date '2024-01-01' = timestamptz '2024-01-01 00:00:00+01'", 'boolean: t'],
  ["timestamp '2024-01-01 00:00' = timestamptz '2023-12-31 23:00:00+00'", 'boolean: t'],
  ["timestamptz '2024-01-01' > date '2023-12-31'", 'boolean: t'],
  ["timestamptz '2024-01-01' >= timestamp '2024-01-01'", 'boolean: t'],
  ["timestamp 'infinity' > timestamp '294276-12-31'", 'boolean: t'],
  ["timestamptz '-infinity' < timestamptz '4714-11-24 BC'", 'ERROR 22008: timestamp out of range: "4714-11-24 BC"'],
  ["date 'infinity' = timestamp 'infinity'", 'boolean: t'],
  ["timestamp '0001-01-01' < timestamp '2024-01-01'", 'boolean: t'],
  ["time '10:00' < time '10:00:00.000001'", 'boolean: t'],
  ["interval '1 month' = interval '30 days'", 'boolean: t'],
  ["interval '1 day' > interval '23 hours'", 'boolean: t'],
  ["'2024-01-01' < timestamptz '2024-06-01'", 'boolean: t'],
  ["timestamptz '2024-06-01' >= '2024-01-01'", 'boolean: t'],
  ["date '2024-06-01' = '2024-06-01'", 'boolean: t'],
  ["_int4 '{1,2}' = _int4 '{1,2}'", 'boolean: t'],
  ["_int4 '{1,2}' < _int4 '{1,3}'", 'boolean: t'],
  ["_int4 '{1,2}' = '{1,2}'", 'boolean: t'],
  ["_text '{a,b}' <> _text '{a,b}'", 'boolean: f'],
  ["xid '5' = int4 '5'", 'boolean: t'],
];

describe('comparisons answer as PostgreSQL does', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});
