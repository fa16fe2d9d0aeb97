import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';

/** A pattern in RE2's syntax. */
export interface TranslatedPattern {
  readonly source: string;
  readonly ignoresCase: boolean;
  /** The pattern is one literal (`***=`); flags are not part of the source then. */
  readonly isLiteral: boolean;
  readonly hasWordBoundary: boolean;
}

/**
 * Rewrites PostgreSQL's advanced regular expressions (its manual, 9.7.3) for RE2. The dialects share most of their
 * syntax; what differs is rewritten here, and what RE2 cannot do in linear time is refused with 0A000.
 */
export function translateRegularExpression(
  pattern: string,
  { ignoreCase }: { readonly ignoreCase: boolean },
): TranslatedPattern {
  let body = pattern;
  if (body.startsWith('***=')) {
    const source = quote(body.slice(4));
    return { source, ignoresCase: ignoreCase, isLiteral: true, hasWordBoundary: false };
  }
  if (body.startsWith('***:')) body = body.slice(4);
  else if (body.startsWith('***')) throw invalid('quantifier operand invalid');
  const options: EmbeddedOptions = { ignoreCase, lineMode: 'none', isQuoted: false };
  const embedded = /^\(\?([a-z]+)\)/.exec(body);
  if (embedded !== null) {
    readOptions(embedded[1]!, options);
    body = body.slice(embedded[0].length);
  }
  if (options.isQuoted) {
    return { source: quote(body), ignoresCase: options.ignoreCase, isLiteral: true, hasWordBoundary: false };
  }
  const translator = new Translator(body, options);
  const source = translator.run();
  const { lineMode } = options;
  const flags =
    (options.ignoreCase ? 'i' : '') +
    (lineMode === 'none' || lineMode === 'anchors' ? 's' : '') +
    (lineMode === 'full' || lineMode === 'anchors' ? 'm' : '');
  return {
    source: flags === '' ? source : `(?${flags})${source}`,
    ignoresCase: options.ignoreCase,
    isLiteral: false,
    hasWordBoundary: translator.hasWordBoundary,
  };
}

function invalid(reason: string): SqlError {
  return new SqlError(SqlState.InvalidRegularExpression, `invalid regular expression: ${reason}`);
}

function quote(literal: string): string {
  return literal.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/** Newlines end lines for both `.` and anchors ('full'), for `.` and brackets only ('dots'), or for anchors only. */
interface EmbeddedOptions {
  ignoreCase: boolean;
  lineMode: 'none' | 'full' | 'dots' | 'anchors';
  isQuoted: boolean;
}

function readOptions(letters: string, options: EmbeddedOptions): void {
  for (const letter of letters) {
    if (letter === 'c') options.ignoreCase = false;
    else if (letter === 'i') options.ignoreCase = true;
    else if (letter === 'm' || letter === 'n') options.lineMode = 'full';
    else if (letter === 'p') options.lineMode = 'dots';
    else if (letter === 's') options.lineMode = 'none';
    else if (letter === 'w') options.lineMode = 'anchors';
    else if (letter === 'q') options.isQuoted = true;
    else if (letter === 'b' || letter === 'e' || letter === 'x') {
      throw notSupported(`regular expression option "${letter}"`);
    } else if (letter !== 't') throw invalid('invalid embedded option');
  }
}

/** What PostgreSQL's locale-aware classes hold in C.UTF-8, as the inside of an RE2 bracket. */
const classes: Readonly<Record<string, string>> = {
  alpha: '\\p{L}\\p{Nl}\\p{Mn}\\p{Mc}',
  alnum: '\\p{L}\\p{N}\\p{Mn}\\p{Mc}',
  blank: ' \\t\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{205f}\\x{3000}',
  cntrl: '\\p{Cc}',
  digit: '0-9',
  graph: '\\p{L}\\p{N}\\p{M}\\p{P}\\p{S}',
  lower: '\\p{Ll}',
  print: ' \\p{L}\\p{N}\\p{M}\\p{P}\\p{S}',
  punct: '\\p{P}\\p{S}',
  space: '\\t-\\r \\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{2028}\\x{2029}\\x{205f}\\x{3000}',
  upper: '\\p{Lu}',
  word: '\\p{L}\\p{N}\\p{Mn}\\p{Mc}_',
  xdigit: '0-9A-Fa-f',
};

const classEscapes: Readonly<Record<string, string>> = { d: 'digit', s: 'space', w: 'word' };
const controlEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};
const MAX_REPETITION = 255;

