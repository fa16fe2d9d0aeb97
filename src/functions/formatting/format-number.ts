import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { INT64_MAX, INT64_MIN, roundHalfEven, toInt64 } from '../../types/int64.ts';
import { divideRounded, Numeric, powerOfTen } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { text } from '../../types/string-types.ts';
import { toExponent } from '../../types/to-exponent.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { type NumberPattern, type NumberTemplate, numberTemplate } from './number-template.ts';
import { ordinalSuffix } from './ordinal.ts';
import { romanNumeral } from './roman.ts';

const INT4_MAX = 2_147_483_647;
const ROMAN_WIDTH = 15;
/** Where a digit is asked for and there is none, the result ends, whatever the template goes on with. */
const END = '\0';
const REAL_DIGITS = 6;
const DOUBLE_DIGITS = 15;
/** Sign, point, `e` and the exponent's sign and two digits, where there is no number to show. */
const EXPONENT_CHARACTERS = 6;

/** A number in digits, ready to be laid over a template. */
interface Digits {
  readonly isNegative: boolean;
  /** Without sign, with as many decimals as the template has, or `#` signs when there are too many digits. */
  readonly shown: string;
  /** Template digits in front of the first. */
  readonly blanks: number;
}

/** Lays digits over a template from left to right, as `NumberTemplate` says. */
class NumberWriter {
  readonly #template: NumberTemplate;
  readonly #digits: Digits;
  #result = '';
  /** Where in the digits, and at which of the template's digits. */
  #at = 0;
  #place = 0;
  #hasBegun = false;
  #isSignWritten: boolean;
  readonly #signPlace: 'before' | 'behind' | undefined;
  readonly #isBracketed: boolean;
  /** The last digit that FM keeps, or the point when no decimal is left. */
  readonly #lastKept: number | undefined;
  readonly #zeroStart: number;
  readonly #hasZero: boolean;
  readonly #placeCount: number;

  constructor(template: NumberTemplate, digits: Digits) {
    this.#template = template;
    this.#digits = digits;
    const { isFilled, hasPlus, hasMinus, sign, isBracketed } = template;
    const isAllBehind = template.integerDigits + template.shift === template.digitsBeforeSign;
    this.#signPlace = sign === 'before' && isAllBehind ? 'behind' : sign;
    this.#hasZero = template.zeroStart !== undefined;
    this.#zeroStart = template.zeroStart ?? 0;
    this.#isBracketed = isBracketed && (digits.isNegative || !isFilled || hasPlus || hasMinus);
    if (hasPlus || hasMinus) this.#isSignWritten = !(hasPlus && !hasMinus);
    else this.#isSignWritten = !digits.isNegative && isFilled && sign === undefined;
    this.#lastKept = isFilled && template.hasPoint ? this.#lastRelevant() : undefined;
    const isSignAlone = !this.#isSignWritten && digits.blanks === 0;
    this.#placeCount = template.integerDigits + template.shift + template.decimals - (isSignAlone ? 0 : 1);
  }

  write(): string {
    for (const node of this.#template.nodes) {
      if (node.kind === 'text') this.#result += node.character;
      else this.#pattern(node.pattern, node.isLower);
    }
    const end = this.#result.indexOf(END);
    return end < 0 ? this.#result : this.#result.slice(0, end);
  }

