import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { BoundDeclareCursor } from '../../sql/binder/bound-statement.ts';
import { Cursor } from '../cursors/cursor.ts';
import { CursorRun } from '../cursors/cursor-runs.ts';
import type { PlannedStatement } from '../plan-statement.ts';
import { Portal } from '../portal.ts';
import { PreparedStatement } from '../prepared-statement.ts';
import { resultColumns } from '../result-columns.ts';
import { runStatement } from '../run-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** Format codes: all columns in binary. */
const BINARY: readonly number[] = [1];

/** DECLARE … CURSOR: the query sees what is there now; its rows are computed when they are fetched. */
export function declareCursor(
  { statement, query, rows }: BoundDeclareCursor,
  planned: PlannedStatement,
  scope: StatementScope,
): CommandResult {
  const { name, isHold, isBinary, isScroll } = statement;
  const { block, environment, portals, settings, control } = scope;
  if (!isHold && !block.isInBlock) {
    throw new SqlError(SqlState.NoActiveSqlTransaction, 'DECLARE CURSOR can only be used in transaction blocks');
  }
  if (name === '') throw new SqlError(SqlState.InvalidCursorName, 'invalid cursor name: must not be empty');
  block.enter();
  portals.requireFree(name);
  const given = resultColumns(query, settings);
  invariant(given !== undefined, 'a query has columns');
  const columns = given.slice(0, rows?.shownCount);
  const plan: PlannedStatement = { ...planned, bound: query, columns };
  const run = runStatement(plan, () => plan, scope);
  const cursor = new Cursor({
    name,
    columns,
    rows,
    types: given.map(({ type }) => type),
    run,
    control,
    isBinary,
    isHold,
    isScroll,
    text: scope.text,
    createdMicros: environment.functions().statementStart,
    room: { memory: environment.newMemoryAccount(), spill: environment.newSpillSpace() },
  });
  portals.add(
    name,
    new Portal({
      name,
      statement: new PreparedStatement('', statement.query, plan, scope.text),
      columns,
      resultFormats: isBinary ? BINARY : [],
      control,
      run: new CursorRun(cursor),
      cursor,
    }),
  );
  return { tag: 'DECLARE CURSOR' };
}
