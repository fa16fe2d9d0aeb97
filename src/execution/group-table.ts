import type { Column } from '../columnar/column.ts';
import type { SqlType } from '../types/type-definition.ts';
import { isNullKey, KeyEncoder } from './key-encoder.ts';
import { nextSlot, SlotDirectory, slotOf } from './slot-directory.ts';

const NO_GROUP = -1;

/** Groups whose words lie in one array: no array is ever copied to a larger one but the first. */
const CHUNK_BITS = 12;
const CHUNK_GROUPS = 1 << CHUNK_BITS;
const FIRST_CAPACITY = 64;

/**
 * Numbers the distinct keys 0, 1, 2 … in order of first appearance: the hash table under GROUP BY, DISTINCT and joins.
 * Rows that repeat the key of the row before, which sorted runs do nearly always, skip the table. It grows in small
 * steps, so that no call takes longer than its own rows.
 *
 *   group   | hash | low word of key 0 | high word of key 0 | low word of key 1 | …
 */
export class GroupTable {
  readonly #encoders: readonly KeyEncoder[];
  /** Words of a group. */
  readonly #stride: number;
  /** The words of the groups, chunk by chunk. */
  readonly #chunks: Int32Array[];
  #groupCount = 0;
  readonly #slots = new SlotDirectory((group) => this.#hashOf(group));
  #rowLow: Int32Array[];
  #rowHigh: Int32Array[];
  #rowHash = new Int32Array(0);

