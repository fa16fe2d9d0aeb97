import { unreachable } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type {
  ArraySyntax,
  CastSyntax,
  CollateSyntax,
  ColumnSyntax,
  DistinctTestSyntax,
  LogicSyntax,
  SyntaxExpression,
} from '../syntax/expression-ast.ts';
import { bindArray } from './bind-array.ts';
import { bindCase, bindCoalesce, bindExtreme, bindNullIf } from './bind-conditional.ts';
import { bindFunctionCall } from './bind-function-call.ts';
import { bindGroupingCall } from './bind-grouping.ts';
import { bindIn } from './bind-in.ts';
import { bindKeywordValue } from './bind-keyword-value.ts';
import { bindLiteral } from './bind-literal.ts';
import { bindBetween, bindLike, bindOperator } from './bind-operator.ts';
import { bindQuantified } from './bind-quantified.ts';
import { bindIndirection, bindRow } from './bind-row.ts';
import { bindSubquery, bindSubqueryComparison } from './bind-subquery.ts';
import { castTo, coerceToBoolean, type Operand, resolveUnknown } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { noteCast, startOf } from './expression-position.ts';
import { bindFunctionalNotation } from './functional-notation.ts';
import { columnReference, findColumn, resolveColumn, resolveWholeRow } from './resolve-column.ts';
import { resolveType } from './resolve-type.ts';
import { distinctTest } from './row-comparison.ts';
import { boolType } from './well-known-types.ts';

/** Collations that order by bytes, which is how all text is ordered here. */
const BYTE_ORDER_COLLATIONS = new Set(['default', 'C', 'POSIX', 'ucs_basic', 'C.UTF-8', 'C.utf8']);

/**
 * The typed meaning of an expression over the scope's rows. Literals and parameters that nothing has given a type come
 * back as `unknown`: the caller's context decides (`coerce`).
 */
export function bindExpression(context: ExpressionContext, syntax: SyntaxExpression): Expression {
  switch (syntax.kind) {
    case 'literal':
      return bindLiteral(syntax);
    case 'parameter':
      return context.binding.parameters.reference(syntax.number, syntax.position);
    case 'column':
      return bindColumn(context, syntax);
    case 'operator':
      return bindOperator(context, syntax);
    default:
      return context.binding.deeper(1, () => bindNested(context, syntax));
  }
}

export function bindOperand(context: ExpressionContext, syntax: SyntaxExpression): Operand {
  return { expression: bindExpression(context, syntax), syntax };
}

/** A condition of the statement. Throws 42804 when it is not boolean. */
export function bindCondition(context: ExpressionContext, syntax: SyntaxExpression, construct: string): Expression {
  return coerceToBoolean(context.binding, bindOperand(context, syntax), construct);
}

type NestedSyntax = Exclude<SyntaxExpression, { kind: 'literal' | 'parameter' | 'column' | 'operator' }>;

function bindNested(context: ExpressionContext, syntax: NestedSyntax): Expression {
  switch (syntax.kind) {
    case 'and':
    case 'or':
      return bindLogic(context, syntax);
    case 'not':
      return { kind: 'not', argument: bindCondition(context, syntax.argument, 'NOT'), type: boolType };
    case 'null-test': {
      const { expression } = bindOperand(context, syntax.argument);
      // An untyped parameter stays untyped, as in PostgreSQL, and is refused at the end.
      const argument =
        expression.kind === 'constant'
          ? resolveUnknown(context.binding, { expression, syntax: syntax.argument })
          : expression;
      return { kind: 'null-test', argument, isNegated: syntax.isNegated, type: boolType };
    }
    case 'boolean-test': {
      const { test, isNegated } = syntax;
      const construct = `IS ${isNegated ? 'NOT ' : ''}${test.toUpperCase()}`;
      const argument = bindCondition(context, syntax.argument, construct);
      return { kind: 'boolean-test', argument, test, isNegated, type: boolType };
    }
    case 'distinct-test':
      return bindDistinctTest(context, syntax);
    case 'call':
      return bindFunctionCall(context, syntax);
    case 'cast':
      return bindCast(context, syntax);
    case 'in':
      return bindIn(context, syntax);
    case 'between':
      return bindBetween(context, syntax);
    case 'like':
      return bindLike(context, syntax);
    case 'quantified':
      return bindQuantified(context, syntax);
    case 'subquery':
      return bindSubquery(context, syntax);
    case 'subquery-comparison':
      return bindSubqueryComparison(context, syntax);
    case 'case':
      return bindCase(context, syntax);
    case 'coalesce':
      return bindCoalesce(context, syntax);
    case 'nullif':
      return bindNullIf(context, syntax);
    case 'greatest':
    case 'least':
      return bindExtreme(context, syntax);
    case 'array':
      return bindArray(context, syntax, undefined);
    case 'row':
      return bindRow(context, syntax);
    case 'indirection':
      return bindIndirection(context, syntax);
    case 'collate':
      return bindCollate(context, syntax);
    case 'grouping':
      return bindGroupingCall(context, syntax);
    case 'keyword-value':
      return bindKeywordValue(context.binding, syntax);
    case 'star':
      if (syntax.qualifier.length > 0) return resolveWholeRow(context.binding, context.scope, syntax);
      throw notSupported('row expansion via "*" here', syntax.position);
    case 'default':
      throw new SqlError(SqlState.SyntaxError, 'DEFAULT is not allowed in this context', { position: syntax.position });
    default:
      return unreachable(syntax);
  }
}

