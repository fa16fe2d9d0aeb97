import { valueAt } from '../columnar/column.ts';
import { ColumnEvaluator, type EvaluationContext } from '../sql/expression/compile-expression.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { Value } from '../types/value.ts';

/** The value of an expression that reads no column: a limit, a time bound, an item of VALUES. */
export function evaluateExpression(expression: Expression, context: EvaluationContext): Value {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind === 'parameter') return context.parameters[expression.index] ?? null;
  if (expression.kind === 'correlated') return context.slots?.[expression.slot] ?? null;
  const evaluator = new ColumnEvaluator(expression, context);
  return valueAt(evaluator.evaluate({ rowCount: 1, columns: [] }), 0);
}
