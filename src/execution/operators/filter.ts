import type { BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

/** Keeps the rows for which `condition` is true. */
export async function* filter(input: BatchStream, condition: Expression, context: ExecutionContext): BatchStream {
  const rowFilter = new RowFilter(condition, context);
  const waits = hasSubquery(condition);
  let selection = new Uint32Array(0);
  for await (const batch of input) {
    if (selection.length < batch.rowCount) selection = new Uint32Array(batch.rowCount);
    const count = waits
      ? await settle(context, () => rowFilter.select(batch, selection))
      : rowFilter.select(batch, selection);
    if (context.control.owesAnything) await context.control.pay();
    if (count === batch.rowCount) yield batch;
    else if (count > 0) yield gatherBatch(batch, selection, count);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
