import { describe, expect, test } from 'vitest';
import { formatArray, parseArray } from '../../src/types/array-text.ts';
import { arrayTypeOver } from '../../src/types/array-type.ts';
import { int4 } from '../../src/types/int4.ts';
import { numeric, numericTypmod } from '../../src/types/numeric-type.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import { text } from '../../src/types/string-types.ts';
import { readAndShow } from '../support/type-forms.ts';

describe('integer[] reads as in PostgreSQL', () => {
  test.each([
    ['{}', '{}'],
    ['{1,2,3}', '{1,2,3}'],
    ['{1,NULL,3}', '{1,NULL,3}'],
    ['{{1,2},{3,4}}', '{{1,2},{3,4}}'],
    ['[0:2]={1,2,3}', '[0:2]={1,2,3}'],
    ['[2:3][1:2]={{1,2},{3,4}}', '[2:3][1:2]={{1,2},{3,4}}'],
    ['{1,2', '22P02: malformed array literal: "{1,2" (Unexpected end of input.)'],
    ['1,2}', '22P02: malformed array literal: "1,2}" (Array value must start with "{" or dimension information.)'],
    ['{1,,2}', '22P02: malformed array literal: "{1,,2}" (Unexpected "," character.)'],
    ['{1,2}x', '22P02: malformed array literal: "{1,2}x" (Junk after closing right brace.)'],
    [
      '{{1},{2,3}}',
      '22P02: malformed array literal: "{{1},{2,3}}" (Multidimensional arrays must have sub-arrays with matching dimensions.)',
    ],
    ['{1,{2}}', '22P02: malformed array literal: "{1,{2}}" (Unexpected "{" character.)'],
    ['{{1},2}', '22P02: malformed array literal: "{{1},2}" (Unexpected array element.)'],
    [' { 1 , 2 } ', '{1,2}'],
    ['', '22P02: malformed array literal: "" (Array value must start with "{" or dimension information.)'],
    [
      '[1:2]={1}',
      '22P02: malformed array literal: "[1:2]={1}" (Specified array dimensions do not match array contents.)',
    ],
    ['[3:1]={}', '2202E: upper bound cannot be less than lower bound'],
    ['[1]={5}', '{5}'],
    ['{"1","2"}', '{1,2}'],
    ['{x}', '22P02: invalid input syntax for type integer: "x"'],
    ['{{}}', '22P02: malformed array literal: "{{}}" (Unexpected "}" character.)'],
    ['{ }', '{}'],
    [
      '[1:1]={}',
      '22P02: malformed array literal: "[1:1]={}" (Specified array dimensions do not match array contents.)',
    ],
    ['{1}}', '22P02: malformed array literal: "{1}}" (Junk after closing right brace.)'],
    ['{,}', '22P02: malformed array literal: "{,}" (Unexpected "," character.)'],
    ['{1,}', '22P02: malformed array literal: "{1,}" (Unexpected "}" character.)'],
    [
      '[a]={1}',
      '22P02: malformed array literal: "[a]={1}" ("[" must introduce explicitly-specified array dimensions.)',
    ],
    ['[1:2]{1,2}', '22P02: malformed array literal: "[1:2]{1,2}" (Missing "=" after array dimensions.)'],
    ['{null}', '{NULL}'],
    ['{"null"}', '22P02: invalid input syntax for type integer: "null"'],
    ['{1 2}', '22P02: invalid input syntax for type integer: "1 2"'],
    ['{"1"2}', '22P02: malformed array literal: "{"1"2}" (Unexpected array element.)'],
    ['{1"2"}', '22P02: malformed array literal: "{1"2"}" (Unexpected array element.)'],
    ['{{{1}}}', '{{{1}}}'],
    ['{{1,2},NULL}', '22P02: malformed array literal: "{{1,2},NULL}" (Unexpected array element.)'],
    ['{1,2,{3}}', '22P02: malformed array literal: "{1,2,{3}}" (Unexpected "{" character.)'],
    [
      '{{1,2},{3,4},{5}}',
      '22P02: malformed array literal: "{{1,2},{3,4},{5}}" (Multidimensional arrays must have sub-arrays with matching dimensions.)',
    ],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(arrayTypeOver(int4), input)).toBe(answer);
  });
});

