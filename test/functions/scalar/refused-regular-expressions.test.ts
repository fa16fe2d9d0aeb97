import { expect, test } from 'vitest';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { matchesRegularExpression } from '../../../src/functions/scalar/regular-expression.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SqlError) return error.code;
  }
  return 'no error';
}

const needBacktracking = ['(a)\\1', 'a(?=b)', 'a(?!b)', '(?<=a)b', '(?<!a)b', '\\mword', 'word\\M', '[[:<:]]word'];
for (const pattern of needBacktracking) {
  test(`${pattern} is refused, since no linear-time engine has it`, () =>
    expect(codeOf(() => matchesRegularExpression('ab', pattern))).toBe('0A000'));
}

test('a word boundary is refused on text where the engines disagree about words', () => {
  expect(matchesRegularExpression('a word', '\\yword')).toBe(true);
  expect(codeOf(() => matchesRegularExpression('éword', '\\yword'))).toBe('0A000');
});

test('a pattern that makes backtracking engines explode does not stop us', () => {
  expect(matchesRegularExpression(`${'a'.repeat(5000)}b`, '^(a+)+$')).toBe(false);
});
