import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { javaScriptKernels } from '../../src/kernels/javascript-kernels.ts';
import { GROUP_LANES } from '../../src/kernels/kernel-limits.ts';
import {
  type Comparison,
  foldGroupLanes,
  kernels,
  leaveKernelMemory,
  type NumericKernels,
  useKernelMemory,
} from '../../src/kernels/numeric-kernels.ts';
import { KERNEL_SCRATCH_BYTES, openWasmKernels } from '../../src/kernels/wasm-kernels.ts';
import { createSharedMemory } from '../../src/storage/cache/shared-memory.ts';
import { packBits } from '../../src/storage/codec/bit-packing.ts';

const ARRAYS_BYTES = 512 * 1024;
const memory = createSharedMemory(ARRAYS_BYTES + KERNEL_SCRATCH_BYTES);
const wasm = openWasmKernels({ memory, scratchAt: ARRAYS_BYTES });
const COMPARISONS: readonly Comparison[] = ['<', '<=', '=', '<>', '>=', '>'];

test('the WASM kernels are there: `npm run build` has made dist/kernels/numeric.wasm', () => {
  expect(wasm).toBeDefined();
});

/** Whatever a column may hold, often the same. */
const value = fc.oneof(
  { arbitrary: fc.double(), weight: 2 },
  { arbitrary: fc.integer({ min: -3, max: 3 }), weight: 3 },
  { arbitrary: fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), weight: 1 },
  { arbitrary: fc.constantFrom(-0, 0), weight: 1 },
);

interface Rows {
  readonly values: Float64Array;
  readonly mask: Uint8Array;
  readonly other: Uint8Array;
  readonly codes: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly constant: number;
}

/** Rows of kinds of values that differ from case to case, so that all-zero and all-NaN ranges are met too. */
const rows: fc.Arbitrary<Rows> = fc
  .record({
    kinds: fc.array(value, { minLength: 1, maxLength: 6 }),
    length: fc.oneof(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 1000, max: 1100 }), fc.constant(2500)),
    seed: fc.integer(),
    density: fc.constantFrom(0, 1, 3, 7, 8),
    cut: fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })),
    constant: value,
  })
  .map(({ kinds, length, seed, density, cut, constant }) => {
    let state = seed | 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state >>> 8) % below;
    };
    const from = Math.min(cut[0], length);
    return {
      values: Float64Array.from({ length }, () => kinds[random(kinds.length)]!),
      mask: Uint8Array.from({ length }, () => (random(8) < density ? 1 : 0)),
      other: Uint8Array.from({ length }, () => random(2)),
      codes: Uint32Array.from({ length }, () => random(5)),
      from,
      to: Math.max(length - cut[1], from),
      constant,
    };
  });

/** The same rows in the kernels' memory, where nothing is aligned to more than its own size. */
function shared({ values, mask, other, codes, ...rest }: Rows): Rows {
  const placed = {
    values: new Float64Array(memory.buffer, 8, values.length),
    codes: new Uint32Array(memory.buffer, 100_004, codes.length),
    mask: new Uint8Array(memory.buffer, 200_001, mask.length),
    other: new Uint8Array(memory.buffer, 300_003, other.length),
  };
  placed.values.set(values);
  placed.codes.set(codes);
  placed.mask.set(mask);
  placed.other.set(other);
  return { ...placed, ...rest };
}

function copied({ values, mask, other, codes, ...rest }: Rows): Rows {
  return { values: values.slice(), mask: mask.slice(), other: other.slice(), codes: codes.slice(), ...rest };
}

const sumsOf = (length: number) => new Float64Array(length).fill(-0);

