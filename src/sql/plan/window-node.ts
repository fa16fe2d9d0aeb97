import type { AggregateFunction, WindowFunction } from '../../functions/function-definition.ts';
import type { RangeOffset } from '../../functions/window/range-offset.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';
import type { SortKey } from './sort-nodes.ts';

export interface WindowCall {
  readonly function: AggregateFunction | WindowFunction;
  readonly arguments: readonly Expression[];
  readonly filter: Expression | undefined;
  readonly type: SqlType;
  readonly position: number;
}

/**
 * One window and the functions called over it. The input comes sorted by `partitionBy` (ascending, NULLs last) and then
 * `orderBy`. Output: the input's columns, then the calls.
 */
export interface WindowNode extends PlanNode {
  readonly kind: 'window';
  readonly input: LogicalPlan;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame;
  readonly calls: readonly WindowCall[];
}

/** Which rows of the partition a function sees at each row. */
export interface WindowFrame {
  readonly mode: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclusion: 'none' | 'current-row' | 'group' | 'ties';
}

export interface FrameBound {
  /** Unbounded: the first row of the partition as a start, the last as an end. */
  readonly kind: 'unbounded' | 'current-row' | 'preceding' | 'following';
  /** Of PRECEDING and FOLLOWING. It reads no column: bigint, or with RANGE what the sort key's type is offset by. */
  readonly offset: Expression | undefined;
  /** How RANGE applies the offset to the sort key. */
  readonly range: RangeOffset | undefined;
}

/** PostgreSQL's frame where none is written. */
export const defaultFrame: WindowFrame = {
  mode: 'range',
  start: { kind: 'unbounded', offset: undefined, range: undefined },
  end: { kind: 'current-row', offset: undefined, range: undefined },
  exclusion: 'none',
};
