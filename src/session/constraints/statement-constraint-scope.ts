import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { MemoryAccount } from '../../execution/memory-account.ts';
import type { StatementScope } from '../statement-scope.ts';
import type { ConstraintScope } from './constraint-scope.ts';
import { StatementConstraints } from './statement-constraints.ts';

/** Those of one statement of a session, which writes to `table`. */
export function statementConstraints(
  scope: StatementScope,
  table: TableDescriptor,
  memory: MemoryAccount,
): StatementConstraints {
  const { environment, block } = scope;
  return new StatementConstraints(constraintScope(scope, memory), table, {
    rowChecks: environment.rowChecks,
    deferred: block.constraints,
  });
}

export function constraintScope(
  { environment, block, settings, control }: StatementScope,
  memory: MemoryAccount,
): ConstraintScope {
  return {
    transaction: block.current(),
    bindContext: environment.bindContext(undefined),
    control,
    wait: { control, lockTimeoutMs: settings.lockTimeoutMs },
    memory,
  };
}
