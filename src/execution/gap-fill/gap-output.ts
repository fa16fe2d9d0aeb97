import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn, sliceBatch } from '../../columnar/copy-rows.ts';
import { gatherOrNull } from '../../columnar/gather-or-null.ts';
import type { GapFillNode } from '../../sql/plan/gap-fill-node.ts';
import type { Int64 } from '../../types/value.ts';
import type { ColumnFill } from './column-fill.ts';

const OUTPUT_ROWS = 1024;

/** A column with what fills it. */
export interface FilledColumn {
  readonly column: number;
  readonly fill: ColumnFill;
}

/**
 * Rows of one input batch and gaps between them, until they are a batch. A gap names a row of its series in the same
 * batch, from which it has what is the same in all of them.
 */
export class GapOutput {
  readonly #node: GapFillNode;
  readonly #filled: readonly FilledColumn[];
  readonly #shared: ReadonlySet<number>;
  readonly #rows = new Uint32Array(OUTPUT_ROWS);
  /** -1 for a gap. */
  readonly #rowsOrGaps = new Int32Array(OUTPUT_ROWS);
  #buckets: ColumnBuilder;
  #targets: readonly ColumnBuilder[];
  #count = 0;
  #gapCount = 0;

  constructor(node: GapFillNode, filled: readonly FilledColumn[]) {
    this.#node = node;
    this.#filled = filled;
    this.#shared = new Set([...node.groups, ...node.dependents]);
    this.#buckets = this.#newBuilder(node.bucket);
    this.#targets = this.#newTargets();
  }

  get isFull(): boolean {
    return this.#count === OUTPUT_ROWS;
  }

  addGap(row: number, time: Int64): void {
    this.#rows[this.#count] = row;
    this.#rowsOrGaps[this.#count] = -1;
    this.#buckets.push(time);
    for (let at = 0; at < this.#filled.length; at++) this.#filled[at].fill.fillGap(time, this.#targets[at]);
    this.#count += 1;
    this.#gapCount += 1;
  }

  addRow(source: Batch, row: number, time: Int64): void {
    this.#rows[this.#count] = row;
    this.#rowsOrGaps[this.#count] = row;
    this.#buckets.push(time);
    for (let at = 0; at < this.#filled.length; at++) {
      const { column, fill } = this.#filled[at];
      fill.takeRow(source.columns[column], row, time, this.#targets[at]);
    }
    this.#count += 1;
  }

  /** What was added since the last time, all of it from `source`; undefined when that is nothing. */
  take(source: Batch): Batch | undefined {
    const rowCount = this.#count;
    if (rowCount === 0) return undefined;
    const filled = new Map(this.#filled.map(({ column }, at) => [column, this.#targets[at].finish()]));
    const buckets = this.#buckets.finish();
    // Rows without a gap among them stand one behind the other.
    const rows = this.#gapCount === 0 ? sliceBatch(source, this.#rows[0], this.#rows[0] + rowCount) : undefined;
    const columns = source.columns.map((column, index): Column => {
      const own = filled.get(index);
      if (own !== undefined) return own;
      if (rows !== undefined) return rows.columns[index];
      if (index === this.#node.bucket) return buckets;
      return this.#shared.has(index)
        ? gatherColumn(column, this.#rows, rowCount)
        : gatherOrNull(column, this.#rowsOrGaps, rowCount);
    });
    this.#count = 0;
    this.#gapCount = 0;
    this.#buckets = this.#newBuilder(this.#node.bucket);
    this.#targets = this.#newTargets();
    return { rowCount, columns };
  }

  #newTargets(): readonly ColumnBuilder[] {
    return this.#filled.map(({ column }) => this.#newBuilder(column));
  }

  #newBuilder(column: number): ColumnBuilder {
    return new ColumnBuilder(this.#node.input.output[column].type.definition.representation, { capacity: OUTPUT_ROWS });
  }
}
