import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundDropTable } from '../../sql/binder/bound-statement.ts';
import { notice } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

export function dropTable(statement: BoundDropTable, scope: StatementScope): CommandResult {
  const transaction = scope.block.current();
  scope.block.noteQuery();
  scope.block.requireWritable('DROP TABLE');
  for (const table of statement.tables) {
    if (table.kind === 'system-table') {
      throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
    }
  }
  for (const name of statement.missing) {
    scope.notice(notice(SqlState.SuccessfulCompletion, `table "${name}" does not exist, skipping`));
  }
  // The same table may be named twice.
  for (const oid of new Set(statement.tables.map((table) => table.oid))) transaction.dropTable(oid);
  return { tag: 'DROP TABLE' };
}
