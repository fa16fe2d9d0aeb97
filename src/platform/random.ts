import { getRandomValues } from 'node:crypto';

/** Randomness as a parameter. */
export interface Random {
  /** Fills all of `target`. */
  fill(target: Uint8Array): void;
  /** From 0 to 2^32 - 1. */
  uint32(): number;
  /** At least 0, less than 1. */
  fraction(): number;
}

/** The operating system's generator: fit for keys and nonces. */
export const systemRandom: Random = {
  fill(target) {
    // The generator gives at most 65,536 bytes per call.
    for (let start = 0; start < target.length; start += 65_536) {
      getRandomValues(target.subarray(start, start + 65_536));
    }
  },
  uint32() {
    return getRandomValues(new Uint32Array(1))[0]!;
  },
  fraction() {
    const [high, low] = getRandomValues(new Uint32Array(2));
    return ((high! >>> 5) * 2 ** 26 + (low! >>> 6)) / 2 ** 53;
  },
};
