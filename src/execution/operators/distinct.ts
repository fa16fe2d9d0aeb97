import type { BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';

/**
 * Of rows with equal keys only the first, in the input's order: DISTINCT (all columns are keys) and DISTINCT ON (the
 * input comes sorted, so that "first" means what ORDER BY says).
 */
export async function* distinct(
  input: BatchStream,
  keys: readonly Expression[],
  context: ExecutionContext,
): BatchStream {
  const evaluators = keys.map((key) => new ColumnEvaluator(key, context));
  const table = new GroupTable(keys.map((key) => key.type));
  let groups = new Uint32Array(1024);
  let selection = new Uint32Array(1024);
  let reservedBytes = 0;
  for await (const batch of input) {
    const { rowCount } = batch;
    if (groups.length < rowCount) {
      groups = new Uint32Array(rowCount);
      selection = new Uint32Array(rowCount);
    }
    let known = table.groupCount;
    const columns = evaluators.map((evaluator) => evaluator.evaluate(batch));
    table.assign(columns, rowCount, groups);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (groups[row] !== known) continue;
      selection[count++] = row;
      known += 1;
    }
    if (table.sizeBytes > reservedBytes) {
      context.memory.reserve(table.sizeBytes - reservedBytes);
      reservedBytes = table.sizeBytes;
    }
    if (count > 0) yield gatherBatch(batch, selection, count);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  context.memory.release(reservedBytes);
}
