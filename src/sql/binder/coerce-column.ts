import { invariant } from '../../errors/invariant.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';

/**
 * The plan of a query with one column of its result changed where it is computed: a literal, or a parameter, whose type
 * is decided by what stands around the query.
 */
export function coerceColumn(
  plan: LogicalPlan,
  index: number,
  change: (expression: Expression) => Expression,
): LogicalPlan {
  switch (plan.kind) {
    case 'project': {
      const expression = plan.expressions[index];
      if (expression.kind !== 'column') return withExpression(plan, index, change(expression));
      const input = coerceColumn(plan.input, expression.index, change);
      return withExpression({ ...plan, input }, index, { ...expression, type: input.output[expression.index].type });
    }
    case 'sort':
    case 'limit':
    case 'filter':
    case 'distinct':
    case 'distinct-on':
    case 'with': {
      const input = coerceColumn(plan.input, index, change);
      const output = plan.output.map((column, at) =>
        at === index ? { ...column, type: input.output[at].type } : column,
      );
      return { ...plan, input, output };
    }
    default:
      invariant(false, 'only a select list has columns without a type');
  }
}

function withExpression(
  plan: Extract<LogicalPlan, { kind: 'project' }>,
  index: number,
  expression: Expression,
): LogicalPlan {
  return {
    ...plan,
    expressions: plan.expressions.map((other, at) => (at === index ? expression : other)),
    output: plan.output.map((column, at) => (at === index ? { ...column, type: expression.type } : column)),
  };
}
