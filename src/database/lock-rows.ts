import type { Lsn } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { concurrentChange } from '../errors/concurrent-change.ts';
import { invariant } from '../errors/invariant.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import type { RowHistory } from '../storage/versions/row-history.ts';
import { type RowLockMode, type RowLockWait, rowLockNotAvailable } from '../storage/versions/row-locks.ts';
import { PROVISIONAL_ROW_ID, type TableWrites } from '../storage/versions/write-set.ts';

/** `replaced`: by the newest version, which is locked in its place. `skipped`: somebody else has it. */
export type RowFate = 'current' | 'replaced' | 'deleted' | 'skipped';

export interface LockedRows {
  readonly fates: readonly RowFate[];
  /** Of replaced rows the id of the newest version, of others their own. */
  readonly rowIds: Float64Array;
}

export interface LockContext {
  readonly engine: StorageEngine;
  readonly table: TableDescriptor;
  readonly owner: object;
  /** What the owner has written to the table. */
  readonly writes: TableWrites | undefined;
  /** What a REPEATABLE READ transaction sees. */
  readonly baseLsn: Lsn | undefined;
}

/**
 * Locks rows one after the other, and then looks what has become of each while it may have been waited for. Whoever
 * changes a row has its lock until that is visible: so what the history tells under the lock is true until it is given up.
 */
export async function lockRows(
  context: LockContext,
  rowIds: Float64Array,
  mode: RowLockMode,
  wait: RowLockWait,
): Promise<LockedRows> {
  const { engine, table, owner, writes } = context;
  const history = engine.state.tables.get(table.oid)?.plain?.history;
  const fates: RowFate[] = [];
  const locked = rowIds.slice();
  for (let index = 0; index < rowIds.length; index++) {
    let rowId = rowIds[index];
    let fate: RowFate = 'current';
    // Nobody else knows rows that the transaction has written itself.
    while (history !== undefined && !isOwn(writes, rowId)) {
      if (!engine.rowLocks.tryAcquire(table.oid, rowId, owner, mode)) {
        if (wait.policy === 'nowait') throw rowLockNotAvailable(table);
        if (wait.policy === 'skip') {
          fate = 'skipped';
          break;
        }
        await engine.rowLocks.acquire(table.oid, rowId, owner, mode, wait);
      }
      const end = history.endOf(rowId);
      if (end === undefined) break;
      assertSeen(context, end);
      if (end.replacedBy < 0) {
        fate = 'deleted';
        break;
      }
      fate = 'replaced';
      invariant(end.replacedBy > rowId, 'row ids only rise');
      rowId = end.replacedBy;
    }
    fates.push(fate);
    if (fate === 'replaced') locked[index] = rowId;
  }
  return { fates, rowIds: locked };
}

function isOwn(writes: TableWrites | undefined, rowId: number): boolean {
  return rowId >= PROVISIONAL_ROW_ID || writes?.staged.hasRowId(rowId) === true;
}

/** Under REPEATABLE READ nothing may have happened to a row that the transaction does not see. */
function assertSeen({ baseLsn }: LockContext, end: NonNullable<ReturnType<RowHistory['endOf']>>): void {
  if (baseLsn === undefined || end.lsn <= baseLsn) return;
  const what = end.replacedBy < 0 ? 'delete' : 'update';
  throw concurrentChange(what);
}
