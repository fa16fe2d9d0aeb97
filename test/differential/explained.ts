import { EVALUATION } from './explanations/evaluation.ts';
import type { Case, Explanation, Probe } from './explanations/explanation.ts';
import { NUMBERS } from './explanations/numbers.ts';
import { ORDER_OF_ROWS } from './explanations/order-of-rows.ts';
import { OUR_OWN } from './explanations/our-own.ts';
import { POSTGRES_OWN } from './explanations/postgres-own.ts';

/**
 * All differences that are meant to be, those first that are believed at once. Whatever none of these explains is a mistake
 * of ours.
 */
export const EXPLANATIONS: readonly Explanation[] = [
  ...NUMBERS,
  ...ORDER_OF_ROWS,
  ...OUR_OWN,
  ...POSTGRES_OWN,
  ...EVALUATION,
];

/** The first that explains a difference; undefined: it is a mistake of ours. */
export async function explanationOf(difference: Case, probe: Probe): Promise<Explanation | undefined> {
  for (const explanation of EXPLANATIONS) if (await explanation.explains(difference, probe)) return explanation;
  return undefined;
}
