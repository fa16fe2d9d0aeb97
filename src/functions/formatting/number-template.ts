import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { BoundedCache } from '../bounded-cache.ts';

/** What a number's template consists of, in capitals. */
export type NumberPattern = (typeof PATTERNS)[number];

const PATTERNS = [
  ',',
  '.',
  '0',
  '9',
  'B',
  'C',
  'D',
  'EEEE',
  'FM',
  'G',
  'L',
  'MI',
  'PL',
  'PR',
  'RN',
  'SG',
  'SP',
  'S',
  'TH',
  'V',
] as const;

export type NumberNode =
  | { readonly kind: 'pattern'; readonly pattern: NumberPattern; readonly isLower: boolean }
  | { readonly kind: 'text'; readonly character: string };

/** A template and what its patterns say together. */
export interface NumberTemplate {
  readonly nodes: readonly NumberNode[];
  /** Digits before and behind the decimal point. */
  readonly integerDigits: number;
  readonly decimals: number;
  /** Digits behind V, by which the number is multiplied. */
  readonly shift: number;
  readonly hasPoint: boolean;
  /** Before which digit the zeros begin, from 0; absent without a 0. */
  readonly zeroStart: number | undefined;
  /** Digits up to the last 0. */
  readonly zeroEnd: number;
  /** FM. */
  readonly isFilled: boolean;
  /** PR. */
  readonly isBracketed: boolean;
  readonly hasPlus: boolean;
  readonly hasMinus: boolean;
  /** S, and where it stands. */
  readonly sign: 'before' | 'behind' | undefined;
  /** Digits in front of S. */
  readonly digitsBeforeSign: number;
  readonly isRoman: boolean;
  readonly isExponential: boolean;
}

function invalid(message: string, detail?: string): SqlError {
  return new SqlError(SqlState.SyntaxError, message, { detail });
}

/** Reads the template of to_char and to_number (the manual, 9.8). Throws 42601 for patterns that contradict each other. */
function readTemplate(template: string): NumberTemplate {
  const nodes: NumberNode[] = [];
  const reader = new TemplateReader(nodes);
  let at = 0;
  while (at < template.length) {
    const pattern = patternAt(template, at);
    if (pattern !== undefined) {
      reader.note(pattern);
      nodes.push({ kind: 'pattern', pattern, isLower: template[at] !== pattern[0] });
      at += pattern.length;
    } else if (template[at] === '"') {
      at++;
      while (at < template.length && template[at] !== '"') {
        if (template[at] === '\\' && at + 1 < template.length) at++;
        at = pushText(nodes, template, at);
      }
      at++;
    } else {
      if (template[at] === '\\' && template[at + 1] === '"') at++;
      at = pushText(nodes, template, at);
    }
  }
  return reader;
}

function pushText(nodes: NumberNode[], template: string, at: number): number {
  const character = String.fromCodePoint(template.codePointAt(at) ?? 0);
  nodes.push({ kind: 'text', character });
  return at + character.length;
}

/** Patterns are written in capitals or in small letters, never in both. */
function patternAt(template: string, at: number): NumberPattern | undefined {
  return PATTERNS.find((pattern) => template.startsWith(pattern, at) || template.startsWith(pattern.toLowerCase(), at));
}

class TemplateReader implements NumberTemplate {
  readonly nodes: readonly NumberNode[];
  integerDigits = 0;
  decimals = 0;
  shift = 0;
  hasPoint = false;
  zeroStart: number | undefined;
  zeroEnd = 0;
  isFilled = false;
  isBracketed = false;
  hasPlus = false;
  hasMinus = false;
  sign: 'before' | 'behind' | undefined;
  digitsBeforeSign = 0;
  isRoman = false;
  isExponential = false;
  #isShifted = false;
  #isBlank = false;

  constructor(nodes: readonly NumberNode[]) {
    this.nodes = nodes;
  }

  note(pattern: NumberPattern): void {
    if (this.isExponential && pattern !== 'EEEE') throw invalid('"EEEE" must be the last pattern used');
    switch (pattern) {
      case '9':
        if (this.isBracketed) throw invalid('"9" must be ahead of "PR"');
        if (this.#isShifted) this.shift++;
        else if (this.hasPoint) this.decimals++;
        else this.integerDigits++;
        break;
      case '0':
        this.#noteZero();
        break;
      case 'B':
        if (this.integerDigits === 0 && this.decimals === 0 && this.zeroStart === undefined) this.#isBlank = true;
        break;
      case 'D':
      case '.':
        if (this.hasPoint) throw invalid('multiple decimal points');
        if (this.#isShifted) throw invalid('cannot use "V" and decimal point together');
        this.hasPoint = true;
        break;
      case 'FM':
        this.isFilled = true;
        break;
      case 'V':
        if (this.hasPoint) throw invalid('cannot use "V" and decimal point together');
        this.#isShifted = true;
        break;
      case 'RN':
        this.isRoman = true;
        break;
      case 'EEEE':
        this.#noteExponent();
        break;
      default:
        this.#noteSign(pattern);
    }
  }

  #noteZero(): void {
    if (this.isBracketed) throw invalid('"0" must be ahead of "PR"');
    if (this.zeroStart === undefined && !this.hasPoint) this.zeroStart = this.integerDigits;
    if (this.hasPoint) this.decimals++;
    else this.integerDigits++;
    this.zeroEnd = this.integerDigits + this.decimals;
  }

  #noteSign(pattern: NumberPattern): void {
    switch (pattern) {
      case 'S':
        if (this.sign !== undefined) throw invalid('cannot use "S" twice');
        if (this.hasPlus || this.hasMinus || this.isBracketed) {
          throw invalid('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
        }
        this.sign = this.hasPoint ? 'behind' : 'before';
        if (!this.hasPoint) this.digitsBeforeSign = this.integerDigits;
        break;
      case 'MI':
      case 'PL':
      case 'SG':
        if (this.sign !== undefined) throw invalid(`cannot use "S" and "${pattern}" together`);
        if (pattern !== 'PL') this.hasMinus = true;
        if (pattern !== 'MI') this.hasPlus = true;
        break;
      case 'PR':
        if (this.sign !== undefined || this.hasPlus || this.hasMinus) {
          throw invalid('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
        }
        this.isBracketed = true;
        break;
      default:
    }
  }

  #noteExponent(): void {
    if (this.isExponential) throw invalid('cannot use "EEEE" twice');
    const isMixed =
      this.#isBlank ||
      this.isFilled ||
      this.sign !== undefined ||
      this.isBracketed ||
      this.hasMinus ||
      this.hasPlus ||
      this.isRoman ||
      this.#isShifted;
    if (isMixed) {
      throw invalid(
        '"EEEE" is incompatible with other formats',
        '"EEEE" may only be used together with digit and decimal point patterns.',
      );
    }
    this.isExponential = true;
  }
}

const templates = new BoundedCache(100, readTemplate);

export function numberTemplate(template: string): NumberTemplate {
  return templates.get(template);
}
