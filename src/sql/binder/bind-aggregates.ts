import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AggregateFunction } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax } from '../syntax/ast.ts';
import { bindCondition } from './bind-expression.ts';
import type { ResolvedFunction } from './bind-function-call.ts';
import type { Operand } from './coerce.ts';
import { aggregatesOf, type ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';

/** The aggregate of this name that is written with a star: count. */
export function starAggregate(name: string): AggregateFunction | undefined {
  for (const candidate of functionsNamed(name)) {
    if (candidate.kind === 'aggregate' && candidate.isStar === true) return candidate;
  }
  return undefined;
}

/**
 * An aggregate call, handed to the SELECT's collector. `resolved` has the arguments as the aggregate takes them, bound over the
 * rows of FROM; it is absent for `count(*)`.
 */
export function bindAggregateCall(
  context: ExpressionContext,
  syntax: FunctionCallSyntax,
  aggregate: AggregateFunction,
  operands: readonly Operand[],
  resolved?: ResolvedFunction,
): Expression {
  const { name, position } = syntax;
  if (aggregate.isStar === true && !syntax.isStar) {
    throw new SqlError(SqlState.WrongObjectType, `${name}(*) must be used to call a parameterless aggregate function`, {
      position,
    });
  }
  const aggregates = aggregatesOf(context, position);
  const values = resolved?.arguments ?? [];
  for (const value of values) {
    const inner = aggregates.firstIn(value);
    if (inner !== undefined) {
      throw new SqlError(SqlState.GroupingError, 'aggregate function calls cannot be nested', {
        position: inner.position,
      });
    }
  }
  if (syntax.isDistinct) checkDistinct(values, operands);
  const filterContext: ExpressionContext = {
    binding: context.binding,
    scope: context.scope,
    clause: 'FILTER',
    aggregates: undefined,
  };
  return aggregates.add({
    function: aggregate,
    arguments: values,
    isDistinct: syntax.isDistinct,
    filter: syntax.filter === undefined ? undefined : bindCondition(filterContext, syntax.filter, 'FILTER'),
    type: resolved?.type ?? sqlType(aggregate.resultType),
    position,
  });
}

function checkDistinct(values: readonly Expression[], operands: readonly Operand[]): void {
  values.forEach((value, at) => {
    const { definition } = value.type;
    if (definition.isComparable) return;
    throw new SqlError(
      SqlState.UndefinedFunction,
      `could not identify an equality operator for type ${definition.sqlName}`,
      { position: startOf(operands[at]?.syntax) },
    );
  });
}
