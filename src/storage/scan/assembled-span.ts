import type { ScanSpan } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { assembleColumn, type BatchParts } from './output-columns.ts';
import type { ScanParts } from './table-scan.ts';

/** Rows in memory of which nothing is known without looking at them: columns are put together as they are asked for. */
export class AssembledSpan implements ScanSpan {
  readonly rowCount: number;
  readonly seriesIds: readonly number[];
  readonly seriesEnds: readonly number[];
  readonly firstTime: number;
  readonly lastTime: number;
  readonly #scan: ScanParts;
  readonly #parts: BatchParts;

  constructor(scan: ScanParts, parts: BatchParts, times: { readonly first: number; readonly last: number }) {
    this.rowCount = parts.rowCount;
    this.seriesIds = parts.spans.seriesIds;
    this.seriesEnds = parts.spans.ends;
    this.firstTime = times.first;
    this.lastTime = times.last;
    this.#scan = scan;
    this.#parts = parts;
  }

  load(): undefined {
    return undefined;
  }

  column(column: number): Column {
    return assembleColumn(this.#scan.outputs[column], this.#scan.table.oid, this.#parts);
  }

  statistics(): undefined {
    return undefined;
  }

  bounds(): undefined {
    return undefined;
  }
}

/** The earliest and the latest of times that are sorted within each series alone. */
export function timesWithin(
  times: Float64Array,
  ends: readonly number[],
): { readonly first: number; readonly last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let from = 0;
  for (const end of ends) {
    first = Math.min(first, times[from]);
    last = Math.max(last, times[end - 1]);
    from = end;
  }
  return { first, last };
}
