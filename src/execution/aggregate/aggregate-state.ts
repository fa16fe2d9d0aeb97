import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { Accumulator } from '../../functions/function-definition.ts';
import { mayFail } from '../../sql/expression/may-fail.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { DistinctState } from './distinct-state.ts';
import { FrequencyState } from './frequency-state.ts';
import { type GroupSlices, SLICE_BITS, SLICE_GROUPS } from './group-slices.ts';
import { SelectionState } from './selection-state.ts';
import { SortedState, sortedColumns } from './sorted-state.ts';

/** One aggregate call over the groups of one grouping set. */
export interface AggregateState {
  readonly sizeBytes: number;
  /** Makes room for groups 0 … groupCount - 1. */
  reserve(groupCount: number): void;
  /** Rows of `slices`, which knows their groups. */
  update(columns: readonly Column[], slices: GroupSlices, rowCount: number): void | Promise<void>;
  /**
   * The results of groups `from` to `to` (exclusive), which are those of one slice. Asked for from the first slice to the
   * last. `direct`: the direct arguments of an ordered-set aggregate, a row a group.
   */
  results(from: number, to: number, direct: readonly Column[]): Column | Promise<Column>;
  /**
   * The partial states of groups `from` to `to` (exclusive), which are those of one slice, for `merge` elsewhere. Only of
   * aggregates that take rows as they come, without DISTINCT and without an order.
   */
  partialStates?(from: number, to: number): readonly Column[];
  /** Adds states, whose groups `slices` knows. */
  merge?(states: readonly Column[], slices: GroupSlices): void;
  close(): Promise<void>;
}

/** Rows have to be sorted before some aggregates may see them. */
export function newAggregateState(call: AggregateCall, context: ExecutionContext): AggregateState {
  const { orderedSet, ignoresDuplicates } = call.function;
  const isExact = call.arguments.every((argument) => looksAsEqual(argument.type.definition));
  if (orderedSet?.isMostFrequent === true && isExact) return new FrequencyState(call, context);
  if (orderedSet?.ranked !== undefined && SelectionState.takes(call)) {
    return new SelectionState(call, context, orderedSet.ranked);
  }
  const isDistinct = call.isDistinct && ignoresDuplicates !== true;
  // Which of equal values that look different is taken shows when what was seen has to be sorted after all.
  const sorts = isSorted(call) || (isDistinct && !isExact && call.orderBy !== undefined);
  const state = sorts ? new SortedState(call, context) : new HashedState(call, context);
  // Sort keys that are no arguments would decide which of equal arguments comes first.
  const isByArguments = !sorts || sortedColumns(call).length === call.arguments.length;
  return isDistinct && isByArguments ? new DistinctState(call, context, state) : state;
}

export function partialStatesOf(state: AggregateState, from: number, to: number): readonly Column[] {
  invariant(state.partialStates !== undefined, 'the aggregate has states that can be merged');
  return state.partialStates(from, to);
}

/** Equal values of the type are the same, but for zeros of two signs. */
export function looksAsEqual({ representation, hasLooseEquality }: TypeDefinition): boolean {
  return representation !== 'value' && hasLooseEquality !== true;
}

/** Whether the call sees its rows in order, so that its sort keys are needed. */
export function isSorted(call: AggregateCall): boolean {
  if (call.function.orderedSet !== undefined) return true;
  if (call.orderBy === undefined) return false;
  // What the rows would be sorted by is calculated where that may fail.
  return call.function.ignoresOrder !== true || call.orderBy.some(({ expression }) => mayFail(expression));
}

/** An aggregate that takes rows as they come. The states of each slice of groups lie in an accumulator of their own. */
class HashedState implements AggregateState {
  readonly #newAccumulator: () => Accumulator;
  readonly #accumulators: Accumulator[] = [];
  /** What each of them said that it holds. */
  readonly #sizes: number[] = [];
  #sizeBytes = 0;

  constructor(call: AggregateCall, { environment }: ExecutionContext) {
    const definitions = call.arguments.map((argument) => argument.type.definition);
    this.#newAccumulator = () => call.function.createAccumulator(definitions, environment);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  reserve(groupCount: number): void {
    const last = Math.max(groupCount - 1, 0) >>> SLICE_BITS;
    while (this.#accumulators.length <= last) {
      const before = this.#accumulators.length - 1;
      if (before >= 0) {
        this.#accumulators[before].reserve(SLICE_GROUPS);
        this.#measure(before);
      }
      this.#accumulators.push(this.#newAccumulator());
      this.#sizes.push(0);
    }
    this.#accumulators[last].reserve(groupCount - last * SLICE_GROUPS);
    this.#measure(last);
  }

  update(columns: readonly Column[], slices: GroupSlices): void {
    for (const rows of slices.rows(columns, undefined)) {
      this.#accumulators[rows.slice].update(rows.columns, rows.groups, rows.rowCount, rows.filter);
      this.#measure(rows.slice);
    }
  }

  results(from: number, to: number): Column {
    return this.#accumulators[from >>> SLICE_BITS].results(to - from);
  }

  partialStates(from: number, to: number): readonly Column[] {
    return this.#accumulators[from >>> SLICE_BITS].partialStates(to - from);
  }

  merge(states: readonly Column[], slices: GroupSlices): void {
    for (const { slice, columns, groups, rowCount } of slices.rows(states, undefined)) {
      this.#accumulators[slice].merge(columns, groups, rowCount);
      this.#measure(slice);
    }
  }

  async close(): Promise<void> {}

  #measure(slice: number): void {
    const { sizeBytes } = this.#accumulators[slice];
    this.#sizeBytes += sizeBytes - this.#sizes[slice];
    this.#sizes[slice] = sizeBytes;
  }
}
