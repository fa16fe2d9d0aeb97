import type { Column } from '../columnar/column.ts';
import type { SqlType } from '../types/type-definition.ts';
import { isNullKey, KeyEncoder } from './key-encoder.ts';

const NO_GROUP = -1;

/**
 * Numbers the distinct keys 0, 1, 2 … in order of first appearance: the hash table under GROUP BY, DISTINCT and joins.
 * Open addressing over typed arrays, at most half full. Rows that repeat the key of the row before, which sorted runs
 * do nearly always, skip the table.
 */
export class GroupTable {
  readonly #encoders: readonly KeyEncoder[];
  /** Per key column, the words of each group. */
  #groupLow: Int32Array[];
  #groupHigh: Int32Array[];
  #groupHash: Int32Array;
  #groupCapacity = 64;
  #groupCount = 0;
  #slots = new Int32Array(128).fill(NO_GROUP);
  #rowLow: Int32Array[];
  #rowHigh: Int32Array[];
  #rowHash = new Int32Array(0);

  constructor(keyTypes: readonly SqlType[]) {
    this.#encoders = keyTypes.map((type) => new KeyEncoder(type));
    this.#groupLow = keyTypes.map(() => new Int32Array(this.#groupCapacity));
    this.#groupHigh = keyTypes.map(() => new Int32Array(this.#groupCapacity));
    this.#groupHash = new Int32Array(this.#groupCapacity);
    this.#rowLow = keyTypes.map(() => new Int32Array(0));
    this.#rowHigh = keyTypes.map(() => new Int32Array(0));
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    const perGroup = this.#encoders.length * 8 + 4;
    let size = this.#groupCapacity * perGroup + this.#slots.byteLength;
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

  /** The keys of all groups, one column per key. */
  keyColumns(): Column[] {
    return this.#encoders.map((encoder, key) =>
      encoder.decode(this.#groupLow[key], this.#groupHigh[key], this.#groupCount),
    );
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
    const mask = this.#slots.length - 1;
    let slot = this.#rowHash[row] & mask;
    for (;;) {
      const group = this.#slots[slot];
      if (group === NO_GROUP || this.#matches(group, row)) return group;
      slot = (slot + 1) & mask;
    }
  }

  #findOrAdd(row: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#rowHash[row] & mask;
    for (;;) {
      const group = this.#slots[slot];
      if (group === NO_GROUP) return this.#add(row, slot);
      if (this.#matches(group, row)) return group;
      slot = (slot + 1) & mask;
    }
  }

  #matches(group: number, row: number): boolean {
    if (this.#groupHash[group] !== this.#rowHash[row]) return false;
    for (let key = 0; key < this.#encoders.length; key++) {
      if (this.#groupLow[key][group] !== this.#rowLow[key][row]) return false;
      if (this.#groupHigh[key][group] !== this.#rowHigh[key][row]) return false;
    }
    return true;
  }

  #add(row: number, slot: number): number {
    const group = this.#groupCount;
    if (group === this.#groupCapacity) this.#growGroups();
    this.#groupCount = group + 1;
    this.#groupHash[group] = this.#rowHash[row];
    for (let key = 0; key < this.#encoders.length; key++) {
      this.#groupLow[key][group] = this.#rowLow[key][row];
      this.#groupHigh[key][group] = this.#rowHigh[key][row];
    }
    this.#slots[slot] = group;
    if (this.#groupCount * 2 > this.#slots.length) this.#growSlots();
    return group;
  }

  #growGroups(): void {
    this.#groupCapacity *= 2;
    const larger = (from: Int32Array): Int32Array => {
      const to = new Int32Array(this.#groupCapacity);
      to.set(from);
      return to;
    };
    this.#groupLow = this.#groupLow.map(larger);
    this.#groupHigh = this.#groupHigh.map(larger);
    this.#groupHash = larger(this.#groupHash);
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(NO_GROUP);
    const mask = slots.length - 1;
    for (let group = 0; group < this.#groupCount; group++) {
      let slot = this.#groupHash[group] & mask;
      while (slots[slot] !== NO_GROUP) slot = (slot + 1) & mask;
      slots[slot] = group;
    }
    this.#slots = slots;
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
