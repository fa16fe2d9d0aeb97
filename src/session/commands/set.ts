import { SqlState } from '../../errors/sql-state.ts';
import type { BoundSet } from '../../sql/binder/bound-statement.ts';
import { warning } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** SET and RESET. The change is taken back if its transaction is. */
export function setSetting(statement: BoundSet, scope: StatementScope): CommandResult {
  const { name, value, isLocal } = statement;
  scope.block.enter();
  if (name === 'all' && value === undefined) {
    scope.settings.resetAll();
    return { tag: 'RESET' };
  }
  if (!scope.block.isInBlock) {
    if (isLocal) {
      scope.notice(warning(SqlState.NoActiveSqlTransaction, 'SET LOCAL can only be used in transaction blocks'));
    } else if (name.startsWith('transaction_') && statement.isReset === true) {
      scope.notice(
        warning(SqlState.NoActiveSqlTransaction, 'RESET TRANSACTION can only be used in transaction blocks'),
      );
    }
  }
  scope.settings.set(name, value, { isLocal });
  return { tag: statement.isReset === true ? 'RESET' : 'SET' };
}
