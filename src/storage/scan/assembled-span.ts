import type { ScanSpan } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { assembleColumn, type BatchParts } from './output-columns.ts';
import type { ScanParts } from './table-scan.ts';

/** Rows in memory of which nothing is known without looking at them: columns are put together as they are asked for. */
export class AssembledSpan implements ScanSpan {
  readonly rowCount: number;
  readonly live = undefined;
  readonly seriesIds: readonly number[];
  readonly seriesEnds: readonly number[];
  readonly firstTime: number;
  readonly lastTime: number;
  readonly #scan: ScanParts;
  readonly #parts: BatchParts;
  readonly #columns: (Column | undefined)[] = [];
  /** As far as they were asked for; null: there are none. */
  readonly #bounds: (UnitStatistics | null | undefined)[] = [];

  constructor(scan: ScanParts, parts: BatchParts, times: { readonly first: number; readonly last: number }) {
    this.rowCount = parts.rowCount;
    this.seriesIds = parts.spans.seriesIds;
    this.seriesEnds = parts.spans.ends;
    this.firstTime = times.first;
    this.lastTime = times.last;
    this.#scan = scan;
    this.#parts = parts;
  }

  get liveCount(): number {
    return this.rowCount;
  }

  load(): undefined {
    return undefined;
  }

  column(column: number): Column {
    let known = this.#columns[column];
    if (known === undefined) {
      known = assembleColumn(this.#scan.outputs[column], this.#scan.table.oid, this.#parts);
      this.#columns[column] = known;
    }
    return known;
  }

  statistics(): undefined {
    return undefined;
  }

  /** Looked for in the column, which is there anyway. */
  bounds(column: number): UnitStatistics | undefined {
    let known = this.#bounds[column];
    if (known === undefined) {
      known =
        (this.#scan.outputs[column].kind === 'field' ? boundsOf(this.column(column), this.rowCount) : undefined) ??
        null;
      this.#bounds[column] = known;
    }
    return known ?? undefined;
  }
}

/** undefined where values are no doubles. Of sums, first and last values nothing is said. */
function boundsOf(column: Column, rowCount: number): UnitStatistics | undefined {
  if (column.kind !== 'number') return undefined;
  const { values, validity } = column;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nullCount = 0;
  let hasNaN = false;
  for (let row = 0; row < rowCount; row++) {
    if (validity !== undefined && validity[row] === 0) nullCount++;
    else {
      const value = values[row];
      if (value < min) min = value;
      if (value > max) max = value;
      hasNaN ||= Number.isNaN(value);
    }
  }
  const hasInfinity = min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY;
  if (min > max) {
    min = Number.NaN;
    max = Number.NaN;
  }
  const unknown = { sum: Number.NaN, first: Number.NaN, last: Number.NaN, firstRow: -1, lastRow: -1 };
  return { kind: 'float64', rowCount, nullCount, hasNaN, hasInfinity, min, max, ...unknown };
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
