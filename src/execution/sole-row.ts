import type { Batch } from '../columnar/batch.ts';
import { ColumnEvaluator } from '../sql/expression/compile-expression.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { hasSubquery } from '../sql/expression/walk-expression.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import type { ExecutionContext } from './execution-context.ts';

const NO_INPUT: Batch = { rowCount: 1, columns: [] };

const known = new WeakMap<LogicalPlan, readonly Expression[] | 'other'>();

/**
 * The select list of a SELECT without FROM, WHERE and subqueries: one row, of nothing that was stored. Undefined for other
 * plans; asked for again and again.
 */
export function soleRowOf(plan: LogicalPlan): readonly Expression[] | undefined {
  let found = known.get(plan);
  if (found === undefined) {
    found = findSoleRow(plan) ?? 'other';
    known.set(plan, found);
  }
  return found === 'other' ? undefined : found;
}

function findSoleRow(plan: LogicalPlan): readonly Expression[] | undefined {
  if (plan.kind !== 'project' || plan.input.kind !== 'values') return undefined;
  const { rows, output, moreRows } = plan.input;
  if (rows.length !== 1 || output.length > 0 || moreRows !== undefined) return undefined;
  return plan.expressions.some(hasSubquery) ? undefined : plan.expressions;
}

/** The row, at once. What it owes (pg_sleep) is the caller's to wait for. Throws what its expressions raise. */
export function computeRow(expressions: readonly Expression[], context: ExecutionContext): Batch {
  const columns = expressions.map((expression) => new ColumnEvaluator(expression, context).evaluate(NO_INPUT));
  return { rowCount: 1, columns };
}
