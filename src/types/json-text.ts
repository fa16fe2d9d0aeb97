import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { jsonSyntaxError, surrogateError, zeroCharacterError } from './json-syntax.ts';

/**
 * Walking over JSON that is known to be well formed, without building anything: `json` values are kept as they were
 * written, `jsonb` values in their canonical form, and most operators need one small part of them. Places are indexes
 * into the text; a value stands from its first character to behind its last one.
 */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

/** Objects and arrays nest at most this deep, so that nothing that recurses over them runs out of stack. */
export const MAX_JSON_DEPTH = 2000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Throws 22P02 for what is no JSON, 54001 for what nests too deep. */
export function checkJson(text: string): void {
  checkJsonDepth(text);
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw jsonSyntaxError(text);
    throw error;
  }
}

/** Brackets inside strings do not count; what is no JSON otherwise is for others to say. */
function checkJsonDepth(text: string): void {
  if (text.length <= MAX_JSON_DEPTH) return;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) {
        throw new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded', {
          hint: `JSON nests at most ${MAX_JSON_DEPTH} deep.`,
        });
      }
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
}

/** What begins at `at`, in a text that is JSON. */
export function jsonKindAt(text: string, at: number): JsonKind {
  switch (text.charCodeAt(at)) {
    case OPEN_BRACE:
      return 'object';
    case OPEN_BRACKET:
      return 'array';
    case QUOTE:
      return 'string';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return 'null';
    default:
      return 'number';
  }
}

/** Where the next character that is no white space stands. */
export function skipJsonSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}

/** Behind the value that starts at `at`. */
export function endOfJsonValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return endOfWord(text, at);
  let depth = 0;
  let next = at;
  do {
    const code = text.charCodeAt(next);
    if (code === QUOTE) {
      next = endOfString(text, next);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    next++;
  } while (depth > 0);
  return next;
}

/** Behind the closing quote of a string; of one that is not closed, the end of the text. */
function endOfString(text: string, at: number): number {
  let close = text.indexOf('"', at + 1);
  while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close < 0 ? text.length : close + 1;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

/** Numbers, true, false and null end at a space, a comma or a closing bracket. */
function endOfWord(text: string, at: number): number {
  let next = at;
  for (; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code <= 0x20 || code === 0x2c || code === CLOSE_BRACKET || code === CLOSE_BRACE) break;
  }
  return next;
}

/**
 * The characters of a string that stands, with its quotes, from `start` to `end`. Throws 22P05 for the character of code
 * 0 and 22P02 for half a surrogate pair, which `json` may contain but no text can.
 */
export function jsonStringAt(text: string, start: number, end: number): string {
  const written = text.slice(start, end);
  if (!written.includes('\\')) return written.slice(1, -1);
  const characters = JSON.parse(written) as string;
  if (characters.includes('\0')) throw zeroCharacterError(text, start, end);
  if (LONE_SURROGATE.test(characters)) throw surrogateError(text, start, end);
  return characters;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The members of an object or the elements of an array, one after the other. */
export class JsonItems {
  readonly #text: string;
  readonly #isObject: boolean;
  #next: number;
  /** Of a member: its key, with quotes. */
  keyStart = 0;
  keyEnd = 0;
  start = 0;
  end = 0;

  /** `at`: where the object or array starts. */
  constructor(text: string, at: number) {
    this.#text = text;
    this.#isObject = text.charCodeAt(at) === OPEN_BRACE;
    this.#next = skipJsonSpace(text, at + 1);
  }

  /** Moves to the next one; false behind the last. */
  next(): boolean {
    const text = this.#text;
    const first = text.charCodeAt(this.#next);
    if (first === CLOSE_BRACE || first === CLOSE_BRACKET) return false;
    let at = first === 0x2c ? skipJsonSpace(text, this.#next + 1) : this.#next;
    if (this.#isObject) {
      this.keyStart = at;
      this.keyEnd = endOfString(text, at);
      at = skipJsonSpace(text, skipJsonSpace(text, this.keyEnd) + 1);
    }
    this.start = at;
    this.end = endOfJsonValue(text, at);
    this.#next = skipJsonSpace(text, this.end);
    return true;
  }

  /** Whether the key is this one; without taking it out of the text where it is written plainly. */
  hasKey(key: string): boolean {
    const text = this.#text;
    for (let at = this.keyStart + 1; at < this.keyEnd - 1; at++) {
      if (text.charCodeAt(at) === BACKSLASH) return this.key === key;
    }
    return this.keyEnd - this.keyStart - 2 === key.length && text.startsWith(key, this.keyStart + 1);
  }

  get key(): string {
    return jsonStringAt(this.#text, this.keyStart, this.keyEnd);
  }
}

/** A part of a text: where a value stands in it. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

/** The whole value of a text. */
export function jsonRoot(text: string): JsonPlace {
  const start = skipJsonSpace(text, 0);
  return { start, end: endOfJsonValue(text, start) };
}

/**
 * The value of a key, the last one where a key stands twice; undefined for what is no object. `isUnique`: no key stands
 * twice (jsonb), so that the first one found will do.
 */
export function jsonMember(text: string, at: number, key: string, isUnique = false): JsonPlace | undefined {
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  const items = new JsonItems(text, at);
  let found: JsonPlace | undefined;
  while (items.next()) {
    if (!items.hasKey(key)) continue;
    found = { start: items.start, end: items.end };
    if (isUnique) break;
  }
  return found;
}

/** The element at an index from 0, or from -1 backwards; undefined for what is no array. */
export function jsonElement(text: string, at: number, index: number): JsonPlace | undefined {
  if (text.charCodeAt(at) !== OPEN_BRACKET) return undefined;
  let wanted = index < 0 ? jsonItemCount(text, at) + index : index;
  if (wanted < 0) return undefined;
  const items = new JsonItems(text, at);
  while (items.next()) {
    if (wanted === 0) return { start: items.start, end: items.end };
    wanted -= 1;
  }
  return undefined;
}

/** Of the array or object that begins at `at`: a number of elements, or of keys with their values. */
export function jsonItemCount(text: string, at: number): number {
  const items = new JsonItems(text, at);
  let count = 0;
  while (items.next()) count += 1;
  return count;
}

/** A string as JSON writes it. */
export function quoteJson(characters: string): string {
  return JSON.stringify(characters);
}
