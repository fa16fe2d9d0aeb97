import { voidType } from '../../types/pseudo-types.ts';
import type { FunctionCallSyntax } from '../syntax/expression-ast.ts';
import { bindOperand } from './bind-expression.ts';
import type { Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';

/**
 * What is written in the parentheses of a call. Parameters that were declared as void count as not written: so JDBC
 * tells of the result in `{? = call f(?)}`, which it sends as `f($1, $2)`.
 */
export function bindWrittenArguments(context: ExpressionContext, call: FunctionCallSyntax): readonly Operand[] {
  const operands = call.arguments.map((argument) => bindOperand(context, argument));
  if (call.isVariadic === true || call.argumentNames !== undefined) return operands;
  return operands.filter(({ expression }) => !isVoidParameter(expression));
}

function isVoidParameter(expression: Operand['expression']): boolean {
  return expression.kind === 'parameter' && expression.type.definition === voidType;
}
