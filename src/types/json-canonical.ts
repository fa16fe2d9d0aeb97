import { compareUtf8 } from './compare-utf8.ts';
import { jsonStringAt, MAX_JSON_DEPTH, quoteJson, skipJsonSpace } from './json-text.ts';
import { Numeric } from './numeric.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;
/** Numbers of fewer digits are within what numeric holds. */
const MAX_PLAIN_DIGITS = 999;
/** Members may be moved to their places as long as no more is moved than this many times the text. */
const MAX_MOVES = 4;
const MIN_MOVES = 65_536;

/**
 * The canonical form of a JSON text, written in one walk over it, without taking it apart. undefined for what is no JSON,
 * what jsonb refuses, and for objects that nest deeply with their members in disorder: these have a longer way.
 */
export function canonicalForm(text: string): string | undefined {
  try {
    return new CanonicalWriter(text).write();
  } catch (error) {
    if (error === OUT_OF_THE_WAY) return undefined;
    throw error;
  }
}

/** Leaves the writer from any depth. */
const OUT_OF_THE_WAY = new Error('not a plain JSON text');

/** Where a member of an object stands in the output. */
interface Members {
  readonly keys: string[];
  /** From the key's quote to behind the value, by member. */
  readonly starts: number[];
  readonly ends: number[];
}

class CanonicalWriter {
  readonly #text: string;
  #at = 0;
  /** UTF-16 units. */
  #output: Uint16Array;
  #length = 0;
  /** All units that were written, or'ed. */
  #units = 0;
  #depth = 0;
  #movesLeft: number;

  constructor(text: string) {
    this.#text = text;
    this.#output = new Uint16Array(Math.max(64, Math.ceil(text.length * 1.25)));
    this.#movesLeft = text.length * MAX_MOVES + MIN_MOVES;
  }

