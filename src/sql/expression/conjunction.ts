import type { Expression } from './expression.ts';

/** The one condition that holds where all of these do; undefined for none. */
export function conjunction(conditions: readonly Expression[]): Expression | undefined {
  const [first] = conditions;
  if (first === undefined || conditions.length === 1) return first;
  return { kind: 'and', arguments: conditions, type: first.type };
}
