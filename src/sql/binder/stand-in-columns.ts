import type { ColumnExpression, Expression } from '../expression/expression.ts';

/**
 * While the expressions of a SELECT are bound, columns numbered from here on stand for its set-returning functions, its
 * aggregates, its GROUPING calls and its window function calls, whose places are known only later. No table has so many columns.
 */
export const FIRST_SET_CALL = 2 ** 29;
export const FIRST_AGGREGATE = 2 ** 30;
export const FIRST_GROUPING = FIRST_AGGREGATE + 2 ** 27;
export const FIRST_WINDOW_CALL = FIRST_AGGREGATE + 2 ** 28;

/** Whether a column stands for a set-returning function. */
export function isSetCall(expression: Expression): expression is ColumnExpression {
  return expression.kind === 'column' && expression.index >= FIRST_SET_CALL && expression.index < FIRST_AGGREGATE;
}
