import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { AggregateFunction, TableFunction, WindowFunction } from '../../functions/function-definition.ts';
import type { RangeOffset } from '../../functions/window/range-offset.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { Expression, SlotBinding } from '../expression/expression.ts';

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
  /** Another name that the query gives it: for EXPLAIN. */
  readonly alias?: string;
  readonly timeBounds: readonly TimeBound[];
  readonly tagFilters: readonly Expression[];
  readonly filters: readonly Expression[];
  /** The rows that UPDATE or DELETE changes. */
  readonly isTarget?: boolean;
  /** A number of its own in the statement: which rows a lock above looks at again. */
  readonly lockSlot?: number;
  /**
   * Only the last row of each series; or rows newest first, as far back as the top-n above asks for. The optimizer says
   * so where the result is the same.
   */
  readonly take?: 'last-per-series' | 'newest-first';
  /**
   * Only the series that have one of some values as a tag, which is a position in `columns`. A join says so while it runs,
   * of what its other side needs.
   */
  readonly among?: readonly { readonly column: number; readonly values: readonly Value[] }[];
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
  /** Rows behind these that are so many that nobody makes expressions of them all at once. */
  readonly moreRows?: LiteralRows;
}

/** Rows of literals, as wide as the node's, which are bound when they are about to be read. */
export interface LiteralRows {
  readonly rowCount: number;
  /** The rows `from` to `to` (exclusive). Throws what binding throws: 22P02 and its like. */
  bind(from: number, to: number): readonly (readonly Expression[])[];
}

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

export interface FilterNode extends PlanNode {
  readonly kind: 'filter';
  readonly input: LogicalPlan;
  readonly condition: Expression;
}

export interface ProjectNode extends PlanNode {
  readonly kind: 'project';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
  /** RETURNING reads rows as they are stored: a constant that is written is none here, whose errors wait for a row. */
  readonly readsWrittenRows?: boolean;
}

export interface AggregateCall {
  readonly function: AggregateFunction;
  readonly arguments: readonly Expression[];
  readonly isDistinct: boolean;
  readonly filter: Expression | undefined;
  /**
   * ORDER BY within the call: rows come to the aggregate sorted. With DISTINCT these begin with all arguments, whose
   * equals then stand together. Of an ordered-set aggregate WITHIN GROUP's, whose expressions are the arguments.
   */
  readonly orderBy?: readonly SortKey[];
  /** Of ordered-set aggregates: one value a group. A number is that of a grouping key; expressions read no column. */
  readonly directArguments?: readonly (number | Expression)[];
  readonly type: SqlType;
  readonly position: number;
}

/**
 * Output: the grouping keys, then the aggregates, then the values of GROUPING. Without keys there is exactly one group,
 * even over no rows.
 */
export interface AggregateNode extends PlanNode {
  readonly kind: 'aggregate';
  readonly input: LogicalPlan;
  /** The optimizer says so where groups are made of whole series and stretches of time: the scan below is part of it. */
  readonly fusedScan?: ScanAggregation;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
  /** GROUPING SETS: the rows are grouped once for each set of keys; the other keys are NULL then. */
  readonly groupingSets?: readonly (readonly number[])[];
  /** GROUPING(…): the keys that it is asked for, of which the last is the lowest bit. */
  readonly groupings?: readonly (readonly number[])[];
}

/**
 * time_bucket_gapfill: rows for the buckets from `start` to `finish` that have none, in each series of rows with the same
 * `groups`; without groups there is one series, also over no rows. The input comes sorted by `groups`, then `bucket`. All
 * these are columns, and the output's are the input's: rows for gaps have the `groups` and `dependents` of their series
 * and the bucket, fills have what they are filled with, and everything else is NULL.
 */
export interface GapFillNode extends PlanNode {
  readonly kind: 'gap-fill';
  readonly input: LogicalPlan;
  readonly bucket: number;
  readonly groups: readonly number[];
  /** Columns that are the same in all rows of a series. */
  readonly dependents: readonly number[];
  readonly width: Expression;
  readonly timeZone: Expression | undefined;
  readonly origin: Expression | undefined;
  /** Those of several that leave least are what counts. None of these expressions reads a column. */
  readonly start: readonly GapBound[];
  readonly finish: readonly GapBound[];
  readonly fills: readonly GapFill[];
}

/** A time of the bucket's type, or the one just behind it. */
export interface GapBound {
  readonly value: Expression;
  readonly isBehind: boolean;
}

/** How a column is filled. The expressions but `previous` and `next` read no column. */
export interface GapFill {
  readonly method: 'locf' | 'interpolate';
  readonly column: number;
  /**
   * What stands before the first and behind the last row of a series, asked for when it is needed, over its columns: a
   * value of the column's type, or for interpolation a record of a time and a value.
   */
  readonly previous: Expression | undefined;
  readonly next: Expression | undefined;
  readonly treatsNullAsMissing: Expression | undefined;
  /** An interval. */
  readonly maxGap: Expression | undefined;
}

/** How the rows of a scan are grouped without looking at each; the keys apart from the bucket read tags alone. */
export interface ScanAggregation {
  /** The key that cuts the time column into buckets, if there is one. */
  readonly bucketKey: number | undefined;
  /** Keys that each row is asked for: neither of its series nor the bucket. */
  readonly fieldKeys?: readonly number[];
  /** Only groups of the first so many buckets, by their starts, are asked for by the top-n above. */
  readonly first?: FirstBuckets;
}

/** As many as `offset + count`, whose expressions are those of the limit. */
export interface FirstBuckets extends Pick<TopNNode, 'offset' | 'count'> {
  readonly isDescending: boolean;
}

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

export type LockStrength = 'key share' | 'share' | 'no key update' | 'update';

/** FOR UPDATE and its like: rows that somebody else has changed meanwhile are looked at again as they are now. */
export interface LockRowsNode extends PlanNode {
  readonly kind: 'lock-rows';
  readonly input: LogicalPlan;
  /** All plain tables that the rows come from. */
  readonly marks: readonly RowMark[];
  /** Not all rows may be asked for: none is locked before it is. */
  readonly isLimited: boolean;
}

export interface RowMark {
  readonly table: TableDescriptor;
  readonly lockSlot: number;
  /** The column with the row's id. */
  readonly rowIdColumn: number;
  /** undefined: the row is not locked, but stays the same when others are looked at again. */
  readonly strength: LockStrength | undefined;
  readonly policy: 'wait' | 'nowait' | 'skip';
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

/** Whether the right side's columns stand in the output of a join. */
export function hasRightSide({ type }: Pick<JoinNode, 'type'>): boolean {
  return type !== 'semi' && type !== 'anti';
}

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