  /** The place of the last decimal that is not 0, or of the point; further where a 0 of the template keeps it. */
  #lastRelevant(): number | undefined {
    const { shown, blanks } = this.#digits;
    const point = shown.indexOf('.');
    if (point < 0) return undefined;
    let last = point;
    for (let at = point + 1; at < shown.length; at++) if (shown[at] !== '0') last = at;
    const { zeroEnd } = this.#template;
    if (zeroEnd <= blanks) return last;
    return Math.max(last, Math.min(shown.length - 1, zeroEnd - blanks));
  }

  get #isFilled(): boolean {
    return this.#template.isFilled;
  }

  #pattern(pattern: NumberPattern, isLower: boolean): void {
    const { isNegative, shown } = this.#digits;
    switch (pattern) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#digit(pattern);
        break;
      case ',':
      case 'G':
        if (this.#hasBegun) this.#result += ',';
        else if (!this.#isFilled) this.#result += ' ';
        break;
      case 'L':
        this.#result += ' ';
        break;
      case 'TH':
        if (!shown.startsWith('#') && !isNegative && !this.#template.hasPoint) {
          this.#result += ordinalSuffix(shown, isLower ? 'lower' : 'upper');
        }
        break;
      case 'MI':
        this.#result += isNegative ? '-' : this.#isFilled ? '' : ' ';
        break;
      case 'PL':
        this.#result += isNegative ? (this.#isFilled ? '' : ' ') : '+';
        break;
      case 'SG':
        this.#result += isNegative ? '-' : '+';
        break;
      default:
    }
  }

  /** `9.9` shows 0.1 as ` .1`: the only zero before the point is no digit. */
  #isLoneZero(): boolean {
    const { shown } = this.#digits;
    return !this.#hasZero && this.#at === 0 && shown.startsWith('0') && this.#template.decimals !== 0;
  }

  #isPointLast(): boolean {
    return this.#lastKept !== undefined && this.#digits.shown[this.#lastKept] === '.';
  }

  #digit(pattern: NumberPattern): void {
    const { blanks } = this.#digits;
    this.#hasBegun = false;
    const isAtNumber = this.#place >= blanks || (this.#hasZero && this.#zeroStart === this.#place);
    if (!this.#isSignWritten && isAtNumber && (!this.#isLoneZero() || this.#isPointLast())) this.#sign();
    if (this.#place < blanks && (!this.#hasZero || this.#zeroStart > this.#place)) {
      if (!this.#isFilled) this.#result += ' ';
    } else if (this.#hasZero && this.#place < blanks) {
      this.#result += '0';
      this.#hasBegun = true;
    } else this.#ownDigit(pattern);
    this.#signBehind();
    this.#place++;
  }

  #sign(): void {
    const { isNegative } = this.#digits;
    if (this.#template.sign !== undefined) {
      if (this.#signPlace !== 'before') return;
      this.#result += isNegative ? '-' : '+';
    } else if (this.#isBracketed) this.#result += isNegative ? '<' : ' ';
    else if (isNegative) this.#result += '-';
    else if (!this.#isFilled) this.#result += ' ';
    this.#isSignWritten = true;
  }

  #ownDigit(pattern: NumberPattern): void {
    const { shown } = this.#digits;
    const character = shown[this.#at];
    if (character === '.') {
      if (!this.#isPointLast() || this.#isFilled) this.#result += '.';
    } else if (this.#lastKept !== undefined && this.#at > this.#lastKept && pattern !== '0') {
      // FM drops the zeros at the end.
    } else if (this.#isLoneZero()) {
      if (!this.#isFilled) this.#result += ' ';
      else if (this.#isPointLast()) this.#result += '0';
    } else {
      this.#result += character ?? END;
      this.#hasBegun = true;
    }
    if (character !== undefined) this.#at++;
  }

  /** What comes behind the last digit: S, or the closing bracket. */
  #signBehind(): void {
    const { isNegative, blanks } = this.#digits;
    let end = this.#placeCount + (blanks > 0 ? 1 : 0) + (this.#template.hasPoint ? 1 : 0);
    if (this.#lastKept !== undefined && this.#lastKept === this.#at) end = this.#place;
    if (this.#place + 1 !== end) return;
    if (this.#isSignWritten && this.#isBracketed) this.#result += isNegative ? '>' : ' ';
    else if (this.#signPlace === 'behind') this.#result += isNegative ? '-' : '+';
  }
}

function tooLong({ integerDigits, shift, decimals }: NumberTemplate): string {
  return `${'#'.repeat(integerDigits + shift)}.${'#'.repeat(decimals)}`;
}

/** Decimal text with a sign, of which `decimals` digits stand behind the point. */
function layOut(template: NumberTemplate, decimal: string): string {
  const isNegative = decimal.startsWith('-');
  const digits = isNegative ? decimal.slice(1) : decimal;
  const point = digits.indexOf('.');
  const length = point < 0 ? digits.length : point;
  const room = template.integerDigits + template.shift;
  const shown = length > room ? tooLong(template) : digits;
  return new NumberWriter(template, { isNegative, shown, blanks: Math.max(room - length, 0) }).write();
}

function layOutRoman(template: NumberTemplate, value: number): string {
  const roman = romanNumeral(value) ?? '#'.repeat(ROMAN_WIDTH);
  let result = '';
  for (const node of template.nodes) {
    if (node.kind === 'text') result += node.character;
    else if (node.pattern === 'RN') {
      const numeral = node.isLower ? roman.toLowerCase() : roman;
      result += template.isFilled ? numeral : numeral.padStart(ROMAN_WIDTH);
    } else if (node.pattern === ',' || node.pattern === 'G') result += template.isFilled ? '' : ' ';
    else if (node.pattern === 'L') result += ' ';
    else if (node.pattern === 'SG') break;
    else if ((node.pattern === 'MI' || node.pattern === 'PL') && !template.isFilled) result += ' ';
  }
  return result;
}

function noExponential({ integerDigits, decimals }: NumberTemplate): string {
  const room = '#'.repeat(integerDigits + decimals + EXPONENT_CHARACTERS - 1).split('');
  room[integerDigits] = '.';
  return ` ${room.join('')}`;
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function doubleExponential(template: NumberTemplate, value: number): string {
  if (!Number.isFinite(value)) return noExponential(template);
  const [mantissa, exponent] = toExponent(value, template.decimals + 1).split('e');
  return (
    (Object.is(value, -0) || value < 0 ? `-${mantissa.replace('-', '')}` : ` ${mantissa}`) +
    exponentText(Number(exponent))
  );
}

/** The mantissa is rounded last, which may make 10 of 9.99. */
function numericExponential(template: NumberTemplate, value: Numeric): string {
  if (!value.isFinite) return noExponential(template);
  const isNegative = value.sign() < 0;
  const { unscaled, scale } = value.abs();
  const exponent = unscaled === 0n ? 0 : String(unscaled).length - 1 - scale;
  // unscaled * 10^(decimals - scale - exponent), rounded.
  const shift = template.decimals - scale - exponent;
  const mantissa = shift >= 0 ? unscaled * powerOfTen(shift) : divideRounded(unscaled, powerOfTen(-shift));
  return `${isNegative ? '-' : ' '}${Numeric.of(mantissa, template.decimals)}${exponentText(exponent)}`;
}

function numericToText(value: Numeric, pattern: string): string | null {
  if (pattern === '') return '';
  const template = numberTemplate(pattern);
  if (template.isRoman) {
    const rounded = value.round();
    if (!rounded.isFinite) {
      const name = rounded.kind === 'nan' ? 'NaN' : 'infinity';
      throw new SqlError(SqlState.FeatureNotSupported, `cannot convert ${name} to integer`);
    }
    if (rounded.unscaled > 2_147_483_647n || rounded.unscaled < -2_147_483_648n) throw outOfRange('integer');
    return layOutRoman(template, Number(rounded.unscaled));
  }
  if (template.isExponential) return numericExponential(template, value);
  const shifted = template.shift === 0 ? value : value.multiply(Numeric.of(powerOfTen(template.shift), 0));
  return layOut(template, shifted.round(template.decimals).toString());
}

function outOfRange(typeName: string): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, `${typeName} out of range`);
}

function integerToText(typeName: 'integer' | 'bigint', value: Int64, pattern: string): string | null {
  if (pattern === '') return '';
  const template = numberTemplate(pattern);
  if (template.isRoman) {
    if (value > INT4_MAX || value < -INT4_MAX - 1) throw outOfRange('integer');
    return layOutRoman(template, Number(value));
  }
  if (template.isExponential) {
    return typeName === 'integer'
      ? doubleExponential(template, Number(value))
      : numericExponential(template, Numeric.fromInt64(value));
  }
  let shifted = BigInt(value) * powerOfTen(template.shift);
  // PostgreSQL multiplies integers as C does, and bigints with care.
  if (typeName === 'integer') shifted = BigInt.asIntN(32, shifted);
  if (shifted < INT64_MIN || shifted > INT64_MAX) throw outOfRange(typeName);
  const decimals = template.decimals === 0 ? '' : `.${'0'.repeat(template.decimals)}`;
  return layOut(template, String(toInt64(shifted)) + decimals);
}

/** Doubles show no more digits than they have for sure. */
const floatToText = (sureDigits: number) => (value: number, pattern: string) => {
  if (pattern === '') return '';
  const template = numberTemplate(pattern);
  if (template.isRoman) return layOutRoman(template, roundHalfEven(value));
  if (template.isExponential) return doubleExponential(template, value);
  const shifted = value * 10 ** template.shift;
  if (!Number.isFinite(shifted)) {
    const name = Number.isNaN(shifted) ? 'NaN' : 'Infinity';
    const decimals = decimalsFor(name.length, template, sureDigits);
    return layOut({ ...template, decimals }, shifted < 0 ? `-${name}` : name);
  }
  const integerLength = fixed(Math.abs(shifted), 0).length;
  const decimals = decimalsFor(integerLength, template, sureDigits);
  return layOut({ ...template, decimals }, fixed(shifted, decimals));
};

function decimalsFor(integerLength: number, { decimals }: NumberTemplate, sureDigits: number): number {
  if (integerLength >= sureDigits) return 0;
  return Math.min(decimals, sureDigits - integerLength);
}

/** As C's %.*f: the exact value, the even digit of two equally near. */
function fixed(value: number, decimals: number): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const exact = exactDecimal(Math.abs(value));
  const excess = exact.scale - decimals;
  const rounded = excess <= 0 ? exact.unscaled * powerOfTen(-excess) : halfEven(exact.unscaled, powerOfTen(excess));
  return (isNegative ? '-' : '') + Numeric.of(rounded, decimals).toString();
}

function halfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

/** A finite non-negative double as a decimal fraction, which it always is. */
function exactDecimal(value: number): { readonly unscaled: bigint; readonly scale: number } {
  if (Number.isInteger(value)) return { unscaled: BigInt(value), scale: 0 };
  let numerator = value;
  let bits = 0;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    bits++;
  }
  // n / 2^bits = n * 5^bits / 10^bits
  return { unscaled: BigInt(numerator) * 5n ** BigInt(bits), scale: bits };
}

const stable = { volatility: 'stable' } as const;

export const formatNumberFunctions: readonly ScalarFunction[] = [
  defineScalar('to_char', 1772, [numeric, text], text, numericToText, stable),
  defineScalar(
    'to_char',
    1773,
    [int4, text],
    text,
    (value, pattern) => integerToText('integer', value, pattern),
    stable,
  ),
  defineScalar(
    'to_char',
    1774,
    [int8, text],
    text,
    (value, pattern) => integerToText('bigint', value, pattern),
    stable,
  ),
  defineScalar('to_char', 1775, [float4, text], text, floatToText(REAL_DIGITS), stable),
  defineScalar('to_char', 1776, [float8, text], text, floatToText(DOUBLE_DIGITS), stable),
];
