import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Value } from '../../types/value.ts';
import type { Expression } from '../expression/expression.ts';
import type { PlanNode } from './plan-node.ts';

/** `time column <operator> value`; `value` reads no column, so that it is known when execution starts. */
export interface TimeBound {
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly value: Expression;
}

/**
 * Rows of a table. `columns` are positions in `table.columns`. Rows pass when all of `timeBounds`, `tagFilters` (reading
 * tag columns only) and `filters` are true; the filters' expressions are numbered by `columns`. The binder leaves the
 * three lists empty; the optimizer fills them.
 */
export interface ScanNode extends PlanNode {
  readonly kind: 'scan';
  readonly table: TableDescriptor;
  readonly columns: readonly number[];
  /** Another name that the query gives it: for EXPLAIN. */
  readonly alias?: string;
  readonly timeBounds: readonly TimeBound[];
  readonly tagFilters: readonly Expression[];
  readonly filters: readonly Expression[];
  /** The rows that UPDATE or DELETE changes. */
  readonly isTarget?: boolean;
  /** A number of its own in the statement: which rows a lock above looks at again. */
  readonly lockSlot?: number;
  /**
   * Only the last row of each series; or rows newest first, as far back as the top-n above asks for. The optimizer says
   * so where the result is the same.
   */
  readonly take?: 'last-per-series' | 'newest-first';
  /**
   * Only the series that have one of some values as a tag, which is a position in `columns`. A join says so while it runs,
   * of what its other side needs.
   */
  readonly among?: readonly { readonly column: number; readonly values: readonly Value[] }[];
  /** The optimizer says so for a plain table. */
  readonly index?: IndexAccess;
}

/**
 * How an index of a plain table finds rows. The values read no column, so that they are known when execution starts;
 * `conditions` are those of the scan's filters that stand behind them, and are tested for each row all the same.
 */
export interface IndexAccess {
  readonly index: IndexDescriptor;
  /** For each of the leading columns what it is equal to. */
  readonly equalTo: readonly IndexEquality[];
  /** Of the column behind them. */
  readonly from?: IndexBound;
  readonly to?: IndexBound;
  readonly conditions: readonly Expression[];
}

/** Any of the values, or of the elements of an array. */
export type IndexEquality =
  | { readonly kind: 'values'; readonly values: readonly Expression[] }
  | { readonly kind: 'array'; readonly array: Expression };

export interface IndexBound {
  readonly value: Expression;
  readonly isInclusive: boolean;
}
