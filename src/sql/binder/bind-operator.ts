import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { resolveOperator } from '../../functions/resolve-overload.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import type { CallExpression, Expression } from '../expression/expression.ts';
import type { BetweenSyntax, LikeSyntax, OperatorSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import { bindExpression, bindOperand } from './bind-expression.ts';
import { callFunction } from './bind-function-call.ts';
import { coerce, type Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { readNanoseconds } from './nanosecond-literal.ts';
import { compareOperands } from './row-comparison.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType, isUnknown } from './well-known-types.ts';

/** An operator over operands that have its argument types. */
export interface ResolvedOperator {
  readonly function: ScalarFunction;
  readonly left: Expression | undefined;
  readonly right: Expression;
  readonly type: SqlType;
}

/** Chains like `a || b || c …` lean left: bound in a loop, since they may be long. */
export function bindOperator(context: ExpressionContext, syntax: OperatorSyntax): Expression {
  const chain = [syntax];
  let leftmost = syntax.left;
  while (leftmost?.kind === 'operator') {
    chain.push(leftmost);
    leftmost = leftmost.left;
  }
  return context.binding.deeper(chain.length, () => {
    let left: Operand | undefined = leftmost === undefined ? undefined : bindOperand(context, leftmost);
    for (const operator of chain.reverse()) {
      const name = checkSchema(operator);
      const right = bindOperand(context, operator.right);
      const { position } = operator;
      const expression =
        left === undefined
          ? applyOperator(context.binding, name, left, right, position)
          : compareOperands(context.binding, name, left, right, position);
      left = { expression, syntax: operator };
    }
    invariant(left !== undefined, 'a chain has at least one operator');
    return left.expression;
  });
}

/** All operators are in pg_catalog; another schema has none, which the message shows by the qualified name. */
function checkSchema(syntax: OperatorSyntax): string {
  return syntax.schema === undefined || syntax.schema === 'pg_catalog'
    ? syntax.name
    : `${syntax.schema}.${syntax.name}`;
}

/** The call of the operator that fits the operands; a prefix operator has no `left`. Throws 42883 and 42725. */
export function applyOperator(
  binding: StatementBinding,
  name: string,
  left: Operand | undefined,
  right: Operand,
  position: number,
): CallExpression {
  const operator = matchOperator(binding, name, left, right, position);
  const operands = operator.left === undefined ? [operator.right] : [operator.left, operator.right];
  return { kind: 'call', function: operator.function, arguments: operands, type: operator.type, position };
}

/** Finds the operator by its operands' types and casts them to what it takes. Throws 42883 or 42725. */
export function matchOperator(
  binding: StatementBinding,
  name: string,
  left: Operand | undefined,
  right: Operand,
  position: number,
): ResolvedOperator {
  if (left !== undefined) [left, right] = readNanoseconds(binding, name, left, right);
  const leftType = left?.expression.type.definition;
  const rightType = right.expression.type.definition;
  const found = resolveOperator(name, leftType, rightType);
  if (found === 'none' || found === 'ambiguous') throw operatorError(found, name, leftType, rightType, position);
  invariant(found.function.kind === 'scalar', 'operators are scalar functions');
  const operands = left === undefined ? [right] : [left, right];
  const converted = operands.map((operand, at) => {
    const definition = found.argumentTypes[at];
    const value = coerce(binding, operand, { definition, typmod: -1 }, 'implicit');
    invariant(value !== undefined, `operator resolution casts to ${definition.name}`);
    return value;
  });
  return {
    function: found.function,
    left: left === undefined ? undefined : converted[0],
    right: converted[converted.length - 1],
    type: { definition: found.resultType, typmod: -1 },
  };
}

export function operatorError(
  problem: 'none' | 'ambiguous',
  name: string,
  left: TypeDefinition | undefined,
  right: TypeDefinition,
  position: number,
): SqlError {
  const signature = left === undefined ? `${name} ${right.sqlName}` : `${left.sqlName} ${name} ${right.sqlName}`;
  if (problem === 'ambiguous') {
    return new SqlError(SqlState.AmbiguousFunction, `operator is not unique: ${signature}`, {
      position,
      hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
    });
  }
  return new SqlError(SqlState.UndefinedFunction, `operator does not exist: ${signature}`, {
    position,
    hint:
      left === undefined
        ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
        : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
  });
}

/** BETWEEN is the two comparisons that it stands for. */
export function bindBetween(context: ExpressionContext, syntax: BetweenSyntax): Expression {
  const { binding } = context;
  const { position, isNegated } = syntax;
  // One after the other: what the first comparison makes of a parameter holds for the next.
  const known = new Map<SyntaxExpression, Operand>();
  const operandOf = (part: SyntaxExpression): Operand => {
    let operand = known.get(part);
    if (operand === undefined || (operand.expression.kind === 'parameter' && isUnknown(operand.expression.type))) {
      operand = bindOperand(context, part);
      known.set(part, operand);
    }
    return operand;
  };
  const compare = (name: string, bound: SyntaxExpression): Expression =>
    compareOperands(binding, name, operandOf(syntax.argument), operandOf(bound), position);
  const within = (from: SyntaxExpression, to: SyntaxExpression): Expression => ({
    kind: isNegated ? 'or' : 'and',
    arguments: [compare(isNegated ? '<' : '>=', from), compare(isNegated ? '>' : '<=', to)],
    type: boolType,
  });
  const { low, high } = syntax;
  if (!syntax.isSymmetric) return within(low, high);
  return { kind: isNegated ? 'and' : 'or', arguments: [within(low, high), within(high, low)], type: boolType };
}

/** LIKE and ILIKE are operators; ESCAPE rewrites the pattern first. */
export function bindLike(context: ExpressionContext, syntax: LikeSyntax): Expression {
  const { binding } = context;
  const name = `${syntax.isNegated ? '!' : ''}~~${syntax.isCaseInsensitive ? '*' : ''}`;
  const argument = bindOperand(context, syntax.argument);
  let pattern = bindOperand(context, syntax.pattern);
  if (syntax.escape !== undefined) {
    const escapeOperand: Operand = { expression: bindExpression(context, syntax.escape), syntax: syntax.escape };
    const escaped = callFunction(binding, 'like_escape', [pattern, escapeOperand], syntax.position);
    pattern = { expression: escaped, syntax: syntax.pattern };
  }
  return applyOperator(binding, name, argument, pattern, syntax.position);
}
