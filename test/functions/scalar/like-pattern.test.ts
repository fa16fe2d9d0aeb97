import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { like, likeEscape } from '../../../src/functions/scalar/like-pattern.ts';

/** The meaning of LIKE, straight from its definition, in exponential time. */
function matchesByDefinition(text: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '%')
    return matchesByDefinition(text, rest) || (text.length > 0 && matchesByDefinition(text.slice(1), pattern));
  if (text.length === 0) return false;
  if (first === '\\') return rest[0] === text[0] && matchesByDefinition(text.slice(1), rest.slice(1));
  return (first === '_' || first === text[0]) && matchesByDefinition(text.slice(1), rest);
}

const letters = fc.constantFrom('a', 'b', '😀');
const texts = fc.array(letters, { maxLength: 8 });
const patternParts = fc.oneof(letters, fc.constantFrom('%', '_', '\\%', '\\a'));

test('matches as LIKE is defined, for any text and pattern', () => {
  fc.assert(
    fc.property(texts, fc.array(patternParts, { maxLength: 7 }), (text, parts) => {
      const pattern = parts.join('');
      expect(like(text.join(''), pattern)).toBe(matchesByDefinition(text, [...pattern]));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern of many percent signs takes no exponential time', () => {
  expect(like('a'.repeat(20_000), `${'%a'.repeat(200)}%b`)).toBe(false);
});

describe('ESCAPE', () => {
  test('makes another character the escape', () => {
    expect(like('50%', likeEscape('50!%', '!'))).toBe(true);
    expect(like('500', likeEscape('50!%', '!'))).toBe(false);
  });

  test("'' makes backslash an ordinary character", () => {
    expect(like('a\\b', likeEscape('a\\_', ''))).toBe(true);
  });
});
