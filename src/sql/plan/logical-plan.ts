import type { Expression } from '../expression/expression.ts';
import type { AggregateNode } from './aggregate-node.ts';
import type { CteScanNode, RecursiveUnionNode, WithNode, WorkingTableNode } from './common-table-nodes.ts';
import type { GapFillNode } from './gap-fill-node.ts';
import type { ApplyNode, AsOfJoinNode, JoinNode } from './join-nodes.ts';
import type { LockRowsNode } from './lock-rows-node.ts';
import type { PlanNode } from './plan-node.ts';
import type { ScanNode } from './scan-node.ts';
import type { AppendNode, DistinctNode, DistinctOnNode, SetOperationNode } from './set-nodes.ts';
import type { LimitNode, SortNode, TopNNode } from './sort-nodes.ts';
import type { ProjectSetNode, TableFunctionNode } from './table-function-nodes.ts';
import type { ValuesNode } from './values-node.ts';
import type { WindowNode } from './window-node.ts';

/**
 * Relational algebra as read-only data: the binder makes it, the optimizer rewrites it, execution builds operators from
 * it. Every node says what columns it gives (`output`); expressions of a node refer to the columns of its input.
 */
export type LogicalPlan =
  | ScanNode
  | ValuesNode
  | TableFunctionNode
  | FilterNode
  | ProjectNode
  | AggregateNode
  | GapFillNode
  | WindowNode
  | DistinctNode
  | DistinctOnNode
  | JoinNode
  | ApplyNode
  | AsOfJoinNode
  | ProjectSetNode
  | SortNode
  | LimitNode
  | TopNNode
  | AppendNode
  | SetOperationNode
  | LockRowsNode
  | WithNode
  | CteScanNode
  | RecursiveUnionNode
  | WorkingTableNode;

/** WHERE and HAVING: the rows for which the condition is true. */
export interface FilterNode extends PlanNode {
  readonly kind: 'filter';
  readonly input: LogicalPlan;
  readonly condition: Expression;
}

/** The select list: a column for each expression. */
export interface ProjectNode extends PlanNode {
  readonly kind: 'project';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
  /** RETURNING reads rows as they are stored: a constant that is written is none here, whose errors wait for a row. */
  readonly readsWrittenRows?: boolean;
}

/** What a node reads, in the order of its own fields. */
export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'cte-scan':
    case 'working-table':
      return [];
    case 'join':
    case 'apply':
    case 'as-of-join':
    case 'set-operation':
    case 'recursive-union':
      return [plan.left, plan.right];
    case 'append':
      return plan.inputs;
    case 'with':
      return [...plan.tables.map((table) => table.plan), plan.input];
    default:
      return [plan.input];
  }
}
