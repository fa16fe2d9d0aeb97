import type { BatchStream } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { LimitNode, SortKey } from '../../sql/plan/sort-nodes.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { GroupTable } from '../group-table.ts';
import { settle } from '../subquery/settle.ts';

/** LIMIT and OFFSET of a query. */
export async function* limitRows(input: BatchStream, node: LimitNode, context: ExecutionContext): BatchStream {
  yield* limit(input, await settle(context, () => limitRange(node, context)));
}

/** Stops pulling from its input once the last row is out. */
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

/** FETCH … WITH TIES: on behind the last row come those that are equal to it in all of the keys it was sorted by. */
export async function* limitWithTies(
  input: BatchStream,
  { offset, count, ties }: Pick<LimitNode, 'offset' | 'count'> & { readonly ties: readonly SortKey[] },
  context: ExecutionContext,
): BatchStream {
  const range = await settle(context, () => limitRange({ offset, count }, context));
  if (range.count === 0) return;
  const evaluators = ties.map((key) => new ColumnEvaluator(key.expression, context));
  const keys = new GroupTable(ties.map((key) => key.expression.type));
  const end = range.offset + range.count;
  let seen = 0;
  let lastKey: number | undefined;
  for await (const batch of input) {
    const from = Math.max(range.offset - seen, 0);
    let to = Math.min(Math.max(end - seen, 0), batch.rowCount);
    if (seen + batch.rowCount >= end) {
      const groups = new Uint32Array(batch.rowCount);
      keys.assign(
        evaluators.map((evaluator) => evaluator.evaluate(batch)),
        batch.rowCount,
        groups,
      );
      lastKey ??= groups[to - 1];
      while (to < batch.rowCount && groups[to] === lastKey) to++;
    }
    if (from < to) yield sliceBatch(batch, from, to);
    seen += batch.rowCount;
    if (to < batch.rowCount) return;
  }
}

/** The values of LIMIT and OFFSET: NULL means none. */
export function limitRange(
  clause: { readonly offset: Expression | undefined; readonly count: Expression | undefined },
  context: ExecutionContext,
): { offset: number; count: number } {
  const rowsOf = (expression: Expression | undefined, whenNone: number): number => {
    if (expression === undefined) return whenNone;
    const value = evaluateExpression(expression, context);
    return value === null ? whenNone : Number(value);
  };
  const offset = rowsOf(clause.offset, 0);
  const count = rowsOf(clause.count, Number.POSITIVE_INFINITY);
  if (count < 0) throw new SqlError(SqlState.InvalidRowCountInLimitClause, 'LIMIT must not be negative');
  if (offset < 0) throw new SqlError(SqlState.InvalidRowCountInResultOffsetClause, 'OFFSET must not be negative');
  return { offset, count };
}
