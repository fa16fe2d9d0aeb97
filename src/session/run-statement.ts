import type { Snapshot } from '../catalog/table.ts';
import type { Batch, BatchStream } from '../columnar/batch.ts';
import { invariant, unreachable } from '../errors/invariant.ts';
import { executePlan } from '../execution/execute-plan.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import { createTable } from './commands/create-table.ts';
import { deallocate } from './commands/deallocate.ts';
import { dropTable } from './commands/drop-table.ts';
import { explain } from './commands/explain.ts';
import { insert } from './commands/insert.ts';
import { setSetting } from './commands/set.ts';
import { show } from './commands/show.ts';
import { controlTransaction } from './commands/transaction-control.ts';
import type { PlannedStatement } from './plan-statement.ts';
import { type CommandResult, CommandRun, type StatementRun } from './statement-run.ts';
import type { StatementScope } from './statement-scope.ts';

/**
 * Makes a planned statement ready to be pulled. A query's snapshot is taken now. A command acts at the first pull, which
 * may be a while later: by then the tables of its plan may have changed, so it asks `currentPlan` again.
 */
export function runStatement(
  planned: PlannedStatement,
  currentPlan: () => PlannedStatement,
  scope: StatementScope,
): StatementRun {
  const { bound } = planned;
  if (bound.kind === 'query') {
    scope.block.noteQuery();
    return new QueryRun(bound.plan, planned, scope);
  }
  return new CommandRun(() => runCommand(currentPlan(), scope), { givesRows: planned.columns !== undefined });
}

function runCommand(planned: PlannedStatement, scope: StatementScope): CommandResult | Promise<CommandResult> {
  const { bound, tables } = planned;
  switch (bound.kind) {
    case 'insert':
      return insert(bound, tables, scope);
    case 'create-table':
      return createTable(bound, scope);
    case 'drop-table':
      return dropTable(bound, scope);
    case 'explain':
      return explain(bound, tables, scope);
    case 'show':
      return show(bound, scope);
    case 'set':
      return setSetting(bound, scope);
    case 'transaction':
      return controlTransaction(bound, scope);
    case 'deallocate':
      return deallocate(bound, scope);
    case 'query':
      invariant(false, 'a command does not become a query when it is planned again');
      break;
    default:
      return unreachable(bound);
  }
}

class QueryRun implements StatementRun {
  readonly isQuery = true;
  readonly #snapshot: Snapshot;
  readonly #batches: BatchStream;
  #isOpen = true;

  constructor(plan: LogicalPlan, { tables }: PlannedStatement, scope: StatementScope) {
    const { environment, parameters, control } = scope;
    this.#snapshot = scope.block.current().snapshot();
    try {
      const context = environment.execution({ snapshot: this.#snapshot, tables, parameters, control });
      this.#batches = executePlan(plan, context);
    } catch (error) {
      this.#snapshot.release();
      throw error;
    }
  }

  async next(): Promise<Batch | undefined> {
    if (!this.#isOpen) return undefined;
    const { value, done } = await this.#batches.next();
    if (done !== true) return value;
    await this.close();
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#batches.return();
    } finally {
      this.#snapshot.release();
    }
  }

  tag(rowCount: number): string {
    return `SELECT ${rowCount}`;
  }
}
