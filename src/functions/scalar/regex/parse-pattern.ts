import { notSupported } from '../../../errors/sql-error.ts';
import { CharacterSet } from './character-set.ts';
import { parseBracket } from './parse-bracket.ts';
import { readEscape } from './pattern-escape.ts';
import {
  emptyNode,
  joined,
  LONGEST,
  NO_PREFERENCE,
  type Pattern,
  type PatternNode,
  type PlaceTest,
  SHORTEST,
} from './pattern-tree.ts';
import { invalidRegex } from './regex-error.ts';
import { type RegexOptions, withOption } from './regex-options.ts';
import { type Quantifier, repeated, sequence } from './repeated-node.ts';

const MAX_REPETITION = 255;
const MAX_CONDITIONS = 30;
const MAX_DEPTH = 1000;

/** Reads a pattern of PostgreSQL's (the manual, 9.7.3). Throws 2201B for what is none, 0A000 for back references. */
export function parsePattern(text: string, options: RegexOptions): Pattern {
  const director = readDirector(text, options);
  return new PatternParser(director.body, director.options).parse();
}

/** `***:`, `***=` and `(?i)` in front of a pattern. */
function readDirector(text: string, options: RegexOptions): { body: string; options: RegexOptions } {
  if (options.dialect === 'literal') return { body: text, options };
  if (text.startsWith('***=')) return { body: text.slice(4), options: { ...options, dialect: 'literal' } };
  let body = text;
  let chosen = options;
  if (text.startsWith('***:')) {
    body = text.slice(4);
    chosen = { ...options, dialect: 'advanced' };
  } else if (text.startsWith('***')) throw invalidRegex('quantifier operand invalid');
  if (chosen.dialect !== 'advanced' || !/^\(\?[A-Za-z]/.test(body)) return { body, options: chosen };
  const letters = /^\(\?([A-Za-z]+)/.exec(body)?.[1] ?? '';
  if (body[2 + letters.length] !== ')') throw invalidRegex('invalid embedded option');
  for (const letter of letters) {
    const next = withOption(chosen, letter);
    if (next === undefined) throw invalidRegex('invalid embedded option');
    chosen = next;
  }
  return { body: body.slice(letters.length + 3), options: chosen };
}

class PatternParser {
  readonly #text: string;
  readonly #options: RegexOptions;
  readonly #sets: CharacterSet[] = [];
  readonly #setNumbers = new Map<string, number>();
  readonly #conditions: PlaceTest[] = [];
  #position = 0;
  #groupCount = 0;
  /** Groups that are complete. */
  #closedGroups = 0;
  #depth = 0;
  /** The atom that was read last stands in parentheses: even a condition may be repeated then. */
  #endsGroup = false;
  /** Within a look-around parentheses do not capture. */
  #isLooking = false;

  constructor(text: string, options: RegexOptions) {
    this.#text = text;
    this.#options = options;
  }

  parse(): Pattern {
    const root = this.#options.dialect === 'literal' ? this.#literal() : this.#alternatives(false);
    return { root, sets: this.#sets, conditions: this.#conditions, groupCount: this.#groupCount };
  }

  #literal(): PatternNode {
    if (this.#text === '') return emptyNode;
    return sequence(Array.from(this.#text, (character) => this.#characterNode(character.codePointAt(0) ?? 0)));
  }

  #looksAt(text: string): boolean {
    return this.#text.startsWith(text, this.#position);
  }

  get #isBasic(): boolean {
    return this.#options.dialect === 'basic';
  }

  get #isAdvanced(): boolean {
    return this.#options.dialect === 'advanced';
  }

  #alternatives(isInGroup: boolean): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw invalidRegex('regular expression is too complex');
    const branches = [this.#branch(isInGroup)];
    while (!this.#isBasic && this.#looksAt('|')) {
      this.#position++;
      branches.push(this.#branch(isInGroup));
    }
    this.#depth--;
    if (branches.length === 1) return branches[0];
    return { kind: 'choice', branches, ...joined(branches, LONGEST) };
  }

  #isAtEnd(isInGroup: boolean): boolean {
    this.#skipBlanks();
    if (this.#position >= this.#text.length) return true;
    if (this.#isBasic) return isInGroup && this.#looksAt('\\)');
    if (this.#looksAt('|')) return true;
    if (!this.#looksAt(')')) return false;
    if (isInGroup) return true;
    // A lone parenthesis is an ordinary character of the extended dialect only.
    if (this.#isAdvanced) throw invalidRegex('parentheses () not balanced');
    return false;
  }

  /**
   * Parts whose lengths are chosen alike run together into one; what captures, or is chosen the other way, stands for
   * itself. Which text a group captures depends on that.
   */
  #branch(isInGroup: boolean): PatternNode {
    const parts: PatternNode[] = [];
    let run: PatternNode[] = [];
    let runPreferences = joined([]);
    const endRun = (): void => {
      if (run.length > 0) parts.push(sequence(run));
      run = [];
      runPreferences = joined([]);
    };
    let isStart = true;
    while (!this.#isAtEnd(isInGroup)) {
      const part = this.#quantified(isStart, isInGroup);
      isStart = false;
      const merged = joined([runPreferences, part]);
      if (part.hasCapture || merged.isMixed) {
        endRun();
        parts.push(part);
      } else {
        run.push(part);
        runPreferences = merged;
      }
    }
    endRun();
    if (parts.length === 0) return emptyNode;
    return parts.length === 1 ? parts[0] : sequence(parts);
  }

  #quantified(isStart: boolean, isInGroup: boolean): PatternNode {
    this.#endsGroup = false;
    const atom = this.#atom(isStart, isInGroup);
    const mayRepeat = atom.kind !== 'condition' || this.#endsGroup;
    this.#skipBlanks();
    if (!mayRepeat && this.#isAtQuantifier()) throw invalidRegex('quantifier operand invalid');
    const quantifier = this.#quantifier();
    if (quantifier === undefined) return atom;
    this.#skipBlanks();
    if (this.#isAtQuantifier()) throw invalidRegex('quantifier operand invalid');
    return repeated(atom, quantifier);
  }

  /** White space and comments, where they count for nothing. */
  #skipBlanks(): void {
    for (;;) {
      const rest = this.#text.slice(this.#position, this.#position + 3);
      if (this.#isAdvanced && rest === '(?#') {
        const end = this.#text.indexOf(')', this.#position);
        this.#position = end < 0 ? this.#text.length : end + 1;
      } else if (this.#options.isExpanded && /^\s/.test(rest)) this.#position++;
      else if (this.#options.isExpanded && rest.startsWith('#')) {
        const end = this.#text.indexOf('\n', this.#position);
        this.#position = end < 0 ? this.#text.length : end;
      } else return;
    }
  }

  #isAtQuantifier(): boolean {
    const sign = this.#text.charAt(this.#position);
    return sign === '*' || (!this.#isBasic && (sign === '+' || sign === '?')) || this.#isAtBraces();
  }

  /** `{` before a digit, or in the basic dialect `\{`. */
  #isAtBraces(): boolean {
    if (this.#isBasic) return this.#looksAt('\\{');
    return /^\{[0-9]/.test(this.#text.slice(this.#position, this.#position + 2));
  }

  #quantifier(): Quantifier | undefined {
    const sign = this.#text[this.#position];
    if (sign === '*' || (!this.#isBasic && (sign === '+' || sign === '?'))) {
      this.#position++;
      return {
        least: sign === '+' ? 1 : 0,
        most: sign === '?' ? 1 : Number.POSITIVE_INFINITY,
        preference: this.#lengthSign(),
      };
    }
    if (!this.#isAtBraces()) return undefined;
    this.#position += this.#isBasic ? 2 : 1;
    const least = this.#count();
    let most = least;
    const hasMost = this.#looksAt(',');
    if (hasMost) {
      this.#position++;
      const isOpen = !/[0-9]/.test(this.#text[this.#position] ?? '');
      most = isOpen ? Number.POSITIVE_INFINITY : this.#count();
      if (most < least) throw invalidRegex('invalid repetition count(s)');
    }
    const closing = this.#isBasic ? '\\}' : '}';
    if (!this.#looksAt(closing)) {
      throw invalidRegex(
        this.#position >= this.#text.length ? 'braces {} not balanced' : 'invalid repetition count(s)',
      );
    }
    this.#position += closing.length;
    const preference = this.#lengthSign();
    return { least, most, preference: hasMost ? preference : NO_PREFERENCE };
  }

  #count(): number {
    const digits = /^[0-9]+/.exec(this.#text.slice(this.#position, this.#position + 10))?.[0];
    if (digits === undefined || Number(digits) > MAX_REPETITION) {
      throw invalidRegex(
        this.#position >= this.#text.length ? 'braces {} not balanced' : 'invalid repetition count(s)',
      );
    }
    this.#position += digits.length;
    return Number(digits);
  }

  #lengthSign(): number {
    if (!this.#isAdvanced || !this.#looksAt('?')) return LONGEST;
    this.#position++;
    return SHORTEST;
  }

  #atom(isStart: boolean, isInGroup: boolean): PatternNode {
    const code = this.#text.codePointAt(this.#position) ?? 0;
    const character = String.fromCodePoint(code);
    if (this.#isBasic) return this.#basicAtom(character, isStart, isInGroup);
    switch (character) {
      case '*':
      case '+':
      case '?':
        throw invalidRegex('quantifier operand invalid');
      case '(':
        return this.#parenthesis();
      case '^':
        this.#position++;
        return this.#conditionNode(this.#options.hasLineAnchors ? 'lineStart' : 'textStart');
      case '$':
        this.#position++;
        return this.#conditionNode(this.#options.hasLineAnchors ? 'lineEnd' : 'textEnd');
      case '{':
        if (/[0-9]/.test(this.#text[this.#position + 1] ?? '')) throw invalidRegex('quantifier operand invalid');
        break;
      default:
    }
    return this.#commonAtom(character);
  }

  /** In the basic dialect signs are special only where they can mean something. */
  #basicAtom(character: string, isStart: boolean, isInGroup: boolean): PatternNode {
    if (character === '^' && isStart) {
      this.#position++;
      return this.#conditionNode(this.#options.hasLineAnchors ? 'lineStart' : 'textStart');
    }
    const rest = this.#text.slice(this.#position + 1);
    if (character === '$' && (rest === '' || (isInGroup && rest.startsWith('\\)')))) {
      this.#position++;
      return this.#conditionNode(this.#options.hasLineAnchors ? 'lineEnd' : 'textEnd');
    }
    if (character !== '\\') return this.#commonAtom(character);
    switch (rest[0]) {
      case '(':
        this.#position += 2;
        return this.#group('\\)');
      case ')':
        throw invalidRegex('parentheses () not balanced');
      case '<':
      case '>':
        this.#position += 2;
        return this.#conditionNode(rest[0] === '<' ? 'wordStart' : 'wordEnd');
      case '{':
        throw invalidRegex('quantifier operand invalid');
      default:
        return this.#commonAtom(character);
    }
  }

  #commonAtom(character: string): PatternNode {
    if (character === '[') return this.#bracket();
    if (character === '\\') return this.#escape();
    this.#position += character.length;
    if (character === '.') return this.#any();
    return this.#characterNode(character.codePointAt(0) ?? 0);
  }

  #any(): PatternNode {
    const set = new CharacterSet(false).negate({ excludesNewline: this.#options.stopsAtNewline });
    return this.#setNode(set, 'any');
  }

  #bracket(): PatternNode {
    const isWordStart = this.#looksAt('[[:<:]]');
    if (isWordStart || this.#looksAt('[[:>:]]')) {
      this.#position += 7;
      return this.#conditionNode(isWordStart ? 'wordStart' : 'wordEnd');
    }
    const start = this.#position;
    const { set, end } = parseBracket(this.#text, start + 1, this.#options);
    this.#position = end;
    return this.#setNode(set, this.#text.slice(start, end));
  }

  #escape(): PatternNode {
    this.#position++;
    const rest = this.#text.slice(this.#position, this.#position + 300);
    if (!this.#isAdvanced) return this.#plainEscape(rest);
    const escaped = readEscape(rest, this.#closedGroups);
    switch (escaped.kind) {
      case 'reference':
        throw notSupported('a back reference in a regular expression');
      case 'condition':
        this.#position += escaped.length;
        return this.#conditionNode(escaped.test);
      case 'class': {
        this.#position += escaped.length;
        const set = new CharacterSet(this.#options.ignoresCase).addClass(escaped.name, escaped.isComplement);
        return this.#setNode(set, `\\${rest[0]}`);
      }
      case 'character':
        this.#position += escaped.length;
        return this.#characterNode(escaped.code);
    }
  }

  /** In the older dialects a backslash makes the next character an ordinary one. */
  #plainEscape(rest: string): PatternNode {
    const code = rest.codePointAt(0);
    if (code === undefined) throw invalidRegex('invalid escape \\ sequence');
    if (this.#isBasic && code >= 0x31 && code <= 0x39) {
      if (code - 0x30 > this.#closedGroups) throw invalidRegex('invalid backreference number');
      throw notSupported('a back reference in a regular expression');
    }
    this.#position += code > 0xffff ? 2 : 1;
    return this.#characterNode(code);
  }

  #parenthesis(): PatternNode {
    this.#position++;
    if (!this.#isAdvanced || !this.#looksAt('?')) return this.#group(')');
    const opening = /^\?(?::|<?[=!])/.exec(this.#text.slice(this.#position, this.#position + 3))?.[0];
    if (opening === undefined) throw invalidRegex('quantifier operand invalid');
    this.#position += opening.length;
    if (opening === '?:') return this.#inside(')');
    const wasLooking = this.#isLooking;
    this.#isLooking = true;
    const child = this.#inside(')');
    this.#isLooking = wasLooking;
    this.#endsGroup = false;
    const test = {
      child,
      looks: opening.includes('<') ? ('behind' as const) : ('ahead' as const),
      isNegated: opening.endsWith('!'),
    };
    return this.#conditionNode(test);
  }

  #group(closing: string): PatternNode {
    if (this.#isLooking) return this.#inside(closing);
    const group = ++this.#groupCount;
    const child = this.#inside(closing);
    this.#closedGroups++;
    return { kind: 'capture', child, group, ...joined([child]), hasCapture: true };
  }

  #inside(closing: string): PatternNode {
    const inside = this.#alternatives(true);
    if (!this.#looksAt(closing)) throw invalidRegex('parentheses () not balanced');
    this.#position += closing.length;
    this.#endsGroup = true;
    return inside;
  }

  #characterNode(code: number): PatternNode {
    return this.#setNode(new CharacterSet(this.#options.ignoresCase).addRange(code), `=${code}`);
  }

  /** Sets that are written the same are one. */
  #setNode(set: CharacterSet, key: string): PatternNode {
    let number = this.#setNumbers.get(key);
    if (number === undefined) {
      number = this.#sets.push(set) - 1;
      this.#setNumbers.set(key, number);
    }
    return { kind: 'set', set: number, ...joined([]) };
  }

  #conditionNode(test: PlaceTest): PatternNode {
    const known = this.#conditions.indexOf(test);
    const condition = known >= 0 ? known : this.#conditions.push(test) - 1;
    if (condition >= MAX_CONDITIONS) throw invalidRegex('regular expression is too complex');
    return { kind: 'condition', condition, ...joined([]) };
  }
}
