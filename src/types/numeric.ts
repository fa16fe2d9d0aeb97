import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { toInt64 } from './int64.ts';
import { toExponent } from './to-exponent.ts';
import type { Int64 } from './value.ts';

export type NumericKind = 'finite' | 'nan' | 'infinity' | '-infinity';

/** Most digits before and after the decimal point. */
export const NUMERIC_MAX_INTEGER_DIGITS = 131_072;
export const NUMERIC_MAX_SCALE = 16_383;
/** Quotients carry at least this many significant digits and at most that many decimals. */
const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_RESULT_SCALE = 1000;
/** PostgreSQL computes in groups of four digits; the scale of quotients follows from them. */
const DIGITS_PER_GROUP = 4;

const LITERAL = /^[ \t\n\v\f\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;
const SPECIAL = /^\s*(?:(nan)|([+-]?)(?:inf|infinity))\s*$/i;

const powersOfTen: bigint[] = [1n];

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  if (exponent > 1000) return 10n ** BigInt(exponent);
  for (let next = powersOfTen.length; next <= exponent; next++) powersOfTen.push(powersOfTen[next - 1]! * 10n);
  return powersOfTen[exponent]!;
}

/**
 * PostgreSQL's numeric: `unscaled * 10^-scale`, exact, where `scale` is also the number of decimals it is shown with; or
 * NaN or an infinity, whose digits are 0. Immutable.
 */
export class Numeric {
  readonly kind: NumericKind;
  readonly unscaled: bigint;
  readonly scale: number;

  static readonly NaN = new Numeric('nan', 0n, 0);
  static readonly Infinity = new Numeric('infinity', 0n, 0);
  static readonly NegativeInfinity = new Numeric('-infinity', 0n, 0);
  static readonly zero = new Numeric('finite', 0n, 0);

  private constructor(kind: NumericKind, unscaled: bigint, scale: number) {
    this.kind = kind;
    this.unscaled = unscaled;
    this.scale = scale;
  }

  static of(unscaled: bigint, scale: number): Numeric {
    return new Numeric('finite', unscaled, scale);
  }

  /** PostgreSQL's input syntax; throws 22P02, or 22003 for more digits than the type holds. */
  static parse(text: string): Numeric {
    const match = LITERAL.exec(text);
    if (match === null || ((match[2] ?? '') === '' && (match[3] ?? '') === '')) return parseSpecial(text);
    const [, sign, integerDigits = '', decimals = '', exponentText = '0'] = match;
    const exponent = Number(exponentText);
    if (Math.abs(exponent) > 2_147_483_647 / 2) throw invalidSyntax(text);
    const scale = Math.max(decimals.length - exponent, 0);
    const significantDigits = integerDigits.replace(/^0+/, '').length;
    const isZero = significantDigits === 0 && !/[1-9]/.test(decimals);
    if (scale > NUMERIC_MAX_SCALE || (!isZero && significantDigits + exponent > NUMERIC_MAX_INTEGER_DIGITS)) {
      throw new SqlError(SqlState.NumericValueOutOfRange, 'value overflows numeric format');
    }
    if (isZero) return new Numeric('finite', 0n, scale);
    let unscaled = BigInt(integerDigits + decimals);
    if (exponent > decimals.length) unscaled *= powerOfTen(exponent - decimals.length);
    return new Numeric('finite', sign === '-' ? -unscaled : unscaled, scale);
  }

  static fromInt64(value: Int64): Numeric {
    return new Numeric('finite', BigInt(value), 0);
  }

  /** A double with its first 15 significant digits (a real: 6), as PostgreSQL casts them. */
  static fromNumber(value: number, significantDigits = 15): Numeric {
    if (Number.isNaN(value)) return Numeric.NaN;
    if (value === Number.POSITIVE_INFINITY) return Numeric.Infinity;
    if (value === Number.NEGATIVE_INFINITY) return Numeric.NegativeInfinity;
    if (Number.isInteger(value) && Math.abs(value) < 10 ** significantDigits) {
      return new Numeric('finite', BigInt(value), 0);
    }
    const [digits, exponentText] = toExponent(value, significantDigits).split('e') as [string, string];
    const significant = digits.replace('.', '').replace(/0+$/, '');
    const magnitudeDigits = significant.replace('-', '').length;
    const scale = magnitudeDigits - 1 - Number(exponentText);
    return scale >= 0
      ? new Numeric('finite', BigInt(significant), scale)
      : new Numeric('finite', BigInt(significant) * powerOfTen(-scale), 0);
  }

  get isFinite(): boolean {
    return this.kind === 'finite';
  }

