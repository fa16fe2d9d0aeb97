import { type KeyedRowSource, KeySet } from '../memtable/key-set.ts';
import type { RowNames } from './row-names.ts';

/**
 * The committed rows that a transaction has deleted, by their names, in the order of its statements: a reader of the
 * transaction sees the first so many of them. What the rows' positions are is asked when it commits.
 */
export class DeletedNames implements KeyedRowSource {
  readonly #hasRowIds: boolean;
  readonly #seriesIds: number[] = [];
  readonly #times: number[] = [];
  readonly #fractions: number[] = [];
  readonly #rowIds: number[] = [];
  /** Every series that has or had a name here. */
  readonly #series = new Set<number>();
  #keys = new KeySet(this);

  /** `hasRowIds`: rows are named by them alone. */
  constructor(hasRowIds: boolean) {
    this.#hasRowIds = hasRowIds;
  }

  get rowCount(): number {
    return this.#times.length;
  }

  seriesAt(index: number): number {
    return this.#hasRowIds ? 0 : this.#seriesIds[index]!;
  }

  timeAt(index: number): number {
    return this.#hasRowIds ? this.#rowIds[index]! : this.#times[index]!;
  }

  fractionAt(index: number): number {
    return this.#hasRowIds ? 0 : this.#fractions[index]!;
  }

  /** No effect if the row is deleted already; then false. */
  add(names: RowNames, row: number): boolean {
    const { seriesIds, times, fractions, rowIds } = names;
    const fraction = fractions === undefined ? 0 : fractions[row];
    const rowId = rowIds === undefined ? 0 : rowIds[row];
    if (this.find(seriesIds[row], times[row], fraction, rowId) >= 0) return false;
    this.#seriesIds.push(seriesIds[row]);
    this.#times.push(times[row]);
    this.#fractions.push(fraction);
    this.#rowIds.push(rowId);
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
    this.#seriesIds.length = count;
    this.#times.length = count;
    this.#fractions.length = count;
    this.#rowIds.length = count;
    this.#keys = new KeySet(this);
  }

  names(): RowNames {
    return {
      rowCount: this.rowCount,
      seriesIds: Uint32Array.from(this.#seriesIds),
      times: Float64Array.from(this.#times),
      fractions: this.#fractions.some((fraction) => fraction !== 0) ? Uint32Array.from(this.#fractions) : undefined,
      rowIds: this.#hasRowIds ? Float64Array.from(this.#rowIds) : undefined,
    };
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