/** What a kernel gives back and what it leaves in the mask or the accumulators, as plain arrays. */
const calls: Record<string, (kernels: NumericKernels, rows: Rows) => unknown> = {
  sum: (on, { values, from, to }) => on.sum(values, from, to),
  min: (on, { values, from, to }) => on.min(values, from, to),
  max: (on, { values, from, to }) => on.max(values, from, to),
  sumSelected: (on, { values, mask, from, to }) => on.sumSelected(values, mask, from, to),
  minSelected: (on, { values, mask, from, to }) => on.minSelected(values, mask, from, to),
  maxSelected: (on, { values, mask, from, to }) => on.maxSelected(values, mask, from, to),
  countSelected: (on, { mask, from, to }) => on.countSelected(mask, from, to),
  and: (on, { mask, other, from, to }) => {
    on.and(mask, other, from, to);
    return Array.from(mask);
  },
  or: (on, { mask, other, from, to }) => {
    on.or(mask, other, from, to);
    return Array.from(mask);
  },
  groupSums: (on, { values, codes, from, to }) => {
    const sums = sumsOf(5 * GROUP_LANES);
    on.groupSums(values, codes, undefined, sums, from, to);
    return Array.from(sums);
  },
  'groupSums of the selected': (on, { values, codes, mask, from, to }) => {
    const sums = sumsOf(5 * GROUP_LANES);
    on.groupSums(values, codes, mask, sums, from, to);
    return Array.from(sums);
  },
  groupCounts: (on, { codes, from, to }) => {
    const counts = new Float64Array(5 * GROUP_LANES);
    on.groupCounts(codes, undefined, counts, from, to);
    return Array.from(counts);
  },
  'groupCounts of the selected': (on, { codes, mask, from, to }) => {
    const counts = new Float64Array(5 * GROUP_LANES);
    on.groupCounts(codes, mask, counts, from, to);
    return Array.from(counts);
  },
};
for (const comparison of COMPARISONS) {
  calls[`compare ${comparison}`] = (on, { values, constant, mask, from, to }) => {
    on.compare(values, comparison, constant, mask, from, to);
    return Array.from(mask);
  };
  calls[`narrow ${comparison}`] = (on, { values, constant, mask, from, to }) => {
    on.narrow(values, comparison, constant, mask, from, to);
    return Array.from(mask);
  };
}

