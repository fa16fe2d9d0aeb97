import { describe, expect, test } from 'vitest';
import { int2 } from '../../src/types/int2.ts';
import { int4 } from '../../src/types/int4.ts';
import { int8 } from '../../src/types/int8.ts';
import { oid, xid } from '../../src/types/oid.ts';
import { typeContext } from '../support/type-context.ts';
import { readAndShow } from '../support/type-forms.ts';

describe('smallint reads as in PostgreSQL', () => {
  test.each([
    ['abc', '22P02: invalid input syntax for type smallint: "abc"'],
    ['', '22P02: invalid input syntax for type smallint: ""'],
    ['-', '22P02: invalid input syntax for type smallint: "-"'],
    ['+', '22P02: invalid input syntax for type smallint: "+"'],
    ['1.5', '22P02: invalid input syntax for type smallint: "1.5"'],
    [' 12 ', '12'],
    ['+5', '5'],
    ['-0', '0'],
    ['32767', '32767'],
    ['32768', '22003: value "32768" is out of range for type smallint'],
    ['-32768', '-32768'],
    ['-32769', '22003: value "-32769" is out of range for type smallint'],
    ['2147483647', '22003: value "2147483647" is out of range for type smallint'],
    ['2147483648', '22003: value "2147483648" is out of range for type smallint'],
    ['-2147483648', '22003: value "-2147483648" is out of range for type smallint'],
    ['-2147483649', '22003: value "-2147483649" is out of range for type smallint'],
    ['9223372036854775807', '22003: value "9223372036854775807" is out of range for type smallint'],
    ['9223372036854775808', '22003: value "9223372036854775808" is out of range for type smallint'],
    ['-9223372036854775808', '22003: value "-9223372036854775808" is out of range for type smallint'],
    ['-9223372036854775809', '22003: value "-9223372036854775809" is out of range for type smallint'],
    ['9007199254740993', '22003: value "9007199254740993" is out of range for type smallint'],
    ['-9007199254740993', '22003: value "-9007199254740993" is out of range for type smallint'],
    ['1 2', '22P02: invalid input syntax for type smallint: "1 2"'],
    ['\t7\n', '7'],
    ['0x10', '22P02: invalid input syntax for type smallint: "0x10"'],
    ['007', '7'],
    ['99999999999999999999999', '22003: value "99999999999999999999999" is out of range for type smallint'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(int2, input)).toBe(answer);
  });
});

describe('integer reads as in PostgreSQL', () => {
  test.each([
    ['abc', '22P02: invalid input syntax for type integer: "abc"'],
    ['', '22P02: invalid input syntax for type integer: ""'],
    ['-', '22P02: invalid input syntax for type integer: "-"'],
    ['+', '22P02: invalid input syntax for type integer: "+"'],
    ['1.5', '22P02: invalid input syntax for type integer: "1.5"'],
    [' 12 ', '12'],
    ['+5', '5'],
    ['-0', '0'],
    ['32767', '32767'],
    ['32768', '32768'],
    ['-32768', '-32768'],
    ['-32769', '-32769'],
    ['2147483647', '2147483647'],
    ['2147483648', '22003: value "2147483648" is out of range for type integer'],
    ['-2147483648', '-2147483648'],
    ['-2147483649', '22003: value "-2147483649" is out of range for type integer'],
    ['9223372036854775807', '22003: value "9223372036854775807" is out of range for type integer'],
    ['9223372036854775808', '22003: value "9223372036854775808" is out of range for type integer'],
    ['-9223372036854775808', '22003: value "-9223372036854775808" is out of range for type integer'],
    ['-9223372036854775809', '22003: value "-9223372036854775809" is out of range for type integer'],
    ['9007199254740993', '22003: value "9007199254740993" is out of range for type integer'],
    ['-9007199254740993', '22003: value "-9007199254740993" is out of range for type integer'],
    ['1 2', '22P02: invalid input syntax for type integer: "1 2"'],
    ['\t7\n', '7'],
    ['0x10', '22P02: invalid input syntax for type integer: "0x10"'],
    ['007', '7'],
    ['99999999999999999999999', '22003: value "99999999999999999999999" is out of range for type integer'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(int4, input)).toBe(answer);
  });
});

describe('bigint reads as in PostgreSQL', () => {
  test.each([
    ['abc', '22P02: invalid input syntax for type bigint: "abc"'],
    ['', '22P02: invalid input syntax for type bigint: ""'],
    ['-', '22P02: invalid input syntax for type bigint: "-"'],
    ['+', '22P02: invalid input syntax for type bigint: "+"'],
    ['1.5', '22P02: invalid input syntax for type bigint: "1.5"'],
    [' 12 ', '12'],
    ['+5', '5'],
    ['-0', '0'],
    ['32767', '32767'],
    ['32768', '32768'],
    ['-32768', '-32768'],
    ['-32769', '-32769'],
    ['2147483647', '2147483647'],
    ['2147483648', '2147483648'],
    ['-2147483648', '-2147483648'],
    ['-2147483649', '-2147483649'],
    ['9223372036854775807', '9223372036854775807'],
    ['9223372036854775808', '22003: value "9223372036854775808" is out of range for type bigint'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['-9223372036854775809', '22003: value "-9223372036854775809" is out of range for type bigint'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['1 2', '22P02: invalid input syntax for type bigint: "1 2"'],
    ['\t7\n', '7'],
    ['0x10', '22P02: invalid input syntax for type bigint: "0x10"'],
    ['007', '7'],
    ['99999999999999999999999', '22003: value "99999999999999999999999" is out of range for type bigint'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(int8, input)).toBe(answer);
  });
});

describe('oid reads as in PostgreSQL', () => {
  test.each([
    ['0', '0'],
    ['1', '1'],
    ['4294967295', '4294967295'],
    ['4294967296', '22003: value "4294967296" is out of range for type oid'],
    ['-1', '4294967295'],
    ['-2147483648', '2147483648'],
    ['-2147483649', '22003: value "-2147483649" is out of range for type oid'],
    ['x', '22P02: invalid input syntax for type oid: "x"'],
    ['', '22P02: invalid input syntax for type oid: ""'],
    [' 5 ', '5'],
    ['5x', '22P02: invalid input syntax for type oid: "5x"'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(oid, input)).toBe(answer);
  });
});

describe('xid reads as in PostgreSQL', () => {
  test.each([
    ['5', '5'],
    ['x', '0'],
    ['-1', '4294967295'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(xid, input)).toBe(answer);
  });
});

test('bigint beyond 2^53 is a bigint, at 2^53 still a number', () => {
  const context = typeContext();
  expect(int8.parse('9007199254740992', context, -1)).toBe(9007199254740992);
  expect(int8.parse('9007199254740993', context, -1)).toBe(9007199254740993n);
  expect(int8.parse('-0', context, -1)).toBe(0);
});
