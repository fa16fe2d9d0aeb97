import { type KeyedRowSource, KeySet } from '../memtable/key-set.ts';
import type { RowNames } from './row-names.ts';

/**
 * The committed rows that a transaction has deleted, by their names, in the order of its statements: a reader of the
 * transaction sees the first so many of them. What the rows' positions are is asked when it commits.
 */
export class DeletedNames implements KeyedRowSource {
  readonly #hasRowIds: boolean;
  #rowCount = 0;
  #seriesIds = new Uint32Array(16);
  #times = new Float64Array(16);
  #fractions = new Uint32Array(16);
  /** As long as the others where rows have ids. */
  #rowIds = new Float64Array(0);
  #hasFractions = false;
  /** Every series that has or had a name here. */
  readonly #series = new Set<number>();
  #keys = new KeySet(this);

  /** `hasRowIds`: rows are named by them alone. */
  constructor(hasRowIds: boolean) {
    this.#hasRowIds = hasRowIds;
    if (hasRowIds) this.#rowIds = new Float64Array(16);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  seriesAt(index: number): number {
    return this.#hasRowIds ? 0 : this.#seriesIds[index];
  }

  timeAt(index: number): number {
    return this.#hasRowIds ? this.#rowIds[index] : this.#times[index];
  }

  fractionAt(index: number): number {
    return this.#hasRowIds ? 0 : this.#fractions[index];
  }

  /** No effect if the row is deleted already; then false. */
  add(names: RowNames, row: number): boolean {
    const { seriesIds, times, fractions, rowIds } = names;
    const fraction = fractions === undefined ? 0 : fractions[row];
    const rowId = rowIds === undefined ? 0 : rowIds[row];
    if (this.find(seriesIds[row], times[row], fraction, rowId) >= 0) return false;
    if (this.#rowCount === this.#times.length) this.#grow();
    const place = this.#rowCount++;
    this.#seriesIds[place] = seriesIds[row];
    this.#times[place] = times[row];
    this.#fractions[place] = fraction;
    if (fraction !== 0) this.#hasFractions = true;
    if (this.#hasRowIds) this.#rowIds[place] = rowId;
    this.#series.add(seriesIds[row]);
    return true;
  }

  /** The place of a row among the names, or -1. */
  find(seriesId: number, time: number, fraction: number, rowId: number): number {
    return this.#hasRowIds ? this.#keys.find(0, rowId, 0) : this.#keys.find(seriesId, time, fraction);
  }

  /** Whether some row of the series may be among the names. */
  mayHaveSeries(seriesId: number): boolean {
    return this.#series.has(seriesId);
  }

  truncate(count: number): void {
    this.#rowCount = count;
    this.#keys = new KeySet(this);
  }

  names(): RowNames {
    return {
      rowCount: this.rowCount,
      seriesIds: this.#seriesIds.slice(0, this.#rowCount),
      times: this.#times.slice(0, this.#rowCount),
      fractions: this.#hasFractions ? this.#fractions.slice(0, this.#rowCount) : undefined,
      rowIds: this.#hasRowIds ? this.#rowIds.slice(0, this.#rowCount) : undefined,
    };
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const grown = <T extends Uint32Array | Float64Array>(target: T, source: T): T => {
      target.set(source);
      return target;
    };
    this.#seriesIds = grown(new Uint32Array(capacity), this.#seriesIds);
    this.#times = grown(new Float64Array(capacity), this.#times);
    this.#fractions = grown(new Uint32Array(capacity), this.#fractions);
    if (this.#hasRowIds) this.#rowIds = grown(new Float64Array(capacity), this.#rowIds);
  }
}

/** What of them a statement sees. */
export interface DeletedView {
  readonly names: DeletedNames;
  readonly count: number;
}

export function hides(
  { names, count }: DeletedView,
  seriesId: number,
  time: number,
  fraction: number,
  rowId: number,
): boolean {
  const found = names.find(seriesId, time, fraction, rowId);
  return found >= 0 && found < count;
}
