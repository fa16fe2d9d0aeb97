import type { SqlType } from '../../types/type-definition.ts';

/** A column of a node's rows, and of a result: its name is that of the result's. */
export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  /** The table column that it shows unchanged, for RowDescription; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
}

/** What all nodes of a logical plan have. */
export interface PlanNode {
  readonly output: readonly OutputColumn[];
}
