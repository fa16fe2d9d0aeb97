import type { BatchStream } from '../../columnar/batch.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { AsOfJoinNode } from '../../sql/plan/join-nodes.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import { AsOfIndex } from '../as-of/as-of-index.ts';
import { AsOfMerge } from '../as-of/as-of-merge.ts';
import { exactTimes } from '../as-of/exact-times.ts';
import { FoundRowsJoin } from '../as-of/found-rows.ts';
import { NarrowedScan } from '../as-of/narrowed-scan.ts';
import type { ExecutionContext } from '../execution-context.ts';
import type { OperatorCounters } from '../operator-counters.ts';

/**
 * For each row of the left side the row of the right side that is nearest in time. The right side is read once and put in
 * order by key and time, which it mostly is; a left row finds its own from where the one before of its key has found it.
 * Of a time-series table no more is read than the left side needs: the series of its keys, from its earliest time on, and
 * of what lies before that the last row of each series. Where the right side passes the memory of the statement, both
 * sides are sorted on disk and merged.
 */
export async function* asOfJoin(
  left: BatchStream,
  node: AsOfJoinNode,
  context: ExecutionContext,
  run: (right: LogicalPlan) => BatchStream,
  counters?: OperatorCounters,
): BatchStream {
  const narrowed = new NarrowedScan(node, context);
  try {
    const rows = await narrowed.read(left);
    const index = await indexOf(narrowed, node, context, run);
    if (index === undefined) yield* merged(rows, narrowed, node, context, run, counters);
    else yield* found(rows, index, node, context);
  } finally {
    await narrowed.close();
    await left.return();
  }
}

/** undefined: there is no room for the right side. */
async function indexOf(
  narrowed: NarrowedScan,
  node: AsOfJoinNode,
  context: ExecutionContext,
  run: (right: LogicalPlan) => BatchStream,
): Promise<AsOfIndex | undefined> {
  const index = new AsOfIndex(node, context);
  let isWhole = false;
  try {
    for (const plan of narrowed.plans()) {
      for await (const batch of run(plan)) {
        if (context.spill === undefined) index.add(batch);
        else if (!index.tryAdd(batch)) return undefined;
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
    }
    await index.finish();
    isWhole = true;
    return index;
  } finally {
    if (!isWhole) index.release();
  }
}

async function* found(rows: BatchStream, index: AsOfIndex, node: AsOfJoinNode, context: ExecutionContext): BatchStream {
  const { bound } = node;
  const bounds = bound === undefined ? undefined : new ColumnEvaluator(bound.value, context);
  const join = new FoundRowsJoin(node, context);
  try {
    for await (const batch of rows) {
      const times = bounds === undefined ? undefined : exactTimes(bounds.evaluate(batch), batch.rowCount);
      const joined = join.join(index.find(batch, times));
      if (joined.rowCount > 0) yield joined;
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
  } finally {
    index.release();
  }
}

async function* merged(
  rows: BatchStream,
  narrowed: NarrowedScan,
  node: AsOfJoinNode,
  context: ExecutionContext,
  run: (right: LogicalPlan) => BatchStream,
  counters: OperatorCounters | undefined,
): BatchStream {
  const merge = new AsOfMerge(node, context);
  const join = new FoundRowsJoin(node, context);
  try {
    await merge.addLeft(rows);
    await narrowed.close();
    for await (const batch of merge.find(narrowed.plans().map(run))) {
      const joined = join.join(batch);
      if (joined.rowCount > 0) yield joined;
    }
    if (counters !== undefined) counters.spilledBytes += merge.spilledBytes;
  } finally {
    await merge.close();
  }
}
