import { evaluateExpression } from '../../execution/evaluate-constant.ts';
import type { BoundExecute, BoundPrepare } from '../../sql/binder/bound-statement.ts';
import type { Value } from '../../types/value.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';

/** PREPARE: by the rules of a protocol message that prepares a statement. Throws 42P05 and what binding throws. */
export function prepare({ name, statement, declaredTypes }: BoundPrepare, scope: StatementScope): CommandResult {
  scope.block.enter();
  scope.prepared.add(name, statement, declaredTypes);
  return { tag: 'PREPARE' };
}

/** What the parameters of EXECUTE come to. */
export function executeParameters({ parameters }: BoundExecute, scope: StatementScope): Value[] {
  const context = { parameters: scope.parameters, environment: scope.environment.functions() };
  return parameters.map((parameter) => evaluateExpression(parameter, context));
}
