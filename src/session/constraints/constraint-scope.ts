import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { Snapshot } from '../../catalog/table.ts';
import type { LockWait } from '../../catalog/table-locking.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { MemoryAccount } from '../../execution/memory-account.ts';
import type { StatementControl } from '../../execution/statement-control.ts';
import type { BindContext } from '../../sql/binder/bind-context.ts';

/** What enforcing constraints works with: the transaction, the meaning of stored expressions, how long it may wait. */
export interface ConstraintScope {
  readonly transaction: Transaction;
  readonly bindContext: BindContext;
  readonly control: StatementControl;
  readonly wait: LockWait;
  readonly memory: MemoryAccount;
}

/** The tables as the transaction sees them: the object stays the same while they do. */
export function catalogOf({ transaction }: ConstraintScope): CatalogReader {
  return transaction.catalog();
}

/** Releases the snapshot whatever comes of its use. */
export async function withSnapshot<Result>(
  snapshot: Snapshot,
  use: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(snapshot);
  } finally {
    snapshot.release();
  }
}
