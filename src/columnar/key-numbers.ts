/** What can be looked up: keys are the same as a Map's. */
export type NumberedKey = string | number | bigint | boolean;

const SHARDS = 256;
/** As many keys are moved in one go when one map becomes many. */
const SPLIT_SIZE = 16_384;
/** Characters of a long string that decide on its shard, at either end and in between. */
const SAMPLED = 8;

/**
 * Numbers by key: a map that may grow to millions of entries without a pause. A single Map of that size takes a quarter of
 * a second each time it doubles; this one is split into many small ones, of sizes that differ, so that they do not all
 * grow at the same time.
 */
export class KeyNumbers {
  #first: Map<NumberedKey, number> | undefined = new Map();
  #shards: Map<NumberedKey, number>[] = [];

  get(key: NumberedKey): number | undefined {
    return this.#first === undefined ? this.#shards[shardOf(key)].get(key) : this.#first.get(key);
  }

  /** `key` is new. */
  add(key: NumberedKey, number: number): void {
    const first = this.#first;
    if (first === undefined) {
      this.#shards[shardOf(key)].set(key, number);
      return;
    }
    first.set(key, number);
    if (first.size < SPLIT_SIZE) return;
    this.#shards = Array.from({ length: SHARDS }, () => new Map<NumberedKey, number>());
    for (const [known, its] of first) this.#shards[shardOf(known)].set(known, its);
    this.#first = undefined;
  }
}

/** The square root makes the last shards the largest ones. */
function shardOf(key: NumberedKey): number {
  return Math.floor(Math.sqrt((hashOf(key) >>> 0) / 4_294_967_296) * SHARDS);
}

function hashOf(key: NumberedKey): number {
  switch (typeof key) {
    case 'string':
      return hashString(key);
    case 'bigint':
      return finish(Number(BigInt.asIntN(32, key)) ^ Math.imul(Number(BigInt.asIntN(32, key >> 32n)), 31));
    case 'boolean':
      return key ? 1 : 0;
    default:
      // What |0 makes of fractions and of numbers past 2^53 is the same too often.
      return finish(((key % 4_294_967_291) | 0) ^ ((key * 65_536) | 0));
  }
}

/** Of a long string not every character: the map of its shard looks at them all. */
function hashString(text: string): number {
  const { length } = text;
  let hash = length;
  if (length <= 4 * SAMPLED) {
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return finish(hash);
  }
  for (let at = 0; at < SAMPLED; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ text.charCodeAt(length - 1 - at), 0x01000193);
  }
  const middle = length - 2 * SAMPLED;
  for (let at = 0; at < 2 * SAMPLED; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(SAMPLED + Math.floor((middle * at) / (2 * SAMPLED))), 0x01000193);
  }
  return finish(hash);
}

/** Every bit of the result depends on every bit of the hash. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
