import type { ScanSpan } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
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
  readonly #columns: (Column | undefined)[] = [];

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
    const output = this.#scan.outputs[column];
    if (output.kind !== 'field') return undefined;
    const values = this.column(column);
    if (values.kind !== 'number' || values.validity !== undefined) return undefined;
    const { rowCount } = this;
    const min = kernels.min(values.values, 0, rowCount);
    const max = kernels.max(values.values, 0, rowCount);
    const hasNaN = Number.isNaN(max);
    const hasInfinity = hasNaN || Math.abs(min) === Number.POSITIVE_INFINITY || max === Number.POSITIVE_INFINITY;
    const unknown = { sum: Number.NaN, first: Number.NaN, last: Number.NaN, firstRow: -1, lastRow: -1 };
    return { kind: 'float64', rowCount, nullCount: 0, hasNaN, hasInfinity, min, max, ...unknown };
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
