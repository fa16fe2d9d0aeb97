import { hashKey } from '../memtable/key-set.ts';

const BITS_PER_ROW = 16;
const PROBES = 5;

/**
 * Which points a staged segment may have, 2 bytes a row: a Bloom filter that is wrong for about one strange point in a
 * thousand, so that rows which come in any order are hardly ever looked for in files.
 */
export class KeyFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;

  constructor(rowCount: number) {
    let bits = 64;
    while (bits < rowCount * BITS_PER_ROW) bits *= 2;
    this.#words = new Uint32Array(bits >>> 5);
    this.#mask = bits - 1;
  }

  add(seriesId: number, time: number, fraction: number): void {
    const hash = hashKey(seriesId, time, fraction);
    const step = stepOf(hash);
    for (let probe = 0, bit = hash; probe < PROBES; probe++, bit = (bit + step) >>> 0) {
      const at = bit & this.#mask;
      this.#words[at >>> 5] |= 1 << (at & 31);
    }
  }

  mayHave(seriesId: number, time: number, fraction: number): boolean {
    const hash = hashKey(seriesId, time, fraction);
    const step = stepOf(hash);
    for (let probe = 0, bit = hash; probe < PROBES; probe++, bit = (bit + step) >>> 0) {
      const at = bit & this.#mask;
      if ((this.#words[at >>> 5] & (1 << (at & 31))) === 0) return false;
    }
    return true;
  }
}

/** Odd, so that the probes of a point differ. */
function stepOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 15)) | 1) >>> 0;
}
