import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

/**
 * time_bucket_gapfill: rows for the buckets from `start` to `finish` that have none, in each series of rows with the same
 * `groups`; without groups there is one series, also over no rows. The input comes sorted by `groups`, then `bucket`. All
 * these are columns, and the output's are the input's: rows for gaps have the `groups` and `dependents` of their series
 * and the bucket, fills have what they are filled with, and everything else is NULL.
 */
export interface GapFillNode extends PlanNode {
  readonly kind: 'gap-fill';
  readonly input: LogicalPlan;
  readonly bucket: number;
  readonly groups: readonly number[];
  /** Columns that are the same in all rows of a series. */
  readonly dependents: readonly number[];
  readonly width: Expression;
  readonly timeZone: Expression | undefined;
  readonly origin: Expression | undefined;
  /** Those of several that leave least are what counts. None of these expressions reads a column. */
  readonly start: readonly GapBound[];
  readonly finish: readonly GapBound[];
  readonly fills: readonly GapFill[];
}

/** A time of the bucket's type, or the one just behind it. */
export interface GapBound {
  readonly value: Expression;
  readonly isBehind: boolean;
}

/** How a column is filled. The expressions but `previous` and `next` read no column. */
export interface GapFill {
  readonly method: 'locf' | 'interpolate';
  readonly column: number;
  /**
   * What stands before the first and behind the last row of a series, asked for when it is needed, over its columns: a
   * value of the column's type, or for interpolation a record of a time and a value.
   */
  readonly previous: Expression | undefined;
  readonly next: Expression | undefined;
  readonly treatsNullAsMissing: Expression | undefined;
  /** An interval. */
  readonly maxGap: Expression | undefined;
}
