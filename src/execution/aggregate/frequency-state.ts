import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import { int4 } from '../../types/int4.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowGrouper } from '../grouping/row-grouper.ts';
import type { AggregateState } from './aggregate-state.ts';
import { GroupSlices } from './group-slices.ts';
import { SortedState } from './sorted-state.ts';

/** Values that are looked at, or handed to a sort, in one go: it has little memory then. */
const SLICE_VALUES = 256;

/**
 * mode(): counts how often each value comes in each group. When memory does not suffice for the values, all rows are
 * sorted.
 */
export class FrequencyState implements AggregateState {
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  #sorted: SortedState | undefined;
  /** Numbers the (group, value). */
  #values: RowGrouper;
  #counts = new Float64Array(64);
  /** Numbers whose value came first as -0, which the key of a zero is not. */
  readonly #negativeZeros = new Set<number>();
  #reservedBytes = 0;
  #groupCount = 1;
  #ids = new Uint32Array(0);
  #groupNumbers = new Float64Array(0);
  #results: readonly Value[] | undefined;

  /** `call` is of an ordered set that is most frequent, over one sort key. */
  constructor(call: AggregateCall, context: ExecutionContext) {
    this.#call = call;
    this.#context = context;
    this.#values = new RowGrouper([GROUP_TYPE, call.arguments[0].type]);
  }

  /** The values have an account of their own. */
  get sizeBytes(): number {
    return 0;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
  }

  update(columns: readonly Column[], slices: GroupSlices, rowCount: number): void | Promise<void> {
    if (this.#sorted !== undefined) return this.#sorted.update(columns, slices, rowCount);
    if (this.#ids.length < rowCount) {
      this.#ids = new Uint32Array(rowCount);
      this.#groupNumbers = new Float64Array(rowCount);
    }
    const { groups } = slices;
    for (let row = 0; row < rowCount; row++) this.#groupNumbers[row] = groups[row];
    const known = this.#values.groupCount;
    const numbers: Column = { kind: 'number', values: this.#groupNumbers, validity: undefined };
    this.#values.assign([numbers, columns[0]], rowCount, this.#ids);
    if (this.#values.groupCount > known) {
      this.#makeRoom();
      this.#noteZeros(columns[0], rowCount, known);
    }
    const counts = this.#counts;
    for (let row = 0; row < rowCount; row++) counts[this.#ids[row]]++;
    const growth = this.#values.sizeBytes + counts.byteLength - this.#reservedBytes;
    if (growth <= 0) return;
    if (!this.#context.memory.tryReserve(growth)) return this.#sortInstead();
    this.#reservedBytes += growth;
  }

  async results(from: number, to: number, direct: readonly Column[]): Promise<Column> {
    if (this.#sorted !== undefined) return this.#sorted.results(from, to, direct);
    this.#results ??= await this.#mostFrequent();
    const builder = new ColumnBuilder(this.#call.type.definition.representation, { capacity: to - from });
    for (let group = from; group < to; group++) builder.push(this.#results[group] ?? null);
    return builder.finish();
  }

  async close(): Promise<void> {
    this.#release();
    await this.#sorted?.close();
  }

  #makeRoom(): void {
    const { groupCount } = this.#values;
    if (this.#counts.length >= groupCount) return;
    const counts = new Float64Array(Math.max(groupCount, this.#counts.length * 2));
    counts.set(this.#counts);
    this.#counts = counts;
  }

  #noteZeros(column: Column, rowCount: number, known: number): void {
    if (column.kind !== 'number') return;
    const { values, validity } = column;
    let next = known;
    for (let row = 0; row < rowCount; row++) {
      if (this.#ids[row] !== next) continue;
      if (values[row] === 0 && validity?.[row] !== 0 && Object.is(values[row], -0)) this.#negativeZeros.add(next);
      next++;
    }
  }

  /** By group; undefined or null where there is no value. */
  async #mostFrequent(): Promise<readonly Value[]> {
    const [{ expression, isDescending }] = this.#call.orderBy!;
    const { definition } = expression.type;
    const best: Value[] = new Array<Value>(this.#groupCount).fill(null);
    const bestCounts = new Float64Array(this.#groupCount);
    for await (const { from, groups, column } of this.#slices()) {
      for (let index = 0; index < groups.length; index++) {
        const value = this.#valueAt(column, index, from);
        if (value === null) continue;
        const group = groups[index];
        const count = this.#counts[from + index];
        if (count < bestCounts[group]) continue;
        if (count === bestCounts[group]) {
          const order = definition.compare(value, best[group]!);
          if (isDescending ? order <= 0 : order >= 0) continue;
        }
        best[group] = value;
        bestCounts[group] = count;
      }
    }
    return best;
  }

  #valueAt(column: Column, index: number, from: number): Value {
    return this.#negativeZeros.has(from + index) ? -0 : valueAt(column, index);
  }

  /** The values with their groups, some thousand at a time; in between others have their turns. */
  async *#slices(): AsyncGenerator<{ readonly from: number; readonly groups: Float64Array; readonly column: Column }> {
    const { groupCount } = this.#values;
    for (let from = 0; from < groupCount; from += SLICE_VALUES) {
      const [numbers, column] = this.#values.keyColumns(from, Math.min(from + SLICE_VALUES, groupCount));
      if (numbers.kind !== 'number') throw new Error('groups are numbered');
      yield { from, groups: numbers.values, column };
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  /** Each value goes to a sort as often as it has come. */
  async #sortInstead(): Promise<void> {
    // The memory is given back first: the sort needs it, and goes to disk long before it has as much again.
    this.#release();
    const sorted = new SortedState(this.#call, this.#context);
    this.#sorted = sorted;
    const slices = new GroupSlices();
    const rows = new Uint32Array(SLICE_VALUES);
    const rowGroups = new Uint32Array(SLICE_VALUES);
    for await (const { from, groups, column } of this.#slices()) {
      const shown = this.#shown(column, from, groups.length);
      for (let index = 0, left = this.#counts[from]; index < groups.length; ) {
        let count = 0;
        while (count < SLICE_VALUES && index < groups.length) {
          const taken = Math.min(left, SLICE_VALUES - count);
          rows.fill(index, count, count + taken);
          rowGroups.fill(groups[index], count, count + taken);
          count += taken;
          left -= taken;
          if (left === 0) left = this.#counts[from + ++index];
        }
        slices.set(rowGroups, count, this.#groupCount);
        await sorted.update([gatherColumn(shown, rows, count)], slices, count);
      }
    }
    this.#values = new RowGrouper([GROUP_TYPE, this.#call.arguments[0].type]);
    this.#counts = new Float64Array(0);
  }

  #shown(column: Column, from: number, count: number): Column {
    if (this.#negativeZeros.size === 0 || column.kind !== 'number') return column;
    const values = column.values.slice();
    for (let index = 0; index < count; index++) if (this.#negativeZeros.has(from + index)) values[index] = -0;
    return { ...column, values };
  }

  #release(): void {
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}

const GROUP_TYPE = sqlType(int4);
