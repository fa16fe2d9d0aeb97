import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

export interface SortKey {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

/** ORDER BY: the whole input in the order of the keys, the first of which counts most. */
export interface SortNode extends PlanNode {
  readonly kind: 'sort';
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
}

/** `count` undefined: all. The expressions read no column, have type bigint, and NULL means no limit. */
export interface LimitNode extends PlanNode {
  readonly kind: 'limit';
  readonly input: LogicalPlan;
  readonly offset: Expression | undefined;
  readonly count: Expression | undefined;
  /** WITH TIES: the keys that the input is sorted by; rows equal to the last one in all of them come along. */
  readonly ties?: readonly SortKey[];
}

/** Sort and limit in one, which keeps `offset + count` rows: made by the optimizer. */
export interface TopNNode extends PlanNode {
  readonly kind: 'top-n';
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
  readonly offset: Expression | undefined;
  readonly count: Expression;
}
