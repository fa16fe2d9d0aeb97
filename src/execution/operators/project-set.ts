import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import { hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ProjectSetNode } from '../../sql/plan/table-function-nodes.ts';
import type { Value } from '../../types/value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';
import { rowsOfCall } from './table-function.ts';

const OUTPUT_ROWS = 1024;

/** Functions that give rows, within a select list: they step on together, and those that ended give NULL. */
export async function* projectSet(input: BatchStream, node: ProjectSetNode, context: ExecutionContext): BatchStream {
  const operands = node.calls.map((call) => call.arguments.map((argument) => new ColumnEvaluator(argument, context)));
  const waits = node.calls.some((call) => call.arguments.some(hasSubquery));
  const output = new SetOutput(node);
  for await (const batch of input) {
    const evaluate = (): Column[][] =>
      operands.map((evaluators) => evaluators.map((evaluator) => evaluator.evaluate(batch)));
    const columns = waits ? await settle(context, evaluate) : evaluate();
    output.begin(batch);
    for (let row = 0; row < batch.rowCount; row++) {
      const sources = node.calls.map((call, at) => {
        const values = columns[at].map((column) => valueAt(column, row));
        return rowsOfCall(call, values, context)[Symbol.iterator]();
      });
      while (output.add(row, sources)) {
        if (output.rowCount < OUTPUT_ROWS) continue;
        yield output.take();
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    if (output.rowCount > 0) yield output.take();
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}

/** Input rows by number, beside what the functions gave. */
class SetOutput {
  readonly #node: ProjectSetNode;
  readonly #rows = new Uint32Array(OUTPUT_ROWS);
  #batch: Batch = { rowCount: 0, columns: [] };
  #builders: ColumnBuilder[];
  #rowCount = 0;

  constructor(node: ProjectSetNode) {
    this.#node = node;
    this.#builders = this.#newBuilders();
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  begin(batch: Batch): void {
    this.#batch = batch;
  }

  /** The next row of all functions; false when none has one. */
  add(row: number, sources: readonly Iterator<Value>[]): boolean {
    const steps = sources.map((source) => source.next());
    if (steps.every((step) => step.done === true)) return false;
    steps.forEach((step, at) => {
      this.#builders[at].push(step.done === true ? null : step.value);
    });
    this.#rows[this.#rowCount] = row;
    this.#rowCount += 1;
    return true;
  }

  take(): Batch {
    const count = this.#rowCount;
    const columns = [
      ...this.#batch.columns.map((column) => gatherColumn(column, this.#rows, count)),
      ...this.#builders.map((builder) => builder.finish()),
    ];
    this.#builders = this.#newBuilders();
    this.#rowCount = 0;
    return { rowCount: count, columns };
  }

  #newBuilders(): ColumnBuilder[] {
    const { calls, output } = this.#node;
    return output
      .slice(output.length - calls.length)
      .map(({ type }) => new ColumnBuilder(type.definition.representation, { capacity: OUTPUT_ROWS }));
  }
}
