import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import { bindFunctionCall } from './bind-function-call.ts';
import type { ExpressionContext } from './expression-context.ts';

/**
 * `row.function`, which PostgreSQL takes for `function(row)` where the row has no column of that name: `t.row_to_json`,
 * `t.count`. Undefined when there is no such function either: the caller knows how to complain of the column.
 */
export function bindFunctionalNotation(
  context: ExpressionContext,
  argument: SyntaxExpression,
  { name, position }: { readonly name: string; readonly position: number },
): Expression | undefined {
  try {
    return bindFunctionCall(context, {
      kind: 'call',
      schema: undefined,
      name,
      arguments: [argument],
      isStar: false,
      isDistinct: false,
      filter: undefined,
      position,
    });
  } catch (error) {
    if (error instanceof SqlError && NO_FUNCTION.has(error.code)) return undefined;
    throw error;
  }
}

const NO_FUNCTION: ReadonlySet<string> = new Set([SqlState.UndefinedFunction, SqlState.AmbiguousFunction]);
