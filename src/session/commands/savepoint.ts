import { unreachable } from '../../errors/invariant.ts';
import type { BoundSavepoint } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** SAVEPOINT, RELEASE and ROLLBACK TO. */
export async function controlSavepoint(
  { action, name }: BoundSavepoint,
  { block }: StatementScope,
): Promise<CommandResult> {
  switch (action) {
    case 'define':
      block.defineSavepoint(name);
      return { tag: 'SAVEPOINT' };
    case 'release':
      block.releaseSavepoint(name);
      return { tag: 'RELEASE' };
    case 'rollback-to':
      await block.rollbackToSavepoint(name);
      return { tag: 'ROLLBACK' };
    default:
      return unreachable(action);
  }
}
