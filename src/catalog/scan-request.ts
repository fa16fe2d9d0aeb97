import type { Batch } from '../columnar/batch.ts';
import type { Int64 } from '../types/value.ts';

/** Instants in µs since 2000-01-01 UTC: `from` ≤ time < `to`; ±Infinity where open. */
export interface TimeRange {
  readonly from: Int64;
  readonly to: Int64;
}

/**
 * A predicate over tag columns, decided once per series. `equalTo` is the part of it that an index can answer: the
 * tag is one of the values (null = IS NULL).
 */
export interface SeriesPredicate {
  /** Positions in `TableDescriptor.columns` of the tags that `select` reads, in its batch's order. */
  readonly tagColumns: readonly number[];
  /** Writes the rows of `series` (one per series) which pass into `selection`; returns how many. */
  select(series: Batch, selection: Uint32Array): number;
  readonly equalTo?: { readonly tagColumn: number; readonly values: readonly (string | null)[] };
}

/**
 * `column` is a number within [min, max] wherever the row can pass: lets zone maps skip units. Only a hint: the scan may
 * give rows outside, and execution filters again. Sole ranges alone may be skipped by it (DESIGN: sole and merged).
 */
export interface FieldRange {
  readonly column: number;
  readonly min: number;
  readonly max: number;
}

/** What a scan must give. Time range and series predicates are applied exactly; field ranges are hints. */
export interface ScanRequest {
  /** Positions in `TableDescriptor.columns`, in the order of the batches' columns. */
  readonly columns: readonly number[];
  readonly timeRange: TimeRange;
  readonly seriesPredicates: readonly SeriesPredicate[];
  readonly fieldRanges: readonly FieldRange[];
}

export const ALL_TIME: TimeRange = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
