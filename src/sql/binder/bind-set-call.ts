import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { ResolvedFunction } from './bind-function-call.ts';
import type { ExpressionContext } from './expression-context.ts';

const HINT = 'You might be able to move the set-returning function into a LATERAL FROM item.';

/** A function that gives rows, where one value stands. Throws 0A000 where rows cannot multiply. */
export function bindSetCall(context: ExpressionContext, resolved: ResolvedFunction, position: number): Expression {
  const { clause, sets } = context;
  const { function: definition } = resolved;
  if (sets === undefined || definition.kind !== 'table') {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      clause === 'functions in FROM'
        ? 'set-returning functions must appear at top level of FROM'
        : `set-returning functions are not allowed in ${clause}`,
      { position },
    );
  }
  const call = { kind: 'set', function: definition, arguments: resolved.arguments, width: 1 } as const;
  return sets.add(call, resolved.type, position);
}

/**
 * Throws 0A000 when a set-returning function has come since `before` was asked for (`additionCount` of the context's
 * collector).
 */
export function checkNoSets({ sets }: ExpressionContext, before: number | undefined, message: string): void {
  if (sets === undefined || sets.additionCount === before) return;
  throw new SqlError(SqlState.FeatureNotSupported, message, { position: sets.lastPosition, hint: HINT });
}
