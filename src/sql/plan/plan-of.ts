import type { SubqueryExpression } from '../expression/expression.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** The plan of a subquery: expressions know no more of it than its output. */
export function planOf({ plan }: Pick<SubqueryExpression, 'plan'>): LogicalPlan {
  return plan as LogicalPlan;
}