function bindColumn(context: ExpressionContext, syntax: ColumnSyntax): Expression {
  const { binding, scope, outputNamed } = context;
  if (context.clause === 'DEFAULT expressions') {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot use column reference in DEFAULT expression', {
      position: syntax.position,
    });
  }
  if (outputNamed !== undefined && syntax.qualifier.length === 0) {
    const column = findColumn(binding, scope, syntax);
    if (column !== undefined) return columnReference(binding, column, syntax.position);
    const output = outputNamed(syntax.name, syntax.position);
    if (output !== undefined) return output;
  }
  try {
    return resolveColumn(binding, scope, syntax);
  } catch (error) {
    const { qualifier, position } = syntax;
    const isMissing = error instanceof SqlError && error.code === SqlState.UndefinedColumn && qualifier.length > 0;
    const called = isMissing && bindFunctionalNotation(context, { kind: 'star', qualifier, position }, syntax);
    if (called) return called;
    throw error;
  }
}

/** Nested ANDs (ORs) become one, however the parentheses were set. */
function bindLogic(context: ExpressionContext, syntax: LogicSyntax): Expression {
  const construct = syntax.kind === 'and' ? 'AND' : 'OR';
  const operands: Expression[] = [];
  const pending: SyntaxExpression[] = [syntax];
  while (pending.length > 0) {
    const part = pending.pop() as SyntaxExpression;
    if (part.kind === syntax.kind) {
      for (let at = part.arguments.length - 1; at >= 0; at--) pending.push(part.arguments[at]);
    } else operands.push(bindCondition(context, part, construct));
  }
  return { kind: syntax.kind, arguments: operands, type: boolType };
}

function bindDistinctTest(context: ExpressionContext, syntax: DistinctTestSyntax): Expression {
  const left = bindOperand(context, syntax.left);
  const right = bindOperand(context, syntax.right);
  return distinctTest(context.binding, left, right, syntax);
}

function bindCast(context: ExpressionContext, syntax: CastSyntax): Expression {
  const target = resolveType(context.binding, syntax.type);
  if (syntax.argument.kind === 'array') {
    // The elements take the type directly, which gives `ARRAY[]::integer[]` its meaning.
    const array = bindArray(context, syntax.argument as ArraySyntax, target);
    return castTo(context.binding, { expression: array, syntax: syntax.argument }, target, syntax.position);
  }
  const operand = bindOperand(context, syntax.argument);
  const cast = castTo(context.binding, operand, target, syntax.position);
  noteCast(syntax, { isNeeded: cast !== operand.expression });
  return cast;
}

function bindCollate(context: ExpressionContext, syntax: CollateSyntax): Expression {
  const operand = bindOperand(context, syntax.argument);
  const argument = resolveUnknown(context.binding, operand);
  if (argument.type.definition.category !== 'S') {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `collations are not supported by type ${argument.type.definition.sqlName}`,
      { position: syntax.position > 0 ? syntax.position : startOf(operand.syntax) },
    );
  }
  if (!BYTE_ORDER_COLLATIONS.has(syntax.collation)) {
    throw notSupported(`collation "${syntax.collation}"`, syntax.position, 'All text is ordered by its bytes ("C").');
  }
  return argument;
}
