import type { Column } from '../columnar/column.ts';
import type { UnitStatistics } from '../columnar/unit-statistics.ts';
import type { SqlArray } from '../types/sql-array.ts';
import type { RecordField } from '../types/sql-record.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { FunctionEnvironment } from './environment.ts';
import type { Bucketing } from './time-bucket/bucket-walker.ts';

export type Volatility = 'immutable' | 'stable' | 'volatile';

interface Signature {
  /** As in pg_proc: lower case, without schema. */
  readonly name: string;
  /** Absent: pg_catalog, where all but a few are. */
  readonly schema?: string;
  /** PostgreSQL's own OID where PostgreSQL has the function; ours count from 9000 up. */
  readonly oid: number;
  readonly argumentTypes: readonly TypeDefinition[];
  /** The last argument type may repeat: `concat(VARIADIC "any")`. */
  readonly isVariadic?: boolean;
  readonly resultType: TypeDefinition;
  /** What the arguments may be called by: `make_interval(days => 10)`. */
  readonly argumentNames?: readonly string[];
  /** Of the last arguments, which calls may leave out. `evaluate` has the same as its own defaults. */
  readonly defaults?: readonly Value[];
}

/**
 * A function of one row's values. Operators and most casts are scalar functions too (`int4pl`, `float8lt`).
 * `evaluate` sees scalars as `Value` describes them and never NULL unless `handlesNull` is set. It throws `SqlError`
 * without a position for domain errors.
 */
export interface ScalarFunction extends Signature {
  readonly kind: 'scalar';
  readonly volatility: Volatility;
  /** The function is called with NULLs (PostgreSQL: not STRICT); otherwise a NULL argument gives NULL. */
  readonly handlesNull?: boolean;
  /** The environment is passed as the first argument of `evaluate`. */
  readonly usesEnvironment?: boolean;
  /** One call changes what the next one gives (nextval): they are made row by row, in the order of the text. */
  readonly countsCalls?: boolean;
  /** False when no argument can make it throw: such calls may be evaluated for rows that turn out not to matter. */
  readonly mayThrow: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each function takes the scalars of its own argument types
  readonly evaluate: (...values: any[]) => Value;
  /**
   * The same as JavaScript source over argument sources, for what hot loops do: a pure expression that mentions each
   * argument as a side-effect-free name and nothing else but Math.*, Number and literals. Never contains user text.
   */
  readonly inline?: (...sources: string[]) => string;
  /** The fast path of a function that may throw (integer and float arithmetic). */
  readonly guardedInline?: GuardedInline;
  /**
   * Set where the signature says `any`, `anyelement` …: the function for these actual types (`unknown` for an untyped
   * literal). Overload resolution asks it; what it gives is what is called.
   */
  readonly specialize?: (argumentTypes: readonly TypeDefinition[]) => ScalarFunction;
  /** Of a variadic function: throws where this array may not stand in place of the arguments that may repeat. */
  readonly checkVariadic?: (array: SqlArray) => void;
  /** Set where the function cuts time into buckets (time_bucket, date_bin, date_trunc). */
  readonly bucketing?: Bucketing;
}

/**
 * Source like `inline`, right only where a condition on its result holds: `const r = source(a, b);
 * if (!(holds(r, a, b))) r = evaluate(a, b)`. Arguments of 64-bit integer types are given as numbers.
 */
export interface GuardedInline {
  readonly source: (...sources: string[]) => string;
  readonly holds: (result: string, ...sources: string[]) => string;
}

/**
 * The accumulated states of one aggregate call, one per group, side by side in typed arrays. Groups are dense numbers
 * from 0; states are created by `reserve`, fed by `update`, and can leave as columns and be merged elsewhere, which is
 * how worker threads (and later machines) share the work.
 */
export interface Accumulator {
  /** Makes room for groups 0 … groupCount - 1; new ones are empty. */
  reserve(groupCount: number): void;
  /**
   * Adds rows: row i (of `rowCount`) belongs to group `groups[i]`; rows are skipped where `filter[i]` is 0.
   * `inputs` are the argument columns (none for count(*)).
   */
  update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void;
  /** The states of groups 0 … groupCount - 1 as columns of plain values. */
  partialStates(groupCount: number): readonly Column[];
  /** Adds states that `partialStates` gave; state i belongs to group `groups[i]`. */
  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void;
  /** The results of groups 0 … groupCount - 1. */
  results(groupCount: number): Column;
  /** Roughly what the states hold in memory. */
  readonly sizeBytes: number;
  /** A faster way in for neighbouring rows of one group; of aggregates over one column, and count(*). */
  readonly runs?: RunAccumulator;
  /** A faster way in for rows whose groups change from one to the next; of aggregates over one column, and count(*). */
  readonly rows?: RowAccumulator;
}

