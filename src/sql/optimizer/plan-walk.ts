import { unreachable } from '../../errors/invariant.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';

/** The same plan over changed inputs; itself when nothing changed. */
export function mapInputs(plan: LogicalPlan, change: (input: LogicalPlan) => LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
      return plan;
    case 'join': {
      const left = change(plan.left);
      const right = change(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    default: {
      const input = change(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
  }
}

/** Rebuilds a plan bottom-up: `change` sees each node over inputs that are changed already. */
export function mapPlan(plan: LogicalPlan, change: (plan: LogicalPlan) => LogicalPlan): LogicalPlan {
  return change(mapInputs(plan, (input) => mapPlan(input, change)));
}

/** Changes the expressions of one node, not of its inputs. */
export function mapNodeExpressions(plan: LogicalPlan, change: (expression: Expression) => Expression): LogicalPlan {
  const all = (expressions: readonly Expression[]): readonly Expression[] => expressions.map(change);
  const optional = (expression: Expression | undefined): Expression | undefined =>
    expression === undefined ? undefined : change(expression);
  switch (plan.kind) {
    case 'scan':
      return {
        ...plan,
        timeBounds: plan.timeBounds.map((bound) => ({ ...bound, value: change(bound.value) })),
        tagFilters: all(plan.tagFilters),
        filters: all(plan.filters),
      };
    case 'values':
      return { ...plan, rows: plan.rows.map(all) };
    case 'table-function':
      return { ...plan, arguments: all(plan.arguments) };
    case 'filter':
      return { ...plan, condition: change(plan.condition) };
    case 'project':
      return { ...plan, expressions: all(plan.expressions) };
    case 'aggregate':
      return {
        ...plan,
        keys: all(plan.keys),
        aggregates: plan.aggregates.map((call) => ({
          ...call,
          arguments: all(call.arguments),
          filter: optional(call.filter),
        })),
      };
    case 'distinct':
      return plan;
    case 'distinct-on':
      return { ...plan, keys: all(plan.keys) };
    case 'join':
      return {
        ...plan,
        equalities: plan.equalities.map(({ left, right }) => ({ left: change(left), right: change(right) })),
        condition: optional(plan.condition),
      };
    case 'sort':
      return { ...plan, keys: plan.keys.map((key) => ({ ...key, expression: change(key.expression) })) };
    case 'limit':
      return { ...plan, offset: optional(plan.offset), count: optional(plan.count) };
    case 'top-n':
      return {
        ...plan,
        keys: plan.keys.map((key) => ({ ...key, expression: change(key.expression) })),
        offset: optional(plan.offset),
        count: change(plan.count),
      };
    default:
      return unreachable(plan);
  }
}
