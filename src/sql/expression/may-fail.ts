import type { Expression } from './expression.ts';
import { someExpression } from './walk-expression.ts';

/** Whether some value of what it reads may make the expression raise an error; when in doubt, it may. */
export function mayFail(expression: Expression): boolean {
  return someExpression(expression, partMayFail);
}

function partMayFail(part: Expression): boolean {
  switch (part.kind) {
    case 'constant':
    case 'column':
    case 'parameter':
    case 'correlated':
    case 'relabel':
    case 'and':
    case 'or':
    case 'not':
    case 'null-test':
    case 'coalesce':
    case 'case':
    case 'in-constants':
      return false;
    case 'in-list':
      return part.equals.mayThrow;
    case 'call':
      return part.function.mayThrow;
    default:
      return true;
  }
}
