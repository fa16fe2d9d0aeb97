/**
 * The kinds of characters as PostgreSQL's locale C.UTF-8 knows them: all digits are letters too, save those of ASCII, and
 * what can be seen and is neither is punctuation, combining marks and emoji among it.
 */

/** Marks that became letters only in later versions of Unicode. */
const LATER_LETTERS = '[\\u0363-\\u036f\\u1dd3-\\u1de6]';
const ALPHANUMERIC = `(?!${LATER_LETTERS})[\\p{Alphabetic}\\p{Nd}]`;
/** Spaces at which no line is broken can be seen. */
const VISIBLE = '(?:[^\\p{Cc}\\p{Cn}\\p{Cs}\\p{Z}]|[\\xa0\\u2007\\u202f])';
const SPACES = ' \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u205f\\u3000';
/** Greek letters that have a capital for the beginning of a word alone. */
const CAPITALS_OF_WORDS = '[\\u1f88-\\u1f8f\\u1f98-\\u1f9f\\u1fa8-\\u1faf\\u1fbc\\u1fcc\\u1ffc]';

const unicode = (pattern: string): RegExp => new RegExp(pattern, 'u');

export const CHARACTER_CLASSES = {
  alpha: unicode(`(?![0-9])${ALPHANUMERIC}`),
  alnum: unicode(ALPHANUMERIC),
  ascii: /[\0-\x7f]/u,
  blank: unicode(`[\\t${SPACES}]`),
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/u,
  graph: unicode(VISIBLE),
  lower: unicode(`(?!${CAPITALS_OF_WORDS})[\\p{Changes_When_Uppercased}\\p{Lowercase}]`),
  print: /[^\p{Cc}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u,
  punct: unicode(`(?!${ALPHANUMERIC})${VISIBLE}`),
  space: unicode(`[\\t-\\r\\u2028\\u2029${SPACES}]`),
  upper: /[\p{Changes_When_Lowercased}\p{Uppercase}]/u,
  word: unicode(`_|${ALPHANUMERIC}`),
  xdigit: /[0-9A-Fa-f]/u,
} as const;

export type ClassName = keyof typeof CHARACTER_CLASSES;

/** Runs of letters and digits. */
export const WORDS = new RegExp(`(?:${ALPHANUMERIC})+`, 'gu');
