import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareJsonNodes, formatJsonNode, readJsonNode } from '../../src/types/json-node.ts';
import { MAX_JSON_DEPTH } from '../../src/types/json-text.ts';
import { canonicalJson, equalJsonb, jsonb } from '../../src/types/jsonb.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm, orError, readAndShow } from '../support/type-forms.ts';

const documents = fc.json({ stringUnit: 'grapheme' }).filter((text) => !text.includes('\\u0000'));

describe('the canonical form', () => {
  test.each([
    ['{"b":1,"aa":2,"a":3}', '{"a": 3, "b": 1, "aa": 2}'],
    ['{"é":1,"zz":2,"y":3}', '{"y": 3, "zz": 2, "é": 1}'],
    ['{"a":1,"a":2}', '{"a": 2}'],
    [' [ 1.0 , 1e3,-0, -0.0,1E-3 ] ', '[1.0, 1000, 0, 0.0, 0.001]'],
    ['"a\\/b\\u0041\\ud83d\\ude00\\t"', '"a/bA😀\\t"'],
    ['[[],{},[{}]]', '[[], {}, [{}]]'],
    ['123456789012345678901234567890.10', '123456789012345678901234567890.10'],
    ['{"a b":"}],{","c":["[\\"",null,true,false]}', '{"c": ["[\\"", null, true, false], "a b": "}],{"}'],
    ['"\\ud800"', '22P02: invalid input syntax for type json (Unicode low surrogate must follow a high surrogate.)'],
    ['"\\u0000"', '22P05: unsupported Unicode escape sequence (\\u0000 cannot be converted to text.)'],
    ['1e200000', '22003: value overflows numeric format'],
    ['[1', '22P02: invalid input syntax for type json (The input string ended unexpectedly.)'],
  ])('%s is %s', (input, answer) => {
    expect(readAndShow(jsonb, input)).toBe(answer);
  });

  test('says the same as the text, and reads back as itself', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const canonical = canonicalJson(text);
        expect(canonicalJson(canonical)).toBe(canonical);
        // -0 is 0 to numeric.
        expect(JSON.parse(canonical)).toEqual(JSON.parse(text, (_, value) => (Object.is(value, -0) ? 0 : value)));
      }),
    );
  });

  test('is what the nodes print', () => {
    fc.assert(fc.property(documents, (text) => formatJsonNode(readJsonNode(text)) === canonicalJson(text)));
  });
});

describe('nesting', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  test('is read as deep as the limit', () => {
    expect(canonicalJson(nested(MAX_JSON_DEPTH))).toBe(nested(MAX_JSON_DEPTH));
    expect(jsonb.compare(nested(MAX_JSON_DEPTH), nested(MAX_JSON_DEPTH - 1))).toBeGreaterThan(0);
  });

  test('beyond it is refused, of jsonb and of json', () => {
    expect(orError(() => canonicalJson(nested(MAX_JSON_DEPTH + 1)))).toMatch(/^54001: stack depth limit exceeded/);
    expect(orError(() => canonicalJson('{"a":'.repeat(100_000)))).toMatch(/^54001/);
  });

  test('of brackets within a string does not count', () => {
    const text = JSON.stringify('['.repeat(5000));
    expect(canonicalJson(text)).toBe(text);
  });
});

describe('order and equality', () => {
  const ascending = [
    '[]',
    'null',
    '""',
    '"a"',
    '"b"',
    '-1',
    '1',
    '1.5',
    'false',
    'true',
    '[null]',
    '[1]',
    '[0, 1]',
    '{}',
    '{"b": 0}',
    '{"c": 0}',
    '{"a": 0, "b": 1}',
  ];

  test('goes by kind, then size, then contents', () => {
    for (const [at, left] of ascending.entries()) {
      for (const [other, right] of ascending.entries()) {
        expect([left, right, Math.sign(jsonb.compare(left, right))]).toEqual([left, right, Math.sign(at - other)]);
      }
    }
  });

  test('does not count the zeros at the end of numbers', () => {
    expect(equalJsonb('[1.0, 2]', '[1, 2.00]')).toBe(true);
    expect(equalJsonb('1.10', '1.1')).toBe(true);
    expect(equalJsonb('"1.0"', '"1"')).toBe(false);
    expect(equalJsonb('10', '1')).toBe(false);
    expect(jsonb.hashKey('{"a": 1.0}')).toBe(jsonb.hashKey('{"a": 1}'));
    expect(jsonb.hashKey('100')).not.toBe(jsonb.hashKey('1'));
    expect(jsonb.hashKey('0.0')).toBe(jsonb.hashKey('0'));
  });

  test('agrees with the equality of keys', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        const [left, right] = [canonicalJson(a), canonicalJson(b)];
        const order = compareJsonNodes(readJsonNode(left), readJsonNode(right));
        expect(jsonb.hashKey(left) === jsonb.hashKey(right)).toBe(order === 0);
      }),
    );
  });
});

describe('the binary form', () => {
  test('is a version and the text', () => {
    expect([...binaryForm(jsonb, '[1]')]).toEqual([1, 0x5b, 0x31, 0x5d]);
  });

  test('of another version is refused', () => {
    const bytes = Uint8Array.of(2, 0x31);
    expect(orError(() => jsonb.readBinary(bytes, typeContext()))).toBe('XX000: unsupported jsonb version number 2');
  });

  test('is brought into canonical form', () => {
    const bytes = Uint8Array.of(1, ...Buffer.from('{"b":1,"a":2}'));
    expect(jsonb.readBinary(bytes, typeContext())).toBe('{"a": 2, "b": 1}');
  });
});
