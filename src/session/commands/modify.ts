import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { Transaction } from '../../database/transaction.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { BoundInsert, BoundModification } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** Rows that are written in one go. */
const WRITE_ROWS = 4096;
/** Rows of one batch of the result. */
const RESULT_ROWS = 1024;

const COMMANDS = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;
const TAGS = { insert: 'INSERT 0', update: 'UPDATE', delete: 'DELETE' } as const;

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
  const { block, environment, parameters, control } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable(COMMANDS[bound.kind]);
  // What the statement writes itself must not feed its own source, so the snapshot is taken before.
  const snapshot = transaction.snapshot();
  const mark = transaction.markStatement();
  try {
    const context = environment.execution({ snapshot, tables, parameters, control });
    return bound.kind === 'insert'
      ? await insertRows(bound, transaction, context, counters)
      : await changeRows(bound, transaction, context, counters);
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    snapshot.release();
  }
}

/** New rows are appended as they come; only what RETURNING shows is kept. */
async function insertRows(
  { table, source, returning }: BoundInsert,
  transaction: Transaction,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
): Promise<Modified> {
  const width = source.output.length - (returning?.length ?? 0);
  const types = source.output.slice(width).map((column) => column.type);
  const result = new RowStore(types, context.memory);
  let rowCount = 0;
  for await (const batch of executePlan(source, context, counters)) {
    rowCount += await transaction.append(table.oid, columnsOf(batch, 0, width));
    if (returning !== undefined) result.append(columnsOf(batch, width, source.output.length));
    await context.control.yieldIfDue();
  }
  return { rowCount, returned: inBatches(result, 0) };
}

/**
 * UPDATE and DELETE first find all their rows, then write: the plan reads what they are about to change. The rows are
 * kept within the memory of the statement.
 */
async function changeRows(
  bound: Exclude<BoundModification, BoundInsert>,
  transaction: Transaction,
  context: ExecutionContext,
  counters: PlanCounters | undefined,
): Promise<Modified> {
  const { table, source, nameCount } = bound;
  const { control, memory } = context;
  const store = new RowStore(
    source.output.map((column) => column.type),
    memory,
  );
  for await (const batch of executePlan(source, context, counters)) {
    store.append(batch);
    await control.yieldIfDue();
  }
  const { rowCount } = store;
  let writtenCount = 0;
  const rows: Batch = { rowCount, columns: store.columns() };
  const resultStart = source.output.length - (bound.returning?.length ?? 0);
  for (let from = 0; from < rowCount; from += WRITE_ROWS) {
    const part = sliceBatch(rows, from, Math.min(from + WRITE_ROWS, rowCount));
    const names = columnsOf(part, 0, nameCount);
    writtenCount +=
      bound.kind === 'delete'
        ? await transaction.delete(table.oid, names)
        : await transaction.update(table.oid, names, columnsOf(part, nameCount, resultStart));
    await control.yieldIfDue();
  }
  return { rowCount: writtenCount, returned: bound.returning === undefined ? [] : inBatches(store, resultStart) };
}

function columnsOf(batch: Batch, from: number, to: number): Batch {
  return { rowCount: batch.rowCount, columns: batch.columns.slice(from, to) };
}

/** The columns of a store from `firstColumn` on. */
function inBatches(store: RowStore, firstColumn: number): Batch[] {
  const { rowCount } = store;
  const rows: Batch = { rowCount, columns: store.columns().slice(firstColumn) };
  const batches: Batch[] = [];
  for (let from = 0; from < rowCount; from += RESULT_ROWS) {
    batches.push(sliceBatch(rows, from, Math.min(from + RESULT_ROWS, rowCount)));
  }
  return batches;
}
