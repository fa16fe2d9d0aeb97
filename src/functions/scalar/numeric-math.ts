import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { divideRounded, Numeric, powerOfTen } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { divisionByZero } from '../operators/integer-arithmetic.ts';
import { fixedExponential, fixedFromRatio, fixedLogarithm } from './fixed-point.ts';

/**
 * Roots, exponentials and logarithms of numerics, computed with some digits to spare and rounded to the scale that
 * PostgreSQL gives such results: 16 significant digits, or as many decimals as the arguments have.
 */
const SIGNIFICANT_DIGITS = 16;
const MAX_DISPLAY_SCALE = 1000;
const MAX_RESULT_SCALE = 2000;
/** e to this power, and whatever is computed by way of it, is refused as too large. */
const MAX_EXPONENTIAL = MAX_RESULT_SCALE * 3;
/** Powers of more digits than numeric holds are refused before they are computed. */
const MAX_RESULT_WEIGHT = 131_072;
const DIGITS_PER_GROUP = 4;
const BITS_PER_DIGIT = 3.3219280948873626;
/** Bits beyond what the result shows, so that its last digit is rounded from the true value. */
const SPARE_BITS = 64;

function clampScale(scale: number, ...atLeast: readonly number[]): number {
  return Math.min(Math.max(scale, 0, ...atLeast), MAX_DISPLAY_SCALE);
}

function overflow(): SqlError {
  return new SqlError(SqlState.NumericValueOutOfRange, 'value overflows numeric format');
}

/** The power of ten of the leading digit of a finite number other than 0. */
function leadingExponent(value: Numeric): number {
  return String(value.unscaled < 0n ? -value.unscaled : value.unscaled).length - value.scale - 1;
}

/** log10 of a finite positive number, to the precision of a double. */
function approximateLog10(value: Numeric): number {
  const digits = String(value.unscaled);
  return Math.log10(Number(digits.slice(0, 17))) + Math.max(digits.length - 17, 0) - value.scale;
}

/** The square root of a finite non-negative number at a scale no less than half its own. */
export function squareRootToScale(value: Numeric, scale: number): Numeric {
  const radicand = value.unscaled * powerOfTen(2 * scale - value.scale);
  const root = integerRoot(radicand);
  // (root + 1/2)² = root² + root + 1/4: the remainder tells whether to round up.
  return Numeric.of(radicand - root * root > root ? root + 1n : root, scale);
}

/** The integer part of the root, by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function squareRoot(value: Numeric): Numeric {
  if (value.sign() < 0) {
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, 'cannot take square root of a negative number');
  }
  if (!value.isFinite) return value;
  const group = value.sign() === 0 ? 0 : Math.floor(leadingExponent(value) / DIGITS_PER_GROUP);
  const rootExponent = Math.trunc(((group + 1) * DIGITS_PER_GROUP) / 2) - 1;
  return squareRootToScale(value, clampScale(SIGNIFICANT_DIGITS - rootExponent, value.scale));
}

function exponential(value: Numeric): Numeric {
  if (value.kind === '-infinity') return Numeric.zero;
  if (!value.isFinite) return value;
  const approximate = value.toNumber();
  const weight = Math.min(Math.max(approximate * Math.LOG10E, -MAX_RESULT_SCALE), MAX_RESULT_SCALE);
  const scale = clampScale(SIGNIFICANT_DIGITS - Math.trunc(weight), value.scale);
  return exponentialToScale(value, scale);
}

function exponentialToScale(value: Numeric, scale: number): Numeric {
  const approximate = value.toNumber();
  if (Math.abs(approximate) >= MAX_EXPONENTIAL) {
    if (approximate > 0) throw overflow();
    return Numeric.of(0n, scale);
  }
  const digits = scale + Math.max(approximate * Math.LOG10E, 0) + 1;
  const bits = Math.ceil(digits * BITS_PER_DIGIT) + SPARE_BITS;
  const argument = fixedFromRatio(value.unscaled, powerOfTen(value.scale), bits);
  return rounded(fixedExponential(argument, bits), bits, scale);
}

function rounded(fixed: bigint, bits: number, scale: number): Numeric {
  return Numeric.of(divideRounded(fixed * powerOfTen(scale), 1n << BigInt(bits)), scale);
}

function requirePositive(value: Numeric): void {
  if (value.kind === 'nan') return;
  if (value.sign() === 0) {
    throw new SqlError(SqlState.InvalidArgumentForLogarithm, 'cannot take logarithm of zero');
  }
  if (value.sign() < 0) {
    throw new SqlError(SqlState.InvalidArgumentForLogarithm, 'cannot take logarithm of a negative number');
  }
}

const NINE_TENTHS = Numeric.of(9n, 1);
const ELEVEN_TENTHS = Numeric.of(11n, 1);
const ONE = Numeric.of(1n, 0);
const TEN = Numeric.of(10n, 0);
const INT4_MAX = Numeric.of(2147483647n, 0);

/** PostgreSQL's estimate of the power of ten of ln(value)'s leading digit, which decides about scales. */
function logarithmExponent(value: Numeric): number {
  if (value.compare(NINE_TENTHS) >= 0 && value.compare(ELEVEN_TENTHS) <= 0) {
    const distance = value.subtract(ONE);
    return distance.sign() === 0 ? 0 : leadingExponent(distance);
  }
  return Math.trunc(Math.log10(Math.abs(approximateLog10(value) / Math.LOG10E)));
}

