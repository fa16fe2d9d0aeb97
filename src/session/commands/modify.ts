import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { WriteOptions } from '../../database/row-writes.ts';
import type { Transaction } from '../../database/transaction.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { BoundInsert, BoundModification } from '../../sql/binder/bound-statement.ts';
import { statementConstraints } from '../constraints/statement-constraint-scope.ts';
import type { StatementConstraints } from '../constraints/statement-constraints.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { lockChangedRows } from './lock-changed-rows.ts';

/** Rows that are written in one go. */
const WRITE_ROWS = 4096;
/** Rows of one batch of the result. */
const RESULT_ROWS = 1024;

const COMMANDS = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;
const TAGS = { insert: 'INSERT 0', update: 'UPDATE', delete: 'DELETE' } as const;

interface ModificationRun {
  readonly transaction: Transaction;
  readonly constraints: StatementConstraints;
  readonly context: ExecutionContext;
  /** For keys and rows that others have. */
  readonly wait: WriteOptions;
}

/** What a statement did, and the rows of its RETURNING. */
interface Modified {
  readonly rowCount: number;
  readonly returned: readonly Batch[];
}

/** INSERT, UPDATE and DELETE. `tables`: those of the plan. */
export async function modify(
  bound: BoundModification,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
): Promise<CommandResult> {
  const { rowCount, returned } = await runModification(bound, tables, scope);
  const tag = TAGS[bound.kind];
  if (bound.returning === undefined) return { tag: `${tag} ${rowCount}` };
  return { tag: (fetchedCount) => `${tag} ${fetchedCount}`, rows: returned };
}

/** Writes what the source gives, all or nothing. */
export async function runModification(
  bound: BoundModification,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
  counters?: PlanCounters,
): Promise<Modified> {
  const { block, environment, parameters, control, settings } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable(COMMANDS[bound.kind]);
  // What the statement writes itself must not feed its own source, so the snapshot is taken before.
  const snapshot = transaction.snapshot();
  const mark = transaction.markStatement();
  const deferred = block.constraints.save();
  try {
    const context = environment.execution({ snapshot, tables, parameters, control });
    const constraints = statementConstraints(scope, bound.table, context.memory);
    const wait = { control, lockTimeoutMs: settings.lockTimeoutMs };
    const run = { transaction, constraints, context, wait };
    const modified =
      bound.kind === 'insert' ? await insertRows(bound, run, counters) : await changeRows(bound, run, counters);
    await constraints.finish();
    return modified;
  } catch (error) {
    transaction.rollbackStatement(mark);
    block.constraints.restore(deferred);
    throw error;
  } finally {
    transaction.releaseMark(mark);
    snapshot.release();
  }
}

/** New rows are appended as they come; only what RETURNING shows is kept. */
async function insertRows(
  { table, source, returning }: BoundInsert,
  { transaction, constraints, context, wait }: ModificationRun,
  counters: PlanCounters | undefined,
): Promise<Modified> {
  const width = source.output.length - (returning?.length ?? 0);
  const types = source.output.slice(width).map((column) => column.type);
  const result = new RowStore(types, context.memory);
  let rowCount = 0;
  for await (const batch of executePlan(source, context, counters)) {
    const rows = columnsOf(batch, 0, width);
    const refused = constraints.firstRefused(rows);
    if (refused !== undefined) {
      // A key of the rows before it may be taken.
      if (refused.row > 0) await transaction.append(table.oid, sliceBatch(rows, 0, refused.row), wait);
      throw refused.error;
    }
    rowCount += await transaction.append(table.oid, rows, wait);
    const lookup = constraints.inserted(rows);
    if (lookup !== undefined) await lookup;
    if (returning !== undefined) result.append(columnsOf(batch, width, source.output.length));
    await context.control.yieldIfDue();
  }
  return { rowCount, returned: inBatches({ rowCount: result.rowCount, columns: result.columns() }, 0) };
}

/**
 * UPDATE and DELETE first find all their rows, then write: the plan reads what they are about to change. The rows are
 * kept within the memory of the statement.
 */
async function changeRows(
  bound: Exclude<BoundModification, BoundInsert>,
  { transaction, constraints, context, wait }: ModificationRun,
  counters: PlanCounters | undefined,
): Promise<Modified> {
  const { table, source, nameCount, oldColumns } = bound;
  const { control, memory } = context;
  const store = new RowStore(
    source.output.map((column) => column.type),
    memory,
  );
  for await (const batch of executePlan(source, context, counters)) {
    store.append(batch);
    await control.yieldIfDue();
  }
  let writtenCount = 0;
  const found: Batch = { rowCount: store.rowCount, columns: store.columns() };
  const rows =
    table.timeSeries === undefined ? await lockChangedRows(bound, found, { transaction, context, wait }) : found;
  const { rowCount } = rows;
  const resultStart = source.output.length - (bound.returning?.length ?? 0);
  const oldStart = resultStart - oldColumns.length;
  for (let from = 0; from < rowCount; from += WRITE_ROWS) {
    const part = sliceBatch(rows, from, Math.min(from + WRITE_ROWS, rowCount));
    const names = columnsOf(part, 0, nameCount);
    const old = columnsOf(part, oldStart, resultStart);
    const newRows = bound.kind === 'update' ? columnsOf(part, nameCount, oldStart) : undefined;
    if (newRows === undefined) writtenCount += await transaction.delete(table.oid, names, wait);
    else {
      const refused = constraints.firstRefused(newRows);
      if (refused !== undefined) throw refused.error;
      writtenCount += await transaction.update(table.oid, names, newRows, { ...wait, isPart: true });
    }
    constraints.changed({ rowCount: part.rowCount, oldColumns, old, rows: newRows });
    await control.yieldIfDue();
  }
  await transaction.checkKeys(wait);
  return { rowCount: writtenCount, returned: bound.returning === undefined ? [] : inBatches(rows, resultStart) };
}

function columnsOf(batch: Batch, from: number, to: number): Batch {
  return { rowCount: batch.rowCount, columns: batch.columns.slice(from, to) };
}

/** The columns from `firstColumn` on. */
function inBatches({ rowCount, columns }: Batch, firstColumn: number): Batch[] {
  const rows: Batch = { rowCount, columns: columns.slice(firstColumn) };
  const batches: Batch[] = [];
  for (let from = 0; from < rowCount; from += RESULT_ROWS) {
    batches.push(sliceBatch(rows, from, Math.min(from + RESULT_ROWS, rowCount)));
  }
  return batches;
}
