import type { BatchStream } from '../columnar/batch.ts';
import { unreachable } from '../errors/invariant.ts';
import type { AggregateNode } from '../sql/plan/aggregate-node.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import type { OutputColumn } from '../sql/plan/plan-node.ts';
import type { TopNNode } from '../sql/plan/sort-nodes.ts';
import { BestLimit } from './best-limit.ts';
import type { ExecutionContext } from './execution-context.ts';
import { NewestLimit } from './newest-limit.ts';
import { newOperatorCounters, type OperatorCounters } from './operator-counters.ts';
import { append } from './operators/append.ts';
import { apply } from './operators/apply.ts';
import { asOfJoin } from './operators/as-of-join.ts';
import { cteScan, withTables } from './operators/cte-scan.ts';
import { type DistinctRows, distinct } from './operators/distinct.ts';
import { filter } from './operators/filter.ts';
import { firstPerGroup, sortsByGroup } from './operators/first-per-group.ts';
import { gapFill } from './operators/gap-fill.ts';
import { hashAggregate } from './operators/hash-aggregate.ts';
import { join } from './operators/join.ts';
import { keyedJoin } from './operators/keyed-join.ts';
import { limitRows, limitWithTies } from './operators/limit.ts';
import { lockRows } from './operators/lock-rows.ts';
import { lookupJoin } from './operators/lookup-join.ts';
import { project } from './operators/project.ts';
import { projectSet } from './operators/project-set.ts';
import { recursiveUnion } from './operators/recursive-union.ts';
import { scan } from './operators/scan.ts';
import { setOperation } from './operators/set-operation.ts';
import { sort } from './operators/sort.ts';
import { tableFunction } from './operators/table-function.ts';
import { topN } from './operators/top-n.ts';
import { values } from './operators/values.ts';
import { window } from './operators/window.ts';
import { type FusedAggregate, scanAggregate } from './scan-aggregate/scan-aggregate.ts';
import { SubqueryRuntime } from './subquery/subquery-runtime.ts';

/** Counters per plan node, filled while the plan runs: EXPLAIN ANALYZE. */
export type PlanCounters = Map<LogicalPlan, OperatorCounters>;

/**
 * The rows of a plan, made as they are asked for. Closing the stream early closes every operator under it. With
 * `counters`, each node's rows and time are noted.
 */
export function executePlan(plan: LogicalPlan, context: ExecutionContext, counters?: PlanCounters): BatchStream {
  return execute(plan, withSubqueries(context, counters), counters);
}

/** Subqueries within subqueries share their results. */
function withSubqueries(context: ExecutionContext, counters: PlanCounters | undefined): ExecutionContext {
  if (context.subqueries !== undefined) return context;
  return { ...context, subqueries: new SubqueryRuntime((plan, within) => execute(plan, within, counters)) };
}

/** `limit`: of a scan that a top-n reads newest first. */
function execute(
  plan: LogicalPlan,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
  limit?: NewestLimit,
): BatchStream {
  if (counters === undefined) return operatorOf(plan, context, undefined, limit);
  const own = countersOf(plan, counters);
  return counted(operatorOf(plan, context, counters, limit), own);
}

