/** Rows of a memtable that stand side by side once sorted, in the order in which they came. */
export interface ArrivalOrder {
  /** Row numbers, ascending. */
  readonly rows: Uint32Array;
  /** Per row, its place among the sorted ones, from 0. */
  readonly places: Uint32Array;
  readonly count: number;
}

/** Gives stretches of sorted rows in the order of their arrival. What `of` gives is valid until it is called again. */
export class ArrivalOrders {
  /** By row number, its place once sorted; `ABSENT` for those that are left out. */
  #placeOf = new Uint32Array(0);
  #rowCount = 0;
  #rows = new Uint32Array(0);
  #places = new Uint32Array(0);

  /** `sorted`: row numbers below `rowCount`. */
  begin(sorted: Uint32Array, rowCount: number): void {
    if (this.#placeOf.length < rowCount) this.#placeOf = new Uint32Array(rowCount);
    this.#rowCount = rowCount;
    const placeOf = this.#placeOf;
    if (sorted.length < rowCount) placeOf.fill(ABSENT, 0, rowCount);
    for (let place = 0; place < sorted.length; place++) placeOf[sorted[place]] = place;
  }

  get sizeBytes(): number {
    return this.#placeOf.byteLength + this.#rows.byteLength + this.#places.byteLength;
  }

  /** The sorted rows `from` to `to`. */
  of(from: number, to: number): ArrivalOrder {
    if (this.#rows.length < to - from) {
      this.#rows = new Uint32Array(to - from);
      this.#places = new Uint32Array(to - from);
    }
    const placeOf = this.#placeOf;
    const rowCount = this.#rowCount;
    const rows = this.#rows;
    const places = this.#places;
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const place = placeOf[row];
      if (place < from || place >= to) continue;
      rows[count] = row;
      places[count++] = place - from;
    }
    return { rows, places, count };
  }
}

const ABSENT = 0xffffffff;
