import type { Column } from '../../columnar/column.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';

/** A column as it stands in a segment. */
export interface SegmentColumn {
  /** `ColumnDescriptor.number`, or one of `hidden-columns.ts`. */
  readonly number: number;
  readonly type: TypeDefinition;
}

/** What is known of a segment before its first row. */
export interface SegmentHeader {
  readonly tableOid: number;
  readonly schemaVersion: number;
  /** Start of the partition in µs since 2000-01-01 UTC; 0 for plain tables. */
  readonly partitionStart: Int64;
  /** The commits in it: the lowest and the highest LSN. */
  readonly minLsn: number;
  readonly maxLsn: number;
  /** The time column, or `ROW_ID`: what rows of one series are sorted by. It stands among `columns` and is never NULL. */
  readonly sortColumnNumber: number;
  /** In the order of `SegmentRows.columns`. Tags are not among them: the series has them. */
  readonly columns: readonly SegmentColumn[];
}

/** Rows for a segment, sorted by series id and, within a series, by the sort column. */
export interface SegmentRows {
  readonly rowCount: number;
  /** One per row; 0 where the table has no tags. */
  readonly seriesIds: Uint32Array;
  readonly columns: readonly Column[];
}
