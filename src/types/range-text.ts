import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SqlRange } from './sql-range.ts';
import type { Value } from './value.ts';

const EMPTY = 'empty';
const WHITE = /[ \t\n\v\f\r]/;
/** Bounds that would not be read back as themselves stand in quotes. */
const NEEDS_QUOTES = /^$|[()[\],"\\\s]/;

/** A range as it is written: bounds not yet read, null where there are none. */
export interface RangeText {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly includesLower: boolean;
  readonly includesUpper: boolean;
}

/** `[1,10)`, `(,"a b"]`, `empty`. */
export function formatRange(range: SqlRange, formatBound: (value: Value) => string): string {
  if (range.isEmpty) return EMPTY;
  const { lower, upper, includesLower, includesUpper } = range;
  const bound = (value: Value): string => (value === null ? '' : quoted(formatBound(value)));
  return `${includesLower ? '[' : '('}${bound(lower)},${bound(upper)}${includesUpper ? ']' : ')'}`;
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text;
}

/** undefined for `empty`. Throws 22P02. */
export function readRangeText(text: string): RangeText | undefined {
  const malformed = (detail: string): SqlError =>
    new SqlError(SqlState.InvalidTextRepresentation, `malformed range literal: "${text}"`, { detail });
  const start = skipSpace(text, 0);
  if (startsWithEmpty(text, start)) {
    if (skipSpace(text, start + EMPTY.length) < text.length) throw malformed('Junk after "empty" key word.');
    return undefined;
  }
  const opening = text.charAt(start);
  if (opening !== '[' && opening !== '(') throw malformed('Missing left parenthesis or bracket.');
  const lower = readBound(text, start + 1);
  if (lower === undefined) throw malformed('Unexpected end of input.');
  if (text.charAt(lower.end) !== ',') throw malformed('Missing comma after lower bound.');
  const upper = readBound(text, lower.end + 1);
  if (upper === undefined) throw malformed('Unexpected end of input.');
  const closing = text.charAt(upper.end);
  if (closing === ',') throw malformed('Too many commas.');
  if (skipSpace(text, upper.end + 1) < text.length) throw malformed('Junk after right parenthesis or bracket.');
  return { lower: lower.text, upper: upper.text, includesLower: opening === '[', includesUpper: closing === ']' };
}

/** Up to a comma or a closing bracket outside quotes; undefined when the text ends before. */
function readBound(text: string, start: number): { readonly text: string | null; readonly end: number } | undefined {
  if (endsBound(text.charAt(start))) return { text: null, end: start };
  let bound = '';
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (!isQuoted && endsBound(character)) return { text: bound, end: at };
    if (character === '\\') {
      at += 1;
      if (at === text.length) return undefined;
      bound += text.charAt(at);
    } else if (character !== '"') bound += character;
    else if (isQuoted && text.charAt(at + 1) === '"') {
      bound += '"';
      at += 1;
    } else isQuoted = !isQuoted;
  }
  return undefined;
}

function endsBound(character: string): boolean {
  return character === ',' || character === ')' || character === ']';
}

function startsWithEmpty(text: string, at: number): boolean {
  return text.slice(at, at + EMPTY.length).toLowerCase() === EMPTY;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (WHITE.test(text.charAt(at))) at++;
  return at;
}

/** The texts of the ranges in `{[1,2),[5,9)}`, empty ones left out. Throws 22P02 for what lies around them. */
export function* readMultirangeText(text: string): Iterable<string> {
  const malformed = (detail: string): SqlError =>
    new SqlError(SqlState.InvalidTextRepresentation, `malformed multirange literal: "${text}"`, { detail });
  let at = skipSpace(text, 0);
  if (text.charAt(at) !== '{') throw malformed('Missing left brace.');
  at = skipSpace(text, at + 1);
  for (let isFirst = true; !(isFirst && text.charAt(at) === '}'); isFirst = false) {
    if (at >= text.length) throw malformed('Unexpected end of input.');
    if (startsWithEmpty(text, at)) at += EMPTY.length;
    else {
      if (!/[[(]/.test(text.charAt(at))) throw malformed('Expected range start.');
      const end = endOfRange(text, at);
      if (end === undefined) throw malformed('Unexpected end of input.');
      yield text.slice(at, end);
      at = end;
    }
    at = skipSpace(text, at);
    if (at >= text.length) throw malformed('Unexpected end of input.');
    const delimiter = text.charAt(at);
    if (delimiter === '}') break;
    if (delimiter !== ',') throw malformed('Expected comma or end of multirange.');
    at = skipSpace(text, at + 1);
  }
  if (skipSpace(text, at + 1) < text.length) throw malformed('Junk after closing right brace.');
}

/** Behind the first closing bracket outside quotes; undefined where there is none. */
function endOfRange(text: string, start: number): number | undefined {
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '"') {
      if (isQuoted && text.charAt(at + 1) === '"') at += 1;
      else isQuoted = !isQuoted;
    } else if (!isQuoted && (character === ']' || character === ')')) return at + 1;
  }
  return undefined;
}
