import type { BoundShow } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { textRows } from '../text-rows.ts';

/** SHOW name and SHOW ALL. */
export function show(statement: BoundShow, scope: StatementScope): CommandResult {
  scope.block.enter();
  const rows =
    statement.name === 'all'
      ? scope.settings.rows().map((row) => [row.name, row.shown, row.definition.description])
      : [[scope.settings.show(statement.name).value]];
  return { tag: 'SHOW', rows: [textRows(rows)] };
}
