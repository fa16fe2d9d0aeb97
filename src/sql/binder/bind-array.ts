import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { ArraySyntax } from '../syntax/ast.ts';
import { bindOperand } from './bind-expression.ts';
import { castTo } from './coerce.ts';
import { coerceToCommon, commonTypeOf } from './common-type.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';

/** ARRAY[…]. `target`: the array type that the constructor is cast to, whose element type its items take. */
export function bindArray(context: ExpressionContext, syntax: ArraySyntax, target: SqlType | undefined): Expression {
  const { binding } = context;
  const operands = syntax.elements.map((element) => bindOperand(context, element));
  const nested = operands.find((operand) => operand.expression.type.definition.elementOid !== 0);
  if (nested !== undefined) {
    throw notSupported('a multidimensional ARRAY constructor', startOf(nested.syntax), "Write it as '{{…},{…}}'.");
  }
  const wanted = target === undefined ? undefined : elementTypeOf(target.definition);
  if (target !== undefined && wanted !== undefined) {
    const elementType: SqlType = { definition: wanted, typmod: target.typmod };
    return {
      kind: 'array',
      elements: operands.map((operand) => castTo(binding, operand, elementType, startOf(operand.syntax))),
      elementType: wanted,
      type: target,
    };
  }
  if (operands.length === 0) {
    throw new SqlError(SqlState.IndeterminateDatatype, 'cannot determine type of empty array', {
      position: syntax.position,
      hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
    });
  }
  const common = commonTypeOf(operands, 'ARRAY');
  const definition = arrayTypeOf(common.definition);
  if (definition === undefined) {
    throw new SqlError(
      SqlState.UndefinedObject,
      `could not find array type for data type ${common.definition.sqlName}`,
      { position: syntax.position },
    );
  }
  return {
    kind: 'array',
    elements: coerceToCommon(binding, operands, common, 'ARRAY'),
    elementType: common.definition,
    type: { definition, typmod: common.typmod },
  };
}
