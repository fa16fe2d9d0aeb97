import type { Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';

/** The first column of this query's own rows that an expression reads. */
export function firstColumn(expression: Expression): Expression | undefined {
  if (expression.kind === 'column') return expression;
  for (const child of childrenOf(expression)) {
    const found = firstColumn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
