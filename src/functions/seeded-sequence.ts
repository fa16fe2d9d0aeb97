const MASK = (1n << 64n) - 1n;
const SEED_SCALE = 2 ** 52 - 1;

function rotated(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

/**
 * The numbers that random() gives after setseed(), the same as PostgreSQL's: xoroshiro128**, begun by splitmix64 from the
 * seed.
 */
export class SeededSequence {
  #first: bigint;
  #second: bigint;

  /** `seed` lies between -1 and 1. */
  constructor(seed: number) {
    let state = BigInt.asUintN(64, BigInt(Math.trunc(SEED_SCALE * seed)));
    const split = (): bigint => {
      state = (state + 0x9e3779b97f4a7c15n) & MASK;
      let mixed = state;
      mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return mixed ^ (mixed >> 31n);
    };
    this.#first = split();
    this.#second = split();
  }

  /** At least 0, less than 1. */
  next(): number {
    const first = this.#first;
    const mixed = this.#second ^ first;
    const value = (rotated((first * 5n) & MASK, 7n) * 9n) & MASK;
    this.#first = rotated(first, 24n) ^ mixed ^ ((mixed << 16n) & MASK);
    this.#second = rotated(mixed, 37n);
    return Number(value >> 12n) / 2 ** 52;
  }
}
