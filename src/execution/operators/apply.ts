import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherBatch, gatherColumn, sliceBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ApplyNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowStore } from '../row-store.ts';
import { inputKey } from '../subquery/input-key.ts';
import { slotsOf } from '../subquery/run-subquery.ts';
import { settle } from '../subquery/settle.ts';

const OUTPUT_ROWS = 1024;
/** Rows of the right side that are kept for left rows with the same values. */
const MAX_KEPT_ROWS = 100_000;

/**
 * LATERAL: runs the right side for each row of the left. Left rows with equal values share one run, as long as few enough
 * rows are to be kept for that.
 */
export async function* apply(
  left: BatchStream,
  node: ApplyNode,
  context: ExecutionContext,
  run: (plan: LogicalPlan, within: ExecutionContext) => BatchStream,
): BatchStream {
  const evaluators = node.bindings.map(({ value }) => new ColumnEvaluator(value, context));
  const types = node.bindings.map(({ value }) => value.type.definition);
  const waits = node.bindings.some(({ value }) => hasSubquery(value));
  const kept = new KeptRows(node, context);
  const pairs = new RowPairs(node, context);
  for await (const batch of left) {
    const evaluate = (): Column[] => evaluators.map((evaluator) => evaluator.evaluate(batch));
    const values = waits ? await settle(context, evaluate) : evaluate();
    for (let row = 0; row < batch.rowCount; row++) {
      const inputs = values.map((column) => valueAt(column, row));
      const key = inputKey(inputs, types);
      let rows = kept.find(key);
      if (rows === undefined) {
        const slots = slotsOf(node.bindings, inputs, context.slots);
        rows = await kept.read(key, run(node.right, { ...context, slots }));
      }
      let isMatched = false;
      for (const right of rows.batches()) {
        for (let from = 0; from < right.rowCount; from += OUTPUT_ROWS) {
          const part = sliceBatch(right, from, Math.min(from + OUTPUT_ROWS, right.rowCount));
          if (await pairs.add(batch, row, part)) isMatched = true;
          if (pairs.rowCount >= OUTPUT_ROWS) yield pairs.take();
          const turn = context.control.yieldIfDue();
          if (turn !== undefined) await turn;
        }
      }
      if (!isMatched && node.type === 'left') pairs.addAlone(batch, row);
      if (pairs.rowCount >= OUTPUT_ROWS) yield pairs.take();
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }
  if (pairs.rowCount > 0) yield pairs.take();
  kept.release();
}

/** The rows of the right side by the values that they depend on. */
class KeptRows {
  readonly #node: ApplyNode;
  readonly #context: ExecutionContext;
  readonly #rows = new Map<unknown, RowStore>();
  #rowCount = 0;
  #last: RowStore | undefined;

  constructor(node: ApplyNode, context: ExecutionContext) {
    this.#node = node;
    this.#context = context;
  }

  find(key: unknown): RowStore | undefined {
    return this.#rows.get(key);
  }

  async read(key: unknown, stream: BatchStream): Promise<RowStore> {
    this.#last?.release();
    this.#last = undefined;
    const types = this.#node.right.output.map((column) => column.type);
    const store = new RowStore(types, this.#context.memory);
    for await (const batch of stream) {
      store.append(batch);
      const turn = this.#context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    // An entry costs as much as some rows.
    this.#rowCount += store.rowCount + 1;
    if (!this.#node.isVolatile && this.#rowCount <= MAX_KEPT_ROWS) this.#rows.set(key, store);
    else this.#last = store;
    return store;
  }

  release(): void {
    this.#last?.release();
    for (const store of this.#rows.values()) store.release();
  }
}

/** Left rows beside their right rows, collected to batches. */
class RowPairs {
  readonly #node: ApplyNode;
  readonly #context: ExecutionContext;
  readonly #filter: RowFilter | undefined;
  readonly #waits: boolean;
  #builders: readonly ColumnBuilder[];
  #rowCount = 0;

  constructor(node: ApplyNode, context: ExecutionContext) {
    const { condition } = node;
    this.#node = node;
    this.#context = context;
    this.#filter = condition === undefined ? undefined : new RowFilter(condition, context);
    this.#waits = condition !== undefined && hasSubquery(condition);
    this.#builders = this.#newBuilders();
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** The pairs of a left row with some of its right rows; false when no pair fulfils the condition. */
  async add(left: Batch, row: number, right: Batch): Promise<boolean> {
    const width = left.columns.length;
    const rows = await this.#matches(left, row, right);
    if (rows.rowCount === 0) return false;
    for (let at = 0; at < width; at++) {
      for (let count = 0; count < rows.rowCount; count++) this.#builders[at].pushFrom(left.columns[at], row);
    }
    rows.columns.forEach((column, at) => {
      this.#builders[width + at].pushRange(column, 0, rows.rowCount);
    });
    this.#rowCount += rows.rowCount;
    return true;
  }

  /** A left row without a right one. */
  addAlone(left: Batch, row: number): void {
    const width = left.columns.length;
    for (let at = 0; at < width; at++) this.#builders[at].pushFrom(left.columns[at], row);
    for (let at = width; at < this.#builders.length; at++) this.#builders[at].pushNull();
    this.#rowCount += 1;
  }

  take(): Batch {
    const batch = { rowCount: this.#rowCount, columns: this.#builders.map((builder) => builder.finish()) };
    this.#builders = this.#newBuilders();
    this.#rowCount = 0;
    return batch;
  }

  async #matches(left: Batch, row: number, rows: Batch): Promise<Batch> {
    const filter = this.#filter;
    if (filter === undefined || rows.rowCount === 0) return rows;
    const repeated = new Uint32Array(rows.rowCount).fill(row);
    const joined: Batch = {
      rowCount: rows.rowCount,
      columns: [...left.columns.map((column) => gatherColumn(column, repeated, rows.rowCount)), ...rows.columns],
    };
    const selection = new Uint32Array(rows.rowCount);
    const select = (): number => filter.select(joined, selection);
    const count = this.#waits ? await settle(this.#context, select) : select();
    return count === rows.rowCount ? rows : gatherBatch(rows, selection, count);
  }

  #newBuilders(): ColumnBuilder[] {
    return this.#node.output.map(
      ({ type }) => new ColumnBuilder(type.definition.representation, { capacity: OUTPUT_ROWS }),
    );
  }
}
