import type { Column, NumberColumn } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { invariant } from '../../errors/invariant.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { type CodeLayout, recode } from '../grouping/code-layout.ts';
import { type DenseKey, denseKeyOf } from '../grouping/dense-key.ts';
import {
  addDigit,
  groupsOfNumbers,
  groupsOfPairs,
  groupsOfPlaces,
  type PlacedRows,
  writeCodes,
} from './place-loops.ts';

/** An index of this many places (256 KB) is made whatever stands in it … */
const MODEST_PLACES = 1 << 16;
/** … a larger one where a group has no more than so many … */
const MAX_PLACES_PER_GROUP = 512;
/** … and none beyond this. */
const MAX_PLACES = 1 << 20;

/**
 * Numbers the groups of rows whose keys have small codes (small integers, texts of a dictionary, booleans), within the
 * groups of the stretches that they lie in. Codes are the digits of one number, which is a place in an array:
 *
 *   place   number of the stretch's group × sizes of the keys + code of key 0 × sizes of the others + … + code of the last key
 */
export class FieldIndex {
  readonly #keys: readonly DenseKey[];
  readonly #areIntegers: boolean;
  /** As the index was laid out last. */
  #layouts: readonly CodeLayout[];
  #sizes: number[];
  /** Places of one stretch's group. */
  #stride = 0;
  #outerCapacity = 1;
  #slots = new Uint32Array(0);
  #groupCount = 1;
  /** By group: that of its stretch, and the code of each key. */
  #outers = new Uint32Array(64);
  readonly #groupCodes: Int32Array[];
  /** How the rows that were encoded last have their places. */
  #way: 'places' | 'numbers' | 'pairs' = 'places';
  #keyColumns: readonly Column[] = [];
  /** By key, what is taken from its numbers to have their codes; undefined: `#rowCodes` has the codes. */
  readonly #distances: (number | undefined)[];
  readonly #rowCodes: Int32Array[];
  #places = new Int32Array(0);

  private constructor(keys: readonly DenseKey[]) {
    this.#keys = keys;
    this.#areIntegers = keys.every((key) => key.areIntegers);
    this.#layouts = keys.map((key) => key.layout);
    this.#sizes = keys.map(() => 0);
    this.#groupCodes = keys.map(() => new Int32Array(64));
    this.#distances = keys.map(() => undefined);
    this.#rowCodes = keys.map(() => new Int32Array(0));
  }

  /** undefined where a key is of a type without small codes. */
  static of(types: readonly SqlType[]): FieldIndex | undefined {
    const keys: DenseKey[] = [];
    for (const type of types) {
      const key = denseKeyOf(type);
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return new FieldIndex(keys);
  }

  /** One more than there are groups. */
  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    let size = this.#slots.byteLength + this.#outers.byteLength;
    for (let key = 0; key < this.#keys.length; key++) {
      size += this.#groupCodes[key].byteLength + this.#keys[key].sizeBytes;
    }
    return size;
  }

  outerOf(group: number): number {
    return this.#outers[group];
  }

