import { describe, expect, test } from 'vitest';
import { GroupedNumbers } from '../../../src/execution/aggregate/grouped-numbers.ts';
import { selectRanks } from '../../../src/execution/aggregate/select-ranks.ts';
import { MemoryAccount } from '../../../src/execution/memory-account.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const control = { yieldIfDue: () => undefined };
const BATCH_ROWS = 1000;
const VALUES = 150_000;

const kinds: Readonly<Record<string, (random: SeededRandom) => number>> = {
  'prices of two decimals': (random) => random.below(20_000) / 100,
  'numbers of both signs': (random) => (random.below(2_000_000) - 1_000_000) / 7,
  'zeros of both signs': (random) => [0, -0, 1e-300, -1e-300][random.below(4)]!,
  'numbers with infinities': (random) =>
    [1, 2.5, -7, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][random.below(5)]!,
  'numbers with a NaN now and then': (random) => (random.below(3000) === 0 ? Number.NaN : random.below(900) / 4),
  'the greatest numbers': (random) => Number.MAX_VALUE / (1 + random.below(2)),
};

describe('numbers that are kept for percentiles', () => {
  for (const [name, numberOf] of Object.entries(kinds)) {
    test.each([false, true])(`give ${name} by their ranks; some are NULL: %s`, async (hasNulls) => {
      const random = new SeededRandom(hasNulls ? 5 : 6);
      const memory = new MemoryAccount(1 << 30);
      const numbers = new GroupedNumbers(memory);
      const kept: number[] = [];
      let nanCount = 0;
      for (let row = 0; row < VALUES; row += BATCH_ROWS) {
        const values = Float64Array.from({ length: BATCH_ROWS }, () => numberOf(random));
        const validity = hasNulls && row % 3 === 0 ? values.map(() => random.below(2)) : undefined;
        const column = { kind: 'number', values, validity: validity && Uint8Array.from(validity) } as const;
        expect(numbers.add(column, new Uint32Array(BATCH_ROWS), BATCH_ROWS, 1)).toBe(true);
        for (let at = 0; at < BATCH_ROWS; at++) {
          if (validity?.[at] === 0) continue;
          if (Number.isNaN(values[at])) nanCount++;
          else kept.push(values[at]!);
        }
      }
      const sorted = Float64Array.from(kept).sort();
      expect(numbers.nanCountOf(0)).toBe(nanCount);
      expect(numbers.firstDigits).toBeDefined();
      for (const rank of [0, 1, sorted.length >> 1, Math.floor(sorted.length * 0.95), sorted.length - 1]) {
        const [found] = await selectRanks(numbers.partsOf(0), [rank], control, numbers.firstDigits);
        expect(found === sorted[rank], `rank ${rank}: ${found} instead of ${sorted[rank]}`).toBe(true);
      }
      numbers.release();
      expect(memory.usedBytes).toBe(0);
    });
  }
});
