import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { CommonTablePlan, CteScanNode, WorkingTableNode } from '../../sql/plan/common-table-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import { commonTable, withCommonTable } from '../common-tables.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowBuffer } from '../row-buffer.ts';

type Execute = (plan: LogicalPlan, context: ExecutionContext) => BatchStream;

/** WITH: the input's rows, in whose plan the tables are known; they end with it. */
export async function* withTables(
  tables: readonly CommonTablePlan[],
  input: LogicalPlan,
  context: ExecutionContext,
  execute: Execute,
): BatchStream {
  const buffers: RowBuffer[] = [];
  let inner = context;
  try {
    for (const { id, plan } of tables) {
      const before = inner;
      const buffer = new RowBuffer(context.memory, () => execute(plan, before));
      buffers.push(buffer);
      inner = withCommonTable(inner, id, buffer);
    }
    yield* execute(input, inner);
  } finally {
    for (const buffer of buffers) await buffer.close();
  }
}

/** The rows of a common table, or of the round before of a recursive one. */
export async function* cteScan(
  { id, columns }: CteScanNode | WorkingTableNode,
  context: ExecutionContext,
): BatchStream {
  for await (const batch of commonTable(context, id).read()) {
    const rows: Batch = { rowCount: batch.rowCount, columns: columns.map((column) => batch.columns[column]) };
    yield rows;
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