/** Segments `start` to `end` (exclusive): rows `from[i]` to `to[i]` (exclusive) are of group `groups[i] - base`. */
export interface RunSegments {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly groups: Uint32Array;
  readonly start: number;
  readonly end: number;
  readonly base: number;
}

/** Shorter segments are added up in a loop in place: the call of a kernel would take longer. */
export const SHORT_SEGMENT = 24;

/** Rows that lie side by side and are of one group, added to it at once. */
export interface RunAccumulator {
  /**
   * Whether `add` can take rows of this column; `bounds` say what is known of them beforehand. What was said holds until
   * rows come by way of `update` or `merge`.
   */
  accepts(input: Column | undefined, bounds: UnitStatistics | undefined): boolean;
  /** Adds the rows of segments, or those of them where `live` is 1; `live` is 0 where the input is NULL. */
  add(input: Column | undefined, segments: RunSegments, live: Uint8Array | undefined): void;
  /** Whether rows of which no more than this is known can be added; `undefined`: only how many they are. */
  acceptsStatistics(statistics: UnitStatistics | undefined, rowCount: number): boolean;
  /** Adds such rows, which were accepted. */
  addStatistics(statistics: UnitStatistics | undefined, rowCount: number, group: number): void;
}

/** Rows that lie side by side, each of a group of its own, added without a look at what they are. */
export interface RowAccumulator {
  /** Whether `add` can take these rows; `bounds` say what is known of them beforehand. */
  accepts(input: Column | undefined, bounds: UnitStatistics | undefined, rowCount: number): boolean;
  /**
   * Adds row i to group `groups[i]`, whatever stands there: rows that do not count and NULLs come as group 0, whose state
   * and result mean nothing.
   */
  add(input: Column | undefined, groups: Uint32Array, rowCount: number, bounds: UnitStatistics | undefined): void;
  /** The results of groups `from` to `to` (exclusive). */
  resultsOf(from: number, to: number): Column;
}

/** The values of all groups of an ordered-set aggregate, group behind group, each sorted as WITHIN GROUP says. */
export interface SortedGroups {
  readonly groupCount: number;
  /** Group g has the rows from `starts[g]` to `starts[g + 1]`, the end exclusive. */
  readonly starts: Uint32Array;
  /** A column for each sort key. */
  readonly values: readonly Column[];
  readonly types: readonly TypeDefinition[];
  /** How each of them is sorted. */
  readonly orders: readonly { readonly isDescending: boolean; readonly nullsFirst: boolean }[];
  /** The direct arguments: columns of a row a group. */
  readonly direct: readonly Column[];
}

/** An aggregate called with WITHIN GROUP: percentile_cont, mode, rank. */
export interface OrderedSet {
  /** Arguments that stand in the parentheses; `hypothetical`: as many as there are sort keys, and of their types. */
  readonly directCount: number | 'hypothetical';
  results(groups: SortedGroups): Column;
  /** Set where the result is made of a few values, by their places: numbers are then not sorted to find them. */
  readonly ranked?: RankedSet;
  /** The result is the value that comes most often, of several the first in order; of equal ones the first that came. */
  readonly isMostFrequent?: true;
}

/** What an ordered set with one direct argument, which is not NULL, reads of a group of `count` values, NULLs left out. */
export interface RankedSet {
  /** The places of the values that `result` wants, from 0 in the order of WITHIN GROUP. None for no values. Throws 22003. */
  ranks(direct: Value, count: number): readonly number[];
  /** The result from the values at those places, of which there is one at least. */
  result(direct: Value, count: number, values: readonly number[]): Value;
}

/** What an aggregate over frames works on. `live` has 0 for rows that FILTER drops. */
export interface FrameInput {
  readonly rows: WindowRows;
  readonly inputs: readonly Column[];
  readonly live: Uint8Array | undefined;
}

/**
 * An aggregate over the frames of a window, better than starting anew for each row. All rows are passed to `prepare`,
 * then all to `fill`, from first to last and some thousand at a time.
 */
