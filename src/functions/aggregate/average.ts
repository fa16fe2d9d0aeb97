import { Numeric } from '../../types/numeric.ts';

const GROUP = 10_000;
const DIGITS_PER_GROUP = 4;
const MIN_SIGNIFICANT_DIGITS = 16;
const MAX_EXACT = 2 ** 53;
/** Remainders of smaller divisors can be moved on by a group of digits without rounding. */
const MAX_COUNT = MAX_EXACT / GROUP;
/** Of sums with more decimals the first digits are not looked at as a double. */
const MAX_SCALE = 12;
const POWERS: readonly number[] = [1, 10, 100, 1000, GROUP];
const BIG_POWERS: readonly bigint[] = Array.from({ length: 64 }, (_, digits) => 10n ** BigInt(digits));

/**
 * `sum * 10^-scale / count` as numeric division gives it, digit for digit; by long division in doubles, four digits at a
 * time, where all is small enough for that.
 */
export function averageOf(sum: number, count: number, scale = 0): Numeric {
  const size = Math.abs(sum);
  // The groups of four digits that decide the scale are counted from the decimal point.
  const aligned = size * POWERS[(DIGITS_PER_GROUP - (scale % DIGITS_PER_GROUP)) % DIGITS_PER_GROUP];
  if (!(aligned < MAX_EXACT) || count >= MAX_COUNT || scale > MAX_SCALE) {
    return Numeric.of(BigInt(sum), scale).divide(Numeric.fromInt64(count));
  }
  const resultScale = Math.max(quotientScale(aligned, Math.ceil(scale / DIGITS_PER_GROUP), count), scale);
  let rest = size % count;
  let high = (size - rest) / count;
  let low = 0;
  let lowDigits = 0;
  for (let left = resultScale - scale; left > 0; ) {
    const digits = Math.min(left, DIGITS_PER_GROUP);
    const moved = rest * POWERS[digits];
    rest = moved % count;
    const quotient = (moved - rest) / count;
    if (lowDigits === 0 && high < MAX_COUNT) high = high * POWERS[digits] + quotient;
    else {
      low = low * POWERS[digits] + quotient;
      lowDigits += digits;
    }
    left -= digits;
  }
  if (2 * rest >= count) {
    if (lowDigits === 0) high++;
    else low++;
  }
  const unscaled = lowDigits === 0 ? BigInt(high) : BigInt(high) * BIG_POWERS[lowDigits] + BigInt(low);
  return Numeric.of(sum < 0 ? -unscaled : unscaled, resultScale);
}

/** How many decimals the quotient has: enough for 16 significant digits. The dividend has `fractionGroups` behind the point. */
function quotientScale(dividend: number, fractionGroups: number, divisor: number): number {
  const dividendWeight = weightOf(dividend);
  const divisorWeight = weightOf(divisor);
  const isLess = Math.floor(dividend / GROUP ** dividendWeight) <= Math.floor(divisor / GROUP ** divisorWeight);
  // Zero has weight 0, wherever its point is.
  const weight = (dividend === 0 ? 0 : dividendWeight - fractionGroups) - divisorWeight - (isLess ? 1 : 0);
  return Math.max(MIN_SIGNIFICANT_DIGITS - weight * DIGITS_PER_GROUP, 0);
}

/** Groups of four digits beyond the first. */
function weightOf(value: number): number {
  let weight = 0;
  for (let rest = value; rest >= GROUP; rest = Math.floor(rest / GROUP)) weight++;
  return weight;
}
