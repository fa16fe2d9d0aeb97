/*
 * Bob Jenkins's hash of 1996 and 2006 as PostgreSQL uses it (hash_any): what is hashed with it there and here, in another
 * program or in an earlier version, has the same number. Little-endian, as all machines are that either runs on.
 */

/** The golden ratio, and what PostgreSQL adds to it. */
const START = 0x9e37_79b9 + 3_923_095;
const BLOCK_BYTES = 12;

/** Three words of 32 bits that are stirred. */
class Words {
  #a: number;
  #b: number;
  #c: number;

  constructor(start: number) {
    this.#a = start;
    this.#b = start;
    this.#c = start;
  }

  add(a: number, b: number, c: number): void {
    this.#a = (this.#a + a) | 0;
    this.#b = (this.#b + b) | 0;
    this.#c = (this.#c + c) | 0;
  }

  mix(): void {
    let [a, b, c] = [this.#a, this.#b, this.#c];
    a = (a - c) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 4);
    b = (b + a) | 0;
    [this.#a, this.#b, this.#c] = [a, b, c];
  }

  /** The last two words: the high half of 64 bits, and the low one. */
  finish(): readonly [high: number, low: number] {
    let [a, b, c] = [this.#a, this.#b, this.#c];
    c = ((c ^ b) - rotated(b, 14)) | 0;
    a = ((a ^ c) - rotated(c, 11)) | 0;
    b = ((b ^ a) - rotated(a, 25)) | 0;
    c = ((c ^ b) - rotated(b, 16)) | 0;
    a = ((a ^ c) - rotated(c, 4)) | 0;
    b = ((b ^ a) - rotated(a, 14)) | 0;
    c = ((c ^ b) - rotated(b, 24)) | 0;
    return [b, c];
  }
}

/** 64 bits of hash; with a seed of 0 the low half is what is hashed without one. */
function hashed(bytes: Uint8Array, seed: bigint): readonly [high: number, low: number] {
  const words = new Words((START + bytes.length) | 0);
  if (seed !== 0n) {
    words.add(Number(BigInt.asIntN(32, seed >> 32n)), Number(BigInt.asIntN(32, seed)), 0);
    words.mix();
  }
  let from = 0;
  for (; bytes.length - from >= BLOCK_BYTES; from += BLOCK_BYTES) {
    words.add(wordAt(bytes, from), wordAt(bytes, from + 4), wordAt(bytes, from + 8));
    words.mix();
  }
  // The lowest byte of the last word is the length's.
  words.add(wordAt(bytes, from), wordAt(bytes, from + 4), wordAt(bytes, from + 8) << 8);
  return words.finish();
}

/** 32 bits, signed. */
export function hashBytes(bytes: Uint8Array): number {
  return hashed(bytes, 0n)[1];
}

/** 64 bits, unsigned. */
export function hashBytesExtended(bytes: Uint8Array, seed: bigint): bigint {
  const [high, low] = hashed(bytes, seed);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Bytes beyond the end are 0. */
function wordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let index = Math.min(at + 4, bytes.length) - 1; index >= at; index--) word = (word << 8) | bytes[index];
  return word;
}
