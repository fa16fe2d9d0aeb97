import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UddSketch } from '../../src/types/udd-sketch.ts';

/** Beyond what the bound says: logarithms are rounded. */
const ROUNDING = 1e-9;

const values = fc.array(
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: -1000, max: 1000, noNaN: true }),
    fc.integer({ min: -5, max: 5 }),
  ),
  { minLength: 1, maxLength: 300 },
);

/** What the sketch is to be near to: by rank, as DDSketch has it. */
function exact(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor(fraction * (sorted.length - 1))];
}

function sketchOf(of: readonly number[], maxBuckets = 200, alpha = 0.01): UddSketch {
  const sketch = new UddSketch(maxBuckets, alpha);
  for (const value of of) sketch.add(value);
  return sketch;
}

function isNear(found: number | undefined, wanted: number, error: number): boolean {
  // Numbers so small that there is no bucket's worth of digits are as good as 0.
  if (Math.abs(wanted) < 1e-300) return Math.abs(found ?? Number.NaN) < 1e-299;
  return found !== undefined && Math.abs(found - wanted) <= Math.abs(wanted) * (error + ROUNDING);
}

const fractions = fc.double({ min: 0, max: 1, noNaN: true });

describe('a sketch', () => {
  test('answers every percentile within the error that it states', () => {
    fc.assert(
      fc.property(
        values,
        fractions,
        fc.constantFrom(4, 30, 1000),
        fc.constantFrom(0.001, 0.05),
        (of, fraction, size, alpha) => {
          const sketch = sketchOf(of, size, alpha);
          const sorted = [...of].sort((left, right) => left - right);
          expect(isNear(sketch.percentile(fraction), exact(sorted, fraction), sketch.error)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('keeps the error that it was made with as long as the buckets suffice', () => {
    const sketch = new UddSketch(2000, 0.001);
    for (let value = 1; value <= 50; value += 0.001) sketch.add(value);
    expect(sketch.error).toBe(0.001);
    for (let value = 50; value <= 3000; value += 0.5) sketch.add(value);
    expect(sketch.error).toBeCloseTo(0.002, 6);
  });

  test('is the same whether its values came together or in parts', () => {
    fc.assert(
      fc.property(values, values, values, fractions, (first, second, third, fraction) => {
        const whole = sketchOf([...first, ...second, ...third]);
        const merged = sketchOf(first);
        const other = sketchOf(second);
        other.merge(sketchOf(third));
        merged.merge(other);
        expect(merged.count).toBe(whole.count);
        expect(merged.error).toBe(whole.error);
        expect(merged.percentile(fraction)).toBe(whole.percentile(fraction));
      }),
      { numRuns: 1000 },
    );
  });

  test('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(values, fractions, (of, fraction) => {
        const sketch = sketchOf([...of, Number.POSITIVE_INFINITY, Number.NaN], 20);
        const bytes = sketch.toBytes();
        const read = UddSketch.fromBytes(bytes);
        expect(read.toBytes()).toEqual(bytes);
        expect(read.error).toBe(sketch.error);
        expect(read.percentile(fraction)).toBe(sketch.percentile(fraction));
      }),
    );
  });

  test('refuses bytes that are cut or that say what cannot be', () => {
    const bytes = sketchOf([1, 2, 3]).toBytes();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => UddSketch.fromBytes(bytes.slice(0, length))).toThrow('invalid uddsketch');
    }
    expect(() => UddSketch.fromBytes(Uint8Array.of(...bytes, 0))).toThrow('invalid uddsketch');
    for (const at of [0, 1, 6]) {
      const wrong = bytes.slice();
      wrong[at] = 0xff;
      expect(() => UddSketch.fromBytes(wrong)).toThrow('invalid uddsketch');
    }
  });

  test('ranks values', () => {
    const sketch = sketchOf(
      Array.from({ length: 1001 }, (_, value) => value - 500),
      5000,
    );
    expect(sketch.rank(-520)).toBe(0);
    expect(sketch.rank(0)).toBeCloseTo(0.5, 2);
    expect(sketch.rank(250)).toBeCloseTo(0.75, 2);
    expect(sketch.rank(500)).toBe(1);
    expect(sketch.rank(Number.POSITIVE_INFINITY)).toBe(1);
  });

  test('has nothing to say of no values', () => {
    const sketch = new UddSketch(10, 0.1);
    expect([sketch.percentile(0.5), sketch.rank(1), sketch.count]).toEqual([undefined, undefined, 0]);
  });
});
