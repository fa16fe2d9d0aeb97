import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { WriteOptions } from '../../database/row-writes.ts';
import type { Transaction } from '../../database/transaction.ts';
import { withCommonTable } from '../../execution/common-tables.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { RowBuffer } from '../../execution/row-buffer.ts';
import { RowStore } from '../../execution/row-store.ts';
import type {
  BoundCommonTable,
  BoundDelete,
  BoundInsert,
  BoundModification,
  BoundQuery,
  BoundUpdate,
} from '../../sql/binder/bound-statement.ts';
import { statementConstraints } from '../constraints/statement-constraint-scope.ts';
import type { StatementConstraints } from '../constraints/statement-constraints.ts';
import { atCurrentRow } from '../cursors/current-row.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { ChangedRows } from './changed-rows.ts';
import { lockChangedRows } from './lock-changed-rows.ts';
import { upsert } from './upsert.ts';

/** Rows that are written in one go. */
const WRITE_ROWS = 4096;
/** Rows of one batch of the result. */
const RESULT_ROWS = 1024;

const COMMANDS = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;
const TAGS = { insert: 'INSERT 0', update: 'UPDATE', delete: 'DELETE' } as const;

export interface ModificationRun {
  readonly transaction: Transaction;
  readonly constraints: StatementConstraints;
  readonly context: ExecutionContext;
  /** For keys and rows that others have. */
  readonly wait: WriteOptions;
  /** Those that other parts of the statement have changed; undefined: there are no other parts. */
  readonly changedRows: ChangedRows | undefined;
  /** Rows of the plain table with this id and higher ones were written by the statement. */
  readonly firstRowId: number;
}

/** What a statement did, and the rows of its RETURNING. */
export interface Modified {
  readonly rowCount: number;
  /** Of INSERT … ON CONFLICT: how many rows found their key taken. */
  readonly conflictCount?: number;
  /** Of it: how many rows were inserted. */
  readonly insertedCount?: number;
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
export function runModification(
  bound: BoundModification,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
  counters?: PlanCounters,
): Promise<Modified> {
  const { block } = scope;
  block.noteQuery();
  block.requireWritable(COMMANDS[bound.kind]);
  const run = (changes: StatementChanges, context: ExecutionContext) => changes.make(bound, context, counters);
  return asStatement({ commonTables: bound.with ?? [], tables, run, counters }, scope);
}

/** A query whose WITH clause changes rows: it runs to its end before its rows are given. */
export async function queryWithChanges(
  bound: BoundQuery,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
  counters?: PlanCounters,
): Promise<CommandResult> {
  const { block } = scope;
  block.noteQuery();
  block.requireWritable('SELECT');
  const { plan } = bound;
  const run = async (_: StatementChanges, context: ExecutionContext): Promise<Batch[]> => {
    const store = new RowStore(
      plan.output.map((column) => column.type),
      context.memory,
    );
    for await (const batch of executePlan(plan, context, counters)) {
      store.append(batch);
      await context.control.yieldIfDue();
    }
    return inBatches({ rowCount: store.rowCount, columns: store.columns() }, 0);
  };
  const rows = await asStatement({ commonTables: bound.with ?? [], tables, run, counters }, scope);
  return { tag: (fetchedCount) => `SELECT ${fetchedCount}`, rows };
}

interface WholeStatement<Result> {
  readonly commonTables: readonly BoundCommonTable[];
  /** Those of all plans. */
  readonly tables: readonly TableDescriptor[];
  readonly run: (changes: StatementChanges, context: ExecutionContext) => Promise<Result>;
  readonly counters: PlanCounters | undefined;
}

/**
 * Runs what changes rows as one statement, all or nothing: every part of it sees the rows as they were before, and
 * constraints are looked at when all is done. `tables` of WITH are there for `run`; what none of them was asked for is
 * changed behind it, the last one first.
 */
async function asStatement<Result>(
  { commonTables, tables, run, counters }: WholeStatement<Result>,
  scope: StatementScope,
): Promise<Result> {
  const { block, environment, parameters, control } = scope;
  const transaction = block.current();
  // What the statement writes itself must not feed its own source, so the snapshot is taken before.
  const snapshot = transaction.snapshot();
  const mark = transaction.markStatement();
  const deferred = block.constraints.save();
  const buffers: RowBuffer[] = [];
  try {
    const changes = new StatementChanges(scope, transaction, { hasParts: commonTables.length > 0 });
    let context = environment.execution({ snapshot, tables, parameters, control });
    const changing: RowBuffer[] = [];
    for (const table of commonTables) {
      const before = context;
      const rows = (): BatchStream =>
        'plan' in table
          ? executePlan(table.plan, before, counters)
          : changes.returned(table.modification, before, counters);
      const buffer = new RowBuffer(context.memory, rows);
      buffers.push(buffer);
      if ('modification' in table) changing.unshift(buffer);
      context = withCommonTable(context, table.id, buffer);
    }
    const result = await run(changes, context);
    for (const buffer of changing) await buffer.fill();
    await changes.finish();
    transaction.checkSerializable();
    return result;
  } catch (error) {
    transaction.rollbackStatement(mark);
    block.constraints.restore(deferred);
    throw error;
  } finally {
    for (const buffer of buffers) await buffer.close();
    transaction.releaseMark(mark);
    snapshot.release();
  }
}

/** What one statement changes: by itself, and in its WITH clause. */
class StatementChanges {
  readonly #scope: StatementScope;
  readonly #transaction: Transaction;
  readonly #constraints: StatementConstraints[] = [];
  readonly #changedRows = new Map<number, ChangedRows>();
  readonly #hasParts: boolean;
  readonly #rowIdMark: (tableOid: number) => number;

