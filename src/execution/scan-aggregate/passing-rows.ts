import type { ScanSpan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from '../../columnar/selected-rows.ts';

/** Where no more than one row in so many passes, most words of the mask are zero, and passed over. */
const MIN_THIN_SHARE = 8;
const ROWS_PER_WORD = 4;

/** The rows of a span that pass, side by side: a column is gathered when it is asked for, and once a span. */
export class PassingRows {
  count = 0;
  #span: ScanSpan | undefined;
  #mask: Uint8Array | undefined;
  #rows = new Uint32Array(0);
  #areSelected = false;
  #isUsed = false;
  readonly #gathered: (Column | undefined)[];
  /** By column, what numbers are gathered into. */
  readonly #numbers: (Float64Array | undefined)[];

  constructor(columnCount: number) {
    this.#gathered = new Array<undefined>(columnCount).fill(undefined);
    this.#numbers = new Array<undefined>(columnCount).fill(undefined);
  }

  /** `count` rows of the span pass, those where the mask is 1; without one, all. */
  set(span: ScanSpan, mask: Uint8Array | undefined, count: number): void {
    this.#span = span;
    this.#mask = mask;
    this.count = count;
    this.#areSelected = false;
    this.#isUsed = false;
    this.#gathered.fill(undefined);
  }

  /** Whether some call asked for a batch of the span. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** A batch with these columns; places of others stay empty. A promise when a column is not in memory. */
  batch(columns: readonly number[]): Batch | Promise<Batch> {
    this.#isUsed = true;
    const pending = this.#span!.load(columns);
    return pending === undefined ? this.#batchOf(columns) : pending.then(() => this.#batchOf(columns));
  }

  /** One column, which is loaded. */
  column(column: number): Column {
    const span = this.#span!;
    if (this.#mask === undefined) return span.column(column);
    let gathered = this.#gathered[column];
    if (gathered === undefined) {
      this.#select(span.rowCount, this.#mask);
      gathered = this.#gather(column, span.column(column));
      this.#gathered[column] = gathered;
    }
    return gathered;
  }

  #batchOf(columns: readonly number[]): Batch {
    const all = new Array<Column>(this.#gathered.length);
    for (const column of columns) all[column] = this.column(column);
    return { rowCount: this.count, columns: all };
  }

  #select(rowCount: number, mask: Uint8Array): void {
    if (this.#areSelected) return;
    if (this.#rows.length < rowCount) this.#rows = new Uint32Array(rowCount);
    if (this.count * MIN_THIN_SHARE < rowCount) selectFew(mask, rowCount, this.#rows);
    else selectedRows(mask, rowCount, this.#rows);
    this.#areSelected = true;
  }

  #gather(column: number, whole: Column): Column {
    if (whole.kind !== 'number' || whole.validity !== undefined) return gatherColumn(whole, this.#rows, this.count);
    let values = this.#numbers[column];
    if (values === undefined || values.length < this.count) {
      values = new Float64Array(Math.max(this.count, 1024));
      this.#numbers[column] = values;
    }
    const rows = this.#rows;
    for (let index = 0; index < this.count; index++) values[index] = whole.values[rows[index]];
    return { kind: 'number', values: values.subarray(0, this.count), validity: undefined };
  }
}

/** Writes the rows whose mask is 1 into `rows`, in order: four at a time are seen to be none. */
function selectFew(mask: Uint8Array, rowCount: number, rows: Uint32Array): void {
  const wordCount = mask.byteOffset % ROWS_PER_WORD === 0 ? Math.floor(rowCount / ROWS_PER_WORD) : 0;
  const words = new Uint32Array(mask.buffer, wordCount === 0 ? 0 : mask.byteOffset, wordCount);
  let count = 0;
  for (let word = 0; word < wordCount; word++) {
    if (words[word] === 0) continue;
    const first = word * ROWS_PER_WORD;
    for (let row = first; row < first + ROWS_PER_WORD; row++) if (mask[row] === 1) rows[count++] = row;
  }
  for (let row = wordCount * ROWS_PER_WORD; row < rowCount; row++) if (mask[row] === 1) rows[count++] = row;
}
