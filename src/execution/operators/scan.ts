import type { TableScan } from '../../catalog/table.ts';
import type { BatchStream } from '../../columnar/batch.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import { conjunction } from '../../sql/expression/conjunction.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import type { BestLimit } from '../best-limit.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { NewestLimit } from '../newest-limit.ts';
import { noteScan, type OperatorCounters } from '../operator-counters.ts';
import { settle } from '../subquery/settle.ts';
import { openScan } from './open-scan.ts';
import { scanSpans } from './scan-spans.ts';

const MICROS_PER_DAY = 86_400_000_000;

/**
 * Rows of a table. What the table could not apply itself is tested here. `newest`: how far back rows are wanted, of a scan
 * that gives them newest first. `best`: how good they have to be, of one that gives them in no order.
 */
export async function* scan(
  node: ScanNode,
  context: ExecutionContext,
  counters?: OperatorCounters,
  newest?: NewestLimit,
  best?: BestLimit,
): BatchStream {
  const open = await openScan(node, context);
  if (open === undefined) return;
  const { tableScan } = open;
  const waits = node.filters.some(hasSubquery);
  if (node.take === undefined && !waits && tableScan.spans !== undefined) {
    yield* scanSpans(node, open, context, counters, best);
    return;
  }
  if (newest !== undefined && open.filters.length === 0) tableScan.needNewest?.(newest.rowCount);
  const skip = newest === undefined ? undefined : skipper(tableScan, node, newest);
  let filterCount = open.filters.length;
  let filter = rowFilter(open.filters, context);
  let selection = new Uint32Array(0);
  for (const morsel of tableScan.morsels()) {
    if (open.filters.length > filterCount) {
      filterCount = open.filters.length;
      filter = rowFilter(open.filters, context);
    }
    // Some morsels are there only so that others get a turn.
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
    skip?.();
    for await (const batch of tableScan.read(morsel, context.control)) {
      if (filter === undefined) {
        yield batch;
        continue;
      }
      if (selection.length < batch.rowCount) selection = new Uint32Array(batch.rowCount);
      const passing = filter;
      const count = waits
        ? await settle(context, () => passing.select(batch, selection))
        : passing.select(batch, selection);
      if (counters !== undefined) counters.removedRows += batch.rowCount - count;
      if (count === batch.rowCount) yield batch;
      else if (count > 0) yield gatherBatch(batch, selection, count);
    }
  }
  if (counters !== undefined) noteScan(counters, tableScan.counters);
}

/** Hands the limit on whenever it has changed. */
function skipper(tableScan: TableScan, { table }: ScanNode, newest: NewestLimit): () => void {
  const time = table.columns.find(({ number }) => number === table.timeSeries?.timeColumnNumber);
  const unitMicros = time?.type.definition.name === 'date' ? MICROS_PER_DAY : 1;
  let known = Number.NEGATIVE_INFINITY;
  return () => {
    if (newest.time <= known) return;
    known = newest.time;
    tableScan.skipBefore?.(known * unitMicros, { isInclusive: newest.hasMoreKeys });
  };
}

function rowFilter(filters: readonly Expression[], context: ExecutionContext): RowFilter | undefined {
  const condition = conjunction(filters);
  return condition === undefined ? undefined : new RowFilter(condition, context);
}
