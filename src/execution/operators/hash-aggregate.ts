import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { AggregateNode } from '../../sql/plan/aggregate-node.ts';
import { isSorted } from '../aggregate/aggregate-state.ts';
import { CallInput } from '../aggregate/call-input.ts';
import { GroupingSet } from '../aggregate/grouping-set.ts';
import { sortedColumns } from '../aggregate/sorted-state.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { Overflow } from '../spill/overflow.ts';
import { MAX_LEVEL } from '../spill/row-partitions.ts';
import { settle } from '../subquery/settle.ts';

const OUTPUT_ROWS = 4096;

/**
 * GROUP BY: numbers the groups (of each grouping set), feeds every aggregate, and gives one row a group when the input
 * ends. Rows of groups for which there is no memory wait on disk, and are grouped in turn.
 */
export async function* hashAggregate(
  input: BatchStream,
  node: AggregateNode,
  context: ExecutionContext,
  level = 0,
): BatchStream {
  const keys = new GroupKeys(node, context);
  const sets = (node.groupingSets ?? [[...node.keys.keys()]]).map((set) => new GroupingSet(node, set, context));
  const calls = node.aggregates.map(
    (call) => new CallInput(call, isSorted(call) ? sortedColumns(call) : call.arguments, context),
  );
  const { memory } = context;
  let knownBytes = 0;
  let reservedBytes = 0;
  let overflow: Overflow | undefined;
  try {
    for await (const next of input) {
      let batch = next;
      let columns = keys.waits ? await keys.settled(batch) : keys.evaluate(batch);
      if (overflow !== undefined) {
        batch = await overflow.take(next, columns, sets[0].grouper!);
        if (batch.rowCount === 0) continue;
        if (batch !== next) columns = keys.waits ? await keys.settled(batch) : keys.evaluate(batch);
      }
      for (const set of sets) {
        set.assign(columns, batch.rowCount);
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      for (let at = 0; at < calls.length; at++) {
        const evaluated = calls[at].evaluate(batch);
        const rows = evaluated instanceof Promise ? await evaluated : evaluated;
        for (const set of sets) {
          const updated = set.update(at, rows);
          if (updated !== undefined) await updated;
        }
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      let sizeBytes = 0;
      for (const set of sets) sizeBytes += set.sizeBytes;
      const growth = sizeBytes - knownBytes;
      if (growth > 0) {
        knownBytes = sizeBytes;
        if (memory.tryReserve(growth)) reservedBytes += growth;
        // No group has come since: it is the states themselves that grow.
        else if (overflow !== undefined) throw memory.exhausted();
        else {
          overflow = newOverflow(node, context, level);
          sets[0].grouper?.close();
        }
      }
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    for (const set of sets) {
      for await (const result of set.results()) {
        for (let from = 0; from < result.rowCount; from += OUTPUT_ROWS) {
          yield sliceBatch(result, from, Math.min(from + OUTPUT_ROWS, result.rowCount));
          const turn = context.control.yieldIfDue();
          if (turn !== undefined) await turn;
        }
      }
    }
    if (overflow === undefined) return;
    for (const set of sets.splice(0)) await set.close();
    memory.release(reservedBytes);
    reservedBytes = 0;
    for (const file of await overflow.finish()) yield* hashAggregate(file.read(), node, context, level + 1);
  } finally {
    for (const set of sets) await set.close();
    memory.release(reservedBytes);
    await overflow?.close();
  }
}

/** Throws 53200 where rows cannot wait: without keys one group has it all, and with several sets a row is in many. */
function newOverflow(node: AggregateNode, { spill, memory }: ExecutionContext, level: number): Overflow {
  const canWait = node.groupingSets === undefined && node.keys.length > 0 && level < MAX_LEVEL;
  if (spill === undefined || !canWait) throw memory.exhausted();
  return new Overflow({
    types: node.input.output.map((column) => column.type),
    keyTypes: node.keys.map((key) => key.type),
    space: spill,
    level,
  });
}

/** The grouping keys of each batch. */
class GroupKeys {
  readonly #evaluators: readonly ColumnEvaluator[];
  readonly #context: ExecutionContext;
  /** Some key is, or holds, a subquery. */
  readonly waits: boolean;

  constructor({ keys }: AggregateNode, context: ExecutionContext) {
    this.#evaluators = keys.map((key) => new ColumnEvaluator(key, context));
    this.#context = context;
    this.waits = keys.some(hasSubquery);
  }

  evaluate(batch: Batch): readonly Column[] {
    return this.#evaluators.map((evaluator) => evaluator.evaluate(batch));
  }

  settled(batch: Batch): Promise<readonly Column[]> {
    return settle(this.#context, () => this.evaluate(batch));
  }
}
