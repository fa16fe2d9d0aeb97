import { SqlState } from '../../errors/sql-state.ts';
import type { BoundSetTransaction } from '../../sql/binder/bound-statement.ts';
import { warning } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** SET TRANSACTION, and SET SESSION CHARACTERISTICS, which sets the defaults of later transactions. */
export function setTransaction(
  { target, isolation, isReadOnly, isDeferrable }: BoundSetTransaction,
  { block, settings, notice }: StatementScope,
): CommandResult {
  block.enter();
  if (target === 'session') {
    const isLocal = false;
    if (isolation !== undefined) settings.set('default_transaction_isolation', isolation, { isLocal });
    if (isReadOnly !== undefined) settings.set('default_transaction_read_only', isReadOnly ? 'on' : 'off', { isLocal });
    if (isDeferrable !== undefined) {
      settings.set('default_transaction_deferrable', isDeferrable ? 'on' : 'off', { isLocal });
    }
    return { tag: 'SET' };
  }
  if (!block.isInBlock) {
    notice(warning(SqlState.NoActiveSqlTransaction, 'SET TRANSACTION can only be used in transaction blocks'));
  }
  if (isolation !== undefined) block.setIsolation(isolation);
  if (isReadOnly !== undefined) block.setReadOnly(isReadOnly);
  if (isDeferrable !== undefined) block.setDeferrable(isDeferrable);
  return { tag: 'SET' };
}