  add(other: Numeric): Numeric {
    if (!this.isFinite || !other.isFinite) return addSpecial(this, other);
    const scale = Math.max(this.scale, other.scale);
    return checked(this.#unscaledAt(scale) + other.#unscaledAt(scale), scale);
  }

  subtract(other: Numeric): Numeric {
    return this.add(other.negate());
  }

  multiply(other: Numeric): Numeric {
    if (!this.isFinite || !other.isFinite) return multiplySpecial(this, other);
    const scale = this.scale + other.scale;
    const product = this.unscaled * other.unscaled;
    if (scale <= NUMERIC_MAX_SCALE) return checked(product, scale);
    return checked(divideRounded(product, powerOfTen(scale - NUMERIC_MAX_SCALE)), NUMERIC_MAX_SCALE);
  }

  /** Rounded to the scale that PostgreSQL gives quotients: at least 16 significant digits. Throws 22012. */
  divide(other: Numeric): Numeric {
    if (this.kind === 'nan' || other.kind === 'nan') return Numeric.NaN;
    if (other.sign() === 0) throw divisionByZero();
    if (!this.isFinite) return other.isFinite ? infinityOf(this.sign() * other.sign()) : Numeric.NaN;
    if (!other.isFinite) return Numeric.zero;
    return this.divideToScale(other, quotientScale(this, other));
  }

  /** A finite quotient rounded half away from zero to `scale` decimals. */
  divideToScale(other: Numeric, scale: number): Numeric {
    if (other.unscaled === 0n) throw divisionByZero();
    const shift = scale + other.scale - this.scale;
    const quotient =
      shift >= 0
        ? divideRounded(this.unscaled * powerOfTen(shift), other.unscaled)
        : divideRounded(this.unscaled, other.unscaled * powerOfTen(-shift));
    return checked(quotient, scale);
  }

  /** The remainder of the quotient cut to an integer, with the sign of the dividend. Throws 22012. */
  remainder(other: Numeric): Numeric {
    if (this.kind === 'nan' || other.kind === 'nan') return Numeric.NaN;
    if (other.sign() === 0) throw divisionByZero();
    if (!this.isFinite) return Numeric.NaN;
    if (!other.isFinite) return this;
    const scale = Math.max(this.scale, other.scale);
    return new Numeric('finite', this.#unscaledAt(scale) % other.#unscaledAt(scale), scale);
  }

  negate(): Numeric {
    if (this.kind === 'finite') return new Numeric('finite', -this.unscaled, this.scale);
    return this.kind === 'nan' ? this : infinityOf(-this.sign());
  }

  abs(): Numeric {
    return this.sign() < 0 ? this.negate() : this;
  }

  /** -1, 0 or 1; 0 for NaN. */
  sign(): number {
    if (this.kind === 'finite') return this.unscaled > 0n ? 1 : this.unscaled < 0n ? -1 : 0;
    return this.kind === 'infinity' ? 1 : this.kind === '-infinity' ? -1 : 0;
  }

  /** Order of values, whatever their scales; NaN equals itself and comes after all else. */
  compare(other: Numeric): number {
    if (this.kind !== 'finite' || other.kind !== 'finite') return KIND_ORDER[this.kind] - KIND_ORDER[other.kind];
    const scale = Math.max(this.scale, other.scale);
    const left = this.#unscaledAt(scale);
    const right = other.#unscaledAt(scale);
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Rounds half away from zero to `scale` decimals, which become the display scale; negative scales round integers. */
  round(scale = 0): Numeric {
    if (!this.isFinite) return this;
    if (scale >= this.scale) return this.#withScale(scale);
    const rounded = divideRounded(this.unscaled, powerOfTen(this.scale - scale));
    return scale >= 0 ? new Numeric('finite', rounded, scale) : new Numeric('finite', rounded * powerOfTen(-scale), 0);
  }

  /** Drops digits beyond `scale` decimals; negative scales cut integers. */
  truncate(scale = 0): Numeric {
    if (!this.isFinite) return this;
    if (scale >= this.scale) return this.#withScale(scale);
    const cut = this.unscaled / powerOfTen(this.scale - scale);
    return scale >= 0 ? new Numeric('finite', cut, scale) : new Numeric('finite', cut * powerOfTen(-scale), 0);
  }

  ceil(): Numeric {
    const cut = this.truncate();
    return this.isFinite && this.compare(cut) > 0 ? new Numeric('finite', cut.unscaled + 1n, 0) : cut;
  }

  floor(): Numeric {
    const cut = this.truncate();
    return this.isFinite && this.compare(cut) < 0 ? new Numeric('finite', cut.unscaled - 1n, 0) : cut;
  }

  toString(): string {
    if (this.kind !== 'finite')
      return this.kind === 'nan' ? 'NaN' : this.kind === 'infinity' ? 'Infinity' : '-Infinity';
    const isNegative = this.unscaled < 0n;
    const digits = String(isNegative ? -this.unscaled : this.unscaled);
    const sign = isNegative ? '-' : '';
    if (this.scale === 0) return sign + digits;
    const padded = digits.padStart(this.scale + 1, '0');
    const point = padded.length - this.scale;
    return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
  }

  /** The nearest double; beyond its range, ±Infinity. */
  toNumber(): number {
    return this.scale === 0 && this.kind === 'finite' ? Number(this.unscaled) : Number(this.toString());
  }

  /** Rounded half away from zero; throws 22003 beyond 64 bits, 0A000 for NaN and infinities. */
  toInt64(): Int64 {
    if (this.kind !== 'finite') {
      const name = this.kind === 'nan' ? 'NaN' : 'infinity';
      throw new SqlError(SqlState.FeatureNotSupported, `cannot convert ${name} to bigint`);
    }
    return toInt64(this.round().unscaled);
  }

  /** The same for all numerics of one value, whatever their scale. */
  hashKey(): string {
    if (this.kind !== 'finite') return this.kind;
    let { unscaled, scale } = this;
    if (unscaled === 0n) return '0';
    // Zeros are stripped off the text, where that costs one pass instead of a division each.
    const digits = String(unscaled);
    let end = digits.length;
    while (digits.charCodeAt(end - 1) === 48) end--;
    scale -= digits.length - end;
    return `${digits.slice(0, end)}e${-scale}`;
  }

  #withScale(scale: number): Numeric {
    const target = Math.min(Math.max(scale, 0), NUMERIC_MAX_SCALE);
    if (target <= this.scale) return this;
    return new Numeric('finite', this.unscaled * powerOfTen(target - this.scale), target);
  }

  #unscaledAt(scale: number): bigint {
    return scale === this.scale ? this.unscaled : this.unscaled * powerOfTen(scale - this.scale);
  }
}

const KIND_ORDER: Readonly<Record<NumericKind, number>> = { '-infinity': 0, finite: 1, infinity: 2, nan: 3 };
const FIRST_OVERFLOW_BITS = Math.floor(NUMERIC_MAX_INTEGER_DIGITS * Math.log2(10));

/** Results may not have more digits than the type holds. */
function checked(unscaled: bigint, scale: number): Numeric {
  // Counting digits is costly and hardly ever needed: numbers of fewer bits cannot have too many.
  if (unscaled > HUGE || unscaled < -HUGE) {
    const magnitude = unscaled < 0n ? -unscaled : unscaled;
    if (magnitude / powerOfTen(scale) >= powerOfTen(NUMERIC_MAX_INTEGER_DIGITS)) {
      throw new SqlError(SqlState.NumericValueOutOfRange, 'value overflows numeric format');
    }
  }
  return Numeric.of(unscaled, scale);
}

const HUGE = 1n << BigInt(FIRST_OVERFLOW_BITS);

/** Quotient rounded half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const rest = dividend % divisor;
  if (rest === 0n) return quotient;
  const twice = rest < 0n ? rest * -2n : rest * 2n;
  if (twice < (divisor < 0n ? -divisor : divisor)) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

/** The number of decimals PostgreSQL gives a quotient: enough for 16 significant digits, counted in groups of four. */
function quotientScale(dividend: Numeric, divisor: Numeric): number {
  const left = leadingGroup(dividend);
  const right = leadingGroup(divisor);
  let quotientWeight = left.weight - right.weight;
  if (left.firstGroup <= right.firstGroup) quotientWeight--;
  const scale = Math.max(MIN_SIGNIFICANT_DIGITS - quotientWeight * DIGITS_PER_GROUP, dividend.scale, divisor.scale, 0);
  return Math.min(scale, MAX_RESULT_SCALE);
}

/** The first nonzero group of four digits and its place, counted in groups from the decimal point; zero has group 0. */
function leadingGroup(value: Numeric): { readonly weight: number; readonly firstGroup: number } {
  if (value.unscaled === 0n) return { weight: 0, firstGroup: 0 };
  const digits = String(value.unscaled < 0n ? -value.unscaled : value.unscaled);
  const exponent = digits.length - 1 - value.scale;
  const weight = Math.floor(exponent / DIGITS_PER_GROUP);
  const groupDigits = exponent - weight * DIGITS_PER_GROUP + 1;
  return { weight, firstGroup: Number(digits.slice(0, groupDigits).padEnd(groupDigits, '0')) };
}

function infinityOf(sign: number): Numeric {
  return sign > 0 ? Numeric.Infinity : sign < 0 ? Numeric.NegativeInfinity : Numeric.NaN;
}

function addSpecial(left: Numeric, right: Numeric): Numeric {
  if (left.kind === 'nan' || right.kind === 'nan') return Numeric.NaN;
  if (left.isFinite) return right;
  if (right.isFinite || left.kind === right.kind) return left;
  return Numeric.NaN;
}

function multiplySpecial(left: Numeric, right: Numeric): Numeric {
  if (left.kind === 'nan' || right.kind === 'nan') return Numeric.NaN;
  return infinityOf(left.sign() * right.sign());
}

function parseSpecial(text: string): Numeric {
  const match = SPECIAL.exec(text);
  if (match === null) throw invalidSyntax(text);
  if (match[1] !== undefined) return Numeric.NaN;
  return match[2] === '-' ? Numeric.NegativeInfinity : Numeric.Infinity;
}

function invalidSyntax(text: string): SqlError {
  return new SqlError(SqlState.InvalidTextRepresentation, `invalid input syntax for type numeric: "${text}"`);
}

function divisionByZero(): SqlError {
  return new SqlError(SqlState.DivisionByZero, 'division by zero');
}
