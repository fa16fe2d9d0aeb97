import { unreachable } from '../../errors/invariant.ts';
import type { BoundUtility } from '../../sql/binder/bound-statement.ts';
import { copyFrom } from '../copy/copy-from.ts';
import { copyTo } from '../copy/copy-to.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { closeCursor, move } from './fetch.ts';

/** Statements that are looked at when they run. Of `fetch` it is MOVE that comes here: FETCH gives rows, and is a run of its own. */
export async function runUtility({ statement }: BoundUtility, scope: StatementScope): Promise<CommandResult> {
  const { block } = scope;
  switch (statement.kind) {
    case 'copy':
      return statement.isFrom ? copyFrom(statement, scope) : copyTo(statement, scope);
    case 'fetch':
      return move(statement, scope);
    case 'close-cursor':
      return closeCursor(statement, scope);
    case 'listen':
      block.enter();
      block.notifications.listen(statement.channel);
      return { tag: 'LISTEN' };
    case 'unlisten':
      block.enter();
      block.notifications.unlisten(statement.channel);
      return { tag: 'UNLISTEN' };
    case 'notify':
      block.enter();
      block.notifications.notify(statement.channel, statement.payload);
      return { tag: 'NOTIFY' };
    default:
      return unreachable(statement);
  }
}
