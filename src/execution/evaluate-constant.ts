import { valueAt } from '../columnar/column.ts';
import type { FunctionEnvironment } from '../functions/environment.ts';
import { ColumnEvaluator } from '../sql/expression/compile-expression.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { Value } from '../types/value.ts';

/** The value of an expression that reads no column: a limit, a time bound, an item of VALUES. */
export function evaluateExpression(
  expression: Expression,
  parameters: readonly Value[],
  environment: FunctionEnvironment,
): Value {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind === 'parameter') return parameters[expression.index] ?? null;
  const evaluator = new ColumnEvaluator(expression, { parameters, environment });
  return valueAt(evaluator.evaluate({ rowCount: 1, columns: [] }), 0);
}
