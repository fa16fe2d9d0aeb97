import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator, RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { AggregateCall } from '../../sql/plan/aggregate-node.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

/** What an aggregate call reads of a batch: its arguments at the rows that FILTER lets pass. */
export interface CallRows {
  readonly columns: readonly Column[];
  readonly rowCount: number;
  /** The rows of the batch that these are; undefined: all of them. */
  readonly selection: Uint32Array | undefined;
}

/**
 * Evaluates an aggregate call's FILTER, then its arguments (they are not evaluated for rows that it drops), then the
 * sort keys that are no arguments.
 */
export class CallInput {
  readonly expressions: readonly Expression[];
  readonly #evaluators: readonly ColumnEvaluator[];
  readonly #filter: RowFilter | undefined;
  readonly #context: ExecutionContext;
  readonly #waits: boolean;
  #selection = new Uint32Array(0);

  constructor(call: AggregateCall, expressions: readonly Expression[], context: ExecutionContext) {
    this.expressions = expressions;
    this.#evaluators = expressions.map((expression) => new ColumnEvaluator(expression, context));
    this.#filter = call.filter === undefined ? undefined : new RowFilter(call.filter, context);
    this.#context = context;
    this.#waits = [...expressions, ...(call.filter === undefined ? [] : [call.filter])].some(hasSubquery);
  }

  /** A promise only where subqueries have to be run. */
  evaluate(batch: Batch): CallRows | Promise<CallRows> {
    return this.#waits ? settle(this.#context, () => this.#evaluate(batch)) : this.#evaluate(batch);
  }

  #evaluate(batch: Batch): CallRows {
    if (this.#filter === undefined) return this.#rowsOf(batch, undefined);
    if (this.#selection.length < batch.rowCount) this.#selection = new Uint32Array(batch.rowCount);
    const count = this.#filter.select(batch, this.#selection);
    if (count === batch.rowCount) return this.#rowsOf(batch, undefined);
    return this.#rowsOf(gatherBatch(batch, this.#selection, count), this.#selection);
  }

  #rowsOf(batch: Batch, selection: Uint32Array | undefined): CallRows {
    const columns = batch.rowCount === 0 ? [] : this.#evaluators.map((evaluator) => evaluator.evaluate(batch));
    return { columns, rowCount: batch.rowCount, selection };
  }
}
