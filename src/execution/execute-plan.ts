import type { BatchStream } from '../columnar/batch.ts';
import { unreachable } from '../errors/invariant.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { LogicalPlan, OutputColumn } from '../sql/plan/logical-plan.ts';
import type { ExecutionContext } from './execution-context.ts';
import { NewestLimit } from './newest-limit.ts';
import { newOperatorCounters, type OperatorCounters } from './operator-counters.ts';
import { distinct } from './operators/distinct.ts';
import { filter } from './operators/filter.ts';
import { firstPerGroup, sortsByGroup } from './operators/first-per-group.ts';
import { hashAggregate } from './operators/hash-aggregate.ts';
import { join } from './operators/join.ts';
import { limit, limitRange } from './operators/limit.ts';
import { project } from './operators/project.ts';
import { scan } from './operators/scan.ts';
import { sort } from './operators/sort.ts';
import { topN } from './operators/top-n.ts';
import { tableFunction, values } from './operators/values.ts';

/** Counters per plan node, filled while the plan runs: EXPLAIN ANALYZE. */
export type PlanCounters = Map<LogicalPlan, OperatorCounters>;

/**
 * The rows of a plan, made as they are asked for. Closing the stream early closes every operator under it. With
 * `counters`, each node's rows and time are noted.
 */
export function executePlan(plan: LogicalPlan, context: ExecutionContext, counters?: PlanCounters): BatchStream {
  return execute(plan, context, counters);
}

/** `limit`: of a scan that a top-n reads newest first. */
function execute(
  plan: LogicalPlan,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
  limit?: NewestLimit,
): BatchStream {
  if (counters === undefined) return operatorOf(plan, context, undefined, limit);
  const own = newOperatorCounters();
  counters.set(plan, own);
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
      return hashAggregate(input(plan.input), plan, context);
    case 'distinct':
      return distinct(input(plan.input), columnsOf(plan.input.output), context);
    case 'distinct-on':
      if (sortsByGroup(plan)) return firstPerGroup(input(plan.input.input), plan, plan.input, context);
      return distinct(input(plan.input), plan.keys, context);
    case 'join':
      return join(input(plan.left), input(plan.right), plan, context);
    case 'sort':
      return sort(input(plan.input), plan, context);
    case 'limit':
      return limit(input(plan.input), limitRange(plan, context));
    case 'top-n': {
      const isInOrder = plan.input.kind === 'scan' && plan.input.take === 'newest-first';
      if (!isInOrder) return topN(input(plan.input), plan, context);
      const limitOfScan = new NewestLimit(plan.keys.length > 1);
      return topN(execute(plan.input, context, counters, limitOfScan), plan, context, limitOfScan);
    }
    default:
      return unreachable(plan);
  }
}

function columnsOf(output: readonly OutputColumn[]): Expression[] {
  return output.map(({ type }, index) => ({ kind: 'column', index, type }));
}

async function* counted(stream: BatchStream, counters: OperatorCounters): BatchStream {
  try {
    for (;;) {
      const start = performance.now();
      const next = await stream.next();
      counters.elapsedMs += performance.now() - start;
      if (next.done === true) return;
      counters.rows += next.value.rowCount;
      counters.batches += 1;
      yield next.value;
    }
  } finally {
    await stream.return();
  }
}
