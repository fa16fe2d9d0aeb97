import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundVacuum } from '../../sql/binder/bound-statement.ts';
import { type Notice, warning } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { gatherStatistics, mayMaintain } from './analyze.ts';

/**
 * VACUUM: flushes tables and merges what they have on disk. It is no part of a transaction: what was merged stays so, and
 * snapshots go on seeing what they saw.
 */
export async function vacuum(statement: BoundVacuum, scope: StatementScope): Promise<CommandResult> {
  const { block } = scope;
  block.requireNoBlock('VACUUM');
  const transaction = block.current();
  block.noteQuery();
  const tables = statement.tables ?? [...transaction.catalog().tables()];
  for (const table of tables) {
    if (table.kind === 'system-table') {
      const why = 'cannot vacuum non-tables or special system tables';
      scope.notice(warning(SqlState.Warning, `skipping "${table.name}" --- ${why}`));
    } else if (!mayMaintain(table, scope)) {
      const why = 'only table or database owner can vacuum it';
      scope.notice(warning(SqlState.Warning, `skipping "${table.name}" --- ${why}`));
    } else await vacuumTable(table, statement, scope);
  }
  if (statement.analyze !== undefined) await gatherStatistics(statement.analyze, scope);
  return { tag: 'VACUUM' };
}

async function vacuumTable(
  table: TableDescriptor,
  { isFull, isVerbose }: BoundVacuum,
  scope: StatementScope,
): Promise<void> {
  const { block, control, environment, notice } = scope;
  const name = `${environment.databaseName}.${table.schemaName}.${table.name}`;
  if (isVerbose) notice(info(`vacuuming "${name}"`));
  const totals = {
    merges: 0,
    inputSegments: 0,
    inputRows: 0,
    inputBytes: 0,
    outputSegments: 0,
    outputRows: 0,
    outputBytes: 0,
  };
  await block.database.vacuum(table.oid, {
    isFull,
    control,
    noteMerge: (merge) => {
      totals.merges++;
      totals.inputSegments += merge.inputSegments;
      totals.inputRows += merge.inputRows;
      totals.inputBytes += merge.inputBytes;
      totals.outputSegments += merge.outputRows > 0 ? 1 : 0;
      totals.outputRows += merge.outputRows;
      totals.outputBytes += merge.outputBytes;
    },
  });
  if (!isVerbose) return;
  const lines = [
    `finished vacuuming "${name}": merges: ${totals.merges}`,
    `segments: ${totals.inputSegments} read, ${totals.outputSegments} written`,
    `rows: ${totals.inputRows} read, ${totals.outputRows} written`,
    `bytes: ${totals.inputBytes} read, ${totals.outputBytes} written`,
  ];
  notice(info(lines.join('\n')));
}

function info(message: string): Notice {
  return { severity: 'INFO', code: SqlState.SuccessfulCompletion, message, fields: {} };
}
