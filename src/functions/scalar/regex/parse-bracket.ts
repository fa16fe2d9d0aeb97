import { CharacterSet, isClassName } from './character-set.ts';
import { readEscape } from './pattern-escape.ts';
import { invalidRegex } from './regex-error.ts';
import type { RegexOptions } from './regex-options.ts';

/** Names of collating elements beside the characters themselves. */
const COLLATING_NAMES: Readonly<Record<string, number>> = {
  NUL: 0,
  tab: 9,
  newline: 10,
  'vertical-tab': 11,
  'form-feed': 12,
  'carriage-return': 13,
  space: 32,
  'exclamation-mark': 33,
  'quotation-mark': 34,
  'number-sign': 35,
  'dollar-sign': 36,
  'percent-sign': 37,
  ampersand: 38,
  apostrophe: 39,
  'left-parenthesis': 40,
  'right-parenthesis': 41,
  asterisk: 42,
  'plus-sign': 43,
  comma: 44,
  hyphen: 45,
  'hyphen-minus': 45,
  period: 46,
  'full-stop': 46,
  slash: 47,
  solidus: 47,
  colon: 58,
  semicolon: 59,
  'less-than-sign': 60,
  'equals-sign': 61,
  'greater-than-sign': 62,
  'question-mark': 63,
  'commercial-at': 64,
  'left-square-bracket': 91,
  backslash: 92,
  'reverse-solidus': 92,
  'right-square-bracket': 93,
  circumflex: 94,
  'circumflex-accent': 94,
  underscore: 95,
  'low-line': 95,
  'grave-accent': 96,
  'left-brace': 123,
  'left-curly-bracket': 123,
  'vertical-line': 124,
  'right-brace': 125,
  'right-curly-bracket': 125,
  tilde: 126,
};

/** A digit alone behind a backslash would refer to a group, which has no place in brackets; several are octal. */
const LONE_DIGIT = 9;

/** A bracket expression whose opening bracket ends at `start`; `end` is behind its closing bracket. */
export function parseBracket(
  pattern: string,
  start: number,
  options: RegexOptions,
): { readonly set: CharacterSet; readonly end: number } {
  const reader = new BracketReader(pattern, start, options);
  const set = reader.read();
  return { set, end: reader.position };
}

class BracketReader {
  position: number;
  readonly #pattern: string;
  readonly #options: RegexOptions;
  readonly #set: CharacterSet;

  constructor(pattern: string, start: number, options: RegexOptions) {
    this.#pattern = pattern;
    this.position = start;
    this.#options = options;
    this.#set = new CharacterSet(options.ignoresCase);
  }

  read(): CharacterSet {
    const isNegated = this.#pattern[this.position] === '^';
    if (isNegated) this.position++;
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#pattern[this.position];
      if (character === undefined) throw invalidRegex('brackets [] not balanced');
      if (character === ']' && !isFirst) break;
      if (character === '-' && !isFirst && this.#pattern[this.position + 1] !== ']') {
        throw invalidRegex('invalid character range');
      }
      this.#element();
    }
    this.position++;
    return isNegated ? this.#set.negate({ excludesNewline: this.#options.stopsAtNewline }) : this.#set;
  }

  #element(): void {
    if (this.#classElement()) {
      if (this.#isRangeSign()) throw invalidRegex('invalid character range');
      return;
    }
    const low = this.#character();
    if (!this.#isRangeSign()) {
      this.#set.addRange(low);
      return;
    }
    this.position++;
    if (/^\[[:=]/.test(this.#rest())) throw invalidRegex('invalid character range');
    const high = this.#character();
    if (high < low) throw invalidRegex('invalid character range');
    this.#set.addRange(low, high);
  }

  #rest(): string {
    return this.#pattern.slice(this.position);
  }

  #isRangeSign(): boolean {
    const next = this.#pattern[this.position + 1];
    return this.#pattern[this.position] === '-' && next !== ']' && next !== undefined;
  }

  /** `[:alpha:]`, `[=a=]`, `\d`. */
  #classElement(): boolean {
    const rest = this.#rest();
    if (rest.startsWith('[:')) {
      const name = this.#delimited(':');
      if (!isClassName(name)) throw invalidRegex('invalid character class');
      this.#set.addClass(name);
      return true;
    }
    if (rest.startsWith('[=')) {
      this.#set.addRange(collatingElement(this.#delimited('=')));
      return true;
    }
    if (!rest.startsWith('\\') || this.#options.dialect !== 'advanced') return false;
    const escaped = readEscape(rest.slice(1), LONE_DIGIT);
    if (escaped.kind !== 'class') return false;
    this.position += 1 + escaped.length;
    this.#set.addClass(escaped.name, escaped.isComplement);
    return true;
  }

  #character(): number {
    const rest = this.#rest();
    if (rest.startsWith('[.')) return collatingElement(this.#delimited('.'));
    if (rest.startsWith('\\') && this.#options.dialect === 'advanced') {
      const escaped = readEscape(rest.slice(1), LONE_DIGIT);
      if (escaped.kind === 'class') throw invalidRegex('invalid character range');
      if (escaped.kind !== 'character') throw invalidRegex('invalid escape \\ sequence');
      this.position += 1 + escaped.length;
      return escaped.code;
    }
    const code = rest.codePointAt(0);
    if (code === undefined) throw invalidRegex('brackets [] not balanced');
    this.position += code > 0xffff ? 2 : 1;
    return code;
  }

  /** What stands between `[:` and `:]`. */
  #delimited(sign: string): string {
    const end = this.#pattern.indexOf(`${sign}]`, this.position + 2);
    if (end < 0) throw invalidRegex('brackets [] not balanced');
    const name = this.#pattern.slice(this.position + 2, end);
    this.position = end + 2;
    return name;
  }
}

function collatingElement(name: string): number {
  const code = name.codePointAt(0);
  if (code !== undefined && name.length === (code > 0xffff ? 2 : 1)) return code;
  const named = Object.hasOwn(COLLATING_NAMES, name) ? COLLATING_NAMES[name] : undefined;
  if (named === undefined) throw invalidRegex('invalid collating element');
  return named;
}
