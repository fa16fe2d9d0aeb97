import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import type { BoundInsert } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** Appends the rows of the source, all or none. `tables`: those of the plan. */
export async function insert(
  { table, source }: BoundInsert,
  tables: readonly TableDescriptor[],
  scope: StatementScope,
): Promise<CommandResult> {
  const { block, environment, parameters, control } = scope;
  const transaction = block.current();
  block.noteQuery();
  block.requireWritable('INSERT');
  if (table.kind === 'system-table') {
    throw new SqlError(SqlState.InsufficientPrivilege, `permission denied: "${table.name}" is a system catalog`);
  }
  // Rows that the statement adds itself must not feed its own source, so the snapshot is taken before the first.
  const snapshot = transaction.snapshot();
  const mark = transaction.markStatement();
  let rowCount = 0;
  try {
    for await (const batch of executePlan(source, environment.execution({ snapshot, tables, parameters, control }))) {
      rowCount += await transaction.append(table.oid, batch);
      await control.yieldIfDue();
    }
  } catch (error) {
    transaction.rollbackStatement(mark);
    throw error;
  } finally {
    snapshot.release();
  }
  return { tag: `INSERT 0 ${rowCount}` };
}
