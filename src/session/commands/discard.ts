import { unreachable } from '../../errors/invariant.ts';
import type { BoundDiscard } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** DISCARD: a session as good as new. Of temporary tables there are none. */
export function discard({ target }: BoundDiscard, scope: StatementScope): CommandResult {
  if (target === 'all') scope.block.requireNoBlock('DISCARD ALL');
  scope.block.enter();
  switch (target) {
    case 'all':
      scope.settings.resetAll();
      scope.deallocate(undefined);
      scope.forgetPlans();
      scope.environment.sequences.forget();
      return { tag: 'DISCARD ALL' };
    case 'plans':
      scope.forgetPlans();
      return { tag: 'DISCARD PLANS' };
    case 'sequences':
      scope.environment.sequences.forget();
      return { tag: 'DISCARD SEQUENCES' };
    case 'temp':
      return { tag: 'DISCARD TEMP' };
    default:
      return unreachable(target);
  }
}
