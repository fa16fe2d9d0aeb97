import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { extractJoinEqualities } from './rules/extract-join-equalities.ts';
import { foldConstants } from './rules/fold-constants.ts';
import { fuseTopN } from './rules/fuse-top-n.ts';
import { mergeProjections } from './rules/merge-projections.ts';
import { pruneColumns } from './rules/prune-columns.ts';
import { pushDownFilters } from './rules/push-down-filters.ts';
import { takeLastRows } from './rules/take-last-rows.ts';
import { useIndexes } from './rules/use-indexes.ts';

/**
 * Rewrites a bound plan into one that gives the same rows for less. The order matters: constants decide filters, filters
 * settle before columns are counted, and only the last projection tells what a top-n can postpone. What a scan may leave
 * out is seen last.
 */
const rules: readonly ((plan: LogicalPlan) => LogicalPlan)[] = [
  foldConstants,
  pushDownFilters,
  extractJoinEqualities,
  mergeProjections,
  pruneColumns,
  mergeProjections,
  fuseTopN,
  mergeProjections,
  takeLastRows,
  useIndexes,
];

/** Throws 54001 for a plan too deep to walk, which the binder's own limit leaves little room for. */
export function optimize(plan: LogicalPlan): LogicalPlan {
  try {
    return rules.reduce((rewritten, rule) => rule(rewritten), plan);
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.includes('call stack')) throw error;
    throw new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded');
  }
}
