import type { BatchStream } from '../../columnar/batch.ts';
import type { OutputColumn } from '../../sql/plan/plan-node.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { OperatorCounters } from '../operator-counters.ts';
import { ExternalSorter } from '../spill/external-sorter.ts';

/** ORDER BY: keeps all rows, sorts their numbers, gives them out in order; what memory has no room for goes to disk. */
export async function* sort(
  input: BatchStream,
  { keys, output }: { readonly keys: readonly SortKey[]; readonly output: readonly OutputColumn[] },
  context: ExecutionContext,
  counters?: OperatorCounters,
): BatchStream {
  const types = output.map((column) => column.type);
  const sorter = new ExternalSorter(types, keys, context);
  try {
    for await (const batch of input) await sorter.add(batch);
    yield* sorter.rows();
  } finally {
    if (counters !== undefined) counters.spilledBytes = sorter.spilledBytes;
    await sorter.close();
  }
}
