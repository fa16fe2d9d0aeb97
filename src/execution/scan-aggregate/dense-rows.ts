import type { ScanSpan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from './span-filter.ts';

/** The rows of a span that pass, side by side in a batch: only for columns that are needed so, and once a span. */
export class DenseRows {
  readonly #columns: readonly number[];
  readonly #columnCount: number;
  #rows = new Uint32Array(1024);
  #batch: Batch | undefined;

  /** `columns`: those that the batch holds; places of others stay empty. */
  constructor(columns: readonly number[], columnCount: number) {
    this.#columns = columns;
    this.#columnCount = columnCount;
  }

  /** Whether some call asked for the rows of the span. */
  get isUsed(): boolean {
    return this.#batch !== undefined;
  }

  clear(): void {
    this.#batch = undefined;
  }

  /** A promise when a column is not in memory. */
  of(span: ScanSpan, mask: Uint8Array | undefined, count: number): Batch | Promise<Batch> {
    if (this.#batch !== undefined) return this.#batch;
    const pending = span.load(this.#columns);
    if (pending !== undefined) return pending.then(() => this.#make(span, mask, count));
    return this.#make(span, mask, count);
  }

  #make(span: ScanSpan, mask: Uint8Array | undefined, count: number): Batch {
    const columns = new Array<Column>(this.#columnCount);
    if (mask !== undefined) {
      if (this.#rows.length < span.rowCount) this.#rows = new Uint32Array(span.rowCount);
      selectedRows(mask, span.rowCount, this.#rows);
    }
    for (const column of this.#columns) {
      const whole = span.column(column);
      columns[column] = mask === undefined ? whole : gatherColumn(whole, this.#rows, count);
    }
    this.#batch = { rowCount: count, columns };
    return this.#batch;
  }
}
