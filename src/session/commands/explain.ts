import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { BoundExplain } from '../../sql/binder/bound-statement.ts';
import { explainPlan } from '../../sql/plan/explain-plan.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { textRows } from '../text-rows.ts';

/** EXPLAIN: the plan, a line a row. ANALYZE runs it, drops its rows and adds what was counted. */
export async function explain(
  statement: BoundExplain,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
): Promise<CommandResult> {
  const { plan } = statement.statement;
  const lines = explainPlan(plan);
  if (statement.analyze) lines.push(...(await analyze(plan, tables, scope)));
  return { tag: 'EXPLAIN', rows: textRows(lines.map((line) => [line])) };
}

async function analyze(
  plan: LogicalPlan,
  tables: readonly TableDescriptor[],
  { block, environment, parameters, control }: StatementScope,
): Promise<string[]> {
  const counters: PlanCounters = new Map();
  block.noteQuery();
  const startMs = performance.now();
  const snapshot = block.current().snapshot();
  try {
    const rows = executePlan(plan, environment.execution({ snapshot, tables, parameters, control }), counters);
    for await (const _ of rows) await control.yieldIfDue();
  } finally {
    snapshot.release();
  }
  const durationMs = performance.now() - startMs;
  const lines = [`Rows: ${counters.get(plan)?.rows ?? 0}`];
  for (const { scan } of counters.values()) {
    if (scan === undefined) continue;
    lines.push(
      `Scan: ${scan.seriesScanned} series, ${scan.unitsRead} units read, ${scan.unitsSkipped} skipped, ` +
        `${scan.soleRows} sole rows, ${scan.mergedRows} merged rows`,
    );
  }
  return [...lines, `Execution Time: ${durationMs.toFixed(3)} ms`];
}
