import type { ClassName } from '../character-classes.ts';
import { invalidRegex } from './regex-error.ts';

/** What a backslash and the characters after it stand for in the advanced dialect. */
export type Escape =
  | { readonly kind: 'character'; readonly code: number; readonly length: number }
  | { readonly kind: 'class'; readonly name: ClassName; readonly isComplement: boolean; readonly length: number }
  | {
      readonly kind: 'condition';
      readonly test: 'textStart' | 'textEnd' | 'wordStart' | 'wordEnd' | 'wordEdge' | 'noWordEdge';
      readonly length: number;
    }
  | { readonly kind: 'reference'; readonly length: number };

const CLASS_LETTERS: Readonly<Record<string, ClassName>> = { d: 'digit', s: 'space', w: 'word' };
const CONTROLS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  B: 92,
};
const CONDITIONS = {
  A: 'textStart',
  Z: 'textEnd',
  m: 'wordStart',
  M: 'wordEnd',
  y: 'wordEdge',
  Y: 'noWordEdge',
} as const;
const HEXADECIMAL = /^(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,255}))/;
/** No character goes so far; PostgreSQL takes such numbers all the same. */
const MAX_CODE = 0x7ffffffe;

/** `rest` begins behind the backslash; `length` counts from there. Numbers up to `groupCount` refer back to groups. */
export function readEscape(rest: string, groupCount: number): Escape {
  const code = rest.codePointAt(0);
  if (code === undefined) throw invalidRegex('invalid escape \\ sequence');
  const letter = String.fromCodePoint(code);
  const className = CLASS_LETTERS[letter.toLowerCase()];
  if (className !== undefined) {
    return { kind: 'class', name: className, isComplement: letter !== letter.toLowerCase(), length: 1 };
  }
  if (letter in CONDITIONS) {
    return { kind: 'condition', test: CONDITIONS[letter as keyof typeof CONDITIONS], length: 1 };
  }
  const control = CONTROLS[letter];
  if (control !== undefined) return { kind: 'character', code: control, length: 1 };
  if (letter === 'c' && rest.length > 1) return { kind: 'character', code: rest.charCodeAt(1) & 31, length: 2 };
  if (/[0-9]/.test(letter)) return numericEscape(rest, groupCount);
  const hexadecimal = HEXADECIMAL.exec(rest);
  if (hexadecimal !== null) {
    const digits = hexadecimal[1] ?? hexadecimal[2] ?? hexadecimal[3] ?? '';
    const value = Number.parseInt(digits, 16);
    if (value > MAX_CODE) throw invalidRegex('invalid escape \\ sequence');
    return { kind: 'character', code: value, length: hexadecimal[0].length };
  }
  if (/[A-Za-z]/.test(letter)) throw invalidRegex('invalid escape \\ sequence');
  return { kind: 'character', code, length: letter.length };
}

function numericEscape(rest: string, groupCount: number): Escape {
  const decimal = /^[1-9][0-9]*/.exec(rest)?.[0];
  if (decimal !== undefined) {
    if (Number(decimal) <= groupCount) return { kind: 'reference', length: decimal.length };
    if (decimal.length === 1) throw invalidRegex('invalid backreference number');
  }
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal === undefined) throw invalidRegex('invalid escape \\ sequence');
  return { kind: 'character', code: Number.parseInt(octal, 8), length: octal.length };
}