  /**
   * Finds the codes of rows in stretches of groups up to `outerCount` (exclusive). False, and nothing has changed, where a
   * key has no small code.
   */
  encode(
    keys: readonly Column[],
    bounds: readonly (UnitStatistics | undefined)[],
    rowCount: number,
    outerCount: number,
  ): boolean {
    if (this.#places.length < rowCount) {
      this.#places = new Int32Array(rowCount);
      for (let key = 0; key < keys.length; key++) this.#rowCodes[key] = new Int32Array(rowCount);
    }
    for (let key = 0; key < keys.length; key++) {
      const distance = this.#keys[key].distance?.(keys[key], bounds[key], MAX_PLACES);
      this.#distances[key] = distance;
      if (distance !== undefined) continue;
      if (!this.#keys[key].encode(keys[key], rowCount, this.#rowCodes[key], MAX_PLACES)) return false;
    }
    if (!this.#fit(outerCount)) return false;
    this.#keyColumns = keys;
    this.#place(rowCount);
    return true;
  }

  /** Gives the encoded rows from `from` to `to` (exclusive), of the stretch's group `outer`, their groups; 0 if masked out. */
  assign(outer: number, from: number, to: number, mask: Uint8Array | undefined, groups: Uint32Array): void {
    for (let row = from; row < to; row++) {
      row = this.#lookUp(outer, { from: row, to, mask, groups });
      if (row < to) groups[row] = this.#add(outer, row);
    }
  }

  /**
   * Of one key: whether each value within the bounds has a group within the stretch's group `outer`, so that rows of which
   * these are known bring no other.
   */
  hasAll(outer: number, bounds: UnitStatistics | undefined): boolean {
    if (bounds?.kind !== 'int64' && bounds?.kind !== 'float64') return false;
    const { min, max, nullCount, rowCount } = bounds;
    const layout = this.#keys[0].layout;
    if (outer >= this.#outerCapacity || layout !== this.#layouts[0] || layout.scale !== 1) return false;
    if (typeof min !== 'number' || typeof max !== 'number') return false;
    const first = outer * this.#stride;
    if (nullCount > 0 && this.#slots[first] === 0) return false;
    if (nullCount > 0 && nullCount === rowCount) return true;
    const base = layout.base - 1;
    // More values than rows are looked for in the rows.
    if (!this.#areIntegers || min <= base || max - base > layout.span || !(max - min < rowCount)) return false;
    for (let code = min - base; code <= max - base; code++) if (this.#slots[first + code] === 0) return false;
    return true;
  }

  /** The keys of the groups from `from` to `to` (exclusive), a column per key; NULL for group 0. */
  keyColumns(from: number, to: number): Column[] {
    return this.#keys.map((key, at) => {
      const codes = this.#groupCodes[at].slice(from, to);
      // The layout may be that of rows which did not fit.
      if (this.#layouts[at] !== key.layout) recode(codes, codes.length, this.#layouts[at], key.layout);
      return key.decode(codes);
    });
  }

  /** Lays the index out anew when codes have moved or there are more of them; false when it would be too large. */
  #fit(outerCount: number): boolean {
    const keys = this.#keys;
    const isFitting = keys.every((key, at) => key.size === this.#sizes[at] && key.layout === this.#layouts[at]);
    if (isFitting && outerCount <= this.#outerCapacity) return true;
    const stride = keys.reduce((product, key) => product * key.size, 1);
    let capacity = this.#outerCapacity;
    while (capacity < outerCount) capacity *= 2;
    const modest = Math.max(MODEST_PLACES, (this.#groupCount + 1024) * MAX_PLACES_PER_GROUP);
    if (stride * capacity > Math.min(MAX_PLACES, modest)) return false;
    for (let at = 0; at < keys.length; at++) {
      const { layout } = keys[at];
      if (layout !== this.#layouts[at]) recode(this.#groupCodes[at], this.#groupCount, this.#layouts[at], layout);
    }
    this.#layouts = keys.map((key) => key.layout);
    this.#sizes = keys.map((key) => key.size);
    this.#stride = stride;
    this.#outerCapacity = capacity;
    this.#slots = new Uint32Array(stride * capacity);
    for (let group = 1; group < this.#groupCount; group++) {
      let place = this.#outers[group];
      for (let at = 0; at < keys.length; at++) place = place * this.#sizes[at] + this.#groupCodes[at][group];
      this.#slots[place] = group;
    }
    return true;
  }

  /** Decides how places are found, and finds them where they are not found on the way to the groups. */
  #place(rowCount: number): void {
    const distances = this.#distances;
    const isDirect = this.#keyColumns.every(
      (column, key) => distances[key] !== undefined && column.validity === undefined,
    );
    if (isDirect && distances.length <= 2) {
      this.#way = distances.length === 1 ? 'numbers' : 'pairs';
      return;
    }
    this.#way = 'places';
    const places = this.#places;
    for (let key = 0; key < this.#keys.length; key++) {
      const codes = key === 0 ? places : this.#rowCodes[key];
      const column = this.#keyColumns[key];
      const distance = distances[key];
      if (distance === undefined || column.kind !== 'number') {
        if (key === 0) places.set(this.#rowCodes[0].subarray(0, rowCount));
      } else writeCodes(column.values, distance, column.validity, rowCount, codes);
      if (key > 0) addDigit(places, this.#sizes[key], codes, rowCount);
    }
  }

  #lookUp(outer: number, rows: PlacedRows): number {
    const base = outer * this.#stride;
    if (this.#way === 'places') return groupsOfPlaces(this.#places, base, this.#slots, rows);
    const [left, right] = this.#keyColumns as readonly NumberColumn[];
    const [before = 0, beforeRight = 0] = this.#distances;
    if (this.#way === 'numbers') return groupsOfNumbers(left.values, base - before, this.#slots, rows);
    const size = this.#sizes[1];
    const start = base - before * size - beforeRight;
    return groupsOfPairs({ left: left.values, size, right: right.values }, start, this.#slots, rows);
  }

  /** A group for the row, which has none. */
  #add(outer: number, row: number): number {
    const group = this.#groupCount++;
    if (group === this.#outers.length) this.#grow(group * 2);
    this.#outers[group] = outer;
    let place = outer;
    for (let key = 0; key < this.#keys.length; key++) {
      const code = this.#codeOf(key, row);
      invariant(code >= 0 && code < this.#sizes[key], 'a value lies within the bounds of its unit');
      this.#groupCodes[key][group] = code;
      place = place * this.#sizes[key] + code;
    }
    this.#slots[place] = group;
    return group;
  }

  #codeOf(key: number, row: number): number {
    const distance = this.#distances[key];
    const column = this.#keyColumns[key];
    if (distance === undefined || column.kind !== 'number') return this.#rowCodes[key][row];
    return column.validity?.[row] === 0 ? 0 : column.values[row] - distance;
  }

  #grow(capacity: number): void {
    const outers = new Uint32Array(capacity);
    outers.set(this.#outers);
    this.#outers = outers;
    for (let key = 0; key < this.#keys.length; key++) {
      const codes = new Int32Array(capacity);
      codes.set(this.#groupCodes[key]);
      this.#groupCodes[key] = codes;
    }
  }
}
