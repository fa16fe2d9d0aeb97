import { describe, expect, test } from 'vitest';
import { bool } from '../../src/types/bool.ts';
import { bytea } from '../../src/types/bytea.ts';
import { json } from '../../src/types/json.ts';
import { bpchar, char, name, text, varchar } from '../../src/types/string-types.ts';
import { uuid } from '../../src/types/uuid.ts';
import { int2vector, oidvector } from '../../src/types/vector-types.ts';
import { typeContext } from '../support/type-context.ts';
import { readAndShow } from '../support/type-forms.ts';

describe('boolean reads as in PostgreSQL', () => {
  test.each([
    ['t', 't'],
    ['f', 'f'],
    ['true', 't'],
    ['false', 'f'],
    ['tr', 't'],
    ['y', 't'],
    ['ye', 't'],
    ['yes', 't'],
    ['n', 'f'],
    ['no', 'f'],
    ['on', 't'],
    ['of', 'f'],
    ['off', 'f'],
    ['o', '22P02: invalid input syntax for type boolean: "o"'],
    ['1', 't'],
    ['0', 'f'],
    ['10', '22P02: invalid input syntax for type boolean: "10"'],
    [' TRUE ', 't'],
    ['maybe', '22P02: invalid input syntax for type boolean: "maybe"'],
    ['', '22P02: invalid input syntax for type boolean: ""'],
    ['T', 't'],
    ['truex', '22P02: invalid input syntax for type boolean: "truex"'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(bool, input)).toBe(answer);
  });
});

describe('uuid reads as in PostgreSQL', () => {
  test.each([
    ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['A0EEBC999C0B4EF8BB6D6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['zz', '22P02: invalid input syntax for type uuid: "zz"'],
    ['', '22P02: invalid input syntax for type uuid: ""'],
    [
      '{a0eebc999c0b4ef8bb6d6bb9bd380a11',
      '22P02: invalid input syntax for type uuid: "{a0eebc999c0b4ef8bb6d6bb9bd380a11"',
    ],
    ['a0eebc999c0b4ef8bb6d6bb9bd380a1', '22P02: invalid input syntax for type uuid: "a0eebc999c0b4ef8bb6d6bb9bd380a1"'],
    [
      'a0eebc999c0b4ef8bb6d6bb9bd380a11-',
      '22P02: invalid input syntax for type uuid: "a0eebc999c0b4ef8bb6d6bb9bd380a11-"',
    ],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(uuid, input)).toBe(answer);
  });
});

describe('bytea reads as in PostgreSQL', () => {
  test.each([
    ['', '\\x'],
    ['abc', '\\x616263'],
    ['\\x', '\\x'],
    ['\\xdead', '\\xdead'],
    ['\\xDE AD', '\\xdead'],
    ['\\xD EAD', '22023: invalid hexadecimal digit: " "'],
    ['\\xzz', '22023: invalid hexadecimal digit: "z"'],
    ['\\x1', '22023: invalid hexadecimal data: odd number of digits'],
    ['\\8', '22P02: invalid input syntax for type bytea'],
    ['\\\\', '\\x5c'],
    ['a\\000b', '\\x610062'],
    ['é', '\\xc3a9'],
    ['\\400', '22P02: invalid input syntax for type bytea'],
    ['\\xé', '22023: invalid hexadecimal digit: "é"'],
    ['\\x00ff5c27', '\\x00ff5c27'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(bytea, input)).toBe(answer);
  });
});

describe('bytea reads as in PostgreSQL under byteaOutput: escape', () => {
  test.each([
    ['', ''],
    ['abc', 'abc'],
    ['\\x', ''],
    ['\\xdead', '\\336\\255'],
    ['\\xDE AD', '\\336\\255'],
    ['\\xD EAD', '22023: invalid hexadecimal digit: " "'],
    ['\\xzz', '22023: invalid hexadecimal digit: "z"'],
    ['\\x1', '22023: invalid hexadecimal data: odd number of digits'],
    ['\\8', '22P02: invalid input syntax for type bytea'],
    ['\\\\', '\\\\'],
    ['a\\000b', 'a\\000b'],
    ['é', '\\303\\251'],
    ['\\400', '22P02: invalid input syntax for type bytea'],
    ['\\xé', '22023: invalid hexadecimal digit: "é"'],
    ['\\x00ff5c27', "\\000\\377\\\\'"],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(bytea, input, { byteaOutput: 'escape' })).toBe(answer);
  });
});

