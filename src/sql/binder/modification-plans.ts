import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { BoundModification, BoundQuery } from './bound-statement.ts';

/** The plans that a modification is made of: its source, and what ON CONFLICT does with the rows that are there. */
export function plansOf(bound: BoundModification): readonly LogicalPlan[] {
  const { update, returning } = conflictOf(bound) ?? {};
  return [
    bound.source,
    ...(update === undefined ? [] : [update.source]),
    ...(returning === undefined ? [] : [returning.source]),
  ];
}

/** The same with other plans, which give the same rows. */
export function mapPlans<T extends BoundQuery | BoundModification>(
  bound: T,
  map: (plan: LogicalPlan) => LogicalPlan,
): T {
  if (bound.kind === 'query') return { ...bound, plan: map(bound.plan) };
  const source = map(bound.source);
  const conflict = conflictOf(bound);
  if (conflict === undefined) return { ...bound, source };
  const { update, returning } = conflict;
  return {
    ...bound,
    source,
    onConflict: {
      ...conflict,
      update: update === undefined ? undefined : { ...update, source: map(update.source) },
      returning: returning === undefined ? undefined : { ...returning, source: map(returning.source) },
    },
  };
}

function conflictOf(bound: BoundQuery | BoundModification) {
  return bound.kind === 'insert' ? bound.onConflict : undefined;
}
