import type { SubqueryExpression, SubqueryPlan } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { expressionText, type SubplanTexts } from './expression-text.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { planOf } from './plan-of.ts';

/** A subquery as EXPLAIN lists it below the node that computes it. */
export interface NumberedSubplan {
  readonly heading: string;
  readonly plan: LogicalPlan;
}

/**
 * Numbers the subqueries of a plan as they are met: `InitPlan n (returns $m)` runs once and is called `$m`, `SubPlan n`
 * runs for rows. Values that it gets from around it are shown as what they are there.
 */
export class SubplanNumbers implements SubplanTexts {
  readonly #texts = new Map<SubqueryPlan, string>();
  readonly #slotTexts = new Map<number, string>();
  #found: NumberedSubplan[] = [];
  #initPlanCount = 0;

  slotText(slot: number): string {
    return this.#slotTexts.get(slot) ?? `$${slot}`;
  }

  subqueryText(subquery: SubqueryExpression, columns: readonly string[]): string {
    const known = this.#texts.get(subquery.plan);
    if (known !== undefined) return known;
    this.bind(subquery.bindings, columns);
    const number = this.#texts.size + 1;
    const isInitPlan = subquery.bindings.length === 0 && subquery.left.length === 0;
    const text = isInitPlan ? `$${this.#initPlanCount}` : `(${isHashed(subquery) ? 'hashed ' : ''}SubPlan ${number})`;
    this.#texts.set(subquery.plan, text);
    this.#found.push({
      heading: isInitPlan ? `InitPlan ${number} (returns ${text})` : `SubPlan ${number}`,
      plan: planOf(subquery),
    });
    if (isInitPlan) this.#initPlanCount += 1;
    return text;
  }

  /** What slots are set to, over rows of these columns. */
  bind(bindings: SubqueryExpression['bindings'], columns: readonly string[]): void {
    for (const { slot, value } of bindings) this.#slotTexts.set(slot, expressionText(value, columns, this));
  }

  /** Of the node around the one that was looked at. */
  putBack(found: readonly NumberedSubplan[]): void {
    this.#found = [...found, ...this.#found];
  }

  /** Those met since the last call. */
  takeFound(): readonly NumberedSubplan[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }
}

/** `= ANY` over rows that are the same for all is looked up in a hash table. */
function isHashed({ form, comparison, bindings }: SubqueryExpression): boolean {
  if (form !== 'any' || bindings.length > 0 || comparison === undefined) return false;
  const tests = comparison.kind === 'and' ? comparison.arguments : [comparison];
  return tests.every((test) => test.kind === 'call' && operatorOf(test.function)?.name === '=');
}
