import { BLOCK_ROWS, GROUP_LANES } from './kernel-limits.ts';
import type { Comparison, NumericKernels } from './numeric-kernels.ts';
import { unpackNumbers } from './unpack-numbers.ts';

/** `pair[mask[row]]` takes one of two values without a branch, which random masks would make slow. */
const pair = new Float64Array(2);

/** The kernels in plain JS: what runs wherever the WASM ones do not, and what those are tested against. */
export const javaScriptKernels: NumericKernels = {
  sum(values, from, to) {
    let total = -0;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      total += sumOfBlock(values, start, Math.min(start + BLOCK_ROWS, to));
    }
    return total;
  },

  min(values, from, to) {
    let lane0 = Number.POSITIVE_INFINITY;
    let lane1 = lane0;
    let lane2 = lane0;
    let lane3 = lane0;
    let row = from;
    for (; row + 4 <= to; row += 4) {
      lane0 = Math.min(lane0, values[row]);
      lane1 = Math.min(lane1, values[row + 1]);
      lane2 = Math.min(lane2, values[row + 2]);
      lane3 = Math.min(lane3, values[row + 3]);
    }
    let least = Math.min(lane0, lane1, lane2, lane3);
    for (; row < to; row++) least = Math.min(least, values[row]);
    return least < Number.POSITIVE_INFINITY ? least : leastBesideNaN(values, undefined, from, to);
  },

  max(values, from, to) {
    let lane0 = Number.NEGATIVE_INFINITY;
    let lane1 = lane0;
    let lane2 = lane0;
    let lane3 = lane0;
    let row = from;
    for (; row + 4 <= to; row += 4) {
      lane0 = Math.max(lane0, values[row]);
      lane1 = Math.max(lane1, values[row + 1]);
      lane2 = Math.max(lane2, values[row + 2]);
      lane3 = Math.max(lane3, values[row + 3]);
    }
    let greatest = Math.max(lane0, lane1, lane2, lane3);
    for (; row < to; row++) greatest = Math.max(greatest, values[row]);
    return greatest;
  },

  sumSelected(values, mask, from, to) {
    let total = -0;
    for (let start = from; start < to; start += BLOCK_ROWS) {
      total += sumOfSelected(values, mask, start, Math.min(start + BLOCK_ROWS, to));
    }
    return total;
  },

  minSelected(values, mask, from, to) {
    let least = Number.POSITIVE_INFINITY;
    pair[0] = least;
    for (let row = from; row < to; row++) {
      pair[1] = values[row];
      least = Math.min(least, pair[mask[row]]);
    }
    return least < Number.POSITIVE_INFINITY ? least : leastBesideNaN(values, mask, from, to);
  },

  maxSelected(values, mask, from, to) {
    let greatest = Number.NEGATIVE_INFINITY;
    pair[0] = greatest;
    for (let row = from; row < to; row++) {
      pair[1] = values[row];
      greatest = Math.max(greatest, pair[mask[row]]);
    }
    return greatest;
  },

  compare(values, comparison, constant, mask, from, to) {
    switch (withoutNaN(comparison, constant)) {
      case '<':
        for (let row = from; row < to; row++) mask[row] = Number(values[row] < constant);
        break;
      case '<=':
        for (let row = from; row < to; row++) mask[row] = Number(values[row] <= constant);
        break;
      case '=':
        for (let row = from; row < to; row++) mask[row] = Number(values[row] === constant);
        break;
      case '<>':
        for (let row = from; row < to; row++) mask[row] = 1 - Number(values[row] === constant);
        break;
      // Negated, since NaN is greater than any constant.
      case '>=':
        for (let row = from; row < to; row++) mask[row] = 1 - Number(values[row] < constant);
        break;
      case '>':
        for (let row = from; row < to; row++) mask[row] = 1 - Number(values[row] <= constant);
        break;
      case 'is number':
        for (let row = from; row < to; row++) mask[row] = Number.isNaN(values[row]) ? 0 : 1;
        break;
      case 'is NaN':
        for (let row = from; row < to; row++) mask[row] = Number.isNaN(values[row]) ? 1 : 0;
        break;
      case 'always':
        mask.fill(1, from, to);
        break;
      case 'never':
        mask.fill(0, from, to);
        break;
    }
  },

  narrow(values, comparison, constant, mask, from, to) {
    switch (withoutNaN(comparison, constant)) {
      case '<':
        for (let row = from; row < to; row++) mask[row] &= Number(values[row] < constant);
        break;
      case '<=':
        for (let row = from; row < to; row++) mask[row] &= Number(values[row] <= constant);
        break;
      case '=':
        for (let row = from; row < to; row++) mask[row] &= Number(values[row] === constant);
        break;
      case '<>':
        for (let row = from; row < to; row++) mask[row] &= 1 - Number(values[row] === constant);
        break;
      case '>=':
        for (let row = from; row < to; row++) mask[row] &= 1 - Number(values[row] < constant);
        break;
      case '>':
        for (let row = from; row < to; row++) mask[row] &= 1 - Number(values[row] <= constant);
        break;
      case 'is number':
        for (let row = from; row < to; row++) mask[row] &= Number.isNaN(values[row]) ? 0 : 1;
        break;
      case 'is NaN':
        for (let row = from; row < to; row++) mask[row] &= Number.isNaN(values[row]) ? 1 : 0;
        break;
      case 'always':
        break;
      case 'never':
        mask.fill(0, from, to);
        break;
    }
  },

  and(mask, other, from, to) {
    for (let row = from; row < to; row++) mask[row] &= other[row];
  },

  or(mask, other, from, to) {
    for (let row = from; row < to; row++) mask[row] |= other[row];
  },

  countSelected(mask, from, to) {
    let count = 0;
    for (let row = from; row < to; row++) count += mask[row];
    return count;
  },

  groupSums(values, codes, mask, sums, from, to) {
    if (mask === undefined) {
      for (let row = from; row < to; row++) {
        sums[codes[row] * GROUP_LANES + (row & (GROUP_LANES - 1))] += values[row];
      }
    } else {
      pair[0] = -0;
      for (let row = from; row < to; row++) {
        pair[1] = values[row];
        sums[codes[row] * GROUP_LANES + (row & (GROUP_LANES - 1))] += pair[mask[row]];
      }
    }
  },

  groupCounts(codes, mask, counts, from, to) {
    if (mask === undefined) {
      for (let row = from; row < to; row++) counts[codes[row] * GROUP_LANES + (row & (GROUP_LANES - 1))]++;
    } else {
      for (let row = from; row < to; row++) {
        counts[codes[row] * GROUP_LANES + (row & (GROUP_LANES - 1))] += mask[row];
      }
    }
  },

  unpack(words, width, scale, target) {
    unpackNumbers(words, width, scale, target, 0);
  },
};

