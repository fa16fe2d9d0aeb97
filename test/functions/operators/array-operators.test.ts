import { describe, expect, test } from 'vitest';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  ["_int4 '{1,2}' || int4 '3'", 'integer[]: {1,2,3}'],
  ["int4 '3' || _int4 '{1,2}'", 'integer[]: {3,1,2}'],
  ["_int4 '{1,2}' || _int4 '{3}'", 'integer[]: {1,2,3}'],
  ["_int4 '{1,2}' || '{3}'", 'integer[]: {1,2,3}'],
  ["_int4 '{}' || int4 '1'", 'integer[]: {1}'],
  ["_int4 '[3:4]={1,2}' || int4 '5'", 'integer[]: [3:5]={1,2,5}'],
  ["int4 '5' || _int4 '[3:4]={1,2}'", 'integer[]: [3:5]={5,1,2}'],
  ["_int4 '{{1,2}}' || _int4 '{3,4}'", 'integer[]: {{1,2},{3,4}}'],
  ["_int4 '{3,4}' || _int4 '{{1,2}}'", 'integer[]: {{3,4},{1,2}}'],
  ["_int4 '{{1,2}}' || _int4 '{{5,6},{7,8}}'", 'integer[]: {{1,2},{5,6},{7,8}}'],
  ["_int4 '{{1,2}}' || _int4 '{3}'", 'ERROR 2202E: cannot concatenate incompatible arrays'],
  ["_int4 '{{1,2}}' || int4 '3'", 'ERROR 22000: argument must be empty or one-dimensional array'],
  ["_text '{a}' || 'b'", 'ERROR 22P02: malformed array literal: "b"'],
  ["_text '{a}' || text 'b'", 'text[]: {a,b}'],
  ["int4 '1' || 'a'", 'text: 1a'],
  ["array_append(_int4 '{1}', null)", 'integer[]: {1,NULL}'],
  ["array_cat(_int4 '{1}', _int4 '{}')", 'integer[]: {1}'],
];

describe('|| of arrays answers as PostgreSQL does', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});
