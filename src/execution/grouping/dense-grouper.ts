import type { Column } from '../../columnar/column.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { type CodeLayout, recode, UNKNOWN_CODE } from './code-layout.ts';
import { type DenseKey, denseKeyOf } from './dense-key.ts';

const NO_GROUP = -1;

/** An index of this many places (256 KB) is made whatever stands in it … */
const MODEST_SLOTS = 1 << 16;
/** … a larger one where a group has no more than so many … */
const MAX_SLOTS_PER_GROUP = 512;
/** … and none beyond this, which caches would not hold. A single text key is its own dictionary, and may have more. */
const MAX_SLOTS = 1 << 18;
const MAX_TEXTS = 1 << 30;

/**
 * Numbers groups whose keys are small integers, booleans or texts of a dictionary: the codes of the keys, put together as
 * the digits of one number, name a place in an array where the number of the group stands.
 *
 *   place   code of key 0 × sizes of the others + code of key 1 × … + code of the last key
 */
export class DenseGrouper {
  readonly #keys: readonly DenseKey[];
  readonly #maxSlots: number;
  /** By key: the codes of the groups, and in what layout they are. */
  readonly #groupCodes: Int32Array[];
  #layouts: readonly CodeLayout[];
  #sizes: number[];
  #slots = new Int32Array(0);
  #groupCount = 0;
  readonly #rowCodes: Int32Array[];
  #places = new Int32Array(0);

  private constructor(keys: readonly DenseKey[], maxSlots: number) {
    this.#keys = keys;
    this.#maxSlots = maxSlots;
    this.#groupCodes = keys.map(() => new Int32Array(64));
    this.#rowCodes = keys.map(() => new Int32Array(0));
    this.#layouts = keys.map((key) => key.layout);
    this.#sizes = keys.map(() => 0);
  }

  /** undefined where a key is of a type without small codes. */
  static of(types: readonly SqlType[]): DenseGrouper | undefined {
    const keys = types.map(denseKeyOf);
    if (keys.length === 0 || keys.some((key) => key === undefined)) return undefined;
    const isText = types.length === 1 && types[0].definition.representation === 'text';
    return new DenseGrouper(keys as DenseKey[], isText ? MAX_TEXTS : MAX_SLOTS);
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    let size = this.#slots.byteLength;
    for (let key = 0; key < this.#keys.length; key++) {
      size += this.#groupCodes[key].byteLength + this.#keys[key].sizeBytes;
    }
    return size;
  }

  /** Gives each row its group, adding groups for new keys. False, and no group was added, where the keys do not fit. */
  assign(keys: readonly Column[], rowCount: number, groups: Uint32Array): boolean {
    this.#makeRoom(rowCount);
    for (let key = 0; key < keys.length; key++) {
      if (!this.#keys[key].encode(keys[key], rowCount, this.#rowCodes[key], this.#maxSlots)) return false;
    }
    if (!this.#fit()) return false;
    const places = this.#placesOf(rowCount);
    const slots = this.#slots;
    for (let row = 0; row < rowCount; row++) {
      const group = slots[places[row]];
      groups[row] = group === NO_GROUP ? this.#add(row, places[row]) : group;
    }
    return true;
  }

  /** Gives each row its group, or -1 where the key has none; after `close`. */
  known(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    this.#makeRoom(rowCount);
    for (let key = 0; key < keys.length; key++) this.#keys[key].find(keys[key], rowCount, this.#rowCodes[key]);
    for (let row = 0; row < rowCount; row++) {
      let place = 0;
      for (let key = 0; key < keys.length && place >= 0; key++) {
        const code = this.#rowCodes[key][row];
        // A text may have come to the dictionary with a batch that did not fit.
        place = code === UNKNOWN_CODE || code >= this.#sizes[key] ? -1 : place * this.#sizes[key] + code;
      }
      groups[row] = place < 0 ? NO_GROUP : this.#slots[place];
    }
  }

  close(): void {
    for (const key of this.#keys) key.close();
  }

  /** The keys of the groups from `from` to `to` (exclusive), a column per key. */
  keyColumns(from: number, to: number): Column[] {
    return this.#keys.map((key, at) => {
      const codes = this.#groupCodes[at].slice(from, to);
      // The layout may be that of a batch which did not fit.
      if (this.#layouts[at] !== key.layout) recode(codes, codes.length, this.#layouts[at], key.layout);
      return key.decode(codes);
    });
  }

  #makeRoom(rowCount: number): void {
    if (this.#places.length >= rowCount) return;
    this.#places = new Int32Array(rowCount);
    for (let key = 0; key < this.#keys.length; key++) this.#rowCodes[key] = new Int32Array(rowCount);
  }

  /** Lays the index out anew when the keys' codes have moved or become more; false when it would be too large. */
  #fit(): boolean {
    const keys = this.#keys;
    if (keys.every((key, at) => key.size === this.#sizes[at] && key.layout === this.#layouts[at])) return true;
    const slotCount = keys.reduce((product, key) => product * key.size, 1);
    const modest = Math.max(MODEST_SLOTS, (this.#groupCount + 1024) * MAX_SLOTS_PER_GROUP);
    if (slotCount > Math.min(this.#maxSlots, modest)) return false;
    for (let at = 0; at < keys.length; at++) {
      const { layout } = keys[at];
      if (layout !== this.#layouts[at]) recode(this.#groupCodes[at], this.#groupCount, this.#layouts[at], layout);
    }
    this.#layouts = keys.map((key) => key.layout);
    this.#sizes = keys.map((key) => key.size);
    this.#slots = new Int32Array(slotCount).fill(NO_GROUP);
    for (let group = 0; group < this.#groupCount; group++) {
      let place = 0;
      for (let at = 0; at < keys.length; at++) place = place * this.#sizes[at] + this.#groupCodes[at][group];
      this.#slots[place] = group;
    }
    return true;
  }

  /** The places of the rows whose codes were written last. */
  #placesOf(rowCount: number): Int32Array {
    const [first] = this.#rowCodes;
    if (this.#keys.length === 1) return first;
    const places = this.#places;
    addDigit(first, this.#sizes[1], this.#rowCodes[1], rowCount, places);
    for (let key = 2; key < this.#keys.length; key++) {
      addDigit(places, this.#sizes[key], this.#rowCodes[key], rowCount, places);
    }
    return places;
  }

  #add(row: number, place: number): number {
    const group = this.#groupCount++;
    for (let key = 0; key < this.#keys.length; key++) {
      let codes = this.#groupCodes[key];
      if (group === codes.length) {
        codes = new Int32Array(group * 2);
        codes.set(this.#groupCodes[key]);
        this.#groupCodes[key] = codes;
      }
      codes[group] = this.#rowCodes[key][row];
    }
    this.#slots[place] = group;
    return group;
  }
}

function addDigit(upper: Int32Array, size: number, codes: Int32Array, rowCount: number, places: Int32Array): void {
  for (let row = 0; row < rowCount; row++) places[row] = upper[row] * size + codes[row];
}
