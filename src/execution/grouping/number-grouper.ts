import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { encodeNumbers, NULL_KEY_HIGH } from '../key-encoder.ts';
import { nextSlot, SlotDirectory, slotOf } from '../slot-directory.ts';
import { keyDoubles } from './key-doubles.ts';

/** Groups whose words lie in one array: no array is ever copied to a larger one but the first. */
const CHUNK_BITS = 12;
const CHUNK_GROUPS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_GROUPS - 1;
const FIRST_CAPACITY = 64;

const NO_GROUP = -1;

/**
 * Numbers groups whose keys are columns of doubles (which integers and instants within ±2^53 are as well): a hash table
 * over the words of the doubles, in which -0 is 0, every NaN one NaN, and NULL a NaN of its own. Half the work per row of
 * the table that takes keys of any type.
 *
 *   group   | low word of key 0 | high word of key 0 | low word of key 1 | …
 */
export class NumberGrouper {
  readonly #types: readonly TypeDefinition[];
  readonly #keyCount: number;
  /** Words of a group. */
  readonly #stride: number;
  readonly #chunks: Int32Array[];
  readonly #slots: SlotDirectory;
  #groupCount = 0;
  /** By key, the words of the rows at hand. */
  #low: Int32Array[];
  #high: Int32Array[];

  private constructor(types: readonly TypeDefinition[]) {
    const keyCount = types.length;
    this.#types = types;
    this.#keyCount = keyCount;
    this.#stride = 2 * keyCount;
    this.#chunks = [new Int32Array(FIRST_CAPACITY * this.#stride)];
    this.#slots = new SlotDirectory((group) => this.#hashOf(group));
    this.#low = Array.from({ length: keyCount }, () => new Int32Array(0));
    this.#high = Array.from({ length: keyCount }, () => new Int32Array(0));
  }