export interface FrameAggregation {
  prepare(from: number, to: number): void;
  fill(from: number, to: number): void;
  finish(): Column;
}

export interface AggregateFunction extends Signature {
  readonly kind: 'aggregate';
  /** This is another name of that aggregate, which calls are bound to. */
  readonly aliasOf?: AggregateFunction;
  readonly orderedSet?: OrderedSet;
  /** The order of rows makes no difference to the result, not even in its last digit. */
  readonly ignoresOrder?: boolean;
  /** The result is made of all values, one behind the other: it takes as long as they are many. */
  readonly isCollecting?: boolean;
  /** Undefined for frames and columns that it has no good way for: see `FrameAggregation`. */
  readonly aggregateFrames?: (
    input: FrameInput,
    argumentTypes: readonly TypeDefinition[],
  ) => FrameAggregation | undefined;
  /** `count(*)` alone: takes no argument and counts rows. */
  readonly isStar?: boolean;
  /** DISTINCT changes nothing (min, max). */
  readonly ignoresDuplicates?: boolean;
  /**
   * `argumentTypes` are the actual types, which matters where the signature says `any`; `environment` matters to those
   * that print values (json_agg).
   */
  createAccumulator(argumentTypes: readonly TypeDefinition[], environment?: FunctionEnvironment): Accumulator;
}

/**
 * The rows that a window function is called for: one or more whole partitions, one behind the other, sorted. Every array
 * has an entry a row and names rows of this same run; ends are exclusive. Peers are rows that sort alike.
 */
export interface WindowRows {
  readonly rowCount: number;
  readonly partitionStart: Uint32Array;
  readonly partitionEnd: Uint32Array;
  readonly peerStart: Uint32Array;
  readonly peerEnd: Uint32Array;
  /** How many groups of peers of its partition stand before the row's own. */
  readonly peerGroup: Uint32Array;
  readonly frameStart: Uint32Array;
  /** Not before `frameStart`. */
  readonly frameEnd: Uint32Array;
  readonly exclusion: 'none' | 'current-row' | 'group' | 'ties';
}

/** In place of a row: NULL, or the call's default value (lag and lead). */
export const PICK_NULL = -1;
export const PICK_DEFAULT = -2;

/**
 * One call of a window function over a run of rows. Rows are asked for from first to last, some thousand at a time. A
 * function that computes numbers writes them and 0 in `validity` for NULL; one that picks rows writes for each row which
 * one its first argument is read from.
 */
export type WindowEvaluation =
  | { readonly kind: 'numbers'; fill(from: number, to: number, values: Float64Array, validity: Uint8Array): void }
  | { readonly kind: 'rows'; pick(from: number, to: number, rows: Int32Array): void };

/** A function that sees the rows around its own: rank, lag, first_value. */
export interface WindowFunction extends Signature {
  readonly kind: 'window';
  /** Looks at the frame; others see the whole partition whatever the frame. */
  readonly usesFrame?: boolean;
  /** `inputs` are the argument columns, an entry a row. */
  evaluate(rows: WindowRows, inputs: readonly Column[]): WindowEvaluation;
}

/** A column of a table function that has several. */
export interface FunctionColumn {
  readonly name: string;
  readonly type: TypeDefinition;
}

/** A function in FROM: generate_series. Rows come in pieces so that a long series costs no memory. */
export interface TableFunction extends Signature {
  readonly kind: 'table';
  /** Name of the column it makes when no alias is given. */
  readonly columnName: string;
  /**
   * Set where a row has several columns (json_each): `resultType` is then `record` and `rows` gives `SqlRecord`s with a
   * value for each column. In FROM they are columns, in a select list the record itself is the value.
   */
  readonly columns?: readonly FunctionColumn[];
  /** Set where the rows depend on the types of the arguments (json_populate_recordset); as of a scalar function. */
  readonly specialize?: (argumentTypes: readonly TypeDefinition[]) => TableFunction;
  /** Set where the statement lists the columns (json_to_record): the function that gives them. */
  readonly withColumns?: (fields: readonly RecordField[]) => TableFunction;
  /** NULLs are passed; otherwise a NULL argument gives no rows. */
  readonly handlesNull?: boolean;
  rows(values: readonly Value[], environment: FunctionEnvironment): Iterable<Value>;
}

export type FunctionDefinition = ScalarFunction | AggregateFunction | WindowFunction | TableFunction;
