import type { BatchStream } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** LIMIT and OFFSET. Stops pulling from its input once the last row is out. */
export async function* limit(input: BatchStream, range: { offset: number; count: number }): BatchStream {
  if (range.count === 0) return;
  const end = range.offset + range.count;
  let seen = 0;
  for await (const batch of input) {
    const from = Math.max(range.offset - seen, 0);
    const to = Math.min(end - seen, batch.rowCount);
    if (from < to) yield sliceBatch(batch, from, to);
    seen += batch.rowCount;
    if (seen >= end) return;
  }
}

/** The values of LIMIT and OFFSET: NULL means none. */
export function limitRange(
  clause: { readonly offset: Expression | undefined; readonly count: Expression | undefined },
  context: ExecutionContext,
): { offset: number; count: number } {
  const rowsOf = (expression: Expression | undefined, whenNone: number): number => {
    if (expression === undefined) return whenNone;
    const value = evaluateExpression(expression, context.parameters, context.environment);
    return value === null ? whenNone : Number(value);
  };
  const offset = rowsOf(clause.offset, 0);
  const count = rowsOf(clause.count, Number.POSITIVE_INFINITY);
  if (count < 0) throw new SqlError(SqlState.InvalidRowCountInLimitClause, 'LIMIT must not be negative');
  if (offset < 0) throw new SqlError(SqlState.InvalidRowCountInResultOffsetClause, 'OFFSET must not be negative');
  return { offset, count };
}
