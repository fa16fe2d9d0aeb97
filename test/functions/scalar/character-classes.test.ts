import { describe, expect, test } from 'vitest';
import { CHARACTER_CLASSES, type ClassName } from '../../../src/functions/scalar/character-classes.ts';

/** As PostgreSQL has them in C.UTF-8. */
const KINDS: readonly (readonly [code: number, classes: string])[] = [
  [0x41, 'alnum alpha ascii graph print upper word xdigit'],
  [0x35, 'alnum ascii digit graph print word xdigit'],
  [0x5f, 'ascii graph print punct word'],
  [0x20, 'ascii blank print space'],
  [0x85, 'cntrl'],
  [0xa0, 'graph print punct'],
  [0xb2, 'graph print punct'],
  [0xdf, 'alnum alpha graph lower print word'],
  [0x301, 'graph print punct'],
  [0x363, 'graph print punct'],
  [0x378, ''],
  [0x663, 'alnum alpha graph print word'],
  [0x1c5, 'alnum alpha graph lower print upper word'],
  [0x1f88, 'alnum alpha graph print upper word'],
  [0x2028, 'space'],
  [0x2160, 'alnum alpha graph print upper word'],
  [0x3000, 'blank print space'],
  [0x1f321, 'graph print punct'],
];

describe('the kinds of characters', () => {
  test.each(KINDS)('of U+%s', (code, classes) => {
    const character = String.fromCodePoint(code);
    const found = (Object.keys(CHARACTER_CLASSES) as ClassName[]).filter((name) =>
      CHARACTER_CLASSES[name].test(character),
    );
    expect(found.sort().join(' ')).toBe(classes);
  });
});
