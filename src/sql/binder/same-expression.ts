import type { Expression } from '../expression/expression.ts';
import { childrenOf } from '../expression/walk-expression.ts';

/** Whether two bound expressions mean the same over the same row, wherever in the text they stand. */
export function sameExpression(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind || left.type.definition !== right.type.definition) return false;
  if (left.type.typmod !== right.type.typmod || !sameNode(left, right)) return false;
  const leftChildren = childrenOf(left);
  const rightChildren = childrenOf(right);
  return (
    leftChildren.length === rightChildren.length &&
    leftChildren.every((child, at) => sameExpression(child, rightChildren[at]))
  );
}

export function sameExpressions(left: readonly Expression[], right: readonly Expression[]): boolean {
  return left.length === right.length && left.every((expression, at) => sameExpression(expression, right[at]));
}

/** What a node says beyond its kind, type and children. */
function sameNode(left: Expression, right: Expression): boolean {
  switch (left.kind) {
    case 'constant':
      if (right.kind !== 'constant') return false;
      if (left.value === null || right.value === null) return left.value === right.value;
      if (typeof left.value !== 'object') return Object.is(left.value, right.value);
      return left.type.definition.hashKey(left.value) === left.type.definition.hashKey(right.value);
    case 'column':
      return right.kind === 'column' && left.index === right.index;
    case 'parameter':
      return right.kind === 'parameter' && left.index === right.index;
    case 'call':
      // A volatile call gives another value each time.
      return right.kind === 'call' && left.function === right.function && left.function.volatility !== 'volatile';
    case 'null-test':
      return right.kind === 'null-test' && left.isNegated === right.isNegated;
    case 'boolean-test':
      return right.kind === 'boolean-test' && left.test === right.test && left.isNegated === right.isNegated;
    case 'distinct-test':
      return right.kind === 'distinct-test' && left.equals === right.equals && left.isNegated === right.isNegated;
    case 'nullif':
      return right.kind === 'nullif' && left.equals === right.equals;
    case 'case':
      return right.kind === 'case' && (left.otherwise === undefined) === (right.otherwise === undefined);
    case 'in-list':
      return right.kind === 'in-list' && left.equals === right.equals && left.isNegated === right.isNegated;
    case 'array-comparison':
      return right.kind === 'array-comparison' && left.operator === right.operator && left.isAll === right.isAll;
    default:
      return true;
  }
}
