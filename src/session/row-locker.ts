import type { Transaction } from '../database/transaction.ts';
import type { RowLocker } from '../execution/execution-context.ts';
import type { StatementControl } from '../execution/statement-control.ts';

export interface RowLockerOptions {
  readonly transaction: Transaction;
  readonly control: StatementControl;
  readonly lockTimeoutMs: () => number;
  /** Throws 25006 in a read-only transaction. */
  readonly requireWritable: (command: string) => void;
}

/** Row locks of SELECT … FOR UPDATE, as locks of the running transaction. */
export function rowLocker({ transaction, control, lockTimeoutMs, requireWritable }: RowLockerOptions): RowLocker {
  return {
    async begin(strength, tableOid) {
      requireWritable(`SELECT FOR ${strength.toUpperCase()}`);
      await transaction.lockTable(tableOid, 'append', { control, lockTimeoutMs: lockTimeoutMs() });
    },
    lock: ({ table, policy }, strength, rowIds) =>
      transaction.lockRows(table.oid, rowIds, strength, { control, lockTimeoutMs: lockTimeoutMs(), policy }),
    newestSnapshot: () => transaction.newestSnapshot(),
  };
}
