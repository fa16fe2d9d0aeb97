import type { Snapshot } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { TableLockMode } from '../catalog/table-locking.ts';
import type { Batch, BatchStream } from '../columnar/batch.ts';
import { invariant, unreachable } from '../errors/invariant.ts';
import { executePlan } from '../execution/execute-plan.ts';
import type { ExecutionContext } from '../execution/execution-context.ts';
import { type PointRead, pointReadOf, readPoint } from '../execution/point-read.ts';
import { computeRow, soleRowOf } from '../execution/sole-row.ts';
import type { BoundCommonTable, BoundStatement } from '../sql/binder/bound-statement.ts';
import type { Expression } from '../sql/expression/expression.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import { requireRights } from './access/require-rights.ts';
import { changeLock } from './change-lock.ts';
import { analyze } from './commands/analyze.ts';
import { createTableAs } from './commands/create-table-as.ts';
import { deallocate } from './commands/deallocate.ts';
import { declareCursor } from './commands/declare-cursor.ts';
import { discard } from './commands/discard.ts';
import { executeParameters, prepare } from './commands/execute.ts';
import { explain } from './commands/explain.ts';
import { fetchRows } from './commands/fetch.ts';
import { lockTables } from './commands/lock-table.ts';
import { modify, queryWithChanges } from './commands/modify.ts';
import { controlSavepoint } from './commands/savepoint.ts';
import { setSetting } from './commands/set.ts';
import { setConstraints } from './commands/set-constraints.ts';
import { setTransaction } from './commands/set-transaction.ts';
import { show } from './commands/show.ts';
import { controlTransaction } from './commands/transaction-control.ts';
import { truncate } from './commands/truncate.ts';
import { runUtility } from './commands/utility.ts';
import { vacuum } from './commands/vacuum.ts';
import { FetchRun } from './cursors/cursor-runs.ts';
import { createHypertable } from './definitions/create-hypertable.ts';
import { runDefinition } from './definitions/run-definition.ts';
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
  const { bound, failure } = planned;
  if (bound.kind !== 'prepare') requireRights(planned, scope);
  if (failure !== undefined) throw failure;
  if (bound.kind === 'execute') {
    const statement = scope.prepared.get(bound.name);
    const current = () => statement.currentPlan(scope.environment, scope.settings) ?? planned;
    return runStatement(current(), current, { ...scope, parameters: executeParameters(bound, scope) });
  }
  if (bound.kind === 'query' && bound.with === undefined) {
    scope.block.noteQuery();
    return new QueryRun(bound.plan, planned, scope);
  }
  if (bound.kind === 'utility' && bound.statement.kind === 'fetch' && !bound.statement.isMove) {
    const { statement } = bound;
    return new FetchRun(() => fetchRows(statement, scope));
  }
  return new CommandRun(() => runLocked(currentPlan, scope), { givesRows: planned.columns !== undefined });
}

function runLocked(currentPlan: () => PlannedStatement, scope: StatementScope): CommandResult | Promise<CommandResult> {
  const planned = currentPlan();
  const needsNone = scope.block.isReadOnly || locksOf(lockingPart(planned.bound, scope)).length === 0;
  return needsNone ? runCommand(planned, scope) : lockAndRun(currentPlan, scope);
}

/** Waits for the tables that the statement changes, and plans it anew then: it may have waited for what changed them. */
async function lockAndRun(currentPlan: () => PlannedStatement, scope: StatementScope): Promise<CommandResult> {
  const { block, settings, control } = scope;
  const locked = new Set<number>();
  for (;;) {
    const planned = currentPlan();
    const wanted = locksOf(lockingPart(planned.bound, scope));
    if (block.isReadOnly || wanted.every(({ table }) => locked.has(table.oid))) return runCommand(planned, scope);
    for (const { table, mode } of wanted) {
      await block.current().lockTable(table.oid, mode, { control, lockTimeoutMs: settings.lockTimeoutMs });
      locked.add(table.oid);
    }
  }
}

/** EXPLAIN ANALYZE EXECUTE takes the locks of what it executes. */
function lockingPart(bound: BoundStatement, scope: StatementScope): BoundStatement {
  if (bound.kind !== 'explain' || !bound.analyze || bound.statement.kind !== 'execute') return bound;
  const statement = scope.prepared.get(bound.statement.name);
  return statement.currentPlan(scope.environment, scope.settings)?.bound ?? bound;
}

interface WantedLock {
  readonly table: TableDescriptor;
  readonly mode: TableLockMode;
}

