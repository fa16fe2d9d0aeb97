import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { Expression, SlotBinding } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PlanNode } from './plan-node.ts';
import type { TimeBound } from './scan-node.ts';
import type { SortKey } from './sort-nodes.ts';

/**
 * Which rows of a join come out: pairs, and on the outer side also rows without a pair; or (semi, anti) rows of the left
 * side alone, those with or without a partner.
 */
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

/**
 * `condition` is the whole ON condition; the optimizer moves equalities between the sides into `equalities`, whose
 * right expressions are numbered by the right input alone.
 */
export interface JoinNode extends PlanNode {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly equalities: readonly JoinEquality[];
  readonly condition: Expression | undefined;
  /** Of a left join: a second match of a row is an error (21000), as of a subquery that must give one row. */
  readonly isSingle?: boolean;
  /** The optimizer says so for few rows on the left and a large plain table on the right. */
  readonly lookup?: JoinLookup;
  /** The optimizer says so for few rows on the left and a right side that finds its rows by what it is asked for. */
  readonly keys?: JoinKeys;
}

/**
 * The right side runs for some rows of the left side at a time: it reads a slot with an array of their keys, and gives those
 * of its rows, at least, that have one of them. `value`: over the left side.
 */
export interface JoinKeys {
  readonly slot: number;
  readonly value: Expression;
}

/** Rows of the right side are asked for by the leading column of an index, which is an equality's right side. */
export interface JoinLookup {
  readonly index: IndexDescriptor;
  readonly equality: number;
  /** Beyond so many different keys the right side is read as a whole after all. */
  readonly maxKeys: number;
}

/**
 * LATERAL: for each row of the left side, `bindings` (over it) set the slots that the right side reads, and the rows of
 * the right side are joined to it.
 */
export interface ApplyNode extends PlanNode {
  readonly kind: 'apply';
  readonly type: 'inner' | 'left';
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly bindings: readonly SlotBinding[];
  /** Something in the right side gives another value each time: it runs for every row. */
  readonly isVolatile: boolean;
  /** Over both sides. */
  readonly condition: Expression | undefined;
}

/**
 * For each row of the left side the one row of the right side that is nearest in time: of those with equal keys the latest
 * that is not past the `bound`, or the earliest that is not before it. Output: the left side's columns, then those of the
 * right side that are `shown`. Rows come in the order of the left side, unless the right side has to go to disk: then by
 * keys and time.
 */
export interface AsOfJoinNode extends PlanNode {
  readonly kind: 'as-of-join';
  readonly type: 'inner' | 'left';
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly equalities: readonly JoinEquality[];
  /** Over the right side: an instant, a date or an integer. A row without it matches nothing. */
  readonly time: Expression;
  readonly direction: 'latest' | 'earliest';
  /** `time <operator> value`, the value over the left side; without one, the last row of all. Both have one type. */
  readonly bound: TimeBound | undefined;
  /** How far the nearest row may be away: like `bound`, from the other side. */
  readonly within: readonly TimeBound[];
  /** Over the right side: the first row by these keys of several at one time. */
  readonly ties: readonly SortKey[];
  /** What decides where `ties` do not, so that it does not depend on where rows are stored. Nobody has asked for it. */
  readonly tieBreakers: readonly SortKey[];
  /** Columns of the right side. */
  readonly shown: readonly number[];
  /** Over the output: tests the row that was found, in whose place no other comes. */
  readonly condition: Expression | undefined;
}

/** Both sides have one type; rows match where neither is NULL and they are equal. */
export interface JoinEquality {
  readonly left: Expression;
  readonly right: Expression;
}

/** Whether the right side's columns stand in the output of a join. */
export function hasRightSide({ type }: Pick<JoinNode, 'type'>): boolean {
  return type !== 'semi' && type !== 'anti';
}
