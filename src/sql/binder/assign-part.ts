import type { ColumnDescriptor } from '../../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { assignJsonb } from '../../functions/json/jsonb-path-change.ts';
import { withElement, withSlice } from '../../functions/scalar/array-assignment.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { Expression } from '../expression/expression.ts';
import type { AssignmentTarget } from '../syntax/data-modification-ast.ts';
import type { IndirectionStep } from '../syntax/expression-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { integerBound, jsonbStep } from './bind-row.ts';
import { coerce, type Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { int4Type } from './well-known-types.ts';

/** The value of a column once a part of it is assigned to: `SET a[2] = 1`. `current`: its value before. */
export function assignPart(
  context: ExpressionContext,
  target: AssignmentTarget,
  column: ColumnDescriptor,
  current: Expression,
  operand: Operand | undefined,
): Expression {
  const { position } = target;
  const { definition } = column.type;
  if (operand === undefined) {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot set an array element to DEFAULT', { position });
  }
  const subscripts = requireSubscripts(target, column);
  if (definition.name === 'jsonb') return assignMember(context, target, current, subscripts, operand);
  const element = elementTypeOf(definition);
  if (element === undefined) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `cannot subscript type ${definition.sqlName} because it does not support subscripting`,
      { position },
    );
  }
  const isSliced = subscripts.some((step) => step.kind === 'slice');
  const bound = (syntax: Extract<IndirectionStep, { kind: 'subscript' }>['index']): Expression =>
    integerBound(context, bindOperand(context, syntax));
  const bounds: Expression[] = [];
  const slices = subscripts.map((step) => {
    if (step.kind === 'subscript') {
      if (isSliced) bounds.push({ kind: 'constant', value: 1, type: int4Type });
      bounds.push(bound(step.index));
      return { hasLower: true, hasUpper: true };
    }
    if (step.lower !== undefined) bounds.push(bound(step.lower));
    if (step.upper !== undefined) bounds.push(bound(step.upper));
    return { hasLower: step.lower !== undefined, hasUpper: step.upper !== undefined };
  });
  const valueType: SqlType = isSliced ? column.type : { definition: element, typmod: column.type.typmod };
  const value = assignedValue(context, target, valueType, operand);
  const evaluate: ScalarFunction['evaluate'] = isSliced
    ? (array: SqlArray | null, source: SqlArray | null, ...given: (number | null)[]): Value =>
        withSlice(array, source, slices, given)
    : (array: SqlArray | null, item: Value, ...given: (number | null)[]): Value => withElement(array, item, given);
  return callOf('array_assign', column.type, [current, value, ...bounds], evaluate, position);
}

function requireSubscripts(
  { name, steps, position }: AssignmentTarget,
  column: ColumnDescriptor,
): readonly Extract<IndirectionStep, { kind: 'subscript' | 'slice' }>[] {
  let type = column.type.definition;
  return steps.map((step) => {
    if (step.kind === 'subscript' || step.kind === 'slice') {
      type = elementTypeOf(type) ?? type;
      return step;
    }
    if (step.kind === 'star') throw notSupported('row expansion via "*" here', position);
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `cannot assign to field "${step.name}" of column "${name}" because its type ${type.sqlName} is not a composite type`,
      { position },
    );
  });
}

function assignMember(
  context: ExpressionContext,
  target: AssignmentTarget,
  current: Expression,
  subscripts: readonly Extract<IndirectionStep, { kind: 'subscript' | 'slice' }>[],
  operand: Operand,
): Expression {
  const path = subscripts.map((step) => {
    if (step.kind === 'subscript') return jsonbStep(context, bindOperand(context, step.index));
    throw new SqlError(SqlState.DatatypeMismatch, 'jsonb subscript does not support slices', {
      position: startOf(step.upper ?? step.lower),
    });
  });
  const value = assignedValue(context, target, current.type, operand);
  return callOf('jsonb_assign', current.type, [current, value, ...path], assignJsonb, target.position);
}

/** Throws 42804 for a value that has no assignment cast. */
function assignedValue(
  context: ExpressionContext,
  { name, position }: AssignmentTarget,
  type: SqlType,
  operand: Operand,
): Expression {
  const value = coerce(context.binding, operand, type, 'assignment');
  if (value !== undefined) return value;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `subscripted assignment to "${name}" requires type ${type.definition.sqlName} but expression is of type ${operand.expression.type.definition.sqlName}`,
    { position, hint: 'You will need to rewrite or cast the expression.' },
  );
}

/** A function that only assignments call: it has no name in SQL. */
function callOf(
  name: string,
  type: SqlType,
  values: readonly Expression[],
  evaluate: ScalarFunction['evaluate'],
  position: number,
): Expression {
  const assign: ScalarFunction = {
    kind: 'scalar',
    name,
    oid: 0,
    argumentTypes: values.map((value) => value.type.definition),
    resultType: type.definition,
    volatility: 'immutable',
    mayThrow: true,
    handlesNull: true,
    evaluate,
  };
  return { kind: 'call', function: assign, arguments: values, type, position };
}
