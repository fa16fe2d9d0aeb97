import type { Batch } from '../columnar/batch.ts';
import type { Column, NumberColumn } from '../columnar/column.ts';
import { gatherBatch } from '../columnar/copy-rows.ts';
import { LargestValues } from '../columnar/largest-values.ts';
import type { UnitStatistics } from '../columnar/unit-statistics.ts';
import type { SortKey, TopNNode } from '../sql/plan/sort-nodes.ts';

/** For more rows than this no threshold is followed. */
const MAX_WANTED_ROWS = 100_000;

/**
 * How good a row has to be by its first sort key, a column of numbers, to be among the best ones. The top-n that looks for
 * them adds what it keeps; the scan under it leaves out what cannot be wanted any more, unread where it can.
 */
export class BestLimit {
  /** The place of the column in the scan's rows. */
  readonly column: number;
  /** With one key alone a row that is no better than the last of the best comes too late: ties keep their order. */
  readonly #isOnlyKey: boolean;
  readonly #isDescending: boolean;
  readonly #nullsFirst: boolean;
  #wantedRows = Number.POSITIVE_INFINITY;
  /** Values times -1 where the smallest are wanted. */
  #best: LargestValues | undefined;
  #nullCount = 0;
  #selection = new Uint32Array(1024);

  private constructor(column: number, { isDescending, nullsFirst }: SortKey, isOnlyKey: boolean) {
    this.column = column;
    this.#isOnlyKey = isOnlyKey;
    this.#isDescending = isDescending;
    this.#nullsFirst = nullsFirst;
  }

  /** undefined where the first key is no column of numbers. */
  static of({ keys }: TopNNode): BestLimit | undefined {
    const [key] = keys;
    if (key === undefined || key.expression.kind !== 'column') return undefined;
    const { representation } = key.expression.type.definition;
    if (representation !== 'float64' && representation !== 'int64') return undefined;
    return new BestLimit(key.expression.index, key, keys.length === 1);
  }

  /** How many rows are wanted; said before any is added. */
  set wantedRows(rowCount: number) {
    if (rowCount < 1 || rowCount > MAX_WANTED_ROWS) return;
    this.#wantedRows = rowCount;
    this.#best = new LargestValues(rowCount);
  }

  /** So many NULLs were there, and they come first, that no row is wanted any more. */
  get isComplete(): boolean {
    return this.#nullsFirst && this.#isOnlyKey && this.#nullCount >= this.#wantedRows;
  }

  /** Rows that the top-n keeps. */
  add({ rowCount, columns }: Batch): void {
    const column = columns[this.column];
    if (this.#best === undefined || column.kind !== 'number') return;
    const { values, validity } = column;
    for (let row = 0; row < rowCount; row++) {
      const value = values[row];
      if (validity !== undefined && validity[row] === 0) this.#nullCount++;
      else if (value === value) this.#best.add(this.#isDescending ? value : -value);
      // NaN is the greatest. As the smallest it would be worse than all numbers, and says nothing of them.
      else if (this.#isDescending) this.#best.add(Number.POSITIVE_INFINITY);
    }
  }

  /** Whether no row of which this is known can be wanted. */
  excludes(statistics: UnitStatistics | undefined): boolean {
    if (this.isComplete) return true;
    if (statistics === undefined || this.#best?.isFull !== true) return false;
    if (statistics.kind !== 'float64' && statistics.kind !== 'int64') return false;
    if (statistics.nullCount > 0 && this.#nullsFirst) return false;
    if (statistics.nullCount === statistics.rowCount) return true;
    const limit = this.#best.smallest;
    if (this.#isDescending) {
      if (statistics.kind === 'float64' && statistics.hasNaN) return false;
      return this.#isOnlyKey ? statistics.max <= limit : statistics.max < limit;
    }
    return this.#isOnlyKey ? statistics.min >= -limit : statistics.min > -limit;
  }

  /** Whether anything is known of what is wanted. */
  get isKnown(): boolean {
    return this.#best?.isFull === true || this.isComplete;
  }

  /** Whether some row with this key may be wanted. */
  wantsSome(column: Column, rowCount: number): boolean {
    return this.#select(column, rowCount) > 0;
  }

  /** The rows of a batch that may be wanted. */
  filter(batch: Batch): Batch {
    const count = this.#select(batch.columns[this.column], batch.rowCount);
    return count === batch.rowCount ? batch : gatherBatch(batch, this.#selection, count);
  }

  /** Of a batch that was added, what may still be wanted: with it other rows have come that are better. */
  trim(batch: Batch): Batch {
    const column = batch.columns[this.column];
    if (this.#best?.isFull !== true || column.kind !== 'number') return batch;
    const count = this.#selectGood(column, batch.rowCount, false);
    return count === batch.rowCount ? batch : gatherBatch(batch, this.#selection, count);
  }

  /** Writes the rows that may be wanted into `#selection`; returns how many there are. */
  #select(column: Column, rowCount: number): number {
    if (this.isComplete) return 0;
    if (this.#best?.isFull !== true || column.kind !== 'number') return rowCount;
    return this.#selectGood(column, rowCount, this.#isOnlyKey);
  }

  #selectGood({ values, validity }: NumberColumn, rowCount: number, isStrict: boolean): number {
    if (this.#selection.length < rowCount) this.#selection = new Uint32Array(rowCount);
    const selection = this.#selection;
    const limit = this.#best!.smallest;
    const count = this.#isDescending
      ? selectAbove(values, rowCount, limit, isStrict, selection)
      : selectBelow(values, rowCount, -limit, isStrict, selection);
    return validity === undefined ? count : this.#mend(validity, rowCount, selection, count);
  }

  /** Rows whose value is NULL are wanted or not whatever stands in its place. */
  #mend(validity: Uint8Array, rowCount: number, selection: Uint32Array, count: number): number {
    const passing = new Uint8Array(rowCount);
    for (let index = 0; index < count; index++) passing[selection[index]] = 1;
    let kept = 0;
    for (let row = 0; row < rowCount; row++) {
      const isWanted = validity[row] === 0 ? this.#nullsFirst : passing[row] === 1;
      if (isWanted) selection[kept++] = row;
    }
    return kept;
  }
}

/** NaN passes. */
function selectAbove(
  values: Float64Array,
  rowCount: number,
  limit: number,
  isStrict: boolean,
  selection: Uint32Array,
): number {
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    if (value < limit || (isStrict && value === limit)) continue;
    selection[count++] = row;
  }
  return count;
}

/** NaN does not. */
function selectBelow(
  values: Float64Array,
  rowCount: number,
  limit: number,
  isStrict: boolean,
  selection: Uint32Array,
): number {
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    if (value < limit || (!isStrict && value === limit)) selection[count++] = row;
  }
  return count;
}
