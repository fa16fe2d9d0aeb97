import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { OutputColumn, SortKey } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { rowComparator, sortRows } from '../row-sorter.ts';
import { RowStore } from '../row-store.ts';

const OUTPUT_ROWS = 1024;

/** ORDER BY: keeps all rows, sorts their numbers, gives them out in order. */
export async function* sort(
  input: BatchStream,
  { keys, output }: { readonly keys: readonly SortKey[]; readonly output: readonly OutputColumn[] },
  context: ExecutionContext,
): BatchStream {
  const store = new RowStore(
    output.map((column) => column.type),
    context.memory,
  );
  for await (const batch of input) {
    store.append(batch);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const order = await sortedRows(store, keys, context);
  for (let from = 0; from < order.length; from += OUTPUT_ROWS) {
    const rows = order.subarray(from, Math.min(from + OUTPUT_ROWS, order.length));
    yield store.gather(rows, rows.length);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  store.release();
}

/** The numbers of the stored rows in the order of `keys`. */
export async function sortedRows(
  store: RowStore,
  keys: readonly SortKey[],
  context: ExecutionContext,
): Promise<Uint32Array> {
  const rows = { rowCount: store.rowCount, columns: store.columns() };
  const columns = keys.map((key) => new ColumnEvaluator(key.expression, context).evaluate(rows));
  const compare = await rowComparator(
    columns,
    keys.map((key) => key.expression),
    keys,
    context.control,
  );
  return sortRows(store.rowCount, compare, context.control);
}
