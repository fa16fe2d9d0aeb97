import type { ScanSpan, SpanReader } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { selectedRows } from '../../columnar/selected-rows.ts';
import type { BatchReader } from './batch-reader.ts';

/** Spans as batches, without the rows that are not there: `columnCount` columns of each. */
export function batchesOf(spans: SpanReader, columnCount: number): BatchReader {
  const all = Array.from({ length: columnCount }, (_, column) => column);
  const batchOf = (span: ScanSpan): Batch => {
    const { rowCount, live, liveCount } = span;
    const columns = all.map((column) => span.column(column));
    if (live === undefined) return { rowCount, columns };
    const rows = new Uint32Array(rowCount);
    selectedRows(live, rowCount, rows);
    return { rowCount: liveCount, columns: columns.map((column) => gatherColumn(column, rows, liveCount)) };
  };
  const loaded = (span: ScanSpan | undefined): Batch | undefined | Promise<Batch> => {
    if (span === undefined) return undefined;
    const pending = span.load(all);
    return pending === undefined ? batchOf(span) : pending.then(() => batchOf(span));
  };
  return {
    next() {
      const span = spans.next();
      return span instanceof Promise ? span.then(loaded) : loaded(span);
    },
    close: () => spans.close(),
  };
}
