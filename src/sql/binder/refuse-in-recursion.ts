import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { AggregateCollector } from './aggregate-collector.ts';

/** Throws 42P19 for an aggregate over the rows of a round of WITH RECURSIVE, which are never all there. */
export function refuseInRecursion(
  from: LogicalPlan,
  aggregates: AggregateCollector,
  expressions: readonly Expression[],
): void {
  if (!readsWorkingTable(from)) return;
  for (const expression of expressions) {
    const call = aggregates.firstIn(expression);
    if (call === undefined) continue;
    throw new SqlError(
      SqlState.InvalidRecursion,
      "aggregate functions are not allowed in a recursive query's recursive term",
      { position: call.position },
    );
  }
}

/** Directly in FROM: a subquery there is a query of its own. */
function readsWorkingTable(from: LogicalPlan): boolean {
  switch (from.kind) {
    case 'working-table':
      return true;
    case 'join':
    case 'apply':
      return readsWorkingTable(from.left) || readsWorkingTable(from.right);
    default:
      return false;
  }
}
