import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalForm } from '../../src/types/json-canonical.ts';
import { formatJsonNode, readJsonNode } from '../../src/types/json-node.ts';
import { checkJson } from '../../src/types/json-text.ts';
import { canonicalJson } from '../../src/types/jsonb.ts';

/** The value taken apart and put together again. */
function longWay(text: string): string {
  checkJson(text);
  return formatJsonNode(readJsonNode(text));
}

const outcome = (read: (text: string) => string, text: string): unknown => {
  try {
    return read(text);
  } catch (error) {
    const { code, message, fields } = error as { code?: string; message: string; fields?: unknown };
    return { code, message, fields };
  }
};

const space = fc.constantFrom('', '', ' ', '\n', '\t \r');
const characters = fc.constantFrom(
  'a',
  'é',
  '日',
  '🌊',
  '\\n',
  '\\"',
  '\\\\',
  '\\/',
  '\\u00e9',
  '\\ud83c\\udf0a',
  'b',
  ' ',
);
const strings = fc.array(characters, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);
const keys = fc.oneof(fc.constantFrom('"a"', '"b"', '"aa"', '"é"', '"\\u0061"', '""'), strings);
const numbers = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '1.50',
    '1e3',
    '1E-7',
    '-1.0e+2',
    '12345678901234567890.100',
    `1${'0'.repeat(1200)}`,
    `0.${'1'.repeat(1100)}`,
  ),
);
const { json } = fc.letrec<{ json: string; list: string; record: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numbers,
    strings,
    fc.constantFrom('true', 'false', 'null'),
    tie('list'),
    tie('record'),
  ),
  list: fc
    .tuple(space, fc.array(fc.tuple(space, tie('json'), space), { maxLength: 5 }))
    .map(([blank, items]) => `[${blank}${items.map(([before, item, after]) => before + item + after).join(',')}]`),
  record: fc
    .tuple(space, fc.array(fc.tuple(space, keys, space, space, tie('json'), space), { maxLength: 6 }))
    .map(
      ([blank, members]) =>
        `{${blank}${members.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}`,
    ),
}));

test('what is written in one walk is what taking the value apart gives', () => {
  let count = 0;
  fc.assert(
    fc.property(space, json, space, (before, text, after) => {
      const whole = before + text + after;
      if (canonicalForm(whole) !== undefined) count += 1;
      expect(canonicalJson(whole)).toBe(longWay(whole));
    }),
    { numRuns: 1000 },
  );
  // What is left to the long way is rare.
  expect(count).toBeGreaterThan(900);
});

test('what is no JSON, or holds what jsonb cannot, is refused as before', () => {
  const damage = fc.constantFrom(
    '',
    '"',
    '\\',
    ',',
    ':',
    '{',
    '}',
    '[',
    ']',
    '1',
    '-',
    '.',
    'e',
    'x',
    '\u0001',
    '\\u0000',
    '\\ud800',
    '\\x',
    'nul',
    '01',
  );
  fc.assert(
    fc.property(json, fc.nat(), fc.nat(3), damage, (text, where, length, replacement) => {
      const at = where % (text.length + 1);
      const damaged = text.slice(0, at) + replacement + text.slice(at + length);
      fc.pre(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(damaged));
      expect(outcome(canonicalJson, damaged)).toEqual(outcome(longWay, damaged));
    }),
    { numRuns: 1500 },
  );
});

test('members in disorder at any depth come to their places', () => {
  const nested = (depth: number): string => (depth === 0 ? '[1,2]' : `{"b":${nested(depth - 1)},"a":0}`);
  for (const depth of [1, 2, 50, 1500]) expect(canonicalJson(nested(depth))).toBe(longWay(nested(depth)));
});

test('of equal keys the last counts, and keys are in order of their length in bytes', () => {
  expect(canonicalJson('{"é": 1, "b": 2, "aaa": 3, "a": 4, "b": 5, "zz": 6}')).toBe(
    '{"a": 4, "b": 5, "zz": 6, "é": 1, "aaa": 3}',
  );
});
