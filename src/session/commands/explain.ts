import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { BoundExplain } from '../../sql/binder/bound-statement.ts';
import { explainModification, explainPlan } from '../../sql/plan/explain-plan.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { textRows } from '../text-rows.ts';
import { runModification } from './modify.ts';

/** EXPLAIN: the plan, a line a row. ANALYZE runs it, with all that it does, drops its rows and adds what was counted. */
export async function explain(
  statement: BoundExplain,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
): Promise<CommandResult> {
  const explained = statement.statement;
  const lines =
    explained.kind === 'query'
      ? explainPlan(explained.plan)
      : explainModification(explained.kind, explained.table, explained.source);
  if (statement.analyze) lines.push(...(await analyze(explained, tables, scope)));
  return { tag: 'EXPLAIN', rows: [textRows(lines.map((line) => [line]))] };
}

async function analyze(
  explained: BoundExplain['statement'],
  tables: readonly TableDescriptor[],
  scope: StatementScope,
): Promise<string[]> {
  const counters: PlanCounters = new Map();
  const startMs = performance.now();
  const plan = explained.kind === 'query' ? explained.plan : explained.source;
  if (explained.kind === 'query') await runQuery(explained.plan, tables, scope, counters);
  else await runModification(explained, tables, scope, counters);
  const durationMs = performance.now() - startMs;
  const lines = [`Rows: ${counters.get(plan)?.rows ?? 0}`];
  for (const { scan } of counters.values()) {
    if (scan === undefined) continue;
    lines.push(
      `Scan: ${scan.seriesScanned} series, ${scan.unitsRead} units read, ${scan.unitsSkipped} skipped, ` +
        `${scan.soleRows} sole rows, ${scan.mergedRows} merged rows` +
        (scan.tagTests === undefined ? '' : `, ${scan.tagTests} tag values tested`),
    );
  }
  return [...lines, `Execution Time: ${durationMs.toFixed(3)} ms`];
}

async function runQuery(
  plan: LogicalPlan,
  tables: readonly TableDescriptor[],
  { block, environment, parameters, control }: StatementScope,
  counters: PlanCounters,
): Promise<void> {
  block.noteQuery();
  const snapshot = block.current().snapshot();
  try {
    const rows = executePlan(plan, environment.execution({ snapshot, tables, parameters, control }), counters);
    for await (const _ of rows) await control.yieldIfDue();
  } finally {
    snapshot.release();
  }
}
