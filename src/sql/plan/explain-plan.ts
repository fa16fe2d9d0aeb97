import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { describeModification } from './explain/describe-modification.ts';
import { describePlan } from './explain/describe-plan.ts';
import type { ExplainNumbers } from './explain/explain-document.ts';
import { explainText } from './explain/explain-text.ts';
import type { LogicalPlan } from './logical-plan.ts';

const withoutNumbers: ExplainNumbers = { hasTiming: false, hasBuffers: false, settings: [] };

/** The plan as EXPLAIN (COSTS OFF) shows it; a line an element. */
export function explainPlan(plan: LogicalPlan): string[] {
  return explainText(describePlan(plan, { isVerbose: false }), withoutNumbers);
}

/** Likewise for a statement that writes what its source gives. */
export function explainModification(
  kind: 'insert' | 'update' | 'delete',
  table: TableDescriptor,
  source: LogicalPlan,
): string[] {
  return explainText(describeModification({ kind, table, source }, { isVerbose: false }), withoutNumbers);
}
