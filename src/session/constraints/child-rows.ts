import type { Snapshot } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { concurrentChange } from '../../errors/concurrent-change.ts';
import { RowStore } from '../../execution/row-store.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { changeLock } from '../change-lock.ts';
import { rowIdsOf } from '../row-ids.ts';
import { type ConstraintScope, withSnapshot } from './constraint-scope.ts';
import { findChildren } from './find-children.ts';
import type { ForeignKey } from './foreign-keys.ts';
import type { ReferenceKeys } from './reference-keys.ts';

/** Row ids that are locked in one go. */
const LOCK_ROWS = 4096;

/** Rows of the child that refer to some keys, locked to be changed. */
export interface ChildRows {
  /** What names them. */
  readonly names: Batch;
  /** Their values: the columns at `positions` of the child's. */
  readonly rows: Batch;
  readonly positions: readonly number[];
  /** For each row the number of its key. */
  readonly keyNumbers: Uint32Array;
}

/**
 * All rows that refer to one of the keys (of the child's types), whoever committed them, locked until the transaction
 * ends. Waits for those who are changing them, and then looks again. Rejects with 40001 under REPEATABLE READ when there
 * are rows that the transaction does not see.
 */
export async function lockChildren(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: ReferenceKeys,
  want: { readonly positions: readonly number[]; readonly isDelete: boolean },
): Promise<ChildRows> {
  const { transaction, wait } = scope;
  const { child } = key;
  await transaction.lockTable(child.oid, changeLock(child), wait);
  const mode = want.isDelete || isPartOfKey(key) ? 'update' : 'no key update';
  for (;;) {
    const found = await newestChildren(scope, key, keys, want.positions);
    const rowIds = rowIdsOf(found.names);
    let isCurrent = true;
    for (let from = 0; from < rowIds.length; from += LOCK_ROWS) {
      const { fates } = await transaction.lockRows(child.oid, rowIds.subarray(from, from + LOCK_ROWS), mode, wait);
      if (fates.some((fate) => fate !== 'current')) isCurrent = false;
    }
    if (isCurrent) return found;
  }
}

/** Whether others may refer to the columns, or must not have the same. */
function isPartOfKey({ child, constraint }: ForeignKey): boolean {
  return child.indexes.some(
    ({ isUnique, columns }) =>
      isUnique && columns.some(({ columnNumber }) => constraint.columnNumbers.includes(columnNumber)),
  );
}

async function newestChildren(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: ReferenceKeys,
  positions: readonly number[],
): Promise<ChildRows> {
  const { transaction } = scope;
  const found = await withSnapshot(transaction.newestSnapshot(), (snapshot) =>
    collect(scope, key, keys, positions, snapshot),
  );
  if (transaction.isolation === 'repeatable read') {
    const seen = await withSnapshot(transaction.snapshot(), (snapshot) => collect(scope, key, keys, [], snapshot));
    const seenIds = new Set(rowIdsOf(seen.names));
    if (rowIdsOf(found.names).some((rowId) => !seenIds.has(rowId))) throw concurrentChange('update');
  }
  return found;
}

async function collect(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: ReferenceKeys,
  positions: readonly number[],
  snapshot: Snapshot,
): Promise<ChildRows> {
  const { child } = key;
  const namePositions = scope.bindContext.rowNameColumns(child);
  const columns = [...namePositions, ...positions];
  const types = columns.map((at): SqlType => child.columns[at].type);
  const store = new RowStore(types, scope.memory);
  const numbers: number[] = [];
  for await (const { rows, keyNumbers } of findChildren(scope, key, keys, columns, snapshot)) {
    store.append(rows);
    for (const number of keyNumbers) numbers.push(number);
    const turn = scope.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  const { rowCount } = store;
  // In the order of the parent's rows, which is the order in which PostgreSQL would come upon them.
  const order = Uint32Array.from({ length: rowCount }, (_, row) => row).sort(
    (a, b) => numbers[a] - numbers[b] || a - b,
  );
  const { columns: sorted } = store.gather(order, rowCount);
  const batchOf = (part: readonly Column[]): Batch => ({ rowCount, columns: part });
  return {
    names: batchOf(sorted.slice(0, namePositions.length)),
    rows: batchOf(sorted.slice(namePositions.length)),
    positions,
    keyNumbers: Uint32Array.from(order, (row) => numbers[row]),
  };
}
