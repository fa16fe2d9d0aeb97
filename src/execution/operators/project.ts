import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** Computes the select list. */
export async function* project(
  input: BatchStream,
  expressions: readonly Expression[],
  context: ExecutionContext,
): BatchStream {
  const evaluators = expressions.map((expression) => new ColumnEvaluator(expression, context));
  for await (const batch of input) {
    yield { rowCount: batch.rowCount, columns: evaluators.map((evaluator) => evaluator.evaluate(batch)) };
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
}
