import { notSupported } from '../../errors/sql-error.ts';
import type { CaseExpression, Expression } from '../expression/expression.ts';
import { isVolatile } from '../expression/volatility.ts';
import type {
  CaseSyntax,
  CoalesceSyntax,
  ExtremeSyntax,
  NullIfSyntax,
  SyntaxExpression,
} from '../syntax/expression-ast.ts';
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
  const compared = syntax.operand === undefined ? undefined : comparisonWith(context, syntax, syntax.operand);
  const whens: Expression[] = [];
  const results: Operand[] = [];
  for (const branch of syntax.branches) {
    whens.push(compared?.(branch) ?? bindCondition(context, branch.when, 'CASE/WHEN'));
    results.push(bindOperand(context, branch.then));
  }
  const otherwise: Operand =
    syntax.otherwise === undefined
      ? { expression: { kind: 'constant', value: null, type: unknownType }, syntax: undefined }
      : bindOperand(context, syntax.otherwise);
  // ELSE comes first where the types are weighed, as PostgreSQL does it.
  const type = commonTypeOf([otherwise, ...results], 'CASE');
  const [last] = coerceToCommon(context.binding, [otherwise], type, 'CASE/ELSE');
  const thens = coerceToCommon(context.binding, results, type, 'CASE/WHEN');
  checkNoSets(context, before, 'set-returning functions are not allowed in CASE');
  return {
    kind: 'case',
    ...(syntax.operand === undefined ? {} : { hasOperand: true }),
    branches: whens.map((when, at) => ({ when, then: thens[at] })),
    otherwise: syntax.otherwise === undefined ? undefined : last,
    type,
  };
}

/** Binds what stands behind WHEN as the comparison with the operand, which is bound once. */
function comparisonWith(
  context: ExpressionContext,
  syntax: CaseSyntax,
  operand: SyntaxExpression,
): (branch: CaseSyntax['branches'][number]) => Expression {
  const { binding } = context;
  const bound = bindOperand(context, operand);
  const expression = resolveUnknown(binding, bound);
  if (syntax.branches.length > 1 && isVolatile(expression)) {
    // Each branch would see another value.
    throw notSupported('CASE over a volatile operand', operand.position, 'Compute it in a subquery first.');
  }
  const tested: Operand = { expression, syntax: operand };
  return ({ when, position }) => {
    const comparison = applyOperator(binding, '=', tested, bindOperand(context, when), position);
    return coerceToBoolean(binding, { expression: comparison, syntax: when }, 'CASE/WHEN');
  };
}

export function bindCoalesce(context: ExpressionContext, syntax: CoalesceSyntax): Expression {
  const before = context.sets?.additionCount;
  const operands = syntax.arguments.map((argument) => bindOperand(context, argument));
  const type = commonTypeOf(operands, 'COALESCE');
  const values = coerceToCommon(context.binding, operands, type, 'COALESCE');
  checkNoSets(context, before, 'set-returning functions are not allowed in COALESCE');
  return { kind: 'coalesce', arguments: values, type };
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
