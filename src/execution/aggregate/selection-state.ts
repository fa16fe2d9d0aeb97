import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { RankedSet } from '../../functions/function-definition.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { AggregateState } from './aggregate-state.ts';
import { GroupSlices } from './group-slices.ts';
import { GroupedNumbers } from './grouped-numbers.ts';
import { selectRanks } from './select-ranks.ts';
import { SortedState } from './sorted-state.ts';

/**
 * An ordered set over numbers whose result is made of a few of them (percentiles): keeps the numbers as they come and finds
 * those few by their ranks. When memory does not suffice, or a number is no double, all rows are sorted instead.
 */
export class SelectionState implements AggregateState {
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  readonly #set: RankedSet;
  readonly #isDescending: boolean;
  #numbers: GroupedNumbers;
  #sorted: SortedState | undefined;
  #groupCount = 1;

  /** `takes(call)`; `set` is that of the call's function. */
  constructor(call: AggregateCall, context: ExecutionContext, set: RankedSet) {
    this.#call = call;
    this.#context = context;
    this.#set = set;
    this.#isDescending = call.orderBy![0].isDescending;
    this.#numbers = new GroupedNumbers(context.memory);
  }

  static takes({ function: { orderedSet }, arguments: values, orderBy }: AggregateCall): boolean {
    if (orderedSet?.ranked === undefined || values.length !== 1 || orderBy?.length !== 1) return false;
    const { representation } = values[0].type.definition;
    return representation === 'float64' || representation === 'int64';
  }

  /** The numbers have an account of their own. */
  get sizeBytes(): number {
    return 0;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
  }

  update(columns: readonly Column[], slices: GroupSlices, rowCount: number): void | Promise<void> {
    if (this.#sorted !== undefined) return this.#sorted.update(columns, slices, rowCount);
    const [column] = columns;
    if (column.kind === 'number' && this.#numbers.add(column, slices.groups, rowCount, this.#groupCount)) return;
    return this.#sortInstead().then((sorted) => sorted.update(columns, slices, rowCount));
  }

  async results(from: number, to: number, direct: readonly Column[]): Promise<Column> {
    if (this.#sorted !== undefined) return this.#sorted.results(from, to, direct);
    const { control } = this.#context;
    await this.#numbers.arrange(this.#groupCount, control);
    const builder = new ColumnBuilder(this.#call.type.definition.representation, { capacity: to - from });
    for (let group = from; group < to; group++) {
      const value = valueAt(direct[0], group - from);
      if (value === null) {
        builder.pushNull();
        continue;
      }
      const parts = this.#numbers.partsOf(group);
      const nanCount = this.#numbers.nanCountOf(group);
      const numberCount = parts.reduce((sum, part) => sum + part.length, 0);
      const ranks = this.#set.ranks(value, numberCount + nanCount);
      if (numberCount + nanCount === 0) builder.pushNull();
      else {
        const values = await this.#select(parts, { numberCount, nanCount }, ranks);
        builder.push(this.#set.result(value, numberCount + nanCount, values));
      }
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    return builder.finish();
  }

  async close(): Promise<void> {
    this.#numbers.release();
    await this.#sorted?.close();
  }

  /** The values at places in the order of WITHIN GROUP, in which NaN is the greatest. */
  async #select(
    parts: readonly Float64Array[],
    { numberCount, nanCount }: { readonly numberCount: number; readonly nanCount: number },
    ranks: readonly number[],
  ): Promise<number[]> {
    // Counted upwards, the numbers come first and then NaN.
    const ascending = ranks.map((rank) => (this.#isDescending ? numberCount + nanCount - 1 - rank : rank));
    const wanted = [...new Set(ascending.filter((rank) => rank < numberCount))].sort((a, b) => a - b);
    const found = await selectRanks(parts, wanted, this.#context.control, this.#numbers.firstDigits);
    const byRank = new Map(wanted.map((rank, at) => [rank, found[at]]));
    const values: number[] = [];
    for (const [at, rank] of ascending.entries()) {
      const value = byRank.get(rank) ?? Number.NaN;
      values.push(value === 0 ? await this.#zeroAt(parts, nanCount, ranks[at]) : value);
    }
    return values;
  }

  /** Zeros of both signs are equal, and stand in the order in which they came. */
  async #zeroAt(parts: readonly Float64Array[], nanCount: number, rank: number): Promise<number> {
    const { control } = this.#context;
    const sign = this.#isDescending ? -1 : 1;
    let left = this.#isDescending ? rank - nanCount : rank;
    for (const part of parts) {
      left -= countNegative(part, sign);
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    for (const part of parts) {
      for (let at = 0; at < part.length; at++) if (part[at] === 0 && left-- === 0) return part[at];
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    throw new Error('a rank that a zero has is among those of the zeros');
  }

  async #sortInstead(): Promise<SortedState> {
    const sorted = new SortedState(this.#call, this.#context);
    const numbers = this.#numbers;
    this.#sorted = sorted;
    this.#numbers = new GroupedNumbers(this.#context.memory);
    // The memory is given back first: the sort needs it, and goes to disk long before it has as much again.
    numbers.release();
    const slices = new GroupSlices();
    for (const { groups, column, rowCount } of numbers.batches()) {
      slices.set(groups, rowCount, this.#groupCount);
      await sorted.update([column], slices, rowCount);
    }
    return sorted;
  }
}

function countNegative(values: Float64Array, sign: 1 | -1): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (values[at] * sign < 0) count++;
  return count;
}
