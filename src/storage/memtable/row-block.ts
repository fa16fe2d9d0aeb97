import type { Column } from '../../columnar/column.ts';
import { sliceColumn } from '../../columnar/copy-rows.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** The values of one column for the rows of a block; columns that a block lacks are NULL in all its rows. */
export interface BlockColumn {
  readonly number: number;
  readonly type: TypeDefinition;
  readonly column: Column;
}

/**
 * Rows of one table and partition on their way into a memtable: what a commit record holds and what a write set hands
 * over. In arrival order. `times` are those of `TimeKeys`; in a plain table they are the row ids.
 */
export interface RowBlock {
  readonly partition: number;
  readonly rowCount: number;
  readonly seriesIds: Uint32Array;
  readonly times: Float64Array;
  readonly fractions: Uint32Array | undefined;
  /** Ascending; only in tables without a key. */
  readonly rowIds: Float64Array | undefined;
  /** A NULL field of a partial row was not written and leaves an older version's value alone. */
  readonly isPartial: boolean;
  readonly columns: readonly BlockColumn[];
}

/** Rows `from` to `to` of a block, without copying. */
export function sliceBlock(block: RowBlock, from: number, to: number): RowBlock {
  if (from === 0 && to === block.rowCount) return block;
  return {
    ...block,
    rowCount: to - from,
    seriesIds: block.seriesIds.subarray(from, to),
    times: block.times.subarray(from, to),
    fractions: block.fractions?.subarray(from, to),
    rowIds: block.rowIds?.subarray(from, to),
    columns: block.columns.map((column) => ({ ...column, column: sliceColumn(column.column, from, to) })),
  };
}
