import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherBatch, gatherColumn } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import type { JoinNode } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { RowStore } from '../row-store.ts';

const PAIR_ROWS = 2048;
const END = -1;

/**
 * Inner and left joins. The right side is kept; with equalities it is hashed by key (each key's rows form a chain),
 * otherwise every pair is looked at. Pairs are made in batches of 2,048 and the rest of the condition filters them.
 */
export async function* join(
  left: BatchStream,
  right: BatchStream,
  node: JoinNode,
  context: ExecutionContext,
): BatchStream {
  const build = await buildSide(right, node, context);
  const pairs = new PairBatches(node, build.store, context);
  const matches = build.index === undefined ? everyRow(build.store) : build.index.matcher(node, context);
  for await (const batch of left) {
    const first = matches.firstMatches(batch);
    pairs.begin(batch);
    for (let leftRow = 0; leftRow < batch.rowCount; leftRow++) {
      for (
        let rightRow = first === undefined ? matches.start : first[leftRow];
        rightRow !== END;
        rightRow = matches.next(rightRow)
      ) {
        if (!pairs.add(leftRow, rightRow)) continue;
        const full = pairs.take();
        if (full !== undefined) yield full;
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    const rest = pairs.take();
    if (rest !== undefined) yield rest;
    const unmatched = pairs.unmatched();
    if (unmatched !== undefined) yield unmatched;
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  build.store.release();
}

async function buildSide(
  right: BatchStream,
  node: JoinNode,
  context: ExecutionContext,
): Promise<{ store: RowStore; index: JoinIndex | undefined }> {
  const store = new RowStore(
    node.right.output.map((column) => column.type),
    context.memory,
  );
  for await (const batch of right) {
    store.append(batch);
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  if (node.equalities.length === 0) return { store, index: undefined };
  return { store, index: await JoinIndex.build(store, node, context) };
}

/** How the rows of the right side are found for a row of the left: a chain from a first row by `next` to -1. */
interface RowMatcher {
  /** Per left row the first right row, or -1; undefined when all start at `start`. */
  firstMatches(batch: Batch): Int32Array | undefined;
  readonly start: number;
  next(rightRow: number): number;
}

function everyRow(store: RowStore): RowMatcher {
  return {
    firstMatches: () => undefined,
    start: store.rowCount === 0 ? END : 0,
    next: (rightRow) => (rightRow + 1 < store.rowCount ? rightRow + 1 : END),
  };
}

/** The right side's keys: per key a chain of rows, in their order of arrival. */
class JoinIndex {
  readonly #table: GroupTable;
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  private constructor(table: GroupTable, first: Int32Array, next: Int32Array) {
    this.#table = table;
    this.#first = first;
    this.#next = next;
  }

  static async build(store: RowStore, node: JoinNode, context: ExecutionContext): Promise<JoinIndex> {
    const rowCount = store.rowCount;
    const table = new GroupTable(node.equalities.map((equality) => equality.right.type));
    const keys = node.equalities.map((equality) =>
      new ColumnEvaluator(equality.right, context).evaluate({ rowCount, columns: store.columns() }),
    );
    const groups = new Int32Array(rowCount);
    table.assignNonNull(keys, rowCount, groups);
    const first = new Int32Array(table.groupCount).fill(END);
    const next = new Int32Array(rowCount).fill(END);
    // Backwards, so that each chain runs forward.
    for (let row = rowCount - 1; row >= 0; row--) {
      const group = groups[row];
      if (group === END) continue;
      next[row] = first[group];
      first[group] = row;
    }
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
    return new JoinIndex(table, first, next);
  }

  matcher(node: JoinNode, context: ExecutionContext): RowMatcher {
    const evaluators = node.equalities.map((equality) => new ColumnEvaluator(equality.left, context));
    let found = new Int32Array(1024);
    return {
      firstMatches: (batch) => {
        if (found.length < batch.rowCount) found = new Int32Array(batch.rowCount);
        this.#table.find(
          evaluators.map((evaluator) => evaluator.evaluate(batch)),
          batch.rowCount,
          found,
        );
        for (let row = 0; row < batch.rowCount; row++) found[row] = found[row] === END ? END : this.#first[found[row]];
        return found;
      },
      start: END,
      next: (rightRow) => this.#next[rightRow],
    };
  }
}

/** Pairs of a left batch's rows with right rows, filtered by the rest of the condition. */
class PairBatches {
  readonly #node: JoinNode;
  readonly #store: RowStore;
  readonly #filter: RowFilter | undefined;
  readonly #leftRows = new Uint32Array(PAIR_ROWS);
  readonly #rightRows = new Uint32Array(PAIR_ROWS);
  readonly #selection = new Uint32Array(PAIR_ROWS);
  #count = 0;
  #batch: Batch = { rowCount: 0, columns: [] };
  #hasMatch = new Uint8Array(0);

  constructor(node: JoinNode, store: RowStore, context: ExecutionContext) {
    this.#node = node;
    this.#store = store;
    this.#filter = node.condition === undefined ? undefined : new RowFilter(node.condition, context);
  }

  begin(batch: Batch): void {
    this.#batch = batch;
    if (this.#node.type === 'left') this.#hasMatch = new Uint8Array(batch.rowCount);
  }

  /** True when the pair filled the batch, which must then be taken. */
  add(leftRow: number, rightRow: number): boolean {
    this.#leftRows[this.#count] = leftRow;
    this.#rightRows[this.#count] = rightRow;
    this.#count += 1;
    return this.#count === PAIR_ROWS;
  }

  /** The pairs so far that satisfy the condition. */
  take(): Batch | undefined {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return undefined;
    const pairs: Batch = {
      rowCount: count,
      columns: [
        ...this.#batch.columns.map((column) => gatherColumn(column, this.#leftRows, count)),
        ...this.#store.columns().map((column) => gatherColumn(column, this.#rightRows, count)),
      ],
    };
    if (this.#filter === undefined) {
      this.#noteMatches(undefined, count);
      return pairs;
    }
    const passing = this.#filter.select(pairs, this.#selection);
    this.#noteMatches(this.#selection, passing);
    if (passing === 0) return undefined;
    return passing === count ? pairs : gatherBatch(pairs, this.#selection, passing);
  }

  /** Left rows without a match, beside NULLs: what LEFT JOIN adds. */
  unmatched(): Batch | undefined {
    if (this.#node.type !== 'left') return undefined;
    const rows =
      this.#selection.length >= this.#batch.rowCount ? this.#selection : new Uint32Array(this.#batch.rowCount);
    let count = 0;
    for (let row = 0; row < this.#batch.rowCount; row++) if (this.#hasMatch[row] === 0) rows[count++] = row;
    if (count === 0) return undefined;
    return {
      rowCount: count,
      columns: [
        ...this.#batch.columns.map((column) => gatherColumn(column, rows, count)),
        ...this.#node.right.output.map(({ type }) => nulls(type.definition.representation, count)),
      ],
    };
  }

  #noteMatches(selection: Uint32Array | undefined, count: number): void {
    if (this.#node.type !== 'left') return;
    for (let index = 0; index < count; index++) {
      this.#hasMatch[this.#leftRows[selection === undefined ? index : selection[index]]] = 1;
    }
  }
}

function nulls(representation: ConstructorParameters<typeof ColumnBuilder>[0], count: number): Column {
  const builder = new ColumnBuilder(representation, { capacity: count, text: 'dictionary' });
  for (let row = 0; row < count; row++) builder.pushNull();
  return builder.finish();
}
