import type { Expression } from './expression.ts';
import { someExpression } from './walk-expression.ts';

/** Whether each evaluation may give another value, so that how often and where it is evaluated matters. */
export function isVolatile(expression: Expression): boolean {
  return someExpression(
    expression,
    (part) =>
      (part.kind === 'call' && part.function.volatility === 'volatile') ||
      (part.kind === 'subquery' && part.isVolatile),
  );
}
