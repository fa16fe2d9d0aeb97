import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SubqueryPlan } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { planOf } from '../plan/plan-of.ts';
import { noFacts, type PlannerFacts } from './planner-facts.ts';
import { applyToJoin } from './rules/apply-to-join.ts';
import { deriveEqualities } from './rules/derive-equalities.ts';
import { deriveLists } from './rules/derive-lists.ts';
import { dropConstantSortKeys } from './rules/drop-constant-sort-keys.ts';
import { dropEmptyInputs } from './rules/drop-empty-inputs.ts';
import { extractJoinEqualities } from './rules/extract-join-equalities.ts';
import { firstOfPartition } from './rules/first-of-partition.ts';
import { foldConstants } from './rules/fold-constants.ts';
import { fuseScanAggregates } from './rules/fuse-scan-aggregates.ts';
import { fuseTopN } from './rules/fuse-top-n.ts';
import { hoistSubqueries } from './rules/hoist-subqueries.ts';
import { inlineCommonTables } from './rules/inline-common-tables.ts';
import { joinNearestRows } from './rules/join-nearest-rows.ts';
import { keepGapFillOrder } from './rules/keep-gap-fill-order.ts';
import { dropKeyTests, keyJoins } from './rules/key-joins.ts';
import { mergeProjections } from './rules/merge-projections.ts';
import { orderJoins } from './rules/order-joins.ts';
import { pruneColumns } from './rules/prune-columns.ts';
import { pushDownFilters } from './rules/push-down-filters.ts';
import { simplifyOuterJoins } from './rules/simplify-outer-joins.ts';
import { takeLastRows } from './rules/take-last-rows.ts';
import { unnestConditions } from './rules/unnest-conditions.ts';
import { unnestValues } from './rules/unnest-values.ts';
import { useIndexes } from './rules/use-indexes.ts';
import { useLookupJoins } from './rules/use-lookup-joins.ts';
import { mapSubqueries } from './subplans.ts';

type Rule = (plan: LogicalPlan, facts: PlannerFacts) => LogicalPlan;

/**
 * Rewrites a bound plan into one that gives the same rows for less. The order matters: constants decide filters, filters
 * settle (which makes more constants) before columns are counted, and only the last projection tells what a top-n can postpone. What a scan may leave
 * out is seen last.
 */
const rules: readonly Rule[] = [
  foldConstants,
  dropConstantSortKeys,
  simplifyOuterJoins,
  deriveLists,
  pushDownFilters,
  deriveEqualities,
  foldConstants,
  dropEmptyInputs,
  joinNearestRows,
  orderJoins,
  keyJoins,
  extractJoinEqualities,
  mergeProjections,
  firstOfPartition,
  pruneColumns,
  mergeProjections,
  keepGapFillOrder,
  fuseTopN,
  mergeProjections,
  takeLastRows,
  useIndexes,
  dropKeyTests,
  useLookupJoins,
  fuseScanAggregates,
];

/** What is the same for a plan whatever is within its expressions, and comes before those are looked at. */
const firstRules: readonly Rule[] = [
  inlineCommonTables,
  hoistSubqueries,
  unnestConditions,
  unnestValues,
  applyToJoin,
  unnestConditions,
];

/** Throws 54001 for a plan too deep to walk, which the binder's own limit leaves little room for. */
export function optimize(plan: LogicalPlan, facts: PlannerFacts = noFacts): LogicalPlan {
  try {
    return rewrite(plan, facts, new Map());
  } catch (error) {
    if (!(error instanceof RangeError) || !error.message.includes('call stack')) throw error;
    throw new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded');
  }
}

/** A plan that stands in several expressions stays one plan, which runs once. */
function rewrite(plan: LogicalPlan, facts: PlannerFacts, known: Map<SubqueryPlan, LogicalPlan>): LogicalPlan {
  const first = firstRules.reduce((rewritten, rule) => rule(rewritten, facts), plan);
  const within = mapSubqueries(first, (subquery) => {
    let inner = known.get(subquery.plan);
    if (inner === undefined) {
      inner = rewrite(planOf(subquery), facts, known);
      known.set(subquery.plan, inner);
    }
    return { ...subquery, plan: inner };
  });
  return rules.reduce((rewritten, rule) => rule(rewritten, facts), within);
}
