import { UNIT_ROWS } from '../codec/column-codec.ts';

/** A unit whose text and values pass this size ends early, so that a decoded unit stays of a size one can hold. */
const MAX_UNIT_WEIGHT = 4 * 1024 * 1024;

/**
 * Decides where units end while rows stream by. A series of 1,024 rows or more begins a new unit, so that its units are
 * its own; smaller ones share units. Which it is shows up to 1,023 rows later: until then its rows are undecided.
 *
 *   | closed unit | closed unit | open unit … | undecided rows of the current series … |
 *
 * Row numbers count from the first row that was not yet dropped.
 */
export class UnitPlanner {
  /** Ends (exclusive) of the closed units. */
  #ends: number[] = [];
  /** Rows up to here belong to a unit. */
  #decided = 0;
  #openRows = 0;
  #openWeight = 0;
  #undecidedRows = 0;
  #undecidedWeight = 0;
  #series: number | undefined;
  #isSeriesLarge = false;

  get closedCount(): number {
    return this.#ends.length;
  }

  /** The end of closed unit `index`. */
  endOf(index: number): number {
    return this.#ends[index];
  }

  /** Takes rows `from` to `to` of `seriesIds`. `weights`, by row number, are bytes beyond the fixed ones. */
  add(seriesIds: Uint32Array, from: number, to: number, weights: Float64Array | undefined): void {
    for (let start = from; start < to; ) {
      const series = seriesIds[start];
      let end = start + 1;
      while (end < to && seriesIds[end] === series) end++;
      if (series !== this.#series) this.#startSeries(series, weights);
      this.#addToSeries(end - start, weights);
      start = end;
    }
  }

  /** The last row was added: closes all units. */
  finish(weights: Float64Array | undefined): void {
    this.#settle(weights);
    if (this.#openRows > 0) this.#close();
  }

  /** Forgets the first `count` closed units, whose rows are gone. */
  drop(count: number): void {
    const rows = this.#ends[count - 1];
    this.#ends = this.#ends.slice(count).map((end) => end - rows);
    this.#decided -= rows;
  }

  #startSeries(series: number, weights: Float64Array | undefined): void {
    this.#settle(weights);
    this.#series = series;
    this.#isSeriesLarge = false;
  }

  #addToSeries(rowCount: number, weights: Float64Array | undefined): void {
    const firstNew = this.#decided + this.#undecidedRows;
    this.#undecidedRows += rowCount;
    if (weights !== undefined) {
      for (let row = firstNew; row < firstNew + rowCount; row++) this.#undecidedWeight += weights[row];
    }
    if (!this.#isSeriesLarge) {
      if (this.#undecidedRows < UNIT_ROWS && this.#undecidedWeight < MAX_UNIT_WEIGHT) return;
      this.#isSeriesLarge = true;
      if (this.#openRows > 0) this.#close();
    }
    this.#settle(weights);
  }

  /** Puts the undecided rows into the open unit and the ones after it. */
  #settle(weights: Float64Array | undefined): void {
    let left = this.#undecidedRows;
    this.#undecidedRows = 0;
    this.#undecidedWeight = 0;
    if (weights !== undefined) {
      for (; left > 0; left--) {
        this.#openWeight += weights[this.#decided++];
        if (++this.#openRows === UNIT_ROWS || this.#openWeight >= MAX_UNIT_WEIGHT) this.#close();
      }
      return;
    }
    while (left > 0) {
      const taken = Math.min(left, UNIT_ROWS - this.#openRows);
      left -= taken;
      this.#decided += taken;
      this.#openRows += taken;
      if (this.#openRows === UNIT_ROWS) this.#close();
    }
  }

  #close(): void {
    this.#ends.push(this.#decided);
    this.#openRows = 0;
    this.#openWeight = 0;
  }
}