/** The state of one translation: a position in the pattern and whether a quantifier may follow. */
class Translator {
  hasWordBoundary = false;
  readonly #pattern: string;
  readonly #excludesNewline: boolean;
  #position = 0;
  #depth = 0;
  #groupCount = 0;

  constructor(pattern: string, options: EmbeddedOptions) {
    this.#pattern = pattern;
    this.#excludesNewline = options.lineMode === 'full' || options.lineMode === 'dots';
  }

  run(): string {
    return this.#alternatives();
  }

  get #next(): string | undefined {
    return this.#pattern[this.#position];
  }

  #alternatives(): string {
    let source = '';
    let mayQuantify = false;
    for (;;) {
      const character = this.#next;
      if (character === undefined) return source;
      if (character === ')') {
        if (this.#depth > 0) return source;
        throw invalid('parentheses () not balanced');
      }
      if (character === '|') {
        this.#position++;
        source += '|';
        mayQuantify = false;
      } else if (this.#isQuantifier()) {
        if (!mayQuantify) throw invalid('quantifier operand invalid');
        source += this.#quantifier();
        mayQuantify = false;
      } else {
        const start = this.#position;
        source += this.#atom();
        const isConstraint =
          character === '^' || character === '$' || /^\\[AZyY]/.test(this.#pattern.slice(start, start + 2));
        mayQuantify = !isConstraint;
      }
    }
  }

  #isQuantifier(): boolean {
    const character = this.#next;
    if (character === '*' || character === '+' || character === '?') return true;
    return character === '{' && /[0-9]/.test(this.#pattern[this.#position + 1] ?? '');
  }

  #quantifier(): string {
    let quantifier = this.#next!;
    if (quantifier === '{') {
      const bounds = /^\{(\d+)(,(\d*))?\}/.exec(this.#pattern.slice(this.#position));
      if (bounds === null) throw invalid('invalid repetition count(s)');
      const [text, least, , most] = bounds;
      const hasMost = most !== undefined && most !== '';
      if (
        Number(least) > MAX_REPETITION ||
        (hasMost && (Number(most) > MAX_REPETITION || Number(most) < Number(least)))
      ) {
        throw invalid('invalid repetition count(s)');
      }
      quantifier = text;
    }
    this.#position += quantifier.length;
    if (this.#next === '?') {
      this.#position++;
      return `${quantifier}?`;
    }
    return quantifier;
  }

  #atom(): string {
    const character = String.fromCodePoint(this.#pattern.codePointAt(this.#position)!);
    this.#position += character.length;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#bracket();
      case '\\':
        return this.#escape();
      case '.':
      case '^':
      case '$':
        return character;
      default:
        return quote(character);
    }
  }

  #group(): string {
    let opening = '(';
    if (this.#next === '?') {
      const kind = this.#pattern.slice(this.#position, this.#position + 3);
      if (kind.startsWith('?=') || kind.startsWith('?!')) throw notSupported('lookahead in a regular expression');
      if (kind.startsWith('?<=') || kind.startsWith('?<!')) throw notSupported('lookbehind in a regular expression');
      if (!kind.startsWith('?:')) throw invalid('quantifier operand invalid');
      this.#position += 2;
      opening = '(?:';
    } else this.#groupCount++;
    this.#depth++;
    const inside = this.#alternatives();
    if (this.#next !== ')') throw invalid('parentheses () not balanced');
    this.#position++;
    this.#depth--;
    return `${opening}${inside})`;
  }

  #escape(): string {
    const character = this.#next;
    if (character === undefined) throw invalid('invalid escape \\ sequence');
    if (/[1-9]/.test(character)) {
      const digits = /^[1-9][0-9]*/.exec(this.#pattern.slice(this.#position))![0];
      if (digits.length === 1 || Number(digits) <= this.#groupCount) {
        if (Number(digits) > this.#groupCount) throw invalid('invalid backreference number');
        throw notSupported('a back reference in a regular expression');
      }
    }
    const lower = character.toLowerCase();
    if (classEscapes[lower] !== undefined) {
      this.#position++;
      return `[${character === lower ? '' : '^'}${classes[classEscapes[lower]]}]`;
    }
    switch (character) {
      case 'A':
        this.#position++;
        return '\\A';
      case 'Z':
        this.#position++;
        return '\\z';
      case 'y':
      case 'Y':
        this.#position++;
        this.hasWordBoundary = true;
        return character === 'y' ? '\\b' : '\\B';
      case 'm':
      case 'M':
        throw notSupported(`the word constraint \\${character} in a regular expression`);
      default:
        return quoteCodePoint(this.#characterEscape());
    }
  }

  /** The code point behind `\x…`, with the position after the backslash. */
  #characterEscape(): number {
    const rest = this.#pattern.slice(this.#position);
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    const control = controlEscapes[character];
    if (control !== undefined) {
      this.#position++;
      return control;
    }
    const numeric = /^(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]+))/.exec(rest);
    if (numeric !== null) {
      this.#position += numeric[0].length;
      const codePoint = Number.parseInt(numeric[1] ?? numeric[2] ?? numeric[3]!, 16);
      if (codePoint > 0x10ffff) throw invalid('invalid escape \\ sequence');
      return codePoint;
    }
    const octal = /^[0-7]{1,3}/.exec(rest);
    if (octal !== null) {
      this.#position += octal[0].length;
      return Number.parseInt(octal[0], 8);
    }
    if (character === 'c' && rest.length > 1) {
      this.#position += 2;
      return rest.charCodeAt(1) & 31;
    }
    if (character === 'B') {
      this.#position++;
      return 92;
    }
    if (/[A-Za-z0-9]/.test(character)) throw invalid('invalid escape \\ sequence');
    this.#position += character.length;
    return character.codePointAt(0)!;
  }

  #bracket(): string {
    if (/^\[:[<>]:\]\]/.test(this.#pattern.slice(this.#position))) {
      throw notSupported('the word constraints [[:<:]] and [[:>:]] in a regular expression');
    }
    let inside = '';
    const isNegated = this.#next === '^';
    if (isNegated) {
      this.#position++;
      if (this.#excludesNewline) inside += '\\n';
    }
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#next;
      if (character === undefined) throw invalid('brackets [] not balanced');
      if (character === ']' && !isFirst) break;
      inside += this.#bracketElement();
    }
    this.#position++;
    return `[${isNegated ? '^' : ''}${inside}]`;
  }

  #bracketElement(): string {
    const named = /^\[:([a-z]*):\]/.exec(this.#pattern.slice(this.#position));
    if (named !== null) {
      const members = classes[named[1]!];
      if (members === undefined) throw invalid('invalid character class');
      this.#position += named[0].length;
      return members;
    }
    const classEscape = /^\\([dswDSW])/.exec(this.#pattern.slice(this.#position));
    if (classEscape !== null) {
      const letter = classEscape[1]!;
      if (letter !== letter.toLowerCase()) throw notSupported(`\\${letter} within brackets of a regular expression`);
      this.#position += 2;
      return classes[classEscapes[letter]!]!;
    }
    const low = this.#bracketCharacter();
    const isRange =
      this.#next === '-' && this.#pattern[this.#position + 1] !== ']' && this.#position + 1 < this.#pattern.length;
    if (!isRange) return quoteCodePoint(low);
    this.#position++;
    const high = this.#bracketCharacter();
    if (high < low) throw invalid('invalid character range');
    return `${quoteCodePoint(low)}-${quoteCodePoint(high)}`;
  }

  #bracketCharacter(): number {
    const rest = this.#pattern.slice(this.#position);
    const collating = /^\[([.=])(.)\1\]/su.exec(rest);
    if (collating !== null) {
      this.#position += collating[0].length;
      return collating[2]!.codePointAt(0)!;
    }
    if (rest.startsWith('[.') || rest.startsWith('[=')) throw notSupported('a collating element of several characters');
    if (rest.startsWith('\\')) {
      this.#position++;
      if (this.#next === undefined) throw invalid('invalid escape \\ sequence');
      return this.#characterEscape();
    }
    const codePoint = rest.codePointAt(0)!;
    this.#position += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }
}

function quoteCodePoint(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  return /[A-Za-z0-9]/.test(character) ? character : `\\x{${codePoint.toString(16)}}`;
}
