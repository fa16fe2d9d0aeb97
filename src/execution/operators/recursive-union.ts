import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import type { RecursiveUnionNode } from '../../sql/plan/common-table-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import { withCommonTable } from '../common-tables.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { RowBuffer } from '../row-buffer.ts';

/**
 * WITH RECURSIVE: rounds of the right side over the rows of the round before. Rows are handed on as they are found, so
 * that a LIMIT above ends a recursion which would have no end.
 */
export async function* recursiveUnion(
  { id, isAll, left, right, output }: RecursiveUnionNode,
  context: ExecutionContext,
  execute: (plan: LogicalPlan, context: ExecutionContext) => BatchStream,
): BatchStream {
  const seen = isAll ? undefined : new SeenRows(new GroupTable(output.map((column) => column.type)), context);
  let working = new RowBuffer(context.memory);
  let found = new RowBuffer(context.memory);
  try {
    let rows = execute(left, context);
    do {
      for await (const batch of rows) {
        const fresh = seen === undefined ? batch : seen.without(batch);
        if (fresh.rowCount > 0) {
          found.append(fresh);
          yield fresh;
        }
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      await working.close();
      working = found;
      found = new RowBuffer(context.memory);
      rows = execute(right, withCommonTable(context, id, working));
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    } while (working.rowCount > 0);
  } finally {
    await working.close();
    await found.close();
    seen?.release();
  }
}

/** UNION: the rows of all rounds so far, each of which comes once. */
class SeenRows {
  readonly #table: GroupTable;
  readonly #context: ExecutionContext;
  #groups = new Uint32Array(1024);
  #reservedBytes = 0;

  constructor(table: GroupTable, context: ExecutionContext) {
    this.#table = table;
    this.#context = context;
  }

  /** Those of the rows that are new, which are known from now on. Throws 53200. */
  without(batch: Batch): Batch {
    const { rowCount, columns } = batch;
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    let known = this.#table.groupCount;
    this.#table.assign(columns, rowCount, this.#groups);
    const selection = new Uint32Array(rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (this.#groups[row] !== known) continue;
      selection[count++] = row;
      known += 1;
    }
    if (this.#table.sizeBytes > this.#reservedBytes) {
      this.#context.memory.reserve(this.#table.sizeBytes - this.#reservedBytes);
      this.#reservedBytes = this.#table.sizeBytes;
    }
    return gatherBatch(batch, selection, count);
  }

  release(): void {
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}
