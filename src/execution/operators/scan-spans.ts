import type { ScanSpan } from '../../catalog/table.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from '../../columnar/selected-rows.ts';
import type { ScanNode } from '../../sql/plan/scan-node.ts';
import type { BestLimit } from '../best-limit.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { noteScan, type OperatorCounters } from '../operator-counters.ts';
import { SpanFilter } from '../scan-aggregate/span-filter.ts';
import type { OpenScan } from './open-scan.ts';

/**
 * The rows of a scan that pass its filters. Columns that no filter asks for are read only of spans with such rows. `best`:
 * the top-n above wants none but the best rows; spans are left out that have no such row.
 */
export async function* scanSpans(
  node: ScanNode,
  open: OpenScan,
  context: ExecutionContext,
  counters?: OperatorCounters,
  best?: BestLimit,
): BatchStream {
  const { control } = context;
  const { tableScan } = open;
  const all = [...node.columns.keys()];
  let filters: OpenScan['filters'] = [];
  let filter: SpanFilter | undefined;
  for (const morsel of tableScan.morsels()) {
    if (open.filters.length > filters.length) {
      filters = open.filters;
      filter = new SpanFilter(filters, all.length, context);
    }
    const spans = tableScan.spans!(morsel, control);
    try {
      for (;;) {
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
        const next = spans.next();
        const span = next instanceof Promise ? await next : next;
        if (span === undefined) break;
        if (best?.isKnown === true) {
          if (best.excludes(span.bounds(best.column))) {
            tableScan.counters.unitsSkipped += all.length;
            continue;
          }
          const key = span.load([best.column]);
          if (key !== undefined) await key;
          if (!best.wantsSome(span.column(best.column), span.rowCount)) continue;
        }
        const counted = filter === undefined ? span.liveCount : filter.count(span);
        const count = counted instanceof Promise ? await counted : counted;
        if (counters !== undefined) counters.removedRows += span.liveCount - count;
        if (count === 0) continue;
        if (best?.isKnown === true && count < span.rowCount) {
          const [key] = passing(span, [best.column], count, filter).columns;
          if (!best.wantsSome(key, count)) continue;
        }
        const pending = span.load(all);
        if (pending !== undefined) await pending;
        yield passing(span, all, count, filter);
      }
    } finally {
      spans.close();
    }
  }
  if (counters !== undefined) noteScan(counters, tableScan.counters);
}

function passing(span: ScanSpan, all: readonly number[], count: number, filter: SpanFilter | undefined): Batch {
  if (count === span.rowCount) return { rowCount: count, columns: all.map((column) => span.column(column)) };
  const rows = new Uint32Array(span.rowCount);
  selectedRows(filter?.mask ?? span.live!, span.rowCount, rows);
  return { rowCount: count, columns: all.map((column) => gatherColumn(span.column(column), rows, count)) };
}
