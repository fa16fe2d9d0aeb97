import { tableTarget } from '../../catalog/access/access-target.ts';
import { Privilege } from '../../catalog/access/acl.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Transaction } from '../../database/transaction.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundTruncate } from '../../sql/binder/bound-statement.ts';
import { foreignKeysTo } from '../constraints/foreign-keys.ts';
import { notice } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** Empties the tables, which are locked; with CASCADE those that refer to them too. */
export async function truncate(
  { tables, isCascade, restartsIdentity }: BoundTruncate,
  scope: StatementScope,
): Promise<CommandResult> {
  const { block, settings, control } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable('TRUNCATE TABLE');
  const emptied = new Map(tables.map((table) => [table.oid, table]));
  if (isCascade) {
    for (const table of emptied.values()) {
      for (const { child } of foreignKeysTo(transaction.catalog(), table)) {
        if (emptied.has(child.oid)) continue;
        scope.notice(notice(SqlState.SuccessfulCompletion, `truncate cascades to table "${child.name}"`));
        await transaction.lockTable(child.oid, 'exclusive', { control, lockTimeoutMs: settings.lockTimeoutMs });
        emptied.set(child.oid, child);
      }
    }
  }
  const { access, current } = scope.environment.identity;
  for (const table of emptied.values()) access.require(current.oid, tableTarget(table), Privilege.Truncate);
  for (const table of emptied.values()) block.constraints.refuseChange('TRUNCATE', table);
  checkReferences(transaction, emptied);
  const mark = transaction.markStatement();
  try {
    for (const { oid } of emptied.values()) {
      transaction.truncate(oid);
      if (restartsIdentity) restartSequences(transaction, oid);
    }
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    transaction.releaseMark(mark);
  }
  return { tag: 'TRUNCATE TABLE' };
}

/** Throws 0A000 when a table that stays refers to one that is emptied, whether it has rows or not. */
function checkReferences(transaction: Transaction, emptied: ReadonlyMap<number, TableDescriptor>): void {
  for (const table of emptied.values()) {
    for (const { child, parent } of foreignKeysTo(transaction.catalog(), table)) {
      if (emptied.has(child.oid)) continue;
      throw new SqlError(
        SqlState.FeatureNotSupported,
        'cannot truncate a table referenced in a foreign key constraint',
        {
          detail: `Table "${child.name}" references "${parent.name}".`,
          hint: `Truncate table "${child.name}" at the same time, or use TRUNCATE ... CASCADE.`,
        },
      );
    }
  }
}

/** RESTART IDENTITY: the sequences that go with columns of the table begin anew, once the transaction commits. */
function restartSequences(transaction: Transaction, tableOid: number): void {
  for (const sequence of transaction.catalog().sequences()) {
    if (sequence.owner?.tableOid !== tableOid) continue;
    const { version: _, ...definition } = sequence;
    transaction.sequences.alter(definition, { lastValue: sequence.start, isCalled: false });
  }
}
