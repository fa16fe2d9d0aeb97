import type { IndexKey } from './index-key.ts';

/** Row ids as they are found, without an array per search. */
export class RowIdList {
  values = new Float64Array(64);
  count = 0;

  push(rowId: number): void {
    if (this.count === this.values.length) {
      const grown = new Float64Array(this.count * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.count++] = rowId;
  }

  clear(): void {
    this.count = 0;
  }

  take(): Float64Array {
    return this.values.slice(0, this.count);
  }
}

/** The place in an index where a walk through it goes on: an entry, or where one was. */
export interface IndexPlace {
  readonly key: IndexKey;
  rowId: number;
}

/**
 * Keys of rows with the ids of the rows, in memory. It knows nothing of versions: an entry is there until it is removed,
 * and who searches asks whether the row is.
 */
export interface KeyIndex {
  readonly entryCount: number;
  readonly sizeBytes: number;
  /** `isGone` may be asked about any entry, which is removed if so: then room is made before the index grows. */
  add(key: IndexKey, rowId: number, isGone?: (rowId: number) => boolean): void;
  has(key: IndexKey, rowId: number): boolean;
  /** Appends the rows that have the key. */
  find(key: IndexKey, into: RowIdList): void;
  /** Looks at about `count` entries from `place` on, in some order, and removes those that are gone. True at the end. */
  sweep(place: IndexPlace, count: number, isGone: (rowId: number) => boolean): boolean;
  /** The index is not kept any more and its memory not counted; who is reading it reads on. */
  release(): void;
}
