import type { BoundDeallocate } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

export function deallocate(statement: BoundDeallocate, scope: StatementScope): CommandResult {
  scope.block.enter();
  scope.prepared.remove(statement.name);
  return { tag: statement.name === undefined ? 'DEALLOCATE ALL' : 'DEALLOCATE' };
}