/** ln as a fixed-point number: exact to about `bits` bits after the point. */
function fixedLogarithmOf(value: Numeric, bits: number): bigint {
  return fixedLogarithm(value.unscaled, powerOfTen(value.scale), bits);
}

function naturalLogarithm(value: Numeric): Numeric {
  requirePositive(value);
  if (!value.isFinite) return value;
  const scale = clampScale(SIGNIFICANT_DIGITS - logarithmExponent(value), value.scale);
  const bits = Math.ceil(scale * BITS_PER_DIGIT) + SPARE_BITS;
  return rounded(fixedLogarithmOf(value, bits), bits, scale);
}

function logarithm(base: Numeric, value: Numeric): Numeric {
  if (base.kind === 'nan' || value.kind === 'nan') return Numeric.NaN;
  // Beside an infinity what is negative is met before what is zero.
  if (base.sign() === 0 && !value.isFinite) requirePositive(value);
  requirePositive(base);
  requirePositive(value);
  if (!base.isFinite) return value.isFinite ? Numeric.zero : Numeric.NaN;
  if (!value.isFinite) return value;
  if (base.compare(ONE) === 0) throw divisionByZero();
  const baseExponent = logarithmExponent(base);
  const scale = clampScale(SIGNIFICANT_DIGITS - (logarithmExponent(value) - baseExponent), base.scale, value.scale);
  const bits = Math.ceil((scale + 2 * Math.abs(baseExponent) + 20) * BITS_PER_DIGIT) + SPARE_BITS;
  const quotient = (fixedLogarithmOf(value, bits) << BigInt(bits)) / fixedLogarithmOf(base, bits);
  return rounded(quotient, bits, scale);
}

const decimalLogarithm = (value: Numeric): Numeric => logarithm(TEN, value);

/** `base ^ exponent`. Throws 2201F where no real number is the answer, 22003 where it is too large. */
export function power(base: Numeric, exponent: Numeric): Numeric {
  if (!base.isFinite || !exponent.isFinite) return specialPower(base, exponent);
  if (base.sign() === 0 && exponent.sign() < 0) {
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, 'zero raised to a negative power is undefined');
  }
  const isWhole = exponent.compare(exponent.truncate()) === 0;
  if (base.sign() < 0 && !isWhole) throw complexResult();
  if (base.sign() === 0) return exponent.sign() === 0 ? Numeric.of(powerOfTen(16), 16) : Numeric.of(0n, 16);
  const weight = exponent.toNumber() * approximateLog10(base.abs());
  if (weight > MAX_RESULT_WEIGHT) throw overflow();
  if (isWhole && exponent.abs().compare(INT4_MAX) <= 0) {
    const scale = clampScale(SIGNIFICANT_DIGITS, base.scale);
    return wholePower(base, exponent.truncate().unscaled, scale, weight);
  }
  if (weight + 1 < -MAX_DISPLAY_SCALE) return Numeric.of(0n, MAX_DISPLAY_SCALE);
  if (weight / Math.LOG10E >= MAX_EXPONENTIAL) throw overflow();
  const scale = clampScale(SIGNIFICANT_DIGITS - Math.trunc(weight), base.scale, exponent.scale);
  const isNegative = base.sign() < 0 && exponent.truncate().unscaled % 2n !== 0n;
  const magnitude = powerByLogarithm(base.abs(), exponent, scale, weight);
  return isNegative ? magnitude.negate() : magnitude;
}

function complexResult(): SqlError {
  const message = 'a negative number raised to a non-integer power yields a complex result';
  return new SqlError(SqlState.InvalidArgumentForPowerFunction, message);
}

/** Powers of more digits than this are computed with as many as the result shows. */
const MAX_EXACT_DIGITS = 20_000;

function wholePower(base: Numeric, exponent: bigint, scale: number, weight: number): Numeric {
  const magnitude = exponent < 0n ? -exponent : exponent;
  const digits = String(base.unscaled).length * Number(magnitude);
  if (digits <= MAX_EXACT_DIGITS) {
    const numerator = base.unscaled ** magnitude;
    const denominator = powerOfTen(base.scale * Number(magnitude));
    return exponent >= 0n
      ? Numeric.of(divideRounded(numerator * powerOfTen(scale), denominator), scale)
      : Numeric.of(divideRounded(denominator * powerOfTen(scale), numerator), scale);
  }
  const result = powerBySquaring(base.abs(), exponent, scale, weight);
  return base.sign() < 0 && magnitude % 2n === 1n ? result.negate() : result;
}

