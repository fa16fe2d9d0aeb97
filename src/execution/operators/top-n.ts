import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { isPlainNumbers } from '../../columnar/column.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { LargestValues } from '../../columnar/largest-values.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { SortKey, TopNNode } from '../../sql/plan/sort-nodes.ts';
import type { BestLimit } from '../best-limit.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { NewestLimit } from '../newest-limit.ts';
import { RowStore } from '../row-store.ts';
import { sortedRows } from '../spill/external-sorter.ts';
import { settle } from '../subquery/settle.ts';
import { limit, limitRange } from './limit.ts';
import { sort } from './sort.ts';

/** Rows are collected up to this many (or four times what is asked for), then cut back to the best. */
const MIN_BUFFER_ROWS = 8192;
const OUTPUT_ROWS = 1024;

/**
 * ORDER BY … LIMIT in one: holds only some multiple of the rows asked for. Once enough rows are known, the last of the
 * best is a threshold that most of the input fails on its first key alone. `newest`: where the input, which gives rows newest
 * first, is told of it. `best`: where the first key is a number of an input in no order, how good a row has to be, which a
 * scan is told.
 */
export async function* topN(
  input: BatchStream,
  node: TopNNode,
  context: ExecutionContext,
  newest?: NewestLimit,
  best?: BestLimit,
): BatchStream {
  const range = await settle(context, () => limitRange(node, context));
  const wanted = range.offset + range.count;
  if (range.count === 0) return;
  if (newest !== undefined) newest.rowCount = wanted;
  if (best !== undefined) best.wantedRows = wanted;
  if (!Number.isFinite(wanted) || wanted > 1_000_000) {
    yield* limit(sort(input, node, context), range);
    return;
  }
  const types = node.output.map((column) => column.type);
  const bufferRows = Math.max(MIN_BUFFER_ROWS, wanted * 4);
  const firstKey = node.keys[0];
  const threshold = new Threshold(firstKey, new ColumnEvaluator(firstKey.expression, context));
  const newestTimes = newest === undefined || wanted > MAX_NEWEST_ROWS ? undefined : new LargestValues(wanted);
  let store = new RowStore(types, context.memory);

  const cutBack = async (): Promise<void> => {
    const best = (await sortedRows(store, node.keys, context)).subarray(0, wanted);
    const all = store;
    store = new RowStore(types, context.memory);
    for (let from = 0; from < best.length; from += OUTPUT_ROWS) {
      const part = best.subarray(from, from + OUTPUT_ROWS);
      const rows = all.gather(part, part.length);
      store.append(rows);
      if (from + part.length === wanted) threshold.set(rows, part.length - 1);
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    all.release();
  };

  for await (const batch of input) {
    let passing = best === undefined ? threshold.filter(batch) : best.filter(batch);
    if (passing.rowCount > 0) {
      best?.add(passing);
      if (best !== undefined) passing = best.trim(passing);
      store.append(passing);
      if (newestTimes !== undefined) newest!.time = threshold.raise(passing, newestTimes);
    }
    if (store.rowCount >= bufferRows) await cutBack();
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const order = await sortedRows(store, node.keys, context);
  const rows = order.subarray(range.offset, wanted);
  for (let from = 0; from < rows.length; from += OUTPUT_ROWS) {
    const part = rows.subarray(from, from + OUTPUT_ROWS);
    yield store.gather(part, part.length);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  store.release();
}

/** For more rows than this, when they are wanted newest first, a threshold is only found as they are cut back. */
const MAX_NEWEST_ROWS = 100_000;

/** The first key of the last row worth keeping; only numbers without NULLs are compared, others pass. */
class Threshold {
  readonly #key: SortKey;
  readonly #evaluator: ColumnEvaluator;
  #value: number | undefined;
  #selection = new Uint32Array(1024);

  constructor(key: SortKey, evaluator: ColumnEvaluator) {
    this.#key = key;
    this.#evaluator = evaluator;
  }

  set(batch: Batch, row: number): void {
    const column = this.#evaluator.evaluate(batch);
    this.#value = isPlainNumbers(column) && !Number.isNaN(column.values[row]) ? column.values[row] : undefined;
  }

  /** Notes the rows of a batch; once there are as many as are wanted, the last of them is the threshold. */
  raise(batch: Batch, largest: LargestValues): number {
    const column = this.#evaluator.evaluate(batch);
    if (isPlainNumbers(column)) for (let row = 0; row < batch.rowCount; row++) largest.add(column.values[row]);
    if (!largest.isFull) return Number.NEGATIVE_INFINITY;
    this.#value = largest.smallest;
    return largest.smallest;
  }

  /** Rows at the threshold stay: later keys decide, and ties keep their order. */
  filter(batch: Batch): Batch {
    const bound = this.#value;
    if (bound === undefined) return batch;
    const column = this.#evaluator.evaluate(batch);
    if (!isPlainNumbers(column)) return batch;
    if (this.#selection.length < batch.rowCount) this.#selection = new Uint32Array(batch.rowCount);
    const { values } = column;
    const selection = this.#selection;
    let count = 0;
    if (this.#key.isDescending) {
      // NaN sorts above every number: it must pass.
      for (let row = 0; row < batch.rowCount; row++) if (!(values[row] < bound)) selection[count++] = row;
    } else {
      for (let row = 0; row < batch.rowCount; row++) if (values[row] <= bound) selection[count++] = row;
    }
    return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
  }
}
