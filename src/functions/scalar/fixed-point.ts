/**
 * exp and ln of binary fixed-point numbers: a bigint `f` stands for `f / 2^bits`. Results are off by a few units in the
 * last bits; callers ask for some more than they show.
 */

const REDUCTION_BITS = 8;

/** `numerator / denominator` as fixed point; the denominator is positive. */
export function fixedFromRatio(numerator: bigint, denominator: bigint, bits: number): bigint {
  return (numerator << BigInt(bits)) / denominator;
}

/** Two times artanh(numerator/denominator), by its series: how logarithms are summed. */
function twiceArtanh(z: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const square = (z * z) >> shift;
  let power = z;
  let sum = z;
  for (let divisor = 3n; power !== 0n; divisor += 2n) {
    power = (power * square) >> shift;
    // A negative power never shifts to 0 but to -1, which is as small.
    if (power === -1n) break;
    sum += power / divisor;
  }
  return sum * 2n;
}

const knownLn2 = new Map<number, bigint>();

function ln2(bits: number): bigint {
  let value = knownLn2.get(bits);
  if (value === undefined) {
    value = twiceArtanh((1n << BigInt(bits)) / 3n, bits);
    if (knownLn2.size > 100) knownLn2.clear();
    knownLn2.set(bits, value);
  }
  return value;
}

/** ln(numerator / denominator) of positive integers. */
export function fixedLogarithm(numerator: bigint, denominator: bigint, bits: number): bigint {
  const exponent = numerator.toString(2).length - denominator.toString(2).length;
  // The mantissa lies between 1/2 and 2, where the series converges at more than a bit and a half a term.
  const scaledUp = exponent < 0 ? numerator << BigInt(-exponent) : numerator;
  const scaledDown = exponent > 0 ? denominator << BigInt(exponent) : denominator;
  const z = fixedFromRatio(scaledUp - scaledDown, scaledUp + scaledDown, bits);
  return twiceArtanh(z, bits) + BigInt(exponent) * ln2(bits);
}

/** e^x: by x = k ln 2 + r, the series of e^(r / 2^8), eight squarings, and a shift by k. */
export function fixedExponential(x: bigint, bits: number): bigint {
  // The squarings and a shift to the left cost bits, which the computation gets in advance.
  const magnitude = x < 0n ? -x : x;
  const wholeBits = (magnitude >> BigInt(bits)).toString(2).length;
  const workBits = bits + 2 * REDUCTION_BITS + wholeBits + 16 + Number(x > 0n ? (x * 3n) >> BigInt(bits + 1) : 0n);
  const work = BigInt(workBits);
  const argument = x << BigInt(workBits - bits);
  const base = ln2(workBits);
  const k = (argument + (argument < 0n ? -base : base) / 2n) / base;
  const rest = (argument - k * base) >> BigInt(REDUCTION_BITS);
  const one = 1n << work;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * rest) >> work) / n;
    sum += term;
  }
  for (let squaring = 0; squaring < REDUCTION_BITS; squaring++) sum = (sum * sum) >> work;
  const shift = BigInt(workBits - bits) - k;
  return shift >= 0n ? sum >> shift : sum << -shift;
}
