import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import type { AggregateCall, AggregateNode } from '../../sql/plan/aggregate-node.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowGrouper } from '../grouping/row-grouper.ts';
import { settle } from '../subquery/settle.ts';
import { type AggregateState, newAggregateState } from './aggregate-state.ts';
import type { CallRows } from './call-input.ts';
import { GroupSlices, SLICE_GROUPS } from './group-slices.ts';
import type { GroupStates } from './group-states.ts';

/** The groups of one set of keys, with the state of every aggregate. Without keys there is one group, always. */
export class GroupingSet {
  readonly #node: AggregateNode;
  readonly #context: ExecutionContext;
  /** Numbers of the keys that make the groups. */
  readonly #keys: readonly number[];
  readonly #grouper: RowGrouper | undefined;
  readonly #states: readonly AggregateState[];
  #groups = new Uint32Array(1024);
  #passing = new Uint32Array(0);
  readonly #slices = new GroupSlices();
  readonly #passingSlices = new GroupSlices();

  constructor(node: AggregateNode, keys: readonly number[], context: ExecutionContext) {
    this.#node = node;
    this.#context = context;
    this.#keys = keys;
    this.#grouper = keys.length === 0 ? undefined : new RowGrouper(keys.map((key) => node.keys[key].type));
    this.#states = node.aggregates.map((call) => newAggregateState(call, context));
    if (this.#grouper === undefined) for (const state of this.#states) state.reserve(1);
  }

  get sizeBytes(): number {
    return this.#states.reduce((size, state) => size + state.sizeBytes, this.#grouper?.sizeBytes ?? 0);
  }

  get #groupCount(): number {
    return this.#grouper?.groupCount ?? 1;
  }

  /** The groups, where there are keys. */
  get grouper(): RowGrouper | undefined {
    return this.#grouper;
  }

  /** Finds the group of each row of a batch. */
  assign(keys: readonly Column[], rowCount: number): void {
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    this.#grouper?.assign(
      this.#keys.map((key) => keys[key]),
      rowCount,
      this.#groups,
    );
    this.#slices.set(this.#groups, rowCount, this.#groupCount);
  }

  /** What call number `call` reads of the batch whose rows were assigned last. */
  update(call: number, { columns, rowCount, selection }: CallRows): void | Promise<void> {
    const state = this.#states[call];
    state.reserve(this.#groupCount);
    if (rowCount === 0) return;
    if (selection === undefined) return state.update(columns, this.#slices, rowCount);
    this.#passingSlices.set(this.#groupsAt(selection, rowCount), rowCount, this.#groupCount);
    return state.update(columns, this.#passingSlices, rowCount);
  }

  /** Adds groups of other rows. */
  merge({ keys, rowCount, states }: GroupStates): void {
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    if (this.#grouper === undefined) this.#groups.fill(0, 0, rowCount);
    this.assign(keys, rowCount);
    for (const [at, state] of this.#states.entries()) {
      invariant(state.merge !== undefined, 'the aggregate has states that can be merged');
      state.reserve(this.#groupCount);
      if (rowCount > 0) state.merge(states[at], this.#slices);
    }
  }

  /** A row a group, some thousand groups at a time: keys, aggregates, values of GROUPING. */
  async *results(): AsyncGenerator<Batch, void, undefined> {
    const { control } = this.#context;
    const direct = await settle(this.#context, () => this.#node.aggregates.map((call) => this.#directArguments(call)));
    for (let from = 0; from < this.#groupCount; from += SLICE_GROUPS) {
      const to = Math.min(from + SLICE_GROUPS, this.#groupCount);
      const rowCount = to - from;
      const keys = this.#keyColumns(from, to);
      const columns = [...keys];
      for (const [at, state] of this.#states.entries()) {
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
        const values = direct[at].map((columnOf) => columnOf(keys, rowCount));
        columns.push(await state.results(from, to, values));
      }
      for (const grouping of this.#node.groupings ?? []) {
        columns.push(constantColumn('float64', this.#groupingValue(grouping), rowCount));
      }
      yield { rowCount, columns };
    }
  }

  async close(): Promise<void> {
    for (const state of this.#states) await state.close();
  }

  #groupsAt(selection: Uint32Array, count: number): Uint32Array {
    if (this.#passing.length < count) this.#passing = new Uint32Array(count);
    for (let index = 0; index < count; index++) this.#passing[index] = this.#groups[selection[index]];
    return this.#passing;
  }

  /** Keys that the set does not have are NULL. */
  #keyColumns(from: number, to: number): Column[] {
    const own = this.#grouper?.keyColumns(from, to) ?? [];
    return this.#node.keys.map(({ type }, key) => {
      const place = this.#keys.indexOf(key);
      return place < 0 ? constantColumn(type.definition.representation, null, to - from) : own[place];
    });
  }

  /** What makes the columns of the direct arguments: a key, or a value that is the same for all groups. */
  #directArguments(call: AggregateCall): readonly ((keys: readonly Column[], rowCount: number) => Column)[] {
    return (call.directArguments ?? []).map((argument) => {
      if (typeof argument === 'number') return (keys) => keys[argument];
      const value = evaluateExpression(argument, this.#context);
      return (_, rowCount) => constantColumn(argument.type.definition.representation, value, rowCount);
    });
  }

  #groupingValue(grouping: readonly number[]): number {
    return grouping.reduce((bits, key) => bits * 2 + (this.#keys.includes(key) ? 0 : 1), 0);
  }
}
