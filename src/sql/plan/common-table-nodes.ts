import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

/** A common table of a WITH clause. `id` is its number in the statement, by which scans name it. */
export interface CommonTablePlan {
  readonly id: number;
  readonly name: string;
  readonly plan: LogicalPlan;
  /** MATERIALIZED and NOT MATERIALIZED; 'default': kept when it is read more than once. */
  readonly materialized: 'default' | 'always' | 'never';
}

/** WITH: the tables can be read anywhere in the input and by the tables behind them. Each is computed once, as far as it is read. */
export interface WithNode extends PlanNode {
  readonly kind: 'with';
  readonly tables: readonly CommonTablePlan[];
  readonly input: LogicalPlan;
}

/** Rows of a common table. `columns` are positions in its output. */
export interface CteScanNode extends PlanNode {
  readonly kind: 'cte-scan';
  readonly id: number;
  readonly name: string;
  readonly columns: readonly number[];
}

/**
 * WITH RECURSIVE: the left's rows, then again and again those of the right, whose working table `id` holds the rows of
 * the round before, until a round gives none. Without `isAll` rows that were seen before are dropped.
 */
export interface RecursiveUnionNode extends PlanNode {
  readonly kind: 'recursive-union';
  readonly id: number;
  readonly isAll: boolean;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
}

/** The rows that the recursive union of this id found in the round before. */
export interface WorkingTableNode extends PlanNode {
  readonly kind: 'working-table';
  readonly id: number;
  readonly name: string;
  readonly columns: readonly number[];
}
