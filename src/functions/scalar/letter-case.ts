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
    upper += changed.length === character.length ? changed : character;
  }
  return upper;
}
