import type { Snapshot } from '../../src/catalog/table.ts';
import { valueAt } from '../../src/columnar/column.ts';
import { executePlan } from '../../src/execution/execute-plan.ts';
import type { ExecutionContext } from '../../src/execution/execution-context.ts';
import { MemoryAccount } from '../../src/execution/memory-account.ts';
import { StatementControl } from '../../src/execution/statement-control.ts';
import type { FunctionEnvironment } from '../../src/functions/environment.ts';
import type { LogicalPlan } from '../../src/sql/plan/logical-plan.ts';
import { environment } from '../functions/evaluate-sql-call.ts';

/** What a plan over no stored table is executed with. */
export function contextFor(changes: Partial<ExecutionContext> = {}): ExecutionContext {
  return {
    snapshot: { lsn: 0, release: () => undefined } as Snapshot,
    table: (oid) => {
      throw new Error(`there is no table ${oid}`);
    },
    parameters: [],
    environment: environment as FunctionEnvironment,
    control: new StatementControl(),
    memory: new MemoryAccount(2 ** 28),
    ...changes,
  };
}

/** The rows of a plan, a text each. */
export async function rowsOf(plan: LogicalPlan, context = contextFor()): Promise<string[]> {
  const rows: string[] = [];
  for await (const batch of executePlan(plan, context)) {
    for (let row = 0; row < batch.rowCount; row++) {
      rows.push(batch.columns.map((column) => String(valueAt(column, row))).join(' '));
    }
  }
  return rows;
}
