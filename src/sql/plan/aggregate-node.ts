import type { AggregateFunction } from '../../functions/function-definition.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';
import type { SortKey, TopNNode } from './sort-nodes.ts';

export interface AggregateCall {
  readonly function: AggregateFunction;
  readonly arguments: readonly Expression[];
  readonly isDistinct: boolean;
  readonly filter: Expression | undefined;
  /**
   * ORDER BY within the call: rows come to the aggregate sorted. With DISTINCT these begin with all arguments, whose
   * equals then stand together. Of an ordered-set aggregate WITHIN GROUP's, whose expressions are the arguments.
   */
  readonly orderBy?: readonly SortKey[];
  /** Of ordered-set aggregates: one value a group. A number is that of a grouping key; expressions read no column. */
  readonly directArguments?: readonly (number | Expression)[];
  readonly type: SqlType;
  readonly position: number;
}

/**
 * Output: the grouping keys, then the aggregates, then the values of GROUPING. Without keys there is exactly one group,
 * even over no rows.
 */
export interface AggregateNode extends PlanNode {
  readonly kind: 'aggregate';
  readonly input: LogicalPlan;
  /** The optimizer says so where groups are made of whole series and stretches of time: the scan below is part of it. */
  readonly fusedScan?: ScanAggregation;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
  /** GROUPING SETS: the rows are grouped once for each set of keys; the other keys are NULL then. */
  readonly groupingSets?: readonly (readonly number[])[];
  /** GROUPING(…): the keys that it is asked for, of which the last is the lowest bit. */
  readonly groupings?: readonly (readonly number[])[];
}

/** How the rows of a scan are grouped without looking at each; the keys apart from the bucket read tags alone. */
export interface ScanAggregation {
  /** The key that cuts the time column into buckets, if there is one. */
  readonly bucketKey: number | undefined;
  /** Keys that each row is asked for: neither of its series nor the bucket. */
  readonly fieldKeys?: readonly number[];
  /** Only groups of the first so many buckets, by their starts, are asked for by the top-n above. */
  readonly first?: FirstBuckets;
}

/** As many as `offset + count`, whose expressions are those of the limit. */
export interface FirstBuckets extends Pick<TopNNode, 'offset' | 'count'> {
  readonly isDescending: boolean;
}