  /** undefined where some key is of a type whose columns are no numbers. */
  static of(types: readonly SqlType[]): NumberGrouper | undefined {
    const areNumbers = types.every(
      ({ definition: { representation } }) => representation === 'float64' || representation === 'int64',
    );
    return areNumbers && types.length > 0 ? new NumberGrouper(types.map((type) => type.definition)) : undefined;
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    const last = this.#chunks[this.#chunks.length - 1];
    return (this.#chunks.length - 1) * CHUNK_GROUPS * this.#stride * 4 + last.byteLength + this.#slots.sizeBytes;
  }

  /** Gives each row its group, adding groups for new keys. False, and nothing was done, where some key is no double. */
  assign(keys: readonly Column[], rowCount: number, groups: Uint32Array): boolean {
    if (this.#encode(keys, rowCount) !== undefined) return false;
    if (this.#keyCount === 1) this.#assignOne(rowCount, groups);
    else if (this.#keyCount === 2) this.#assignTwo(rowCount, groups);
    else for (let row = 0; row < rowCount; row++) groups[row] = this.#findOrAdd(row);
    return true;
  }

  /** Gives each row its group, or -1 where the key has none. */
  known(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    const beyond = this.#encode(keys, rowCount);
    for (let row = 0; row < rowCount; row++) {
      groups[row] = beyond?.[row] === 1 ? NO_GROUP : this.#find(row, this.#hashOfRow(row));
    }
  }

  /** The keys of the groups from `from` to `to` (exclusive), a column per key. */
  keyColumns(from: number, to: number): Column[] {
    const columns: Column[] = [];
    for (let key = 0; key < this.#keyCount; key++) {
      const values = new Float64Array(to - from);
      const words = new Int32Array(values.buffer);
      let validity: Uint8Array | undefined;
      for (let group = from; group < to; group++) {
        const chunk = this.#chunks[group >>> CHUNK_BITS];
        const at = (group & CHUNK_MASK) * this.#stride + 2 * key;
        if (chunk[at + 1] === NULL_KEY_HIGH) {
          validity ??= new Uint8Array(to - from).fill(1);
          validity[group - from] = 0;
        } else {
          words[2 * (group - from) + LOW] = chunk[at];
          words[2 * (group - from) + HIGH] = chunk[at + 1];
        }
      }
      columns.push({ kind: 'number', values, validity });
    }
    return columns;
  }

  /** Writes the words of the rows; 1 for those with a key that is no double, undefined if there are none. */
  #encode(keys: readonly Column[], rowCount: number): Uint8Array | undefined {
    if (this.#low[0].length < rowCount) {
      this.#low = this.#low.map(() => new Int32Array(rowCount));
      this.#high = this.#high.map(() => new Int32Array(rowCount));
    }
    let others: Uint8Array | undefined;
    for (let key = 0; key < keys.length; key++) {
      const low = this.#low[key];
      const high = this.#high[key];
      const { validity } = keys[key];
      const doubles = keyDoubles(keys[key], this.#types[key], rowCount);
      invariant(doubles !== undefined, 'columns of numeric types are of numbers');
      encodeNumbers(doubles.values, rowCount, low, high);
      if (doubles.beyond !== undefined) {
        others ??= new Uint8Array(rowCount);
        for (let row = 0; row < rowCount; row++) others[row] |= doubles.beyond[row];
      }
      if (validity === undefined) continue;
      for (let row = 0; row < rowCount; row++) {
        if (validity[row] === 1) continue;
        low[row] = 0;
        high[row] = NULL_KEY_HIGH;
      }
    }
    return others;
  }

  /** Rows that repeat the key of the row before skip the table. */
  #assignOne(rowCount: number, groups: Uint32Array): void {
    const [low] = this.#low;
    const [high] = this.#high;
    const slots = this.#slots;
    const chunks = this.#chunks;
    let previous = -1;
    for (let row = 0; row < rowCount; row++) {
      const lowWord = low[row];
      const highWord = high[row];
      if (previous >= 0 && lowWord === low[row - 1] && highWord === high[row - 1]) {
        groups[row] = previous;
        continue;
      }
      const hash = finish(mix(0, lowWord, highWord));
      const segment = slots.segmentOf(hash);
      let slot = slotOf(hash, segment);
      for (;;) {
        const group = segment[slot] - 1;
        if (group < 0) {
          previous = this.#add(row);
          slots.put(segment, slot, previous, hash);
          break;
        }
        const words = chunks[group >>> CHUNK_BITS];
        const at = (group & CHUNK_MASK) << 1;
        if (words[at] === lowWord && words[at + 1] === highWord) {
          previous = group;
          break;
        }
        slot = nextSlot(slot, segment);
      }
      groups[row] = previous;
    }
  }

  #assignTwo(rowCount: number, groups: Uint32Array): void {
    const [low0, low1] = this.#low;
    const [high0, high1] = this.#high;
    const slots = this.#slots;
    const chunks = this.#chunks;
    for (let row = 0; row < rowCount; row++) {
      const hash = finish(mix(mix(0, low0[row], high0[row]), low1[row], high1[row]));
      const segment = slots.segmentOf(hash);
      let slot = slotOf(hash, segment);
      let group: number;
      for (;;) {
        group = segment[slot] - 1;
        if (group < 0) {
          group = this.#add(row);
          slots.put(segment, slot, group, hash);
          break;
        }
        const words = chunks[group >>> CHUNK_BITS];
        const at = (group & CHUNK_MASK) << 2;
        if (
          words[at + 2] === low1[row] &&
          words[at + 3] === high1[row] &&
          words[at] === low0[row] &&
          words[at + 1] === high0[row]
        ) {
          break;
        }
        slot = nextSlot(slot, segment);
      }
      groups[row] = group;
    }
  }

  #findOrAdd(row: number): number {
    const hash = this.#hashOfRow(row);
    const segment = this.#slots.segmentOf(hash);
    for (let slot = slotOf(hash, segment); ; slot = nextSlot(slot, segment)) {
      const group = segment[slot] - 1;
      if (group < 0) {
        const added = this.#add(row);
        this.#slots.put(segment, slot, added, hash);
        return added;
      }
      if (this.#matches(group, row)) return group;
    }
  }

  #find(row: number, hash: number): number {
    const segment = this.#slots.segmentOf(hash);
    for (let slot = slotOf(hash, segment); ; slot = nextSlot(slot, segment)) {
      const group = segment[slot] - 1;
      if (group < 0 || this.#matches(group, row)) return group;
    }
  }

  #matches(group: number, row: number): boolean {
    const words = this.#chunks[group >>> CHUNK_BITS];
    const at = (group & CHUNK_MASK) * this.#stride;
    for (let key = 0; key < this.#keyCount; key++) {
      if (words[at + 2 * key] !== this.#low[key][row] || words[at + 2 * key + 1] !== this.#high[key][row]) return false;
    }
    return true;
  }

  #add(row: number): number {
    const group = this.#groupCount++;
    const chunk = group >>> CHUNK_BITS;
    const at = (group & CHUNK_MASK) * this.#stride;
    if (chunk === this.#chunks.length) this.#chunks.push(new Int32Array(CHUNK_GROUPS * this.#stride));
    else if (at === this.#chunks[chunk].length) {
      const larger = new Int32Array(at * 2);
      larger.set(this.#chunks[chunk]);
      this.#chunks[chunk] = larger;
    }
    const words = this.#chunks[chunk];
    for (let key = 0; key < this.#keyCount; key++) {
      words[at + 2 * key] = this.#low[key][row];
      words[at + 2 * key + 1] = this.#high[key][row];
    }
    return group;
  }

  #hashOfRow(row: number): number {
    let hash = 0;
    for (let key = 0; key < this.#keyCount; key++) hash = mix(hash, this.#low[key][row], this.#high[key][row]);
    return finish(hash);
  }

  #hashOf(group: number): number {
    const words = this.#chunks[group >>> CHUNK_BITS];
    const at = (group & CHUNK_MASK) * this.#stride;
    let hash = 0;
    for (let word = 0; word < this.#stride; word += 2) hash = mix(hash, words[at + word], words[at + word + 1]);
    return finish(hash);
  }
}

const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Murmur3's body over the words of a double. */
function mix(hash: number, low: number, high: number): number {
  let h = Math.imul(hash ^ low, 0xcc9e2d51);
  h = (h << 15) | (h >>> 17);
  return Math.imul(h ^ high, 0x1b873593);
}

/** Enough of its finish that low bits depend on all. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