/** The tables that the statement writes to stay as they are while it runs. */
function locksOf(bound: BoundStatement): readonly WantedLock[] {
  switch (bound.kind) {
    case 'query':
      return locksOfTables(bound.with);
    case 'insert': {
      const mode = bound.onConflict === undefined ? 'append' : changeLock(bound.table);
      return [{ table: bound.table, mode }, ...locksOfTables(bound.with)];
    }
    case 'update':
    case 'delete':
      return [{ table: bound.table, mode: changeLock(bound.table) }, ...locksOfTables(bound.with)];
    case 'truncate':
      return bound.tables.map((table) => ({ table, mode: 'exclusive' }));
    case 'create-table-as':
      return locksOfTables(bound.query.with);
    case 'explain':
      return bound.analyze ? locksOf(bound.statement) : [];
    default:
      return [];
  }
}

function locksOfTables(tables: readonly BoundCommonTable[] = []): readonly WantedLock[] {
  return tables.flatMap((table) => ('modification' in table ? locksOf(table.modification) : []));
}

function runCommand(planned: PlannedStatement, scope: StatementScope): CommandResult | Promise<CommandResult> {
  const { bound, tables } = planned;
  switch (bound.kind) {
    case 'insert':
    case 'update':
    case 'delete':
      return modify(bound, tables, scope);
    case 'truncate':
      return truncate(bound, scope);
    case 'lock':
      return lockTables(bound, scope);
    case 'vacuum':
      return vacuum(bound, scope);
    case 'analyze':
      return analyze(bound, scope);
    case 'definition':
      return runDefinition(bound.statement, scope);
    case 'create-table-as':
      return createTableAs(bound, tables, scope);
    case 'create-hypertable':
      return createHypertable(bound, scope);
    case 'set-constraints':
      return setConstraints(bound, scope);
    case 'explain':
      return explain(bound, planned, scope);
    case 'show':
      return show(bound, scope);
    case 'set':
      return setSetting(bound, scope);
    case 'set-transaction':
      return setTransaction(bound, scope);
    case 'transaction':
      return controlTransaction(bound, scope);
    case 'savepoint':
      return controlSavepoint(bound, scope);
    case 'prepare':
      return prepare(bound, scope);
    case 'deallocate':
      return deallocate(bound, scope);
    case 'discard':
      return discard(bound, scope);
    case 'utility':
      return runUtility(bound, scope);
    case 'declare-cursor':
      return declareCursor(bound, planned, scope);
    case 'execute':
      throw new Error('what EXECUTE executes is run in its place');
    case 'query':
      invariant(bound.with !== undefined, 'a command does not become a query when it is planned again');
      return queryWithChanges(bound, tables, scope);
    default:
      return unreachable(bound);
  }
}

class QueryRun implements StatementRun {
  readonly isQuery = true;
  readonly #snapshot: Snapshot;
  readonly #plan: LogicalPlan;
  readonly #context: ExecutionContext;
  /** A row that is found by its key is read when it is asked for, without all that large results need. */
  #point: PointRead | undefined;
  /** So is a row that is made of nothing. */
  #row: readonly Expression[] | undefined;
  #batches: BatchStream | undefined;
  #isOpen = true;

  constructor(plan: LogicalPlan, { tables }: PlannedStatement, scope: StatementScope) {
    const { environment, parameters, control } = scope;
    this.#plan = plan;
    this.#snapshot = scope.block.current().snapshot();
    try {
      this.#context = environment.execution({ snapshot: this.#snapshot, tables, parameters, control });
      this.#point = pointReadOf(plan);
      if (this.#point === undefined) this.#row = soleRowOf(plan);
      if (this.#point === undefined && this.#row === undefined) this.#batches = executePlan(plan, this.#context);
    } catch (error) {
      this.#snapshot.release();
      throw error;
    }
  }

  next(): Batch | undefined | Promise<Batch | undefined> {
    if (!this.#isOpen) return undefined;
    const point = this.#point;
    if (point !== undefined) {
      this.#point = undefined;
      const found = readPoint(point, this.#context);
      if (found?.length === 1) return found[0];
      if (found === undefined) this.#batches = executePlan(this.#plan, this.#context);
    }
    if (this.#row !== undefined) return this.#computeRow(this.#row);
    if (this.#batches !== undefined) return this.#pull(this.#batches);
    this.#isOpen = false;
    this.#snapshot.release();
    return undefined;
  }

  #computeRow(row: readonly Expression[]): Batch | Promise<Batch> {
    this.#row = undefined;
    const batch = computeRow(row, this.#context);
    const { control } = this.#context;
    return control.owesAnything ? control.pay().then(() => batch) : batch;
  }

  async #pull(batches: BatchStream): Promise<Batch | undefined> {
    const { value, done } = await batches.next();
    if (done !== true) return value;
    await this.close();
    return undefined;
  }

  close(): Promise<void> | undefined {
    if (!this.#isOpen) return undefined;
    this.#isOpen = false;
    if (this.#batches !== undefined) return this.#closeStream(this.#batches);
    this.#snapshot.release();
    return undefined;
  }

  async #closeStream(batches: BatchStream): Promise<void> {
    try {
      await batches.return();
    } finally {
      this.#snapshot.release();
    }
  }

  tag(rowCount: number): string {
    return `SELECT ${rowCount}`;
  }
}