describe('json reads as in PostgreSQL', () => {
  test.each([
    ['{', '22P02: invalid input syntax for type json (The input string ended unexpectedly.)'],
    ['abc', '22P02: invalid input syntax for type json (Token "abc" is invalid.)'],
    ['{"a":1,}', '22P02: invalid input syntax for type json (Expected string, but found "}".)'],
    ['', '22P02: invalid input syntax for type json (The input string ended unexpectedly.)'],
    ['1 2', '22P02: invalid input syntax for type json (Expected end of input, but found "2".)'],
    ['"\\u00zz"', '22P02: invalid input syntax for type json ("\\u" must be followed by four hexadecimal digits.)'],
    ['[1,2', '22P02: invalid input syntax for type json (The input string ended unexpectedly.)'],
    ['{"a" 1}', '22P02: invalid input syntax for type json (Expected ":", but found "1".)'],
    ['"a\tb"', '22P02: invalid input syntax for type json (Character with value 0x09 must be escaped.)'],
    ['tru', '22P02: invalid input syntax for type json (Token "tru" is invalid.)'],
    ['01', '22P02: invalid input syntax for type json (Token "01" is invalid.)'],
    ['{1:2}', '22P02: invalid input syntax for type json (Expected string or "}", but found "1".)'],
    ['"\\q"', '22P02: invalid input syntax for type json (Escape sequence "\\q" is invalid.)'],
    ['"abc', '22P02: invalid input syntax for type json (Token ""abc" is invalid.)'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['[1,]', '22P02: invalid input syntax for type json (Expected JSON value, but found "]".)'],
    ['[,]', '22P02: invalid input syntax for type json (Expected JSON value, but found ",".)'],
    [' {"a": [1, 2.5e3, null, true]} ', ' {"a": [1, 2.5e3, null, true]} '],
    ['"\\ud800"', '"\\ud800"'],
    ['{"a":1 "b":2}', '22P02: invalid input syntax for type json (Expected "," or "}", but found ""b"".)'],
    ['[1 2]', '22P02: invalid input syntax for type json (Expected "," or "]", but found "2".)'],
    ['nul', '22P02: invalid input syntax for type json (Token "nul" is invalid.)'],
    ['-', '22P02: invalid input syntax for type json (Token "-" is invalid.)'],
    ['1.', '22P02: invalid input syntax for type json (Token "1." is invalid.)'],
    ['.5', '22P02: invalid input syntax for type json (Token "." is invalid.)'],
    ['+1', '22P02: invalid input syntax for type json (Token "+" is invalid.)'],
    ['{"a":}', '22P02: invalid input syntax for type json (Expected JSON value, but found "}".)'],
    ['\n\n{"a":\n x}', '22P02: invalid input syntax for type json (Token "x" is invalid.)'],
    [
      '["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", x, "bbbbb"]',
      '22P02: invalid input syntax for type json (Token "x" is invalid.)',
    ],
    ['{"a":1}}', '22P02: invalid input syntax for type json (Expected end of input, but found "}".)'],
    [']', '22P02: invalid input syntax for type json (Expected JSON value, but found "]".)'],
    ['"\\', '22P02: invalid input syntax for type json (Token ""\\" is invalid.)'],
    ['"\\u12', '22P02: invalid input syntax for type json (Token ""\\u12" is invalid.)'],
    ['@', '22P02: invalid input syntax for type json (Token "@" is invalid.)'],
    ['1a', '22P02: invalid input syntax for type json (Token "1a" is invalid.)'],
    ["'a'", '22P02: invalid input syntax for type json (Token "\'" is invalid.)'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(json, input)).toBe(answer);
  });
});

describe('int2vector reads as in PostgreSQL', () => {
  test.each([
    ['1 2 3', '1 2 3'],
    ['', ''],
    ['1 x', '22P02: invalid input syntax for type smallint: "x"'],
    ['99999', '22003: value "99999" is out of range for type smallint'],
    [' 1  2 ', '1 2'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(int2vector, input)).toBe(answer);
  });
});

describe('oidvector reads as in PostgreSQL', () => {
  test.each([
    ['1 2 3', '1 2 3'],
    ['1,2', '22P02: invalid input syntax for type oid: ",2"'],
    [' 1  2 ', '1 2'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(oidvector, input)).toBe(answer);
  });
});

describe('"char" reads as in PostgreSQL', () => {
  test.each([
    ['', ''],
    ['a', 'a'],
    ['abc', 'a'],
    ['\\101', 'A'],
    ['\\1', '\\'],
    ['\\400', ''],
    ['\\000', ''],
    ['\\', '\\'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(char, input)).toBe(answer);
  });
});

test('a syntax error in json points at the line and its end', () => {
  const context = typeContext();
  expect(() => json.parse('\n{"a":\n x}', context, -1)).toThrow(
    expect.objectContaining({ fields: expect.objectContaining({ where: 'JSON data, line 3:  x...' }) }),
  );
});

test('"char" shows bytes beyond ASCII in octal', () => {
  expect(readAndShow(char, 'é')).toBe('\\303');
  expect(readAndShow(char, '\\303')).toBe('\\303');
});

describe('declared lengths', () => {
  const three = 3 + 4;
  test('varchar(3) takes three characters, not code units, and drops only spaces', () => {
    expect(readAndShow(varchar, '😀😀😀', {}, three)).toBe('😀😀😀');
    expect(readAndShow(varchar, 'abc  ', {}, three)).toBe('abc');
    expect(readAndShow(varchar, 'abcd', {}, three)).toBe('22001: value too long for type character varying(3)');
  });

  test('char(3) fills up with spaces', () => {
    expect(readAndShow(bpchar, 'a', {}, three)).toBe('a  ');
    expect(readAndShow(bpchar, '😀', {}, three)).toBe('😀  ');
    expect(readAndShow(bpchar, 'abcd', {}, three)).toBe('22001: value too long for type character(3)');
  });

  test('name keeps 63 bytes and cuts between characters', () => {
    expect(readAndShow(name, 'x'.repeat(70))).toBe('x'.repeat(63));
    expect(readAndShow(name, 'é'.repeat(40))).toBe('é'.repeat(31));
  });
});

test('char(n) compares and hashes without trailing spaces, varchar with them', () => {
  expect(bpchar.compare('a  ', 'a')).toBe(0);
  expect(bpchar.hashKey('a  ')).toBe(bpchar.hashKey('a'));
  expect(varchar.compare('a  ', 'a')).toBeGreaterThan(0);
});

test('text has no zero characters', () => {
  expect(readAndShow(text, 'a\0b')).toBe('22021: invalid byte sequence for encoding "UTF8": 0x00');
});
