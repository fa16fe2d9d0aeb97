import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import type { Accumulator } from '../../functions/function-definition.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import type { AggregateCall, AggregateNode } from '../../sql/plan/logical-plan.ts';
import { int4 } from '../../types/int4.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';

const OUTPUT_ROWS = 4096;

/** GROUP BY: numbers the groups, feeds every aggregate, and gives one row a group when the input ends. */
export async function* hashAggregate(input: BatchStream, node: AggregateNode, context: ExecutionContext): BatchStream {
  const keys = node.keys.map((key) => new ColumnEvaluator(key, context));
  const table = new GroupTable(node.keys.map((key) => key.type));
  const calls = node.aggregates.map((call) => new RunningAggregate(call, context));
  const isGlobal = node.keys.length === 0;
  if (isGlobal) for (const call of calls) call.reserve(1);

  let groups = new Uint32Array(1024);
  let reservedBytes = 0;
  for await (const batch of input) {
    const { rowCount } = batch;
    if (groups.length < rowCount) groups = new Uint32Array(rowCount);
    if (!isGlobal) {
      table.assign(
        keys.map((key) => key.evaluate(batch)),
        rowCount,
        groups,
      );
    }
    const groupCount = isGlobal ? 1 : table.groupCount;
    let sizeBytes = table.sizeBytes;
    for (const call of calls) {
      call.reserve(groupCount);
      call.update(batch, groups);
      sizeBytes += call.sizeBytes;
    }
    if (sizeBytes > reservedBytes) {
      context.memory.reserve(sizeBytes - reservedBytes);
      reservedBytes = sizeBytes;
    }
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }

  const rowCount = isGlobal ? 1 : table.groupCount;
  const columns: Column[] = [...table.keyColumns(), ...calls.map((call) => call.results(rowCount))];
  const result: Batch = { rowCount, columns };
  for (let from = 0; from < rowCount; from += OUTPUT_ROWS) {
    yield sliceBatch(result, from, Math.min(from + OUTPUT_ROWS, rowCount));
  }
  context.memory.release(reservedBytes);
}

/** One aggregate call: its arguments, FILTER and DISTINCT in front of its accumulator. */
class RunningAggregate {
  readonly #arguments: readonly ColumnEvaluator[];
  readonly #filter: RowFilter | undefined;
  readonly #accumulator: Accumulator;
  /** DISTINCT: the (group, arguments) seen so far. */
  readonly #seen: GroupTable | undefined;
  #mask = new Uint8Array(0);
  #selection = new Uint32Array(0);
  #seenIds = new Uint32Array(0);
  #groupNumbers = new Float64Array(0);

  constructor(call: AggregateCall, context: ExecutionContext) {
    this.#arguments = call.arguments.map((argument) => new ColumnEvaluator(argument, context));
    this.#filter = call.filter === undefined ? undefined : new RowFilter(call.filter, context);
    this.#accumulator = call.function.createAccumulator(call.arguments.map((argument) => argument.type.definition));
    if (call.isDistinct && call.function.ignoresDuplicates !== true) {
      this.#seen = new GroupTable([sqlType(int4), ...call.arguments.map((argument) => argument.type)]);
    }
  }

  get sizeBytes(): number {
    return this.#accumulator.sizeBytes + (this.#seen?.sizeBytes ?? 0);
  }

  reserve(groupCount: number): void {
    this.#accumulator.reserve(groupCount);
  }

  update(batch: Batch, groups: Uint32Array): void {
    const { rowCount } = batch;
    // FILTER comes before the arguments: they are not evaluated for rows that it drops.
    if (this.#filter !== undefined) {
      this.#updateFiltered(batch, groups, this.#filter);
      return;
    }
    const inputs = this.#arguments.map((argument) => argument.evaluate(batch));
    this.#accumulate(inputs, groups, rowCount);
  }

  #updateFiltered(batch: Batch, groups: Uint32Array, filter: RowFilter): void {
    if (this.#selection.length < batch.rowCount) this.#selection = new Uint32Array(batch.rowCount);
    const selection = this.#selection;
    const count = filter.select(batch, selection);
    if (count === 0) return;
    const passing = gatherRows(batch, selection, count);
    const passingGroups = new Uint32Array(count);
    for (let index = 0; index < count; index++) passingGroups[index] = groups[selection[index]];
    const inputs = this.#arguments.map((argument) => argument.evaluate(passing));
    this.#accumulate(inputs, passingGroups, count);
  }

  #accumulate(inputs: readonly Column[], groups: Uint32Array, rowCount: number): void {
    const mask = this.#seen === undefined ? undefined : this.#firstSeen(this.#seen, inputs, groups, rowCount);
    this.#accumulator.update(inputs, groups, rowCount, mask);
  }

  results(groupCount: number): Column {
    return this.#accumulator.results(groupCount);
  }

  /** 1 for rows whose (group, arguments) had not come before. */
  #firstSeen(seen: GroupTable, inputs: readonly Column[], groups: Uint32Array, rowCount: number): Uint8Array {
    if (this.#mask.length < rowCount) {
      this.#mask = new Uint8Array(rowCount);
      this.#seenIds = new Uint32Array(rowCount);
      this.#groupNumbers = new Float64Array(rowCount);
    }
    for (let row = 0; row < rowCount; row++) this.#groupNumbers[row] = groups[row];
    let known = seen.groupCount;
    seen.assign(
      [{ kind: 'number', values: this.#groupNumbers, validity: undefined }, ...inputs],
      rowCount,
      this.#seenIds,
    );
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

function gatherRows(batch: Batch, selection: Uint32Array, count: number): Batch {
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}
