import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { AggregateFunction, OrderedSet } from '../../functions/function-definition.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { sameExpression } from '../../sql/expression/same-expression.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import type { SortKey } from '../../sql/plan/sort-nodes.ts';
import { int4 } from '../../types/int4.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowStore } from '../row-store.ts';
import { ExternalSorter } from '../spill/external-sorter.ts';
import { ChangeFinder } from '../window/window-run.ts';
import type { AggregateState } from './aggregate-state.ts';
import type { GroupSlices } from './group-slices.ts';

/** What a sorted call keeps of a row: its arguments, then the sort keys that are none of them. */
export function sortedColumns({ arguments: values, orderBy = [] }: AggregateCall): readonly Expression[] {
  const columns = [...values];
  for (const { expression } of orderBy) {
    if (!columns.some((known) => sameExpression(known, expression))) columns.push(expression);
  }
  return columns;
}

/**
 * An aggregate whose rows are sorted first: ORDER BY or DISTINCT within the parentheses, WITHIN GROUP. They are kept with
 * their group's number, by which they are sorted as well.
 */
export class SortedState implements AggregateState {
  readonly #call: AggregateCall;
  readonly #columns: readonly Expression[];
  readonly #context: ExecutionContext;
  readonly #sorter: ExternalSorter;
  #groupNumbers = new Float64Array(0);
  /** The rows in order, and those of the batch at hand that belong to groups which are not asked for yet. */
  #sorted: AsyncGenerator<Batch, void, undefined> | undefined;
  #pending: Batch | undefined;

  constructor(call: AggregateCall, context: ExecutionContext) {
    this.#call = call;
    this.#columns = sortedColumns(call);
    this.#context = context;
    this.#sorter = new ExternalSorter([GROUP_TYPE, ...this.#types], this.#keys(), context);
  }

  /** The sorter keeps its own account. */
  get sizeBytes(): number {
    return this.#groupNumbers.byteLength;
  }

  reserve(): void {}

  async update(columns: readonly Column[], { groups }: GroupSlices, rowCount: number): Promise<void> {
    if (this.#groupNumbers.length < rowCount) this.#groupNumbers = new Float64Array(rowCount);
    for (let row = 0; row < rowCount; row++) this.#groupNumbers[row] = groups[row];
    const numbers: Column = { kind: 'number', values: this.#groupNumbers.subarray(0, rowCount), validity: undefined };
    await this.#sorter.add({ rowCount, columns: [numbers, ...columns] });
  }

  async results(from: number, to: number, direct: readonly Column[]): Promise<Column> {
    const { function: callee } = this.#call;
    return callee.orderedSet === undefined
      ? await this.#accumulate(callee, from, to)
      : await this.#overSets(callee.orderedSet, from, to, direct);
  }

  async close(): Promise<void> {
    await this.#sorted?.return();
    await this.#sorter.close();
  }

  get #types(): readonly SqlType[] {
    return this.#columns.map((column) => column.type);
  }

  #keys(): readonly SortKey[] {
    const keys: SortKey[] = [{ expression: columnAt(0, GROUP_TYPE), isDescending: false, nullsFirst: false }];
    for (const { expression, isDescending, nullsFirst } of this.#call.orderBy ?? []) {
      const index = this.#columns.findIndex((column) => sameExpression(column, expression)) + 1;
      keys.push({ expression: columnAt(index, expression.type), isDescending, nullsFirst });
    }
    return keys;
  }

  async #accumulate(callee: AggregateFunction, from: number, to: number): Promise<Column> {
    const { arguments: values, isDistinct } = this.#call;
    const { memory } = this.#context;
    const types = values.map((value) => value.type.definition);
    const accumulator = callee.createAccumulator(types, this.#context.environment);
    accumulator.reserve(to - from);
    const finder = isDistinct ? new ChangeFinder([GROUP_TYPE, ...values.map((value) => value.type)]) : undefined;
    let reservedBytes = 0;
    try {
      for await (const { rowCount, columns } of this.#rowsOf(to)) {
        const filter =
          finder === undefined ? undefined : changesOf(finder, columns.slice(0, values.length + 1), rowCount);
        accumulator.update(columns.slice(1, values.length + 1), groupsOf(columns[0], rowCount, from), rowCount, filter);
        const sizeBytes = accumulator.sizeBytes;
        if (sizeBytes > reservedBytes) {
          memory.reserve(sizeBytes - reservedBytes);
          reservedBytes = sizeBytes;
        }
      }
    } finally {
      memory.release(reservedBytes);
    }
    return accumulator.results(to - from);
  }

  async #overSets(orderedSet: OrderedSet, from: number, to: number, direct: readonly Column[]): Promise<Column> {
    const groupCount = to - from;
    const store = new RowStore(this.#types, this.#context.memory);
    try {
      const starts = new Uint32Array(groupCount + 1);
      for await (const { rowCount, columns } of this.#rowsOf(to)) {
        store.append({ rowCount, columns: columns.slice(1) });
        const groups = groupsOf(columns[0], rowCount, from);
        for (let row = 0; row < rowCount; row++) starts[groups[row] + 1]++;
      }
      for (let group = 0; group < groupCount; group++) starts[group + 1] += starts[group];
      const { columns: values } = await store.whole(this.#context.control);
      return orderedSet.results({
        groupCount,
        starts,
        values,
        types: this.#types.map((type) => type.definition),
        orders: this.#call.orderBy ?? [],
        direct,
      });
    } finally {
      store.release();
    }
  }

  /** The sorted rows of the groups that come next, up to group `to` (exclusive). */
  async *#rowsOf(to: number): AsyncGenerator<Batch, void, undefined> {
    this.#sorted ??= this.#sorter.rows();
    for (;;) {
      if (this.#pending === undefined) {
        const next = await this.#sorted.next();
        if (next.done === true) return;
        this.#pending = next.value;
      }
      const batch = this.#pending;
      const count = rowsBefore(batch, to);
      if (count === 0) return;
      this.#pending = count === batch.rowCount ? undefined : sliceBatch(batch, count, batch.rowCount);
      yield sliceBatch(batch, 0, count);
      if (this.#pending !== undefined) return;
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }
}

const GROUP_TYPE = sqlType(int4);

function columnAt(index: number, type: SqlType): Expression {
  return { kind: 'column', index, type };
}

/** The groups of the rows, counted from `first`. */
function groupsOf(column: Column, rowCount: number, first: number): Uint32Array {
  if (column.kind !== 'number') throw new Error('groups are numbered');
  const groups = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) groups[row] = column.values[row] - first;
  return groups;
}

/** How many rows of a batch, which are sorted by group, belong to groups before `to`. */
function rowsBefore({ rowCount, columns: [column] }: Batch, to: number): number {
  if (column.kind !== 'number') throw new Error('groups are numbered');
  if (rowCount === 0 || column.values[rowCount - 1] < to) return rowCount;
  return column.values.findIndex((group) => group >= to);
}

/** 1 for each row that differs from the one before it. */
function changesOf(finder: ChangeFinder, columns: Batch['columns'], rowCount: number): Uint8Array {
  const changes = new Uint32Array(rowCount);
  const count = finder.find(columns, rowCount, changes);
  const mask = new Uint8Array(rowCount);
  for (let at = 0; at < count; at++) mask[changes[at]] = 1;
  return mask;
}
