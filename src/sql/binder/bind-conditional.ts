import { notSupported } from '../../errors/sql-error.ts';
import type { CaseExpression, Expression } from '../expression/expression.ts';
import { isVolatile } from '../expression/volatility.ts';
import type { CaseSyntax, CoalesceSyntax, ExtremeSyntax, NullIfSyntax, SyntaxExpression } from '../syntax/ast.ts';
import { bindCondition, bindOperand } from './bind-expression.ts';
import { applyOperator, matchOperator } from './bind-operator.ts';
import { checkNoSets } from './bind-set-call.ts';
import { coerceToBoolean, type Operand, resolveUnknown } from './coerce.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import type { ExpressionContext } from './expression-context.ts';
import { unknownType } from './well-known-types.ts';

/** `CASE x WHEN y …` is bound as `CASE WHEN x = y …`. */
export function bindCase(context: ExpressionContext, syntax: CaseSyntax): CaseExpression {
  const before = context.sets?.additionCount;
  const conditions = syntax.operand === undefined ? undefined : bindComparisons(context, syntax, syntax.operand);
  const whens = conditions ?? syntax.branches.map((branch) => bindCondition(context, branch.when, 'CASE/WHEN'));
  const results = syntax.branches.map((branch) => bindOperand(context, branch.then));
  const otherwise: Operand =
    syntax.otherwise === undefined
      ? { expression: { kind: 'constant', value: null, type: unknownType }, syntax: undefined }
      : bindOperand(context, syntax.otherwise);
  // ELSE comes first where the types are weighed, as PostgreSQL does it.
  const operands = [otherwise, ...results];
  checkNoSets(context, before, 'set-returning functions are not allowed in CASE');
  const type = commonTypeOf(operands, 'CASE');
  const [last, ...thens] = coerceToCommon(context.binding, operands, type, 'CASE');
  return {
    kind: 'case',
    ...(conditions === undefined ? {} : { hasOperand: true }),
    branches: whens.map((when, at) => ({ when, then: thens[at] })),
    otherwise: syntax.otherwise === undefined ? undefined : last,
    type,
  };
}

function bindComparisons(context: ExpressionContext, syntax: CaseSyntax, operand: SyntaxExpression): Expression[] {
  const { binding } = context;
  const bound = bindOperand(context, operand);
  const expression = resolveUnknown(binding, bound);
  if (syntax.branches.length > 1 && isVolatile(expression)) {
    // Each branch would see another value.
    throw notSupported('CASE over a volatile operand', operand.position, 'Compute it in a subquery first.');
  }
  const tested: Operand = { expression, syntax: operand };
  return syntax.branches.map((branch) => {
    const when = bindOperand(context, branch.when);
    const comparison = applyOperator(binding, '=', tested, when, branch.position);
    return coerceToBoolean(binding, { expression: comparison, syntax: branch.when }, 'CASE/WHEN');
  });
}

export function bindCoalesce(context: ExpressionContext, syntax: CoalesceSyntax): Expression {
  const before = context.sets?.additionCount;
  const operands = syntax.arguments.map((argument) => bindOperand(context, argument));
  checkNoSets(context, before, 'set-returning functions are not allowed in COALESCE');
  const type = commonTypeOf(operands, 'COALESCE');
  return { kind: 'coalesce', arguments: coerceToCommon(context.binding, operands, type, 'COALESCE'), type };
}

export function bindExtreme(context: ExpressionContext, syntax: ExtremeSyntax): Expression {
  const construct = syntax.kind.toUpperCase();
  const operands = syntax.arguments.map((argument) => bindOperand(context, argument));
  const type = commonTypeOf(operands, construct);
  return { kind: syntax.kind, arguments: coerceToCommon(context.binding, operands, type, construct), type };
}

/** The result is the left operand as the comparison sees it: NULLIF(1, 2.2) is numeric. */
export function bindNullIf(context: ExpressionContext, syntax: NullIfSyntax): Expression {
  const left = bindOperand(context, syntax.left);
  const right = bindOperand(context, syntax.right);
  const equality = matchOperator(context.binding, '=', left, right, syntax.position);
  const result = equality.left!;
  return { kind: 'nullif', equals: equality.function, left: result, right: equality.right, result, type: result.type };
}
