import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { AggregateFunction, TableFunction } from '../../functions/function-definition.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';

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
  | DistinctNode
  | DistinctOnNode
  | JoinNode
  | SortNode
  | LimitNode
  | TopNNode;

export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  /** The table column that it shows unchanged, for RowDescription; 0 when computed. */
  readonly tableOid: number;
  readonly columnNumber: number;
}

interface PlanNode {
  readonly output: readonly OutputColumn[];
}

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
  readonly timeBounds: readonly TimeBound[];
  readonly tagFilters: readonly Expression[];
  readonly filters: readonly Expression[];
  /** The rows that UPDATE or DELETE changes. */
  readonly isTarget?: boolean;
  /**
   * Only the last row of each series; or rows newest first, as far back as the top-n above asks for. The optimizer says
   * so where the result is the same.
   */
  readonly take?: 'last-per-series' | 'newest-first';
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

/** VALUES; also `SELECT` without FROM: one row of no columns. The expressions read no column. */
export interface ValuesNode extends PlanNode {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export interface TableFunctionNode extends PlanNode {
  readonly kind: 'table-function';
  readonly function: TableFunction;
  readonly arguments: readonly Expression[];
}

export interface FilterNode extends PlanNode {
  readonly kind: 'filter';
  readonly input: LogicalPlan;
  readonly condition: Expression;
}

export interface ProjectNode extends PlanNode {
  readonly kind: 'project';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
}

export interface AggregateCall {
  readonly function: AggregateFunction;
  readonly arguments: readonly Expression[];
  readonly isDistinct: boolean;
  readonly filter: Expression | undefined;
  readonly type: SqlType;
  readonly position: number;
}

/** Output: the grouping keys, then the aggregates. Without keys there is exactly one group, even over no rows. */
export interface AggregateNode extends PlanNode {
  readonly kind: 'aggregate';
  readonly input: LogicalPlan;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
}

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

/**
 * `condition` is the whole ON condition; the optimizer moves equalities between the sides into `equalities`, whose
 * right expressions are numbered by the right input alone.
 */
export interface JoinNode extends PlanNode {
  readonly kind: 'join';
  readonly type: 'inner' | 'left';
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly equalities: readonly JoinEquality[];
  readonly condition: Expression | undefined;
}

/** Both sides have one type; rows match where neither is NULL and they are equal. */
export interface JoinEquality {
  readonly left: Expression;
  readonly right: Expression;
}

export interface SortKey {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

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
}

/** Sort and limit in one, which keeps `offset + count` rows: made by the optimizer. */
export interface TopNNode extends PlanNode {
  readonly kind: 'top-n';
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
  readonly offset: Expression | undefined;
  readonly count: Expression;
}

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
      return [];
    case 'join':
      return [plan.left, plan.right];
    default:
      return [plan.input];
  }
}
