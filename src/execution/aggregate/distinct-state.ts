import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import { int4 } from '../../types/int4.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowGrouper } from '../grouping/row-grouper.ts';
import type { AggregateState } from './aggregate-state.ts';
import { GroupSlices } from './group-slices.ts';
import { SortedState } from './sorted-state.ts';

/** Values that are handed to a sort in one go, which has little memory then. */
const MOVED_ROWS = 256;

/**
 * DISTINCT: knows which values each group has seen, and hands on the rows that bring new ones, one for each. When memory
 * does not suffice for that, the rows are sorted instead, which brings equal ones together and can go to disk.
 */
export class DistinctState implements AggregateState {
  readonly #call: AggregateCall;
  readonly #context: ExecutionContext;
  #target: AggregateState;
  #seen: SeenValues | undefined;
  #reservedBytes = 0;
  #groupCount = 1;
  #newGroups = new Uint32Array(0);
  readonly #slices = new GroupSlices();

  /** `target` takes the rows. If it is a `SortedState`, it leaves out by itself what comes again. */
  constructor(call: AggregateCall, context: ExecutionContext, target: AggregateState) {
    this.#call = call;
    this.#context = context;
    this.#target = target;
    this.#seen = new SeenValues(call.arguments.map((argument) => argument.type));
  }

  /** What was seen has an account of its own. */
  get sizeBytes(): number {
    return this.#target.sizeBytes;
  }

  reserve(groupCount: number): void {
    this.#groupCount = groupCount;
    this.#target.reserve(groupCount);
  }

  update(columns: readonly Column[], slices: GroupSlices, rowCount: number): void | Promise<void> {
    const seen = this.#seen;
    if (seen === undefined) return this.#target.update(columns, slices, rowCount);
    const newCount = seen.add(columns, slices.groups, rowCount, this.#groupCount > 1);
    if (newCount === 0) return;
    if (!this.#account(seen)) {
      if (!(this.#target instanceof SortedState)) return this.#sortInstead(seen);
      this.#forget();
    }
    if (newCount === rowCount) return this.#target.update(columns, slices, rowCount);
    if (this.#newGroups.length < newCount) this.#newGroups = new Uint32Array(rowCount);
    const { newRows } = seen;
    for (let index = 0; index < newCount; index++) this.#newGroups[index] = slices.groups[newRows[index]];
    this.#slices.set(this.#newGroups, newCount, this.#groupCount);
    const gathered = columns.map((column) => gatherColumn(column, newRows, newCount));
    return this.#target.update(gathered, this.#slices, newCount);
  }

  results(from: number, to: number, direct: readonly Column[]): Column | Promise<Column> {
    return this.#target.results(from, to, direct);
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#target.close();
  }

  /** False when there is no memory for what is known, or, beside a sort, not for as much again that the sort may take. */
  #account({ sizeBytes }: SeenValues): boolean {
    const { memory } = this.#context;
    const growth = sizeBytes - this.#reservedBytes;
    const spareBytes = this.#target instanceof SortedState ? sizeBytes : 0;
    if (growth <= 0 && spareBytes === 0) return true;
    if (!memory.tryReserve(Math.max(growth, 0) + spareBytes)) return false;
    memory.release(spareBytes);
    this.#reservedBytes += Math.max(growth, 0);
    return true;
  }

  /** All that was seen goes to a sort, which begins anew; 53200 where there is no order to sort by. */
  async #sortInstead(seen: SeenValues): Promise<void> {
    const { memory, control } = this.#context;
    if (this.#call.orderBy === undefined) throw memory.exhausted();
    // The memory is given back first: the sort needs it, and goes to disk long before it has as much again.
    this.#forget();
    await this.#target.close();
    const sorted = new SortedState(this.#call, this.#context);
    this.#target = sorted;
    for (let from = 0; from < seen.count; from += MOVED_ROWS) {
      const to = Math.min(from + MOVED_ROWS, seen.count);
      const { columns, groups } = seen.rows(from, to);
      this.#slices.set(groups, to - from, this.#groupCount);
      await sorted.update(columns, this.#slices, to - from);
      const turn = control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }

  #forget(): void {
    this.#seen = undefined;
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }
}

/** The distinct rows of some columns in each group. */
class SeenValues {
  readonly #types: readonly SqlType[];
  #grouper: RowGrouper;
  /** The number of the group is a key before the columns: as long as there is one group, it need not be. */
  #isGrouped = false;
  #ids = new Uint32Array(0);
  #numbers = new Float64Array(0);
  /** The rows that `add` found to be new. */
  newRows = new Uint32Array(0);

  constructor(types: readonly SqlType[]) {
    this.#types = types;
    this.#grouper = new RowGrouper(types);
  }

  get count(): number {
    return this.#grouper.groupCount;
  }

  get sizeBytes(): number {
    return this.#grouper.sizeBytes;
  }

  /** Writes into `newRows` the rows that had not come before, and returns how many they are. */
  add(columns: readonly Column[], groups: Uint32Array, rowCount: number, isGrouped: boolean): number {
    if (this.#ids.length < rowCount) {
      this.#ids = new Uint32Array(rowCount);
      this.#numbers = new Float64Array(rowCount);
      this.newRows = new Uint32Array(rowCount);
    }
    if (isGrouped && !this.#isGrouped) this.#group();
    const known = this.#grouper.groupCount;
    this.#grouper.assign(this.#isGrouped ? [this.#column(groups, rowCount), ...columns] : columns, rowCount, this.#ids);
    const newCount = this.#grouper.groupCount - known;
    if (newCount > 0) firstRows(this.#ids, rowCount, known, this.newRows);
    return newCount;
  }

  /** Of what was seen the rows from `from` to `to` (exclusive), in the order in which they came. */
  rows(from: number, to: number): { readonly columns: readonly Column[]; readonly groups: Uint32Array } {
    const columns = this.#grouper.keyColumns(from, to);
    const groups = new Uint32Array(to - from);
    const numbers = this.#isGrouped ? columns.shift() : undefined;
    if (numbers?.kind === 'number') groups.set(numbers.values);
    return { columns, groups };
  }

  /** All that was seen up to now is of the first group. */
  #group(): void {
    const grouper = new RowGrouper([GROUP_TYPE, ...this.#types]);
    const { count } = this;
    const groups = new Float64Array(MOVED_ROWS);
    const ids = new Uint32Array(MOVED_ROWS);
    for (let from = 0; from < count; from += MOVED_ROWS) {
      const to = Math.min(from + MOVED_ROWS, count);
      const numbers: Column = { kind: 'number', values: groups, validity: undefined };
      grouper.assign([numbers, ...this.#grouper.keyColumns(from, to)], to - from, ids);
    }
    this.#grouper = grouper;
    this.#isGrouped = true;
  }

  #column(groups: Uint32Array, rowCount: number): Column {
    for (let row = 0; row < rowCount; row++) this.#numbers[row] = groups[row];
    return { kind: 'number', values: this.#numbers, validity: undefined };
  }
}

const GROUP_TYPE = sqlType(int4);

/** New numbers are given in ascending order: the first row with one is the one that meets the next. */
function firstRows(ids: Uint32Array, rowCount: number, known: number, rows: Uint32Array): void {
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (ids[row] !== known + count) continue;
    rows[count++] = row;
  }
}
