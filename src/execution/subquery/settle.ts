import type { ExecutionContext } from '../execution-context.ts';

/**
 * Evaluates expressions that may hold subqueries: `evaluate` runs until every subquery that it asked for has its result.
 * What it gives before that, or raises, does not count.
 */
export async function settle<T>(context: ExecutionContext, evaluate: () => T): Promise<T> {
  const { subqueries } = context;
  if (subqueries === undefined) return evaluate();
  const round = subqueries.beginRound();
  try {
    for (;;) {
      subqueries.enterRound(round);
      let result: T;
      try {
        result = evaluate();
      } catch (error) {
        if (!subqueries.hasPending) throw error;
        await subqueries.resolve(context);
        continue;
      }
      if (!subqueries.hasPending) return result;
      await subqueries.resolve(context);
    }
  } finally {
    subqueries.endRound(round);
  }
}
