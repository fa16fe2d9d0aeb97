import type { Batch } from '../columnar/batch.ts';
import type { Int64, Value } from '../types/value.ts';

/** Instants in µs since 2000-01-01 UTC: `from` ≤ time < `to`; ±Infinity where open. */
export interface TimeRange {
  readonly from: Int64;
  readonly to: Int64;
}

/**
 * A predicate over tag columns. One over a single tag is decided once per value of the tag (or NULL), one over several
 * once per series. `equalTo` is what an index can answer of it: the tag is one of the values (null = IS NULL), or the
 * predicate is not true.
 */
export interface SeriesPredicate {
  /** Positions in `TableDescriptor.columns` of the tags that `select` reads, in its batch's order. */
  readonly tagColumns: readonly number[];
  /**
   * Writes the rows of `series` which pass into `selection`; returns how many. There may be rows of values that no
   * visible series has.
   */
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

/**
 * Rows of a plain table by one of its indexes: equal to `equalTo` in the leading columns, and in the next one within the
 * bounds. A hint: the scan may give more rows, and execution filters again. NULL is equal to nothing.
 */
export interface IndexCondition {
  readonly indexOid: number;
  /** Alternatives (IN lists have several), each a value per leading column. */
  readonly equalTo: readonly (readonly Value[])[];
  readonly from?: { readonly value: Value; readonly isInclusive: boolean };
  readonly to?: { readonly value: Value; readonly isInclusive: boolean };
}

/** What a scan must give. Time range and series predicates are applied exactly; field ranges are hints. */
export interface ScanRequest {
  /** Positions in `TableDescriptor.columns`, in the order of the batches' columns. */
  readonly columns: readonly number[];
  readonly timeRange: TimeRange;
  readonly seriesPredicates: readonly SeriesPredicate[];
  readonly fieldRanges: readonly FieldRange[];
  readonly index?: IndexCondition;
  /** These rows of a plain table alone, by their row ids, as far as the snapshot sees them; each once. */
  readonly rowIds?: Float64Array;
  /**
   * Only the newest row of each series within the time range, by time and remainder; in a table without a key all rows
   * that are the newest. For time-series tables.
   */
  readonly lastPerSeries?: boolean;
  /** Morsels come newest first, as far as what is known of runs unread can tell. For time-series tables. */
  readonly order?: 'newest-first';
  /**
   * Rows of a series may come in any order from span to span, each of which is sorted: layers are read one behind the other
   * instead of being merged by time. For scans that are neither in order nor of last rows.
   */
  readonly isUnordered?: boolean;
  /** Morsels of later partitions come before those of earlier ones; otherwise behind them. */
  readonly hasLatestPartitionFirst?: boolean;
}

export const ALL_TIME: TimeRange = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
