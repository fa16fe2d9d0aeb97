import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import type { AggregateCall, AggregateNode } from '../../sql/plan/logical-plan.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { settle } from '../subquery/settle.ts';
import { type AggregateState, newAggregateState } from './aggregate-state.ts';
import type { CallRows } from './call-input.ts';

/** The groups of one set of keys, with the state of every aggregate. Without keys there is one group, always. */
export class GroupingSet {
  readonly #node: AggregateNode;
  readonly #context: ExecutionContext;
  /** Numbers of the keys that make the groups. */
  readonly #keys: readonly number[];
  readonly #table: GroupTable | undefined;
  readonly #states: readonly AggregateState[];
  #groups = new Uint32Array(1024);
  #passing = new Uint32Array(0);

  constructor(node: AggregateNode, keys: readonly number[], context: ExecutionContext) {
    this.#node = node;
    this.#context = context;
    this.#keys = keys;
    this.#table = keys.length === 0 ? undefined : new GroupTable(keys.map((key) => node.keys[key].type));
    this.#states = node.aggregates.map((call) => newAggregateState(call, context));
    if (this.#table === undefined) for (const state of this.#states) state.reserve(1);
  }

  get sizeBytes(): number {
    return this.#states.reduce((size, state) => size + state.sizeBytes, this.#table?.sizeBytes ?? 0);
  }

  get #groupCount(): number {
    return this.#table?.groupCount ?? 1;
  }

  /** The groups, where there are keys. */
  get table(): GroupTable | undefined {
    return this.#table;
  }

  /** Finds the group of each row of a batch. */
  assign(keys: readonly Column[], rowCount: number): void {
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    this.#table?.assign(
      this.#keys.map((key) => keys[key]),
      rowCount,
      this.#groups,
    );
  }

  /** What call number `call` reads of the batch whose rows were assigned last. */
  update(call: number, { columns, rowCount, selection }: CallRows): void | Promise<void> {
    const state = this.#states[call];
    state.reserve(this.#groupCount);
    if (rowCount === 0) return;
    return state.update(
      columns,
      selection === undefined ? this.#groups : this.#groupsAt(selection, rowCount),
      rowCount,
    );
  }

  /** A row a group: keys, aggregates, values of GROUPING. */
  async results(): Promise<Batch> {
    const rowCount = this.#groupCount;
    const keys = this.#keyColumns(rowCount);
    const columns = [...keys];
    for (const [at, state] of this.#states.entries()) {
      const direct = await settle(this.#context, () =>
        this.#directArguments(this.#node.aggregates[at], keys, rowCount),
      );
      columns.push(await state.results(rowCount, direct));
    }
    for (const grouping of this.#node.groupings ?? []) {
      columns.push(constantColumn('float64', this.#groupingValue(grouping), rowCount));
    }
    return { rowCount, columns };
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
  #keyColumns(rowCount: number): Column[] {
    const own = this.#table?.keyColumns() ?? [];
    return this.#node.keys.map(({ type }, key) => {
      const place = this.#keys.indexOf(key);
      return place < 0 ? constantColumn(type.definition.representation, null, rowCount) : own[place];
    });
  }

  #directArguments(call: AggregateCall, keys: readonly Column[], rowCount: number): readonly Column[] {
    return (call.directArguments ?? []).map((argument) => {
      if (typeof argument === 'number') return keys[argument];
      const value = evaluateExpression(argument, this.#context);
      return constantColumn(argument.type.definition.representation, value, rowCount);
    });
  }

  #groupingValue(grouping: readonly number[]): number {
    return grouping.reduce((bits, key) => bits * 2 + (this.#keys.includes(key) ? 0 : 1), 0);
  }
}
