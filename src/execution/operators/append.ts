import type { BatchStream } from '../../columnar/batch.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';

/** UNION ALL: one input after the other; the next one is not begun before its rows are asked for. */
export async function* append(inputs: readonly LogicalPlan[], rowsOf: (plan: LogicalPlan) => BatchStream): BatchStream {
  for (const input of inputs) yield* rowsOf(input);
}
