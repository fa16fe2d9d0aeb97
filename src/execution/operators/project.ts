import type { Batch, BatchStream } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { childrenOf, hasSubquery } from '../../sql/expression/walk-expression.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { settle } from '../subquery/settle.ts';

/** A batch of results should not hold much more text than this: it is made in one go, while everybody waits. */
const TARGET_TEXT_UNITS = 1024 * 1024;
/** Rows of the first slice, before it is known how long the texts are. */
const FIRST_SLICE_ROWS = 64;

/** Computes the select list. Where it makes texts, batches are as long as the texts are short. */
export async function* project(
  input: BatchStream,
  expressions: readonly Expression[],
  context: ExecutionContext,
): BatchStream {
  const evaluators = expressions.map((expression) => new ColumnEvaluator(expression, context));
  const waits = expressions.map(hasSubquery);
  const makesText = expressions.some(
    (expression) => expression.type.definition.representation === 'text' && expression.kind !== 'column',
  );
  // So do those that a subquery beside them looks at.
  const calls = countingCalls(expressions);
  const isRowByRow = calls > 1 || (calls > 0 && waits.includes(true));
  let sliceRows = isRowByRow ? 1 : makesText ? FIRST_SLICE_ROWS : Number.POSITIVE_INFINITY;
  for await (const batch of input) {
    for (let from = 0; from < batch.rowCount; ) {
      const to = Math.min(from + sliceRows, batch.rowCount);
      const slice = sliceBatch(batch, from, to);
      const columns: Column[] = [];
      for (const [at, evaluator] of evaluators.entries()) {
        columns.push(waits[at] ? await settle(context, () => evaluator.evaluate(slice)) : evaluator.evaluate(slice));
      }
      const result: Batch = { rowCount: to - from, columns };
      if (makesText && !isRowByRow) sliceRows = sliceFor(textUnitsOf(result) / result.rowCount);
      from = to;
      if (context.control.owesAnything) await context.control.pay();
      yield result;
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  }
}

/** Calls of nextval() and its like: two of them in a row see each other, and those of the row before. */
function countingCalls(expressions: readonly Expression[]): number {
  let count = 0;
  const visit = (expression: Expression): void => {
    if (expression.kind === 'call' && expression.function.countsCalls === true) count++;
    childrenOf(expression).forEach(visit);
  };
  expressions.forEach(visit);
  return count;
}

function sliceFor(textUnitsPerRow: number): number {
  return textUnitsPerRow === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.floor(TARGET_TEXT_UNITS / textUnitsPerRow));
}

function textUnitsOf(batch: Batch): number {
  let units = 0;
  for (const column of batch.columns) {
    if (column.kind !== 'value') continue;
    for (let row = 0; row < batch.rowCount; row++) {
      const value = column.values[row];
      if (typeof value === 'string') units += value.length;
    }
  }
  return units;
}