/** A positive base to a whole power; its cost follows the digits of the result, not those of the exact power. */
function powerBySquaring(base: Numeric, exponent: bigint, scale: number, weight: number): Numeric {
  const magnitude = exponent < 0n ? -exponent : exponent;
  const digits = Math.max(scale + weight, 0) + 8;
  // A rounding at the start grows with the power.
  const bits = Math.ceil(digits * BITS_PER_DIGIT) + magnitude.toString(2).length + SPARE_BITS;
  const denominator = powerOfTen(base.scale);
  const excess = base.unscaled.toString(2).length - denominator.toString(2).length - bits;
  const factor: Floating = cut(
    excess < 0
      ? { mantissa: (base.unscaled << BigInt(-excess)) / denominator, exponent: excess }
      : { mantissa: base.unscaled / denominator, exponent: 0 },
    bits,
  );
  let result = factor;
  for (const bit of magnitude.toString(2).slice(1)) {
    result = product(result, result, bits);
    if (bit === '1') result = product(result, factor, bits);
  }
  const { mantissa, exponent: shift } = result;
  const shown = powerOfTen(scale);
  if (exponent >= 0n) {
    return Numeric.of(
      shift >= 0 ? (mantissa << BigInt(shift)) * shown : divideRounded(mantissa * shown, 1n << BigInt(-shift)),
      scale,
    );
  }
  return Numeric.of(
    shift >= 0 ? divideRounded(shown, mantissa << BigInt(shift)) : divideRounded(shown << BigInt(-shift), mantissa),
    scale,
  );
}

/** `mantissa * 2^exponent`. */
interface Floating {
  readonly mantissa: bigint;
  readonly exponent: number;
}

function product(left: Floating, right: Floating, bits: number): Floating {
  return cut({ mantissa: left.mantissa * right.mantissa, exponent: left.exponent + right.exponent }, bits);
}

/** The first `bits` bits. */
function cut({ mantissa, exponent }: Floating, bits: number): Floating {
  const excess = mantissa.toString(16).length * 4 - bits;
  return excess <= 0 ? { mantissa, exponent } : { mantissa: mantissa >> BigInt(excess), exponent: exponent + excess };
}

function powerByLogarithm(base: Numeric, exponent: Numeric, scale: number, weight: number): Numeric {
  const digits = scale + Math.max(weight, 0) + Math.max(leadingExponent(exponent), 0) + 8;
  const bits = Math.ceil(digits * BITS_PER_DIGIT) + SPARE_BITS;
  const logarithmOfBase = fixedLogarithmOf(base, bits);
  const argument = (logarithmOfBase * exponent.unscaled) / powerOfTen(exponent.scale);
  return rounded(fixedExponential(argument, bits), bits, scale);
}

/** Powers with NaN or an infinity, as POSIX pow() has them. */
function specialPower(base: Numeric, exponent: Numeric): Numeric {
  const isOne = base.compare(ONE) === 0;
  if (isOne || exponent.sign() === 0) {
    const isKnown = isOne || exponent.isFinite;
    if (isKnown) return ONE;
  }
  if (base.kind === 'nan' || exponent.kind === 'nan') return Numeric.NaN;
  if (base.sign() === 0 && exponent.sign() < 0) {
    throw new SqlError(SqlState.InvalidArgumentForPowerFunction, 'zero raised to a negative power is undefined');
  }
  if (!exponent.isFinite) {
    const against = base.abs().compare(ONE);
    if (against === 0) return ONE;
    return against > 0 === exponent.sign() > 0 ? Numeric.Infinity : Numeric.zero;
  }
  const isWhole = exponent.compare(exponent.truncate()) === 0;
  if (base.kind === '-infinity' && !isWhole) throw complexResult();
  if (exponent.sign() < 0) return Numeric.zero;
  const isOdd = isWhole && exponent.truncate().unscaled % 2n !== 0n;
  return base.kind === '-infinity' && isOdd ? Numeric.NegativeInfinity : Numeric.Infinity;
}

export const numericMathFunctions: readonly ScalarFunction[] = [
  defineScalar('sqrt', 1730, [numeric], numeric, squareRoot),
  defineScalar('exp', 1732, [numeric], numeric, exponential),
  defineScalar('ln', 1734, [numeric], numeric, naturalLogarithm),
  defineScalar('log', 1736, [numeric, numeric], numeric, logarithm),
  defineScalar('log', 1741, [numeric], numeric, decimalLogarithm),
  defineScalar('log10', 1481, [numeric], numeric, decimalLogarithm),
  defineScalar('power', 2169, [numeric, numeric], numeric, power),
  defineScalar('pow', 1738, [numeric, numeric], numeric, power),
];
