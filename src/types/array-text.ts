import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { SqlArray } from './sql-array.ts';
import type { Value } from './value.ts';

/** Elements that would not be read back as themselves stand in quotes. */
const NEEDS_QUOTES = /^$|^null$|[{}",\\\s]/i;

/** `{1,NULL,"a b"}`, with `[0:2]=` in front where subscripts do not start at 1. */
export function formatArray(array: SqlArray, formatElement: (item: Value) => string): string {
  if (array.isEmpty) return '{}';
  let text = '';
  if (array.lowerBounds.some((bound) => bound !== 1)) {
    for (let dimension = 0; dimension < array.dimensions.length; dimension++) {
      const lower = array.lowerBounds[dimension]!;
      text += `[${lower}:${lower + array.dimensions[dimension]! - 1}]`;
    }
    text += '=';
  }
  let next = 0;
  const appendDimension = (dimension: number): void => {
    text += '{';
    for (let index = 0; index < array.dimensions[dimension]!; index++) {
      if (index > 0) text += ',';
      if (dimension < array.dimensions.length - 1) appendDimension(dimension + 1);
      else text += formatItem(array.elements[next++]!, formatElement);
    }
    text += '}';
  };
  appendDimension(0);
  return text;
}

function formatItem(item: Value, formatElement: (item: Value) => string): string {
  if (item === null) return 'NULL';
  const text = formatElement(item);
  return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/** Reads the text form; throws 22P02 for a malformed one, 2202E for bounds that contradict each other. */
export function parseArray(text: string, parseElement: (item: string) => Value): SqlArray {
  const reader = new ArrayReader(text, parseElement);
  return reader.read();
}

class ArrayReader {
  readonly #text: string;
  readonly #parseElement: (item: string) => Value;
  /** As written; they are read as values when the whole is known to be well-formed. NULL is null. */
  readonly #elements: (string | null)[] = [];
  /** Length per dimension, known once the first of its sub-arrays is closed. */
  readonly #dimensions: number[] = [];
  #elementDepth = -1;
  /** Where the first brace stands, once it is reached: messages then show the text from there. */
  #contentsAt = 0;
  #at = 0;

  constructor(text: string, parseElement: (item: string) => Value) {
    this.#text = text;
    this.#parseElement = parseElement;
  }

  read(): SqlArray {
    const bounds = this.#readBounds();
    this.#skipSpace();
    if (this.#text.charAt(this.#at) !== '{') {
      throw this.#malformed(
        bounds === undefined
          ? 'Array value must start with "{" or dimension information.'
          : 'Array contents must start with "{".',
      );
    }
    this.#contentsAt = this.#at;
    this.#readDimension(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#malformed('Junk after closing right brace.');
    if (this.#elements.length === 0) {
      if (bounds !== undefined) throw this.#otherDimensions();
      return new SqlArray([]);
    }
    if (bounds === undefined) return new SqlArray(this.#values(), this.#dimensions);
    const lengths = bounds.map(({ lower, upper }) => upper - lower + 1);
    if (lengths.join() !== this.#dimensions.join()) {
      throw this.#otherDimensions();
    }
    return new SqlArray(
      this.#values(),
      this.#dimensions,
      bounds.map(({ lower }) => lower),
    );
  }

  #values(): Value[] {
    return this.#elements.map((item) => (item === null ? null : this.#parseElement(item)));
  }

  #readBounds(): readonly { readonly lower: number; readonly upper: number }[] | undefined {
    const bounds: { lower: number; upper: number }[] = [];
    for (this.#skipSpace(); this.#text.charAt(this.#at) === '['; this.#skipSpace()) {
      this.#at++;
      const first = this.#readBound('"[" must introduce explicitly-specified array dimensions.');
      const hasLower = this.#text.charAt(this.#at) === ':';
      if (hasLower) this.#at++;
      const upper = hasLower ? this.#readBound('Missing array dimension value.') : first;
      if (this.#text.charAt(this.#at) !== ']') throw this.#malformed('Missing "]" after array dimensions.');
      this.#at++;
      const lower = hasLower ? first : 1;
      if (upper < lower) {
        throw new SqlError(SqlState.ArraySubscriptError, 'upper bound cannot be less than lower bound');
      }
      bounds.push({ lower, upper });
    }
    if (bounds.length === 0) return undefined;
    if (this.#text.charAt(this.#at) !== '=') throw this.#malformed('Missing "=" after array dimensions.');
    this.#at++;
    return bounds;
  }

  /** Digits and signs, of which those count that make a number in front. */
  #readBound(missing: string): number {
    const pattern = /[\d+-]*/y;
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    if (text === '') throw this.#malformed(missing);
    this.#at += text.length;
    return Number(/^[+-]?\d+/.exec(text)?.[0] ?? 0);
  }

  /** From the opening brace to behind the closing one. */
  #readDimension(depth: number): void {
    this.#at++;
    let count = 0;
    this.#skipSpace();
    if (this.#text.charAt(this.#at) === '}') {
      // Only the whole array may be empty.
      if (depth > 0 || this.#elements.length > 0) throw this.#malformed('Unexpected "}" character.');
      this.#at++;
      return;
    }
    for (;;) {
      this.#skipSpace();
      if (this.#text.charAt(this.#at) === '{') {
        if (this.#elementDepth === depth) throw this.#malformed('Unexpected "{" character.');
        this.#readDimension(depth + 1);
      } else {
        const character = this.#text.charAt(this.#at);
        if (character === ',' || character === '}') throw this.#malformed(`Unexpected "${character}" character.`);
        if (this.#elementDepth >= 0 && this.#elementDepth !== depth) throw this.#malformed('Unexpected array element.');
        this.#elementDepth = depth;
        this.#elements.push(this.#readItem());
      }
      count++;
      this.#skipSpace();
      const delimiter = this.#text.charAt(this.#at);
      this.#at++;
      if (delimiter === '}') break;
      if (delimiter === '') throw this.#malformed('Unexpected end of input.');
      if (delimiter !== ',') throw this.#malformed('Unexpected array element.');
    }
    const known = this.#dimensions[depth];
    if (known === undefined) this.#dimensions[depth] = count;
    else if (known !== count) throw this.#unevenDimensions();
  }

  #readItem(): string | null {
    if (this.#text.charAt(this.#at) === '"') return this.#readQuoted();
    const start = this.#at;
    let item = '';
    let hasEscape = false;
    let keptLength = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      let character = this.#text.charAt(this.#at);
      if (character === ',' || character === '}') break;
      if (character === '{') throw this.#malformed('Unexpected "{" character.');
      if (character === '"') throw this.#malformed('Unexpected array element.');
      const isEscaped = character === '\\';
      if (isEscaped) {
        hasEscape = true;
        this.#at++;
        character = this.#text.charAt(this.#at);
        if (character === '') throw this.#malformed('Unexpected end of input.');
      }
      item += character;
      if (isEscaped || !/\s/.test(character)) keptLength = item.length;
    }
    item = item.slice(0, keptLength);
    if (item === '') {
      throw this.#malformed(
        this.#at >= this.#text.length
          ? 'Unexpected end of input.'
          : `Unexpected "${this.#text.charAt(this.#at)}" character.`,
      );
    }
    if (!hasEscape && item.length === 4 && item.toUpperCase() === 'NULL') return null;
    if (this.#at >= this.#text.length && start >= 0) throw this.#malformed('Unexpected end of input.');
    return item;
  }

  #readQuoted(): string {
    let item = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === '"') {
        this.#at++;
        return item;
      }
      if (character === '\\') this.#at++;
      item += this.#text.charAt(this.#at);
    }
    throw this.#malformed('Unexpected end of input.');
  }

  #skipSpace(): void {
    while (/[ \t\n\v\f\r]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #unevenDimensions(): SqlError {
    return this.#malformed('Multidimensional arrays must have sub-arrays with matching dimensions.');
  }

  #otherDimensions(): SqlError {
    return this.#malformed('Specified array dimensions do not match array contents.', this.#text);
  }

  #malformed(detail: string, shown = this.#text.slice(this.#contentsAt)): SqlError {
    return new SqlError(SqlState.InvalidTextRepresentation, `malformed array literal: "${shown}"`, { detail });
  }
}
