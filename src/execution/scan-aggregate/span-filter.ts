import type { ScanSpan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from '../../columnar/selected-rows.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import { conjunction } from '../../sql/expression/conjunction.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { CodeCondition, maskCodes } from './code-condition.ts';
import { type ColumnComparison, columnComparison, isTrueForAll } from './column-comparison.ts';

/**
 * WHERE over spans. Comparisons of a number column with a constant are made first, each in one loop over its column, and
 * not at all where statistics say that every row passes; then those of a text column that cannot fail, by the codes of its
 * dictionary. It makes no difference to the others, which see only the rows that are left.
 */
export class SpanFilter {
  readonly #comparisons: readonly ColumnComparison[];
  readonly #codeConditions: readonly CodeCondition[];
  readonly #rest: RowFilter | undefined;
  readonly #restColumns: readonly number[];
  readonly #columnCount: number;
  /** 1 = the row passes. */
  #mask = new Uint8Array(0);
  #rows = new Uint32Array(0);
  #passing = new Uint32Array(0);

  constructor(filters: readonly Expression[], columnCount: number, context: ExecutionContext) {
    const comparisons: ColumnComparison[] = [];
    const codeConditions: CodeCondition[] = [];
    const rest: Expression[] = [];
    for (const filter of filters) {
      const comparison = columnComparison(filter, context);
      const codeCondition = comparison === undefined ? CodeCondition.of(filter, context) : undefined;
      if (comparison !== undefined) comparisons.push(comparison);
      else if (codeCondition !== undefined) codeConditions.push(codeCondition);
      else rest.push(filter);
    }
    this.#comparisons = comparisons;
    this.#codeConditions = codeConditions;
    const condition = conjunction(rest);
    this.#rest = condition === undefined ? undefined : new RowFilter(condition, context);
    this.#restColumns = condition === undefined ? [] : columnsUsed(condition);
    this.#columnCount = columnCount;
  }

  /** How many rows of the span pass; a promise when a column is not in memory. */
  count(span: ScanSpan): number | Promise<number> {
    const { live, liveCount } = span;
    if (live === undefined) return this.#compare(span, 0, undefined);
    if (this.#mask.length < live.length) this.#mask = new Uint8Array(live.length);
    this.#mask.set(live);
    return this.#compare(span, 0, liveCount);
  }

  /** Of the span that was counted last, where some but not all rows pass. */
  get mask(): Uint8Array {
    return this.#mask;
  }

  #compare(span: ScanSpan, first: number, masked: number | undefined): number | Promise<number> {
    let count = masked;
    for (let index = first; index < this.#comparisons.length; index++) {
      const comparison = this.#comparisons[index];
      if (comparison.constant === undefined) return 0;
      if (isTrueForAll(comparison, span.bounds(comparison.columns[0]))) continue;
      const pending = span.load(comparison.columns);
      if (pending !== undefined) return pending.then(() => this.#compare(span, index, count));
      count = this.#narrow(span, comparison, count !== undefined);
      if (count === 0) return 0;
    }
    return this.#compareCodes(span, 0, count);
  }

  #compareCodes(span: ScanSpan, first: number, masked: number | undefined): number | Promise<number> {
    let count = masked;
    for (let index = first; index < this.#codeConditions.length; index++) {
      const condition = this.#codeConditions[index];
      const pending = span.load(condition.columns);
      if (pending !== undefined) return pending.then(() => this.#compareCodes(span, index, count));
      count = this.#narrowByCodes(span, condition, count);
      if (count === 0) return 0;
    }
    return this.#rest === undefined ? (count ?? span.rowCount) : this.#filterRest(span, this.#rest, count);
  }

  /** undefined: every row passes, and there is no mask yet. */
  #narrowByCodes(span: ScanSpan, condition: CodeCondition, count: number | undefined): number | undefined {
    const { rowCount } = span;
    const column = span.column(condition.columns[0]);
    const table = column.kind === 'dictionary' ? condition.tableOf(column) : undefined;
    const isNarrowed = count !== undefined;
    if (column.kind !== 'dictionary' || table === undefined) {
      return this.#narrowOther(column, condition.filter, rowCount, isNarrowed);
    }
    const hasNulls = column.validity !== undefined;
    if (table.passingCount === 0 && !(hasNulls && condition.passesNull)) return 0;
    if (table.passingCount === table.passes.length && (!hasNulls || condition.passesNull)) return count;
    if (this.#mask.length < rowCount) this.#mask = new Uint8Array(rowCount);
    return maskCodes(column, table, condition.passesNull, { mask: this.#mask, rowCount, isNarrowed });
  }

  #narrow(span: ScanSpan, comparison: ColumnComparison, isNarrowed: boolean): number {
    const { rowCount } = span;
    const column = span.column(comparison.columns[0]);
    if (column.kind !== 'number') return this.#narrowOther(column, comparison.filter(), rowCount, isNarrowed);
    if (this.#mask.length < rowCount) this.#mask = new Uint8Array(rowCount);
    const { operator, constant } = comparison;
    if (isNarrowed) kernels.narrow(column.values, operator, constant!, this.#mask, 0, rowCount);
    else kernels.compare(column.values, operator, constant!, this.#mask, 0, rowCount);
    if (column.validity !== undefined) kernels.and(this.#mask, column.validity, 0, rowCount);
    return kernels.countSelected(this.#mask, 0, rowCount);
  }

  /** Integers beyond ±2^53, texts without a dictionary. */
  #narrowOther(column: Column, filter: RowFilter, rowCount: number, isNarrowed: boolean): number {
    const columns: Column[] = [column];
    this.#reserve(rowCount);
    const count = filter.select({ rowCount, columns }, this.#passing);
    if (!isNarrowed) this.#mask.fill(1, 0, rowCount);
    return this.#keep(this.#passing, count, rowCount);
  }

  #filterRest(span: ScanSpan, rest: RowFilter, narrowed: number | undefined): number | Promise<number> {
    const pending = span.load(this.#restColumns);
    if (pending !== undefined) return pending.then(() => this.#filterRest(span, rest, narrowed));
    const { rowCount } = span;
    this.#reserve(rowCount);
    const columns = new Array<Column>(this.#columnCount);
    if (narrowed === undefined || narrowed === rowCount) {
      for (const column of this.#restColumns) columns[column] = span.column(column);
      const count = rest.select({ rowCount, columns }, this.#passing);
      this.#mask.fill(1, 0, rowCount);
      return this.#keep(this.#passing, count, rowCount);
    }
    selectedRows(this.#mask, rowCount, this.#rows);
    for (const column of this.#restColumns) columns[column] = gatherColumn(span.column(column), this.#rows, narrowed);
    const batch: Batch = { rowCount: narrowed, columns };
    const count = rest.select(batch, this.#passing);
    for (let index = 0; index < count; index++) this.#passing[index] = this.#rows[this.#passing[index]];
    return this.#keep(this.#passing, count, rowCount);
  }

  /** Clears the mask but for these rows; returns how many of them were in it. */
  #keep(rows: Uint32Array, count: number, rowCount: number): number {
    const mask = this.#mask;
    let kept = 0;
    let row = 0;
    for (let index = 0; index < count; index++) {
      const next = rows[index];
      mask.fill(0, row, next);
      kept += mask[next];
      row = next + 1;
    }
    mask.fill(0, row, rowCount);
    return kept;
  }

  #reserve(rowCount: number): void {
    if (this.#mask.length < rowCount) this.#mask = new Uint8Array(rowCount);
    if (this.#rows.length >= rowCount) return;
    this.#rows = new Uint32Array(rowCount);
    this.#passing = new Uint32Array(rowCount);
  }
}