function operatorOf(
  plan: LogicalPlan,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
  newest: NewestLimit | undefined,
): BatchStream {
  const input = (node: LogicalPlan): BatchStream => execute(node, context, counters);
  switch (plan.kind) {
    case 'scan':
      return scan(plan, context, counters?.get(plan), newest);
    case 'values':
      return values(plan, context);
    case 'table-function':
      return tableFunction(plan, context);
    case 'filter':
      return filter(input(plan.input), plan.condition, context);
    case 'project':
      return project(input(plan.input), plan.expressions, context);
    case 'aggregate':
      return aggregate(plan, context, counters, input);
    case 'gap-fill':
      return gapFill(input(plan.input), plan, context);
    case 'window':
      return window(input(plan.input), plan, context);
    case 'distinct':
      return distinct(input(plan.input), distinctRows(plan.input.output), context);
    case 'distinct-on':
      if (sortsByGroup(plan)) return firstPerGroup(input(plan.input.input), plan, plan.input, context);
      return distinct(input(plan.input), { keys: plan.keys, types: undefined }, context);
    case 'join':
      if (plan.lookup !== undefined) {
        return lookupJoin(input(plan.left), plan, context, (node) => execute(node, context, undefined));
      }
      if (plan.keys !== undefined) {
        return keyedJoin(input(plan.left), plan, context, (node, within) => execute(node, within, counters));
      }
      return join(input(plan.left), input(plan.right), plan, context);
    case 'apply':
      return apply(input(plan.left), plan, context, (node, within) => execute(node, within, counters));
    case 'as-of-join': {
      // What is read in place of the right side counts as the right side.
      const right = (node: LogicalPlan): BatchStream => {
        if (counters !== undefined && node !== plan.right) counters.set(node, countersOf(plan.right, counters));
        return execute(node, context, counters);
      };
      return asOfJoin(input(plan.left), plan, context, right, counters?.get(plan));
    }
    case 'project-set':
      return projectSet(input(plan.input), plan, context);
    case 'sort':
      return sort(input(plan.input), plan, context, counters?.get(plan));
    case 'limit':
      return plan.ties === undefined
        ? limitRows(input(plan.input), plan, context)
        : limitWithTies(input(plan.input), { ...plan, ties: plan.ties }, context);
    case 'top-n': {
      const isInOrder = plan.input.kind === 'scan' && plan.input.take === 'newest-first';
      if (!isInOrder) return topNOf(plan, context, counters, input);
      const limitOfScan = new NewestLimit(plan.keys.length > 1);
      return topN(execute(plan.input, context, counters, limitOfScan), plan, context, limitOfScan);
    }
    case 'append':
      return append(plan.inputs, input);
    case 'lock-rows':
      return lockRows(input(plan.input), plan, context, (node, within) => execute(node, within, undefined));
    case 'set-operation':
      return setOperation(input(plan.left), input(plan.right), plan, context);
    case 'with':
      return withTables(plan.tables, plan.input, context, (node, within) => execute(node, within, counters));
    case 'cte-scan':
    case 'working-table':
      return cteScan(plan, context);
    case 'recursive-union':
      return recursiveUnion(plan, context, (node, within) => execute(node, within, counters));
    default:
      return unreachable(plan);
  }
}

/** By a number the best rows are told as they come; a table that is read in no order is told how good a row has to be. */
function topNOf(
  plan: TopNNode,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
  input: (node: LogicalPlan) => BatchStream,
): BatchStream {
  const { input: below } = plan;
  const best = BestLimit.of(plan);
  if (best === undefined || below.kind !== 'scan' || below.take !== undefined) {
    return topN(input(below), plan, context, undefined, best);
  }
  const own = counters === undefined ? undefined : countersOf(below, counters);
  const rows = scan(below, context, own, undefined, best);
  return topN(own === undefined ? rows : counted(rows, own), plan, context, undefined, best);
}

function aggregate(
  plan: AggregateNode,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
  input: (node: LogicalPlan) => BatchStream,
): BatchStream {
  const { fusedScan, input: below } = plan;
  if (fusedScan === undefined || below.kind !== 'scan') return hashAggregate(input(below), plan, context);
  const counted =
    counters === undefined ? undefined : { own: countersOf(plan, counters), scan: countersOf(below, counters) };
  const otherwise = (): BatchStream => hashAggregate(input(below), plan, context);
  return scanAggregate(plan as FusedAggregate, context, otherwise, counted);
}

function countersOf(plan: LogicalPlan, counters: PlanCounters): OperatorCounters {
  let own = counters.get(plan);
  if (own === undefined) {
    own = newOperatorCounters();
    counters.set(plan, own);
  }
  return own;
}

/** Every column is a key. */
function distinctRows(output: readonly OutputColumn[]): DistinctRows {
  const types = output.map(({ type }) => type);
  return { keys: types.map((type, index) => ({ kind: 'column', index, type })), types };
}

async function* counted(stream: BatchStream, counters: OperatorCounters): BatchStream {
  counters.loops += 1;
  let isFirst = true;
  let elapsedMs = 0;
  try {
    for (;;) {
      const start = performance.now();
      const next = await stream.next();
      const passedMs = performance.now() - start;
      elapsedMs += passedMs;
      counters.elapsedMs += passedMs;
      if (isFirst) counters.firstMs += elapsedMs;
      isFirst = false;
      if (next.done === true) return;
      counters.rows += next.value.rowCount;
      counters.batches += 1;
      yield next.value;
    }
  } finally {
    await stream.return();
  }
}
