import { unreachable } from '../../errors/invariant.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { Query } from '../syntax/query-ast.ts';
import { bindSelect, type SelectOptions } from './bind-select.ts';
import { bindSetOperation } from './bind-set-operation.ts';
import { bindWith } from './bind-with.ts';
import type { StatementBinding } from './statement-binding.ts';

export interface QueryOptions extends SelectOptions {
  /** It is the statement itself: its WITH clause may hold INSERT, UPDATE and DELETE. */
  readonly isTop?: boolean;
}

/** Any query as a plan whose output is the query's columns. */
export function bindQuery(binding: StatementBinding, query: Query, options: QueryOptions = {}): LogicalPlan {
  const { isTop = false, ...inner } = options;
  const plan = binding.inQuery(() => bindWhole(binding, query, inner, isTop));
  binding.record?.noteQuery(plan, query);
  return plan;
}

function bindWhole(binding: StatementBinding, query: Query, options: SelectOptions, isTop: boolean): LogicalPlan {
  const clause = query.with;
  if (clause === undefined) return bindBare(binding, query, options);
  const { outer } = options;
  const { bound, over } = bindWith(binding, clause, { isTop, around: { outer } }, () =>
    bindBare(binding, query, options),
  );
  return over(bound);
}

function bindBare(binding: StatementBinding, query: Query, options: SelectOptions): LogicalPlan {
  switch (query.kind) {
    case 'select':
      return bindSelect(binding, query, options);
    case 'set-operation':
      return bindSetOperation(binding, query, options);
    default:
      return unreachable(query);
  }
}
