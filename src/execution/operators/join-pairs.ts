import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherBatch, gatherColumn } from '../../columnar/copy-rows.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import { hasRightSide, type JoinNode } from '../../sql/plan/join-nodes.ts';
import type { OutputColumn } from '../../sql/plan/plan-node.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { RowStore } from '../row-store.ts';
import { moreThanOneRow } from '../subquery/run-subquery.ts';
import { settle } from '../subquery/settle.ts';

const PAIR_ROWS = 2048;

/** Pairs of a left batch's rows with right rows, filtered by the rest of the condition; and the rows without a pair. */
export class JoinPairs {
  readonly #node: JoinNode;
  readonly #store: RowStore;
  readonly #context: ExecutionContext;
  readonly #filter: RowFilter | undefined;
  readonly #waits: boolean;
  readonly #leftRows = new Uint32Array(PAIR_ROWS);
  readonly #rightRows = new Uint32Array(PAIR_ROWS);
  #selection = new Uint32Array(PAIR_ROWS);
  #count = 0;
  #batch: Batch = { rowCount: 0, columns: [] };
  /** By left row of the batch, and by right row; only of joins that ask for them. */
  readonly #notesLeft: boolean;
  #leftHasMatch = new Uint8Array(0);
  readonly #rightHasMatch: Uint8Array | undefined;

  constructor(node: JoinNode, store: RowStore, context: ExecutionContext) {
    const { type, condition } = node;
    this.#node = node;
    this.#store = store;
    this.#context = context;
    this.#filter = condition === undefined ? undefined : new RowFilter(condition, context);
    this.#waits = condition !== undefined && hasSubquery(condition);
    this.#notesLeft = type !== 'inner' && type !== 'right';
    this.#rightHasMatch = type === 'right' || type === 'full' ? new Uint8Array(store.rowCount) : undefined;
  }

  begin(batch: Batch): void {
    this.#batch = batch;
    if (this.#notesLeft) this.#leftHasMatch = new Uint8Array(batch.rowCount);
  }

  /** Of a semi or anti join: one partner is enough. */
  isDecided(leftRow: number): boolean {
    return this.#leftHasMatch[leftRow] === 1;
  }

  /** True when the pair filled the batch, which must then be taken. */
  add(leftRow: number, rightRow: number): boolean {
    this.#leftRows[this.#count] = leftRow;
    this.#rightRows[this.#count] = rightRow;
    this.#count += 1;
    return this.#count === PAIR_ROWS;
  }

  /** Notes that the row has a partner, where no more is asked. */
  noteLeft(leftRow: number): void {
    this.#leftHasMatch[leftRow] = 1;
  }

  /** The pairs so far that satisfy the condition. */
  async take(): Promise<Batch | undefined> {
    const count = this.#count;
    this.#count = 0;
    if (count === 0) return undefined;
    const filter = this.#filter;
    if (filter === undefined) {
      this.#noteMatches(undefined, count);
      return hasRightSide(this.#node) ? this.#pairs(count) : undefined;
    }
    const pairs = this.#pairs(count);
    const select = (): number => filter.select(pairs, this.#selection);
    const passing = this.#waits ? await settle(this.#context, select) : select();
    this.#noteMatches(this.#selection, passing);
    if (passing === 0 || !hasRightSide(this.#node)) return undefined;
    return passing === count ? pairs : gatherBatch(pairs, this.#selection, passing);
  }

  /** Left rows of the batch by whether they have a match: beside NULLs in an outer join, alone in a semi or anti join. */
  leftRows(): Batch | undefined {
    if (!this.#notesLeft) return undefined;
    const { type } = this.#node;
    const wanted = type === 'semi' ? 1 : 0;
    const { rowCount } = this.#batch;
    if (this.#selection.length < rowCount) this.#selection = new Uint32Array(rowCount);
    const rows = this.#selection;
    let count = 0;
    for (let row = 0; row < rowCount; row++) if (this.#leftHasMatch[row] === wanted) rows[count++] = row;
    if (count === 0) return undefined;
    const columns = this.#batch.columns.map((column) => gatherColumn(column, rows, count));
    if (hasRightSide(this.#node)) columns.push(...nulls(this.#node.right.output, count));
    return { rowCount: count, columns };
  }

  /** Right rows without a match, beside NULLs: what a right or full join adds when all is done. */
  *rightRows(): Generator<Batch> {
    const hasMatch = this.#rightHasMatch;
    if (hasMatch === undefined) return;
    const rows = new Uint32Array(PAIR_ROWS);
    for (let row = 0; row < hasMatch.length; ) {
      let count = 0;
      for (; row < hasMatch.length && count < PAIR_ROWS; row++) if (hasMatch[row] === 0) rows[count++] = row;
      if (count === 0) return;
      const right = this.#store.gather(rows, count);
      yield { rowCount: count, columns: [...nulls(this.#node.left.output, count), ...right.columns] };
    }
  }

  #pairs(count: number): Batch {
    return {
      rowCount: count,
      columns: [
        ...this.#batch.columns.map((column) => gatherColumn(column, this.#leftRows, count)),
        ...this.#store.gather(this.#rightRows, count).columns,
      ],
    };
  }

  #noteMatches(selection: Uint32Array | undefined, count: number): void {
    const right = this.#rightHasMatch;
    for (let index = 0; index < count; index++) {
      const pair = selection === undefined ? index : selection[index];
      if (right !== undefined) right[this.#rightRows[pair]] = 1;
      if (!this.#notesLeft) continue;
      const leftRow = this.#leftRows[pair];
      if (this.#node.isSingle === true && this.#leftHasMatch[leftRow] === 1) throw moreThanOneRow();
      this.#leftHasMatch[leftRow] = 1;
    }
  }
}

function nulls(output: readonly OutputColumn[], count: number): Column[] {
  return output.map(({ type }) => {
    const builder = new ColumnBuilder(type.definition.representation, { capacity: count, text: 'dictionary' });
    for (let row = 0; row < count; row++) builder.pushNull();
    return builder.finish();
  });
}
