import { upperBoundOf } from '../binary-search.ts';

/** The rows of a layer that are gone for a reader. */
export interface DeadRows {
  /** All rows before this one are … */
  readonly clearedRows: number;
  /** … and these, ascending. */
  readonly rows: Uint32Array;
}

const NO_ROWS = new Uint32Array(0);

/**
 * Which rows of one memtable or segment are deleted, and since when: row numbers with the stamp of their delete, in the
 * order of the deletes. 12 bytes for a deleted row, and a bit for each row. Stamps are LSNs; in a write set they are
 * lengths of its history. A row stays with its first stamp.
 */
export class DeleteVector {
  #rows = new Uint32Array(16);
  #stamps = new Float64Array(16);
  #count = 0;
  #bits = new Uint8Array(0);
  /** Everything up to a row was deleted at once, as by TRUNCATE. Both ascend. */
  #clears: { readonly rowCount: number; readonly stamp: number }[] = [];
  /** The last answer of `deadAt`. */
  #sorted: { readonly count: number; readonly rows: Uint32Array } = { count: 0, rows: NO_ROWS };

  /** Rows and clears are none at all, for whatever stamp. */
  get isEmpty(): boolean {
    return this.#count === 0 && this.#clears.length === 0;
  }

  /** Rows that were deleted one by one. */
  get count(): number {
    return this.#count;
  }

  /** Stamps must not descend. False if the row was deleted before. */
  add(row: number, stamp: number): boolean {
    if (this.has(row)) return false;
    if (this.#count === this.#rows.length) this.#grow();
    this.#rows[this.#count] = row;
    this.#stamps[this.#count++] = stamp;
    this.#setBit(row);
    return true;
  }

  /** Deletes the first `rowCount` rows. */
  clear(rowCount: number, stamp: number): void {
    if (rowCount > 0) this.#clears.push({ rowCount, stamp });
  }

  /** Whether the row is deleted at all. */
  has(row: number): boolean {
    return this.#hasBit(row) || row < (this.#clears.at(-1)?.rowCount ?? 0);
  }

  /** Whether the row was deleted, but not yet for a reader at `stamp`. */
  isDeletedAfter(row: number, stamp: number): boolean {
    const clear = this.#clears.find(({ rowCount }) => row < rowCount);
    if (!this.#hasBit(row)) return clear !== undefined && clear.stamp > stamp;
    if (clear !== undefined && clear.stamp <= stamp) return false;
    for (let index = this.countAt(stamp); index < this.#count; index++) if (this.#rows[index] === row) return true;
    return false;
  }

  /** What is deleted for a reader at `stamp`. */
  deadAt(stamp: number): DeadRows {
    let clearedRows = 0;
    for (const clear of this.#clears) if (clear.stamp <= stamp) clearedRows = clear.rowCount;
    const count = this.countAt(stamp);
    if (count === 0) return { clearedRows, rows: NO_ROWS };
    if (this.#sorted.count !== count) this.#sorted = { count, rows: this.#rows.slice(0, count).sort() };
    return { clearedRows, rows: this.#sorted.rows };
  }

  /** How many rows were deleted one by one up to `stamp`. */
  countAt(stamp: number): number {
    return upperBoundOf(this.#stamps, stamp, 0, this.#count);
  }

  rowAt(index: number): number {
    return this.#rows[index];
  }

  stampAt(index: number): number {
    return this.#stamps[index];
  }

  /** The clears after `stamp`, oldest first. */
  clearsAfter(stamp: number): readonly { readonly rowCount: number; readonly stamp: number }[] {
    return this.#clears.filter((clear) => clear.stamp > stamp);
  }

  /** Takes back every delete of this stamp or a later one. */
  removeFrom(stamp: number): void {
    this.#clears = this.#clears.filter((clear) => clear.stamp < stamp);
    let kept = this.#count;
    while (kept > 0 && this.#stamps[kept - 1] >= stamp) kept--;
    for (let index = kept; index < this.#count; index++) {
      const row = this.#rows[index];
      this.#bits[row >>> 3] &= ~(1 << (row & 7));
    }
    this.#count = kept;
    if (this.#sorted.count > kept) this.#sorted = { count: 0, rows: NO_ROWS };
  }

  #hasBit(row: number): boolean {
    const byte = row >>> 3;
    return byte < this.#bits.length && (this.#bits[byte] & (1 << (row & 7))) !== 0;
  }

  #setBit(row: number): void {
    const byte = row >>> 3;
    if (byte >= this.#bits.length) {
      const bits = new Uint8Array(Math.max(byte + 1, this.#bits.length * 2, 64));
      bits.set(this.#bits);
      this.#bits = bits;
    }
    this.#bits[byte] |= 1 << (row & 7);
  }

  #grow(): void {
    const rows = new Uint32Array(this.#rows.length * 2);
    const stamps = new Float64Array(rows.length);
    rows.set(this.#rows);
    stamps.set(this.#stamps);
    this.#rows = rows;
    this.#stamps = stamps;
  }
}
