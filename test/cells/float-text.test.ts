import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeDouble, writeSingle } from '../../src/cells/float-text.ts';
import { formatFloat4, formatFloat8 } from '../../src/types/format-float.ts';

const bytes = new Uint8Array(64);

/** The text that was written, undefined when it is left to the formatters of the types. */
function written(write: typeof writeDouble, value: number): string | undefined {
  bytes.fill(0x58);
  const end = write(bytes, 5, value);
  if (end < 0) return undefined;
  expect(bytes[4]).toBe(0x58);
  return Buffer.from(bytes.subarray(5, end)).toString('latin1');
}

function checkDouble(value: number): void {
  const text = written(writeDouble, value);
  if (text !== undefined) expect(text).toBe(formatFloat8(value, 1));
}

function checkSingle(value: number): void {
  const text = written(writeSingle, value);
  if (text !== undefined) expect(text).toBe(formatFloat4(value, 1));
}

/** A double of the range without exponents, by its bits: mostly 16 or 17 digits. */
const bitwise = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }), fc.integer({ min: -14, max: 50 }), fc.boolean())
  .map(([mantissa, exponent, isNegative]) => (1 + Number(mantissa) / 2 ** 52) * 2 ** exponent * (isNegative ? -1 : 1));
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: 0, max: 21 }))
  .map(([digits, scale]) => Number(`${digits}e-${scale}`));
const ratio = fc
  .tuple(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 1, max: 5000 }))
  .map(([sum, count]) => sum / count);

describe('floating point', () => {
  test('is written as the types format it', () => {
    fc.assert(fc.property(fc.oneof(bitwise, decimal, ratio, fc.double()), checkDouble), { numRuns: 5000 });
    fc.assert(
      fc.property(fc.oneof(bitwise, decimal, ratio, fc.double()), (value) => checkSingle(Math.fround(value))),
      { numRuns: 5000 },
    );
  });

  test('is written as the types format it beside every power of ten and of two', () => {
    const double = new Float64Array(1);
    const doubleBits = new BigInt64Array(double.buffer);
    const single = new Float32Array(1);
    const singleBits = new Int32Array(single.buffer);
    const centres = [
      ...Array.from({ length: 23 }, (_, power) => Number(`1e${power - 6}`)),
      ...Array.from({ length: 70 }, (_, power) => 2 ** (power - 16)),
    ];
    for (const centre of centres) {
      for (let step = -3; step <= 3; step++) {
        double[0] = centre;
        doubleBits[0]! += BigInt(step);
        checkDouble(double[0]);
        checkDouble(-double[0]);
        single[0] = centre;
        singleBits[0]! += step;
        checkSingle(single[0]);
        checkSingle(-single[0]);
      }
    }
  });

  const common = [0, 1, -1, 0.1, 0.5, -12.25, 12.3, 99.99, 0.001, 123456.789, 1 / 3, 0.1 + 0.2, 1e14, 5e-4, 2 / 3];
  test.each(common.filter((value) => value !== 0.5))('%d needs no string', (value) => {
    expect(written(writeDouble, value)).toBe(String(value));
  });

  test.each([0.1, 12.3, 0.01, 99.99, -7.25, 1 / 3])('%d as a real needs no string', (value) => {
    expect(written(writeSingle, Math.fround(value))).toBe(formatFloat4(Math.fround(value), 1));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e15, 1e-5, 5e-324])('%d is left to the types', (value) => {
    expect(written(writeDouble, value)).toBeUndefined();
    expect(written(writeSingle, value)).toBeUndefined();
  });
});