  constructor(scope: StatementScope, transaction: Transaction, { hasParts }: { readonly hasParts: boolean }) {
    this.#scope = scope;
    this.#transaction = transaction;
    this.#hasParts = hasParts;
    this.#rowIdMark = transaction.rowIdMark();
  }

  async make(bound: BoundModification, around: ExecutionContext, counters?: PlanCounters): Promise<Modified> {
    const { control, settings, portals } = this.#scope;
    const context = atCurrentRow(bound, around, portals);
    const constraints = statementConstraints(this.#scope, bound.table, context.memory);
    this.#constraints.push(constraints);
    const wait = { control, lockTimeoutMs: settings.lockTimeoutMs };
    const firstRowId = this.#rowIdMark(bound.table.oid);
    const run = { transaction: this.#transaction, constraints, context, wait, firstRowId };
    if (bound.kind === 'insert' && bound.onConflict !== undefined) {
      // Whether a key is taken is read.
      this.#transaction.noteRead(bound.table);
      const { onConflict } = bound;
      return upsert({ ...bound, onConflict }, { ...run, changedRows: undefined }, counters);
    }
    if (bound.kind === 'insert') return insertRows(bound, { ...run, changedRows: undefined }, counters);
    return changeRows(bound, { ...run, changedRows: this.#changedRowsOf(bound, context) }, counters);
  }

  /** Makes the change when its first row is asked for, all of it. */
  async *returned(bound: BoundModification, context: ExecutionContext, counters?: PlanCounters): BatchStream {
    const { returned } = await this.make(bound, context, counters);
    yield* returned;
  }

  async finish(): Promise<void> {
    for (const constraints of this.#constraints) await constraints.finish();
  }

  #changedRowsOf(
    { table, source, nameCount }: BoundUpdate | BoundDelete,
    context: ExecutionContext,
  ): ChangedRows | undefined {
    if (!this.#hasParts) return undefined;
    let rows = this.#changedRows.get(table.oid);
    if (rows === undefined) {
      const names = source.output.slice(0, nameCount).map((column) => column.type);
      rows = new ChangedRows(names, context.memory);
      this.#changedRows.set(table.oid, rows);
    }
    return rows;
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
  { transaction, constraints, context, wait, changedRows }: ModificationRun,
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
  const all: Batch = { rowCount: store.rowCount, columns: store.columns() };
  const found = changedRows === undefined ? all : changedRows.without(all);
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

export function columnsOf(batch: Batch, from: number, to: number): Batch {
  return { rowCount: batch.rowCount, columns: batch.columns.slice(from, to) };
}

/** The columns from `firstColumn` on. */
export function inBatches({ rowCount, columns }: Batch, firstColumn: number): Batch[] {
  const rows: Batch = { rowCount, columns: columns.slice(firstColumn) };
  const batches: Batch[] = [];
  for (let from = 0; from < rowCount; from += RESULT_ROWS) {
    batches.push(sliceBatch(rows, from, Math.min(from + RESULT_ROWS, rowCount)));
  }
  return batches;
}
