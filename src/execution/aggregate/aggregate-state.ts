import type { Column } from '../../columnar/column.ts';
import type { Accumulator } from '../../functions/function-definition.ts';
import type { AggregateCall } from '../../sql/plan/logical-plan.ts';
import { int4 } from '../../types/int4.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { SortedState } from './sorted-state.ts';

/** One aggregate call over the groups of one grouping set. */
export interface AggregateState {
  readonly sizeBytes: number;
  /** Makes room for groups 0 … groupCount - 1. */
  reserve(groupCount: number): void;
  /** Row i belongs to group `groups[i]`. */
  update(columns: readonly Column[], groups: Uint32Array, rowCount: number): void | Promise<void>;
  /** `direct`: the direct arguments of an ordered-set aggregate, a row a group. */
  results(groupCount: number, direct: readonly Column[]): Column | Promise<Column>;
  close(): Promise<void>;
}

/** Rows have to be sorted before some aggregates may see them. */
export function newAggregateState(call: AggregateCall, context: ExecutionContext): AggregateState {
  if (isSorted(call)) return new SortedState(call, context);
  return new HashedState(call, context);
}

/** Whether the call sees its rows in order, so that its sort keys are needed. */
export function isSorted(call: AggregateCall): boolean {
  if (call.function.orderedSet !== undefined) return true;
  return call.orderBy !== undefined && call.function.ignoresOrder !== true;
}

/** An aggregate that takes rows as they come. */
class HashedState implements AggregateState {
  readonly #accumulator: Accumulator;
  /** DISTINCT: the (group, arguments) seen so far. */
  readonly #seen: GroupTable | undefined;
  #mask = new Uint8Array(0);
  #seenIds = new Uint32Array(0);
  #groupNumbers = new Float64Array(0);

  constructor(call: AggregateCall, { environment }: ExecutionContext) {
    const types = call.arguments.map((argument) => argument.type);
    this.#accumulator = call.function.createAccumulator(
      types.map((type) => type.definition),
      environment,
    );
    const isDistinct = call.isDistinct && call.function.ignoresDuplicates !== true;
    this.#seen = isDistinct ? new GroupTable([sqlType(int4), ...types]) : undefined;
  }

  get sizeBytes(): number {
    return this.#accumulator.sizeBytes + (this.#seen?.sizeBytes ?? 0);
  }

  reserve(groupCount: number): void {
    this.#accumulator.reserve(groupCount);
  }

  update(columns: readonly Column[], groups: Uint32Array, rowCount: number): void {
    const mask = this.#seen === undefined ? undefined : this.#firstSeen(this.#seen, columns, groups, rowCount);
    this.#accumulator.update(columns, groups, rowCount, mask);
  }

  results(groupCount: number): Column {
    return this.#accumulator.results(groupCount);
  }

  async close(): Promise<void> {}

  /** 1 for rows whose (group, arguments) had not come before. */
  #firstSeen(seen: GroupTable, columns: readonly Column[], groups: Uint32Array, rowCount: number): Uint8Array {
    if (this.#mask.length < rowCount) {
      this.#mask = new Uint8Array(rowCount);
      this.#seenIds = new Uint32Array(rowCount);
      this.#groupNumbers = new Float64Array(rowCount);
    }
    for (let row = 0; row < rowCount; row++) this.#groupNumbers[row] = groups[row];
    let known = seen.groupCount;
    const numbers: Column = { kind: 'number', values: this.#groupNumbers, validity: undefined };
    seen.assign([numbers, ...columns], rowCount, this.#seenIds);
    for (let row = 0; row < rowCount; row++) {
      // New ids are given in ascending order, so the first row of a new key is the one that meets `known`.
      if (this.#seenIds[row] === known) {
        this.#mask[row] = 1;
        known += 1;
      } else this.#mask[row] = 0;
    }
    return this.#mask;
  }
}
