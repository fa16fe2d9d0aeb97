import type { Value } from '../../types/value.ts';
import type { EvaluationContext } from './compile-expression.ts';
import type { SubqueryExpression } from './expression.ts';

/** What a lookup gives while the subquery has not run yet: the row is to be computed again. */
export const PENDING = Symbol('pending');

/**
 * The results of one subquery as generated loops look them up. Loops are synchronous and queries are not: a row whose
 * result is missing is skipped, what it asked for is noted, and once that is there the loop runs again.
 */
export interface SubqueryLookup {
  /** `inputs`: the values of `left`, then of the bindings, at row `row` of the batch. */
  valueOf(row: number, inputs: readonly Value[]): Value | typeof PENDING;
}

export interface SubquerySource {
  lookupOf(expression: SubqueryExpression, context: EvaluationContext): SubqueryLookup;
}