describe('text[] reads as in PostgreSQL', () => {
  test.each([
    [
      'integer',
      '22P02: malformed array literal: "integer" (Array value must start with "{" or dimension information.)',
    ],
    ['int4', '22P02: malformed array literal: "int4" (Array value must start with "{" or dimension information.)'],
    ['text[]', '22P02: malformed array literal: "text[]" (Array value must start with "{" or dimension information.)'],
    ['_text', '22P02: malformed array literal: "_text" (Array value must start with "{" or dimension information.)'],
    ['foo', '22P02: malformed array literal: "foo" (Array value must start with "{" or dimension information.)'],
    ['-', '22P02: malformed array literal: "-" (Array value must start with "{" or dimension information.)'],
    ['25', '22P02: malformed array literal: "25" (Array value must start with "{" or dimension information.)'],
    [
      'character varying',
      '22P02: malformed array literal: "character varying" (Array value must start with "{" or dimension information.)',
    ],
    ['"char"', '22P02: malformed array literal: ""char"" (Array value must start with "{" or dimension information.)'],
    [
      'timestamp with time zone',
      '22P02: malformed array literal: "timestamp with time zone" (Array value must start with "{" or dimension information.)',
    ],
    [
      'double precision',
      '22P02: malformed array literal: "double precision" (Array value must start with "{" or dimension information.)',
    ],
    [
      'pg_catalog.int8',
      '22P02: malformed array literal: "pg_catalog.int8" (Array value must start with "{" or dimension information.)',
    ],
    ['bpchar', '22P02: malformed array literal: "bpchar" (Array value must start with "{" or dimension information.)'],
    ['char', '22P02: malformed array literal: "char" (Array value must start with "{" or dimension information.)'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(arrayTypeOver(text), input)).toBe(answer);
  });
});

test('the modifier of an array is that of its elements', () => {
  const type = arrayTypeOver(numeric);
  expect(readAndShow(type, '{1,2.345,NULL}', {}, numericTypmod(5, 2))).toBe('{1.00,2.35,NULL}');
});

test('uneven and mixed depths are refused', () => {
  for (const input of ['{{1},{{2}}}', '{{{1}},{2}}', '{1,{2}}', '{{1},2}']) {
    expect(() => parseArray(input, Number)).toThrow('malformed array literal');
  }
});

test('bounds other than 1 are written in front', () => {
  const array = new SqlArray([1, 2, 3, 4], [2, 2], [0, 1]);
  expect(formatArray(array, String)).toBe('[0:1][1:2]={{1,2},{3,4}}');
  expect(array.at(1, 2)).toBe(4);
  expect(array.at(2, 1)).toBe(null);
  expect(array.at(1)).toBe(null);
});

describe('order and keys', () => {
  const type = arrayTypeOver(int4);
  test.each([
    [
      [1, 2],
      [1, 3],
    ],
    [
      [1, 2],
      [1, 2, 0],
    ],
    [[], [0]],
    [[1], [null]],
  ] as const)('%j comes before %j', (left, right) => {
    expect(type.compare(new SqlArray(left), new SqlArray(right))).toBeLessThan(0);
    expect(type.compare(new SqlArray(right), new SqlArray(left))).toBeGreaterThan(0);
  });

  test('arrays that differ in bounds only are not equal', () => {
    const fromOne = new SqlArray([1, 2]);
    const fromZero = new SqlArray([1, 2], [2], [0]);
    expect(type.compare(fromOne, fromZero)).not.toBe(0);
    expect(type.hashKey(fromOne)).not.toBe(type.hashKey(fromZero));
  });

  test('keys of text arrays do not run together', () => {
    const texts = arrayTypeOver(text);
    expect(texts.hashKey(new SqlArray(['a;1:b']))).not.toBe(texts.hashKey(new SqlArray(['a', 'b'])));
    expect(texts.hashKey(new SqlArray([null]))).not.toBe(texts.hashKey(new SqlArray(['N'])));
  });
});
