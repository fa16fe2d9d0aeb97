import { unreachable } from '../../errors/invariant.ts';
import type { BoundTransaction } from '../../sql/binder/bound-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** BEGIN, START TRANSACTION, COMMIT, ROLLBACK. A COMMIT that had to roll back says so in its tag. */
export async function controlTransaction(statement: BoundTransaction, scope: StatementScope): Promise<CommandResult> {
  switch (statement.action) {
    case 'begin':
      scope.block.beginBlock(statement);
      return { tag: statement.tag };
    case 'commit': {
      const outcome = await scope.block.commitBlock(statement);
      return { tag: outcome === 'committed' ? statement.tag : 'ROLLBACK' };
    }
    case 'rollback':
      await scope.block.rollbackBlock(statement);
      return { tag: statement.tag };
    default:
      return unreachable(statement.action);
  }
}
