import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { AggregateFunction, WindowFunction } from '../../functions/function-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax } from '../syntax/expression-ast.ts';
import type { WindowName, WindowSyntax } from '../syntax/window-ast.ts';
import type { ResolvedFunction } from './bind-function-call.ts';
import type { ExpressionContext } from './expression-context.ts';

/** A call with OVER, as the parser gives it. */
export type WindowCallSyntax = FunctionCallSyntax & { readonly over: WindowSyntax | WindowName };

export function isWindowCall(syntax: FunctionCallSyntax): syntax is WindowCallSyntax {
  return syntax.over !== undefined;
}

/**
 * A call of a window function, or of an aggregate over a window, handed to the SELECT's collector. `resolved` is absent
 * for `count(*)`. Throws 0A000 and 42P20 as PostgreSQL words them.
 */
export function bindWindowCall(
  context: ExpressionContext,
  syntax: WindowCallSyntax,
  definition: AggregateFunction | WindowFunction,
  filter: Expression | undefined,
  resolved?: ResolvedFunction,
): Expression {
  const { name, position } = syntax;
  if (syntax.isDistinct) throw notImplemented('DISTINCT is not implemented for window functions', position);
  if (definition.kind === 'aggregate') {
    if (definition.orderedSet !== undefined) {
      throw notImplemented(`OVER is not supported for ordered-set aggregate ${name}`, position);
    }
    if (definition.isStar === true && !syntax.isStar) {
      throw new SqlError(
        SqlState.WrongObjectType,
        `${name}(*) must be used to call a parameterless aggregate function`,
        { position },
      );
    }
  }
  if (syntax.orderBy !== undefined) {
    throw notImplemented('aggregate ORDER BY is not implemented for window functions', position);
  }
  if (definition.kind === 'window' && filter !== undefined) {
    throw notImplemented('FILTER is not implemented for non-aggregate window functions', position);
  }
  const values = resolved?.arguments ?? [];
  const { windows } = context;
  for (const value of values) {
    const inner = windows?.firstIn(value);
    if (inner !== undefined) {
      throw new SqlError(SqlState.WindowingError, 'window function calls cannot be nested', {
        position: inner.position,
      });
    }
  }
  if (windows === undefined) {
    const clause = context.clause.startsWith('window ') ? 'window definitions' : context.clause;
    throw new SqlError(SqlState.WindowingError, `window functions are not allowed in ${clause}`, { position });
  }
  return windows.add(syntax.over, {
    function: definition,
    arguments: values,
    filter,
    type: resolved?.type ?? sqlType(definition.resultType),
    position,
  });
}

/** What PostgreSQL itself refuses, in its words. */
function notImplemented(message: string, position: number): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message, { position });
}
