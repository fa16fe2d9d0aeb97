import { ALL_TIME, type ScanRequest } from '../../catalog/scan-request.ts';
import type { Snapshot, Table, TableScan } from '../../catalog/table.ts';
import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { valueAt } from '../../columnar/column.ts';
import { gatherBatch, sliceBatch } from '../../columnar/copy-rows.ts';
import { invariant } from '../../errors/invariant.ts';
import type { LockRowsNode, LockStrength, RowMark } from '../../sql/plan/lock-rows-node.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { ExecutionContext, RowLocker } from '../execution-context.ts';

type Execute = (plan: LogicalPlan, context: ExecutionContext) => BatchStream;

const ORDER: readonly LockStrength[] = ['key share', 'share', 'no key update', 'update'];

/**
 * FOR UPDATE and its like: gives rows on once they are locked. One that somebody has changed meanwhile is looked at once
 * more as it is now (READ COMMITTED): the plan below runs again over just the rows that it was made of, so that it counts
 * if it still fulfils the conditions, with the values that it has now. Rows that are gone, or skipped, are left out.
 */
export async function* lockRows(
  input: BatchStream,
  node: LockRowsNode,
  context: ExecutionContext,
  execute: Execute,
): BatchStream {
  const { rowLocker } = context;
  invariant(rowLocker !== undefined, 'a statement that locks rows can');
  const locks = new RowsLock(node, context, rowLocker, execute);
  try {
    await locks.begin();
    for await (const batch of input) {
      // Who may stop after a row must not find the rows behind it locked.
      const step = node.isLimited ? 1 : batch.rowCount;
      for (let from = 0; from < batch.rowCount; from += step) {
        for (const rows of await locks.lock(sliceBatch(batch, from, from + step))) yield rows;
        await context.control.yieldIfDue();
      }
    }
  } finally {
    await input.return();
  }
}

class RowsLock {
  readonly #node: LockRowsNode;
  readonly #context: ExecutionContext;
  readonly #locker: RowLocker;
  readonly #execute: Execute;

  constructor(node: LockRowsNode, context: ExecutionContext, locker: RowLocker, execute: Execute) {
    this.#node = node;
    this.#context = context;
    this.#locker = locker;
    this.#execute = execute;
  }

  async begin(): Promise<void> {
    const strengths = this.#node.marks.flatMap(({ strength }) => (strength === undefined ? [] : [strength]));
    const strongest = ORDER[Math.max(0, ...strengths.map((strength) => ORDER.indexOf(strength)))];
    for (const { table, strength } of this.#node.marks) {
      if (strength !== undefined) await this.#locker.begin(strongest, table.oid);
    }
  }

  /** The rows as they are under their locks. */
  async lock(batch: Batch): Promise<readonly Batch[]> {
    const { marks } = this.#node;
    const ids = marks.map((mark) => rowIdsAt(batch, mark));
    const isGone = new Uint8Array(batch.rowCount);
    const isChanged = new Uint8Array(batch.rowCount);
    for (const [at, { table, strength, policy }] of marks.entries()) {
      if (strength === undefined) continue;
      const { fates, rowIds } = await this.#locker.lock({ table, policy }, strength, ids[at]);
      for (let row = 0; row < batch.rowCount; row++) {
        if (fates[row] === 'deleted' || fates[row] === 'skipped') isGone[row] = 1;
        else if (fates[row] === 'replaced') isChanged[row] = 1;
      }
      ids[at] = rowIds;
    }
    if (!isGone.includes(1) && !isChanged.includes(1)) return [batch];
    const result: Batch[] = [];
    for (let row = 0; row < batch.rowCount; ) {
      let end = row;
      while (end < batch.rowCount && isGone[end] === 0 && isChanged[end] === 0) end += 1;
      if (end > row) result.push(sliceBatch(batch, row, end));
      if (end < batch.rowCount && isGone[end] === 0) {
        const again = await this.#lookAgain(ids.map((rowIds) => rowIds[end]));
        if (again !== undefined) result.push(again);
      }
      row = end + 1;
    }
    return result;
  }

  /** The row that the plan makes of these rows of its tables now; undefined: it does not fulfil the conditions any more. */
  async #lookAgain(ids: readonly number[]): Promise<Batch | undefined> {
    const { marks, input } = this.#node;
    const newest = this.#locker.newestSnapshot();
    try {
      const lockedTables = new Map<number, Table>(this.#context.lockedTables);
      for (const [at, { table, lockSlot, strength }] of marks.entries()) {
        const snapshot = strength === undefined ? this.#context.snapshot : newest;
        lockedTables.set(lockSlot, new OneRow(this.#context.table(table.oid), ids[at], snapshot));
      }
      const rows = this.#execute(input, { ...this.#context, lockedTables });
      try {
        for await (const batch of rows) {
          if (batch.rowCount > 0) return gatherBatch(batch, Uint32Array.of(0), 1);
        }
        return undefined;
      } finally {
        await rows.return();
      }
    } finally {
      newest.release();
    }
  }
}

function rowIdsAt({ rowCount, columns }: Batch, { rowIdColumn }: RowMark): Float64Array {
  return Float64Array.from({ length: rowCount }, (_, row) => Number(valueAt(columns[rowIdColumn], row)));
}

/** One row of a table, as a snapshot shows it. */
class OneRow implements Table {
  readonly descriptor: Table['descriptor'];
  readonly #table: Table;
  readonly #rowIds: Float64Array;
  readonly #snapshot: Snapshot;

  constructor(table: Table, rowId: number, snapshot: Snapshot) {
    this.descriptor = table.descriptor;
    this.#table = table;
    this.#rowIds = Float64Array.of(rowId);
    this.#snapshot = snapshot;
  }

  scan({ columns }: ScanRequest): TableScan {
    const request = { columns, timeRange: ALL_TIME, seriesPredicates: [], fieldRanges: [], rowIds: this.#rowIds };
    return this.#table.scan(request, this.#snapshot);
  }
}
