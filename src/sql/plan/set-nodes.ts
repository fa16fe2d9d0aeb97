import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

/** SELECT DISTINCT: equal rows once. */
export interface DistinctNode extends PlanNode {
  readonly kind: 'distinct';
  readonly input: LogicalPlan;
}

/** DISTINCT ON: of rows with equal keys the first in the input's order (the input is sorted when ORDER BY is given). */
export interface DistinctOnNode extends PlanNode {
  readonly kind: 'distinct-on';
  readonly input: LogicalPlan;
  readonly keys: readonly Expression[];
}

/** UNION ALL: the rows of each input after those of the one before; all give columns of the same types. */
export interface AppendNode extends PlanNode {
  readonly kind: 'append';
  readonly inputs: readonly LogicalPlan[];
}

/**
 * INTERSECT and EXCEPT: rows of the left that are, or are not, among those of the right. Without `isAll` equal rows come
 * once; with it as often as in the side that has fewer, or as often as the left has more.
 */
export interface SetOperationNode extends PlanNode {
  readonly kind: 'set-operation';
  readonly operation: 'intersect' | 'except';
  readonly isAll: boolean;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
}
