import type { Batch } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { JoinNode } from '../../sql/plan/join-nodes.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import type { RowStore } from '../row-store.ts';

/** No row. */
export const END = -1;

/** How the rows of the right side are found for a row of the left: a chain from a first row by `next` to -1. */
export interface RowMatcher {
  /** Per left row the first right row, or -1; undefined when all start at `start`. */
  firstMatches(batch: Batch): Int32Array | undefined;
  readonly start: number;
  next(rightRow: number): number;
}

/** Without keys, every row may be a match. */
export function everyRow(store: RowStore): RowMatcher {
  return {
    firstMatches: () => undefined,
    start: store.rowCount === 0 ? END : 0,
    next: (rightRow) => (rightRow + 1 < store.rowCount ? rightRow + 1 : END),
  };
}

/** Rows that are hashed in one go. */
const SLICE_ROWS = 2048;
/** Rows that are put into chains in one go. */
const CHAINED_ROWS = 65_536;

/** The right side's keys: per key a chain of rows, in their order of arrival. */
export class JoinIndex {
  readonly #table: GroupTable;
  /** By key and by row: the row that comes first or next, and one more; 0 is none. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  private constructor(table: GroupTable, first: Int32Array, next: Int32Array) {
    this.#table = table;
    this.#first = first;
    this.#next = next;
  }

  static async build(store: RowStore, node: JoinNode, context: ExecutionContext): Promise<JoinIndex> {
    const { control } = context;
    const table = new GroupTable(node.equalities.map((equality) => equality.right.type));
    const evaluators = node.equalities.map((equality) => new ColumnEvaluator(equality.right, context));
    const groups = new Int32Array(store.rowCount);
    let row = 0;
    for (const batch of store.batches()) {
      for (let from = 0; from < batch.rowCount; from += SLICE_ROWS) {
        const slice = sliceBatch(batch, from, Math.min(from + SLICE_ROWS, batch.rowCount));
        const keys = evaluators.map((evaluator) => evaluator.evaluate(slice));
        table.assignNonNull(keys, slice.rowCount, groups.subarray(row, row + slice.rowCount));
        row += slice.rowCount;
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    table.close();
    const first = new Int32Array(table.groupCount);
    const next = new Int32Array(store.rowCount);
    // Backwards, so that each chain runs forward.
    while (row > 0) {
      const end = Math.max(row - CHAINED_ROWS, 0);
      while (row > end) {
        row -= 1;
        const group = groups[row];
        if (group === END) continue;
        next[row] = first[group];
        first[group] = row + 1;
      }
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return new JoinIndex(table, first, next);
  }

  matcher(node: JoinNode, context: ExecutionContext): RowMatcher {
    const evaluators = node.equalities.map((equality) => new ColumnEvaluator(equality.left, context));
    let found = new Int32Array(1024);
    return {
      firstMatches: (batch) => {
        if (found.length < batch.rowCount) found = new Int32Array(batch.rowCount);
        this.#table.find(
          evaluators.map((evaluator) => evaluator.evaluate(batch)),
          batch.rowCount,
          found,
        );
        for (let row = 0; row < batch.rowCount; row++)
          found[row] = found[row] === END ? END : this.#first[found[row]] - 1;
        return found;
      },
      start: END,
      next: (rightRow) => this.#next[rightRow] - 1,
    };
  }
}