  write(): string {
    this.#at = skipJsonSpace(this.#text, 0);
    this.#value();
    if (skipJsonSpace(this.#text, this.#at) < this.#text.length) throw OUT_OF_THE_WAY;
    const units = this.#output.subarray(0, this.#length);
    if (this.#units < 256) return Buffer.from(new Uint8Array(units).buffer).toString('latin1');
    return Buffer.from(units.buffer, 0, units.byteLength).toString('utf16le');
  }

  #value(): void {
    switch (this.#text.charCodeAt(this.#at)) {
      case OPEN_BRACE:
        this.#nested(() => this.#object());
        break;
      case OPEN_BRACKET:
        this.#nested(() => this.#array());
        break;
      case QUOTE:
        this.#string();
        break;
      case 0x74:
        this.#word('true');
        break;
      case 0x66:
        this.#word('false');
        break;
      case 0x6e:
        this.#word('null');
        break;
      default:
        this.#number();
    }
  }

  #nested(write: () => void): void {
    this.#depth += 1;
    if (this.#depth > MAX_JSON_DEPTH) throw OUT_OF_THE_WAY;
    write();
    this.#depth -= 1;
  }

  #array(): void {
    const text = this.#text;
    this.#put(OPEN_BRACKET);
    this.#at = skipJsonSpace(text, this.#at + 1);
    if (text.charCodeAt(this.#at) === CLOSE_BRACKET) this.#at += 1;
    else {
      for (;;) {
        this.#value();
        this.#at = skipJsonSpace(text, this.#at);
        const next = text.charCodeAt(this.#at);
        this.#at += 1;
        if (next === CLOSE_BRACKET) break;
        if (next !== COMMA) throw OUT_OF_THE_WAY;
        this.#put(COMMA);
        this.#put(SPACE);
        this.#at = skipJsonSpace(text, this.#at);
      }
    }
    this.#put(CLOSE_BRACKET);
  }

  #object(): void {
    const text = this.#text;
    this.#put(OPEN_BRACE);
    this.#at = skipJsonSpace(text, this.#at + 1);
    if (text.charCodeAt(this.#at) === CLOSE_BRACE) this.#at += 1;
    else {
      const members: Members = { keys: [], starts: [], ends: [] };
      let isInOrder = true;
      for (;;) {
        if (text.charCodeAt(this.#at) !== QUOTE) throw OUT_OF_THE_WAY;
        members.starts.push(this.#length);
        const key = this.#string();
        const before = members.keys[members.keys.length - 1];
        if (isInOrder && before !== undefined && compareKeys(before, key) >= 0) isInOrder = false;
        members.keys.push(key);
        this.#at = skipJsonSpace(text, this.#at);
        if (text.charCodeAt(this.#at) !== COLON) throw OUT_OF_THE_WAY;
        this.#put(COLON);
        this.#put(SPACE);
        this.#at = skipJsonSpace(text, this.#at + 1);
        this.#value();
        members.ends.push(this.#length);
        this.#at = skipJsonSpace(text, this.#at);
        const next = text.charCodeAt(this.#at);
        this.#at += 1;
        if (next === CLOSE_BRACE) break;
        if (next !== COMMA) throw OUT_OF_THE_WAY;
        this.#put(COMMA);
        this.#put(SPACE);
        this.#at = skipJsonSpace(text, this.#at);
      }
      if (!isInOrder) this.#order(members);
    }
    this.#put(CLOSE_BRACE);
  }

  /** Writes the members anew in the order of their keys; of equal ones the last. */
  #order({ keys, starts, ends }: Members): void {
    const from = starts[0];
    this.#movesLeft -= this.#length - from;
    if (this.#movesLeft < 0) throw OUT_OF_THE_WAY;
    const written = this.#output.slice(from, this.#length);
    const lengths = Uint32Array.from(keys, utf8Length);
    const order = Uint32Array.from(keys.keys()).sort(
      (left, right) => lengths[left] - lengths[right] || compareText(keys[left], keys[right]) || left - right,
    );
    this.#length = from;
    for (let at = 0; at < order.length; at++) {
      const member = order[at];
      if (at + 1 < order.length && keys[order[at + 1]] === keys[member]) continue;
      if (this.#length > from) {
        this.#put(COMMA);
        this.#put(SPACE);
      }
      this.#output.set(written.subarray(starts[member] - from, ends[member] - from), this.#length);
      this.#length += ends[member] - starts[member];
    }
  }

  /** Returns the characters. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let units = 0;
    let isEscaped = false;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      // Behind the end of the text there is NaN.
      if (!(code >= SPACE)) throw OUT_OF_THE_WAY;
      units |= code;
      if (code !== BACKSLASH) continue;
      isEscaped = true;
      at += 1;
    }
    this.#at = at + 1;
    if (isEscaped || (units & 0xd800) === 0xd800) return this.#rewritten(start, at + 1);
    this.#copy(start, at + 1, units);
    return text.slice(start + 1, at);
  }

  /** A string whose canonical form may be another. */
  #rewritten(start: number, end: number): string {
    let characters: string;
    try {
      characters = jsonStringAt(this.#text, start, end);
    } catch {
      throw OUT_OF_THE_WAY;
    }
    this.#append(quoteJson(characters));
    return characters;
  }

  #word(word: string): void {
    if (!this.#text.startsWith(word, this.#at)) throw OUT_OF_THE_WAY;
    this.#copy(this.#at, this.#at + word.length, 0);
    this.#at += word.length;
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    const isNegative = text.charCodeAt(at) === MINUS;
    if (isNegative) at += 1;
    const first = text.charCodeAt(at);
    const wholeEnd = endOfDigits(text, at);
    if (wholeEnd === at || (first === ZERO && wholeEnd > at + 1)) throw OUT_OF_THE_WAY;
    let isPlain = !(isNegative && first === ZERO) && wholeEnd - at <= MAX_PLAIN_DIGITS;
    at = wholeEnd;
    if (text.charCodeAt(at) === POINT) {
      const end = endOfDigits(text, at + 1);
      if (end === at + 1) throw OUT_OF_THE_WAY;
      if (end - at > MAX_PLAIN_DIGITS) isPlain = false;
      at = end;
    }
    if ((text.charCodeAt(at) | SPACE) === 0x65) {
      isPlain = false;
      at += 1;
      const sign = text.charCodeAt(at);
      if (sign === MINUS || sign === 0x2b) at += 1;
      const end = endOfDigits(text, at);
      if (end === at) throw OUT_OF_THE_WAY;
      at = end;
    }
    this.#at = at;
    if (isPlain) this.#copy(start, at, 0);
    else this.#append(numericText(text.slice(start, at)));
  }

  #put(unit: number): void {
    if (this.#length === this.#output.length) this.#reserve(1);
    this.#output[this.#length++] = unit;
  }

  #copy(from: number, to: number, units: number): void {
    if (this.#length + to - from > this.#output.length) this.#reserve(to - from);
    const text = this.#text;
    const output = this.#output;
    let length = this.#length;
    for (let at = from; at < to; at++) output[length++] = text.charCodeAt(at);
    this.#length = length;
    this.#units |= units;
  }

  #append(written: string): void {
    if (this.#length + written.length > this.#output.length) this.#reserve(written.length);
    let units = 0;
    for (let at = 0; at < written.length; at++) {
      const unit = written.charCodeAt(at);
      units |= unit;
      this.#output[this.#length++] = unit;
    }
    this.#units |= units;
  }

  #reserve(count: number): void {
    const larger = new Uint16Array(Math.max(this.#output.length * 2, this.#length + count));
    larger.set(this.#output);
    this.#output = larger;
  }
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= 0x39)) return at;
  }
}

function numericText(word: string): string {
  try {
    return Numeric.parse(word).toString();
  } catch {
    throw OUT_OF_THE_WAY;
  }
}

/** jsonb's order of keys: by bytes of length, then by bytes. */
function compareKeys(left: string, right: string): number {
  return utf8Length(left) - utf8Length(right) || compareText(left, right);
}

/** Texts of one length in bytes. */
function compareText(left: string, right: string): number {
  return left === right ? 0 : compareUtf8(left, right);
}

function utf8Length(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}
