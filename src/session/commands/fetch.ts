import type { Batch } from '../../columnar/batch.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CloseCursorStatement, FetchStatement } from '../../sql/syntax/session-ast.ts';
import type { Portal } from '../portal.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** The rows of a FETCH. Throws 34000, 55000. */
export async function* fetchRows(
  statement: FetchStatement,
  { block, portals }: Pick<StatementScope, 'block' | 'portals'>,
): AsyncGenerator<Batch, void, undefined> {
  block.enter();
  const portal = cursorNamed(portals.find(statement.name), statement.name);
  portal.requireRunnable();
  if (portal.cursor === undefined) yield* fetchOn(portal, statement);
  else yield* portal.cursor.fetch(statement);
}

export async function move(statement: FetchStatement, { block, portals }: StatementScope): Promise<CommandResult> {
  block.enter();
  const portal = cursorNamed(portals.find(statement.name), statement.name);
  portal.requireRunnable();
  if (portal.cursor !== undefined) return { tag: `MOVE ${await portal.cursor.move(statement)}` };
  let rowCount = 0;
  for await (const batch of fetchOn(portal, statement)) rowCount += batch.rowCount;
  return { tag: `MOVE ${rowCount}` };
}

/** A portal that the client has bound goes forward only. */
async function* fetchOn(portal: Portal, { direction, count }: FetchStatement): AsyncGenerator<Batch, void, undefined> {
  const goesOn = (direction === 'forward' || direction === 'relative') && count > 0;
  if (!goesOn || portal.columns === undefined) {
    throw new SqlError(SqlState.ObjectNotInPrerequisiteState, 'cursor can only scan forward', {
      hint: 'Declare it with SCROLL option to enable backward scan.',
    });
  }
  const skipped = direction === 'relative' ? count - 1 : 0;
  for (let left = count, at = 0; left > 0; ) {
    const batch = await portal.next(at < skipped ? skipped - at : left);
    if (batch === undefined) return;
    if (at >= skipped) yield batch;
    at += batch.rowCount;
    left -= batch.rowCount;
  }
}

/** CLOSE name, CLOSE ALL. Throws 34000. */
export async function closeCursor(
  { name }: CloseCursorStatement,
  { block, portals }: StatementScope,
): Promise<CommandResult> {
  block.enter();
  if (name === undefined) {
    await portals.closeAll();
    return { tag: 'CLOSE CURSOR ALL' };
  }
  cursorNamed(portals.find(name), name);
  await portals.close(name);
  return { tag: 'CLOSE CURSOR' };
}

function cursorNamed(portal: Portal | undefined, name: string): Portal {
  if (portal !== undefined) return portal;
  throw new SqlError(SqlState.InvalidCursorName, `cursor "${name}" does not exist`);
}
