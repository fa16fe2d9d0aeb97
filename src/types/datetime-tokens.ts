import { dateTimeWord } from './datetime-words.ts';

/**
 * A piece of a date or time as PostgreSQL cuts them:
 *
 *   number   20020103, 1999, 040506.7      date     2002-01-03, 3-Jan-2002, 1/2/3, Europe/Berlin, UTC+3
 *   time     04:05, 04:05:06.7             word     jan, today, pm, z
 *   signed   +02, -03:30                   special  -infinity
 */
export interface DateTimeToken {
  readonly kind: 'number' | 'date' | 'time' | 'word' | 'signed' | 'special';
  /** In lower case. */
  readonly text: string;
}

const DIGITS = /\d+/y;
const CLOCK = /[\d:.]+/y;
const DIGITS_AND_HYPHENS = /[\d-]*/y;
const DIGITS_AND_SLASHES = /[\d/]*/y;
const DIGITS_AND_POINTS = /[\d.]*/y;
const WORD = /[a-z]+/y;
const ZONE_NAME = /[a-z0-9+\-/_.:]*/y;
const OFFSET = /[\d:.-]+/y;

/** Units that a number may follow at once: `1h30m`, but not `1min30s`. */
const UNIT_LETTERS = new Set(['d', 'h', 'm', 'mm', 's', 'y']);

/** Undefined when a character has no place in any date or time. */
export function tokenizeDateTime(input: string): readonly DateTimeToken[] | undefined {
  const text = input.toLowerCase();
  const tokens: DateTimeToken[] = [];
  let at = 0;
  const take = (pattern: RegExp, from = at): number => {
    pattern.lastIndex = from;
    return pattern.test(text) ? pattern.lastIndex : from;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    const start = at;
    if (isSpace(character)) {
      at++;
      continue;
    }
    if (isDigit(character)) {
      const token = takeNumeric(text, start, take);
      at = token.end;
      tokens.push({ kind: token.kind, text: text.slice(start, at) });
    } else if (character === '.') {
      at = take(DIGITS, at + 1);
      tokens.push({ kind: 'number', text: text.slice(start, at) });
    } else if (character >= 'a' && character <= 'z') {
      at = take(WORD);
      const next = text.charAt(at);
      const word = text.slice(start, at);
      const isKnown = dateTimeWord(word) !== undefined || UNIT_LETTERS.has(word);
      const hasMore = next === '-' || next === '/' || next === '.' || ((next === '+' || isDigit(next)) && !isKnown);
      if (hasMore) at = take(ZONE_NAME);
      tokens.push({ kind: hasMore ? 'date' : 'word', text: text.slice(start, at) });
    } else if (character === '+' || character === '-') {
      at++;
      while (isSpace(text.charAt(at))) at++;
      const from = at;
      const kind = isDigit(text.charAt(at)) ? 'signed' : 'special';
      at = take(kind === 'signed' ? OFFSET : WORD);
      if (at === from) return undefined;
      tokens.push({ kind, text: character + text.slice(from, at) });
    } else if (/[!-~]/.test(character)) at++;
    else return undefined;
  }
  return tokens;
}

interface Extent {
  readonly kind: 'number' | 'date' | 'time';
  readonly end: number;
}

function takeNumeric(text: string, start: number, take: (pattern: RegExp, from?: number) => number): Extent {
  const end = take(DIGITS, start);
  const delimiter = text.charAt(end);
  if (delimiter === ':') return { kind: 'time', end: take(CLOCK, end) };
  if (delimiter !== '-' && delimiter !== '/' && delimiter !== '.') return { kind: 'number', end };
  if (!isDigit(text.charAt(end + 1))) {
    const withLetters = delimiter === '-' ? /[a-z0-9-]*/y : delimiter === '/' ? /[a-z0-9/]*/y : /[a-z0-9.]*/y;
    return { kind: 'date', end: take(withLetters, end) };
  }
  const second = take(DIGITS, end + 1);
  if (text.charAt(second) === delimiter) {
    const pattern = delimiter === '-' ? DIGITS_AND_HYPHENS : delimiter === '/' ? DIGITS_AND_SLASHES : DIGITS_AND_POINTS;
    return { kind: 'date', end: take(pattern, second) };
  }
  return { kind: delimiter === '.' ? 'number' : 'date', end: second };
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}
