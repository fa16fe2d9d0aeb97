import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { Numeric, powerOfTen } from '../../types/numeric.ts';
import { coerceNumeric, numeric, numericTypmod } from '../../types/numeric-type.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { type NumberPattern, type NumberTemplate, numberTemplate } from './number-template.ts';

const DATA_CHARACTERS = '0123456789.,+-';
/** Decimals of 10^-n. */
const POWER_SCALE = 16;

/** Takes a text apart along a template. What does not fit is passed over where it can be. */
class NumberReader {
  readonly #template: NumberTemplate;
  readonly #input: readonly string[];
  #at = 0;
  #sign: '-' | '+' | undefined;
  #integerDigits = '';
  #decimals: string | undefined;

  constructor(template: NumberTemplate, input: string) {
    this.#template = template;
    this.#input = [...input];
  }

  read(): Numeric {
    for (const node of this.#template.nodes) {
      if (this.#isAtEnd()) break;
      if (node.kind === 'text') this.#at++;
      else this.#pattern(node.pattern);
    }
    const digits = this.#integerDigits + (this.#decimals ?? '');
    if (digits === '') {
      throw new SqlError(
        SqlState.InvalidTextRepresentation,
        `invalid input syntax for type numeric: "${this.#sign ?? ' '}"`,
      );
    }
    const unscaled = BigInt(digits);
    return Numeric.of(this.#sign === '-' ? -unscaled : unscaled, this.#decimals?.length ?? 0);
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#input.length;
  }

  get #digitCount(): number {
    return this.#integerDigits.length + (this.#decimals?.length ?? 0);
  }

  #pattern(pattern: NumberPattern): void {
    const next = this.#input[this.#at];
    switch (pattern) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#digit(pattern);
        this.#at++;
        break;
      case ',':
      case 'G':
        if (!this.#template.isFilled && next === ',') this.#at++;
        break;
      case 'L':
        this.#skip(1);
        break;
      case 'TH':
        if (!this.#template.hasPoint) this.#skip(2);
        break;
      case 'MI':
        this.#ownSign(next, '-');
        break;
      case 'PL':
        this.#ownSign(next, '+');
        break;
      case 'SG':
        this.#ownSign(next, '-+');
        break;
      default:
    }
  }

  #ownSign(next: string, signs: string): void {
    if ((next === '-' || next === '+') && signs.includes(next)) {
      this.#sign = next;
      this.#at++;
    } else this.#skip(1);
  }

  /** Passes over what cannot belong to the number. */
  #skip(count: number): void {
    for (let left = count; left > 0 && !this.#isAtEnd(); left--) {
      if (DATA_CHARACTERS.includes(this.#input[this.#at])) return;
      this.#at++;
    }
  }

  #digit(pattern: NumberPattern): void {
    if (this.#input[this.#at] === ' ') this.#at++;
    if (this.#isAtEnd()) return;
    if (this.#sign === undefined && (pattern === '0' || pattern === '9') && this.#digitCount === 0) this.#signBefore();
    if (this.#isAtEnd()) return;
    const next = this.#input[this.#at];
    let isRead = false;
    if (/[0-9]/.test(next)) {
      if (this.#decimals?.length === this.#template.decimals && this.#decimals !== undefined) return;
      if (this.#decimals === undefined) this.#integerDigits += next;
      else this.#decimals += next;
      isRead = true;
    } else if (this.#template.hasPoint && this.#decimals === undefined && next === '.') {
      this.#decimals = '';
      isRead = true;
    }
    if (this.#sign === undefined && this.#digitCount > 0) this.#signBehind(isRead);
  }

  #signBefore(): void {
    const next = this.#input[this.#at];
    const { sign, isBracketed } = this.#template;
    if (next === '-' || (sign === undefined && isBracketed && next === '<')) this.#sign = '-';
    else if (next === '+') this.#sign = '+';
    else return;
    this.#at++;
  }

  /** S stands right behind the last digit; of MI, PL and SG it is not known where they are. */
  #signBehind(isRead: boolean): void {
    const { sign, hasPlus, hasMinus } = this.#template;
    if (sign !== undefined) {
      const next = this.#input[this.#at + 1];
      if (!isRead || (next !== '-' && next !== '+')) return;
      this.#sign = next;
      this.#at++;
    } else if (!isRead && (hasPlus || hasMinus)) {
      const next = this.#input[this.#at];
      if (next === '-' || next === '+') this.#sign = next;
    }
  }
}

function textToNumber(value: string, pattern: string): Numeric | null {
  if (pattern === '') return null;
  const template = numberTemplate(pattern);
  if (template.isExponential) throw new SqlError(SqlState.FeatureNotSupported, '"EEEE" not supported for input');
  if (template.isRoman) throw new SqlError(SqlState.FeatureNotSupported, '"RN" not supported for input');
  const number = withinTemplate(new NumberReader(template, value).read(), template);
  if (template.shift === 0) return number;
  if (template.shift > POWER_SCALE) throw notSupported(`"V" with more than ${POWER_SCALE} digits for input`);
  return number.multiply(Numeric.of(powerOfTen(POWER_SCALE - template.shift), POWER_SCALE));
}

/** A text without a point may fill the places of decimals with its digits, but not make a larger number. Throws 22003. */
function withinTemplate(number: Numeric, { integerDigits, shift }: NumberTemplate): Numeric {
  return coerceNumeric(number, numericTypmod(integerDigits + shift + number.scale, number.scale));
}

export const parseNumberFunctions: readonly ScalarFunction[] = [
  defineScalar('to_number', 1777, [text, text], numeric, textToNumber, { volatility: 'stable' }),
];
