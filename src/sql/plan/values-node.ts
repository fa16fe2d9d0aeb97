import type { Expression } from '../expression/expression.ts';
import type { PlanNode } from './plan-node.ts';

/** VALUES; also `SELECT` without FROM: one row of no columns. The expressions read no column. */
export interface ValuesNode extends PlanNode {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  /** Rows behind these that are so many that nobody makes expressions of them all at once. */
  readonly moreRows?: LiteralRows;
}

/** Rows of literals, as wide as the node's, which are bound when they are about to be read. */
export interface LiteralRows {
  readonly rowCount: number;
  /** The rows `from` to `to` (exclusive). Throws what binding throws: 22P02 and its like. */
  bind(from: number, to: number): readonly (readonly Expression[])[];
}