  constructor(keyTypes: readonly SqlType[]) {
    this.#encoders = keyTypes.map((type) => new KeyEncoder(type));
    this.#stride = 1 + 2 * keyTypes.length;
    this.#chunks = [new Int32Array(FIRST_CAPACITY * this.#stride)];
    this.#rowLow = keyTypes.map(() => new Int32Array(0));
    this.#rowHigh = keyTypes.map(() => new Int32Array(0));
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    const last = this.#chunks[this.#chunks.length - 1];
    let size = (this.#chunks.length - 1) * CHUNK_GROUPS * this.#stride * 4 + last.byteLength + this.#slots.sizeBytes;
    for (const encoder of this.#encoders) size += encoder.sizeBytes;
    return size;
  }

  /** Gives each row its group, adding groups for new keys. */
  assign(keys: readonly Column[], rowCount: number, groups: Uint32Array): void {
    this.#encode(keys, rowCount);
    let previous = NO_GROUP;
    for (let row = 0; row < rowCount; row++) {
      if (previous === NO_GROUP || !this.#sameAsRowBefore(row)) previous = this.#findOrAdd(row);
      groups[row] = previous;
    }
  }

  /** Gives each row its group, or -1 when the key is unknown or holds a NULL (which equals nothing in a join). */
  find(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    this.#encode(keys, rowCount);
    for (let row = 0; row < rowCount; row++) {
      groups[row] = this.#hasNull(row) ? NO_GROUP : this.#groups(row);
    }
  }

  /** No group comes any more: `known` and `find` then take up no values. */
  close(): void {
    for (const encoder of this.#encoders) encoder.close();
  }

  /** Gives each row its group, or -1 where the key has none; NULL is a key like others. */
  known(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    this.#encode(keys, rowCount);
    for (let row = 0; row < rowCount; row++) groups[row] = this.#groups(row);
  }

  /** Like `assign`, but rows with a NULL in the key get -1 and make no group: the build side of a join. */
  assignNonNull(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    this.#encode(keys, rowCount);
    for (let row = 0; row < rowCount; row++) groups[row] = this.#hasNull(row) ? NO_GROUP : this.#findOrAdd(row);
  }

  /** The keys of the groups from `from` to `to` (exclusive), one column per key. */
  keyColumns(from = 0, to = this.#groupCount): Column[] {
    const count = to - from;
    const low = new Int32Array(count);
    const high = new Int32Array(count);
    return this.#encoders.map((encoder, key) => {
      for (let index = 0; index < count; index++) {
        const group = from + index;
        const at = (group & (CHUNK_GROUPS - 1)) * this.#stride + 1 + 2 * key;
        const words = this.#chunks[group >>> CHUNK_BITS];
        low[index] = words[at];
        high[index] = words[at + 1];
      }
      return encoder.decode(low, high, count);
    });
  }

  #encode(keys: readonly Column[], rowCount: number): void {
    if (this.#rowHash.length < rowCount) {
      this.#rowHash = new Int32Array(rowCount);
      this.#rowLow = this.#rowLow.map(() => new Int32Array(rowCount));
      this.#rowHigh = this.#rowHigh.map(() => new Int32Array(rowCount));
    }
    const hash = this.#rowHash;
    hash.fill(0, 0, rowCount);
    for (let key = 0; key < keys.length; key++) {
      const low = this.#rowLow[key];
      const high = this.#rowHigh[key];
      this.#encoders[key].encode(keys[key], rowCount, low, high);
      for (let row = 0; row < rowCount; row++) hash[row] = mix(hash[row], low[row], high[row]);
    }
  }

  #sameAsRowBefore(row: number): boolean {
    if (this.#rowHash[row] !== this.#rowHash[row - 1]) return false;
    for (let key = 0; key < this.#encoders.length; key++) {
      const low = this.#rowLow[key];
      const high = this.#rowHigh[key];
      if (low[row] !== low[row - 1] || high[row] !== high[row - 1]) return false;
    }
    return true;
  }

  #hasNull(row: number): boolean {
    for (let key = 0; key < this.#encoders.length; key++) {
      if (isNullKey(this.#rowHigh[key][row])) return true;
    }
    return false;
  }

  #groups(row: number): number {
    const hash = this.#rowHash[row];
    const segment = this.#slots.segmentOf(hash);
    for (let slot = slotOf(hash, segment); ; slot = nextSlot(slot, segment)) {
      const group = segment[slot] - 1;
      if (group === NO_GROUP || this.#matches(group, row, hash)) return group;
    }
  }

  #findOrAdd(row: number): number {
    const hash = this.#rowHash[row];
    const segment = this.#slots.segmentOf(hash);
    for (let slot = slotOf(hash, segment); ; slot = nextSlot(slot, segment)) {
      const group = segment[slot] - 1;
      if (group === NO_GROUP) {
        const added = this.#add(row, hash);
        this.#slots.put(segment, slot, added, hash);
        return added;
      }
      if (this.#matches(group, row, hash)) return group;
    }
  }

  #matches(group: number, row: number, hash: number): boolean {
    const words = this.#chunks[group >>> CHUNK_BITS];
    let at = (group & (CHUNK_GROUPS - 1)) * this.#stride;
    if (words[at] !== hash) return false;
    for (let key = 0; key < this.#encoders.length; key++) {
      if (words[++at] !== this.#rowLow[key][row]) return false;
      if (words[++at] !== this.#rowHigh[key][row]) return false;
    }
    return true;
  }

  #add(row: number, hash: number): number {
    const group = this.#groupCount;
    this.#groupCount = group + 1;
    const index = group & (CHUNK_GROUPS - 1);
    const chunk = group >>> CHUNK_BITS;
    let at = index * this.#stride;
    if (chunk === this.#chunks.length) this.#chunks.push(new Int32Array(CHUNK_GROUPS * this.#stride));
    else if (at === this.#chunks[chunk].length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.#chunks[chunk]);
      this.#chunks[chunk] = larger;
    }
    const words = this.#chunks[chunk];
    words[at] = hash;
    for (let key = 0; key < this.#encoders.length; key++) {
      words[++at] = this.#rowLow[key][row];
      words[++at] = this.#rowHigh[key][row];
    }
    return group;
  }

  #hashOf(group: number): number {
    return this.#chunks[group >>> CHUNK_BITS][(group & (CHUNK_GROUPS - 1)) * this.#stride];
  }
}

/** Murmur3's body over two words, then enough of its finish that low bits depend on all. */
function mix(hash: number, low: number, high: number): number {
  let h = Math.imul(hash ^ low, 0xcc9e2d51);
  h = (h << 15) | (h >>> 17);
  h = Math.imul(h ^ high, 0x1b873593);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
