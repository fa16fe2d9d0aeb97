import type { Expression, FieldExpression, SubscriptExpression } from './expression.ts';

/** `[1][2:3]` as SQL writes it. */
export function subscriptsText({ bounds, slices }: SubscriptExpression, text: (bound: Expression) => string): string {
  if (slices === undefined) return bounds.map((bound) => `[${text(bound)}]`).join('');
  let next = 0;
  return slices
    .map(({ hasLower, hasUpper }) => {
      const lower = hasLower ? text(bounds[next++]) : '';
      const upper = hasUpper ? text(bounds[next++]) : '';
      return `[${lower}:${upper}]`;
    })
    .join('');
}

export function fieldName({ argument, index }: FieldExpression): string {
  return argument.type.definition.fields?.[index].name ?? `f${index + 1}`;
}
