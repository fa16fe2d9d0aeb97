import type { LogicalPlan } from '../plan/logical-plan.ts';

/**
 * The query of an EXISTS without what only says what its rows look like and how they are sorted: nothing of that is
 * computed, so that none of its errors is met. As in PostgreSQL this is done to plain queries alone, without
 * aggregates, window functions, set-returning functions, HAVING, set operations, OFFSET and all but a constant LIMIT.
 */
export function rowsOfExists(plan: LogicalPlan): LogicalPlan {
  if (plan.kind === 'values') return plan.rows.length === 1 ? { ...plan, rows: [[]], output: [] } : plan;
  const list = selectListOf(plan);
  if (list?.kind !== 'project') return plan;
  const { input } = list;
  switch (input.kind) {
    case 'aggregate':
      if (input.aggregates.length > 0 || input.groupingSets !== undefined || input.keys.length === 0) return plan;
      return withoutColumns(input.input);
    case 'filter':
      return input.input.kind === 'aggregate' ? plan : withoutColumns(input);
    case 'window':
    case 'project-set':
    case 'set-operation':
      return plan;
    default:
      return withoutColumns(input);
  }
}

/** The projection below what sorts it, makes it distinct, and hides columns again. */
function selectListOf(plan: LogicalPlan): LogicalPlan | undefined {
  switch (plan.kind) {
    case 'limit': {
      const { count, offset, ties } = plan;
      const keepsARow =
        count?.kind !== 'constant' ? count === undefined : count.value === null || Number(count.value) > 0;
      return offset === undefined && ties === undefined && keepsARow ? selectListOf(plan.input) : undefined;
    }
    case 'sort':
    case 'distinct':
    case 'distinct-on':
      return selectListOf(plan.input);
    case 'project': {
      const isHiding = HIDDEN.has(plan.input.kind) && plan.expressions.every(({ kind }) => kind === 'column');
      return isHiding ? selectListOf(plan.input) : plan;
    }
    default:
      return undefined;
  }
}

const HIDDEN: ReadonlySet<LogicalPlan['kind']> = new Set(['limit', 'sort', 'distinct', 'distinct-on', 'project']);

function withoutColumns(input: LogicalPlan): LogicalPlan {
  return { kind: 'project', input, expressions: [], output: [] };
}
