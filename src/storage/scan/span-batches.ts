import type { ScanSpan, SpanReader } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { BatchReader } from './batch-reader.ts';

/** Whole spans as batches: `columnCount` columns of each. */
export function batchesOf(spans: SpanReader, columnCount: number): BatchReader {
  const all = Array.from({ length: columnCount }, (_, column) => column);
  const batchOf = (span: ScanSpan): Batch => ({
    rowCount: span.rowCount,
    columns: all.map((column) => span.column(column)),
  });
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
