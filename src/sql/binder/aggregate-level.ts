import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { someExpression } from '../expression/walk-expression.ts';
import type { FunctionCallSyntax } from '../syntax/expression-ast.ts';
import { readsColumns } from './aggregate-collector.ts';
import type { Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import type { OuterLevel } from './outer-level.ts';

/**
 * An aggregate belongs to the innermost query whose columns its arguments and FILTER read: `(SELECT sum(t.a))` within a
 * query over t sums up the rows of that query. The level around the context's query where it belongs there or further
 * out; undefined where it belongs to the query itself, as does an aggregate that reads no column at all. What stands in
 * parentheses before WITHIN GROUP does not decide. Throws 42803 when it reads what the level does not have.
 */
export function levelOfAggregate(
  context: ExpressionContext,
  filter: Expression | undefined,
  operands: readonly Operand[],
  syntax?: FunctionCallSyntax,
): OuterLevel | undefined {
  const { outer } = context.scope;
  if (outer === undefined) return undefined;
  const directCount = syntax?.isWithinGroup === true ? syntax.arguments.length : 0;
  const values = operands.slice(directCount).map(({ expression }) => expression);
  if (filter !== undefined) values.push(filter);
  if (values.some(readsColumns)) return undefined;
  const isOuter = values.some((value) => someExpression(value, (part) => part.kind === 'correlated'));
  if (!isOuter) return undefined;
  const lower = operands.slice(0, directCount).find(({ expression }) => readsColumns(expression));
  if (lower === undefined) return outer;
  throw new SqlError(
    SqlState.GroupingError,
    'outer-level aggregate cannot contain a lower-level variable in its direct arguments',
    { position: startOf(lower.syntax) },
  );
}