function sumOfBlock(values: Float64Array, from: number, to: number): number {
  let lane0 = -0;
  let lane1 = -0;
  let lane2 = -0;
  let lane3 = -0;
  let lane4 = -0;
  let lane5 = -0;
  let lane6 = -0;
  let lane7 = -0;
  let row = from;
  for (; row + 8 <= to; row += 8) {
    lane0 += values[row];
    lane1 += values[row + 1];
    lane2 += values[row + 2];
    lane3 += values[row + 3];
    lane4 += values[row + 4];
    lane5 += values[row + 5];
    lane6 += values[row + 6];
    lane7 += values[row + 7];
  }
  let sum = lane0 + lane2 + (lane4 + lane6) + (lane1 + lane3 + (lane5 + lane7));
  for (; row < to; row++) sum += values[row];
  return sum;
}

function sumOfSelected(values: Float64Array, mask: Uint8Array, from: number, to: number): number {
  let lane0 = -0;
  let lane1 = -0;
  let lane2 = -0;
  let lane3 = -0;
  let lane4 = -0;
  let lane5 = -0;
  let lane6 = -0;
  let lane7 = -0;
  let row = from;
  pair[0] = -0;
  for (; row + 8 <= to; row += 8) {
    pair[1] = values[row];
    lane0 += pair[mask[row]];
    pair[1] = values[row + 1];
    lane1 += pair[mask[row + 1]];
    pair[1] = values[row + 2];
    lane2 += pair[mask[row + 2]];
    pair[1] = values[row + 3];
    lane3 += pair[mask[row + 3]];
    pair[1] = values[row + 4];
    lane4 += pair[mask[row + 4]];
    pair[1] = values[row + 5];
    lane5 += pair[mask[row + 5]];
    pair[1] = values[row + 6];
    lane6 += pair[mask[row + 6]];
    pair[1] = values[row + 7];
    lane7 += pair[mask[row + 7]];
  }
  let sum = lane0 + lane2 + (lane4 + lane6) + (lane1 + lane3 + (lane5 + lane7));
  for (; row < to; row++) {
    pair[1] = values[row];
    sum += pair[mask[row]];
  }
  return sum;
}

/** A comparison for which NaN needs no further thought. */
export type PlainComparison = Comparison | 'is number' | 'is NaN' | 'always' | 'never';

const AGAINST_NAN: Readonly<Record<Comparison, PlainComparison>> = {
  '<': 'is number',
  '<=': 'always',
  '=': 'is NaN',
  '<>': 'is number',
  '>=': 'is NaN',
  '>': 'never',
};

export function withoutNaN(comparison: Comparison, constant: number): PlainComparison {
  return Number.isNaN(constant) ? AGAINST_NAN[comparison] : comparison;
}

/** The least value when one may be NaN, or none below Infinity: NaN only if there is nothing else. */
export function leastBesideNaN(values: Float64Array, mask: Uint8Array | undefined, from: number, to: number): number {
  let least = Number.NaN;
  for (let row = from; row < to; row++) {
    const value = values[row];
    if (Number.isNaN(value) || (mask !== undefined && mask[row] === 0)) continue;
    least = Number.isNaN(least) ? value : Math.min(least, value);
  }
  return least;
}
