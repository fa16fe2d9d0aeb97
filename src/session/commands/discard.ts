import { unreachable } from '../../errors/invariant.ts';
import type { BoundDiscard } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** DISCARD: a session as good as new. */
export async function discard({ target }: BoundDiscard, scope: StatementScope): Promise<CommandResult> {
  if (target === 'all') scope.block.requireNoBlock('DISCARD ALL');
  scope.block.enter();
  switch (target) {
    case 'all':
      scope.settings.set('session_authorization', undefined, { isLocal: false });
      scope.settings.resetAll();
      await scope.portals.closeAll();
      scope.block.notifications.unlisten(undefined);
      scope.prepared.remove(undefined);
      scope.forgetPlans();
      scope.environment.sequences.forget();
      scope.environment.advisoryLocks.releaseSession();
      await scope.block.temporary.discard(scope.block.current());
      return { tag: 'DISCARD ALL' };
    case 'plans':
      scope.forgetPlans();
      return { tag: 'DISCARD PLANS' };
    case 'sequences':
      scope.environment.sequences.forget();
      return { tag: 'DISCARD SEQUENCES' };
    case 'temp':
      await scope.block.temporary.discard(scope.block.current());
      return { tag: 'DISCARD TEMP' };
    default:
      return unreachable(target);
  }
}
