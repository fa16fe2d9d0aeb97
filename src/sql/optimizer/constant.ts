import type { Value } from '../../types/value.ts';
import type { ConstantExpression, Expression } from '../expression/expression.ts';

export function isConstant(expression: Expression): expression is ConstantExpression {
  return expression.kind === 'constant';
}

/** The value of a boolean constant (null for NULL); undefined for what is not constant. */
export function boolOf(expression: Expression): boolean | null | undefined {
  return expression.kind === 'constant' ? (expression.value as boolean | null) : undefined;
}

export function constantOf(value: Value, like: Expression): ConstantExpression {
  return { kind: 'constant', value, type: like.type };
}
