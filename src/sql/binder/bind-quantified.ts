import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { resolveOperator } from '../../functions/resolve-overload.ts';
import { arrayTypeOf, elementTypeOf } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { QuantifiedSyntax } from '../syntax/expression-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { operatorError } from './bind-operator.ts';
import { coerce } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { boolType, isUnknown, unknownType } from './well-known-types.ts';

/** `left op ANY (array)`, `left op ALL (array)`: the operator is found for the array's element type. */
export function bindQuantified(context: ExpressionContext, syntax: QuantifiedSyntax): Expression {
  const { binding } = context;
  const { name, position, isAll } = syntax;
  const left = bindOperand(context, syntax.left);
  const array = bindOperand(context, syntax.array);
  const arrayType = array.expression.type;
  const element = isUnknown(arrayType) ? unknownType.definition : elementTypeOf(arrayType.definition);
  if (element === undefined) {
    throw new SqlError(SqlState.WrongObjectType, 'op ANY/ALL (array) requires array on right side', { position });
  }
  const leftType = left.expression.type.definition;
  const found = resolveOperator(name, leftType, element);
  if (found === 'none' || found === 'ambiguous') throw operatorError(found, name, leftType, element, position);
  if (found.resultType !== boolType.definition) {
    throw new SqlError(SqlState.WrongObjectType, 'op ANY/ALL (array) requires operator to yield boolean', { position });
  }
  const [leftTarget, elementTarget] = found.argumentTypes;
  const arrayTarget = arrayTypeOf(elementTarget);
  if (arrayTarget === undefined) {
    throw new SqlError(SqlState.UndefinedObject, `could not find array type for data type ${elementTarget.sqlName}`, {
      position,
    });
  }
  const convertedLeft = coerce(binding, left, { definition: leftTarget, typmod: -1 }, 'implicit');
  const convertedArray = coerce(binding, array, { definition: arrayTarget, typmod: -1 }, 'implicit');
  invariant(
    convertedLeft !== undefined && convertedArray !== undefined && found.function.kind === 'scalar',
    'operator resolution casts its operands',
  );
  return {
    kind: 'array-comparison',
    left: convertedLeft,
    array: convertedArray,
    elementType: elementTarget,
    operator: found.function,
    isAll,
    type: boolType,
    position,
  };
}
