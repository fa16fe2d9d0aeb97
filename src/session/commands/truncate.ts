import type { BoundTruncate } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

export function truncate({ tables }: BoundTruncate, scope: StatementScope): CommandResult {
  const { block } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable('TRUNCATE TABLE');
  const mark = transaction.markStatement();
  try {
    for (const { oid } of tables) transaction.truncate(oid);
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  }
  return { tag: 'TRUNCATE TABLE' };
}
