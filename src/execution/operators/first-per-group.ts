import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { isPlainNumbers } from '../../columnar/column.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { DistinctOnNode } from '../../sql/plan/set-nodes.ts';
import type { SortKey, SortNode } from '../../sql/plan/sort-nodes.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { RowStore } from '../row-store.ts';
import { sortedRows } from '../spill/external-sorter.ts';

/** Rows are collected up to this many, or eight a group, then cut back to one a group. */
const MIN_BUFFER_ROWS = 16_384;
const OUTPUT_ROWS = 1024;

/**
 * DISTINCT ON over ORDER BY when the sort begins with the distinct keys: `DISTINCT ON (host) … ORDER BY host, time DESC`.
 * Instead of sorting all rows it keeps few for each group, and sorts those.
 */
export async function* firstPerGroup(
  input: BatchStream,
  { keys }: DistinctOnNode,
  sort: SortNode,
  context: ExecutionContext,
): BatchStream {
  const types = sort.output.map((column) => column.type);
  const keyEvaluators = keys.map((key) => new ColumnEvaluator(key, context));
  const reducer = new BatchReducer(keys, sort.keys, context);
  let store = new RowStore(types, context.memory);
  let limit = MIN_BUFFER_ROWS;

  /** The first rows of the groups, in the order of the sort. The store is done with. */
  const firstRows = async function* (all: RowStore): BatchStream {
    const order = await sortedRows(all, sort.keys, context);
    const table = new GroupTable(keys.map((key) => key.type));
    const groups = new Uint32Array(OUTPUT_ROWS);
    const first = new Uint32Array(OUTPUT_ROWS);
    for (let from = 0; from < order.length; from += OUTPUT_ROWS) {
      const part = order.subarray(from, from + OUTPUT_ROWS);
      const sorted = all.gather(part, part.length);
      const columns = keyEvaluators.map((evaluator) => evaluator.evaluate(sorted));
      let known = table.groupCount;
      table.assign(columns, sorted.rowCount, groups);
      let count = 0;
      for (let row = 0; row < sorted.rowCount; row++) {
        if (groups[row] !== known) continue;
        first[count++] = row;
        known += 1;
      }
      if (count > 0) yield gatherBatch(sorted, first, count);
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    all.release();
  };

  for await (const batch of input) {
    store.append(reducer.reduce(batch));
    if (store.rowCount >= limit) {
      const all = store;
      store = new RowStore(types, context.memory);
      for await (const first of firstRows(all)) store.append(first);
      limit = Math.max(MIN_BUFFER_ROWS, store.rowCount * 8);
    }
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  yield* firstRows(store);
}

/** Whether a sort brings the rows of each group together, best first. */
export function sortsByGroup(node: DistinctOnNode): node is DistinctOnNode & { readonly input: SortNode } {
  const { input, keys } = node;
  if (input.kind !== 'sort' || input.keys.length < keys.length) return false;
  const leading = input.keys.slice(0, keys.length).map((key) => key.expression);
  return keys.every(
    (key) =>
      key.kind === 'column' &&
      leading.some((expression) => expression.kind === 'column' && expression.index === key.index),
  );
}

/**
 * Drops rows of a batch that another row of the same batch and group beats on the next sort key, where that key is a
 * plain number. Runs are sorted by time, so that of a thousand rows of one series one is left.
 */
class BatchReducer {
  readonly #keys: readonly ColumnEvaluator[];
  readonly #table: GroupTable;
  readonly #ranking: SortKey | undefined;
  readonly #rank: ColumnEvaluator | undefined;
  readonly #isLastKey: boolean;
  #groups = new Uint32Array(1024);
  #best = new Int32Array(1024).fill(-1);
  #touched: number[] = [];

  constructor(keys: readonly Expression[], sortKeys: readonly SortKey[], context: ExecutionContext) {
    this.#keys = keys.map((key) => new ColumnEvaluator(key, context));
    this.#table = new GroupTable(keys.map((key) => key.type));
    this.#ranking = sortKeys[keys.length];
    this.#rank = this.#ranking === undefined ? undefined : new ColumnEvaluator(this.#ranking.expression, context);
    // With more keys behind it, equal ranks are not decided here.
    this.#isLastKey = sortKeys.length === keys.length + 1;
  }

  reduce(batch: Batch): Batch {
    const ranking = this.#ranking;
    const rank = this.#isLastKey ? this.#rank?.evaluate(batch) : undefined;
    if (ranking === undefined || rank === undefined || !isPlainNumbers(rank)) return batch;
    const { rowCount } = batch;
    if (this.#groups.length < rowCount) this.#groups = new Uint32Array(rowCount);
    this.#table.assign(
      this.#keys.map((key) => key.evaluate(batch)),
      rowCount,
      this.#groups,
    );
    if (this.#best.length < this.#table.groupCount) this.#best = new Int32Array(this.#table.groupCount * 2).fill(-1);
    const { values } = rank;
    const sign = ranking.isDescending ? 1 : -1;
    for (let row = 0; row < rowCount; row++) {
      if (values[row] !== values[row]) {
        this.#forget();
        return batch;
      }
      const group = this.#groups[row];
      const best = this.#best[group];
      if (best < 0) this.#touched.push(group);
      if (best < 0 || sign * values[row] > sign * values[best]) this.#best[group] = row;
    }
    const rows = Uint32Array.from(this.#touched, (group) => this.#best[group]).sort();
    this.#forget();
    return gatherBatch(batch, rows, rows.length);
  }

  #forget(): void {
    for (const group of this.#touched) this.#best[group] = -1;
    this.#touched = [];
  }
}
