import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { ArraySyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { castTo, type Operand } from './coerce.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';

/**
 * ARRAY[…]; arrays as elements make a dimension more. `target`: the array type that the constructor is cast to, whose
 * element type its items take.
 */
export function bindArray(context: ExpressionContext, syntax: ArraySyntax, target: SqlType | undefined): Expression {
  const wanted = target === undefined ? undefined : elementTypeOf(target.definition);
  if (target !== undefined && wanted !== undefined) return bindAs(context, syntax, target);
  const operands = syntax.elements.map((element) => bindElement(context, element, undefined));
  if (operands.length === 0) {
    throw new SqlError(SqlState.IndeterminateDatatype, 'cannot determine type of empty array', {
      position: syntax.position,
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    });
  }
  const common = commonTypeOf(operands, 'ARRAY');
  const isNested = elementTypeOf(common.definition) !== undefined && common.definition.category === 'A';
  const definition = isNested ? common.definition : arrayTypeOf(common.definition);
  if (definition === undefined) {
    throw new SqlError(
      SqlState.UndefinedObject,
      `could not find array type for data type ${common.definition.sqlName}`,
      { position: syntax.position },
    );
  }
  return {
    kind: 'array',
    elements: coerceToCommon(context.binding, operands, common, 'ARRAY'),
    elementType: common.definition,
    type: { definition, typmod: common.typmod },
  };
}

/** Items are cast to the element type, nested constructors and arrays to the array type itself. */
function bindAs(context: ExpressionContext, syntax: ArraySyntax, target: SqlType): Expression {
  const element: SqlType = { definition: elementTypeOf(target.definition) ?? target.definition, typmod: target.typmod };
  const operands = syntax.elements.map((item) => bindElement(context, item, target));
  const isNested = operands.some(
    ({ expression, syntax: item }) => item?.kind === 'array' || expression.type.definition.category === 'A',
  );
  const itemType = isNested ? target : element;
  return {
    kind: 'array',
    elements: operands.map((operand) => castTo(context.binding, operand, itemType, startOf(operand.syntax))),
    elementType: itemType.definition,
    type: target,
  };
}

function bindElement(context: ExpressionContext, syntax: SyntaxExpression, target: SqlType | undefined): Operand {
  if (syntax.kind !== 'array') return bindOperand(context, syntax);
  return { expression: context.binding.deeper(1, () => bindArray(context, syntax, target)), syntax };
}
