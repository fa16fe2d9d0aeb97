import type { Expression } from '../expression/expression.ts';
import { childrenOf, mapExpression } from '../expression/walk-expression.ts';

/** By this many nodes an expression may grow in one step. */
const MAX_GROWTH = 100;

/** `expression` with each column replaced by what computes it. */
export function substitute(expression: Expression, definitions: readonly Expression[]): Expression {
  return mapExpression(expression, (part) => (part.kind === 'column' ? definitions[part.index] : part));
}

/**
 * Whether `substitute` keeps the expression at a reasonable size. Definitions that use their own inputs twice would double it with
 * every subquery that they are pushed through.
 */
export function isSubstitutionSmall(expression: Expression, definitions: readonly Expression[]): boolean {
  const definitionSizes = new Map<number, number>();
  let growth = 0;
  const visit = (part: Expression): void => {
    if (part.kind === 'column') {
      let definitionSize = definitionSizes.get(part.index);
      if (definitionSize === undefined) {
        definitionSize = sizeOf(definitions[part.index]);
        definitionSizes.set(part.index, definitionSize);
      }
      growth += definitionSize - 1;
    }
    for (const child of childrenOf(part)) visit(child);
  };
  visit(expression);
  return growth <= MAX_GROWTH;
}

function sizeOf(expression: Expression): number {
  return childrenOf(expression).reduce((size, child) => size + sizeOf(child), 1);
}
