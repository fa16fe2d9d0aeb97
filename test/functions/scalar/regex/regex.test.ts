import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compiledRegex, Regex } from '../../../../src/functions/scalar/regex/regex.ts';
import { readFlags } from '../../../../src/functions/scalar/regex/regex-options.ts';

/** The first match and its groups; null for a group that took no part. */
function match(text: string, pattern: string, flags = ''): readonly (string | null)[] | undefined {
  const matcher = compiledRegex(pattern, readFlags(flags).options).matcher(text);
  const found = matcher.find(0);
  if (found === undefined) return undefined;
  const groups = matcher.groups(found);
  const parts: (string | null)[] = [];
  for (let at = 0; at < groups.length; at += 2) {
    parts.push(groups[at]! < 0 ? null : matcher.slice(groups[at]!, groups[at + 1]!));
  }
  return parts;
}

const lengths: readonly (readonly [text: string, pattern: string, groups: readonly (string | null)[]])[] = [
  ['XY1234Z', 'Y*([0-9]{1,3})', ['Y123', '123']],
  ['XY1234Z', 'Y*?([0-9]{1,3})', ['Y1', '1']],
  ['abc01234xyz', '(.*)(\\d+)(.*)', ['abc01234xyz', 'abc0123', '4', 'xyz']],
  ['abc01234xyz', '(.*?)(\\d+)(.*)', ['abc0', 'abc', '0', '']],
  ['abc01234xyz', '(?:(.*?)(\\d+)(.*)){1,1}', ['abc01234xyz', 'abc', '01234', 'xyz']],
  ['foobar', 'foo|foobar', ['foobar']],
  ['abcd', '(a|ab)(c|bcd)(d*)', ['abcd', 'ab', 'c', 'd']],
  ['abab', '(a|b)*', ['abab', 'b']],
  ['aaaaa', '(a{1,2}){0,2}', ['aaaa', 'aa']],
  ['bX', '(?:(a)|(b))X', ['bX', null, 'b']],
  ['', '(a*)*', ['', '']],
  ['', '(a)*', ['', null]],
  ['a😀b', '(.)b', ['😀b', '😀']],
];

describe('the leftmost match, its length and its groups are those that PostgreSQL chooses', () => {
  for (const [text, pattern, groups] of lengths) {
    test(`${pattern} in '${text}'`, () => expect(match(text, pattern)).toEqual(groups));
  }
});

test('looking around takes nothing into the match', () => {
  expect(match('price: 12 EUR', '\\d+(?= EUR)')).toEqual(['12']);
  expect(match('12 USD', '\\d+(?= EUR)')).toBeUndefined();
  expect(match('a1 b2', '(?<=b)\\d')).toEqual(['2']);
  expect(match('b1 a2', '(?<!b)\\d')).toEqual(['2']);
  expect(match('aab', 'a(?!a)')).toEqual(['a']);
});

test('words are told apart beyond ASCII', () => {
  expect(match('naïve été', '\\mété\\M')).toEqual(['été']);
  expect(match('naïve', '\\yve')).toBeUndefined();
});

test('a match can be looked for from any place, with what lies before it still in view', () => {
  const matcher = new Regex('^a|\\ya').matcher('a ba a');
  expect(matcher.find(1)).toEqual({ start: 5, end: 6 });
});

/** Patterns that PostgreSQL and JavaScript read alike, without what tells greedy from lazy. */
const atom = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\d', '\\w', '(?:a|bc)', '(b|c)', '(?=b)', '(?!a)');
const piece = fc
  .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '*?', '+?'))
  .map(([left, sign]) => (/^\(\?[=!]/.test(left) ? left : left + sign));
const branch = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const pattern = fc
  .tuple(fc.array(branch, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '^'), fc.constantFrom('', '$'))
  .map(([branches, start, end]) => `${start}(?:${branches.join('|')})${end}`);
const text = fc.stringMatching(/^[abc1 ]{0,12}$/);

test('whether a pattern matches at all is what a backtracking engine finds', () => {
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      expect(new Regex(source).test(subject)).toBe(new RegExp(source, 's').test(subject));
    }),
    { numRuns: 2000 },
  );
});

test('a match begins where a backtracking engine begins its own, and its parts lie in it in order', () => {
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      const matcher = new Regex(source).matcher(subject);
      const found = matcher.find(0);
      const expected = new RegExp(source, 's').exec(subject);
      expect(found?.start).toBe(expected?.index);
      if (found === undefined) return;
      const groups = matcher.groups(found);
      for (let at = 2; at < groups.length; at += 2) {
        if (groups[at]! < 0) continue;
        expect(groups[at]).toBeGreaterThanOrEqual(found.start);
        expect(groups[at + 1]).toBeLessThanOrEqual(found.end);
      }
    }),
    { numRuns: 1000 },
  );
});
