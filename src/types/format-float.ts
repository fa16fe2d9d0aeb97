import { toExponent } from './to-exponent.ts';

/**
 * Floating point as PostgreSQL prints it. With extra_float_digits of 1 and more: the shortest digits that read back as
 * the same value, with an exponent below 1e-4 and from 1e15 (real: 1e6) on. With 0 and less: C's %g with that many
 * digits fewer than the type always keeps.
 */
export function formatFloat8(value: number, extraFloatDigits: number): string {
  const magnitude = Math.abs(value);
  if (extraFloatDigits > 0) {
    // Where JavaScript and PostgreSQL agree, which is nearly always.
    if (magnitude >= 1e-4 && magnitude < 1e15) return String(value);
    return special(value) ?? exponential(magnitude < MAX_EXACT_FLOAT64 ? value.toExponential() : shortestLarge(value));
  }
  return special(value) ?? formatPrecision(value, 15 + extraFloatDigits);
}

/** `value` is exactly a float32. */
export function formatFloat4(value: number, extraFloatDigits: number): string {
  const named = special(value);
  if (named !== undefined) return named;
  if (extraFloatDigits <= 0) return formatPrecision(value, 6 + extraFloatDigits);
  const shortest = shortestFloat32(value);
  const shown = Math.abs(Number(shortest));
  return shown >= 1e-4 && shown < 1e6 ? String(Number(shortest)) : exponential(shortest);
}

function special(value: number): string | undefined {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return Number.isFinite(value) ? undefined : String(value);
}

const MAX_EXACT_FLOAT64 = 2 ** 53;
const MAX_EXACT_FLOAT32 = 2 ** 24;
const MIN_NORMAL_FLOAT32 = 2 ** -126;

/**
 * PostgreSQL wants digits that read back whatever the reader's rounding mode: a decimal exactly halfway between two
 * floats will not do. JavaScript takes it (1e23). Only integers too large to be exact have such short neighbours.
 */
function shortestLarge(value: number): string {
  const text = value.toExponential();
  if (!isHalfway(text, value, 53)) return text;
  for (let digits = 1; digits < 17; digits++) {
    const candidate = value.toExponential(digits - 1);
    if (Number(candidate) === value && !isHalfway(candidate, value, 53)) return candidate;
  }
  return value.toExponential(16);
}

/** Whether an integer in exponent notation lies exactly between `value` and the float next to it. */
function isHalfway(text: string, value: number, mantissaBits: number): boolean {
  const decimal = integerOf(text.replace('-', ''));
  const exact = BigInt(Math.abs(value));
  if (decimal === undefined || decimal === exact) return false;
  const spacing = 1n << BigInt(exact.toString(2).length - mantissaBits);
  if (decimal > exact) return (decimal - exact) * 2n === spacing;
  // Below a power of two the floats lie half as far apart.
  const isPowerOfTwo = (exact & (exact - 1n)) === 0n;
  return (exact - decimal) * (isPowerOfTwo ? 4n : 2n) === spacing;
}

function integerOf(text: string): bigint | undefined {
  const [digits = '', exponent = '0'] = text.split('e');
  const [whole = '', decimals = ''] = digits.split('.');
  const zeros = Number(exponent) - decimals.length;
  return zeros < 0 ? undefined : BigInt(whole + decimals) * 10n ** BigInt(zeros);
}

/** The shortest decimal in exponent notation that lies nearer to this float32 than to any other. */
function shortestFloat32(value: number): string {
  const magnitude = Math.abs(value);
  // Six digits survive the way through a float32, so shorter ones need no tries of their own: zeros are dropped later.
  const firstTry = magnitude >= MIN_NORMAL_FLOAT32 ? 6 : 1;
  for (let digits = firstTry; digits < 9; digits++) {
    const text = toExponent(value, digits);
    for (const candidate of [text, nextDecimal(text)]) {
      const reads = Math.fround(Number(candidate)) === value;
      if (reads && (magnitude < MAX_EXACT_FLOAT32 || !isHalfway(candidate, value, 24))) return candidate;
    }
  }
  return value.toExponential(8);
}

/**
 * The decimal one unit further from zero in the last digit. Below a power of two floats lie half as far apart as above:
 * there the nearest decimal may miss the value while its neighbour above hits it.
 */
function nextDecimal(text: string): string {
  const [digits = '', exponent = '0'] = text.split('e');
  const decimals = digits.split('.')[1]?.length ?? 0;
  const isNegative = digits.startsWith('-');
  const next = String(BigInt(digits.replace('-', '').replace('.', '')) + 1n);
  const power = Number(exponent) - decimals + next.length - 1;
  return `${isNegative ? '-' : ''}${next.charAt(0)}.${next.slice(1)}e${power}`;
}

/** `1.50000e-7` → `1.5e-07`. */
function exponential(text: string): string {
  const [digits = '', exponent = '0'] = text.split('e');
  return withExponent(withoutTrailingZeros(digits), Number(exponent));
}

function withExponent(digits: string, power: number): string {
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** C's `%.*g`. */
function formatPrecision(value: number, digits: number): string {
  const precision = Math.max(digits, 1);
  const rounded = toExponent(value, precision);
  const [significant = '', exponent = '0'] = rounded.split('e');
  const power = Number(exponent);
  if (power < -4 || power >= precision) return withExponent(withoutTrailingZeros(significant), power);
  return withoutTrailingZeros(Number(rounded).toFixed(Math.max(precision - 1 - power, 0)));
}

function withoutTrailingZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0*$/, '') : digits;
}
