import type { TableFunction } from '../../functions/function-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';

/**
 * Functions in FROM, side by side: where one has no more rows it gives NULLs, until none has more. `hasOrdinality`: the
 * last column numbers the rows. The expressions read no column.
 */
export interface TableFunctionNode extends PlanNode {
  readonly kind: 'table-function';
  readonly calls: readonly TableCall[];
  readonly hasOrdinality: boolean;
}

/** Rows of `width` columns, or one row: of one value, or of the `width` columns of a record. */
export type TableCall = SetCall | { readonly kind: 'value'; readonly value: Expression; readonly width?: number };

export interface SetCall {
  readonly kind: 'set';
  readonly function: TableFunction;
  readonly arguments: readonly Expression[];
  readonly width: number;
}

/**
 * Functions that give rows, within a select list: each input row comes as often as the longest of them has rows (not at
 * all when none has any), with the values of all, NULL behind their end. Output: the input's columns, then one for each
 * call.
 */
export interface ProjectSetNode extends PlanNode {
  readonly kind: 'project-set';
  readonly input: LogicalPlan;
  readonly calls: readonly SetCall[];
}
