import { isAscii } from '../is-ascii.ts';

/**
 * lower and upper as in collation C.UTF-8: character by character, so that a character whose capital takes several (ß)
 * stays as it is, and no letter depends on its neighbours.
 */

export function lowerCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let lower = '';
  // İ is the one letter that JavaScript gives two small ones for, of which the first is the one.
  for (const character of text) lower += String.fromCodePoint(character.toLowerCase().codePointAt(0)!);
  return lower;
}

export function upperCase(text: string): string {
  if (isAscii(text)) return text.toUpperCase();
  let upper = '';
  for (const character of text) {
    const changed = character.toUpperCase();
    upper += changed.length === character.length ? changed : capitalOfOne(character);
  }
  return upper;
}

/** Of what has several capitals together: ᾀ has ᾈ as well, ß nothing. */
function capitalOfOne(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x1f80 || code > 0x1ff3) return character;
  if (code < 0x1fb0) return (code & 8) === 0 ? String.fromCodePoint(code + 8) : character;
  return IOTA_BELOW.has(code) ? String.fromCodePoint(code + 9) : character;
}

const IOTA_BELOW: ReadonlySet<number> = new Set([0x1fb3, 0x1fc3, 0x1ff3]);
