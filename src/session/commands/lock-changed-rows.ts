import type { ScanRequest } from '../../catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import type { WriteOptions } from '../../database/row-writes.ts';
import type { Transaction } from '../../database/transaction.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { BoundDelete, BoundUpdate } from '../../sql/binder/bound-statement.ts';
import { rowIdsOf } from '../row-ids.ts';

/** Rows that are locked in one go. */
const LOCK_ROWS = 4096;

/**
 * Locks the rows of a plain table that UPDATE or DELETE has found, which may mean to wait for others that change them. A
 * row that is gone by then is left out. One that was updated is looked at once more as it is now (READ COMMITTED): with it
 * the whole plan runs again, so that the row counts if it still fulfils the condition, and its new values come from those
 * that it has now; what else the plan reads it reads as before. `rows` is what the plan has given; so is the result.
 */
export async function lockChangedRows(
  bound: BoundUpdate | BoundDelete,
  rows: Batch,
  { transaction, context, wait }: { transaction: Transaction; context: ExecutionContext; wait: WriteOptions },
): Promise<Batch> {
  const { table, source } = bound;
  const kept = new Uint32Array(rows.rowCount);
  let keptCount = 0;
  /** By the id of its newest version the place of each row that was replaced. */
  const replaced = new Map<number, number>();
  for (let from = 0; from < rows.rowCount; from += LOCK_ROWS) {
    const part = sliceBatch(rows, from, Math.min(from + LOCK_ROWS, rows.rowCount));
    const rowIds = rowIdsOf(part);
    const { fates, rowIds: newest } = await transaction.lockRows(
      table.oid,
      rowIds,
      modeOf(bound, part, transaction),
      wait,
    );
    for (let row = 0; row < part.rowCount; row++) {
      if (fates[row] === 'current') kept[keptCount++] = from + row;
      else if (fates[row] === 'replaced') replaced.set(newest[row], from + row);
    }
    await context.control.yieldIfDue();
  }
  if (keptCount === rows.rowCount) return rows;
  if (replaced.size === 0) return gatherBatch(rows, kept, keptCount);
  const store = new RowStore(
    source.output.map((column) => column.type),
    context.memory,
  );
  if (keptCount > 0) store.append(gatherBatch(rows, kept, keptCount));
  const snapshot = transaction.snapshot();
  try {
    const target = new NewestRows(context.table(table.oid), Float64Array.from(replaced.keys()), snapshot);
    for await (const batch of executePlan(source, { ...context, target })) store.append(batch);
  } finally {
    snapshot.release();
  }
  const places = Array.from(kept.subarray(0, keptCount));
  const result: Batch = { rowCount: store.rowCount, columns: store.columns() };
  for (const rowId of rowIdsOf(result).subarray(keptCount)) places.push(replaced.get(rowId)!);
  // In the order in which the plan has found them at first.
  const order = Uint32Array.from(places.keys()).sort((a, b) => places[a]! - places[b]!);
  return gatherBatch(result, order, result.rowCount);
}

/** Certain rows of a table, as a later snapshot shows them. */
class NewestRows implements Table {
  readonly descriptor: Table['descriptor'];
  readonly #table: Table;
  readonly #rowIds: Float64Array;
  readonly #snapshot: Snapshot;

  constructor(table: Table, rowIds: Float64Array, snapshot: Snapshot) {
    this.descriptor = table.descriptor;
    this.#table = table;
    this.#rowIds = rowIds;
    this.#snapshot = snapshot;
  }

  scan({ columns, timeRange, seriesPredicates, fieldRanges }: ScanRequest): TableScan {
    const request = { columns, timeRange, seriesPredicates, fieldRanges, rowIds: this.#rowIds };
    return this.#table.scan(request, this.#snapshot);
  }
}

/** As strong as some row of the part needs it. */
function modeOf(bound: BoundUpdate | BoundDelete, part: Batch, transaction: Transaction): 'update' | 'no key update' {
  if (bound.kind === 'delete') return 'update';
  const { table, nameCount } = bound;
  const end = nameCount + table.columns.filter(({ isHidden }) => isHidden !== true).length;
  const newRows: Batch = { rowCount: part.rowCount, columns: part.columns.slice(nameCount, end) };
  return transaction.changesKeys(table.oid, rowIdsOf(part), newRows).includes(1) ? 'update' : 'no key update';
}
