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

for (const pattern of ['(a)\\1', '(a)(b)\\2', '(?b)\\(a\\)\\1']) {
  test(`${pattern} is refused, since no linear-time engine has back references`, () =>
    expect(codeOf(() => matchesRegularExpression('ab', pattern))).toBe('0A000'));
}

for (const pattern of ['(((a{100}){100}){100})', '('.repeat(2000) + ')'.repeat(2000)]) {
  test(`${pattern.slice(0, 24)} … is refused as too complex`, () =>
    expect(codeOf(() => matchesRegularExpression('ab', pattern))).toBe('2201B'));
}

test('patterns that make backtracking engines explode do not stop us', () => {
  expect(matchesRegularExpression(`${'a'.repeat(5000)}b`, '^(a+)+$')).toBe(false);
  expect(matchesRegularExpression('a'.repeat(200_000), '(a|aa)*b')).toBe(false);
  expect(matchesRegularExpression('a'.repeat(30), `${'a?'.repeat(30)}${'a'.repeat(30)}`)).toBe(true);
});
