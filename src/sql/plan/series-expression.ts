import type { Expression } from '../expression/expression.ts';
import { mayFail } from '../expression/may-fail.ts';
import { isVolatile } from '../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../expression/walk-expression.ts';
import type { ScanNode } from './scan-node.ts';

/** Whether an expression over a scan reads tags alone, and cannot fail for a series none of whose rows are wanted. */
export function isOfSeries(expression: Expression, { table, columns }: ScanNode): boolean {
  if (table.timeSeries === undefined || hasSubquery(expression) || isVolatile(expression)) return false;
  const readsTags = columnsUsed(expression).every((column) => table.columns[columns[column]].role === 'tag');
  return readsTags && !mayFail(expression);
}
