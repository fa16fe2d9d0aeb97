import type { Batch } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { JoinNode } from '../../sql/plan/logical-plan.ts';
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

/** The right side's keys: per key a chain of rows, in their order of arrival. */
export class JoinIndex {
  readonly #table: GroupTable;
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  private constructor(table: GroupTable, first: Int32Array, next: Int32Array) {
    this.#table = table;
    this.#first = first;
    this.#next = next;
  }

  static async build(store: RowStore, node: JoinNode, context: ExecutionContext): Promise<JoinIndex> {
    const rowCount = store.rowCount;
    const table = new GroupTable(node.equalities.map((equality) => equality.right.type));
    const keys = node.equalities.map((equality) =>
      new ColumnEvaluator(equality.right, context).evaluate({ rowCount, columns: store.columns() }),
    );
    const groups = new Int32Array(rowCount);
    table.assignNonNull(keys, rowCount, groups);
    table.close();
    const first = new Int32Array(table.groupCount).fill(END);
    const next = new Int32Array(rowCount).fill(END);
    // Backwards, so that each chain runs forward.
    for (let row = rowCount - 1; row >= 0; row--) {
      const group = groups[row];
      if (group === END) continue;
      next[row] = first[group];
      first[group] = row;
    }
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
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
        for (let row = 0; row < batch.rowCount; row++) found[row] = found[row] === END ? END : this.#first[found[row]];
        return found;
      },
      start: END,
      next: (rightRow) => this.#next[rightRow],
    };
  }
}