describe.skipIf(wasm === undefined)('WASM and JS agree to the last bit on', () => {
  for (const [name, call] of Object.entries(calls)) {
    test(name, () => {
      fc.assert(
        fc.property(rows, (given) => {
          const expected = call(javaScriptKernels, copied(given));
          expect(call(wasm!, shared(given))).toEqual(expected);
          // Arrays that lie elsewhere go through the scratch space.
          expect(call(wasm!, copied(given))).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    });
  }
});

describe('kernels', () => {
  test('the sum of nothing is -0, and so is that of values which are all -0', () => {
    for (const on of [javaScriptKernels, kernels]) {
      expect(on.sum(new Float64Array(5), 3, 3)).toBe(-0);
      expect(on.sum(new Float64Array(100).fill(-0), 0, 100)).toBe(-0);
      expect(on.sum(new Float64Array(100), 0, 100)).toBe(0);
      expect(on.sumSelected(new Float64Array(100), new Uint8Array(100), 0, 100)).toBe(-0);
    }
  });

  test('NaN is greater than everything', () => {
    for (const on of [javaScriptKernels, kernels]) {
      const values = Float64Array.from({ length: 100 }, (_, row) => (row === 70 ? Number.NaN : row + 1));
      expect(on.min(values, 0, 100)).toBe(1);
      expect(on.max(values, 0, 100)).toBeNaN();
      expect(on.max(values, 0, 70)).toBe(70);
      expect(on.min(values.subarray(70, 71), 0, 1)).toBeNaN();
      expect(on.min(Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY), 0, 2)).toBe(Number.POSITIVE_INFINITY);
      expect(on.min(values, 5, 5)).toBeNaN();
      expect(on.max(values, 5, 5)).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  test('comparisons follow the order of SQL for every pair of values', () => {
    const all = [Number.NEGATIVE_INFINITY, -1, -0, 0, 1, Number.POSITIVE_INFINITY, Number.NaN];
    const ranks = [Number.NEGATIVE_INFINITY, -1, 0, 1, Number.POSITIVE_INFINITY, Number.NaN];
    const rank = (value: number) => ranks.findIndex((other) => Object.is(other, value) || other === value);
    const order = (left: number, right: number) => rank(left) - rank(right);
    const holds: Record<Comparison, (order: number) => boolean> = {
      '<': (order) => order < 0,
      '<=': (order) => order <= 0,
      '=': (order) => order === 0,
      '<>': (order) => order !== 0,
      '>=': (order) => order >= 0,
      '>': (order) => order > 0,
    };
    const values = Float64Array.from({ length: 70 }, (_, row) => all[row % 7]!);
    for (const on of [javaScriptKernels, kernels]) {
      for (const comparison of COMPARISONS) {
        for (const constant of all) {
          const mask = new Uint8Array(70);
          on.compare(values, comparison, constant, mask, 0, 70);
          const expected = Array.from(values, (value) => Number(holds[comparison](order(value, constant))));
          expect(Array.from(mask)).toEqual(expected);
          mask.fill(1, 0, 35);
          mask.fill(0, 35);
          on.narrow(values, comparison, constant, mask, 0, 70);
          expect(Array.from(mask)).toEqual(expected.map((bit, row) => (row < 35 ? bit : 0)));
        }
      }
    }
  });

  test('lanes of a group fold to its sum', () => {
    const sums = sumsOf(2 * GROUP_LANES);
    const codes = Uint32Array.from({ length: 100 }, (_, row) => row % 2);
    kernels.groupSums(new Float64Array(100).fill(1), codes, undefined, sums, 0, 100);
    expect([foldGroupLanes(sums, 0), foldGroupLanes(sums, 1)]).toEqual([50, 50]);
  });

  test('rows past the end of an array are refused rather than read from its neighbours', () => {
    const placed = new Float64Array(memory.buffer, 0, 40);
    const on = wasm ?? kernels;
    if (wasm !== undefined) expect(() => on.min(placed, 0, 41)).toThrow('rows lie within their values');
  });

  test('a memory is in use from when it was given until it is left', () => {
    const before = kernels;
    useKernelMemory(memory, ARRAYS_BYTES);
    expect(kernels.sum(new Float64Array(memory.buffer, 0, 64).fill(1), 0, 64)).toBe(64);
    leaveKernelMemory({ buffer: new SharedArrayBuffer(0) });
    const during = kernels;
    leaveKernelMemory(memory);
    if (wasm !== undefined) expect(kernels).not.toBe(during);
    expect(kernels).not.toBe(before === javaScriptKernels ? undefined : before);
  });
});

describe.each(Array.from({ length: 31 }, (_, index) => index + 1))('integers of %d bits', (width) => {
  const max = 2 ** width - 1;
  const integers = Uint32Array.from({ length: 1024 }, (_, row) =>
    row % 3 === 0 ? max : (row * 2654435761) % (max + 1),
  );

  test('become multiples of a step above a base, by both', () => {
    for (const count of [1, 2, 3, 4, 5, 31, 127, 128, 129, 1021, 1024]) {
      const words = new Uint32Array(1100);
      packBits(integers, count, width, words);
      for (const [base, step, divisor] of [
        [-17, 3, 1],
        [-17, 3, 1000],
        [0.5, 1, 100],
      ] as const) {
        const expected = Array.from(integers.subarray(0, count), (integer) => (base + integer * step) / divisor);
        for (const on of wasm === undefined ? [javaScriptKernels] : [javaScriptKernels, wasm]) {
          const targets = [new Float64Array(count), new Float64Array(memory.buffer, 8, count)];
          for (const target of targets) {
            const after = new Float64Array(memory.buffer, 8 + count * 8, 4).fill(7);
            on.unpack(words, width, { base, step, divisor }, target);
            expect(Array.from(target)).toEqual(expected);
            expect(Array.from(after)).toEqual([7, 7, 7, 7]);
          }
        }
      }
    }
  });
});
