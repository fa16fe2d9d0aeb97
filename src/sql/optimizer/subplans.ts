import type { Expression, SubqueryExpression } from '../expression/expression.ts';
import { childrenOf, hasSubquery, mapExpression } from '../expression/walk-expression.ts';
import { inputsOf, type LogicalPlan } from '../plan/logical-plan.ts';
import { planOf } from '../plan/plan-of.ts';
import { mapNodeExpressions, mapPlan } from './plan-walk.ts';

/** All expressions of one node, not of its inputs. */
export function nodeExpressions(plan: LogicalPlan): readonly Expression[] {
  const expressions: Expression[] = [];
  mapNodeExpressions(plan, (expression) => {
    expressions.push(expression);
    return expression;
  });
  return expressions;
}

/** Changes the subqueries in the expressions of a plan, not those within their own plans. */
export function mapSubqueries(
  plan: LogicalPlan,
  change: (subquery: SubqueryExpression) => SubqueryExpression,
): LogicalPlan {
  const rewrite = (expression: Expression): Expression =>
    mapExpression(expression, (part) => (part.kind === 'subquery' ? change(part) : part));
  return mapPlan(plan, (node) => (nodeExpressions(node).some(hasSubquery) ? mapNodeExpressions(node, rewrite) : node));
}

/** Sees every node of a plan and of the plans within its expressions. */
export function visitPlan(plan: LogicalPlan, visit: (node: LogicalPlan) => void): void {
  const visitExpression = (expression: Expression): void => {
    if (expression.kind === 'subquery') visitPlan(planOf(expression), visit);
    childrenOf(expression).forEach(visitExpression);
  };
  visit(plan);
  nodeExpressions(plan).forEach(visitExpression);
  for (const input of inputsOf(plan)) visitPlan(input, visit);
}
